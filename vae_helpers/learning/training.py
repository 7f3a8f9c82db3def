"""Training: climb the ELBO by stochastic gradients. Prints and plots nothing; what happened stands in a History."""

import math
import warnings
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

import torch
from isal import isal_zlib
from jaxtyping import Float
from torch import Tensor
from torch.nn.utils import parameters_to_vector

from vae_helpers.learning import arguments, evaluation
from vae_helpers.learning import checkpoint as checkpoints
from vae_helpers.learning.adam import Adam
from vae_helpers.learning.checkpoint import Checkpoint
from vae_helpers.learning.history import History
from vae_helpers.learning.models import AE, VAE
from vae_helpers.learning.schedules import cosine, kl_weight, warm_up
from vae_helpers.maths import checks
from vae_helpers.maths.threads import limited

__all__ = ["Diverged", "History", "cosine", "fit", "warm_up"]

# Tossing a coin for each pixel reaches −log 2 nats a pixel. A mean this many times worse will not come back.
HOPELESS = 10


class Diverged(ArithmeticError):
    """Training blew up. `history` holds the epochs before; the model has the weights of the last of them."""

    def __init__(self, message: str, history: History):
        super().__init__(message)
        self.history = history


class _Stopped(Exception):
    """`stop` said so."""


def fit(
    model: VAE | AE,
    images: Float[Tensor, "n pixels"],
    epochs: int,
    *,
    batch_size: int = 128,
    learning_rate: float | Callable[[int], float] = 3e-3,
    seed: int = 0,
    threads: int = 1,
    precision: str = "float32",
    beta: float | Callable[[int], float] = 1.0,
    test_images: Float[Tensor, "m pixels"] | None = None,
    on_epoch: Callable[[History], object] | None = None,
    stop: Callable[[], bool] | None = None,
    checkpoint: str | Path | None = None,
    resume: str | Path | Checkpoint | None = None,
    keep: Collection[int] = (),
) -> History:
    """Move the weights of `model` up the mean ELBO of `images` (grey values in [0, 1]), in place, by Adam.

    An AE climbs its reconstruction instead, on the same images in the same order with the same coins. A VAE climbs
    reconstruction − β KL; the History's ELBO has β = 1. `beta` and `learning_rate` are numbers, or functions of the
    epoch 1, 2, …

    Each epoch takes the images in a new order and, each time it meets a pixel, draws it black or white anew with the
    grey value as its probability of ink (dynamic binarization), so that the Bernoulli likelihood is a probability. All
    draws come from `seed`; the caller's random numbers and number of threads stay as they were. `on_epoch(history)` is
    called after each epoch. `precision="bfloat16"` multiplies the layers' matrices with 8 bits of mantissa instead of
    24, which is faster where the processor has an instruction for it; weights, densities and sums stay as they are.

    Interrupted (the kernel's ■), or as soon as `stop()` is true, it returns the History reached; where training
    diverges it raises `Diverged`, which holds that History. Either way, and where `on_epoch` raises, the model keeps
    the weights of the last whole epoch. `resume=history.checkpoint` goes on from there, up to `epochs` in all, with the
    same weights and history, bit for bit, as if nothing had been; so does the path of a file that `checkpoint=path` had
    written after each epoch (where that fails, it warns once and trains on). `history.kept` holds a copy of the weights
    after each epoch named in `keep`, 0 for before the first (of epochs before a resume from a file: no copy). Raises
    TypeError and ValueError for its arguments, FileNotFoundError for `resume`, FileExistsError where `checkpoint` is
    the file of another training.
    Source: Kingma & Welling (2014), algorithm 1; Kingma & Ba (2015), Adam.
    """
    call = "training.fit(model, images, epochs, …)"
    schedule, rate = (given if callable(given) else lambda _, value=given: value for given in (beta, learning_rate))
    _check(call, model, images, test_images, epochs, batch_size, threads, seed, rate(1))
    layers = arguments.precision(call, precision)
    keep = _kept(call, keep)
    given = {"model": model.kind(), **model.config, "batch_size": int(batch_size), "precision": precision}
    given |= {"learning_rate": float(rate(1)), "beta": _beta(call, schedule(1), 1, model), "seed": int(seed)}
    given |= {"images": _print(images), "test_images": _print(test_images)}
    begin = None if resume is None else _from(call, resume, given, epochs)
    # Here, too, two trainings may differ; but one that goes on may plan other epochs, and its weights have moved.
    two = min(2, epochs)
    second = [checks.number(call, "learning_rate", rate(two), positive=True), _beta(call, schedule(two), two, model)]
    own = {"first_weights": _print(parameters_to_vector(model.parameters()).detach()), "second_epoch": second}
    given |= own if begin is None else {name: begin.settings.get(name) for name in own}
    if checkpoint is not None:
        checkpoints.refuse_another(call, checkpoint, given)

    history, unsaved = History(planned=epochs, settings=given), False
    generator = torch.Generator().manual_seed(seed)
    with limited(threads):
        optimizer = Adam(model.parameters())
        if begin is not None:
            checkpoints.restore(begin, model, optimizer, generator, history)
        history.checkpoint = checkpoints.take(model, optimizer, generator, history, keep)
        model.train()
        model.zero_grad()  # of the caller's cells; after a step the optimizer forgets its own
        try:
            for epoch in range(len(history) + 1, epochs + 1):
                weight = _beta(call, schedule(epoch), epoch, model)
                stride = checks.number(call, "learning_rate", rate(epoch), positive=True)
                batches = _batches(images, batch_size, model.config["latent"], generator)
                try:
                    figures = _epoch(model, optimizer, stride, batches, weight, stop, layers)
                except FloatingPointError as error:
                    raise Diverged(_diverged(call, epoch, error, stride), history) from error
                if test_images is not None:
                    terms = evaluation.terms(model, test_images)
                    figures |= {f"test_{_listed(name)}": measure.mean for name, measure in terms.items()}
                history.record(**figures)
                history.checkpoint = checkpoints.take(model, optimizer, generator, history, keep)
                if checkpoint is not None:
                    unsaved = _save(history.checkpoint, checkpoint, call, unsaved)
                if on_epoch is not None:
                    on_epoch(history)
        except (KeyboardInterrupt, _Stopped) as why:
            how = "stopped" if isinstance(why, _Stopped) else "interrupted by hand"
            history.stopped = f"{how} after epoch {len(history.checkpoint)}, whose weights the model has"
        finally:
            history.keep(len(history.checkpoint))  # an interruption may fall between the two
            model.load_state_dict(history.checkpoint.weights)
            model.zero_grad()
            model.eval()
    return history


