"""Two exercises of notebook 05: what one throw says of a gradient, along its path or as a vote."""

from collections.abc import Callable

import torch
from torch import Tensor

from vae_helpers.exercises import trial
from vae_helpers.exercises.exercise import Exercise
from vae_helpers.exercises.mistakes import pathwise, score
from vae_helpers.exercises.probes import normal
from vae_helpers.figures import exercise_reparameterization as pictures
from vae_helpers.figures.picture import Picture


def cosine(z):
    """What stands in a message as f = cosine."""
    return torch.cos(z)


def square(z):
    """f = square."""
    return z**2


def exponential(z):
    """f = exponential."""
    return torch.exp(z)


def _knobs(throws: int, seed: int, dtype: torch.dtype = torch.float64) -> tuple[Tensor, Tensor, Tensor]:
    """mu, sigma and eps, each [throw]; σ from 0.6 to 2.2."""
    mu, eps = normal(throws, seed=seed), normal(throws, seed=seed + 1)
    sigma = 0.6 + 1.6 * torch.sigmoid(2 * normal(throws, seed=seed + 2))
    return mu.to(dtype), sigma.to(dtype), eps.to(dtype)


def _narrow(throws: int, seed: int) -> tuple[Tensor, Tensor, Tensor]:
    mu, sigma, eps = _knobs(throws, seed)
    return mu, 0.2 * sigma, eps


TAKES = {"f": "", "mu": "throw", "sigma": "throw", "eps": "throw"}
GIVES = {"by_mu": "throw", "by_sigma": "throw"}
PLAIN = torch.tensor([[1.0, -0.5, 2.0], [2.0, 0.5, 1.5], [2.5, -1.5, 0.5]], dtype=torch.float64)
PROBES = [
    (square, *PLAIN),  # shown first: few digits, and no two of z, σ, ε, σε, ε² are alike
    (square, *_knobs(7, seed=31)),
    (cosine, *_knobs(5, seed=34)),
    (exponential, *_narrow(4, seed=37)),
    (square, *_knobs(1, seed=40)),
    (cosine, *_knobs(6, seed=43, dtype=torch.float32)),
]


def _over_the_die(reference: Callable) -> Callable[[Callable], Picture]:
    """The picture of an answer beside the reference, by both knobs."""

    def drawn(answer: Callable) -> Picture:
        eps = torch.linspace(-3, 3, 25, dtype=torch.float64)
        args = square, torch.ones_like(eps), torch.ones_like(eps), eps
        found = [
            [value.detach() for value in trial.outputs(function, args, TAKES, GIVES)]
            for function in (answer, reference)
        ]
        return pictures.over_the_die(eps, *found, "f(z) = z² at μ = σ = 1")

    return drawn


# ---- along the path ----


def pathwise_gradient(f, mu, sigma, eps):
    """by_mu = f′(z), by_sigma = f′(z) ε: slopes of f(z), z = μ + σε; mu, sigma, eps [throw] -> each [throw]."""
    z = (mu + sigma * eps).requires_grad_()
    (slope,) = torch.autograd.grad(f(z).sum(), z)
    return slope, slope * eps


PATHWISE_GRADIENT = Exercise(
    pathwise_gradient,
    takes=TAKES,
    gives=GIVES,
    probes=PROBES,
    known=pathwise.PATHWISE,
    rounds=False,
    first="Begin with f(z) = z², μ = σ = 1 and ε = ½, on paper: z is 1.5, the slope there 3. By μ it is 3, by σ 1.5.",
    hint="Compute z, and call requires_grad_() on it. torch.autograd.grad(…, z) gives a tuple of one tensor, and wants "
    "one number to start from: what may be done to many costs, so that none hears of the others? Then the chain rule: "
    "how fast does z move with each knob?",
    reason="z moves by 1 with μ and by ε with σ, and f changes by f′(z) for each unit that z moves. The sum over the "
    "throws is only a way to ask for all slopes at once. For z² at μ = σ = 1 the first is 2 + 2ε: a straight line "
    "over ε, with the mean 2.",
    sweep=_over_the_die(pathwise_gradient),
)

# ---- votes ----


def score_gradient(f, mu, sigma, eps):
    """by_mu, by_sigma = f(z) times ∂log q(z)/∂μ, ∂log q(z)/∂σ; z = μ + σε, q = N(μ, σ²); all [throw]."""
    z = mu + sigma * eps
    return f(z) * (z - mu) / sigma**2, f(z) * ((z - mu) ** 2 / sigma**2 - 1) / sigma


SCORE_GRADIENT = Exercise(
    score_gradient,
    takes=TAKES,
    gives=GIVES,
    probes=PROBES,
    known=score.SCORE,
    rounds=False,
    first="Begin with f(z) = z², μ = σ = 1 and ε = ½, on paper: the cost is 2.25, the scores ½ and −¾, so the votes "
    "are 1.125 and −1.6875.",
    hint="Differentiate log q(z) = −(z − μ)²/2σ² − log σ − constant by μ, then by σ, with z held still. Each of "
    "them, times f(z), is a vote. f is only evaluated.",
    reason="A throw's score says by which share it would come more often if the knob were turned; its cost says what "
    "that would add. For z² at μ = σ = 1 the first is (1 + ε)² ε: small for most dice and large for a few. Its mean "
    "over the dice is 2, as that of the path's 2 + 2ε; its variance is 30 against 4.",
    sweep=_over_the_die(score_gradient),
)
