"""Seeded inputs on which an answer must be right, with no 0 and no 1 that could hide a fault."""

import torch
from torch import Tensor


def normal(
    *shape: int, seed: int, scale: float = 1.0, shift: float = 0.0, dtype: torch.dtype = torch.float64
) -> Tensor:
    """shift + scale · ε of this shape, the same for the same seed."""
    noise = torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return (shift + scale * noise).to(dtype)


def gaussians(batch: int, latent: int, seed: int, scale: float = 1.0, dtype=torch.float64) -> tuple[Tensor, Tensor]:
    """mu and logvar, each [batch, latent]."""
    mu = normal(batch, latent, seed=seed, scale=scale, dtype=dtype)
    return mu, normal(batch, latent, seed=seed + 1, scale=scale, shift=-0.4, dtype=dtype)
