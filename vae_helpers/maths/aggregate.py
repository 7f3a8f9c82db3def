"""All bells of an encoder together, q(z) = (1/N) Σₙ q(z|xₙ), beside the prior that samples are drawn from.

    (1/N) Σₙ D_KL(q(z|xₙ) ‖ p(z))  =  I(n; z)  +  D_KL(q(z) ‖ p(z))
    the mean price of the ELBO        which image   bells against prior

I(n; z) is the mean of log q(z|xₙ) − log q(z) over z ~ q(z|xₙ): how much z tells which of the N images it came from, at
most log N. The left side has a closed form; on the right one is sampled here and the other integrated, so that the sum
is a check. Source: Hoffman & Johnson (2016), ELBO surgery, Advances in Approximate Bayesian Inference.
"""

import math
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from vae_helpers.maths import checks, gaussian, threads

SPACINGS = (0.05, 0.025, 0.0125, 0.00625)  # of the lattice: the narrowest bells decide
BELLS, PRIOR = 8.0, 6.5  # how many σ of each bell, and of the prior, the lattice holds: outside lies 1e-10
# nats by which doubling the spacing may move D_KL. The error falls faster than any power of the spacing, so that of
# the finer sum is far smaller: 3e-5 where this was 1e-3, on 10 000 bells of the course.
TOLERANCE = 2e-3
MOST = 4_000_000  # nodes
NUMBERS_AT_ONCE = 500_000  # of a part of a sum: they set the memory that is needed


class Aggregate(NamedTuple):
    """log q(z) [n1, n2] on the lattice `z1` [n1] × `z2` [n2], and D_KL(q(z) ‖ p(z)) for p = N(0, I), in nats.

    Where every bell is below 1e-308, log q(z) is −∞.
    """

    z1: Tensor
    z2: Tensor
    log_density: Tensor
    divergence: Tensor

    @property
    def log_ratio(self) -> Tensor:
        """log q(z) − log p(z) on the lattice: below 0 where the prior draws more often than the encoder goes."""
        return self.log_density - _log_prior(self.z1, self.z2)

    def thin(self, factor: float | int) -> float:
        """The share of the prior that lies where q(z) < p(z)/`factor`."""
        checks.number("Aggregate.thin(factor)", "factor", factor, positive=True)
        below = self.log_ratio < -math.log(factor)
        prior = _log_prior(self.z1, self.z2).exp()
        return (prior[below].sum() / prior.sum()).item()


@threads.limited()
@torch.no_grad()
def on_plane(mu: Float[Tensor, "n 2"], logvar: Float[Tensor, "n 2"]) -> Aggregate:
    """q(z) of n bells on a lattice over all of them and the prior, halved until D_KL(q(z) ‖ p(z)) stands; in float64.

    A bell without a tilt is a product, f(z₁) g(z₂), so that the sum of n bells on the lattice is one product of
    matrices. Raises TypeError and ValueError (shapes, NaN), ArithmeticError: bells so narrow, or so far apart, that a
    lattice would take more than 4 000 000 nodes.
    """
    call = "aggregate.on_plane(mu, logvar)"
    mu, logvar = _bells(call, mu, logvar)
    if mu.shape[1] != 2:
        raise ValueError(f"{call}: the bells have {mu.shape[1]} latents; a lattice needs a plane, [n, 2]")
    reach = BELLS * (0.5 * logvar).exp()
    lows = (mu - reach).amin(0).clamp(max=-PRIOR).tolist()
    highs = (mu + reach).amax(0).clamp(min=PRIOR).tolist()
    moved = math.inf
    for h in SPACINGS:
        sides = [torch.arange(math.floor(a / h), math.ceil(b / h) + 1) for a, b in zip(lows, highs, strict=True)]
        if len(sides[0]) * len(sides[1]) > MOST:
            break
        z1, z2 = (side.double() * h for side in sides)
        density = _sum(z1, z2, mu, logvar)
        found = _divergence(z1, z2, density, h)
        moved = abs(found - _divergence(z1[::2], z2[::2], density[::2, ::2], 2 * h)).item()
        if moved <= TOLERANCE and abs(density.sum() * h**2 - 1) <= TOLERANCE:  # bells between the nodes have no mass
            return Aggregate(z1, z2, density.log(), found)
    raise ArithmeticError(
        f"{call}: down to spacing {h:g} a lattice misses bells, or would take more than {MOST} nodes (doubling the "
        f"spacing moved D_KL by {moved:.1e} nats); the narrowest σ is {(0.5 * logvar.min()).exp():.1e}, and the "
        f"bells reach from ({lows[0]:.1f}, {lows[1]:.1f}) to ({highs[0]:.1f}, {highs[1]:.1f})"
    )


