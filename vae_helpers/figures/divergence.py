"""Pictures of D_KL itself: why it is never negative, its two directions, cover or choose, samples of it."""

import numpy as np

from vae_helpers.figures import guess, style
from vae_helpers.figures.picture import Picture, Scene
from vae_helpers.figures.words import number, percent

TALLEST = 4.6  # above q's peak at the last x of `cover_or_choose`


@style.applied()
def jensen() -> Scene:
    """−log r over the ratio r = p/q for two outcomes: the chord at the mean ratio, 1, stands D_KL above the curve."""
    fig, axes = style.panels(height=3.3)
    r = np.geomspace(0.01, 6, 400)
    axes.plot(r, -np.log(r), color=style.DATA, label=r"$-\log r$, bends upwards")
    axes.set(xlim=(0, 5), ylim=(-2, 4), xlabel="ratio $r = p/q$ of a side", ylabel=r"$-\log r$ (nats)")
    axes.axvline(1, color=style.QUIET, lw=1, ls=":")
    axes.annotate("the mean ratio is 1", (1, -1.8), xytext=(6, 0), textcoords="offset points", color=style.QUIET)
    (chord,) = axes.plot([], [], color=style.Q, marker="o", ms=8, clip_on=False, label="line between the two sides")
    (gap,) = axes.plot([], [], color=style.POSTERIOR, lw=5, solid_capstyle="butt", label=r"$D_{\rm KL}(q\,\|\,p)$")
    axes.legend(loc="upper right")

    def move(p: float, q: float) -> str:
        ratios = np.array([p / q, (1 - p) / (1 - q)])
        heights = -np.log(ratios)
        mean, height = q * ratios[0] + (1 - q) * ratios[1], q * heights[0] + (1 - q) * heights[1]
        chord.set_data(ratios, heights)
        gap.set_data([mean, mean], [-np.log(mean), height])
        return (
            f"q gives heads {q:.0%}, p gives it {p:.0%}: the ratios {number(ratios[0], 3)} and {number(ratios[1], 3)} "
            f"average to {number(mean)}, where the line is {number(height)} nats above the curve: that is D_KL."
        )

    return Scene(fig, [chord, gap], move)


@style.applied()
def directions(z, density, guesses, reverse, forward) -> Picture:
    """Each guess (name, its density on z) over the posterior, and beside it its two divergences as bars."""
    fig, panels = style.panels(2, height=3.4, rows=len(guesses), width_ratios=(1, 2.4), squeeze=False)
    top = 1.2 * max(*reverse, *forward)
    bars = (
        (style.Q, r"reverse $D_{\rm KL}(q\,\|\,p)$: $q$ draws"),
        (style.POSTERIOR, r"forward $D_{\rm KL}(p\,\|\,q)$: $p$ draws"),
    )
    for (left, right), (name, bell), *values in zip(panels, guesses, reverse, forward, strict=True):
        guess.posterior(left, z, density)
        left.plot(z, bell, color=style.Q)
        left.set(ylabel=name, xlabel="", yticks=[], ylim=(0, 1.1 * max(density.max(), bell.max())))
        for row, (value, (colour, label)) in enumerate(zip(values, bars, strict=True)):
            bar = right.barh(row, value, color=colour, label=label)
            right.bar_label(bar, [f"{value:.2f}"], padding=4)
        right.set(xlim=(0, top), yticks=[], ylim=(1.6, -0.6))
        right.grid(False)
    style.legend_above(panels[0][1])
    panels[-1][0].set_xlabel(guess.Z_LABEL)
    panels[-1][1].set_xlabel("nats, lower is better")
    said = "; ".join(
        f"the {name} bell costs {r:.2f} nats reverse and {f:.2f} forward"
        for (name, _), r, f in zip(guesses, reverse, forward, strict=True)
    )
    return Picture(fig, f"Two directions, lower is better: {said}.")


