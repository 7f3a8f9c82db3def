"""Training: climb the ELBO by stochastic gradients. Prints and plots nothing; what happened stands in a History."""

import copy
import dataclasses
import math
from collections.abc import Callable, Iterator

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.utils import get_total_norm

from vae_helpers.learning import arguments, evaluation
from vae_helpers.learning.models import VAE
from vae_helpers.maths import checks
from vae_helpers.maths.threads import limited

# Tossing a coin for each pixel reaches −log 2 nats a pixel. A mean this many times worse will not come back.
HOPELESS = 10


@dataclasses.dataclass(repr=False)
class History:
    """What each epoch reached, in nats per image: one number an epoch in each list.

    `elbo` = `reconstruction` − `kl` are averages over the training images while the weights still moved; `test_elbo` is
    of the test images after the epoch, if `fit` was given any. `stopped` says why there are fewer than `planned`.
    """

    planned: int
    elbo: list[float] = dataclasses.field(default_factory=list)
    reconstruction: list[float] = dataclasses.field(default_factory=list)
    kl: list[float] = dataclasses.field(default_factory=list)
    test_elbo: list[float] = dataclasses.field(default_factory=list)
    stopped: str = ""

    def record(self, elbo: float, reconstruction: float, kl: float, test_elbo: float | None = None) -> None:
        """Add one epoch."""
        self.elbo.append(elbo)
        self.reconstruction.append(reconstruction)
        self.kl.append(kl)
        if test_elbo is not None:
            self.test_elbo.append(test_elbo)

    def __len__(self) -> int:
        return len(self.elbo)

    def __repr__(self) -> str:
        kept = "elbo, reconstruction, kl" + (", test_elbo" if self.test_elbo else "")
        reached = f"History of {len(self)} of {self.planned} epochs: {kept}, in nats per image"
        return f"{reached}; {self.stopped}" if self.stopped else reached


class Diverged(ArithmeticError):
    """Training blew up. `history` holds the epochs before; the model has the weights of the last of them."""

    def __init__(self, message: str, history: History):
        super().__init__(message)
        self.history = history


def fit(
    model: VAE,
    images: Float[Tensor, "n pixels"],
    epochs: int,
    *,
    batch_size: int = 64,
    learning_rate: float = 4e-3,
    seed: int = 0,
    threads: int = 1,
    test_images: Float[Tensor, "m pixels"] | None = None,
    on_epoch: Callable[[History], object] | None = None,
) -> History:
    """Move the weights of `model` up the mean ELBO of `images` (grey values in [0, 1]), in place, by Adam.

    Each epoch takes the images in a new order and, each time it meets a pixel, draws it black or white anew with the
    grey value as its probability of ink (dynamic binarization), so that the Bernoulli likelihood is a probability. All
    draws come from `seed`; the caller's random numbers and number of threads stay as they were. `on_epoch(history)` is
    called after each epoch.

    Interrupted (the kernel's ■), it returns the History reached; where training diverges it raises `Diverged`, which
    holds that History. Either way, and where `on_epoch` raises, the model keeps the weights of the last whole epoch.
    Raises TypeError and ValueError for its arguments.
    Source: Kingma & Welling (2014), algorithm 1; Kingma & Ba (2015), Adam.
    """
    call = "training.fit(model, images, epochs, …)"
    arguments.images(call, "images", images, model.config["pixels"])
    if test_images is not None:
        arguments.images(call, "test_images", test_images, model.config["pixels"])
    for name, value in {"epochs": epochs, "batch_size": batch_size, "threads": threads}.items():
        arguments.whole(call, name, value)
    arguments.whole(call, "seed", seed, least=0)
    checks.number(call, "learning_rate", learning_rate, positive=True)

    history = History(planned=epochs)
    generator = torch.Generator().manual_seed(seed)
    with limited(threads):
        optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate, fused=True)
        weights = copy.deepcopy(model.state_dict())
        model.train()
        try:
            for epoch in range(1, epochs + 1):
                try:
                    means = _epoch(model, optimizer, images, batch_size, generator)
                except (FloatingPointError, ValueError) as error:  # ValueError: `maths` met NaN
                    raise Diverged(_diverged(call, epoch, learning_rate), history) from error
                test = None if test_images is None else evaluation.elbo(model, test_images).total.mean
                weights = copy.deepcopy(model.state_dict())
                history.record(*means, test)
                if on_epoch is not None:
                    on_epoch(history)
        except KeyboardInterrupt:
            history.stopped = f"interrupted by hand after epoch {len(history)}, whose weights the model has"
        finally:
            model.load_state_dict(weights)
            optimizer.zero_grad()
            model.eval()
    return history


def _epoch(model, optimizer, images, batch_size, generator) -> list[float]:
    """One pass over the images: the means of ELBO, reconstruction and KL. Raises FloatingPointError if it diverges."""
    sums = torch.zeros(3, dtype=torch.float64)
    for x in _batches(images, batch_size, generator):
        eps = torch.randn(len(x), model.config["latent"], generator=generator)
        bound = model.elbo(x, eps)
        optimizer.zero_grad()
        (-bound.total.mean()).backward()  # Adam goes downhill, and the ELBO is to rise
        if not get_total_norm(weight.grad for weight in model.parameters()).isfinite():
            raise FloatingPointError("the gradient is not finite")
        optimizer.step()
        sums += torch.stack(bound).detach().sum(-1)
    means = (sums / len(images)).tolist()
    if means[0] < -HOPELESS * images.shape[1] * math.log(2):
        raise FloatingPointError(f"the mean ELBO fell to {means[0]:.3g} nats per image")
    return means


def _batches(images: Tensor, batch_size: int, generator: torch.Generator) -> Iterator[Tensor]:
    """The images in a random order, `batch_size` at a time, each pixel drawn 0 or 1."""
    for chosen in torch.randperm(len(images), generator=generator).split(batch_size):
        yield torch.bernoulli(images[chosen], generator=generator)


def _diverged(call: str, epoch: int, learning_rate: float) -> str:
    smaller = f"{min(learning_rate / 10, 4e-3):.1g}"
    return (
        f"{call}: training diverged in epoch {epoch}, with learning_rate = {learning_rate}. The model has the weights "
        f"from before that epoch: call it again with a smaller learning_rate, such as {smaller}"
    )
