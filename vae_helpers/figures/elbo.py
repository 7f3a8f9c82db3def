"""Pictures of the ELBO for one x: a level under the line at log p(x), what it is made of, and why it is a bound."""

import numpy as np
from matplotlib.lines import Line2D

from vae_helpers.figures import guess, style
from vae_helpers.figures.picture import Picture, Scene
from vae_helpers.figures.words import number

NATS = "nats, higher is better"
LEVEL, LINE, GAP = r"level $\mathcal{L}$", r"$\log p_\theta(x)$", r"gap $D_{\rm KL}$"
Q_LABEL = r"guess $q_\phi(z|x)$"
ROOM = 10.0  # nats under the line; a level below that is marked and said


def named(mu: float | int, sigma: float | int) -> str:
    """q as a sentence calls it."""
    return f"q = N({number(mu)}, {number(sigma)}²)"


def line(axes, log_evidence: float | int) -> None:
    """log p(x): dashed, because a network could not compute it, and part of the background: it never moves."""
    axes.axhline(log_evidence, color=style.EVIDENCE, ls=style.INTRACTABLE, label=LINE)


def gap_bar(axes, label: str | None = GAP) -> Line2D:
    """The gap, a bar in dashes: a network could not compute it either."""
    (bar,) = axes.plot([], [], color=style.POSTERIOR, lw=6, ls=(0, (0.6, 0.3)), alpha=0.7, label=label)
    bar.set_dash_capstyle("butt")
    return bar


def levels_axes(axes, log_evidence: float | int, top: float = 1.5) -> tuple:
    """The line at log p(x), and what moves under it: level, gap, and the mark of a level below the picture."""
    low = log_evidence - ROOM
    line(axes, log_evidence)
    gap = gap_bar(axes)
    (bar,) = axes.plot([], [], color=style.Q, lw=4, solid_capstyle="butt", label=LEVEL)
    (below,) = axes.plot([], [], "v", color=style.Q, ms=11)
    axes.set(ylabel=NATS, xlim=(0, 1), xticks=[], ylim=(low, log_evidence + top))

    def show(elbo: float | int, kl: float | int, at: float | int) -> str:
        off = elbo < low
        bar.set_data(([], []) if off else ([0, 1], [elbo, elbo]))
        gap.set_data([at, at], [elbo, elbo + kl])
        below.set_data(([at], [low + 0.25]) if off else ([], []))
        return " (below the picture)" if off else ""

    return [gap, bar, below], show


@style.applied()
def two_levels(before: float | int, after: float | int) -> Picture:
    """The only number that somebody could compute, before and after."""
    fig, axes = style.panels(width=5.6, height=1.8)
    for at, (name, value) in enumerate((("before", before), ("after", after))):
        axes.plot([at - 0.3, at + 0.3], [value, value], color=style.Q, lw=5, solid_capstyle="butt")
        axes.annotate(
            f"{name}: {number(value, 3)}", (at, value), (0, 8), textcoords="offset points", ha="center", fontsize=12
        )
    axes.set(xlim=(-0.6, 1.6), xticks=[], ylim=(before - 0.05, after + 0.07), ylabel=NATS)
    return Picture(fig, f"The level stood at {number(before, 3)} nats before, and stands at {number(after, 3)} after.")


@style.applied()
def level(z, density, log_evidence: float | int) -> Scene:
    """Left q over p; right the level L, the gap above it, and the line at log p(x)."""
    fig, (left, right) = style.panels(2, height=3.3, width_ratios=(1.5, 1))
    guess.posterior(left, z, density)
    (bell,) = left.plot([], [], color=style.Q, label=Q_LABEL)
    left.set(ylim=(0, guess.LOW_TOP))
    style.legend_above(left)
    moving, show = levels_axes(right, log_evidence)
    style.legend_above(right)

    def move(q, mu: float | int, sigma: float | int, elbo: float | int, kl: float | int) -> str:
        bell.set_data(z, q)
        off = show(elbo, kl, 0.5)
        total = round(elbo + kl, 4)
        below = round(elbo, 4)  # the gap shown is the difference of the numbers shown
        return (
            f"With {named(mu, sigma)}{guess.cut(q)} the level L stands at {number(below, 4)} nats{off}; the gap D_KL "
            f"above it is {number(total - below, 4)}: together {number(total, 4)}, the line at log p(x)."
        )

    return Scene(fig, [bell, *moving], move)


