"""What a reader would use instead, each as its users write it: 784-400-20 with ReLU, Bernoulli pixels, Adam.

`tutorial` is the loop that most tutorials share: a DataLoader that converts one image at a time, Adam as it comes, a
sum over the batch. pythae and pyro run their own trainers, unmodified, on images that are converted beforehand.
"""

import contextlib
import io
import logging
import tempfile
import time
from collections.abc import Callable

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

PIXELS, HIDDEN, LATENT, BATCH, RATE = 784, 400, 20, 128, 1e-3


class Images(Dataset):
    """MNIST as tutorials read it: one at a time, an image of its bytes, then a tensor in [0, 1] of the image."""

    def __init__(self, counts: Tensor):
        self.counts = counts.view(-1, 28, 28)
        self.labels = torch.zeros(len(counts), dtype=torch.int64)

    def __len__(self) -> int:
        return len(self.counts)

    def __getitem__(self, number: int) -> tuple[Tensor, int]:
        image = Image.fromarray(self.counts[number].numpy(), mode="L")
        pixels = torch.from_numpy(np.array(image, copy=True)).view(28, 28, 1).permute(2, 0, 1).contiguous()
        return pixels.float().div(255), int(self.labels[number])


class Networks(nn.Module):
    """The tutorials' VAE: two layers each way."""

    def __init__(self, pixels: int = PIXELS, hidden: int = HIDDEN, latent: int = LATENT):
        super().__init__()
        self.hidden = nn.Linear(pixels, hidden)
        self.mu, self.logvar = nn.Linear(hidden, latent), nn.Linear(hidden, latent)
        self.back, self.pixels = nn.Linear(latent, hidden), nn.Linear(hidden, pixels)

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        h = torch.relu(self.hidden(x))
        return self.mu(h), self.logvar(h)

    def logits(self, z: Tensor) -> Tensor:
        return self.pixels(torch.relu(self.back(z)))

    def decode(self, z: Tensor) -> Tensor:
        return torch.sigmoid(self.logits(z))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        mu, logvar = self.encode(x)
        return self.decode(mu + torch.randn_like(mu) * torch.exp(0.5 * logvar)), mu, logvar


class Clock:
    """The seconds of each epoch; `on_epoch(model)`, called after each, is not counted."""

    def __init__(self, on_epoch: Callable[[nn.Module], object] = lambda model: None):
        self.seconds: list[float] = []
        self.on_epoch = on_epoch

    def begin(self) -> None:
        self.began = time.perf_counter()

    def end(self, model: nn.Module) -> None:
        self.seconds.append(time.perf_counter() - self.began)
        self.on_epoch(model)


def tutorial(counts: Tensor, epochs: int, clock: Clock) -> None:
    """The tutorials' loop. `counts`: grey values as bytes, [n, 784]; `clock` takes the seconds of each epoch."""
    loop(DataLoader(Images(counts), batch_size=BATCH, shuffle=True), Networks(), epochs, clock)


def loop(loader: DataLoader, model: Networks, epochs: int, clock: Clock) -> None:
    """The same on any images; the loader gives pairs of images and labels."""
    adam = torch.optim.Adam(model.parameters(), lr=RATE)
    for _ in range(epochs):
        clock.begin()
        total = 0.0
        for images, _ in loader:
            x = images.flatten(1)
            adam.zero_grad()
            found, mu, logvar = model(x)
            bce = nn.functional.binary_cross_entropy(found, x, reduction="sum")
            loss = bce - 0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())
            loss.backward()
            total += loss.item()
            adam.step()
        clock.end(model)


def pythae_vae(networks: Networks) -> nn.Module:
    """pythae's VAE around our layers, so that it has the size of the others."""
    from pythae.models import VAE, VAEConfig
    from pythae.models.base.base_utils import ModelOutput
    from pythae.models.nn import BaseDecoder, BaseEncoder

    class Encoder(BaseEncoder):
        def __init__(self):
            BaseEncoder.__init__(self)
            self.networks = networks

        def forward(self, x: Tensor):
            mu, logvar = self.networks.encode(x.reshape(-1, PIXELS))
            return ModelOutput(embedding=mu, log_covariance=logvar)

    class Decoder(BaseDecoder):
        def __init__(self):
            BaseDecoder.__init__(self)
            self.networks = networks

        def forward(self, z: Tensor):
            return ModelOutput(reconstruction=self.networks.decode(z).reshape(-1, 1, 28, 28))

    config = VAEConfig(input_dim=(1, 28, 28), latent_dim=LATENT, reconstruction_loss="bce")
    return VAE(config, Encoder(), Decoder())


def pythae(counts: Tensor, epochs: int, clock: Clock) -> None:
    """pythae's BaseTrainer, timed by its own callbacks."""
    from pythae.data.datasets import BaseDataset
    from pythae.trainers import BaseTrainer, BaseTrainerConfig
    from pythae.trainers.training_callbacks import TrainingCallback

    networks = Networks()

    class Timed(TrainingCallback):
        def on_epoch_begin(self, *args, **kwargs):
            clock.begin()

        def on_epoch_end(self, *args, **kwargs):
            clock.end(networks)

    images = BaseDataset(counts.view(-1, 1, 28, 28).float() / 255, torch.zeros(len(counts)))
    with tempfile.TemporaryDirectory() as folder, quiet():
        config = BaseTrainerConfig(
            output_dir=folder, learning_rate=RATE, per_device_train_batch_size=BATCH, num_epochs=epochs, no_cuda=True
        )
        BaseTrainer(pythae_vae(networks), images, training_config=config, callbacks=[Timed()]).train()


def pyro(counts: Tensor, epochs: int, clock: Clock) -> None:
    """pyro's SVI with Trace_ELBO, as its own VAE tutorial uses it."""
    import pyro
    from pyro import distributions, infer, optim

    networks = Networks()
    loader = DataLoader(TensorDataset(counts.float() / 255), batch_size=BATCH, shuffle=True)

    def model(x: Tensor) -> None:
        pyro.module("decoder", networks)
        with pyro.plate("images", len(x)):
            zero = x.new_zeros(len(x), LATENT)
            z = pyro.sample("z", distributions.Normal(zero, zero + 1).to_event(1))
            pixels = distributions.Bernoulli(networks.decode(z), validate_args=False)
            pyro.sample("x", pixels.to_event(1), obs=x)

    def guide(x: Tensor) -> None:
        with pyro.plate("images", len(x)):
            mu, logvar = networks.encode(x)
            pyro.sample("z", distributions.Normal(mu, torch.exp(0.5 * logvar)).to_event(1))

    pyro.clear_param_store()
    svi = infer.SVI(model, guide, optim.Adam({"lr": RATE}), loss=infer.Trace_ELBO())
    for _ in range(epochs):
        clock.begin()
        sum(svi.step(x) for (x,) in loader)
        clock.end(networks)


@contextlib.contextmanager
def quiet():
    """Without pythae's bars and sentences."""
    logging.disable(logging.WARNING)
    try:
        with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
            yield
    finally:
        logging.disable(logging.NOTSET)
