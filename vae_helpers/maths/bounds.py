"""Lower bounds on log p(x), in nats per example. Higher is better; none can exceed log p(x) itself.

Made from random draws it is an estimate of a bound, right on average: a single one may land above.
"""

import math
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from vae_helpers.maths import checks, gaussian, quadrature
from vae_helpers.maths.toy import ToyModel


class Bound(NamedTuple):
    """A bound and its two terms: total = reconstruction − kl, each of shape [batch], in nats."""

    total: Tensor
    reconstruction: Tensor
    kl: Tensor


def elbo(
    log_likelihood: Float[Tensor, "*batch"], mu: Float[Tensor, "*batch latent"], logvar: Float[Tensor, "*batch latent"]
) -> Bound:
    """L = E_q[log p(x|z)] − D_KL(q(z|x) ‖ N(0, I)) for q(z|x) = N(μ, σ²): the evidence lower bound, per example.

    `log_likelihood` is E_q[log p(x|z)] or an unbiased estimate of it (log p(x|z) at one z ~ q). The same function
    serves the toy model and the networks. Raises TypeError and ValueError (NaN, shapes).
    Source: Kingma & Welling (2014), eq. 3 and 7.
    """
    price = gaussian.kl(mu, logvar)
    checks.tensors("bounds.elbo(log_likelihood, mu, logvar)", log_likelihood=log_likelihood)
    if log_likelihood.shape != price.shape:
        raise ValueError(
            f"bounds.elbo(log_likelihood, mu, logvar): log_likelihood has shape {list(log_likelihood.shape)}; "
            f"mu and logvar ask for one number per example, {list(price.shape)}: sum it over pixels first"
        )
    return Bound(log_likelihood - price, log_likelihood, price)


def of_toy(
    model: ToyModel, x: Float[Tensor, ""], mu: Float[Tensor, "*#batch"], logvar: Float[Tensor, "*#batch"]
) -> Bound:
    """The ELBO of the toy model for q = N(μ, σ²), its reconstruction E_q[log p_θ(x|z)] by quadrature; one a q.

    Raises TypeError and ValueError (NaN, shapes), ArithmeticError (too rough to integrate).
    """
    call = "bounds.of_toy(model, x, mu, logvar)"
    checks.tensors(call, x=x, mu=mu, logvar=logvar)
    checks.single(call, x=x)
    mu, logvar = (value.double() for value in torch.broadcast_tensors(mu, logvar))
    reconstruction = quadrature.gaussian_mean(call, lambda z: model.log_likelihood(x, z), mu, logvar)
    return elbo(reconstruction, mu[..., None], logvar[..., None])


def log_weights(
    log_likelihood: Float[Tensor, "*batch"],
    z: Float[Tensor, "*batch latent"],
    mu: Float[Tensor, "*#batch latent"],
    logvar: Float[Tensor, "*#batch latent"],
) -> Float[Tensor, "*batch"]:
    """log w = log p_θ(x|z) + log p(z) − log q(z|x) for z drawn from q = N(μ, σ²) and the prior N(0, I).

    Its mean over z is the ELBO; `iwae` makes a higher bound of several. Raises TypeError and ValueError (NaN, shapes).
    Source: Burda et al. (2016), arXiv 1509.00519, eq. 7 and 8.
    """
    zero = torch.zeros_like(mu)
    log_ratio = gaussian.log_prob(z, zero, zero) - gaussian.log_prob(z, mu, logvar)
    checks.tensors("bounds.log_weights(log_likelihood, z, mu, logvar)", log_likelihood=log_likelihood)
    if log_likelihood.shape != log_ratio.shape:
        raise ValueError(
            f"bounds.log_weights(log_likelihood, z, mu, logvar): log_likelihood has shape "
            f"{list(log_likelihood.shape)}; z asks for one number a draw, {list(log_ratio.shape)}"
        )
    return log_likelihood + log_ratio


def iwae(log_weights: Float[Tensor, "*batch k"]) -> Float[Tensor, "*batch"]:
    """L_k = log (1/k) Σⱼ wⱼ, wⱼ = p_θ(x|zⱼ) p(zⱼ) / q(zⱼ|x), zⱼ ~ q: for k = 1 the ELBO's estimate, for k → ∞ log p(x).

    Without leaving the logs. On average it rises with k and stays below log p_θ(x).
    Raises TypeError and ValueError (NaN, k = 0). Source: Burda et al. (2016), arXiv 1509.00519, eq. 8, theorem 1.
    """
    call = "bounds.iwae(log_weights)"
    checks.tensors(call, log_weights=log_weights)
    if log_weights.dim() == 0 or log_weights.shape[-1] == 0:
        raise ValueError(f"{call}: log_weights has shape {list(log_weights.shape)}; its last axis holds k ≥ 1 samples")
    return torch.logsumexp(log_weights, dim=-1) - math.log(log_weights.shape[-1])
