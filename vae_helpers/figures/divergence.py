"""Pictures of D_KL itself: why it is never negative, its two directions, cover or choose, samples of it."""

import numpy as np

from vae_helpers.figures import guess, style
from vae_helpers.figures.picture import Picture, Scene


@style.applied()
def jensen() -> Scene:
    """−log r over the ratio r = p/q for two outcomes: the chord at the mean ratio, 1, stands D_KL above the curve."""
    fig, axes = style.panels(height=3.3)
    r = np.geomspace(0.01, 6, 400)
    axes.plot(r, -np.log(r), color=style.DATA, label=r"$-\log r$, bent upwards")
    axes.set(xlim=(0, 5), ylim=(-2, 3.5), xlabel="ratio $r = p/q$ of an outcome", ylabel=r"$-\log r$ (nats)")
    axes.axvline(1, color=style.QUIET, lw=1, ls=":")
    axes.annotate("the mean ratio is 1", (1, -1.8), xytext=(6, 0), textcoords="offset points", color=style.QUIET)
    (chord,) = axes.plot([], [], color=style.Q, marker="o", ms=8, label="chord between the two outcomes")
    (gap,) = axes.plot([], [], color=style.POSTERIOR, lw=5, solid_capstyle="butt", label=r"$D_{\rm KL}(q\,\|\,p)$")
    axes.legend(loc="upper right")

    def move(p: float, q: float) -> str:
        ratios = np.array([p / q, (1 - p) / (1 - q)])
        heights = -np.log(ratios)
        mean, height = q * ratios[0] + (1 - q) * ratios[1], q * heights[0] + (1 - q) * heights[1]
        chord.set_data(ratios, heights)
        gap.set_data([mean, mean], [-np.log(mean), height])
        return (
            f"q expects the first outcome in {q:.0%} of cases, p in {p:.0%}: the ratios {ratios[0]:.2f} and "
            f"{ratios[1]:.2f} average to {mean:.2f}, where the chord is {height:.2f} nats above the curve: D_KL."
        )

    return Scene(fig, [chord, gap], move)


@style.applied()
def directions(names, reverse, forward) -> Picture:
    """D_KL(q ‖ p) and D_KL(p ‖ q) of several guesses as bars with their numbers."""
    fig, axes = style.panels(height=2.4)
    rows = np.arange(len(names))
    for offset, values, colour, label in (
        (-0.2, reverse, style.Q, r"reverse $D_{\rm KL}(q\,\|\,p)$: $q$ draws, $p$ prices"),
        (0.2, forward, style.POSTERIOR, r"forward $D_{\rm KL}(p\,\|\,q)$: $p$ draws, $q$ prices"),
    ):
        bars = axes.barh(rows + offset, values, height=0.36, color=colour, label=label)
        axes.bar_label(bars, [f"{value:.2f}" for value in values], padding=4)
    axes.set(yticks=rows, yticklabels=names, xlabel="nats", xlim=(0, 1.15 * max(*reverse, *forward)))
    axes.invert_yaxis()
    axes.grid(False)
    axes.legend(loc="lower right" if max(forward) == forward[0] else "upper right", fontsize=10)
    said = "; ".join(
        f"the {name} costs {r:.2f} nats reverse and {f:.2f} forward"
        for name, r, f in zip(names, reverse, forward, strict=True)
    )
    return Picture(fig, f"Two directions, two winners: {said}.")


@style.applied()
def cover_or_choose(z, x, covers, chooses) -> Scene:
    """Left the posterior at one x with its best q; right the price of covering both peaks and of choosing one, over x."""
    fig, (left, right) = style.panels(2, height=3.2)
    (truth,) = left.plot([], [], color=style.POSTERIOR, ls=style.INTRACTABLE, label=r"posterior $p_\theta(z|x)$")
    (best,) = left.plot([], [], color=style.Q, label="best $q$")
    (twin,) = left.plot([], [], color=style.Q, lw=1.2, ls=":", label="its twin, as good")
    left.set(xlabel=guess.Z_LABEL, ylabel=guess.DENSITY_LABEL, xlim=(z[0], z[-1]), ylim=(0, 4.6))
    left.legend(loc="upper center", ncols=1, fontsize=10)
    right.plot(x, covers, color=style.EVIDENCE, label="covers both peaks")
    right.plot(x, chooses, color=style.LIKELIHOOD, label="chooses one")
    right.axhline(np.log(2), color=style.QUIET, ls=":", lw=1.5)
    right.annotate("log 2", (x[-1], np.log(2)), xytext=(-4, -14), textcoords="offset points", ha="right")
    right.set(xlabel="observed $x$", ylabel=r"$D_{\rm KL}(q\,\|\,p)$ (nats)", xlim=(x[0], x[-1]), ylim=(0, 2.5))
    right.legend(loc="upper right", fontsize=10)
    (here,) = right.plot([], [], "o", ms=9, color=style.Q)

    def move(at: float, p, mu: float, sigma: float, q, twin_q, cover: float, choose: float) -> str:
        truth.set_data(z, p)
        best.set_data(z, q)
        chosen = choose < cover - 1e-6
        twin.set_data((z, twin_q) if chosen else ([], []))
        here.set_data([at], [min(choose, cover)])
        says = f"chooses one peak and pays {choose:.3f} nats (covering: {cover:.2f})"
        if not chosen:
            says = f"covers both peaks and pays {cover:.3f} nats"
        return (
            f"At x = {at:.2f} the best q, N({mu:.2f}, {sigma:.2f}²), {says}. "
            f"One bit, not knowing which peak, is log 2 = {np.log(2):.3f} nats."
        )

    return Scene(fig, [truth, best, twin, here], move)