def _check(call: str, model, images, test_images, epochs, batch_size, threads, seed, learning_rate) -> None:
    arguments.images(call, "images", images, model.config["pixels"])
    if test_images is not None:
        arguments.images(call, "test_images", test_images, model.config["pixels"])
    for name, value in {"epochs": epochs, "batch_size": batch_size, "threads": threads}.items():
        arguments.whole(call, name, value)
    arguments.whole(call, "seed", seed, least=0)
    checks.number(call, "learning_rate", learning_rate, positive=True)


def _save(taken: Checkpoint, path: str | Path, call: str, warned: bool) -> bool:
    """Write the checkpoint. A full disk must not cost hours of training: the first failure is a warning, and True."""
    try:
        checkpoints.save(taken, path, call)
    except OSError as error:
        if not warned:
            why = f"{path} is not written ({error.__cause__ or error})"
            warnings.warn(f"{call}: {why}; training goes on, and tries again after each epoch", stacklevel=3)
        return True
    return warned


def _beta(call: str, value, epoch: int, model: VAE | AE) -> float:
    """β as a number. Raises TypeError and ValueError (not finite, below 0, a model that has no KL)."""
    found = kl_weight(call, value, epoch)
    if found != 1 and isinstance(model, AE):
        raise ValueError(f"{call}: beta = {found}; an AE has no KL that it could weigh: leave beta out")
    return found


def _kept(call: str, keep) -> frozenset[int]:
    """The epochs to keep. Raises TypeError and ValueError."""
    if not isinstance(keep, Collection):
        raise TypeError(f"{call}: keep is {checks.describe(keep)}; wanted numbers of epochs, as in keep=(0, 1, 2, 5)")
    return frozenset(arguments.whole(call, "keep", epoch, least=0) for epoch in keep)


