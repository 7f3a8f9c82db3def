"""Importance sampling seen: where it repairs naive Monte Carlo, and where it looks converged and is wrong."""

from collections.abc import Sequence

import numpy as np

from vae_helpers.figures import guess, style
from vae_helpers.figures.picture import Picture, Scene
from vae_helpers.figures.words import number

LOWEST, HIGHEST = -14.0, 4.0  # of the errors drawn, in nats
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def rough(value: float) -> str:
    """Two digits of a positive number that may be very large or very small."""
    if np.isinf(value):
        return "infinite"
    if value < 1e-9:
        return "0"
    if 0.01 <= value < 1000:
        return f"{float(f'{value:.2g}'):g}"
    digits, power = f"{value:.1e}".split("e")
    return f"{digits} × 10{str(int(power)).translate(SUPERSCRIPTS)}"


@style.applied()
def repair(dims, on_paper_prior) -> Scene:
    """Left the errors of many estimates of log p(x), from prior and from q; right their variances on paper, to D."""
    fig, (left, right) = style.panels(2, height=3.2, width_ratios=(1.5, 1))
    left.axvline(0, color=style.EVIDENCE, ls=style.INTRACTABLE, label="truth")
    options = {"ls": "", "marker": "o", "ms": 6, "alpha": 0.55, "mew": 0, "clip_on": False}
    (naive,) = left.plot([], [], color=style.PRIOR, label="draws from the prior", **options)
    (sharp,) = left.plot([], [], color=style.Q, label="draws from $q$", **options)
    left.set(xlim=(LOWEST, HIGHEST), ylim=(-0.6, 1.6), yticks=(1, 0), xlabel=r"$\log\hat p - \log p_\theta(x)$, nats")
    left.set_yticklabels(("prior", "$q$"))
    style.legend_above(left, 3)
    (ladder,) = right.semilogy([], [], color=style.PRIOR, label="prior")
    (curve,) = right.semilogy([], [], color=style.Q, label="$q$")
    ends = [right.plot([], [], "o", color=line.get_color(), ms=8, clip_on=False)[0] for line in (ladder, curve)]
    right.set(xlabel="dimension $D$", ylabel="relative variance of one draw", xlim=(dims[0], dims[-1]))
    right.set(ylim=(1e-3, 1e9), xticks=(1, 5, 10, 15, 20))
    style.legend_above(right)

    def move(dim: int, width: float, from_prior, from_q, on_paper) -> str:
        for artist, errors, level in ((naive, from_prior, 1), (sharp, from_q, 0)):
            heights = level + 0.5 * (np.arange(len(errors)) / len(errors) - 0.5)
            artist.set_data(np.clip(errors, LOWEST, HIGHEST), heights)
        at = list(dims).index(dim)
        ladder.set_data(dims[: at + 1], on_paper_prior[: at + 1])
        curve.set_data(dims[: at + 1], on_paper[: at + 1])
        both = on_paper_prior[at], on_paper[at]
        for end, value in zip(ends, both, strict=True):
            end.set_data(([dim], [value]) if 1e-3 < value < 1e9 else ([], []))
        off = ", below the picture" if on_paper[at] < 1e-3 else ", above the picture" if on_paper[at] > 1e9 else ""
        outside = ((from_prior < LOWEST) | (from_prior > HIGHEST)).sum()
        edge = f", {outside} of them beyond the edge" if outside else ""
        return (
            f"D = {dim}, q {width:.2f} times as wide as the posterior. Half of the {len(from_prior)} estimates are off "
            f"by more than {np.median(abs(from_prior)):.3f} nats (prior{edge}), {np.median(abs(from_q)):.3f} (q). "
            f"Relative variance of one draw, on paper: {rough(both[0])} (prior), {rough(both[1])} (q{off})."
        )

    return Scene(fig, [naive, sharp, ladder, curve, *ends], move)


@style.applied()
def proposals(z, density, drawn: Sequence[tuple[str, np.ndarray]]) -> Picture:
    """One panel a proposal: (name, its density on z) over the same posterior."""
    fig, panels = style.panels(3, rows=2, height=3.9, sharex=True, sharey=True)
    top = 1.1 * max(density.max(), *(q.max() for _, q in drawn))
    panels = panels.ravel()
    for axes, (name, q) in zip(panels, drawn, strict=False):
        guess.posterior(axes, z, density)
        axes.plot(z, q, color=style.Q)
        axes.set(ylim=(0, top), xlabel="", ylabel="")
        axes.set_title(name, fontsize=11)
    for axes in panels[len(drawn) :]:
        axes.axis("off")
        axes.plot([], [], color=style.POSTERIOR, ls=style.INTRACTABLE, label="posterior")
        axes.plot([], [], color=style.Q, label="proposal $q$")
        axes.legend(loc="center")
    for axes in panels[max(len(drawn) - 3, 0) : len(drawn)]:
        axes.set_xlabel(guess.Z_LABEL)
        axes.tick_params(labelbottom=True)
    peaks = z[1:-1][(density[1:-1] > density[:-2]) & (density[1:-1] > density[2:])]
    said = "; ".join(f"{name}, highest at z = {_highest(z, q)}" for name, q in drawn)
    count = f"{len(drawn)} proposal{'s' * (len(drawn) > 1)}"
    return Picture(fig, f"The posterior peaks at z = ±{number(peaks.max())}. Over it {count}: {said}.")


def _highest(z: np.ndarray, q: np.ndarray) -> str:
    """Where q is highest; of two mirror images both."""
    at = z[q.argmax()]
    return f"±{number(abs(at))}" if abs(at) > 0.05 and np.allclose(q, q[::-1], atol=1e-6) else number(at)


@style.applied()
def running(z, density, n: int, top: float) -> Scene:
    """Left q over the posterior; right the estimate of p(x), as a share of the truth, while the draws come in."""
    fig, (left, right) = style.panels(2, height=3.2, width_ratios=(1, 1.5))
    guess.posterior(left, z, density, label="posterior")
    (bell,) = left.plot([], [], color=style.Q, label="proposal $q$")
    left.set(ylim=(0, top))
    style.legend_above(left)
    truth = right.axhline(1, color=style.EVIDENCE, ls=style.INTRACTABLE, label="truth")  # over the band
    band = right.fill_between([10, n], [0, 0], color=style.Q, alpha=0.25, lw=0, label="± 2 errors")
    (line,) = right.plot([], [], color=style.Q, label="estimate")
    right.set(xscale="log", xlim=(10, n), ylim=(0, 2.2), xlabel="draws so far", ylabel=r"$\hat p / p_\theta(x)$")
    style.legend_above(right, 3)

    def move(q, share: float, draws, ratio, error) -> str:
        bell.set_data(z, q)
        line.set_data(draws, ratio)
        band.set_data(draws, ratio * (1 - 2 * error), ratio * (1 + 2 * error))
        high = " (it left the picture on the way)" if ratio.max() > 2.2 else ""
        return (
            f"{100 * share:g} % of the draws come from the prior. After {n} draws the estimate is {ratio[-1]:.2f} of "
            f"p(x){high}: {number(np.log(ratio[-1]))} nats. It reports an error of {100 * error[-1]:.1f} %."
        )

    return Scene(fig, [band, truth, line, bell], move)
