"""Notebook 01's first half: two machines with a plane of codes, what is drawn on it, and two scores of a model."""

import copy
import math
from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from vae_helpers.figures import distribution as pictures
from vae_helpers.figures.picture import Picture
from vae_helpers.learning import arguments
from vae_helpers.learning.data import Dataset
from vae_helpers.learning.models import AE, VAE
from vae_helpers.maths import checks, countable, gaussian, likelihood, plane, threads
from vae_helpers.widgets.explorer import Explorer, slider

HELD_OUT = 0.95  # of the test images' codes lie within r of a training code
AT_ONCE = 2000  # draws of the prior: they set the memory that is needed


@torch.no_grad()
def pictures_of(model: VAE | AE, z: Float[Tensor, "*batch latent"]) -> Float[Tensor, "*batch pixels"]:
    """What the decoder draws at each z: the probability of ink of every pixel."""
    return model.decode(z).sigmoid()


def fitted(codes: Float[Tensor, "n latent"], noise: Float[Tensor, "m latent"]) -> Float[Tensor, "m latent"]:
    """`noise` from N(0, I) turned into draws of the Gaussian with the mean and the covariance of the codes.

    Raises ValueError where the codes have no such Gaussian: fewer than their dimensions, or all on a line.
    """
    checks.tensors("distribution.fitted(codes, noise)", codes=codes)
    checks.tensors("distribution.fitted(codes, noise)", noise=noise)
    try:
        return codes.mean(0) + noise @ torch.linalg.cholesky(codes.T.cov()).T
    except torch.linalg.LinAlgError:
        raise ValueError(
            f"distribution.fitted(codes, noise): {len(codes)} codes do not spread in all of {codes.shape[1]} dimensions"
        ) from None


def radius(codes: Float[Tensor, "n dim"], held_out: Float[Tensor, "m dim"], share: float = HELD_OUT) -> float:
    """r, so that `share` of the held-out points lie within r of one of the codes: beyond it is a miss."""
    return torch.cdist(held_out, codes).amin(1).quantile(share).item()


def rows(dataset: Dataset, named: dict[str, Float[Tensor, "n pixels"]]) -> Picture:
    """One row of pictures a name, and how far each row's are from the training images."""
    nearest = {name: torch.cdist(images, dataset.train.images).amin(1).numpy() for name, images in named.items()}
    return pictures.rows({name: images.numpy() for name, images in named.items()}, dataset.shape, nearest)


@threads.limited()
@torch.no_grad()
def log_evidence(
    model: VAE | AE, images: Float[Tensor, "n pixels"], like: Float[Tensor, "m 2"] | None = None
) -> Float[Tensor, " n"]:
    """log p(x) of black and white images, on a grid over the plane, in nats; the prior is N(0, I).

    With codes to be `like`, the prior is the Gaussian of their mean and covariance. Raises as `plane.log_evidence`,
    and ValueError for a model without a plane, images of another size, and grey pixels.
    """
    _plane("log_evidence", model, images.shape[-1])
    _black_and_white("log_evidence(model, images)", images)
    exact, x = copy.deepcopy(model).double(), images.double()
    mean, covariance = (torch.zeros(2), torch.eye(2)) if like is None else (like.mean(0), like.T.cov())
    return plane.log_evidence(lambda z: _log_likelihood(exact, x, z), mean, covariance)


@threads.limited()
@torch.no_grad()
def estimated_log_evidence(
    model: VAE | AE, images: Float[Tensor, "n pixels"], draws: int, like: Float[Tensor, "m latent"] | None = None
) -> Float[Tensor, " n"]:
    """log p̂(x) of black and white images from `draws` z's of the prior, in nats: naive Monte Carlo, too low on average.

    The prior is N(0, I), or the Gaussian of the codes it shall be `like`. One set of z's serves all images. Raises
    ValueError (grey pixels, no draw).
    """
    call = "estimated_log_evidence(model, images, draws)"
    _black_and_white(call, images)
    arguments.whole(f"distribution.{call}", "draws", draws)
    generator = torch.Generator().manual_seed(0)
    total = torch.full(images.shape[:1], -math.inf, dtype=torch.float64)  # what outlived a block would split the memory
    for begin in range(0, draws, AT_ONCE):
        z = torch.randn(min(AT_ONCE, draws - begin), model.config["latent"], generator=generator)
        log_likelihood = _log_likelihood(model, images, z if like is None else fitted(like, z))
        torch.logaddexp(total, log_likelihood.double().logsumexp(-1), out=total)
    return total - math.log(draws)


