"""Importance sampling: log p(x) from draws of a proposal q that looks where the posterior is.

    p(x) = ∫ q(z) · [p(x, z) / q(z)] dz = E_q[w(z)],   w = p(x, z) / q(z)

Everything is kept in logs. z has shape [*batch, dim]; densities sum over its last axis. All in nats.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from vae_helpers.maths import bounds, checks, gaussian, quadrature
from vae_helpers.maths.toy import LinearGaussian, ToyModel


@dataclass(frozen=True)
class Gaussian:
    """The proposal N(μ, σ²) with a diagonal covariance; `mu` and `logvar` have shape [dim].

    Raises TypeError and ValueError for what is no such pair.
    """

    mu: Tensor
    logvar: Tensor

    def __post_init__(self):
        call = "importance.Gaussian(mu, logvar)"
        checks.tensors(call, mu=self.mu, logvar=self.logvar)
        if self.mu.dim() != 1 or self.mu.shape != self.logvar.shape:
            raise ValueError(
                f"{call}: got mu {list(self.mu.shape)} and logvar {list(self.logvar.shape)}; both must be [dim], "
                f"on the line [1]: torch.tensor([1.0])"
            )

    @property
    def dim(self) -> int:
        return len(self.mu)

    def log_prob(self, z: Float[Tensor, "*batch dim"]) -> Float[Tensor, "*batch"]:
        """log q(z) = log N(z; μ, σ²)."""
        return gaussian.log_prob(z, self.mu.double(), self.logvar.double())

    def sample(self, n: int, generator: torch.Generator) -> Float[Tensor, "n dim"]:
        """n draws, float64."""
        eps = torch.randn(n, self.dim, generator=generator, dtype=torch.float64)
        return gaussian.reparameterize(self.mu.double(), self.logvar.double(), eps)


def standard(dim: int) -> Gaussian:
    """N(0, I): the prior as a proposal, which makes importance sampling naive Monte Carlo."""
    return Gaussian(torch.zeros(dim, dtype=torch.float64), torch.zeros(dim, dtype=torch.float64))


def bell(mu: float | Tensor, sigma: float | Tensor) -> Gaussian:
    """N(μ, σ²) on the line, from two numbers. Raises ValueError for σ ≤ 0."""
    call = "importance.bell(mu, sigma)"
    mu, sigma = checks.number(call, "mu", mu), checks.number(call, "sigma", sigma, positive=True)
    return Gaussian(torch.tensor([mu], dtype=torch.float64), torch.tensor([2 * math.log(sigma)], dtype=torch.float64))


@dataclass(frozen=True)
class Mixture:
    """The proposal Σₖ shareₖ qₖ(z): each draw comes from `parts[k]` with probability `shares[k]`.

    With the prior as one part, of share a, no weight exceeds p(x|z)/a: insurance against a place that the other parts
    leave out. Raises ValueError for shares that are no probabilities and parts that do not fit together.
    Source: Owen & Zhou (2000), JASA 95; Hesterberg (1995), Technometrics 37 ("defensive mixture").
    """

    parts: Sequence[Gaussian]
    shares: Sequence[float]

    def __post_init__(self):
        call = "importance.Mixture(parts, shares)"
        if not self.parts or len(self.parts) != len(self.shares):
            raise ValueError(f"{call}: got {len(self.parts)} parts and {len(self.shares)} shares; one share each")
        if len({part.dim for part in self.parts}) != 1:
            raise ValueError(f"{call}: the parts have {[part.dim for part in self.parts]} dimensions; all alike")
        if not (all(share >= 0 for share in self.shares) and abs(sum(self.shares) - 1) < 1e-9):
            raise ValueError(f"{call}: the shares {list(self.shares)} must be at least 0 and add up to 1")

    @property
    def dim(self) -> int:
        return self.parts[0].dim

    def log_prob(self, z: Float[Tensor, "*batch dim"]) -> Float[Tensor, "*batch"]:
        """log q(z) = log Σₖ shareₖ qₖ(z)."""
        log_shares = torch.tensor(self.shares, dtype=torch.float64).log()
        return torch.logsumexp(torch.stack([part.log_prob(z) for part in self.parts], -1) + log_shares, dim=-1)

    def sample(self, n: int, generator: torch.Generator) -> Float[Tensor, "n dim"]:
        """n draws, float64: first which part, then where."""
        edges = torch.tensor(self.shares, dtype=torch.float64).cumsum(0)[:-1].contiguous()
        which = torch.bucketize(torch.rand(n, generator=generator, dtype=torch.float64), edges, right=True)
        draws = torch.stack([part.sample(n, generator) for part in self.parts])
        return draws[which, torch.arange(n)]


def log_weights(
    log_joint: Callable[[Tensor], Tensor], proposal: Gaussian | Mixture, n: int, generator: torch.Generator
) -> Float[Tensor, " n"]:
    """log w = log p(x, z) − log q(z) for n draws z ~ q. Their mean without the logs estimates p(x), unbiased.

    log_joint: z of shape [n, dim] → [n]. Of the toy on the line, whose z has no last axis:
    lambda z: model.log_joint(x, z[..., 0]). Raises ValueError for n < 1, NaN and other shapes.
    """
    call = "importance.log_weights(log_joint, proposal, n, generator)"
    if n < 1:
        raise ValueError(f"{call}: n = {n}; it takes at least one draw")
    z = proposal.sample(n, generator)
    joint = log_joint(z)
    checks.tensors(call, **{"log_joint(z)": joint})
    if joint.shape != (n,):
        raise ValueError(
            f"{call}: log_joint(z) is {checks.describe(joint)}; it must give one number per draw, shape [{n}]. "
            f"A model on the line takes z[..., 0]"
        )
    return joint - proposal.log_prob(z)


def of_toy(
    model: ToyModel | LinearGaussian, x: Tensor, proposal: Gaussian | Mixture, n: int, seed: int = 0
) -> Float[Tensor, " n"]:
    """`log_weights` of n draws for one x of a toy: a number for the toy on the line, [dim] for its copies."""

    def log_joint(z: Tensor) -> Tensor:
        return model.log_joint(x, z[..., 0] if isinstance(model, ToyModel) else z)

    return log_weights(log_joint, proposal, n, torch.Generator().manual_seed(seed))


class Estimate(NamedTuple):
    """What n weights say. All but the first are blind to whatever the draws have missed.

    log_evidence: log p̂(x), nats. relative_variance: of one weight, measured in units of p̂². relative_error: the
    reported standard error of p̂ over p̂, about the error of log p̂ in nats where small; never above 1.
    effective_size: (Σw)²/Σw², from 1 (one draw decides all) to n (equal weights). Source: Kong (1992), Chicago TR 348.
    """

    log_evidence: Tensor
    relative_variance: Tensor
    relative_error: Tensor
    effective_size: Tensor


def estimate(log_weights: Float[Tensor, "*batch n"]) -> Estimate:
    """log p(x) from n ≥ 2 weights, with its report. Raises TypeError and ValueError (NaN, n < 2, nothing hit)."""
    call, n = "importance.estimate(log_weights)", _count("importance.estimate(log_weights)", log_weights)
    log_evidence = bounds.iwae(log_weights.double())
    if not log_evidence.isfinite().all():
        raise ValueError(f"{call}: all weights of an estimate are 0, or one is infinite; no draw hit what explains x")
    weights = (log_weights - log_evidence[..., None]).exp()
    variance = weights.var(-1)
    return Estimate(log_evidence, variance, (variance / n).sqrt(), weights.sum(-1).square() / weights.square().sum(-1))


def running(log_weights: Float[Tensor, "*batch n"]) -> Estimate:
    """`estimate` after the first 2, 3, … n draws: each entry has shape [*batch, n − 1].

    Raises TypeError and ValueError (NaN, n < 2, a weight of 0 or ∞, with which the sums cannot begin).
    """
    call = "importance.running(log_weights)"
    n = _count(call, log_weights)
    if not log_weights.isfinite().all():
        raise ValueError(f"{call}: a weight is 0 or infinite; use importance.estimate for all draws at once")
    k = torch.arange(1, n + 1, dtype=torch.float64)
    log_sum = torch.logcumsumexp(log_weights.double(), -1)
    effective = (2 * log_sum - torch.logcumsumexp(2 * log_weights.double(), -1)).exp()
    variance = (k * (k / effective - 1) / (k - 1)).clamp(min=0.0)
    found = Estimate(log_sum - k.log(), variance, (variance / k).sqrt(), effective)
    return Estimate(*(value[..., 1:] for value in found))


def relative_variance(
    proposal: Gaussian, mu: Float[Tensor, " dim"], logvar: Float[Tensor, " dim"]
) -> Float[Tensor, ""]:
    """Var_q[w] / p(x)² where the posterior is N(μ, σ²), in closed form: ∫ p(z|x)² / q(z) dz − 1, the χ² divergence.

        ∏ᵢ σ_q² / (σ √A) · exp((μ_q − μ)² / A) − 1,   A = 2σ_q² − σ²;   ∞ where some A ≤ 0: σ_q² ≤ σ²/2

    Source: Owen (2013), Monte Carlo theory, methods and examples, ch. 9; completing the square.
    """
    call = "importance.relative_variance(proposal, mu, logvar)"
    checks.tensors(call, mu=mu, logvar=logvar, proposal=proposal.mu)
    wide, narrow = proposal.logvar.double().exp(), logvar.double().exp()
    a = 2 * wide - narrow
    safe = torch.where(a > 0, a, 1.0)
    log_ratio = proposal.logvar.double() - 0.5 * (logvar + safe.log()) + (proposal.mu - mu).square() / safe
    return torch.where((a > 0).all(), torch.expm1(log_ratio.sum(-1)), math.inf)


def relative_variance_on_toy(model: ToyModel, x: Float[Tensor, ""], proposal: Gaussian | Mixture) -> Float[Tensor, ""]:
    """Var_q[w] / p(x)² of the toy, by quadrature: ∫ p(z|x)² / q(z) dz − 1.

    Raises ArithmeticError where the integral has not died out when the nodes end: infinite, or the reach too short.
    """
    call = "importance.relative_variance_on_toy(model, x, proposal)"
    checks.tensors(call, x=x)
    checks.single(call, x=x)
    # Between two narrow parts of a mixture 1/q has a sharp ridge: eight times the model's nodes.
    z = torch.linspace(-model.reach, model.reach, 8 * (len(model.z) - 1) + 1, dtype=torch.float64)
    dz = z[1] - z[0]
    log_terms = 2 * model.log_posterior(z, x) - proposal.log_prob(z[:, None])
    fine = quadrature.log_trapezoid(log_terms, dz)
    if not (log_terms[[0, -1]].amax() - fine <= math.log(quadrature.TOLERANCE)):
        raise ArithmeticError(f"{call}: it has not died out at z = ±{model.reach:g}: infinite, or take a larger reach")
    remedy = "take more nodes or more noise in the model"
    return torch.expm1(quadrature.agree(call, fine, quadrature.log_trapezoid(log_terms[::2], 2 * dz), remedy))


def _count(call: str, log_weights: Tensor) -> int:
    checks.tensors(call, log_weights=log_weights)
    if log_weights.dim() == 0 or log_weights.shape[-1] < 2:
        raise ValueError(f"{call}: log_weights is {checks.describe(log_weights)}; its last axis holds n ≥ 2 draws")
    return log_weights.shape[-1]
