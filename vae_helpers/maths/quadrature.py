"""Integrals over one variable, in float64 and in logs, refused where their own error estimate is not small.

Both integrals compare the trapezoid rule on all nodes with the rule on every other node. For smooth integrands that
vanish at both ends its error falls faster than any power of the spacing, so that the difference bounds the error of
the finer one generously. Source: Trefethen & Weideman (2014), SIAM Review 56, section 5.
"""

import math
from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from vae_helpers.maths import checks, gaussian

TOLERANCE = 1e-9  # nats; above one nat it is relative
REACH, NODES = 12.0, 801  # E_q runs over t = (z − μ)/σ from −12 to 12: outside, q holds less than 1e-32


def trapezoid(values: Float[Tensor, "*batch nodes"], spacing: Float[Tensor, ""]) -> Float[Tensor, "*batch"]:
    """∫ f ≈ spacing · (f₁/2 + f₂ + … + fₙ₋₁ + fₙ/2)."""
    weights = values.new_ones(values.shape[-1])
    weights[0] = weights[-1] = 0.5  # a product, not a difference: an infinite value must stay infinite, not become NaN
    return spacing * (values * weights).sum(-1)


def log_trapezoid(log_values: Float[Tensor, "*batch nodes"], spacing: Float[Tensor, ""]) -> Float[Tensor, "*batch"]:
    """log ∫ exp(log f), by the trapezoid rule, without leaving the logs (no overflow, no underflow)."""
    weights = log_values.new_zeros(log_values.shape[-1])
    weights[0] = weights[-1] = -math.log(2)
    return torch.logsumexp(log_values + weights, dim=-1) + spacing.log()


def agree(call: str, fine: Tensor, coarse: Tensor, remedy: str) -> Tensor:
    """`fine`, if `coarse` is within TOLERANCE of it (or both are the same infinity). Raises ArithmeticError."""
    moved = torch.where(fine == coarse, 0.0, (fine - coarse).abs() / fine.abs().clamp(min=1.0))
    if not (moved <= TOLERANCE).all():
        worst = moved.nan_to_num(nan=math.inf).max()
        raise ArithmeticError(
            f"{call}: halving the spacing of the nodes moved the result by {worst:.1e}, more than {TOLERANCE:.0e}; "
            f"{remedy}"
        )
    return fine


def gaussian_mean(
    call: str,
    g: Callable[[Tensor], Tensor],
    mu: Float[Tensor, "*#batch"],
    logvar: Float[Tensor, "*#batch"],
    nodes: int = NODES,
) -> Float[Tensor, "..."]:
    """E_q[g(z)] for q = N(μ, σ²), one number per μ: the trapezoid rule in t, z = μ + σt.

    `g` gets z of shape [*batch, nodes] and returns that shape. +∞ is a result; raises ArithmeticError, naming `call`,
    where doubling the nodes moves the result by more than TOLERANCE, or where g outgrows q before ±REACH σ. TypeError
    and ValueError where `g` returns something else.
    """
    t = torch.linspace(-REACH, REACH, 2 * nodes - 1, dtype=torch.float64)
    log_weight = gaussian.log_prob(t[:, None], torch.zeros(1).double(), torch.zeros(1).double())
    z = gaussian.reparameterize(mu[..., None].double(), logvar[..., None].double(), t)
    terms = log_weight.exp() * checks.elementwise(call, "g", g(z), z)
    dt = t[1] - t[0]
    fine, coarse = trapezoid(terms, dt), trapezoid(terms[..., ::2], 2 * dt)
    # Two sums that stop at the same place agree on what they both leave out: what is left at the ends must be nothing.
    ends = terms[..., [0, -1]].abs().amax(-1)
    if (ends > TOLERANCE * fine.abs().clamp(min=1.0)).any():
        raise ArithmeticError(
            f"{call}: {REACH:g} sigma away from mu the function still outweighs q; take a smaller sigma, or a function "
            f"that grows more slowly"
        )
    remedy = "the function is too rough for this q: take a smaller sigma, a smoother f or more noise"
    return agree(call, fine, coarse, remedy)
