"""Pictures of images: a grid, and rows to compare. 0 is paper and 1 is ink."""

from collections.abc import Mapping, Sequence

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from vae_helpers.figures import style
from vae_helpers.figures.picture import Picture

INK = matplotlib.colormaps["gray_r"].with_extremes(bad="#d9e6f2")  # the seams between images are neither ink nor paper


def array(values) -> np.ndarray:
    """A tensor, with or without a gradient, or an array, as an array."""
    return np.asarray(values.detach() if hasattr(values, "detach") else values)


def mosaic(images, shape: tuple[int, int], columns: int) -> np.ndarray:
    """Images [n, pixels] side by side, `columns` a row, as one array with a seam of NaN between them."""
    images = array(images)
    if images.ndim != 2 or len(images) == 0 or images.shape[1] != shape[0] * shape[1]:
        raise ValueError(
            f"figures.images: got images of shape {list(images.shape)}; wanted [n, {shape[0] * shape[1]}], "
            f"at least one image of {shape[0]} × {shape[1]} pixels"
        )
    rows = -(-len(images) // columns)
    tiles = np.full((rows * columns, shape[0] + 1, shape[1] + 1), np.nan)
    tiles[: len(images), :-1, :-1] = images.reshape(-1, *shape)
    lines = tiles.reshape(rows, columns, *tiles.shape[1:]).transpose(0, 2, 1, 3)
    return lines.reshape(rows * tiles.shape[1], -1)[:-1, :-1]


def draw(axes, pixels, **options):
    """One array of grey values on `axes`, without ticks; returns the image artist."""
    axes.grid(False)
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    return axes.imshow(pixels, cmap=INK, vmin=0, vmax=1, interpolation="nearest", **options)


@style.applied()
def grid(images, shape: tuple[int, int], columns: int = 10, what: str = "images") -> Picture:
    """Images [n, pixels], `columns` a row. `what` names them in the sentence."""
    images = array(images)
    tiled = mosaic(images, shape, columns)
    width = min(8.4, 0.42 * columns)
    fig, axes = style.panels(width=width, height=width * tiled.shape[0] / tiled.shape[1])
    draw(axes, tiled)
    return Picture(
        fig, f"{len(images)} {what}, {shape[0]} × {shape[1]} pixels each, {100 * images.mean():.0f} % of them ink."
    )


def named_rows(names: Sequence[str], stacks: Sequence[np.ndarray], shape: tuple[int, int]) -> Figure:
    """The figure of a row of images [n, pixels] for each name, which stands at its left."""
    tiled = mosaic(np.concatenate(stacks), shape, len(stacks[0]))
    # Words take 1.7 inches at the left. The anchor keeps them there: what is centred later would push them out.
    fig, axes = style.panels(height=6.6 * tiled.shape[0] / tiled.shape[1] + 0.1)
    draw(axes, tiled)
    axes.set_anchor("W")
    axes.set_yticks([(shape[0] + 1) * row + (shape[0] - 1) / 2 for row in range(len(names))], names)
    axes.tick_params(length=0)
    return fig


@style.applied()
def rows(named: Mapping[str, np.ndarray], shape: tuple[int, int], compare: bool = True) -> Picture:
    """One row for each name → images [n, pixels]; what stands in one column belongs together.

    `compare` says how far the pixels of each row are from those of the first.
    """
    if not named:
        raise ValueError("figures.images.rows(named, shape): got no row; wanted {name: images, …}")
    _, *others = names = list(named)
    stacks = [array(images) for images in named.values()]
    columns = len(stacks[0])
    if any(stack.shape != stacks[0].shape for stack in stacks):
        came = ", ".join(f"{name} {list(stack.shape)}" for name, stack in zip(names, stacks, strict=True))
        raise ValueError(f"figures.images.rows(named, shape): got {came}; every row needs as many images as the first")
    fig = named_rows(names, stacks, shape)
    differ = [f"{name} {np.abs(stack - stacks[0]).mean():.2f}" for name, stack in zip(others, stacks[1:], strict=True)]
    far = f" Pixels differ from the first row by, on average: {', '.join(differ)}." if others and compare else ""
    return Picture(fig, f"{columns} images in columns; the rows: {', '.join(names)}.{far}")
