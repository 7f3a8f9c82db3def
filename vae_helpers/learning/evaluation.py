"""Figures of a trained model on images it has not seen, in nats per image, with their standard errors."""

import copy
import math
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from vae_helpers.learning import arguments
from vae_helpers.learning.models import AE, VAE
from vae_helpers.maths import bounds, checks, gaps, gaussian, likelihood
from vae_helpers.maths.threads import limited


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


@limited()
@torch.no_grad()
def elbo(model: VAE, images: Float[Tensor, "n pixels"], draws: int = 1, seed: int = 0, batch_size: int = 1000) -> Score:
    """The mean ELBO of `images` (grey values in [0, 1]) and of its two terms, with standard errors over the images.

    The pixels are drawn black or white once, and z `draws` times an image, all from `seed`, whatever the `batch_size`:
    two models, or one model at two times, meet the same test. z is drawn from q, not set to its mean: at z = μ it would
    be another number, and no bound. Raises TypeError (an AE, too: it has no ELBO) and ValueError.
    """
    call = "evaluation.elbo(model, images, …)"
    if not isinstance(model, VAE):
        raise TypeError(
            f"{call}: model is {checks.describe(model)}; only a VAE has an ELBO. For both there is "
            f"evaluation.reconstruction(model, images, …)"
        )
    return Score(*_terms(call, model, images, draws, seed, batch_size).values())


@limited()
@torch.no_grad()
def reconstruction(
    model: VAE | AE, images: Float[Tensor, "n pixels"], draws: int = 1, seed: int = 0, batch_size: int = 1000
) -> Measure:
    """The mean log p(x|z) of `images`, drawn as for `elbo`: at z ~ q(z|x) for a VAE, at the code of x for an AE.

    Raises TypeError and ValueError.
    """
    call = "evaluation.reconstruction(model, images, …)"
    return _terms(call, model, images, draws, seed, batch_size)["reconstruction"]


@limited()
@torch.no_grad()
def terms(
    model: VAE | AE, images: Float[Tensor, "n pixels"], draws: int = 1, seed: int = 0, batch_size: int = 1000
) -> dict[str, Measure]:
    """Each term of what the model climbs: those of `elbo` for a VAE, `reconstruction` alone for an AE; by name.

    Raises TypeError and ValueError.
    """
    return _terms("evaluation.terms(model, images, …)", model, images, draws, seed, batch_size)


class Likelihood(NamedTuple):
    """An importance-sampled log p(x), the ELBO from the same draws, and the mean of their difference image by image.

    Of the first two, higher is better. Each has its standard error over the images; that of `gap` is smaller, because
    what makes one image harder than another moves both alike and cancels.
    """

    log_likelihood: Measure
    elbo: Measure
    gap: Measure

    def __repr__(self) -> str:
        return f"log p(x) {self.log_likelihood} nats per image, {self.gap} above the ELBO {self.elbo}"


# Random numbers come in blocks of so many samples for so many images: on nothing else do the draws depend.
SAMPLES, IMAGES = 100, 100
PIXELS = 2**19  # of these decoded at once: 2 MB, which a processor keeps at hand and malloc keeps for the next


@torch.no_grad()
def log_likelihood(
    model: VAE, images: Float[Tensor, "n pixels"], k: int = 5000, seed: int = 0, threads: int = 1, precision="float32"
) -> Likelihood:
    """log p(x) ≈ log (1/k) Σⱼ p(x|zⱼ) p(zⱼ) / q(zⱼ|x), zⱼ ~ q(z|x): the mean over `images`, in nats.

    On average it lies below log p(x), closer for a larger `k`: the gap to the ELBO is a lower estimate, too. The pixels
    are drawn black or white as `elbo` draws them from the same `seed`. Memory does not grow with k beyond 8 bytes for
    each of 100 · k samples; digits take 1 s at k = 5000. `precision="bfloat16"` is that of `fit`: the figure moves by
    some 0.01 nats. Raises TypeError and ValueError.
    Source: Burda et al. (2016), arXiv 1509.00519, eq. 8.
    """
    call = "evaluation.log_likelihood(model, images, k)"
    _a_vae(call, model)
    arguments.images(call, "images", images, model.config["pixels"])
    for name, value in (("k", k), ("threads", threads)):
        arguments.whole(call, name, value)
    generator = torch.Generator().manual_seed(arguments.whole(call, "seed", seed, least=0))
    x = torch.bernoulli(images, generator=generator)
    # One tensor, filled, here as below: what outlives a block would lie between the blocks, and split the memory.
    found = torch.empty(2, len(x), dtype=torch.float64)
    with limited(threads), arguments.precision(call, precision):
        for part, into in zip(x.split(IMAGES), found.split(IMAGES, dim=1), strict=True):
            into[0], into[1] = _weigh(model, part, k, generator)
    estimate, elbo = found
    return Likelihood(_measure(estimate), _measure(elbo), _measure(estimate - elbo))


