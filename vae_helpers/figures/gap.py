"""The gap of one image: its posterior on the plane with two bells over it, and what each of them loses."""

from collections.abc import Sequence

import numpy as np
from matplotlib.colors import LinearSegmentedColormap

from vae_helpers.figures import images, style
from vae_helpers.figures.aggregate import extent
from vae_helpers.figures.latent import CLASSES
from vae_helpers.figures.picture import Picture, Scene
from vae_helpers.figures.words import number, percent

POSTERIOR = LinearSegmentedColormap.from_list("posterior", ["white", style.POSTERIOR])
DEEP = 4.0  # nats under log p(x) that are drawn
BEST = (0, (3, 1.5))  # q* is dashed: no network computes it
TURN = np.linspace(0, 2 * np.pi, 90)


def _rings(mu, sigma) -> tuple[np.ndarray, np.ndarray]:
    """The ellipses of 1σ and 2σ of a bell [2], as one line with a break."""
    circle = np.append(TURN, np.nan)
    return tuple(
        np.concatenate([mu[axis] + k * sigma[axis] * wave(circle) for k in (1, 2)])
        for axis, wave in enumerate((np.cos, np.sin))
    )


@style.applied()
def one_image(shape: tuple[int, int], reach: float, nodes: int) -> Scene:
    """`move(name, image, posterior, mu, sigma, best_mu, best_sigma, family, amortization)`: the posterior's density
    [nodes, nodes], rows along z₂, on the square ±`reach`; the encoder's bell; the best bell; the two parts of the gap.
    """
    fig, (small, plane, levels) = style.panels(3, height=3.9, width_ratios=(0.75, 2.4, 1.5))
    seen = images.draw(small, np.zeros(shape))
    small.spines[:].set(visible=True, color=style.QUIET)
    small.set_title("$x$", fontsize=12)
    line = np.linspace(-reach, reach, nodes)
    density = plane.imshow(
        np.zeros((nodes, nodes)), cmap=POSTERIOR, vmin=0, vmax=1, origin="lower", extent=extent(line, line)
    )
    plane.grid(False)
    (q,) = plane.plot([], [], color=style.Q, lw=2, label="encoder's $q$")
    (best,) = plane.plot([], [], color=style.DATA, lw=1.6, ls=BEST, label="best bell $q^*$")
    plane.plot([], [], "s", ms=9, color=style.POSTERIOR, label=r"$p_\theta(z|x)$")
    plane.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal", xlabel="$z_1$", ylabel="$z_2$")
    plane.legend(loc="lower left", bbox_to_anchor=(-0.12, 1), ncols=3, borderaxespad=0, fontsize=9, columnspacing=0.8)
    levels.axhline(0, color=style.EVIDENCE, ls=style.INTRACTABLE)
    (family,) = levels.plot([], [], color=style.POSTERIOR, lw=14, solid_capstyle="butt")
    (hurry,) = levels.plot([], [], color=style.Q, lw=14, solid_capstyle="butt")
    (star,) = levels.plot([], [], color=style.DATA, lw=1.6, ls=BEST)
    (floor,) = levels.plot([], [], color=style.Q, lw=3)
    (below,) = levels.plot([], [], "v", color=style.Q, ms=11)
    levels.set(xlim=(0, 1), xticks=[], ylim=(-DEEP, 0.25), ylabel="nats, from $\\log p_\\theta(x)$")
    for colour, name, place in ((style.POSTERIOR, "family", 0.0), (style.Q, "amortization", 0.42)):
        levels.text(place, 1.03, f"■ {name}", color=colour, transform=levels.transAxes, fontsize=9.5)

    def move(name, image, posterior, mu, sigma, best_mu, best_sigma, family_gap, amortization_gap) -> str:
        seen.set_data(images.array(image).reshape(shape))
        density.set_data(posterior / posterior.max())
        q.set_data(*_rings(mu, sigma))
        best.set_data(*_rings(best_mu, best_sigma))
        total = family_gap + amortization_gap
        family.set_data([0.5, 0.5], [0, -family_gap])
        hurry.set_data([0.5, 0.5], [-family_gap, -min(total, DEEP)])
        star.set_data([0.1, 0.9], [-family_gap, -family_gap])
        floor.set_data(([], []) if total > DEEP else ([0.1, 0.9], [-total, -total]))
        below.set_data(([0.5], [-DEEP + 0.12]) if total > DEEP else ([], []))
        off = " (below the picture)" if total > DEEP else ""
        return (
            f"{name}: the best bell q* is {family_gap:.2f} nats under log p(x), and the encoder's q another "
            f"{amortization_gap:.2f}{off}. Its centre is {np.hypot(*(np.subtract(mu, best_mu))):.2f} from that of q*."
        )

    return Scene(fig, [seen, density, q, best, family, hurry, star, floor, below], move)


@style.applied()
def scatter(labels: Sequence[int], family, amortization) -> Picture:
    """Each image as the glyph of its class: across what the family loses, upwards what amortization loses, in nats."""
    labels, family, amortization = (images.array(values) for values in (labels, family, amortization))
    low = 0.8 * min(family.min(), amortization.min())
    high = 1.5 * max(family.max(), amortization.max())
    fig, axes = style.panels(width=5.6, height=4.4)
    axes.plot([low, high], [low, high], color=style.QUIET, lw=1, ls=":")
    for label in np.unique(labels):
        chosen = labels == label
        axes.scatter(
            family[chosen], amortization[chosen], marker=f"${label}$", s=60, lw=0.3, color=CLASSES[label % len(CLASSES)]
        )
    axes.set(
        xscale="log", yscale="log", xlim=(low, high), ylim=(low, high),
        xlabel=r"family gap $\log p_\theta(x) - \mathcal{L}[q^*]$, nats",
        ylabel=r"amortization gap $\mathcal{L}[q^*] - \mathcal{L}[q]$, nats",
    )  # fmt: skip
    axes.annotate("amortization loses more", (0.03, 0.95), xycoords="axes fraction", color=style.QUIET)
    axes.annotate("the family loses more", (0.97, 0.04), xycoords="axes fraction", ha="right", color=style.QUIET)
    larger = (amortization > family).mean()
    return Picture(
        fig,
        f"{len(labels)} images: amortization loses more in {percent(larger)} of them. On average it loses "
        f"{number(amortization.mean())} nats, and the family {number(family.mean())}.",
    )
