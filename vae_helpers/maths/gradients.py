"""Two ways to differentiate an average over q = N(μ, σ²) by q's own parameters, from samples.

    ∇ E_q[f(z)],  z = μ + σε,  ε ~ N(0, 1)

Each estimator returns one estimate per sample ε; their mean over ε is the gradient. They are written for one latent
number, so that their variances can be seen. `f` works elementwise; its unit (nats, if it is a log-density) per unit of
μ is the unit of a gradient.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from vae_helpers.maths import bounds, checks, divergence, quadrature, threads
from vae_helpers.maths.toy import ToyModel

Function = Callable[[Tensor], Tensor]


class Gradient(NamedTuple):
    """∂/∂μ and ∂/∂σ of E_q[f(z)]: the exact ones, or estimates of them, one per sample."""

    mu: Tensor
    sigma: Tensor


def pathwise(
    f: Function, mu: Float[Tensor, "*#samples"], sigma: Float[Tensor, "*#samples"], eps: Float[Tensor, "*#samples"]
) -> Gradient:
    """f′(z) · ∂z/∂(μ, σ) = f′(z) · (1, ε): the sample moves with μ and σ, and f is differentiated along its path.

    Unbiased where f has no jumps; of a jump it sees nothing. Raises TypeError and ValueError (NaN, shapes, σ ≤ 0).
    Source: Kingma & Welling (2014), section 2.4; Mohamed et al. (2020), JMLR 21, section 5.
    """
    call = "gradients.pathwise(f, mu, sigma, eps)"
    _check(call, mu, sigma, eps)
    with torch.enable_grad():
        z = (mu + sigma * eps).detach().requires_grad_()
        # A piecewise constant f may not be connected to z at all: its slope along the path is then zero.
        values = checks.elementwise(call, "f", f(z), z) + 0 * z
        (slope,) = torch.autograd.grad(values.sum(), z)
    return Gradient(slope, slope * eps)


def score_function(
    f: Function,
    mu: Float[Tensor, "*#samples"],
    sigma: Float[Tensor, "*#samples"],
    eps: Float[Tensor, "*#samples"],
    baseline: float | Float[Tensor, "*#samples"] = 0.0,
) -> Gradient:
    """(f(z) − b) · ∂ log q(z)/∂(μ, σ) = (f(z) − b) · (ε/σ, (ε² − 1)/σ): f is only evaluated, q is differentiated.

    Unbiased for any f, smooth or not, and any baseline b that does not look at this sample. Raises TypeError and
    ValueError (NaN, shapes, σ ≤ 0).
    Source: Williams (1992), Machine Learning 8 (REINFORCE); Mohamed et al. (2020), JMLR 21, section 4.
    """
    call = "gradients.score_function(f, mu, sigma, eps, baseline)"
    _check(call, mu, sigma, eps)
    with torch.no_grad():
        z = mu + sigma * eps
        reward = checks.elementwise(call, "f", f(z), z) - baseline
        return Gradient(reward * eps / sigma, reward * (eps.square() - 1) / sigma)


def moments(
    estimator: Callable[..., Gradient], f: Function, mu: Float[Tensor, ""], sigma: Float[Tensor, ""], **options
) -> tuple[Gradient, Gradient]:
    """Mean and variance of one sample's estimate, `estimator(f, mu, sigma, eps, **options)`, over ε ~ N(0, 1).

    By quadrature. Raises ArithmeticError where the estimates are too rough to integrate, as those of a function with a
    jump are, TypeError and ValueError as the estimator does.
    """
    call = "gradients.moments(estimator, f, mu, sigma)"
    checks.tensors(call, mu=mu, sigma=sigma)
    checks.single(call, mu=mu, sigma=sigma)
    standard = torch.zeros(2, dtype=torch.float64)  # μ and log σ² of ε

    def average(g: Callable[[Gradient], Tensor]) -> Tensor:
        return quadrature.gaussian_mean(call, lambda eps: g(estimator(f, mu, sigma, eps, **options)), *standard)

    mean = Gradient(*(average(lambda found, i=i: found[i]) for i in (0, 1)))
    # The square of the distance, not the difference of the squares: a small variance keeps its digits.
    variance = (average(lambda found, i=i: (found[i] - mean[i]).square()) for i in (0, 1))
    return mean, Gradient(*variance)


def samples_needed(variance: float | Tensor, mean: float | Tensor, relative_error: float) -> Tensor:
    """n for which √(variance/n), the standard error of n averaged estimates, is `relative_error` · |mean|.

    It is no whole number yet: round it up. +∞ for a mean of zero. Raises TypeError and ValueError.
    """
    call = "gradients.samples_needed(variance, mean, relative_error)"
    if checks.number(call, "variance", variance) < 0:
        raise ValueError(f"{call}: variance = {float(variance):g}; a variance is never negative")
    wanted = checks.number(call, "relative_error", relative_error, positive=True) * checks.number(call, "mean", mean)
    return torch.as_tensor(variance, dtype=torch.float64) / wanted**2


class Climb(NamedTuple):
    """Ways uphill: `mu`, `sigma` and the ELBO in nats, every `every` steps; each [steps / every + 1, runs]."""

    mu: Tensor
    sigma: Tensor
    elbo: Tensor


REACH, NARROW, WIDE = 10.0, 1e-3, 1e2  # a run that leaves |μ| ≤ REACH or these σ is lost, and stops at the border


@threads.limited()
def climb(
    estimator: Callable[..., Gradient],
    model: ToyModel,
    x: Float[Tensor, ""],
    mu: float,
    sigma: float,
    rate: float,
    generator: torch.Generator,
    steps: int = 400,
    runs: int = 20,
    every: int = 5,
) -> Climb:
    """Stochastic gradient ascent on the ELBO over (μ, log σ), with one fresh ε a step; `runs` times side by side.

    `estimator` is `pathwise` or `score_function`, of f(z) = log p_θ(x, z) − log q(z) with q held fixed: what φ does
    inside f has mean zero. Raises TypeError and ValueError. Source: Kingma & Welling (2014), algorithm 1.
    """
    call = "gradients.climb(estimator, model, x, mu, sigma, rate, …)"
    checks.single(call, x=x)
    checks.number(call, "rate", rate, positive=True)
    at = torch.full((runs,), checks.number(call, "mu", mu), dtype=torch.float64)
    spread = torch.full((runs,), checks.number(call, "sigma", sigma, positive=True), dtype=torch.float64)
    way = [(at, spread)]
    for step in range(1, steps + 1):
        eps = torch.randn(runs, generator=generator, dtype=torch.float64)
        logvar = 2 * spread.log()
        gradient = estimator(
            lambda z, at=at, logvar=logvar: model.log_joint(x, z) - divergence.log_q(z, at, logvar), at, spread, eps
        )
        up = (rate * spread * gradient.sigma).clamp(-5, 5)  # ∂/∂ log σ = σ ∂/∂σ; e⁵ leaves the borders in one step
        at = (at + rate * gradient.mu).clamp(-REACH, REACH)
        spread = (spread * up.exp()).clamp(NARROW, WIDE)
        if step % every == 0:
            way.append((at, spread))
    mus, sigmas = (torch.stack(values) for values in zip(*way, strict=True))
    return Climb(mus, sigmas, bounds.of_toy(model, x, mus, 2 * sigmas.log()).total)


def _check(call: str, mu: Tensor, sigma: Tensor, eps: Tensor) -> None:
    checks.tensors(call, mu=mu, sigma=sigma, eps=eps)
    if not (sigma > 0).all():
        raise ValueError(f"{call}: sigma = {sigma.min():g}; a standard deviation must be greater than 0")
