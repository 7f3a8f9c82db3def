"""Naive Monte Carlo for p(x): darts thrown by the prior, what they carry, and how far the estimates scatter."""

import numpy as np
from matplotlib.patches import Rectangle

from vae_helpers.figures import style
from vae_helpers.figures.picture import Picture, Scene
from vae_helpers.figures.words import number, percent

LOWEST, HIGHEST = -32.0, 10.0  # log p̂ − log p in the picture of estimates


@style.applied()
def line(z, prior, likelihood, exact: float, most: int) -> Scene:
    """Left z's from the prior, each as high as it explains x; right the mean of the first 1, 2, … of these heights."""
    fig, (left, right) = style.panels(2, height=3.2)
    left.plot(z, prior, color=style.PRIOR, label="prior $p(z)$")
    left.plot(z, likelihood, color=style.LIKELIHOOD, label=r"$p_\theta(x|z)$, over $z$")
    (darts,) = left.plot([], [], "o", ms=3.5, mec="none", color=style.DATA, alpha=0.4, clip_on=False, label="darts")
    left.set(xlabel="latent $z$", ylabel="density", xlim=(z[0], z[-1]), ylim=(0, 0.9))
    style.legend_above(left, 3)
    right.axhline(exact, color=style.EVIDENCE, ls=style.INTRACTABLE, label=rf"$p_\theta(x)$ = {exact:.3f}")
    (running,) = right.plot([], [], color=style.DATA, lw=1.6, label="mean height so far")
    (last,) = right.plot([], [], "o", ms=6, color=style.DATA, clip_on=False)
    right.set(xscale="log", xlabel="darts $n$", xlim=(1, most), ylim=(0, 0.6), ylabel="estimate of $p_\\theta(x)$")
    style.legend_above(right, 2)

    def move(at, height) -> str:
        n = len(at)
        inside = np.abs(at) <= z[-1]
        darts.set_data(at[inside], height[inside])
        means = np.cumsum(height) / np.arange(1, n + 1)
        running.set_data(np.arange(1, n + 1), means)
        last.set_data([n], means[-1:])
        return (
            f"{n} dart{'s' * (n > 1)} from the prior: the mean height is {means[-1]:.3f}, the true p(x) {exact:.3f}: "
            f"{percent(abs(means[-1] / exact - 1))} off."
        )

    return Scene(fig, [darts, running, last], move)


@style.applied()
def board(target: tuple[float, float, float], chance: float, carriers: int) -> Scene:
    """Left the first two coordinates of darts, and the target; right what each of the largest terms is of the sum.

    target: its middle (z₁, z₂) and half its side; `chance`: of one coordinate to hit.
    """
    z1, z2, half = target
    fig, (left, right) = style.panels(2, height=3.9, width_ratios=(1.15, 1))
    style.rings(left)
    left.plot([], [], color=style.PRIOR, lw=1.5, label="prior, 1 and 2 spreads")
    left.add_patch(Rectangle((z1 - half, z2 - half), 2 * half, 2 * half, fc=style.LIKELIHOOD, alpha=0.3, zorder=0))
    (missed,) = left.plot([], [], ".", ms=3.5, mec="none", color=style.QUIET, label="miss")
    (hit,) = left.plot([], [], "o", ms=6, mec="white", mew=0.6, color=style.DATA, label="hit, in all $D$ coordinates")
    left.set(xlim=(-3.2, 3.2), ylim=(-3.2, 3.2), aspect="equal", xlabel="$z_1$", ylabel="$z_2$")
    left.grid(False)
    style.legend_above(left)
    bars = right.bar(np.arange(1, carriers + 1), np.zeros(carriers), color=style.EVIDENCE)
    right.set(ylim=(0, 1), xlabel="the darts that carry most", ylabel="share of the sum", xticks=[1, carriers])
    right.set_title("how much of the estimate is one dart?", fontsize=11)

    def move(z, hits, shares) -> str:
        n, dim = z.shape
        seen = (np.abs(z[:, :2]) < 3.2).all(1)
        missed.set_data(*z[seen & ~hits, :2].T)
        hit.set_data(*z[seen & hits, :2].T)
        for bar, share in zip(bars, shares, strict=True):
            bar.set_height(share)
        off = (~seen).sum()
        beside = f" ({off} beside the board)" if off else ""
        return (
            f"{n} darts in {dim} dimensions{beside}: {hits.sum()} hit ({expected(n * chance**dim)} to be expected), "
            f"and the best dart alone carries {percent(shares[0])} of the estimate."
        )

    return Scene(fig, [missed, hit, *bars], move)


def expected(count: float) -> str:
    """A count that was to be expected: 229, 24.8, 0.61, or one in how many such throws."""
    if count >= 0.1:
        return f"{count:.0f}" if count >= 100 else f"{count:.1f}"
    return f"one in {round(1 / count, -int(np.log10(1 / count))):,.0f} such throws".replace(",", " ")


