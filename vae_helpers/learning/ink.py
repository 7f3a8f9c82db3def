"""Strokes of a pen made an image as MNIST's were, and ten drawings of our own. `static/ink.js` does the same.

A stroke is a list of points [x, y] in a unit square: x to the right, y down. The two agree to the last bit: both use
the same operations on 64-bit numbers in the same order, and round to grey values 0 … 255 before they add anything up.
"""

import math
from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from vae_helpers.learning import arguments

Strokes = Sequence[Sequence[Sequence[float]]]
BOX = 20 / 28  # of the image's shorter side: MNIST's digits are scaled to fit 20 × 20 of its 28 × 28 pixels
PEN = 0.062  # half the width of a stroke, of the box: with it our drawings hold as much ink as MNIST's images
SMALLEST = 0.1  # of the square: what is drawn smaller is not enlarged further (a dot stays a dot)
LEVELS = 255
CALL = "ink.image(strokes, shape, box)"


def checked(call: str, strokes) -> list[list[list[float]]]:
    """`strokes` as lists of [x, y] of finite floats; tuples, arrays and tensors are taken. Raises ValueError."""
    try:
        found = [[[float(number) for number in point] for point in stroke] for stroke in strokes]
    except (TypeError, ValueError):
        found = [[[]]]
    if not all(stroke and all(len(point) == 2 and all(map(math.isfinite, point)) for point in stroke)
               for stroke in found):  # fmt: skip
        raise ValueError(
            f"{call}: wanted strokes, each a list of points [x, y] from 0 to 1 (x to the right, y down), "
            f"as in [[[0.5, 0.1], [0.5, 0.9]]]; got {_short(strokes)}"
        )
    return found


def image(strokes: Strokes, shape: tuple[int, int] = (28, 28), box: float = BOX) -> Float[Tensor, " pixels"]:
    """The image of `strokes`: float32 in [0, 1], 0 is paper and 1 is ink; without strokes all paper.

    Their bounding box is scaled to fit a box of `box` times the shorter side, keeping its aspect. A pixel whose centre
    is d from the nearest stroke gets the ink clip(r + 1/2 − d, 0, 1), r half the pen's width, in 255 steps. The box is
    then moved by whole pixels until the centre of mass is in the middle, or its edge at the image's. Raises ValueError.
    Source: LeCun et al., MNIST (there a scan is scaled, and here a line is drawn).
    """
    rows, columns = (arguments.whole(CALL, "shape", size) for size in shape)
    found = torch.zeros(rows, columns)
    strokes = checked(CALL, strokes)
    if strokes:
        side = max(1, math.floor(box * min(rows, columns) + 0.5))
        grey = _in_the_box(strokes, side)
        if (mass := grey.sum().item()) > 0:
            middle = torch.arange(side, dtype=torch.float64)
            top = _offset((grey.sum(1) * middle).sum().item() / mass, rows, side)
            left = _offset((grey.sum(0) * middle).sum().item() / mass, columns, side)
            found[top : top + side, left : left + side] = (grey / LEVELS).float()
    return found.flatten()


def _in_the_box(strokes: Strokes, side: int) -> Float[Tensor, "side side"]:
    """Grey values 0 … 255, whole numbers, of the strokes scaled into a box of `side` × `side` pixels."""
    points = torch.tensor([point for stroke in strokes for point in stroke], dtype=torch.float64)
    (low, high), pen = points.aminmax(dim=0), PEN * side
    scale = (side - 2 * pen) / max((high - low).max().item(), SMALLEST)
    placed = (points - (low + high) / 2) * scale + side / 2
    begins, ends, first = [], [], 0
    for stroke in strokes:
        last = first + len(stroke) - 1
        begins += range(first, max(last, first + 1))  # a single point is a line to itself
        ends += range(first + 1, last + 1) if last > first else [first]
        first = last + 1
    (ax, ay), (bx, by) = placed[begins].T[:, None], placed[ends].T[:, None]
    (dx, dy), at = (bx - ax, by - ay), torch.arange(side, dtype=torch.float64) + 0.5
    px, py = at.repeat(side)[:, None], at.repeat_interleave(side)[:, None]
    length = dx * dx + dy * dy
    along = (((px - ax) * dx + (py - ay) * dy) / length).nan_to_num().clamp(0, 1)
    x, y = px - (ax + along * dx), py - (ay + along * dy)
    ink = (pen + 0.5 - (x * x + y * y).min(1).values.sqrt()).clamp(0, 1)
    return (LEVELS * ink + 0.5).floor().reshape(side, side)


def _offset(mass: float, size: int, side: int) -> int:
    """Where a box of `side` pixels begins: its centre of mass falls within [−½, ½) of pixel size / 2, as in MNIST."""
    return min(max(math.ceil(size / 2 - mass - 0.5), 0), size - side)


def _short(value, most: int = 80) -> str:
    text = f"{type(value).__name__} {value!r}"
    return text if len(text) <= most else f"{text[:most]}…"


def smooth(points: Sequence[Sequence[float]], steps: int = 6) -> list[list[float]]:
    """A curve through `points`, in `steps` lines from each to the next (Catmull and Rom, 1974)."""
    ends = [points[0], *points, points[-1]]
    curve = [list(points[0])]
    for a, b, c, d in zip(ends, ends[1:], ends[2:], ends[3:], strict=False):
        for t in (step / steps for step in range(1, steps + 1)):
            weights = (-t + 2 * t**2 - t**3, 2 - 5 * t**2 + 3 * t**3, t + 4 * t**2 - 3 * t**3, t**3 - t**2)
            curve.append([round(sum(w * p[i] for w, p in zip(weights, (a, b, c, d), strict=True)) / 2, 4)
                          for i in (0, 1)])  # fmt: skip
    return curve


# Drawn by us, a line a stroke, in hundredths of the square: x y, x y, …
_DRAWN = {
    0: ["54 12, 36 20, 27 45, 31 72, 46 88, 64 80, 73 55, 69 28, 52 12"],
    1: ["57 12, 50 50, 44 88"],
    2: ["30 28, 40 15, 58 13, 68 26, 62 46, 44 68, 28 85", "28 85, 50 82, 74 85"],
    3: ["30 20, 45 12, 64 18, 66 34, 50 46", "50 46, 68 54, 72 72, 56 87, 36 86, 27 76"],
    4: ["36 14, 29 36, 28 53", "28 53, 50 54, 72 50", "68 12, 64 50, 61 90"],
    5: ["70 13, 38 15", "38 15, 33 46", "33 46, 52 40, 69 52, 69 72, 53 87, 29 84"],
    6: ["62 12, 44 28, 32 54, 34 78, 50 88, 66 80, 66 62, 50 55, 34 68"],
    7: ["27 18, 50 16, 73 15", "73 15, 56 50, 45 88"],
    8: ["70 24, 54 12, 34 22, 42 42, 60 56, 66 74, 48 88, 30 76, 36 60, 56 44, 70 24"],
    9: ["67 28, 54 13, 36 20, 34 40, 50 48, 67 28", "67 28, 64 60, 56 88"],
}


def _curves(lines: Sequence[str]) -> list[list[list[float]]]:
    return [smooth([[int(number) / 100 for number in point.split()] for point in line.split(",")]) for line in lines]


EXAMPLES = {digit: _curves(lines) for digit, lines in _DRAWN.items()}  # digit → strokes
