"""What an ELBO loses to log p(x), for one image on a plane of latents: to the family of bells, and to the encoder.

    log p(x) − L[q]  =  log p(x) − L[q*]  +  L[q*] − L[q]
        the gap           of the family      of amortization

q is the encoder's bell, q* the diagonal Gaussian of the largest ELBO for this very x. The sum telescopes for any q*, so
that the family's part is computed twice: as above, and as D_KL(q* ‖ p(z|x)), integrated on other nodes.
Source: Cremer, Li & Duvenaud (2018), arXiv 1801.03558, section 3.
"""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from vae_helpers.maths import checks, gaussian, quadrature, threads

LogJoint = Callable[[Tensor], Tensor]  # z [m, 2], float64 → log p(x, z), [m]
REACH, SPACING = 10.0, 0.125  # of the first grid: a posterior narrower than a third of it might be missed
DEPTH = 45.0  # nats under the highest node: what lies deeper adds 1e-19 to p(x)
MOST = 250_000  # nodes
T_REACH, T_SPACINGS = 8.0, (0.4, 0.2, 0.1, 0.05)  # of E_q, in standard deviations of q: outside lies 1e-15
# Of the climb to q*: reach and spacing in t of its nodes, 81 and then 289, and the nats a step below which it ends.
ROUGH, FINE = (4.0, 1.0, 1e-5), (6.0, 0.75, 1e-10)
TOLERANCE = 1e-6  # nats: how far E_q may move when the spacing is halved; the error of the finer sum is far smaller


class Posterior(NamedTuple):
    """p(z|x) where it is: `z` [m, 2] on a square lattice of `spacing`, log p(z|x) [m], and log p(x), in nats."""

    z: Tensor
    log_density: Tensor
    log_evidence: Tensor
    spacing: float

    @property
    def moments(self) -> tuple[Tensor, Tensor]:
        """Its mean [2] and its variances [2]."""
        share = self.log_density.softmax(0)[:, None]
        mean = (share * self.z).sum(0)
        return mean, (share * (self.z - mean).square()).sum(0)


class Gaps(NamedTuple):
    """In nats: log p(x), L[q*], L[q], and D_KL(q* ‖ p(z|x)) by its own integral; q* as μ and log σ², each [2]."""

    log_evidence: Tensor
    best: Tensor
    reached: Tensor
    divergence: Tensor
    mu: Tensor
    logvar: Tensor

    @property
    def family(self) -> Tensor:
        """log p(x) − L[q*]: what the best of all diagonal Gaussians leaves."""
        return self.log_evidence - self.best

    @property
    def amortization(self) -> Tensor:
        """L[q*] − L[q]: what the encoder could gain for this image."""
        return self.best - self.reached


@threads.limited()
@torch.no_grad()
def posterior(log_joint: LogJoint) -> Posterior:
    """The posterior on a lattice that is halved, where there is something, until log p(x) moves by less than 1e-9 nats
    (beyond one nat: of itself).

    Raises ValueError (shape, NaN) and ArithmeticError: mass at the end of the first grid, |z| = 10, or a posterior that
    takes more than 250 000 nodes.
    """
    call, h, before = "gaps.posterior(log_joint)", SPACING, math.inf
    side = torch.arange(-round(REACH / h), round(REACH / h) + 1)
    nodes = torch.cartesian_prod(side, side)
    while len(nodes) <= MOST:
        values = _values(call, log_joint, nodes * h)
        log_evidence = values.logsumexp(0) + 2 * math.log(h)
        high = values > values.max() - DEPTH
        if ((nodes[high] * h).abs() > REACH - h).any():
            raise ArithmeticError(f"{call}: the posterior reaches |z| = {REACH:g}, the end of the grid")
        if abs(log_evidence - before) <= quadrature.TOLERANCE * max(1.0, abs(log_evidence)):
            return Posterior(nodes[high] * h, values[high] - log_evidence, log_evidence, h)
        nodes, h, before = _refined(nodes[high]), h / 2, log_evidence
    raise ArithmeticError(f"{call}: spacing {h:g} would take {len(nodes)} nodes; is p(x|z) smooth, and in float64?")


def _refined(nodes: Int64[Tensor, "n 2"]) -> Int64[Tensor, "m 2"]:
    """The nodes of a lattice twice as fine, as far as two of its steps around each of `nodes`; in rising order."""
    around = torch.cartesian_prod(torch.arange(-2, 3), torch.arange(-2, 3))
    rows, columns = (2 * nodes[:, None] + around).reshape(-1, 2).unbind(1)
    # Numbered row by row: single numbers are sorted ten times as fast as pairs.
    low, width = columns.min(), columns.max() - columns.min() + 1
    numbers = (rows * width + columns - low).unique()
    return torch.stack([numbers.div(width, rounding_mode="floor"), numbers.remainder(width) + low], 1)


@threads.limited()
def elbo(log_joint: LogJoint, mu: Float[Tensor, "2"], logvar: Float[Tensor, "2"]) -> Float[Tensor, ""]:
    """L = E_q[log p(x, z)] + entropy of q = N(μ, σ²), by the trapezoid rule in t, z = μ + σ ⊙ t; in nats.

    Raises TypeError and ValueError (shapes, NaN), and ArithmeticError where halving the spacing down to 0.05 still
    moves it by more than 1e-6.
    """
    call = "gaps.elbo(log_joint, mu, logvar)"
    before = math.inf
    for spacing in T_SPACINGS:
        found = _elbo(call, log_joint, mu, logvar, T_REACH, spacing)
        if (moved := abs(found - before)) <= TOLERANCE:
            return found
        before = found
    raise ArithmeticError(
        f"{call}: halving the spacing of the nodes moved L by {moved:.1e} nats, more than {TOLERANCE:.0e}; q is too "
        f"wide for a p(x|z) so rough: take a narrower one"
    )


