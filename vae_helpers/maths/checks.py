"""What a function of tensors asks of its arguments, and the message where it does not get it.

Each check names the call, what came and what was wanted. They cost one pass over the data and change nothing.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import torch
from torch import Tensor

_numbers_too = ContextVar("numbers_too", default=True)  # of each thread: a slider's callback runs beside a training


@contextmanager
def only_shapes() -> Iterator[None]:
    """Within it types and shapes are asked for, but no number is looked at: NaN and pixels outside [0, 1] pass.

    For a loop that checked what it was given and looks at what came out: the passes over all arguments of all
    functions together take about a tenth of a step on small images.
    """
    before = _numbers_too.set(False)
    try:
        yield
    finally:
        _numbers_too.reset(before)


def describe(value) -> str:
    """What a message says of a value: dtype and shape of a tensor, else type and value."""
    if isinstance(value, Tensor):
        return f"{str(value.dtype).removeprefix('torch.')} of shape {list(value.shape)}"
    return f"{type(value).__name__} {value!r}"


def tensors(call: str, **named: Tensor) -> None:
    """Every argument is a floating-point tensor without NaN, and their shapes broadcast together.

    Raises TypeError (not a tensor, not floating point) and ValueError (NaN, shapes).
    """
    for name, value in named.items():
        if not isinstance(value, Tensor) or not value.is_floating_point():
            raise TypeError(
                f"{call}: {name} is {describe(value)}; it must be a tensor of floating point numbers, "
                f"for instance torch.tensor(1.0)"
            )
        # A sum is NaN where a summand is (or where ∞ meets −∞, so look again): asking each takes six times as long.
        if _numbers_too.get() and math.isnan(value.sum().item()) and value.isnan().any():
            raise ValueError(
                f"{call}: {name}, {describe(value)}, holds {int(value.isnan().sum())} NaN; "
                f"look for the first operation that made one (0/0, log of a negative number, a diverged training)"
            )
    if len({value.shape for value in named.values()}) == 1:
        return
    try:
        # Views, in microseconds; the first call of torch.broadcast_shapes imports SymPy: a second, and 36 MB.
        torch.broadcast_tensors(*(value.detach() for value in named.values()))
    except RuntimeError:
        came = ", ".join(f"{name} {list(value.shape)}" for name, value in named.items())
        raise ValueError(f"{call}: got shapes {came}; they must be equal or broadcast to one shape") from None


def single(call: str, **named: Tensor) -> None:
    """Every tensor holds one number, shape []. Raises ValueError: a batch would broadcast against the wrong axis."""
    for name, value in named.items():
        if value.dim():
            raise ValueError(
                f"{call}: {name} is {describe(value)}; it must be one number, of shape []: take one entry, {name}[0]"
            )


def elementwise(call: str, name: str, value: Tensor, z: Tensor) -> Tensor:
    """`value`, what the function `name` gave for `z`, if it holds one number per z. Raises TypeError and ValueError."""
    tensors(call, **{f"{name}(z)": value})
    if value.shape != z.shape:
        raise ValueError(
            f"{call}: {name}(z) is {describe(value)}; it must give one number per z, shape {list(z.shape)}. "
            f"A density that sums over its last axis, like gaussian.log_prob, is given z[..., None]"
        )
    return value


def number(call: str, name: str, value, positive: bool = False) -> float:
    """`value` as a finite float. Raises TypeError (not one number) and ValueError (not finite, not positive)."""
    if isinstance(value, Tensor) and value.requires_grad:
        raise TypeError(f"{call}: {name} asks for a gradient, which would be lost here; pass {name}.item()")
    try:
        found = float(value)
    except (TypeError, ValueError, RuntimeError, OverflowError):
        raise TypeError(f"{call}: {name} is {describe(value)}; it must be one number") from None
    if not math.isfinite(found):
        raise ValueError(f"{call}: {name} = {found}; it must be finite")
    if positive and found <= 0:
        raise ValueError(f"{call}: {name} = {found}; it must be greater than 0")
    return found


def pixels(call: str, x: Tensor) -> None:
    """`x` is floating point with every value in [0, 1]. Raises TypeError and ValueError."""
    tensors(call, x=x)
    low, high = (end.item() for end in x.detach().aminmax()) if x.numel() and _numbers_too.get() else (0, 1)
    if low < 0 or high > 1:
        raise ValueError(
            f"{call}: x, {describe(x)}, runs from {low:.4g} to {high:.4g}; pixels must lie in [0, 1]. "
            f"Grey values counted from 0 to 255 (or 0 to 16) are divided by that largest value first"
        )
