"""A square of images bent to the plane of latents: every tile keeps its share of the prior."""

import numpy as np
from matplotlib.image import PcolorImage

from vae_helpers.figures import images, style
from vae_helpers.figures.picture import Scene

FAR = 3.0  # the plane shown is ±FAR
GREYS = 20  # of the ink: more cannot be told apart, and weigh


@style.applied()
def square_to_plane(decoded, shape: tuple[int, int], edges, density) -> Scene:
    """`decoded` [columns², pixels], top left first, on tiles whose `edges` [columns + 1] on the plane are Φ⁻¹ of an
    even grid (−∞ and ∞ at its ends); `density` = (z, height) of the prior along one latent.

    `move(share)`: 0 is the square with even tiles, drawn as wide as the plane, and 1 the plane.
    """
    columns = len(edges) - 1
    greys = np.round(GREYS * images.mosaic(decoded, shape, columns)) / GREYS
    tiles = images.INK(np.ma.masked_invalid(greys), bytes=True)  # coloured once, not at every place of a hand
    plane, square = np.clip(edges, -FAR, FAR), np.linspace(-FAR, FAR, columns + 1)
    fig, (left, right) = style.panels(2, height=4.3)
    left.grid(False)
    left.spines[:].set_visible(False)
    left.set(xlim=(-FAR, FAR), ylim=(-FAR, FAR), aspect="equal")
    bent = PcolorImage(left)  # an image whose pixels may differ in width
    left.add_image(bent)
    ticks = np.arange(-FAR, FAR + 1)
    left.set(xlabel="$z_1$ (in the square: $u_1$, stretched to ±3)", ylabel="$z_2$", xticks=ticks, yticks=ticks)
    (curve,) = right.plot(*density, color=style.PRIOR, label="prior $p(z_1)$")
    bars = right.stairs(
        np.zeros(columns), square, fill=True, color=style.PRIOR, alpha=0.35, label="one bar for each column"
    )
    rims = right.stairs(np.zeros(columns), square, color=style.DATA, lw=0.8)
    sides = right.vlines(square, 0, 0, color=style.DATA, lw=0.8, zorder=1)  # bars of one height would run together
    right.set(
        xlabel="$z_1$", ylabel="share of the prior, for a width of 1", xlim=(-FAR, FAR), xticks=ticks, ylim=(0, 0.45)
    )
    style.legend_above(right)

    def move(share: float) -> str:
        now = (1 - share) * square + share * plane
        bent.set_data(_pixels(now, shape[1]), -_pixels(now, shape[0])[::-1], tiles[::-1])  # its y points up
        widths = np.diff(now)
        heights = 1 / columns / widths
        for steps in (bars, rims):
            steps.set_data(heights, now)
        tops = np.maximum(np.append(heights, 0), np.append(0, heights))
        sides.set_segments([[(z, 0), (z, top)] for z, top in zip(now, tops, strict=True)])
        cut = f", cut at {FAR:g}" if share == 1 else ""
        return (
            f"{share:.0%} of the way from the square to the plane: a column in the middle is "
            f"{widths[columns // 2]:.2f} wide, the outermost {widths[0]:.2f}{cut}. All bars have the same area, and "
            f"each tile holds 1/{columns**2} of the prior."
        )

    return Scene(fig, [bent, bars, rims, sides, curve], move)  # the curve stays, and lies over the bars


def _pixels(edges: np.ndarray, size: int) -> np.ndarray:
    """Where the mosaic's pixels in a row, or by symmetry in a column, begin and end: `size` to a tile, and a seam."""
    pixels = np.interp(np.arange((len(edges) - 1) * (size + 1)) / (size + 1), np.arange(len(edges)), edges)
    pixels[-1] = edges[-1]  # the mosaic ends without a seam
    return pixels
