"""Notebook 05's explorers: the same knobs with fresh dice and with kept ones, and both estimators of a gradient."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from vae_helpers.figures import computation_graph as graph
from vae_helpers.figures import dice, words
from vae_helpers.figures import gradients as pictures
from vae_helpers.figures.picture import Picture
from vae_helpers.maths import divergence, gradients, objectives
from vae_helpers.maths.differentiation import Step
from vae_helpers.maths.gradients import Gradient
from vae_helpers.maths.objectives import Objective
from vae_helpers.maths.toy import ToyModel
from vae_helpers.widgets.divergence import f64, gaussian_parameters
from vae_helpers.widgets.explorer import Explorer
from vae_helpers.widgets.slider import Slider, slider, stops

AIMS = torch.linspace(-1.5, 1.5, 61, dtype=torch.float64)  # one a step of the slider
BETWEEN = torch.linspace(-1.5, 1.5, 1201, dtype=torch.float64)  # so that a jump does not look like a slope
THROWS = 20
ESTIMATORS = {"pathwise": gradients.pathwise, "score": gradients.score_function}


def knobs(mu: float = 1.0, sigma: float = 1.0) -> dict[str, Slider]:
    """The two sliders of the machine."""
    return {"mu": slider("aim μ", mu, -1.5, 1.5, 0.05), "sigma": slider("wobble σ", sigma, 0.1, 1.5, 0.05)}


def limits(objective: Objective) -> tuple[float, float]:
    """From below the lowest average that the knobs reach to well above the highest."""
    means = torch.stack([objective.mean(AIMS, f64(sigma)) for sigma in (0.1, 1.5)])
    low, high = means.min().item(), means.max().item()
    return low - 0.15 * (high - low), high + 0.35 * (high - low)


def roll(seed: int, n: int = THROWS) -> Tensor:
    """n dice ε ~ N(0, 1), always the same for one seed."""
    return torch.randn(n, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def fresh(mu: float, sigma: float, again: float = 1) -> Tensor:
    """The dice of one position of the knobs: at every other position others are rolled, and others `again`."""
    return roll(1_000_000 * round(again) + 1000 * round(100 * mu + 150) + round(100 * sigma))


def throws() -> Explorer:
    """The machine and its cost z²: at each position of its knobs it throws anew, and there `again`."""
    objective = objectives.SQUARE

    def derive(mu: float, sigma: float, again: float) -> dict:
        z = mu + sigma * fresh(mu, sigma, again)
        return {"at": mu, "sigma": sigma, "z": z.numpy(), "costs": objective(z).numpy()}

    grid = torch.linspace(-dice.REACH, dice.REACH, 181, dtype=torch.float64)
    scene = dice.throws(grid.numpy(), objective(grid).numpy(), AIMS.numpy(), limits(objective), "cost")
    return Explorer(scene, derive, **knobs(), again=slider("throw again", 1, 1, 20, 1))


def band(objective: Objective = objectives.SQUARE, name: str = "cost", mu: float = 1.0) -> Explorer:
    """The machine with its dice kept: throws slide like marks on a rubber band; `again` rolls other dice."""

    def derive(mu: float, sigma: float, again: float) -> dict:
        eps, at, spread = roll(6 + round(again)), f64(mu), f64(sigma)
        z = at + spread * eps
        many = torch.stack([aim + spread * fresh(aim.item(), sigma) for aim in AIMS])
        mine = gradients.pathwise(objective, at, spread, eps).mu.mean().item()
        return {
            "at": mu,
            "sigma": sigma,
            "eps": eps.numpy(),
            "z": z.numpy(),
            "average": objective(z).mean().item(),
            "slopes": (mine, objective.gradient(at, spread).mu.item()),
            "kept_curve": objective(BETWEEN[:, None] + spread * eps).mean(-1).numpy(),
            "fresh_curve": objective(many).mean(-1).numpy(),
            "exact_curve": objective.mean(BETWEEN, spread).numpy(),
        }

    low, high = limits(objective)
    corners = [objective(aim + 1.5 * roll(6 + again)).mean() for aim in (-1.5, 1.5) for again in range(1, 21)]
    highest = max(corners).item()  # these dice may fall worse than the average of all
    scene = dice.band(AIMS.numpy(), BETWEEN.numpy(), (low, max(high, highest + 0.15 * (highest - low))), name)
    return Explorer(scene, derive, **knobs(mu), again=slider("roll number", 1, 1, 20, 1))


def computation_graph(mu: float, sigma: float, eps: float) -> Picture:
    """Both graphs of f(z) = z², with the numbers that autograd sends back for one ε."""
    slope = gradients.pathwise(torch.square, f64(mu), f64(sigma), f64(eps)).mu.item()
    return graph.computation_graph(mu, sigma, eps, slope)


def estimates(
    objective: Objective = objectives.SQUARE, reach: float = 17.0, mu: float = 1.0, repeats: int = 4000
) -> Explorer:
    """Both estimators of ∂/∂μ at the same dice, `repeats` times n throws, as histograms."""

    def derive(mu: float, sigma: float, n: float) -> dict:
        eps, at = roll(0, round(n) * repeats).reshape(repeats, -1), (f64(mu), f64(sigma))
        found = {name: estimate(objective, *at, eps).mu.mean(-1).numpy() for name, estimate in ESTIMATORS.items()}
        return {"truth": objective.gradient(*at).mu.item(), "n": round(n), **found}

    scene = pictures.estimates(torch.linspace(-reach, reach, 103, dtype=torch.float64).numpy())
    return Explorer(scene, derive, **knobs(mu), n=stops("throws n", 1, [1, 3, 10, 30]))


def baseline(mu: float = 1.0, sigma: float = 1.0, repeats: int = 20_000) -> Explorer:
    """The score function's estimates of ∂/∂μ E_q[z²] with a baseline b subtracted from every cost.

    The dice come in pairs ε and −ε, whose scores cancel: so the mean over them shows what b does on average, nothing.
    """
    bs, half = torch.linspace(0, 8, 81, dtype=torch.float64), roll(3, repeats // 2)
    eps = torch.cat([half, -half])
    variances = torch.tensor([objectives.score_variance_of_square(mu, sigma, b).mu for b in bs.tolist()])

    def derive(b: float) -> dict:
        found = gradients.score_function(torch.square, f64(mu), f64(sigma), eps, b).mu
        return {
            "at": b,
            "found": found.numpy(),
            "truth": 2 * mu,
            "now": objectives.score_variance_of_square(mu, sigma, b).mu,
        }

    lowest = objectives.pathwise_variance_of_square(mu, sigma).mu
    bins = torch.linspace(-12, 16, 85, dtype=torch.float64).numpy()
    scene = pictures.baseline(bins, bs.numpy(), variances.numpy(), lowest)
    return Explorer(scene, derive, b=slider("baseline b", 0.0, 0.0, 8.0, 0.1))


def over_sigma(mu: float = 1.0) -> Picture:
    """The variances of both estimators of ∂/∂μ E_q[z²] as q grows narrow or wide."""
    sigma = torch.logspace(-1.30103, 0.30103, 65, dtype=torch.float64)
    variances = (objectives.pathwise_variance_of_square, objectives.score_variance_of_square)
    pathwise, score = (np.array([of(mu, s).mu for s in sigma.tolist()]) for of in variances)
    return pictures.over_sigma(sigma.numpy(), pathwise, score, 1.0)


def over_samples(mu: float = 1.0, sigma: float = 1.0, wanted: float = 0.05, repeats: int = 200) -> Picture:
    """The standard error of n averaged estimates of ∂/∂μ E_q[z²], predicted and measured over `repeats` averages."""
    at, exact = (f64(mu), f64(sigma)), 2 * mu
    counts, variances, measured, needed = [1, 10, 100, 1000, 10_000], {}, {}, {}
    for name, estimator in zip(pictures.NAMES, ESTIMATORS.values(), strict=True):
        moments = gradients.moments(estimator, torch.square, *at)
        variances[name] = moments[1].mu.item()
        needed[name] = gradients.samples_needed(moments[1].mu, moments[0].mu, wanted).item()
        measured[name] = (counts, _errors(estimator, at, exact, counts, repeats))
    n = torch.logspace(0, 4, 41, dtype=torch.float64).numpy()
    return pictures.over_samples(n, exact, variances, measured, wanted, needed)


def _errors(
    estimator: Callable[..., Gradient], at: tuple[Tensor, Tensor], exact: float, counts: list[int], repeats: int
) -> list[float]:
    """For each n of `counts` the root mean square error of n averaged estimates, as a share of the exact gradient.

    A function of its own, so that its 32 MB are gone when the picture is drawn: mathtext keeps its callers' frames.
    """
    dice = roll(0, repeats * counts[-1]).reshape(repeats, -1)
    found = torch.empty_like(dice)
    for eps, into in zip(dice, found, strict=True):  # all at once would take 150 MB
        into.copy_(estimator(torch.square, *at, eps).mu)
    return [(found[:, :n].mean(-1) - exact).square().mean().sqrt().item() / abs(exact) for n in counts]


def climbs(
    model: ToyModel,
    x: float | Tensor,
    mu: float,
    sigma: float,
    rates: Sequence[float] = (0.001, 0.003, 0.01, 0.03),
    steps: int = 400,
) -> Explorer:
    """The ELBO climbed by both estimators with one throw a step, 20 runs each; the slider chooses the step size."""
    x_seen = f64(x)

    def run(estimator: Callable[..., Gradient], rate: float) -> np.ndarray:
        generator = torch.Generator().manual_seed(0)
        return gradients.climb(estimator, model, x_seen, mu, sigma, rate, generator, steps, every=5).elbo.numpy()

    found = {rate: {name: run(each, rate) for name, each in ESTIMATORS.items()} for rate in rates}
    log_evidence = model.log_evidence(x_seen).item()
    best = log_evidence - divergence.descend(model, x_seen, *gaussian_parameters(mu, sigma)).kl[-1].item()
    scene = pictures.climbs(np.arange(0, steps + 1, 5), log_evidence, best, -8.0)
    return Explorer(scene, lambda rate: {"rate": rate, **found[rate]}, rate=stops("step size", rates[0], list(rates)))


class Lines:
    """A derivation with a formula, its reason and its values by μ and by σ on each line."""

    def __init__(self, steps: list[Step]):
        self.steps = steps

    @staticmethod
    def _values(value: Gradient) -> str:
        return f"by μ {words.number(value.mu.item(), 4)}, by σ {words.number(value.sigma.item(), 4)}"

    def __repr__(self) -> str:
        return "\n".join(f"{step.why} {self._values(step.value)}" for step in self.steps)

    def _repr_markdown_(self) -> str:
        return "\n\n".join(f"$${step.latex}$$\n\n{step.why} **{self._values(step.value)}**" for step in self.steps)
