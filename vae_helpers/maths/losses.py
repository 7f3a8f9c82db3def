"""Losses as they are met in other people's code, and the β, or σ², that each of them uses without saying so.

The ELBO asks for reconstruction − KL, each summed over its own axis. A mean in place of a sum changes the exchange rate
between the two, and with it the model that is trained. `x`, `logits`: [batch, pixels]; `mu`, `logvar`: [batch, latent].
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from vae_helpers.maths import checks, gaussian, likelihood

Loss = Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]


def _kl(mu: Tensor, logvar: Tensor) -> Tensor:
    """The KL of each image and latent, not summed: [batch, latent]."""
    return 0.5 * (mu.square() + logvar.exp() - 1 - logvar)


def _bce(x: Tensor, logits: Tensor, reduction: str) -> Tensor:
    return F.binary_cross_entropy_with_logits(logits, x, reduction=reduction)


def _se(x: Tensor, logits: Tensor) -> Tensor:
    return (x - logits.sigmoid()).square()


# What the code says → the loss. Each is averaged over the batch in the end, or summed over all of it.
CROSS_ENTROPY: dict[str, Loss] = {
    "(bce.sum() + kl.sum()) / batch": lambda x, o, m, v: (_bce(x, o, "sum") + _kl(m, v).sum()) / len(x),
    "bce.sum() + kl.sum()": lambda x, o, m, v: _bce(x, o, "sum") + _kl(m, v).sum(),
    "bce.sum() + 4 * kl.sum()": lambda x, o, m, v: _bce(x, o, "sum") + 4 * _kl(m, v).sum(),
    "bce.mean() + kl.sum(1).mean()": lambda x, o, m, v: _bce(x, o, "mean") + _kl(m, v).sum(1).mean(),
    "bce.mean() + kl.mean()": lambda x, o, m, v: _bce(x, o, "mean") + _kl(m, v).mean(),
    "bce.sum() + kl.sum(1).mean()": lambda x, o, m, v: _bce(x, o, "sum") + _kl(m, v).sum(1).mean(),
    "bce.mean() + kl.sum() / (batch * pixels)": lambda x, o, m, v: _bce(x, o, "mean") + _kl(m, v).sum() / x.numel(),
}
SQUARED_ERROR: dict[str, Loss] = {
    "0.5 * se.sum(1).mean() + kl.sum(1).mean()": lambda x, o, m, v: (
        0.5 * _se(x, o).sum(1).mean() + _kl(m, v).sum(1).mean()
    ),
    "se.sum(1).mean() + kl.sum(1).mean()": lambda x, o, m, v: _se(x, o).sum(1).mean() + _kl(m, v).sum(1).mean(),
    "se.mean() + kl.sum(1).mean()": lambda x, o, m, v: _se(x, o).mean() + _kl(m, v).sum(1).mean(),
}


def rates(
    loss: Loss,
    error: Callable[[Tensor, Tensor], Tensor],
    x: Float[Tensor, "batch pixels"],
    logits: Float[Tensor, "batch pixels"],
    mu: Float[Tensor, "batch latent"],
    logvar: Float[Tensor, "batch latent"],
) -> tuple[float, float]:
    """a and b where the loss is a·error + b·KL, both the mean over the batch of sums: measured, not read.

    Only the encoder's answer is moved, and the loss moves by b for each nat of KL; then only the decoder's, and it
    moves by a for each unit of `error(x, logits)`, [batch]. Raises TypeError and ValueError (NaN, shapes).
    """
    call = "losses.rates(loss, error, x, logits, mu, logvar)"
    checks.tensors(call, x=x, logits=logits)
    checks.tensors(call, mu=mu, logvar=logvar)
    x, logits, mu, logvar = (value.double() for value in (x, logits, mu, logvar))
    before, other = loss(x, logits, mu, logvar), (mu + 1, logvar - 1)
    b = (loss(x, logits, *other) - before) / (gaussian.kl(*other) - gaussian.kl(mu, logvar)).mean()
    a = (loss(x, 0.5 * logits - 1, mu, logvar) - before) / (error(x, 0.5 * logits - 1) - error(x, logits)).mean()
    return a.item(), b.item()


def beta(loss: Loss, x: Tensor, logits: Tensor, mu: Tensor, logvar: Tensor) -> float:
    """The β of a·BCE + b·KL: b/a, how many nats of reconstruction a nat of KL must earn. Shapes as for `rates`."""
    a, b = rates(loss, lambda x, logits: -likelihood.bernoulli(x, logits), x, logits, mu, logvar)
    return b / a


def variance(loss: Loss, x: Tensor, logits: Tensor, mu: Tensor, logvar: Tensor) -> float:
    """The σ² of a·SSE + b·KL: b/2a, the noise of the Gaussian pixels N(mean, σ²) whose ELBO, times −b, it is.

    Up to ½ D log 2πσ², a constant that the loss has lost. Shapes as for `rates`.
    """
    a, b = rates(loss, lambda x, logits: (x - logits.sigmoid()).square().sum(-1), x, logits, mu, logvar)
    return b / (2 * a)


def example(batch: int, pixels: int, latent: int, seed: int = 0) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """x, logits, mu, logvar that nothing was trained for: a hidden β does not depend on them."""
    generator = torch.Generator().manual_seed(seed)
    logits = torch.randn(batch, pixels, generator=generator, dtype=torch.float64)
    x = torch.bernoulli(torch.full_like(logits, 0.5), generator=generator)
    mu, logvar = torch.randn(2, batch, latent, generator=generator, dtype=torch.float64)
    return x, logits, mu, logvar