@threads.limited()
def best(
    log_joint: LogJoint, starts: Sequence[tuple[Float[Tensor, "2"], Float[Tensor, "2"]]], steps: int = 100
) -> tuple[Float[Tensor, "2"], Float[Tensor, "2"]]:
    """q* as μ and log σ²: the ELBO climbed by BFGS from each of the `starts` (μ, log σ²), and the highest end.

    Raises ValueError for no start, and what `elbo` raises.
    """
    call = "gaps.best(log_joint, starts)"
    if not starts:
        raise ValueError(f"{call}: got no start; give at least one (mu, logvar), such as the encoder's")
    ends = []
    for start in starts:
        rough = _climb(call, log_joint, torch.stack(start).detach().double(), steps, *ROUGH)
        sigma = (0.5 * rough[1]).exp()
        # Most starts end at one and the same top: it is climbed to the end once.
        if not any(((rough[0] - end[0]).abs() < 0.1 * sigma).all() for end in ends):
            ends.append(_climb(call, log_joint, rough, steps, *FINE))
    return tuple(max(ends, key=lambda q: _elbo(call, log_joint, *q, T_REACH, T_SPACINGS[1])))


def _climb(
    call: str, log_joint: LogJoint, start: Tensor, steps: int, reach: float, spacing: float, small: float
) -> Tensor:
    """q [2, 2] = (μ, log σ²) of the largest ELBO uphill of `start`, by BFGS (Nocedal & Wright 2006, algorithm 6.1).

    It begins with the natural gradient, (σ² ∂_μ, 2 ∂_logvar); a step that does not rise as it should is halved.
    Our own, because the first optimizer of torch.optim brings torch's compiler along: a second, and 80 MB.
    """

    def height(q: Tensor) -> tuple[Tensor, Tensor]:
        with torch.enable_grad():
            at = q.detach().requires_grad_()
            value = _elbo(call, log_joint, *at.view(2, 2), reach, spacing)
            return value.detach(), torch.autograd.grad(value, at)[0]

    q, eye = start.flatten(), torch.eye(4, dtype=torch.float64)
    inverse = torch.cat([start[1].exp(), torch.full((2,), 2.0)]).diag()  # of the curvature, as far as is known
    value, slope = height(q)
    for _ in range(steps):
        step = inverse @ slope
        step = step / (step / inverse.diag().sqrt()).norm().clamp(min=1.0)
        then = height(q + step)
        while then[0] < value + 1e-4 * step @ slope and step @ slope > small:
            step = step / 2
            then = height(q + step)
        moved, bent = then[0] - value, slope - then[1]
        if moved <= small:
            break
        if (curved := step @ bent) > 0:
            rest = eye - step.outer(bent) / curved
            inverse = rest @ inverse @ rest.T + step.outer(step) / curved
        q, (value, slope) = q + step, then
    return q.view(2, 2)


@torch.no_grad()
def divergence(log_joint: LogJoint, mu: Float[Tensor, "2"], logvar: Float[Tensor, "2"], of: Posterior) -> Tensor:
    """D_KL(q ‖ p(z|x)) = ∫ q (log q − log p(z|x)) dz on the posterior's lattice, carried on to wherever q is; nats."""
    sigma = (0.5 * logvar).exp()
    h = min(of.spacing, sigma.min().item() / 2)
    sides = [torch.arange(-math.ceil(T_REACH * s / h), math.ceil(T_REACH * s / h) + 1) for s in sigma.tolist()]
    z = ((mu / h).round() + torch.cartesian_prod(*sides)) * h
    log_q = gaussian.log_prob(z, mu, logvar)
    log_p = _values("gaps.divergence(log_joint, mu, logvar, of)", log_joint, z) - of.log_evidence
    return (log_q.exp() * (log_q - log_p)).sum() * h**2


def split(log_joint: LogJoint, mu: Float[Tensor, "2"], logvar: Float[Tensor, "2"]) -> Gaps:
    """The gap of the encoder's q = N(μ, σ²), split. q* is sought from q itself, from the posterior's moments, and from
    its highest place. Raises what `posterior` and `elbo` raise."""
    mu, logvar, exact = mu.detach().double(), logvar.detach().double(), posterior(log_joint)
    mean, variance = exact.moments
    top = exact.z[exact.log_density.argmax()]
    found = best(log_joint, [(mu, logvar), (mean, variance.log()), (top, variance.log()), (top, logvar)])
    return Gaps(
        exact.log_evidence,
        elbo(log_joint, *found),
        elbo(log_joint, mu, logvar),
        divergence(log_joint, *found, exact),
        *found,
    )


def _elbo(call: str, log_joint: LogJoint, mu: Tensor, logvar: Tensor, reach: float, spacing: float) -> Tensor:
    line = torch.arange(-reach, reach + spacing / 2, spacing, dtype=torch.float64)
    t = torch.cartesian_prod(line, line)
    weight = gaussian.log_prob(t, torch.zeros(2).double(), torch.zeros(2).double()).softmax(0)
    values = _values(call, log_joint, gaussian.reparameterize(mu.double(), logvar.double(), t))
    return (weight * values).sum() + (1 + math.log(2 * math.pi)) + logvar.double().sum() / 2


def _values(call: str, log_joint: LogJoint, z: Tensor) -> Tensor:
    values = log_joint(z.double())
    checks.tensors(call, **{"log_joint(z)": values})
    if values.shape != z.shape[:1]:
        raise ValueError(
            f"{call}: log_joint(z) is {checks.describe(values)}; for z of shape {list(z.shape)} it must give one "
            f"number a place, [{len(z)}]"
        )
    return values
