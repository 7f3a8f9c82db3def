"""A data set that is drawn here: one shape an image, with its place, size, angle and kind known.

Nothing is fetched. What moves an image is known, so that what a latent has learned can be asked.
"""

import math

import torch
from jaxtyping import UInt8
from torch import Tensor

SIDE, LEVELS = 16, 16  # pixels a side; each pixel counts how many of its 4 × 4 points are ink
KINDS = ("ellipse", "rectangle", "triangle")
TRAIN, TEST, SEED = 5000, 1000, 0
SIZE = (2.5, 4.5)  # from the middle to the tip, in pixels


def factors(count: int, seed: int = SEED) -> dict[str, Tensor]:
    """`count` independent draws of each factor: x, y, size in pixels, angle in radians (float64), kind (int64).

    x runs to the right and y downwards from the top left corner, the angle clockwise from the right. It lies in [0, π):
    an ellipse turned by π is itself. The shape lies wholly inside the image.
    """
    generator = torch.Generator().manual_seed(seed)
    x, y, size, angle = torch.rand(4, count, generator=generator, dtype=torch.float64)
    low, high = SIZE[1], SIDE - SIZE[1]
    return {
        "x": low + (high - low) * x,
        "y": low + (high - low) * y,
        "size": SIZE[0] + (SIZE[1] - SIZE[0]) * size,
        "angle": math.pi * angle,
        "kind": torch.randint(len(KINDS), (count,), generator=generator),
    }


def draw(x: Tensor, y: Tensor, size: Tensor, angle: Tensor, kind: Tensor) -> UInt8[Tensor, "n pixels"]:
    """The images of these factors, each of shape [n]: counts 0 … LEVELS, row by row."""
    parts = zip(*(value.split(500) for value in (x, y, size, angle, kind)), strict=True)
    return torch.cat([_draw(*part) for part in parts])


def _draw(x: Tensor, y: Tensor, size: Tensor, angle: Tensor, kind: Tensor) -> Tensor:
    points = (torch.arange(4 * SIDE, dtype=torch.float64) + 0.5) / 4
    right, down = points[None, None, :] - x[:, None, None], points[None, :, None] - y[:, None, None]
    cos, sin, size = (value[:, None, None] for value in (angle.cos(), angle.sin(), size))
    # u points to the tip of the shape, v across it; both in units of its size
    u, v = (cos * right + sin * down) / size, (cos * down - sin * right) / size
    ellipse = u.square() + (2 * v).square() <= 1
    rectangle = (u.abs() <= 0.9) & (v.abs() <= 0.4)
    triangle = (u >= -0.6) & (v.abs() <= 0.375 * (1 - u))
    chosen = torch.stack((ellipse, rectangle, triangle))[kind, torch.arange(len(kind))]
    return chosen.reshape(-1, SIDE, 4, SIDE, 4).sum((2, 4)).to(torch.uint8).reshape(-1, SIDE * SIDE)
