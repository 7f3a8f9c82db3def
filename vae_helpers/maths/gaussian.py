"""The diagonal Gaussian: density, entropy, divergences, and a sample as a function of its parameters.

Everywhere `logvar` = log σ² (natural log of the variance), the last axis holds the dimensions, and it is summed:
a result has one number, in nats, per example. Arguments broadcast.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from vae_helpers.maths import checks

LOG_2PI = math.log(2 * math.pi)


def log_prob(
    x: Float[Tensor, "*#batch #dim"], mu: Float[Tensor, "*#batch #dim"], logvar: Float[Tensor, "*#batch #dim"]
) -> Float[Tensor, "*batch"]:
    """log N(x; μ, σ²) = −½ Σᵢ [log 2π + log σᵢ² + (xᵢ − μᵢ)² / σᵢ²], the constant included.

    Raises TypeError and ValueError as `checks.tensors` does. Source: Bishop, PRML (2006), eq. 2.43.
    """
    checks.tensors("gaussian.log_prob(x, mu, logvar)", x=x, mu=mu, logvar=logvar)
    # Divided by σ before it is squared: exp(−logvar) would overflow first, and 0 · ∞ is NaN.
    return -0.5 * (LOG_2PI + logvar + ((x - mu) * torch.exp(-0.5 * logvar)).square()).sum(-1)


def entropy(logvar: Float[Tensor, "*batch dim"]) -> Float[Tensor, "*batch"]:
    """H(q) = −E_q[log q(z)] = ½ Σᵢ [log 2πe + log σᵢ²]; it may be negative. Source: Bishop (2006), eq. 1.110."""
    checks.tensors("gaussian.entropy(logvar)", logvar=logvar)
    return 0.5 * (LOG_2PI + 1 + logvar).sum(-1)


def kl(mu: Float[Tensor, "*#batch #dim"], logvar: Float[Tensor, "*#batch #dim"]) -> Float[Tensor, "*batch"]:
    """D_KL(N(μ, σ²) ‖ N(0, 1)) = ½ Σᵢ [μᵢ² + σᵢ² − 1 − log σᵢ²] ≥ 0.

    Source: Kingma & Welling (2014), arXiv 1312.6114, appendix B (there as −D_KL).
    """
    checks.tensors("gaussian.kl(mu, logvar)", mu=mu, logvar=logvar)
    # expm1(logvar) keeps the digits of σ² − 1 where σ is close to 1 and they would cancel.
    return 0.5 * (mu.square() + torch.expm1(logvar) - logvar).sum(-1)


def kl_between(
    mu_q: Float[Tensor, "*#batch #dim"],
    logvar_q: Float[Tensor, "*#batch #dim"],
    mu_p: Float[Tensor, "*#batch #dim"],
    logvar_p: Float[Tensor, "*#batch #dim"],
) -> Float[Tensor, "*batch"]:
    """D_KL(q ‖ p) = ½ Σᵢ [(μ_q − μ_p)² / σ_p² + σ_q²/σ_p² − 1 − log(σ_q²/σ_p²)] ≥ 0, of two diagonal Gaussians.

    Source: Kullback (1959), ch. 9; `kl` is the case p = N(0, 1).
    """
    checks.tensors(
        "gaussian.kl_between(mu_q, logvar_q, mu_p, logvar_p)",
        mu_q=mu_q, logvar_q=logvar_q, mu_p=mu_p, logvar_p=logvar_p,
    )  # fmt: skip
    log_ratio = logvar_q - logvar_p
    distance = ((mu_q - mu_p) * torch.exp(-0.5 * logvar_p)).square()
    return 0.5 * (distance + torch.expm1(log_ratio) - log_ratio).sum(-1)


def reparameterize(
    mu: Float[Tensor, "*#shape"], logvar: Float[Tensor, "*#shape"], eps: Float[Tensor, "*#shape"]
) -> Float[Tensor, "*shape"]:
    """z = μ + σ ⊙ ε with σ = exp(½ logvar): for ε ~ N(0, I) a sample of N(μ, σ²), with a gradient in μ and logvar.

    Source: Kingma & Welling (2014), section 2.4.
    """
    checks.tensors("gaussian.reparameterize(mu, logvar, eps)", mu=mu, logvar=logvar, eps=eps)
    return mu + torch.exp(0.5 * logvar) * eps
