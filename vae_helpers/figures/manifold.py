"""A square of images bent to the plane of latents: every tile keeps its share of the prior."""

import numpy as np

from vae_helpers.figures import images, style
from vae_helpers.figures.picture import Scene

FAR, RASTER = 3.0, 480  # the plane shown is ±FAR, in so many pixels a side
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
    bent = images.draw(left, np.zeros((RASTER, RASTER, 4), np.uint8), extent=(-FAR, FAR, -FAR, FAR))
    ticks = np.arange(-FAR, FAR + 1)
    left.set(xlabel="$z_1$ (in the square: $u_1$, stretched to ±3)", ylabel="$z_2$", xticks=ticks, yticks=ticks)
    (curve,) = right.plot(*density, color=style.PRIOR, label="prior $p(z_1)$")
    bars = right.stairs(
        np.zeros(columns), square, fill=True, color=style.PRIOR, alpha=0.35, label="one bar for each column"
    )
    rims = right.stairs(np.zeros(columns), square, color=style.DATA, lw=0.8)
    right.set(
        xlabel="$z_1$", ylabel="share of the prior, for a width of 1", xlim=(-FAR, FAR), xticks=ticks, ylim=(0, 0.45)
    )
    style.legend_above(right)

    def move(share: float) -> str:
        now = (1 - share) * square + share * plane
        across, down = _index(now, shape[1]), _index(now, shape[0])
        bent.set_data(tiles[np.minimum(down, len(tiles) - 1)][:, np.minimum(across, tiles.shape[1] - 1)])
        widths = np.diff(now)
        for steps in (bars, rims):
            steps.set_data(1 / columns / widths, now)
        cut = f", cut at {FAR:g}" if share == 1 else ""
        return (
            f"{share:.0%} of the way from the square to the plane: a column in the middle is "
            f"{widths[columns // 2]:.2f} wide, the outermost {widths[0]:.2f}{cut}. All bars have the same area, and "
            f"each tile holds 1/{columns**2} of the prior."
        )

    return Scene(fig, [bent, bars, rims, curve], move)  # the curve stays, and lies over the bars


def _index(edges: np.ndarray, size: int) -> np.ndarray:
    """Which row (or column, which are alike: the edges are symmetric) of the mosaic each row of the raster shows."""
    at = -FAR + 2 * FAR * (np.arange(RASTER) + 0.5) / RASTER
    tile = np.clip(np.searchsorted(edges, at, side="right") - 1, 0, len(edges) - 2)
    within = (at - edges[tile]) / (edges[tile + 1] - edges[tile])
    return tile * (size + 1) + np.clip((within * (size + 1)).astype(int), 0, size)
