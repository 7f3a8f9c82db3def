"""Estimates of ∇ E_q[f]: histograms, variance over a baseline, over σ and over samples, and what they climb."""

import numpy as np

from vae_helpers.figures import style
from vae_helpers.figures.dice import KEPT
from vae_helpers.figures.picture import Picture, Scene
from vae_helpers.figures.words import listed, number, percent

PATHWISE, SCORE = KEPT, "#7F5539"
NAMES = ("pathwise", "score function")
COLOURS = dict(zip(NAMES, (PATHWISE, SCORE), strict=True))


TOP = 1.25  # of a heap whose tallest bar is 1: room for the bar of mean ± spread


def _heap(axes, bins, name: str, columns: int):
    """A histogram as a shape (its tallest bar is 1), the exact gradient, mean ± spread; and what moves them."""
    hatch = "///" if name == "score function" else None
    options = {"baseline": 0, "fill": True, "lw": 0, "fc": COLOURS[name], "hatch": hatch}
    bars = axes.stairs(np.zeros(len(bins) - 1), bins, label=name, **options)
    (exact,) = axes.plot([], [], color=style.DATA, lw=1.6, ls=style.INTRACTABLE, label="exact gradient")
    (spread,) = axes.plot([], [], color=style.DATA, lw=2, marker="|", ms=10, label="mean ± spread")
    axes.set(xlim=(bins[0], bins[-1]), ylim=(0, TOP), yticks=[], ylabel="how often")
    style.legend_above(axes, columns)

    def move(found, truth: float) -> tuple[float, float, str]:
        counts = np.histogram(np.clip(found, bins[0], bins[-1]), bins)[0]
        bars.set_data(counts / counts.max())
        exact.set_data([truth, truth], [0, TOP])
        mean, sd = found.mean(), found.std(ddof=1)
        spread.set_data([mean - sd, mean, mean + sd], [1.12] * 3)
        off = ((found < bins[0]) | (found > bins[-1])).mean()
        return mean, sd, f", {percent(off)} of them in the end bars" if off else ""

    return [bars, exact, spread], move


@style.applied()
def estimates(bins) -> Scene:
    """Histograms of many estimates, pathwise above and score function below, on one axis; the exact gradient a line."""
    fig, rows = style.panels(rows=2, height=3.9, sharex=True)
    heaps = {name: _heap(axes, bins, name, 3) for axes, name in zip(rows, NAMES, strict=True)}
    rows[1].set_xlabel(r"one estimate of the gradient by $\mu$ (the end bars: that far or farther)")

    def move(truth: float, n: int, **found) -> str:
        said = []
        for name, (_, show) in heaps.items():
            mean, sd, outside = show(found[name.split()[0]], truth)
            said.append(f"{name} {number(mean)} ± {number(sd)}{outside}")
        throws = f"{n} throws" if n > 1 else "a single throw"
        return (
            f"{len(found['score'])} estimates, each from {throws}, mean ± spread: {'; '.join(said)}. "
            f"The exact gradient is {number(truth)}."
        )

    return Scene(fig, [artist for artists, _ in heaps.values() for artist in artists], move)


@style.applied()
def baseline(bins, b, variance, lowest: float) -> Scene:
    """Left the score function's estimates with a baseline; right their variance over b, drawn up to that b."""
    fig, (left, right) = style.panels(2, height=3.2)
    heap, show = _heap(left, bins, "score function", 2)
    left.set_xlabel("one estimate of the gradient by $\\mu$\n(the end bars: that far or farther)")
    (curve,) = right.plot([], [], color=SCORE, label="score function")
    (here,) = right.plot([], [], "o", ms=9, color=SCORE, clip_on=False)
    right.axhline(lowest, color=PATHWISE, ls="-.", label="pathwise")
    right.set(xlabel="baseline $b$", ylabel="variance of one estimate", xlim=(b[0], b[-1]))
    right.set(ylim=(0, 1.1 * variance.max()))
    style.legend_above(right)

    def move(at: float, found, truth: float, now: float) -> str:
        mean, _, outside = show(found, truth)
        so_far = b <= at + 1e-9
        curve.set_data(b[so_far], variance[so_far])
        here.set_data([at], [now])
        return (
            f"With the baseline b = {number(at)} one estimate has a variance of {number(now)} (pathwise: "
            f"{number(lowest)}); the mean of {len(found)} of them, from dice in pairs ±ε, is {number(mean)}{outside}."
        )

    return Scene(fig, [*heap, curve, here], move)


