"""Three functions f whose average over q = N(μ, σ²) has a closed form: what estimates of its gradient are held against.

Source of the idea, and of two of the three: Mohamed et al. (2020), JMLR 21, section 3.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from vae_helpers.maths import checks
from vae_helpers.maths.gradients import Gradient


class Objective(NamedTuple):
    """f, elementwise, and E_q[f(z)] as a function of μ and σ."""

    name: str
    f: Callable[[Tensor], Tensor]
    mean: Callable[[Tensor, Tensor], Tensor]

    def __call__(self, z: Tensor) -> Tensor:
        """f(z)."""
        return self.f(z)

    def gradient(self, mu: Float[Tensor, "*#shape"], sigma: Float[Tensor, "*#shape"]) -> Gradient:
        """The exact ∂/∂μ and ∂/∂σ of E_q[f(z)], from its closed form."""
        checks.tensors(f"objectives.{self.name}.gradient(mu, sigma)", mu=mu, sigma=sigma)
        at = [value.detach().clone().requires_grad_() for value in torch.broadcast_tensors(mu, sigma)]
        with torch.enable_grad():
            return Gradient(*torch.autograd.grad(self.mean(*at).sum(), at))


WAVES = 5.0

# z²: the squared distance from a target at 0.
SQUARE = Objective("SQUARE", torch.square, lambda mu, sigma: mu.square() + sigma.square())

# cos 5z: it never leaves −1 … 1, and its slope reaches 5.
WAVE = Objective(
    "WAVE",
    lambda z: torch.cos(WAVES * z),
    lambda mu, sigma: torch.exp(-0.5 * (WAVES * sigma).square()) * torch.cos(WAVES * mu),
)

# 1 where z > 0, else 0: its slope is zero wherever it has one.
STEP = Objective(
    "STEP", lambda z: (z > 0).to(z.dtype), lambda mu, sigma: 0.5 * (1 + torch.erf(mu / (sigma * math.sqrt(2))))
)


class Variances(NamedTuple):
    """Of one sample's estimate of ∂/∂μ and of ∂/∂σ."""

    mu: float
    sigma: float


def pathwise_variance_of_square(distance: float | Tensor, sigma: float | Tensor) -> Variances:
    """For f(z) = (z − k)² and m = μ − k: (4σ², 4m² + 8σ²)."""
    m, s = _numbers("pathwise_variance_of_square", distance, sigma)
    return Variances(4 * s**2, 4 * m**2 + 8 * s**2)


def score_variance_of_square(
    distance: float | Tensor, sigma: float | Tensor, baseline: float | Tensor = 0.0
) -> Variances:
    """For f(z) = (z − k)², m = μ − k and a constant baseline b:

        by μ:  m⁴/σ² + 14m² + 15σ² − 2b(m² + 3σ²)/σ² + b²/σ²
        by σ:  2m⁴/σ² + 60m² + 74σ² − 4b(m² + 5σ²)/σ² + 2b²/σ²

    The lowest by μ stands at b = m² + 3σ², the lowest by σ at b = m² + 5σ²; neither is E f = m² + σ².
    """
    m, s = _numbers("score_variance_of_square", distance, sigma)
    b = checks.number("objectives.score_variance_of_square(distance, sigma, baseline)", "baseline", baseline)
    by_mu = m**4 / s**2 + 14 * m**2 + 15 * s**2 - 2 * b * (m**2 + 3 * s**2) / s**2 + b**2 / s**2
    by_sigma = 2 * m**4 / s**2 + 60 * m**2 + 74 * s**2 - 4 * b * (m**2 + 5 * s**2) / s**2 + 2 * b**2 / s**2
    return Variances(by_mu, by_sigma)


def _numbers(name: str, distance: float | Tensor, sigma: float | Tensor) -> tuple[float, float]:
    call = f"objectives.{name}(distance, sigma, …)"
    return checks.number(call, "distance", distance), checks.number(call, "sigma", sigma, positive=True)