@style.applied()
def sampling(exact: float, bins) -> Scene:
    """Many estimates of D_KL from n draws each, as a histogram; those below zero shaded; the exact value a line."""
    fig, axes = style.panels(height=3.0)
    axes.axvline(exact, color=style.POSTERIOR, ls=style.INTRACTABLE, label=f"quadrature: {exact:.3f} nats")
    axes.axvline(0, color=style.DATA, lw=1)
    axes.set(xlabel="one estimate of $D_{\\rm KL}(q\\,\\|\\,p)$ (nats)", ylabel="share of estimates")
    axes.set(xlim=(bins[0], bins[-1]), ylim=(0, 0.5))
    centres = (bins[1:] + bins[:-1]) / 2
    low = axes.bar(centres, 0 * centres, width=bins[1] - bins[0], color=style.Q, hatch="///", label="below zero")
    high = axes.bar(centres, 0 * centres, width=bins[1] - bins[0], color=style.EVIDENCE, label="above")
    (mean,) = axes.plot([], [], color=style.DATA, lw=2.5, marker="|", ms=14, label="mean ± 3 standard errors")
    axes.legend(loc="upper right")

    def move(estimates, n: int) -> str:
        share = np.histogram(np.clip(estimates, bins[0], bins[-1]), bins)[0] / len(estimates)
        for bars, shown in ((low, centres < 0), (high, centres >= 0)):
            for bar, height, show in zip(bars, share, shown, strict=True):
                bar.set_height(height if show else 0)
        middle, error = estimates.mean(), estimates.std(ddof=1) / len(estimates) ** 0.5
        mean.set_data([middle - 3 * error, middle + 3 * error], [0.46, 0.46])
        return (
            f"{len(estimates)} estimates from {n} draws each: they spread by {estimates.std(ddof=1):.2f} nats, "
            f"{(estimates < 0).mean():.0%} of them fall below zero, and their mean is {middle:.2f} ± {error:.2f}."
        )

    return Scene(fig, [*low, *high, mean], move)


@style.applied()
def turn(z, density, mu, log_evidence: float) -> Scene:
    """Left q over p; right D_KL and the expectation over μ at q's σ: two curves a constant, log p(x), apart."""
    fig, (left, right) = style.panels(2, height=3.2)
    guess.posterior(left, z, density)
    (bell,) = left.plot([], [], color=style.Q, label=r"$q_\phi(z|x)$")
    left.set(ylim=(0, 2.6))
    left.legend(loc="upper left", fontsize=10)
    (divergences,) = right.plot([], [], color=style.POSTERIOR, ls=style.INTRACTABLE, label=r"$D_{\rm KL}$, wanted")
    (means,) = right.plot([], [], color=style.Q, label=r"$\mathrm{E}_q[\log q-\log p_\theta(x|z)p_\theta(z)]$")
    (rod,) = right.plot([], [], color=style.EVIDENCE, lw=4, marker="o", ms=7, label=r"apart: $-\log p_\theta(x)$")
    right.set(xlabel=r"mean $\mu$ of $q$", ylabel="nats", xlim=(mu[0], mu[-1]), ylim=(-1, 24))
    right.legend(loc="upper center", fontsize=10)

    def move(q, kl_curve, at: float, kl: float, expectation: float) -> str:
        bell.set_data(z, q)
        divergences.set_data(mu, kl_curve)
        means.set_data(mu, kl_curve - log_evidence)
        rod.set_data([at, at], [kl, expectation])
        off = " (above the picture)" if max(kl, expectation) > 24 else ""
        return (
            f"D_KL = {kl:.4f} nats, the expectation = {expectation:.4f}{off}: "
            f"D_KL − expectation = {kl - expectation:.4f} = log p(x), wherever q goes."
        )

    return Scene(fig, [bell, divergences, means, rod], move)
