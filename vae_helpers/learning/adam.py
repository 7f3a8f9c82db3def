"""Adam as `torch.optim.Adam(…, fused=True)` has it, bit for bit, without what that one imports.

The first optimizer of torch.optim brings torch's compiler and SymPy along, which no cell of the course uses: whoever
presses Train would wait seconds for them, and keep tens of megabytes.
"""

from collections.abc import Iterable

import torch
from torch import Tensor


class Adam:
    """m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², θ ← θ − rate · m̂ / (√v̂ + ε), with m̂ = m/(1 − β₁ᵗ), v̂ = v/(1 − β₂ᵗ).

    `moments[number]` of each parameter θ are t, m and v under torch's names: `step`, `exp_avg`, `exp_avg_sq`.
    Source: Kingma & Ba (2015), algorithm 1, whose β₁ = 0.9 and β₂ = 0.999 it takes.
    """

    def __init__(self, parameters: Iterable[Tensor], eps: float = 1e-8):
        self.parameters, self.eps = list(parameters), eps
        self.moments = {
            number: {"step": torch.zeros(()), "exp_avg": torch.zeros_like(p), "exp_avg_sq": torch.zeros_like(p)}
            for number, p in enumerate(self.parameters)
        }

    @torch.no_grad()
    def step(self, rate: float) -> None:
        """Move every parameter against its gradient, in place, and forget the gradients."""
        gradients = [parameter.grad for parameter in self.parameters]
        steps, m, v = ([each[name] for each in self.moments.values()] for name in ("step", "exp_avg", "exp_avg_sq"))
        for t in steps:
            t += 1
        # The loop in C++ alone: on small weights torch.optim's wrapper around it takes several times as long.
        constants = {"beta1": 0.9, "beta2": 0.999, "lr": rate, "eps": self.eps, "weight_decay": 0.0}
        torch._fused_adam_(self.parameters, gradients, m, v, [], steps, amsgrad=False, maximize=False, **constants)
        for parameter in self.parameters:
            parameter.grad = None