def _print(tensor: Tensor | None) -> str:
    """Shape and checksum: a training that goes on must meet the images that it began with."""
    return "none" if tensor is None else f"{list(tensor.shape)}, {isal_zlib.crc32(tensor.contiguous().numpy()):08x}"


def _from(call: str, resume: str | Path | Checkpoint, given: dict, epochs: int) -> Checkpoint:
    """The checkpoint to go on from. Raises ValueError where it is of another training, or beyond `epochs`."""
    found = resume if isinstance(resume, Checkpoint) else checkpoints.load(resume, call)
    if differ := [name for name in given if found.settings.get(name) != given[name]]:
        came = "; ".join(f"{name} is {given[name]}, there {found.settings.get(name)}" for name in differ)
        raise ValueError(f"{call}: resume is a checkpoint of another training: {came}. Call fit as it was called then")
    if len(found) > epochs:
        raise ValueError(f"{call}: epochs = {epochs} in all, and the checkpoint has {len(found)} already")
    return found


def _epoch(model, optimizer, rate, batches, beta, stop, layers) -> dict[str, float]:
    """One pass over batches (x, ε): the means of the objective's terms. Raises FloatingPointError if it diverges."""
    parts = []
    for number, (x, eps) in enumerate(batches, 1):
        if stop is not None and stop():
            raise _Stopped
        with layers, checks.only_shapes():  # the images were looked at once, and the gradient is below
            terms = model.objective(x, eps)
        climbed = terms[0] if beta == 1 else terms.reconstruction - beta * terms.kl
        (-climbed.mean()).backward()  # Adam goes downhill, and the objective is to rise
        # Whatever is not finite on the way back reaches the first layer: its 400 biases answer for 600 000 weights.
        if not math.isfinite(model.encoder[0].bias.grad.sum().item()):
            raise FloatingPointError(f"in batch {number} {_not_finite(terms)}")
        optimizer.step(rate)
        parts.append(torch.stack([term.detach() for term in (climbed, *terms)]))
    reached, *means = torch.cat(parts, -1).double().mean(-1).tolist()
    if reached < -HOPELESS * model.config["pixels"] * math.log(2):
        raise FloatingPointError(f"the mean objective fell to {reached:.3g} nats per image")
    figures = {_listed(name): mean for name, mean in zip(terms._fields, means, strict=True)}
    return figures | ({"beta": beta} if "kl" in figures else {})


def _not_finite(terms) -> str:
    """Which terms of the objective blew up, else their gradient; a total is not named beside its terms."""
    bad = {name: term for name, term in zip(terms._fields, terms, strict=True) if not term.isfinite().all()}
    parts = [f"the {'KL' if name == 'kl' else name} reached {_worst(bad[name])}" for name in bad if name != "total"]
    return " and ".join(parts) or "the gradient is not finite, though the terms of the objective are"


def _worst(term: Tensor) -> float:
    return next(value for value in term.tolist() if not math.isfinite(value))


def _listed(term: str) -> str:
    """The list of a History that holds this term."""
    return "elbo" if term == "total" else term


def _batches(
    images: Tensor, batch_size: int, latent: int, generator: torch.Generator
) -> Iterator[tuple[Tensor, Tensor]]:
    """The images in a random order, `batch_size` at a time, each pixel drawn 0 or 1; and ε ~ N(0, I) for each image."""
    for chosen in torch.randperm(len(images), generator=generator).split(batch_size):
        ink = images.index_select(0, chosen)
        # The coins of torch.bernoulli, in a third of its time.
        x = torch.rand(ink.shape, generator=generator, dtype=ink.dtype).lt_(ink)
        yield x, torch.randn(len(x), latent, generator=generator)


def _diverged(call: str, epoch: int, why: Exception, learning_rate: float) -> str:
    smaller = f"{min(learning_rate / 10, 3e-3):.1g}"
    return (
        f"{call}: training diverged in epoch {epoch}, with learning_rate = {learning_rate}: {why}. The model has the "
        f"weights from before that epoch: call it again with a smaller learning_rate, such as {smaller}"
    )
