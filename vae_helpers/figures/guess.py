"""A guess q laid over the density p that it guesses: the bells, the price of one value, the integrand of D_KL."""

from collections.abc import Sequence

import numpy as np
from matplotlib.lines import Line2D

from vae_helpers.figures import style
from vae_helpers.figures.picture import Picture, Scene
from vae_helpers.figures.words import listed, number

Z_LABEL, DENSITY_LABEL = "latent $z$", "density"
TOP = 4.2  # of the densities: the narrowest bell that the sliders make is 3.99 high
LOW_TOP = 2.8  # where the peaks under q matter more: what is higher is cut off, and the sentence says so


def cut(q) -> str:
    """What a sentence says of a bell that rises above `LOW_TOP`."""
    return " (the picture cuts off the top of q)" if q.max() > LOW_TOP else ""


def posterior(axes, z, density, label=r"posterior $p_\theta(z|x)$") -> Line2D:
    """What is guessed: dashed, because a network could not compute it, over a light fill."""
    axes.fill_between(z, density, color=style.POSTERIOR, alpha=0.13, lw=0)
    (curve,) = axes.plot(z, density, color=style.POSTERIOR, ls=style.INTRACTABLE, label=label)
    axes.set(xlabel=Z_LABEL, ylabel=DENSITY_LABEL, xlim=(z[0], z[-1]), ylim=(0, None))
    return curve


@style.applied()
def bells(z, density, guesses: Sequence[tuple[str, float, float, np.ndarray]]) -> Picture:
    """One panel a guess: (name, mean, standard deviation, its density on z) over the same posterior."""
    fig, panels = style.panels(len(guesses), height=2.5, sharey=True, squeeze=False)
    top = 1.25 * max(density.max(), *(bell.max() for *_, bell in guesses))
    for axes, (name, mu, sigma, bell) in zip(panels[0], guesses, strict=True):
        posterior(axes, z, density)
        axes.plot(z, bell, color=style.Q, label=rf"{name}: $\mu={mu:.2f}$, $\sigma={sigma:.2f}$")
        axes.set(ylim=(0, top))
        axes.legend(loc="upper left", fontsize=10)
    said = "; ".join(f"{name}, with mean {number(mu)} and spread {number(sigma)}" for name, mu, sigma, _ in guesses)
    peaks = z[1:-1][(density[1:-1] > density[:-2]) & (density[1:-1] > density[2:])]
    where = listed([f"z = {number(peak)}" for peak in peaks])
    return Picture(fig, f"The posterior peaks at {where}. Laid over it: {said}.")


@style.applied()
def bell(z, density) -> Scene:
    """One q over the posterior, small enough to stand beside something else."""
    fig, axes = style.panels(width=4.2, height=2.6)
    posterior(axes, z, density)
    (line,) = axes.plot([], [], color=style.Q, label=r"guess $q_\phi(z|x)$")
    axes.set(ylim=(0, LOW_TOP))
    style.legend_above(axes)

    def move(q, mu: float, sigma: float) -> str:
        line.set_data(z, q)
        return f"The guess q = N({number(mu)}, {number(sigma)}²) over the posterior{cut(q)}."

    return Scene(fig, [line], move)


@style.applied()
def prices(z, price_p, price_q) -> Scene:
    """−log p and −log q over z, and at one z the difference between them: what q's draw costs too much."""
    top = 16
    fig, axes = style.panels(height=3.1)
    axes.plot(z, price_p, color=style.POSTERIOR, ls=style.INTRACTABLE, label=r"price by $p$: $-\log p(z)$")
    axes.plot(z, price_q, color=style.Q, label=r"price by $q$: $-\log q(z)$")
    axes.set(xlabel=Z_LABEL, ylabel="surprise (nats)", xlim=(z[0], z[-1]), ylim=(-1, top))
    style.legend_above(axes)
    (gap,) = axes.plot([], [], color=style.DATA, lw=3, marker="o", ms=6)

    def move(at: float, p: float, q: float) -> str:
        gap.set_data([at, at], [p, q])
        off = [" (above the picture)" if price > top else "" for price in (p, q)]
        p, q = round(p, 2), round(q, 2)  # so that the difference is that of the numbers shown
        says = (
            f"At z = {number(at)} the price by p is {number(p)} nats{off[0]} and by q {number(q)}{off[1]}: this draw "
        )
        if p == q:
            return f"{says}overpays nothing and saves nothing, because p finds it as probable as q does."
        verb, less = ("overpays", "less") if p > q else ("saves", "more")
        gap_nats = abs(p - q)
        return f"{says}{verb} {gap_nats:.2f} nats, because p finds it {times(gap_nats)} {less} probable than q does."

    return Scene(fig, [gap], move)


def times(nats: float) -> str:
    """exp(nats) in words."""
    if nats < np.log(999):
        return f"{np.exp(nats):.{2 if nats < 0.1 else 1 if nats < 3 else 0}f} times"
    return "some 10" + f"{nats / np.log(10):.0f}".translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")) + " times"


@style.applied()
def integrand(z, density) -> Scene:
    """Left q over p; right q(z) [log q(z) − log p(z)], shaded by its sign: the two areas' difference is D_KL."""
    fig, (left, right) = style.panels(2, height=3.1)
    posterior(left, z, density)
    (bell,) = left.plot([], [], color=style.Q, label=r"guess $q(z)$")
    left.set(ylim=(0, TOP))
    style.legend_above(left)
    zero = right.axhline(0, color=style.DATA, lw=1)
    right.set(xlabel=Z_LABEL, ylabel="nats per unit of $z$", xlim=(z[0], z[-1]), ylim=(-1, TOP))
    over = right.fill_between(z, 0 * z, color=style.Q, alpha=0.75, lw=0, label=r"$q\,[\log q-\log p]$: overpaid")
    saved = right.fill_between(z, 0 * z, color=style.QUIET, alpha=0.75, lw=0, hatch="///", label="saved")
    style.legend_above(right)

    def move(q, overpaid, over_area: float, saved_area: float) -> str:
        bell.set_data(z, q)
        terms = q * overpaid
        over.set_data(z, 0 * z, np.maximum(terms, 0))
        saved.set_data(z, 0 * z, np.minimum(terms, 0))
        cut = " (the picture cuts off its top)" if terms.max() > TOP else ""
        less, total = round(saved_area, 2), round(over_area - saved_area, 2)
        more = less + total  # so that the numbers shown add up
        return (
            f"Overpaid {number(more)} nats{cut}, saved {number(less)}: "
            f"D_KL = {number(more)} − {number(less)} = {number(total)} nats."
        )

    return Scene(fig, [bell, over, saved, zero], move)
