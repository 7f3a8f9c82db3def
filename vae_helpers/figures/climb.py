"""Pictures of L while it is climbed: by q's parameters φ, by the model's θ, in turns, and over a data set."""

import numpy as np
from matplotlib.colors import BoundaryNorm, LinearSegmentedColormap

from vae_helpers.figures import guess, style
from vae_helpers.figures.elbo import LEVEL, LINE, NATS, gap_bar, line
from vae_helpers.figures.picture import Scene
from vae_helpers.figures.words import number

GAPS = np.array(
    [250, 120, 60, 30, 16, 8, 6, 5, 4, 3.5, 3, 2.6, 2.32, 2, 1.6, 1.2, 0.9]
)  # nats: contours of the surface
HEIGHTS = LinearSegmentedColormap.from_list("heights", ["#ffffff", "#fdebdf", "#f5b58d", style.Q, "#7a3600"])


@style.applied()
def climb(mu, sigma, surface, log_evidence: float | int, steps: int) -> Scene:
    """Left the surface of L over (μ, log σ) and the way climbed on it; right L over the steps, under log p(x).

    `surface` has shape [sigma, mu].
    """
    fig, (left, right) = style.panels(2, height=3.7, width_ratios=(1.5, 1))
    levels = log_evidence - GAPS
    colours = BoundaryNorm(levels, HEIGHTS.N, extend="both")
    filled = left.contourf(mu, sigma, surface, levels, cmap=HEIGHTS, norm=colours, extend="both")
    left.contour(mu, sigma, surface, levels, colors=style.QUIET, linewidths=0.5, linestyles="solid")
    bar = fig.colorbar(filled, ax=left, ticks=levels[::2], pad=0.02)
    bar.ax.set_yticklabels([number(height, 0 if height < -9 else 1) for height in levels[::2]], fontsize=9)
    bar.ax.set_title("$\\mathcal{L}$ (nats,\nuneven steps)", fontsize=9)
    left.set(xlabel=r"mean $\mu$ of $q$", ylabel=r"spread $\sigma$ of $q$ (log scale)", yscale="log")
    left.set_yticks([0.1, 0.2, 0.5, 1], ["0.1", "0.2", "0.5", "1"])
    left.minorticks_off()
    left.grid(False)
    (way,) = left.plot([], [], color=style.DATA, lw=1.5, marker=".", ms=5)
    (here,) = left.plot([], [], "o", ms=9, mfc="white", mec=style.DATA, mew=2)
    (ended,) = left.plot([], [], "x", ms=8, color=style.DATA, mew=2)
    low = log_evidence - 9
    line(right, log_evidence)
    gap = gap_bar(right)
    (below,) = right.plot([], [], "v", color=style.Q, ms=9)
    (climbed,) = right.plot([], [], color=style.Q, marker=".", ms=5, label=LEVEL)
    right.set(xlabel="steps", ylabel=NATS, xlim=(-0.5, steps + 0.5), ylim=(low, log_evidence + 1))
    style.legend_above(right, 3)

    def move(path_mu, path_sigma, elbo, ends_mu, ends_sigma) -> str:
        ended.set_data(ends_mu, ends_sigma)
        way.set_data(path_mu, path_sigma)
        here.set_data(path_mu[-1:], path_sigma[-1:])
        climbed.set_data(np.arange(len(elbo)), elbo)
        at = len(elbo) - 1
        gap.set_data([at, at], [elbo[-1], log_evidence])
        below.set_data(([at], [low + 0.2]) if elbo[-1] < low else ([], []))
        off = " (below the right-hand picture)" if elbo[-1] < low else ""
        level, top = round(float(elbo[-1]), 3), round(log_evidence, 3)
        return (
            f"After {at} step{'s' * (at != 1)}: μ = {number(path_mu[-1])}, σ = {path_sigma[-1]:.2f}, "
            f"L = {number(level, 3)} nats{off}, {number(top - level, 3)} below log p(x) = {number(top, 3)}."
        )

    return Scene(fig, [way, here, ended, gap, below, climbed], move)


def _model_axes(z, slopes, low: float | int, top: float | int, tallest: float | int):
    """Left q and a posterior that moves; right nats over the slope a."""
    fig, (left, right) = style.panels(2, height=3.3)
    (truth,) = left.plot([], [], color=style.POSTERIOR, ls=style.INTRACTABLE, label=r"posterior $p_\theta(z|x)$")
    truth.set_zorder(2.5)  # its dashes stay in sight where q is the posterior
    (bell,) = left.plot([], [], color=style.Q, label="guess $q$")
    left.set(xlabel=guess.Z_LABEL, ylabel=guess.DENSITY_LABEL, xlim=(z[0], z[-1]), ylim=(0, tallest))
    style.legend_above(left)
    right.set(
        xlabel=r"slope $a$ of the model, its $\theta$", ylabel=NATS, xlim=(slopes[0], slopes[-1]), ylim=(low, top)
    )
    return fig, right, truth, bell