@style.applied()
def terms(z, prior, likelihood, log_evidence: float | int) -> Scene:
    """L as reconstruction minus price: left q between prior and likelihood, right the way down from one to L."""
    fig, (left, right) = style.panels(2, height=3.4, width_ratios=(1.2, 1))
    left.plot(z, prior, color=style.PRIOR, label="prior $p(z)$")
    left.plot(z, likelihood, color=style.LIKELIHOOD, label=r"likelihood $p_\theta(x|z)$")
    (bell,) = left.plot([], [], color=style.Q, label="guess $q$")
    left.set(xlabel=guess.Z_LABEL, ylabel="density, of $z$ or of $x$", xlim=(z[0], z[-1]), ylim=(0, guess.LOW_TOP))
    style.legend_above(left)
    moving, show = levels_axes(right, log_evidence, top=2.5)
    (explained,) = right.plot([], [], color=style.LIKELIHOOD, lw=4, solid_capstyle="butt", label="reconstruction")
    (price,) = right.plot([], [], color=style.PRIOR, lw=6, solid_capstyle="butt", label="price")
    style.legend_above(right)

    def move(
        q, mu: float | int, sigma: float | int, reconstruction: float | int, paid: float | int, kl: float | int
    ) -> str:
        bell.set_data(z, q)
        elbo = reconstruction - paid
        off = show(elbo, kl, 0.75)
        explained.set_data([0, 0.5], [reconstruction, reconstruction])
        price.set_data([0.25, 0.25], [elbo, reconstruction])
        first, second = round(reconstruction, 2), round(paid, 2)  # so that the numbers shown add up
        where = "above" if reconstruction > log_evidence else "below"
        return (
            f"With {named(mu, sigma)}{guess.cut(q)} the reconstruction is {number(first)} nats, {where} the line; "
            f"minus the price {number(second)}: L = {number(first - second)} nats{off}."
        )

    return Scene(fig, [bell, *moving, explained, price], move)


@style.applied()
def over_prior(z, prior) -> Scene:
    """One q over the prior, small enough to stand beside the lines of a derivation."""
    top = 1.2
    fig, axes = style.panels(width=4.2, height=2.6)
    axes.fill_between(z, prior, color=style.PRIOR, alpha=0.13, lw=0)
    axes.plot(z, prior, color=style.PRIOR, label=r"prior $p(z)$")
    (bell,) = axes.plot([], [], color=style.Q, label="guess $q(z)$")
    axes.set(xlabel=guess.Z_LABEL, ylabel=guess.DENSITY_LABEL, xlim=(z[0], z[-1]), ylim=(0, top))
    style.legend_above(axes)

    def move(q, mu: float | int, sigma: float | int) -> str:
        bell.set_data(z, q)
        cut = " (the picture cuts off the top of q)" if q.max() > top else ""
        return f"The guess {named(mu, sigma)} over the prior N(0, 1){cut}."

    return Scene(fig, [bell], move)


@style.applied()
def squeeze(z, density, sigma, energy, entropy, log_evidence: float | int) -> Scene:
    """Left q over p; right over σ, drawn from wide down to q's: E_q[log p(x, z)], q's entropy, and their sum L."""
    low, total = -10, energy + entropy
    fig, (left, right) = style.panels(2, height=3.5, width_ratios=(1, 1.5))
    guess.posterior(left, z, density)
    (bell,) = left.plot([], [], color=style.Q, label="guess $q$")
    left.set(ylim=(0, guess.LOW_TOP))
    style.legend_above(left)
    line(right, log_evidence)
    curves = {
        r"$\mathbb{E}_q[\log p_\theta(x,z)]$": (energy, style.JOINT, "-"),
        r"entropy of $q$": (entropy, style.QUIET, "-"),
        r"their sum $\mathcal{L}$": (total, style.Q, "-"),
    }
    lines = [right.plot([], [], color=colour, ls=ls, label=label)[0] for label, (_, colour, ls) in curves.items()]
    dots = [right.plot([], [], "o", ms=8, color=colour, clip_on=False, zorder=5)[0] for _, colour, _ in curves.values()]
    right.set(
        xscale="log",
        xlim=(sigma[0] / 1.15, 1.15 * sigma[-1]),
        ylim=(low, 2),
        ylabel=NATS,
        xlabel=r"spread $\sigma$ of $q$",
    )
    right.set_xticks([0.01, 0.03, 0.1, 0.3], ["0.01", "0.03", "0.1", "0.3"])
    right.minorticks_off()
    style.legend_above(right)

    def move(q, at: float | int) -> str:
        bell.set_data(z, q)
        so_far, i = sigma >= at * (1 - 1e-9), np.abs(sigma - at).argmin()
        for curve, dot, (values, *_) in zip(lines, dots, curves.values(), strict=True):
            curve.set_data(sigma[so_far], values[so_far])
            dot.set_data([at], [values[i]])
        mean, spread = round(energy[i], 2), round(entropy[i], 2)  # so that the numbers shown add up
        off = " (below the picture)" if total[i] < low else ""
        return (
            f"At σ = {at:g}{guess.cut(q)}: E_q[log p(x, z)] = {number(mean)}, the entropy of q is {number(spread)}, "
            f"L = {number(mean + spread)} nats{off}."
        )

    return Scene(fig, [bell, *lines, *dots], move)


