"""Throws of q = N(μ, σ²) and what they cost on average: fresh dice at each place of the knobs, or kept ones."""

import numpy as np

from vae_helpers.figures import style
from vae_helpers.figures.picture import Scene
from vae_helpers.figures.words import number

REACH = 4.5  # of the axis of z
AIM = r"aim $\mu$"
KEPT = "#332288"  # dice kept: also the colour of the pathwise estimator


def _average(axes, mu, limits, name: str) -> None:
    axes.set(xlabel=AIM, ylabel=f"average {name}", xlim=(mu[0], mu[-1]), ylim=limits)


def _outside(z) -> str:
    """How many throws the picture does not show."""
    count = int((np.abs(z) > REACH).sum())
    return f" ({count} of them outside the picture)" if count else ""


@style.applied()
def throws(grid, cost, mu, limits, name: str) -> Scene:
    """Left the throws on the curve of their costs; right their average, one dot over the aim μ."""
    fig, (left, right) = style.panels(2, height=2.7)
    left.plot(grid, cost, color=style.QUIET, label=f"{name} of a throw, $z^2$")
    left.axvline(0, color=style.DATA, lw=1, ls=":", label="target")
    left.set(xlabel="where a throw lands, $z$", ylabel=name, xlim=(-REACH, REACH), ylim=(-0.6, 12))
    (dots,) = left.plot([], [], "o", color=style.Q, alpha=0.7, label="throws")
    style.legend_above(left, 3)
    _average(right, mu, limits, name)
    (mean,) = right.plot([], [], "o", ms=9, color=style.Q, clip_on=False)

    def move(at: float, sigma: float, z, costs) -> str:
        dots.set_data(z, costs)
        mean.set_data([at], [costs.mean()])
        above = " (above the picture)" if costs.mean() > limits[1] else ""
        return (
            f"Aim μ = {number(at)}, wobble σ = {number(sigma)}: {len(z)} throws{_outside(z)} have an average {name} of "
            f"{number(costs.mean())}{above}."
        )

    return Scene(fig, [dots, mean], move)


@style.applied()
def band(mu, between, limits, name: str) -> Scene:
    """Left the dice ε and where each throw z = μ + σε lands; right the average over μ: these dice kept, fresh, exact.

    The fresh ones are known at `mu`, the other two curves at `between`.
    """
    fig, (left, right) = style.panels(2, height=3.2)
    left.set(xlim=(-REACH, REACH), ylim=(-0.25, 1.25), yticks=[0, 1], xlabel=r"$\varepsilon$, and $z$, on one scale")
    left.set_yticklabels([r"throw $z$", r"die $\varepsilon$"])
    rods = [left.plot([], [], color=style.QUIET, lw=1)[0] for _ in range(20)]
    bands = [left.plot([], [], color=style.Q, lw=7, alpha=0.25, solid_capstyle="round")[0] for _ in range(2)]
    (dice,) = left.plot([], [], "|", ms=13, mew=2, color=style.DATA, label=r"dice $\varepsilon$")
    (landed,) = left.plot([], [], "o", ms=7, color=style.Q, label=r"$z=\mu+\sigma\varepsilon$")
    style.legend_above(left)
    _average(right, mu, limits, name)
    (fresh,) = right.plot([], [], color=style.QUIET, lw=1, label="fresh dice")
    (truth,) = right.plot([], [], color=style.DATA, lw=1.6, ls=style.INTRACTABLE, label="all dice")
    (kept,) = right.plot([], [], color=KEPT, label="these dice")
    (slope,) = right.plot([], [], color=style.Q, lw=3)
    (here,) = right.plot([], [], "o", ms=9, color=style.Q, clip_on=False)
    style.legend_above(right, 3)
    half = 0.12 * (mu[-1] - mu[0])

    def move(at, sigma, eps, z, average, slopes, kept_curve, fresh_curve, exact_curve) -> str:
        for i, rod in enumerate(rods):
            rod.set_data(([eps[i], z[i]], [1, 0]) if i < len(z) else ([], []))
        for stretched, marks, height in zip(bands, (eps, z), (1, 0), strict=True):
            stretched.set_data([marks.min(), marks.max()], [height, height])
        dice.set_data(eps, np.ones_like(eps))
        landed.set_data(z, np.zeros_like(z))
        fresh.set_data(mu, fresh_curve)
        kept.set_data(between, kept_curve)
        truth.set_data(between, exact_curve)
        mine, exact = slopes
        slope.set_data([at - half, at + half], [average - half * mine, average + half * mine])
        here.set_data([at], [average])
        above = " (above the picture)" if average > limits[1] else ""
        return (
            f"Aim μ = {number(at)}, wobble σ = {number(sigma)}: these {len(z)} throws{_outside(z)} have an average "
            f"{name} of {number(average)}{above}. With their dice kept it changes by {number(mine)} per unit of μ; "
            f"over all dice by {number(exact)}."
        )

    return Scene(fig, [*rods, *bands, dice, landed, fresh, truth, kept, slope, here], move)