@threads.limited()
@torch.no_grad()
def log_prob(
    z: Float[Tensor, "m latent"], mu: Float[Tensor, "n latent"], logvar: Float[Tensor, "n latent"]
) -> Float[Tensor, " m"]:
    """log q(z) = log (1/n) Σₙ N(z; μₙ, σₙ²), never leaving the logs; in any number of latents, in float64.

    Raises TypeError and ValueError (shapes, NaN).
    """
    call = "aggregate.log_prob(z, mu, logvar)"
    mu, logvar = _bells(call, mu, logvar)
    checks.tensors(call, z=z)
    if z.dim() != 2 or z.shape[1] != mu.shape[1]:
        raise ValueError(f"{call}: z has shape {list(z.shape)}; the bells ask for points [m, {mu.shape[1]}]")
    # −½ Σ (z − μ)²/σ² as one product of matrices: [z²/2, z] times [−1/σ², μ/σ²], and what does not depend on z.
    precision = torch.exp(-logvar)
    factors = torch.cat([-precision, mu * precision], 1).T
    constant = gaussian.log_prob(torch.zeros_like(mu), mu, logvar) - math.log(len(mu))
    z = z.double()
    places, found = torch.cat([z**2 / 2, z], 1), torch.empty(len(z), dtype=torch.float64)
    # Written where it stays: small results kept between freed blocks would hold hundreds of megabytes of memory.
    at_once = max(1, NUMBERS_AT_ONCE // len(mu))
    each = torch.empty(min(at_once, len(z)), len(mu), dtype=torch.float64)
    for part, kept in zip(places.split(at_once), found.split(at_once), strict=True):
        torch.addmm(constant, part, factors, out=each[: len(part)])
        torch.logsumexp(each[: len(part)], 1, out=kept)
    return found


@threads.limited()
@torch.no_grad()
def met(z: Float[Tensor, "m 2"], codes: Float[Tensor, "n 2"], promised: float | int = 20) -> Tensor:
    """How many codes lie in the disc around each z in which the prior N(0, I) promises `promised` of them, [m].

    The disc is that of area `promised` / (n p(z)). Where q(z) of few, narrow bells has holes by chance, this count has
    not: it is a Poisson number where the codes are spread as the prior. Raises TypeError and ValueError (shapes, NaN).
    """
    call = "aggregate.met(z, codes, promised)"
    checks.number(call, "promised", promised, positive=True)
    for name, value in {"z": z, "codes": codes}.items():
        checks.tensors(call, **{name: value})
        if value.dim() != 2 or value.shape[1] != 2:
            raise ValueError(f"{call}: {name} has shape {list(value.shape)}; wanted points of a plane, [n, 2]")
    zero = torch.zeros(2, dtype=torch.float64)
    density = gaussian.log_prob(z.double(), zero, zero).exp()
    radius = (promised / (len(codes) * math.pi * density)).sqrt()[:, None]
    parts = zip(z.split(500), radius.split(500), strict=True)
    return torch.cat([(torch.cdist(part.double(), codes.double()) < reach).sum(1) for part, reach in parts])


class Estimate(NamedTuple):
    """A mean over draws and its standard error, in nats."""

    mean: float
    error: float


@torch.no_grad()
def information(
    mu: Float[Tensor, "n latent"], logvar: Float[Tensor, "n latent"], generator: torch.Generator, draws: int = 4000
) -> Estimate:
    """I(n; z) of n bells, sampled: `draws` times an image n and a z ~ q(z|xₙ), the mean of log q(z|xₙ) − log q(z).

    Raises TypeError and ValueError (shapes, NaN, fewer than 2 draws).
    """
    call = "aggregate.information(mu, logvar, generator, draws)"
    mu, logvar = _bells(call, mu, logvar)
    if not isinstance(draws, int) or draws < 2:
        raise ValueError(f"{call}: draws = {draws!r}; it takes a whole number, at least 2, to see how far they spread")
    # Each image as often as any other, and each of the rest at most once: less luck than `draws` free choices.
    rounds = [torch.randperm(len(mu), generator=generator) for _ in range(-(-draws // len(mu)))]
    which = torch.cat(rounds)[:draws]
    eps = torch.randn(draws, mu.shape[1], generator=generator, dtype=torch.float64)
    z = gaussian.reparameterize(mu[which], logvar[which], eps)
    told = gaussian.log_prob(z, mu[which], logvar[which]) - log_prob(z, mu, logvar)
    return Estimate(told.mean().item(), told.std().item() / math.sqrt(draws))


def _bells(call: str, mu: Tensor, logvar: Tensor) -> tuple[Tensor, Tensor]:
    checks.tensors(call, mu=mu, logvar=logvar)
    if mu.dim() != 2 or mu.shape != logvar.shape or 0 in mu.shape:
        raise ValueError(
            f"{call}: mu has shape {list(mu.shape)} and logvar {list(logvar.shape)}; wanted [n, latent] twice, a bell "
            f"an image, as in weights.cloud('mnist-2d')"
        )
    return mu.detach().double(), logvar.detach().double()


def _sum(z1: Tensor, z2: Tensor, mu: Tensor, logvar: Tensor) -> Tensor:
    """q(z) [n1, n2]: a product of matrices over the bells, part by part."""
    total = torch.zeros(len(z1), len(z2), dtype=torch.float64)
    at_once = max(1, NUMBERS_AT_ONCE // max(len(z1), len(z2)))
    for centre, spread in zip(mu.split(at_once), logvar.split(at_once), strict=True):
        first, second = (
            gaussian.log_prob(z[:, None, None], centre[:, axis, None], spread[:, axis, None]).exp()
            for axis, z in enumerate((z1, z2))
        )
        total.addmm_(first, second.T)
    return total / len(mu)


def _log_prior(z1: Tensor, z2: Tensor) -> Tensor:
    return -0.5 * (z1[:, None].square() + z2.square()) - math.log(2 * math.pi)


def _divergence(z1: Tensor, z2: Tensor, density: Tensor, h: float) -> Tensor:
    """∫ q (log q − log p) by the trapezoid rule; where q is 0, so is the integrand."""
    return (torch.xlogy(density, density) - density * _log_prior(z1, z2)).sum() * h**2
