"""Figures of a trained model on images it has not seen, in nats per image, with their standard errors."""

import math
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from vae_helpers.learning import arguments
from vae_helpers.learning.models import VAE
from vae_helpers.maths import threads


class Measure(NamedTuple):
    """A mean over the images and its standard error, in nats."""

    mean: float
    error: float

    def __repr__(self) -> str:
        return f"{self.mean:.2f} ± {self.error:.2f}".replace("-", "−")


class Score(NamedTuple):
    """The ELBO and its two terms, total = reconstruction − kl. Of the total, higher is better."""

    total: Measure
    reconstruction: Measure
    kl: Measure

    def __repr__(self) -> str:
        return f"ELBO {self.total} nats per image: reconstruction {self.reconstruction}, KL {self.kl}"


@threads.limited()
@torch.no_grad()
def elbo(model: VAE, images: Float[Tensor, "n pixels"], draws: int = 1, seed: int = 0, batch_size: int = 1000) -> Score:
    """The mean ELBO of `images` (grey values in [0, 1]) and of its two terms, with standard errors over the images.

    The pixels are drawn black or white once, and z `draws` times an image, all from `seed`, whatever the `batch_size`:
    two models, or one model at two times, meet the same test. z is drawn from q, not set to its mean: at z = μ it would
    be another number, and no bound. Raises TypeError and ValueError.
    """
    call = "evaluation.elbo(model, images, …)"
    arguments.images(call, "images", images, model.config["pixels"])
    for name, value in (("draws", draws), ("batch_size", batch_size)):
        arguments.whole(call, name, value)
    generator = torch.Generator().manual_seed(arguments.whole(call, "seed", seed, least=0))
    x = torch.bernoulli(images, generator=generator)
    sums = torch.zeros(3, len(x), dtype=torch.float64)
    for _ in range(draws):
        eps = torch.randn(len(x), model.config["latent"], generator=generator)
        parts = [model.elbo(*part) for part in zip(x.split(batch_size), eps.split(batch_size), strict=True)]
        sums += torch.stack([torch.cat(term) for term in zip(*parts, strict=True)])
    return Score(*(_measure(values) for values in sums / draws))


def _measure(values: Tensor) -> Measure:
    # One image alone has no spread: its error is unknown.
    error = values.std().item() / math.sqrt(len(values)) if len(values) > 1 else math.nan
    return Measure(values.mean().item(), error)