@style.applied()
def spread(dims, ns, closed, measured) -> Scene:
    """Left many estimates, log p̂ − log p; right the relative variance of p̂ over D: closed form, and as they show it.

    `closed`, `measured`: [dims, ns]. The axes end where single estimates may lie outside: the sentence counts them.
    """
    fig, (left, right) = style.panels(2, height=3.4, width_ratios=(1.25, 1))
    left.axvline(0, color=style.EVIDENCE, ls=style.INTRACTABLE, label=r"$\log p_\theta(x)$ itself")
    (dots,) = left.plot([], [], "o", ms=4, mec="none", color=style.QUIET, alpha=0.6, clip_on=False, label="estimate")
    (mean,) = left.plot([], [], color=style.DATA, lw=1.6, label="their mean")
    left.set(xlim=(LOWEST, HIGHEST), ylim=(0, 1), yticks=[], xlabel=r"$\log\hat p - \log p_\theta(x)$ (nats)")
    left.grid(axis="y", visible=False)
    style.legend_above(left, 3)
    (curve,) = right.plot([], [], color=style.EVIDENCE, marker=".", label="$(R^D-1)/n$")
    (seen,) = right.plot([], [], "D", ms=6, mfc="none", mew=1.6, color=style.DATA, label="as the estimates show it")
    (here,) = right.plot([], [], "o", ms=12, mfc="none", mew=2, color=style.DATA)
    right.set(yscale="log", ylim=(1e-5, 1e8), xlim=(0, dims[-1] + 1), xticks=dims)
    right.set(xlabel="dimensions $D$", ylabel=r"relative variance of $\hat p$")
    style.legend_above(right)
    height = np.random.default_rng(0).uniform(0.05, 0.95, 100_000)

    def move(i: int, j: int, off) -> str:
        dots.set_data(np.clip(off, LOWEST, HIGHEST), height[: len(off)])
        mean.set_data([max(off.mean(), LOWEST)] * 2, [0, 1])
        curve.set_data(dims[: i + 1], closed[: i + 1, j])  # no more than was reached
        seen.set_data(dims[: i + 1], measured[: i + 1, j])
        here.set_data([dims[i]], [closed[i, j]])
        beside = ((off < LOWEST) | (off > HIGHEST)).sum()
        cut = f", {beside} of them beside the picture" if beside else ""
        return (
            f"{len(off)} estimates of log p(x) from {ns[j]} draw{'s' * (ns[j] > 1)} each in {dims[i]} "
            f"dimension{'s' * (dims[i] > 1)}{cut}: spread {off.std(ddof=1):.2f} nats, on average "
            f"{number(abs(off.mean()))} too {'low' if off.mean() < 0 else 'high'}. Relative variance of p̂: "
            f"{figures(closed[i, j])} by the formula, {figures(measured[i, j])} as they show it."
        )

    return Scene(fig, [dots, mean, curve, seen, here], move)


def figures(value: float) -> str:
    """Two significant figures, without an exponent up to a million."""
    if value >= 1e6:
        return f"{value / 1e6:,.1f} million".replace(",", " ")
    return f"{value:.2g}" if value < 10 else f"{float(f'{value:.2g}'):,.0f}".replace(",", " ")


@style.applied()
def bias(ns, rows: list[tuple[int, np.ndarray, np.ndarray, np.ndarray]]) -> Picture:
    """How much too low log p̂ is on average, over n, a panel a row: D, the shortfall (nats), its error, (R^D − 1)/2n."""
    fig, panels = style.panels(len(rows), height=3.0, sharey=True, squeeze=False)
    said = []
    for axes, (dim, short, error, rule) in zip(panels[0], rows, strict=True):
        axes.plot(ns, rule, color=style.EVIDENCE, ls=":", label="the rule")
        axes.errorbar(ns, short, 3 * error, color=style.DATA, marker="o", ms=5, lw=1.2, capsize=3, label="measured")
        axes.set(xscale="log", yscale="log", xlabel="draws $n$", ylim=(3e-3, 1e4))
        axes.annotate(f"$D$ = {dim}", (1, 1), (0, -14), "axes fraction", "offset points", ha="right")
        last = np.flatnonzero(np.isfinite(short))[-1]
        said.append(
            f"D = {dim}: {figures(short[0])} nats from one draw (rule {figures(rule[0])}), {figures(short[last])} from "
            f"{ns[last]} ({figures(rule[last])})"
        )
    panels[0][0].set_ylabel(r"$\log\hat p$ is too low by (nats)")
    style.legend_above(panels[0][0])
    return Picture(fig, f"How much too low log p̂ is on average. {'; '.join(said)}.")
