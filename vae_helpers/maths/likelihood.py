"""log p(x | z): how well a decoder's output explains the data, in nats per example, summed over the last axis."""

import math

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from vae_helpers.maths import checks
from vae_helpers.maths.gaussian import log_prob


def bernoulli(x: Float[Tensor, "*#batch #pixels"], logits: Float[Tensor, "*#batch #pixels"]) -> Float[Tensor, "*batch"]:
    """log p(x|z) = Σᵢ [xᵢ log sigmoid(ℓᵢ) + (1 − xᵢ) log(1 − sigmoid(ℓᵢ))], independent pixels with logits ℓ.

    It is the log of a probability where every xᵢ is 0 or 1; between them it is only the cross-entropy, no log-density.
    Raises TypeError and ValueError (NaN, shapes, x outside [0, 1]). Source: Kingma & Welling (2014), appendix C.1.
    """
    checks.tensors("likelihood.bernoulli(x, logits)", x=x, logits=logits)
    checks.pixels("likelihood.bernoulli(x, logits)", x)
    # xℓ − softplus(ℓ) is the same sum without the log of a rounded 0. From the threshold on torch says softplus(ℓ) = ℓ:
    # at its default, 20, that is wrong by 2e-9. In place: a tensor of pixels less.
    return (x * logits).sub_(F.softplus(logits, threshold=40)).sum(-1)


def continuous_bernoulli(
    x: Float[Tensor, "*#batch #pixels"], logits: Float[Tensor, "*#batch #pixels"]
) -> Float[Tensor, "*batch"]:
    """log p(x|z) = Σᵢ [log C(ℓᵢ) + xᵢ ℓᵢ − softplus(ℓᵢ)], log C(ℓ) = log(ℓ / tanh(ℓ/2)): a density on [0, 1].

    Its mean is 1/(1 − e^−ℓ) − 1/ℓ, not sigmoid(ℓ). Raises TypeError and ValueError (NaN, shapes, x outside [0, 1]).
    Source: Loaiza-Ganem & Cunningham (2019), arXiv 1907.06845, section 3.
    """
    cross_entropy = bernoulli(x, logits)
    # ℓ / tanh(ℓ/2) = 2 + ℓ²/6 + …; near 0 the quotient itself is 0/0.
    small = logits.abs() < 1e-2
    safe = torch.where(small, torch.ones_like(logits), logits)
    log_c = torch.where(
        small, math.log(2) + logits.square() / 12 - 7 * logits.pow(4) / 1440, (safe / torch.tanh(safe / 2)).log()
    )
    return cross_entropy + torch.broadcast_tensors(log_c, x)[0].sum(-1)


def gaussian(
    x: Float[Tensor, "*#batch #pixels"],
    mean: Float[Tensor, "*#batch #pixels"],
    sigma: float | int | Float[Tensor, ""] | Float[Tensor, "*#batch #pixels"],
) -> Float[Tensor, "*batch"]:
    """log p(x|z) = Σᵢ log N(xᵢ; meanᵢ, σ²): −Σ (x − mean)²/2σ² − D log σ − ½ D log 2π, the constants included.

    Raises TypeError and ValueError (NaN, shapes, σ ≤ 0).
    """
    call = "likelihood.gaussian(x, mean, sigma)"
    checks.tensors(call, x=x, mean=mean)
    sigma = torch.as_tensor(sigma, dtype=mean.dtype, device=mean.device)
    checks.tensors(call, x=x, mean=mean, sigma=sigma)
    if not (sigma > 0).all():
        raise ValueError(f"{call}: sigma = {sigma.min():g}; a standard deviation must be greater than 0")
    return log_prob(x, mean, (2 * sigma.log()).expand(mean.shape[-1:] if sigma.dim() == 0 else sigma.shape))
