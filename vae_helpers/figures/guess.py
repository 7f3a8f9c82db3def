"""A guess q laid over the density p that it guesses: the bells, the price of one value, the integrand of D_KL."""

from collections.abc import Sequence

import numpy as np

from vae_helpers.figures import style
from vae_helpers.figures.picture import Picture, Scene

Z_LABEL, DENSITY_LABEL = "latent $z$", "density"


def posterior(axes, z, density, label=r"posterior $p_\theta(z|x)$") -> None:
    """What is guessed: dashed, because a network could not compute it, over a light fill."""
    axes.fill_between(z, density, color=style.POSTERIOR, alpha=0.13, lw=0)
    axes.plot(z, density, color=style.POSTERIOR, ls=style.INTRACTABLE, label=label)
    axes.set(xlabel=Z_LABEL, ylabel=DENSITY_LABEL, xlim=(z[0], z[-1]), ylim=(0, None))


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
    said = "; ".join(f"the {name} has mean {mu:.2f} and spread {sigma:.2f}" for name, mu, sigma, _ in guesses)
    peaks = z[1:-1][(density[1:-1] > density[:-2]) & (density[1:-1] > density[2:])]
    where = " and ".join(f"z = {peak:.2f}" for peak in peaks)
    return Picture(fig, f"The posterior peaks at {where}; laid over it, {said}.")


@style.applied()
def bell(z, density) -> Scene:
    """One q over the posterior, small enough to stand beside something else."""
    fig, axes = style.panels(width=4.2, height=2.6)
    posterior(axes, z, density)
    (line,) = axes.plot([], [], color=style.Q, label=r"guess $q_\phi(z|x)$")
    axes.set(ylim=(0, 2.6))
    axes.legend(loc="upper left", fontsize=10)

    def move(q, mu: float, sigma: float) -> str:
        line.set_data(z, q)
        return f"The guess q = N({mu:.2f}, {sigma:.2f}²) over the posterior."

    return Scene(fig, [line], move)


@style.applied()
def prices(z, price_p, price_q) -> Scene:
    """−log p and −log q over z, and at one z the difference between them: what q's draw costs too much."""
    fig, axes = style.panels(height=3.1)
    axes.plot(z, price_p, color=style.POSTERIOR, ls=style.INTRACTABLE, label=r"price by $p$: $-\log p(z)$")
    axes.plot(z, price_q, color=style.Q, label=r"price by $q$: $-\log q(z)$")
    axes.set(xlabel=Z_LABEL, ylabel="surprise (nats)", xlim=(z[0], z[-1]), ylim=(-1, 12))
    axes.legend(loc="upper center", ncols=2)
    (gap,) = axes.plot([], [], color=style.DATA, lw=3, marker="o", ms=6, clip_on=True)

    def move(at: float, p: float, q: float) -> str:
        gap.set_data([at, at], [p, q])
        factor = np.exp(abs(p - q))
        verb, less = ("costs", "less") if p >= q else ("saves", "more")
        return (
            f"At z = {at:.2f} the price by p is {p:.2f} nats and by q {q:.2f}: this draw {verb} {abs(p - q):.2f} nats, "
            f"because p finds it {_times(factor)} {less} probable than q does."
        )

    return Scene(fig, [gap], move)


def _times(factor: float) -> str:
    return f"{factor:.1f} times" if factor < 1000 else f"10^{np.log10(factor):.0f} times"


@style.applied()
def integrand(z, density) -> Scene:
    """Left q over p; right q(z) [log q(z) − log p(z)], shaded by its sign: the two areas' difference is D_KL."""
    fig, (left, right) = style.panels(2, height=3.1)
    posterior(left, z, density)
    (bell,) = left.plot([], [], color=style.Q, label=r"guess $q(z)$")
    left.set(ylim=(0, 2.6))
    left.legend(loc="upper left")
    right.axhline(0, color=style.DATA, lw=1)
    right.set(xlabel=Z_LABEL, ylabel="nats per unit of $z$", xlim=(z[0], z[-1]), ylim=(-1, 4))
    right.set_title(r"$q(z)\,[\log q(z)-\log p(z)]$")
    over = right.fill_between(z, 0 * z, color=style.Q, alpha=0.75, lw=0, label="overpaid")
    saved = right.fill_between(z, 0 * z, color=style.EVIDENCE, alpha=0.75, lw=0, hatch="///", label="saved")
    right.legend(loc="upper left")

    def move(q, overpaid, over_area: float, saved_area: float) -> str:
        bell.set_data(z, q)
        terms = q * overpaid
        over.set_data(z, 0 * z, np.maximum(terms, 0))
        saved.set_data(z, 0 * z, np.minimum(terms, 0))
        cut = " (the picture cuts off its top)" if terms.max() > 4 else ""
        return (
            f"Overpaid {over_area:.2f} nats{cut}, saved {saved_area:.2f}: "
            f"D_KL = {over_area:.2f} − {saved_area:.2f} = {over_area - saved_area:.2f} nats."
        )

    return Scene(fig, [bell, over, saved], move)
