"""The slopes of a learner's function: ∂/∂arg of its outputs, by autograd."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from vae_helpers.exercises import trial


def slopes(
    function: Callable, probe: tuple, takes: dict[str, str], gives: dict[str, str], by: Sequence[str]
) -> list[Tensor] | None:
    """∂/∂arg of the sum of the outputs, each entry with another weight so that none cancels; one for each name in `by`.

    None where there is no graph, or none that can be followed back: numpy, a value changed in place.
    """
    leaves = [
        arg.clone().requires_grad_(name in by) if isinstance(arg, Tensor) else arg
        for name, arg in zip(takes, probe, strict=True)
    ]
    try:
        found = [value for value in trial.as_tensors(function(*leaves), gives) if value.requires_grad]
        if not found:
            return None
        total = sum((v.flatten().double() * torch.linspace(0.5, 1.5, v.numel()).double()).sum() for v in found)
        moved = [leaf for name, leaf in zip(takes, leaves, strict=True) if name in by]
        back = torch.autograd.grad(total, moved, allow_unused=True)
    except Exception:  # its numbers have been judged before; here only the way back is missing
        return None
    return [torch.zeros_like(leaf) if slope is None else slope for slope, leaf in zip(back, moved, strict=True)]