@style.applied()
def walk(z, density, mu, kl) -> Scene:
    """Left a narrow q over p; right D_KL over q's mean, on a logarithmic axis: the price of leaving the peak."""
    fig, (left, right) = style.panels(2, height=2.9)
    guess.posterior(left, z, density)
    (bell,) = left.plot([], [], color=style.Q, label="$q$")
    left.set(ylim=(0, guess.TOP))
    style.legend_above(left)
    right.semilogy(mu, kl, color=style.DATA)
    right.set(
        xlabel=r"mean $\mu$ of $q$", ylabel=r"$D_{\rm KL}(q\,\|\,p)$ (nats)", xlim=(mu[0], mu[-1]), ylim=(0.3, 1000)
    )
    (here,) = right.plot([], [], "o", ms=9, color=style.Q, clip_on=False)

    def move(q, at: float, price: float) -> str:
        bell.set_data(z, q)
        here.set_data([at], [price])
        return f"With its mean at {number(at)} the narrow bell pays {number(price, 1)} nats."

    return Scene(fig, [bell, here], move)


@style.applied()
def cover_or_choose(z, x, covers, chooses) -> Scene:
    """Left the posterior at one x with its best q; right the price of covering and of choosing, drawn up to that x.

    `covers`, `chooses`: D_KL over x; NaN in `chooses` where no bell stays on one peak.
    """
    fig, (left, right) = style.panels(2, height=3.2)
    (truth,) = left.plot([], [], color=style.POSTERIOR, ls=style.INTRACTABLE, label=r"posterior")
    (best,) = left.plot([], [], color=style.Q, label="best $q$")
    (twin,) = left.plot([], [], color=style.Q, lw=1.2, ls=":", label="its twin, as good")
    left.set(xlabel=guess.Z_LABEL, ylabel=guess.DENSITY_LABEL, xlim=(z[0], z[-1]), ylim=(0, TALLEST))
    style.legend_above(left, 3)
    (covering,) = right.plot([], [], color=style.DATA, label="covers both peaks")
    (choosing,) = right.plot([], [], color=style.Q, label="chooses one")
    right.set(xlabel="observed $x$", ylabel=r"$D_{\rm KL}(q\,\|\,p)$ (nats)", xlim=(x[0], x[-1]), ylim=(0, 2.5))
    style.legend_above(right)
    (here,) = right.plot([], [], "o", ms=9, color=style.Q, clip_on=False)

    def move(at: float, p, mu: float, sigma: float, q, twin_q, cover: float, choose: float) -> str:
        chosen = choose < cover  # False where choose is NaN
        price = choose if chosen else cover
        truth.set_data(z, p)
        best.set_data(z, q)
        twin.set_data((z, twin_q) if chosen else ([], []))
        so_far = x <= at + 1e-9
        covering.set_data(x[so_far], covers[so_far])
        choosing.set_data(x[so_far], chooses[so_far])
        here.set_data([at], [price])
        says = f"chooses one peak and pays {price:.3f} nats (covering: {cover:.2f})"
        if not chosen:
            says = f"covers both peaks and pays {price:.3f} nats"
        return (
            f"At x = {at:.2f} the best q, N({abs(mu):.2f}, {sigma:.2f}²), {says}; "
            f"its peak is {q.max() / p.max():.2f} times as high as the posterior's."
        )

    return Scene(fig, [truth, best, twin, covering, choosing, here], move)


