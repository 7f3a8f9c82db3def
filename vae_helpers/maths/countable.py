"""A model that can be counted: pictures of two pixels, made by a hidden coin. Its evidence is a sum of two terms.

    z: ink with probability 0.6, else paper.    x: each pixel shows z, but with probability θ ("flip") the opposite.

It is a VAE's generative model with two latents and four pictures: p_θ(x) = Σ_z p_θ(x|z) p(z).
"""

import math

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from vae_helpers.maths import checks

PICTURES = torch.tensor([[1.0, 1.0], [0.0, 0.0], [1.0, 0.0], [0.0, 1.0]], dtype=torch.float64)  # 1 is ink
LATENTS = torch.tensor([1.0, 0.0], dtype=torch.float64)
LOG_PRIOR = torch.tensor([0.6, 0.4], dtype=torch.float64).log()  # of LATENTS


def log_likelihood(flip: Float[Tensor, "*batch"]) -> Float[Tensor, "*batch latents=2 pictures=4"]:
    """log p_θ(x|z) = Σ over both pixels of log(1 − θ) where it shows z, log θ where it does not; −∞ is a value.

    Raises TypeError and ValueError (NaN, θ outside [0, 1]).
    """
    call = "countable.log_likelihood(flip)"
    checks.tensors(call, flip=flip)
    if not ((flip >= 0) & (flip <= 1)).all():
        raise ValueError(f"{call}: flip is {checks.describe(flip)}, {flip.tolist()}; a probability lies in [0, 1]")
    flip = flip.double()[..., None, None]
    shown = (LATENTS[:, None, None] == PICTURES).double().sum(-1)  # [latents, pictures]: pixels that show z
    return torch.special.xlog1py(shown, -flip) + torch.special.xlogy(2 - shown, flip)


def log_evidence(flip: Float[Tensor, "*batch"]) -> Float[Tensor, "*batch pictures=4"]:
    """log p_θ(x) = log Σ_z p_θ(x|z) p(z) of each of the four PICTURES, in nats."""
    return torch.logsumexp(log_likelihood(flip) + LOG_PRIOR[:, None], dim=-2)


def mean(shares: Float[Tensor, " k"], values: Float[Tensor, "*batch k"]) -> Float[Tensor, "*batch"]:
    """Σ share · value: the mean over the data, of which `shares` says how often each picture comes. 0 · ∞ counts as 0.

    Raises TypeError and ValueError (NaN, shares that do not add up to 1).
    """
    call = "countable.mean(shares, values)"
    checks.tensors(call, shares=shares, values=values)
    if (shares < 0).any() or not math.isclose(shares.sum().item(), 1, abs_tol=1e-6):
        raise ValueError(f"{call}: shares = {shares.tolist()}; they must be at least 0 and add up to 1")
    return torch.where(shares > 0, shares * values, 0.0).sum(-1)


def kl(shares: Float[Tensor, " k"], log_p: Float[Tensor, "*batch k"]) -> Float[Tensor, "*batch"]:
    """D_KL(p_data ‖ p_θ) = Σ share · (log share − log p_θ) ≥ 0; +∞ where p_θ excludes a picture that the data hold."""
    return mean(shares, torch.where(shares > 0, shares.log() - log_p, 0.0))  # 0 · log 0 counts as 0


def sample(
    flip: Float[Tensor, ""], n: int, generator: torch.Generator
) -> tuple[Float[Tensor, " n"], Int64[Tensor, " n"]]:
    """n ancestral samples: z first, then the picture, as its number in PICTURES. Raises as `log_likelihood` does."""
    chances = log_likelihood(flip).exp()  # [latents, pictures]
    which = torch.multinomial(LOG_PRIOR.exp(), n, replacement=True, generator=generator)
    return LATENTS[which], torch.multinomial(chances[which], 1, generator=generator)[:, 0]
