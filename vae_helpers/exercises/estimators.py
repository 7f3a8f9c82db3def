"""Two exercises of notebook 05: what one sample says of a gradient, along its path or as a vote."""

import torch
from torch import Tensor

from vae_helpers.exercises.exercise import Exercise, Sweep
from vae_helpers.exercises.mistakes import estimators as mistakes
from vae_helpers.exercises.probes import normal


def cosine(z):
    """What stands in a message as f = cosine."""
    return torch.cos(z)


def square(z):
    """f = square."""
    return z**2


def exponential(z):
    """f = exponential."""
    return torch.exp(z)


def _knobs(samples: int, seed: int, dtype: torch.dtype = torch.float64) -> tuple[Tensor, Tensor, Tensor]:
    """mu, sigma and eps, each [sample]; σ from 0.6 to 2.2."""
    mu, eps = normal(samples, seed=seed), normal(samples, seed=seed + 1)
    sigma = 0.6 + 1.6 * torch.sigmoid(2 * normal(samples, seed=seed + 2))
    return mu.to(dtype), sigma.to(dtype), eps.to(dtype)


def _narrow(samples: int, seed: int) -> tuple[Tensor, Tensor, Tensor]:
    mu, sigma, eps = _knobs(samples, seed)
    return mu, 0.2 * sigma, eps


TAKES = {"f": "", "mu": "sample", "sigma": "sample", "eps": "sample"}
GIVES = {"by_mu": "sample", "by_sigma": "sample"}
PROBES = [
    (square, *_knobs(7, seed=31)),
    (cosine, *_knobs(5, seed=34)),
    (exponential, *_narrow(4, seed=37)),
    (square, *_knobs(1, seed=40)),
    (cosine, *_knobs(6, seed=43, dtype=torch.float32)),
]
OVER_EPS = Sweep(
    "the die ε, with f(z) = z² at μ = σ = 1",
    torch.linspace(-3, 3, 25),
    lambda at: (square, *torch.tensor([[1.0], [1.0], [at]], dtype=torch.float64)),
    "estimate by μ",
)


# ---- along the path ----


def pathwise_gradient(f, mu, sigma, eps):
    """f′(z) and f′(z) ε, the slopes of f(z) by μ and by σ at z = μ + σε; all [sample] -> two of [sample]."""
    z = (mu + sigma * eps).requires_grad_()
    (slope,) = torch.autograd.grad(f(z).sum(), z)
    return slope, slope * eps


PATHWISE_GRADIENT = Exercise(
    pathwise_gradient,
    takes=TAKES,
    gives=GIVES,
    probes=PROBES,
    known=mistakes.PATHWISE,
    first="Begin with f(z) = z², μ = σ = 1 and ε = ½, on paper: z is 1.5, the slope there 3. By μ it is 3, by σ 1.5.",
    hint="Compute z, and call requires_grad_() on it. torch.autograd.grad(f(z).sum(), z) gives a tuple of one tensor, "
    "f′ at each z: in a sum no sample hears of the others. Then the chain rule: how fast does z move with each knob?",
    reason="z moves by 1 with μ and by ε with σ, and f changes by f′(z) for each unit that z moves. The sum over the "
    "samples is only a way to ask for all slopes at once. For z² at μ = σ = 1 the first is 2 + 2ε: a straight line "
    "over ε, with the mean 2.",
    sweep=OVER_EPS,
)

# ---- votes ----


def score_gradient(f, mu, sigma, eps):
    """f(z) · ∂log q(z)/∂μ and f(z) · ∂log q(z)/∂σ, z = μ + σε, q = N(μ, σ²); all [sample] -> two of [sample]."""
    z = mu + sigma * eps
    return f(z) * (z - mu) / sigma**2, f(z) * ((z - mu) ** 2 / sigma**2 - 1) / sigma


SCORE_GRADIENT = Exercise(
    score_gradient,
    takes=TAKES,
    gives=GIVES,
    probes=PROBES,
    known=mistakes.SCORE,
    first="Begin with f(z) = z², μ = σ = 1 and ε = ½, on paper: the cost is 2.25, the scores ½ and −¾, so the votes "
    "are 1.125 and −1.6875.",
    hint="Differentiate log q(z) = −(z − μ)²/2σ² − log σ − constant by μ, then by σ, with z held still. Each of "
    "them, times f(z), is a vote. f is only evaluated.",
    reason="A throw's score says by which share it would come more often if the knob were turned; its cost says what "
    "that would add. For z² at μ = σ = 1 the first is (1 + ε)² ε: small for most dice and large for a few. Its mean "
    "over the dice is 2, as that of the path's 2 + 2ε; its variance is 30 against 4.",
    sweep=OVER_EPS,
)
