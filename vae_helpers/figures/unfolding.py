"""How a plane of latents unfolds while a model is trained: moments of one run, side by side."""

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image

from vae_helpers.figures import images, style
from vae_helpers.figures.latent import CLASSES
from vae_helpers.figures.picture import Picture


@style.applied()
def moments(
    names: Sequence[str], codes, labels, frames: Sequence[bytes], shape: tuple[int, int], side: int, reach: float,
    prior: bool, says: str,
) -> Picture:  # fmt: skip
    """A column a moment, with its name: codes [moment, image, 2] over what its frame shows, a PNG of `side`² images.

    `frames` as in learning.recording: what stands below the first `side` rows of images of `shape` is not drawn.
    """
    fig, axes = style.panels(len(names), rows=2, height=5.6 if len(names) > 2 else 8.0, squeeze=False)
    colours = np.array(CLASSES)[images.array(labels) % len(CLASSES)]
    for name, places, frame, over, below in zip(names, images.array(codes), frames, *axes, strict=True):
        if prior:
            style.rings(over, lw=1.2)
        over.scatter(*places.T, s=3, lw=0, color=colours)
        over.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal", xlabel="$z_1$", ylabel="$z_2$", title=name)
        greys = np.asarray(Image.open(io.BytesIO(frame)))[: side * (shape[0] + 1) - 1, :-1]
        images.draw(below, 1 - greys / 255)
    return Picture(fig, says)
