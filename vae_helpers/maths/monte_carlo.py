"""Naive Monte Carlo for the evidence: draw z from the prior, and average how well each draw explains x.

    p_θ(x) = ∫ p_θ(x|z) p(z) dz = E_p(z)[p_θ(x|z)] ≈ p̂ = (1/n) Σⱼ p_θ(x|zⱼ),  zⱼ ~ p(z)

Everything stays in logs, in nats. p̂ is right on average; log p̂ is too low on average, because the log bends downwards.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from vae_helpers.maths import checks
from vae_helpers.maths.toy import LinearGaussian


def log_evidence(log_likelihood: Float[Tensor, "*batch n"]) -> Float[Tensor, "*batch"]:
    """log p̂ = log (1/n) Σⱼ p_θ(x|zⱼ) of n draws from the prior, without leaving the logs.

    `log_likelihood` holds log p_θ(x|zⱼ) along its last axis. Raises TypeError and ValueError (NaN, no draw).
    """
    call = "monte_carlo.log_evidence(log_likelihood)"
    checks.tensors(call, log_likelihood=log_likelihood)
    if log_likelihood.dim() == 0 or log_likelihood.shape[-1] == 0:
        raise ValueError(f"{call}: got shape {list(log_likelihood.shape)}; its last axis holds the draws, at least 1")
    return torch.logsumexp(log_likelihood, dim=-1) - math.log(log_likelihood.shape[-1])


def relative_variance(log_ratios: Float[Tensor, "*batch repeats"]) -> Float[Tensor, "*batch"]:
    """The mean of (p̂/p − 1)² over repeated estimates, given log p̂ − log p: of naive Monte Carlo about (R^D − 1)/n.

    Few estimates see too little of it: where most of the variance comes from rare draws, they hold none of them.
    It tends to `LinearGaussian.relative_variance(x)` / n. Raises TypeError and ValueError (NaN, no estimate).
    """
    _estimates("relative_variance", log_ratios, least=1)
    return torch.expm1(log_ratios).square().mean(-1)


class Bias(NamedTuple):
    """How far log p̂ is from log p on average, in nats (below 0: too low), and the standard error of that mean."""

    mean: Tensor
    standard_error: Tensor


def bias_of_log(log_ratios: Float[Tensor, "*batch repeats"]) -> Bias:
    """E[log p̂] − log p ≤ 0 by Jensen, from repeated log p̂ − log p; where it is small, about −(R^D − 1)/2n.

    Raises TypeError and ValueError (NaN, fewer than 2 estimates: one has no spread).
    The approximation is log(1 + e) ≈ e − e²/2. Source: Burda et al. (2016), arXiv 1509.00519, theorem 1, q the prior.
    """
    _estimates("bias_of_log", log_ratios, least=2)
    return Bias(log_ratios.mean(-1), log_ratios.std(-1) / math.sqrt(log_ratios.shape[-1]))


def draws_needed(relative_variance_of_one: Float[Tensor, "*batch"], error: float) -> Float[Tensor, "*batch"]:
    """n at which the standard deviation of p̂ is `error` · p: the relative variance of one draw over error²."""
    call = "monte_carlo.draws_needed(relative_variance_of_one, error)"
    checks.tensors(call, relative_variance_of_one=relative_variance_of_one)
    return relative_variance_of_one / checks.number(call, "error", error, positive=True) ** 2


def ladder(
    copy: LinearGaussian, x: float, dims: Sequence[int], ns: Sequence[int], repeats: int, generator: torch.Generator
) -> Float[Tensor, "dims ns repeats"]:
    """log p̂ of D independent copies, all at the same x, for each D in `dims` and n in `ns`, `repeats` times each.

    One set of draws serves all of them: D copies use its first D coordinates, n draws its first n. So the entries are
    no independent experiments. `copy` is the linear toy in one dimension. Raises TypeError and ValueError.
    """
    call = "monte_carlo.ladder(copy, x, dims, ns, repeats, generator)"
    if copy.dim != 1:
        raise ValueError(f"{call}: copy is {copy!r}; it must be one copy, of dim=1: they are multiplied here")
    for name, values in (("dims", dims), ("ns", ns), ("repeats", [repeats])):
        if not values or not all(isinstance(value, int) and value >= 1 for value in values):
            raise ValueError(f"{call}: {name} = {values}; it takes whole numbers, at least 1")
    seen = torch.tensor([checks.number(call, "x", x)], dtype=torch.float64)
    log_likelihood = torch.zeros(repeats, max(ns), dtype=torch.float64)
    found = {}
    for dim in range(1, max(dims) + 1):  # one coordinate at a time: all at once would not fit into memory
        z = torch.randn(repeats, max(ns), 1, generator=generator, dtype=torch.float64)
        log_likelihood += copy.log_likelihood(seen, z)
        if dim in dims:
            found[dim] = torch.stack([log_evidence(log_likelihood[:, :n]) for n in ns])
    return torch.stack([found[dim] for dim in dims])


def _estimates(name: str, log_ratios: Tensor, least: int) -> None:
    call = f"monte_carlo.{name}(log_ratios)"
    checks.tensors(call, log_ratios=log_ratios)
    if log_ratios.dim() == 0 or log_ratios.shape[-1] < least:
        raise ValueError(
            f"{call}: got shape {list(log_ratios.shape)}; its last axis holds repeated estimates, at least {least}"
        )