@style.applied()
def theta(z, q, slopes, elbo, log_evidence) -> Scene:
    """q stays and the model's slope moves: left the posterior, right L and log p(x), drawn up to that slope."""
    fig, right, truth, bell = _model_axes(z, slopes, -3, -1.2, 2.0)
    bell.set_data(z, q)
    (evidence,) = right.plot([], [], color=style.EVIDENCE, ls=style.INTRACTABLE, label=LINE)
    (level,) = right.plot([], [], color=style.Q, label=LEVEL)
    gap = gap_bar(right)
    (ends,) = right.plot([], [], "o", ms=7, color=style.DATA, clip_on=False)
    style.legend_above(right, 3)

    def move(at: float | int, posterior) -> str:
        truth.set_data(z, posterior)
        so_far, i = slopes <= at + 1e-9, np.abs(slopes - at).argmin()
        evidence.set_data(slopes[so_far], log_evidence[so_far])
        level.set_data(slopes[so_far], elbo[so_far])
        gap.set_data([at, at], [elbo[i], log_evidence[i]])
        ends.set_data([at, at], [elbo[i], log_evidence[i]])
        low, top = round(elbo[i], 3), round(log_evidence[i], 3)
        return (
            f"At a = {at:.2f}: L = {number(low, 3)} nats, log p(x) = {number(top, 3)}, and the gap between them is "
            f"{number(top - low, 3)}."
        )

    return Scene(fig, [truth, evidence, level, gap, ends, bell], move)


@style.applied()
def turns(z, slopes, log_evidence) -> Scene:
    """EM: q becomes the posterior and L touches log p(x); then the slope climbs L with q held fixed; and again."""
    fig, right, truth, bell = _model_axes(z, slopes, -2.4, -1.3, 1.2)
    right.plot(slopes, log_evidence, color=style.EVIDENCE, ls=style.INTRACTABLE, label=LINE)
    (level,) = right.plot([], [], color=style.Q, label=r"$\mathcal{L}$ over $a$, with this $q$")
    (way,) = right.plot([], [], color=style.DATA, lw=1.2, label="the way")
    gap = gap_bar(right)
    (here,) = right.plot([], [], "o", ms=9, mfc="white", mec=style.DATA, mew=2)
    style.legend_above(right)

    def move(q, posterior, curve, way_slopes, way_levels, done: int, evidence: float | int) -> str:
        bell.set_data(z, q)
        truth.set_data(z, posterior)
        level.set_data(slopes, curve)
        way.set_data(way_slopes, way_levels)
        here.set_data(way_slopes[-1:], way_levels[-1:])
        at, height = way_slopes[-1], way_levels[-1]
        gap.set_data([at, at], [height, evidence])
        low, top = round(float(height), 3), round(evidence, 3)
        last = "the slope has climbed, q held fixed" if done % 2 else "q is the posterior, and L touches the line"
        return (
            f"After {done} turn{'s' * (done != 1)}, {last}: a = {at:.3f}, L = {number(low, 3)} nats, log p(x) = "
            f"{number(top, 3)}, gap {number(top - low, 3)}."
        )

    return Scene(fig, [truth, bell, level, way, gap, here], move)


@style.applied()
def minibatches(total: float | int, examples: int, bins) -> Scene:
    """Estimates of L over a data set from every possible minibatch of one size; the full sum is a line."""
    fig, axes = style.panels(height=2.8)
    full = axes.axvline(total, color=style.DATA, lw=1.5, label=f"the sum over all {examples}: {number(total, 3)} nats")
    bars = axes.stairs(0 * bins[:-1], bins, baseline=0, fill=True, fc=style.Q, alpha=0.75, lw=0)
    (mean,) = axes.plot([], [], "D", ms=9, color=style.DATA, mfc="white", mew=2, label="mean of the estimates")
    axes.set(xlabel="estimate of the sum (nats)", ylabel="minibatches, their share")
    axes.set(xlim=(bins[0], bins[-1]), ylim=(-0.06, 1.02))
    style.legend_above(axes)

    def move(estimates, size: int) -> str:
        bars.set_data(np.histogram(estimates, bins)[0] / len(estimates))
        mean.set_data([estimates.mean()], [0])
        many = f"all {len(estimates)} possible minibatches" if len(estimates) > 1 else "the one possible minibatch"
        return (
            f"From {many} of {size}: the estimates run from {number(estimates.min())} to {number(estimates.max())}, "
            f"and their mean is {number(estimates.mean(), 3)} nats."
        )

    return Scene(fig, [bars, full, mean], move)  # the line stands over the bars
