"""What the calls of this floor ask of their arguments beyond what `maths.checks` asks of tensors."""

import operator

import torch
from torch import Tensor

from vae_helpers.maths import checks


def whole(call: str, name: str, value, least: int = 1) -> int:
    """`value` as an int of at least `least`. Raises TypeError (no whole number) and ValueError (too small)."""
    try:
        found = operator.index(value)
    except TypeError:
        raise TypeError(f"{call}: {name} is {checks.describe(value)}; it must be a whole number") from None
    if isinstance(value, bool) or found < least:
        raise ValueError(f"{call}: {name} = {value}; it must be a whole number, at least {least}")
    return found


def precision(call: str, value) -> torch.autocast:
    """A context, which may be entered again, where layers multiply their matrices in `value`. Raises ValueError."""
    if value not in ("float32", "bfloat16"):
        raise ValueError(f"{call}: precision = {value!r}; wanted 'float32' or 'bfloat16'")
    return torch.autocast("cpu", torch.bfloat16, enabled=value == "bfloat16")


def images(call: str, name: str, value, pixels: int) -> Tensor:
    """`value` as images: floating point [n, pixels] in [0, 1], at least one. Raises TypeError and ValueError."""
    if not isinstance(value, Tensor) or not value.is_floating_point():
        came = checks.describe(value) if isinstance(value, Tensor) else type(value).__name__
        raise TypeError(
            f"{call}: {name} is {came}; images are handed over as a tensor of numbers in [0, 1], "
            f"as in data.load('digits').train.images"
        )
    checks.pixels(call, value)
    if value.dim() != 2 or value.shape[1] != pixels or len(value) == 0:
        raise ValueError(
            f"{call}: {name} has shape {list(value.shape)}; wanted [n, {pixels}], n images of the {pixels} pixels that "
            f"this model draws"
        )
    return value
