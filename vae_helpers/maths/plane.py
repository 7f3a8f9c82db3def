"""log p(x) of a model with a plane of latents: where z is two numbers, the integral over z can still be done on a grid.

    log p(x) = log ∫ p(x|z) N(z; mean, covariance) dz,  z in R²

A grid of m points a side costs m² evaluations of the decoder in the plane, and m^D in D dimensions.
"""

import math
from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from vae_helpers.maths import checks, gaussian, threads

REACH = (
    10.0  # standard deviations: outside lies 1e-23 of the prior, −52 nats, and no p(x|z) of black and white exceeds 1
)
# nats: how far the sum on every other node may be off. The error falls faster than any power of the spacing, so that of
# the whole sum is far smaller: 2e-5 where this was 0.03, on the decoders of the course.
TOLERANCE = 0.05
POINTS_AT_ONCE = 4096


def knots(tiles: int, reach: float | None = None) -> Float[Tensor, " knots"]:
    """Edge, middle, edge, …, edge of `tiles` intervals of an axis: 2 · `tiles` + 1 numbers, float64.

    Φ⁻¹ of an even grid, from −∞ to ∞: each interval holds the same share of N(0, 1), its middle half of that. With
    `reach`: an even grid over ±`reach`. Source: Kingma & Welling (2014), arXiv 1312.6114, figure 4.
    """
    even = torch.linspace(0, 1, 2 * tiles + 1, dtype=torch.float64)
    return torch.special.ndtri(even) if reach is None else reach * (2 * even - 1)


def places(axis: Float[Tensor, " n"]) -> Float[Tensor, "places 2"]:
    """All n² pairs (z₁, z₂) of the numbers on `axis`, which rise, as one reads a picture of the plane: row by row from
    top left, where z₂ is high and z₁ low."""
    z2, z1 = torch.meshgrid(axis.flip(0), axis, indexing="ij")
    return torch.stack([z1, z2], dim=-1).reshape(-1, 2)


@threads.limited()
def log_evidence(
    log_likelihood: Callable[[Tensor], Tensor],
    mean: Float[Tensor, "2"],
    covariance: Float[Tensor, "2 2"],
    points: int = 321,
) -> Float[Tensor, " n"]:
    """log p(x) of n images, in nats, by the trapezoid rule on `points`² places, in float64.

    log_likelihood: float64 places z [m, 2] → log p(x|z), [n, m]. Raises TypeError and ValueError (NaN, shapes, a
    covariance that is none), ArithmeticError where doubling the spacing moves a result by more than 0.05 nats.
    """
    call = "plane.log_evidence(log_likelihood, mean, covariance)"
    checks.tensors(call, mean=mean)
    checks.tensors(call, covariance=covariance)
    if mean.shape != (2,) or covariance.shape != (2, 2):
        raise ValueError(
            f"{call}: mean has shape {list(mean.shape)} and covariance {list(covariance.shape)}; wanted [2] and [2, 2]"
        )
    if not isinstance(points, int) or points < 5 or points % 2 == 0:
        raise ValueError(f"{call}: points = {points!r}; it must be an odd whole number, at least 5")
    try:
        root = torch.linalg.cholesky(covariance.double())
    except torch.linalg.LinAlgError:
        raise ValueError(f"{call}: covariance = {covariance.tolist()} is not positive definite") from None
    line = torch.linspace(-REACH, REACH, points, dtype=torch.float64)
    t = torch.cartesian_prod(line, line)
    spacing = line[1] - line[0]
    log_weight = gaussian.log_prob(t, torch.zeros(2).double(), torch.zeros(2).double()) + 2 * spacing.log()
    even = (torch.arange(points) % 2 == 0).double().log()  # 0 on every other node, −∞ between them
    log_coarse = log_weight + 2 * math.log(2) + (even[:, None] + even).flatten()
    fine, coarse = _sums(call, log_likelihood, mean.double() + t @ root.T, torch.stack([log_weight, log_coarse]))
    moved = torch.where(fine == coarse, 0.0, (fine - coarse).abs()).max().item()  # −∞ agrees with −∞
    if not moved <= TOLERANCE:
        raise ArithmeticError(
            f"{call}: doubling the spacing of the grid moved log p(x) by {moved:.1e} nats, more than {TOLERANCE}; "
            f"take more points a side than {points}"
        )
    return fine


def _sums(call: str, log_likelihood: Callable, z: Tensor, log_weights: Tensor) -> Tensor:
    """log Σ p(x|z) weight for each row of weights [2, m], [2, n]: part by part, because [n, m] fills a memory."""
    total = None
    for places, weights in zip(z.split(POINTS_AT_ONCE), log_weights.split(POINTS_AT_ONCE, dim=1), strict=True):
        values = log_likelihood(places)
        checks.tensors(call, **{"log_likelihood(z)": values})
        if values.dim() != 2 or values.shape[1] != len(places):
            raise ValueError(
                f"{call}: log_likelihood(z) is {checks.describe(values)}; for z of shape {list(places.shape)} it must "
                f"give one number for each image and place, [n, {len(places)}]"
            )
        part = torch.stack([torch.logsumexp(values + row, dim=-1) for row in weights])
        total = part if total is None else torch.logaddexp(total, part)
    return total
