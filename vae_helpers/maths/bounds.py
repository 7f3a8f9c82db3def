"""Lower bounds on log p(x), in nats per example. Higher is better; none can exceed log p(x) itself.

Made from random draws it is an estimate of a bound, right on average: a single one may land above.
"""

from typing import NamedTuple

from jaxtyping import Float
from torch import Tensor

from vae_helpers.maths import checks, gaussian


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