def _log_likelihood(model: VAE | AE, x: Float[Tensor, "n pixels"], z: Float[Tensor, "m latent"]) -> Tensor:
    """[n, m]. log p(x|z) = Σ xℓ − softplus(ℓ) is linear in x: one product of matrices serves all images and places."""
    logits = model.decode(z)
    return x @ logits.T + likelihood.bernoulli(torch.zeros_like(logits), logits)


def _black_and_white(call: str, images: Float[Tensor, "n pixels"]) -> None:
    if not ((images == 0) | (images == 1)).all():
        raise ValueError(
            f"distribution.{call}: the images hold grey pixels, of which this likelihood gives no probability; draw "
            "each ink or paper first, as in torch.bernoulli(images)"
        )


@threads.limited()
@torch.no_grad()
def planes(
    models: dict[str, VAE | AE], dataset: Dataset, draws: dict[str, Float[Tensor, "m 2"]], source: str
) -> Picture:
    """Each model's plane with the codes of the training images and the `draws` of the same name on it.

    Each has its own r, from its own codes: the planes differ in size. `source` says what drew them.
    """
    drawn = []
    for name, model in models.items():
        _plane("planes", model, dataset.pixels)
        codes, z = model.codes(dataset.train.images), draws[name]
        r = radius(codes, model.codes(dataset.test.images))
        apart = torch.cdist(z, codes)
        drawing = pictures.Plane(name, codes.numpy(), dataset.train.labels.numpy(), r)
        drawn.append((drawing, z.numpy(), (apart.amin(1) > r).numpy(), (apart.amin(0) > r).numpy()))
    return pictures.planes(drawn, source)


@threads.limited()
@torch.no_grad()
def path(models: dict[str, VAE | AE], dataset: Dataset, start: int, end: int, steps: int = 40) -> Explorer:
    """A straight way between the codes of two test images, on each plane at once; the decoders draw what is there."""
    share = torch.linspace(0, 1, steps + 1)[:, None]
    planes, ways, decoded, densities = [], [], [], []
    if not all(0 <= image < len(dataset.test) for image in (start, end)):
        raise ValueError(
            f"distribution.path(models, dataset, start, end): from test image {start} to {end}; {dataset.name} has "
            f"those from 0 to {len(dataset.test) - 1}"
        )
    for name, model in models.items():
        _plane("path", model, dataset.pixels)
        codes, held_out = model.codes(dataset.train.images), model.codes(dataset.test.images)
        way = held_out[start] + share * (held_out[end] - held_out[start])
        planes.append(pictures.Plane(name, codes.numpy(), dataset.train.labels.numpy(), radius(codes, held_out)))
        ways.append(way.numpy())
        decoded.append(model.decode(way).sigmoid().numpy())
        zero = torch.zeros(2)
        relative = gaussian.log_prob(way, zero, zero) - gaussian.log_prob(zero, zero, zero)
        densities.append(relative.tolist() if isinstance(model, VAE) else [None] * len(way))

    def derive(t: float) -> dict:
        step = round(t * steps)
        return {
            "step": step,
            "share": step / steps,
            "decoded": [images[step] for images in decoded],
            "log_prior": [density[step] for density in densities],
        }

    return Explorer(pictures.path(planes, ways, dataset.shape), derive, t=slider("how far along", 0.0, 0, 1, 1 / steps))


def two_scores(shares: Sequence[float] | Float[Tensor, "4"] | None = None) -> Explorer:
    """The counted model over its θ, scored on a bag of pictures by the mean of p and by the mean of log p.

    `shares` of ■■, □□, ■□, □■ in the bag; without them those that the model itself gives at θ = 0.1.
    """
    shares = countable.log_evidence(torch.tensor(0.1)).exp() if shares is None else torch.as_tensor(shares).double()
    flip = torch.linspace(0, 0.5, 51, dtype=torch.float64)
    log_p = countable.log_evidence(flip)
    ceiling = countable.mean(shares, torch.where(shares > 0, shares.log(), 0.0))
    scene = pictures.two_scores(
        shares.numpy(),
        flip.numpy(),
        countable.mean(shares, log_p.exp()).numpy(),
        countable.mean(shares, log_p).numpy(),
        ceiling.item(),
    )

    def derive(theta: float) -> dict:
        step = round(theta / 0.01)
        return {"step": step, "p": log_p[step].exp().numpy()}

    return Explorer(scene, derive, theta=slider("θ", 0.5, 0, 0.5, 0.01))


def _plane(call: str, model: VAE | AE, pixels: int) -> None:
    latent, drawn = model.config["latent"], model.config["pixels"]
    if latent != 2 or drawn != pixels:
        raise ValueError(
            f"distribution.{call}(…): got {model!r} and images of {pixels} pixels; wanted a model with 2 latents, a "
            f"plane, that draws images of that size"
        )