@style.applied()
def sampling(exact: float, bins) -> Scene:
    """Many estimates of D_KL from n draws each, as a histogram; those below zero hatched; the exact value a line."""
    fig, axes = style.panels(height=3.0)
    label = f"exact, by integration: {exact:.3f} nats"
    lines = [axes.axvline(exact, color=style.POSTERIOR, ls=style.INTRACTABLE, label=label)]
    lines += [axes.axvline(0, color=style.DATA, lw=1)]
    axes.set(xlabel="one estimate of $D_{\\rm KL}(q\\,\\|\\,p)$ (nats; the last bar: this or more)")
    axes.set(ylabel="estimates, their share", xlim=(bins[0], bins[-1]), ylim=(0, 0.4))
    centres = (bins[1:] + bins[:-1]) / 2
    options = {"baseline": 0, "fill": True, "lw": 0}
    low = axes.stairs(0 * centres, bins, fc=style.QUIET, hatch="///", label="below zero: saved", **options)
    high = axes.stairs(0 * centres, bins, fc=style.Q, label="above zero: overpaid", **options)
    (mean,) = axes.plot([], [], color=style.DATA, lw=2.5, marker="|", ms=14, label="their mean ± 3 standard errors")
    axes.legend(loc="upper right", fontsize=10)

    def move(estimates, n: int) -> str:
        share = np.histogram(np.clip(estimates, bins[0], bins[-1]), bins)[0] / len(estimates)
        low.set_data(np.where(centres < 0, share, 0))
        high.set_data(np.where(centres >= 0, share, 0))
        spread = estimates.std(ddof=1)
        middle, error = estimates.mean(), 3 * spread / len(estimates) ** 0.5
        mean.set_data([middle - error, middle + error], [0.37, 0.37])
        return (
            f"{len(estimates)} estimates from {n} draw{'s' * (n > 1)} each: they spread by {spread:.3f} nats, "
            f"{percent((estimates < 0).mean())} of them fall below zero, and their mean is "
            f"{number(middle, 3)} ± {error:.3f} (3 standard errors)."
        )

    return Scene(fig, [low, high, *lines, mean], move)


@style.applied()
def turn(z, density, mu, log_evidence: float) -> Scene:
    """Left q over p; right D_KL and the expectation over μ at q's σ: two curves a constant, log p(x), apart."""
    top = 9
    fig, (left, right) = style.panels(2, height=3.2)
    guess.posterior(left, z, density)
    (bell,) = left.plot([], [], color=style.Q, label=r"$q_\phi(z|x)$")
    left.set(ylim=(0, guess.TOP))
    style.legend_above(left)
    (divergences,) = right.plot([], [], color=style.POSTERIOR, ls=style.INTRACTABLE, label=r"$D_{\rm KL}$, wanted")
    (means,) = right.plot([], [], color=style.Q, label=r"the expectation")
    rods = [right.plot([], [], color=style.EVIDENCE, lw=2, marker="o", ms=4)[0] for _ in range(5)]
    (rod,) = right.plot([], [], color=style.EVIDENCE, lw=4, marker="o", ms=8, label=r"$-\log p_\theta(x)$")
    right.set(xlabel=r"mean $\mu$ of $q$", ylabel="nats", xlim=(mu[0], mu[-1]), ylim=(-0.5, top))
    style.legend_above(right, 3)

    def move(q, kl_curve, at: float, kl: float, expectation: float) -> str:
        bell.set_data(z, q)
        divergences.set_data(mu, kl_curve)
        means.set_data(mu, kl_curve - log_evidence)
        for mark, i in zip(rods, np.linspace(0, len(mu) - 1, len(rods) + 2, dtype=int)[1:-1], strict=True):
            mark.set_data([mu[i], mu[i]], [kl_curve[i], kl_curve[i] - log_evidence])
        rod.set_data([at, at], [kl, expectation])
        off = " (above the picture)" if max(kl, expectation) > top else ""
        wanted, evidence = round(kl, 4), round(kl - expectation, 4)
        have = wanted - evidence  # so that the numbers shown add up
        return (
            f"D_KL = {number(wanted, 4)} nats, the expectation = {number(have, 4)}{off}: "
            f"D_KL − expectation = {number(evidence, 4)} = log p(x), wherever q goes."
        )

    return Scene(fig, [bell, divergences, means, *rods, rod], move)
