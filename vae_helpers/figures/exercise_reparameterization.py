"""The throws of a learner's function under the bell that they should come from, and what it says of each die."""

import math

import numpy as np
from torch import Tensor

from vae_helpers.figures import style
from vae_helpers.figures.exercise import rings_on_line
from vae_helpers.figures.picture import Picture


@style.applied()
def heap(z: Tensor, mu: float, sigma: float) -> Picture:
    """A histogram of the throws `z` [n], and the bell N(μ, σ²) as a line."""
    fig, axes = style.panels(height=2.6)
    bins = np.linspace(mu - 4 * sigma, mu + 4 * sigma, 49)
    counts = np.histogram(z, bins)[0]
    axes.stairs(counts / counts.sum() / (bins[1] - bins[0]), bins, fill=True, color=style.Q, alpha=0.4, label="yours")
    line = np.linspace(bins[0], bins[-1], 200)
    bell = np.exp(-0.5 * ((line - mu) / sigma) ** 2) / (sigma * math.sqrt(2 * math.pi))
    axes.plot(line, bell, color=style.QUIET, label=f"the bell, μ = {mu:g}, σ = {sigma:g}")
    axes.set(xlabel="$z$", ylabel="how often", yticks=[], xlim=(bins[0], bins[-1]))
    style.legend_above(axes)
    within = ((z - mu).abs() < sigma).double().mean().item()
    return Picture(
        fig,
        f"{len(z)} throws of yours with μ = {mu:g} and σ = {sigma:g} (heap), and the bell itself (line): mean "
        f"{z.mean().item():.2g}, spread {z.std().item():.1g}, about {round(100 * within / 5) * 5}% within one σ of μ.",
    )


@style.applied()
def over_the_die(eps: Tensor, yours: list[Tensor], reference: list[Tensor], f: str) -> Picture:
    """Estimates by μ and by σ over ε, all [m]: the reference as a line, the learner's as rings on it."""
    fig, both = style.panels(2, height=2.6)
    said = []
    for axes, knob, came, wanted in zip(both, "μσ", yours, reference, strict=True):
        rings_on_line(axes, eps, came, wanted, size=5)
        axes.set(xlabel="the die ε", ylabel=f"estimate by {knob}")
        low, high = (f"{end:.4g}".replace("-", "−") for end in (wanted.min().item(), wanted.max().item()))
        said.append(f"by {knob} from {low} to {high}")
    style.legend_above(both[0])
    return Picture(
        fig,
        f"Yours (rings) on the reference (line) for {len(eps)} dice, with {f}: {' and '.join(said)}.",
    )