def _weigh(model: VAE, x: Tensor, k: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """log p(x), estimated with `k` samples, and the ELBO (its KL in closed form) of each image; float64."""
    mu, logvar = model.encode(x)
    log_weights, reconstruction = torch.empty(k, len(x), dtype=torch.float64), torch.zeros(len(x), dtype=torch.float64)
    at_once = max(1, PIXELS // x.numel())
    for begin in range(0, k, SAMPLES):
        drawn = torch.randn(min(SAMPLES, k - begin), *mu.shape, generator=generator)
        for first, eps in zip(range(begin, k, at_once), drawn.split(at_once), strict=False):
            with checks.only_shapes():  # numbers are looked at below, where they meet
                z = gaussian.reparameterize(mu, logvar, eps)
                log_x = likelihood.bernoulli(x, model.decode(z))
                log_weights[first : first + len(eps)] = bounds.log_weights(log_x, z, mu, logvar)
            reconstruction += log_x.double().sum(0)
    return bounds.iwae(log_weights.T), reconstruction / k - gaussian.kl(mu, logvar)


@limited()
@torch.no_grad()
def active_units(model: VAE, images: Float[Tensor, "n pixels"], threshold: float = 0.01, seed: int = 0) -> list[int]:
    """The numbers of the latents that the encoder uses: those whose mean μ(x) has a variance over x above `threshold`.

    The pixels are drawn black or white as `elbo` draws them from the same `seed`. Raises TypeError and ValueError (one
    image alone has no variance). Source: Burda et al. (2016), arXiv 1509.00519, section 5.
    """
    call = "evaluation.active_units(model, images, threshold)"
    _a_vae(call, model)
    arguments.images(call, "images", images, model.config["pixels"])
    if len(images) < 2:
        raise ValueError(f"{call}: got one image; a variance over images takes two or more")
    checks.number(call, "threshold", threshold, positive=True)
    generator = torch.Generator().manual_seed(arguments.whole(call, "seed", seed, least=0))
    means = model.codes(torch.bernoulli(images, generator=generator))
    return (means.double().var(0) > threshold).nonzero().flatten().tolist()


PLACES = 400  # decoded at once: a grid of them would fill a memory with pixels


def log_joint(model: VAE, x: Float[Tensor, " pixels"]) -> gaps.LogJoint:
    """z [m, latent] → log p(x, z) = log p(x|z) + log p(z) of one black and white image, [m]; in float64, in nats.

    What `maths.gaps` asks for. `model` itself stays in float32: the decoder is copied. Raises TypeError (no VAE) and
    ValueError (not one image of its size; grey pixels, of which this likelihood gives no probability).
    """
    call = "evaluation.log_joint(model, x)"
    _a_vae(call, model)
    if x.dim() != 1:
        raise ValueError(f"{call}: x has shape {list(x.shape)}; wanted one image, as in images[0]")
    arguments.images(call, "x", x[None], model.config["pixels"])
    if not ((x == 0) | (x == 1)).all():
        raise ValueError(f"{call}: x holds grey pixels; draw each black or white first, as in torch.bernoulli(x)")
    exact, seen = copy.deepcopy(model).double().requires_grad_(False), x.detach().double()

    def of(z: Float[Tensor, "m latent"]) -> Float[Tensor, " m"]:
        zero = torch.zeros(z.shape[-1], dtype=torch.float64)
        total = gaussian.log_prob(z, zero, zero)
        for first in range(0, len(z), PLACES):  # added in place: small results between freed pixels would hold memory
            part = slice(first, first + PLACES)
            total[part] += likelihood.bernoulli(seen, exact.decode(z[part]))
        return total

    return of


def gap(model: VAE, x: Float[Tensor, " pixels"]) -> gaps.Gaps:
    """log p(x) − ELBO of one black and white image, exactly, split into the family's part and amortization's.

    For a model with a plane of latents; 0.2 s for an image of digits, 2 s for one of MNIST. Raises what `log_joint` and
    `gaps.split` raise, ValueError for another number of latents.
    """
    of_x = log_joint(model, x)
    if model.config["latent"] != 2:
        raise ValueError(
            f"evaluation.gap(model, x): the model has {model.config['latent']} latents; a grid needs a plane, 2"
        )
    with torch.no_grad():
        mu, logvar = model.encode(x.to(model.decoder[0].weight.dtype))
    return gaps.split(of_x, mu, logvar)


@torch.no_grad()
def missed(z: Float[Tensor, "draws latent"], codes: Float[Tensor, "n latent"], distance: float) -> float:
    """The share of the points `z` that lie farther than `distance` from every one of the `codes`.

    Raises TypeError and ValueError (no point, no code, a distance that is no number greater than 0).
    """
    call = "evaluation.missed(z, codes, distance)"
    checks.tensors(call, z=z)
    checks.tensors(call, codes=codes)
    if z.dim() != 2 or codes.dim() != 2 or 0 in (*z.shape, *codes.shape) or z.shape[1] != codes.shape[1]:
        raise ValueError(
            f"{call}: got shapes z {list(z.shape)} and codes {list(codes.shape)}; wanted [draws, latent] and "
            f"[n, latent], points of one and the same space"
        )
    checks.number(call, "distance", distance, positive=True)
    nearest = torch.cat([torch.cdist(part, codes).amin(1) for part in z.split(1000)])
    return (nearest > distance).double().mean().item()


def _terms(call: str, model: VAE | AE, images, draws, seed, batch_size) -> dict[str, Measure]:
    arguments.images(call, "images", images, model.config["pixels"])
    for name, value in (("draws", draws), ("batch_size", batch_size)):
        arguments.whole(call, name, value)
    generator = torch.Generator().manual_seed(arguments.whole(call, "seed", seed, least=0))
    x = torch.bernoulli(images, generator=generator)
    sums = 0
    for _ in range(draws):
        eps = torch.randn(len(x), model.config["latent"], generator=generator)
        parts = [model.objective(*part) for part in zip(x.split(batch_size), eps.split(batch_size), strict=True)]
        sums += torch.stack([torch.cat(term).double() for term in zip(*parts, strict=True)])
    return dict(zip(parts[0]._fields, map(_measure, sums / draws), strict=True))


def _a_vae(call: str, model) -> None:
    if not isinstance(model, VAE):
        raise TypeError(f"{call}: model is {checks.describe(model)}; only a VAE gives a probability to an image")


def _measure(values: Tensor) -> Measure:
    # One image alone has no spread: its error is unknown.
    error = values.std().item() / math.sqrt(len(values)) if len(values) > 1 else math.nan
    return Measure(values.mean().item(), error)