@style.applied()
def over_sigma(sigma, pathwise, score, marked: float) -> Picture:
    """Variance of one estimate by μ over q's spread σ, on logarithmic axes; dots where the sentence reads it."""
    fig, axes = style.panels(height=3.2)
    read = [0, int(np.abs(sigma - marked).argmin())]
    axes.loglog(sigma, score, "-o", color=SCORE, markevery=read, clip_on=False, label="score function")
    axes.loglog(sigma, pathwise, "-.o", color=PATHWISE, markevery=read, clip_on=False, label="pathwise")
    ticks = [tick for tick in (0.05, 0.1, 0.2, 0.5, 1, 2) if sigma[0] <= tick <= sigma[-1]]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.set_xticks([], minor=True)
    axes.set(xlabel=r"spread $\sigma$ of $q$", ylabel="variance of one estimate", xlim=(sigma[0], sigma[-1]))
    style.legend_above(axes)
    said = "; ".join(f"at σ = {sigma[i]:.2g} score function {score[i]:.3g}, pathwise {pathwise[i]:.2g}" for i in read)
    return Picture(fig, f"Variance of one estimate by μ, lower is better: {said}.")


@style.applied()
def over_samples(n, gradient: float, variances: dict[str, float], measured, wanted: float, needed) -> Picture:
    """Relative standard error over the number of throws: lines √(v/n)/|gradient|, dots measured; logarithmic axes."""
    fig, axes = style.panels(height=3.2)
    lines, marks = {"pathwise": "-.", "score function": "-"}, {"pathwise": "o", "score function": "s"}
    for name, variance in variances.items():
        colour = COLOURS[name]
        axes.loglog(n, np.sqrt(variance / n) / abs(gradient), color=colour, ls=lines[name], label=f"{name}, predicted")
        axes.loglog(*measured[name], marks[name], color=colour, mfc="white", ms=8, label=f"{name}, measured")
        axes.plot([needed[name]] * 2, [wanted, 1e-3], color=colour, lw=1, ls=":")
    axes.axhline(wanted, color=style.DATA, lw=1, label=f"{wanted:.0%}")
    axes.set(xlabel="throws $n$ averaged for one estimate", ylabel="standard error / gradient")
    axes.set(xlim=(0.8 * n[0], 1.25 * n[-1]), ylim=(0.008, 4))
    style.legend_above(axes, 3)
    said = listed([f"{needed[name]:.0f} throws for the {name} estimator" for name in variances])
    return Picture(fig, f"A standard error of {wanted:.0%} of the gradient takes {said}.")


@style.applied()
def climbs(steps, log_evidence: float, best: float, floor: float) -> Scene:
    """The ELBO of many runs over their steps, pathwise left, score function right; lines at log p(x) and the best q."""
    fig, panels = style.panels(2, height=3.4, sharey=True)
    runs = {}
    for axes, name in zip(panels, NAMES, strict=True):
        axes.axhline(log_evidence, color=style.EVIDENCE, ls=style.INTRACTABLE, label=r"$\log p_\theta(x)$")
        axes.axhline(best, color=style.QUIET, lw=1, label="the best bell")
        axes.set(xlabel=f"steps, one throw each: {name}", xlim=(steps[0], steps[-1]), ylim=(floor, log_evidence + 0.6))
        runs[name] = [axes.plot([], [], color=COLOURS[name], lw=1, alpha=0.6)[0] for _ in range(20)]
        runs[name][0].set_label("one run")
        style.legend_above(axes, 3)
    panels[0].set_ylabel("ELBO (nats)")

    def move(rate: float, **elbo) -> str:
        said = []
        for name in NAMES:
            reached = elbo[name.split()[0]]
            for line, run in zip(runs[name], reached.T, strict=True):
                line.set_data(steps, run)
            # The middle of those still in the picture: where a lost run stops means nothing.
            arrived = reached[-1][reached[-1] >= floor]
            lost = reached.shape[1] - len(arrived)
            ends = f"{lost} of {reached.shape[1]}" if len(arrived) else f"all {lost}"
            ends = f"{ends} end below the picture" if lost else f"all {reached.shape[1]} end in the picture"
            whose = "the others’" if lost else "their"
            median = f"; {whose} median: {number(np.median(arrived))} nats" if len(arrived) else ""
            said.append(f"{name}, {ends}{median}")
        said = ". ".join(part[0].upper() + part[1:] for part in said)
        return f"Step size {rate:g}. {said}. The best bell: {number(best)}."

    return Scene(fig, [line for name in NAMES for line in runs[name]], move)
