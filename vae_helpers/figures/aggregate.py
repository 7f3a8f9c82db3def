"""The bells of an encoder on the plane, all of them together, and where the prior draws but no bell stands."""

from collections.abc import Sequence

import numpy as np
from matplotlib.collections import EllipseCollection
from matplotlib.colors import LinearSegmentedColormap

from vae_helpers.figures import images, style
from vae_helpers.figures.latent import CLASSES
from vae_helpers.figures.picture import Picture, Scene
from vae_helpers.figures.words import listed, number

RATIOS = LinearSegmentedColormap.from_list("ratios", [style.PRIOR, "white", style.Q])  # q/p below, at, above 1
MOST = 100.0  # the factor at which the colours end


def extent(z1, z2) -> tuple[float, float, float, float]:
    """Where imshow puts values on even nodes: each node in the middle of its pixel."""
    half = [(line[1] - line[0]) / 2 for line in (z1, z2)]
    return z1[0] - half[0], z1[-1] + half[0], z2[0] - half[1], z2[-1] + half[1]


def _prior(axes, reach: float, color: str = style.PRIOR) -> None:
    """The rings of N(0, I), and the axes of a plane."""
    style.rings(axes, color=color, zorder=3)
    axes.grid(False)
    axes.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal", xlabel="$z_1$", ylabel="$z_2$")


@style.applied()
def bells(mu, sigma, labels, reach: float) -> Picture:
    """The dots of a cloud, and what they stand for: each q(z|x) [n, 2] as its ellipse of 2σ, in its class's colour."""
    mu, sigma, labels = (images.array(values) for values in (mu, sigma, labels))
    fig, (left, right) = style.panels(2, height=4.3)
    for axes, title in ((left, "the means $\\mu$"), (right, "ellipses of 2σ")):
        _prior(axes, reach)
        axes.set_title(title, fontsize=11)
    colours = [CLASSES[label % len(CLASSES)] for label in labels]
    left.scatter(*mu.T, s=5, lw=0, c=colours)
    right.add_collection(
        EllipseCollection(
            4 * sigma[:, 0], 4 * sigma[:, 1], np.zeros(len(mu)), offsets=mu, units="xy", lw=0.8,
            offset_transform=right.transData, facecolors="none", edgecolors=colours,
        )
    )  # fmt: skip
    return Picture(
        fig,
        f"{len(mu)} encoded images, coloured by class: left as dots, right as the ellipses of their bells, of which "
        f"half have a σ below {np.median(sigma):.3f}. Rings: the prior at 1σ and 2σ.",
    )


@style.applied()
def beside(z1, z2, log_density, reach: float) -> Picture:
    """The prior and q(z) on one lattice [n1, n2], in the same greys."""
    z1, z2, density = (images.array(values) for values in (z1, z2, log_density))
    density = np.exp(density)
    prior = np.exp(-0.5 * (z1[:, None] ** 2 + z2**2)) / (2 * np.pi)
    most = density.max() / prior.max()
    fig, panels = style.panels(2, height=4.1)
    top = np.quantile(density[density > density.max() / 1000], 0.97)
    density = np.round(20 * density / top) * top / 20  # of so rough a map more greys cannot be told apart, and weigh
    for axes, values, name in zip(panels, (prior, density), ("prior $p(z)$", "all bells, $q_\\phi(z)$"), strict=True):
        axes.imshow(
            values.T, origin="lower", extent=extent(z1, z2), cmap="gray_r", vmin=0, vmax=top, interpolation="nearest"
        )
        _prior(axes, reach)
        axes.set_title(name, fontsize=11)
    return Picture(
        fig,
        f"Left, the prior; right, the bells of all images together; rings at 1σ and 2σ. The bells leave seams, and "
        f"where they are densest they are {most:.1f} times as dense as the prior ever is.",
    )


@style.applied()
def thin_places(z1, z2, log_ratio, shape: tuple[int, int], reach: float) -> Scene:
    """The map of log q(z) − log p(z) [n1, n2], a ring at a draw from the prior, and what is decoded there.

    `move(rank, of, z, ratio, image, near, nearest)`: the image at z, five images `near` [5, pixels], decoded at the
    nearest codes, and the classes of the 20 `nearest`.
    """
    z1, z2, ratio = (images.array(values) for values in (z1, z2, log_ratio))
    fig, panels = style.panels(2, height=4.3, width_ratios=(1.25, 1))
    left, right = panels
    shown = left.imshow(
        ratio.T,
        origin="lower",
        extent=extent(z1, z2),
        cmap=RATIOS,
        vmin=-np.log(MOST),
        vmax=np.log(MOST),
    )
    _prior(left, reach, style.DATA)  # a ring in the prior's colour would be lost on the map's own pink
    bar = fig.colorbar(shown, ax=left, ticks=np.log([1 / MOST, 0.1, 1, 10, MOST]), shrink=0.85)
    bar.ax.set_yticklabels([f"1/{MOST:g}", "1/10", "1", "10", f"{MOST:g}"])
    left.set_title("$q_\\phi(z)\\,/\\,p(z)$", fontsize=11)
    (ring,) = left.plot([], [], marker="o", ms=15, mfc="none", mec=style.DATA, mew=2.5, zorder=4)
    (dot,) = left.plot([], [], marker="o", ms=3, color=style.DATA, zorder=4)
    rows, columns = shape
    seam = max(1, rows // 9)
    tall, wide = 5 * rows + 5, 5 * columns + 4
    page = images.draw(right, np.full((tall + rows, wide), np.nan))
    right.set_title("decoded there; below, at 5 nearest codes", fontsize=10)

    def move(rank: int, of: int, z, ratio: float, image, near, nearest: Sequence[str]) -> str:
        ring.set_data([z[0]], [z[1]])
        dot.set_data([z[0]], [z[1]])
        canvas = np.full((tall + rows, wide), np.nan)
        scale = (tall - seam) // rows
        big = np.kron(images.array(image).reshape(shape), np.ones((scale, scale)))
        start = (wide - big.shape[1]) // 2
        canvas[: big.shape[0], start : start + big.shape[1]] = big
        canvas[tall:] = images.mosaic(near, shape, 5)
        page.set_data(canvas)
        names, counts = np.unique(list(nearest), return_counts=True)
        order = np.argsort(-counts, kind="stable")
        show = listed([f"{counts[i]} show {names[i]}" for i in order])
        times = f"{np.exp(ratio):.2f}" if ratio > np.log(0.005) else "less than 0.01"
        return (
            f"Draw {rank} of {of}, thinnest first, at z = ({number(z[0])}, {number(z[1])}): q is {times} times the "
            f"prior. Of the {len(nearest)} nearest codes {show}."
        )

    return Scene(fig, [ring, dot, page], move)
