"""log p(x | z): how well a decoder's output explains the data, in nats per example, summed over the last axis."""

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from vae_helpers.maths import checks


def bernoulli(x: Float[Tensor, "*#batch #pixels"], logits: Float[Tensor, "*#batch #pixels"]) -> Float[Tensor, "*batch"]:
    """log p(x|z) = Σᵢ [xᵢ log sigmoid(ℓᵢ) + (1 − xᵢ) log(1 − sigmoid(ℓᵢ))], independent pixels with logits ℓ.

    It is the log of a probability where every xᵢ is 0 or 1; between them it is only the cross-entropy, no log-density.
    Raises TypeError and ValueError (NaN, shapes, x outside [0, 1]). Source: Kingma & Welling (2014), appendix C.1.
    """
    checks.tensors("likelihood.bernoulli(x, logits)", x=x, logits=logits)
    checks.pixels("likelihood.bernoulli(x, logits)", x)
    # xℓ − softplus(ℓ) is the same sum without the log of a rounded 0. From the threshold on torch says softplus(ℓ) = ℓ:
    # at its default, 20, that is wrong by 2e-9.
    return (x * logits - F.softplus(logits, threshold=40)).sum(-1)