@style.applied()
def jensen(z, density, log_evidence: float | int) -> Scene:
    """Left q over p; right log w over the weights w = p(x, z)/q(z) of draws from q: their mean, and the mean log."""
    far, low, top = 1.6, -6, 1
    fig, (left, right) = style.panels(2, height=3.3)
    truth = guess.posterior(left, z, density)
    truth.set_zorder(2.5)  # its dashes stay in sight where q is the posterior
    (bell,) = left.plot([], [], color=style.Q, label=Q_LABEL)
    left.set(ylim=(0, guess.LOW_TOP))
    style.legend_above(left)
    w = np.geomspace(np.exp(low), far, 300)
    right.plot(w, np.log(w), color=style.DATA, lw=1.5, label=r"$\log w$")
    evidence = np.exp(log_evidence)
    right.plot([evidence], [log_evidence], "o", ms=10, color=style.EVIDENCE, label="log of the mean")
    gap = gap_bar(right, None)
    (mean,) = right.plot([], [], "s", ms=14, mfc="none", mec=style.Q, mew=2.5, label="mean of the logs")
    (dots,) = right.plot([], [], "o", ms=5, color=style.Q, alpha=0.55, lw=0, label="30 values, evenly out of $q$")
    right.set(xlim=(0, far), ylim=(low, top), xlabel=r"weight $w = p_\theta(x,z)\,/\,q(z)$", ylabel=r"$\log w$ (nats)")
    style.legend_above(right)

    def move(q, mu: float | int, sigma: float | int, log_weights, elbo: float | int) -> str:
        bell.set_data(z, q)
        dots.set_data(np.exp(log_weights), log_weights)
        gap.set_data([evidence, evidence], [elbo, log_evidence])
        mean.set_data([evidence], [elbo])
        outside = int(((log_weights < low) | (log_weights > np.log(far))).sum())
        square = " and the square" if elbo < low else ""
        off = f" ({outside} of the 30{square} lie outside the picture)" if outside else ""
        high, below, few = round(log_evidence, 3), round(elbo, 3), np.exp(log_weights).mean()
        return (
            f"With {named(mu, sigma)} the weights of all its draws average to {evidence:.3f} (these thirty: "
            f"{few:.3f}); the log of that is {number(high, 3)}. The logs average to {number(below, 3)}, "
            f"{number(high - below, 3)} nats lower{off}."
        )

    return Scene(fig, [truth, bell, gap, mean, dots], move)


@style.applied()
def outputs(x, generated, returned, seen: float | int) -> Picture:
    """Densities over possible outputs x: of the model alone (z from the prior), and of x sent through q and back."""
    fig, axes = style.panels(height=2.7)
    axes.plot(x, generated, color=style.EVIDENCE, ls=style.INTRACTABLE, label=r"$z$ from the prior: $p_\theta(x)$")
    axes.plot(x, returned, color=style.Q, label=r"$z$ from $q_\phi(z|x)$, the guess for this very $x$")
    axes.axvline(seen, color=style.DATA, lw=1, ls=":")
    heights = [float(np.interp(seen, x, density)) for density in (generated, returned)]
    axes.plot([seen, seen], heights, "o", ms=7, color=style.DATA, label=f"at the original, $x = {seen:g}$")
    axes.set(xlabel="output $x$", ylabel=guess.DENSITY_LABEL, xlim=(x[0], x[-1]), ylim=(0, None))
    style.legend_above(axes, 3)
    return Picture(
        fig,
        f"At the original, x = {seen:g}, the outputs from the prior have density {heights[0]:.3f}, and those from the "
        f"guess made for this very x have density {heights[1]:.3f}.",
    )
