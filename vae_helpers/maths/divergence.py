"""The Kullback–Leibler divergence of a Gaussian guess q = N(μ, σ²) from another density, in nats.

`mu` and `logvar` are numbers or batches of them (q lives on the line); `log_p` is the log-density to compare with, a
function of z. Smaller is a better guess; 0 is a perfect one.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from vae_helpers.maths import checks, gaussian, quadrature, threads
from vae_helpers.maths.toy import ToyModel

LogDensity = Callable[[Tensor], Tensor]


def log_q(
    z: Float[Tensor, "*#shape"], mu: Float[Tensor, "*#shape"], logvar: Float[Tensor, "*#shape"]
) -> Float[Tensor, "*shape"]:
    """log N(z; μ, σ²) elementwise: `gaussian.log_prob` for a q on the line."""
    return gaussian.log_prob(z[..., None], mu[..., None], logvar[..., None])


def overpayment(
    log_p: LogDensity, z: Float[Tensor, "*#shape"], mu: Float[Tensor, "*#shape"], logvar: Float[Tensor, "*#shape"]
) -> Float[Tensor, "*shape"]:
    """log q(z) − log p(z): the nats paid too much for this one z when q draws it and p sets the prices."""
    price = checks.elementwise("divergence.overpayment(log_p, z, mu, logvar)", "log_p", log_p(z), z)
    return log_q(z, mu, logvar) - price


def kl(
    log_p: LogDensity,
    mu: Float[Tensor, "*batch"],
    logvar: Float[Tensor, "*batch"],
) -> Float[Tensor, "*batch"]:
    """D_KL(q ‖ p) = E_q[log q(z) − log p(z)] by quadrature: the average overpayment.

    +∞ where q reaches places at which log p is −∞. Raises TypeError and ValueError (NaN, shapes), ArithmeticError
    (too rough to integrate). Source: Kullback & Leibler (1951), Ann. Math. Stat. 22, section 2.
    """
    call = "divergence.kl(log_p, mu, logvar)"
    checks.tensors(call, mu=mu, logvar=logvar)
    mu, logvar = mu.double(), logvar.double()
    return quadrature.gaussian_mean(call, lambda z: overpayment(log_p, z, mu[..., None], logvar[..., None]), mu, logvar)


def reverse(
    model: ToyModel, x: Float[Tensor, ""], mu: Float[Tensor, "*batch"], logvar: Float[Tensor, "*batch"]
) -> Float[Tensor, "*batch"]:
    """D_KL(q(z) ‖ p_θ(z|x)): q draws, the posterior prices. The direction a VAE uses."""
    checks.tensors("divergence.reverse(model, x, mu, logvar)", x=x, mu=mu, logvar=logvar)
    checks.single("divergence.reverse(model, x, mu, logvar)", x=x)
    return kl(lambda z: model.log_posterior(z, x), mu, logvar)


def forward(
    model: ToyModel, x: Float[Tensor, ""], mu: Float[Tensor, "*batch"], logvar: Float[Tensor, "*batch"]
) -> Float[Tensor, "*batch"]:
    """D_KL(p_θ(z|x) ‖ q(z)): the posterior draws, q prices. Its average needs the posterior itself."""
    call = "divergence.forward(model, x, mu, logvar)"
    checks.tensors(call, x=x, mu=mu, logvar=logvar)
    checks.single(call, x=x)
    log_p = model.log_posterior(model.z, x)
    paid = log_p - log_q(model.z, mu.double()[..., None], logvar.double()[..., None])
    terms = log_p.exp() * torch.where(log_p.isneginf(), 0.0, paid)  # 0 · log 0 counts as 0
    dz = model.z[1] - model.z[0]
    fine, coarse = quadrature.trapezoid(terms, dz), quadrature.trapezoid(terms[..., ::2], 2 * dz)
    remedy = "the posterior is too narrow for the model's nodes: take more nodes or more noise in the model"
    return quadrature.agree(call, fine, coarse, remedy)


class Areas(NamedTuple):
    """D_KL as a difference of two areas: where q overpays and where it saves, both ≥ 0, in nats."""

    over: Tensor
    saved: Tensor


def areas(log_p: LogDensity, mu: Float[Tensor, "*batch"], logvar: Float[Tensor, "*batch"]) -> Areas:
    """The integrand q(z) [log q(z) − log p(z)] split by sign: over − saved = D_KL(q ‖ p).

    The kinks where the sign changes cost the trapezoid rule digits: good to about 1e-4, for pictures. `kl` is exact.
    """
    total = kl(log_p, mu, logvar)
    t = torch.linspace(-quadrature.REACH, quadrature.REACH, 20001, dtype=torch.float64)
    z = gaussian.reparameterize(mu.double()[..., None], logvar.double()[..., None], t)
    saving = -overpayment(log_p, z, mu.double()[..., None], logvar.double()[..., None])
    weight = log_q(t, torch.zeros(()).double(), torch.zeros(()).double()).exp()
    saved = quadrature.trapezoid(weight * saving.clamp(min=0.0), t[1] - t[0])
    return Areas(total + saved, saved)


class Estimate(NamedTuple):
    """A Monte Carlo mean, its standard error, and the draws it was made of, [n]."""

    mean: Tensor
    standard_error: Tensor
    draws: Tensor


def monte_carlo(
    log_p: LogDensity, mu: Float[Tensor, ""], logvar: Float[Tensor, ""], n: int, generator: torch.Generator
) -> Estimate:
    """D_KL(q ‖ p) ≈ the mean overpayment of n draws z ~ q. Unbiased; being a sample, it may be negative.

    Raises ValueError for n < 2 (one draw has no spread) and for NaN.
    """
    call = "divergence.monte_carlo(log_p, mu, logvar, n, generator)"
    checks.tensors(call, mu=mu, logvar=logvar)
    checks.single(call, mu=mu, logvar=logvar)
    if n < 2:
        raise ValueError(f"{call}: n = {n}; it takes at least 2 draws to estimate a spread")
    mu, logvar = mu.double(), logvar.double()
    z = gaussian.reparameterize(mu, logvar, torch.randn(n, generator=generator, dtype=torch.float64))
    draws = overpayment(log_p, z, mu, logvar)
    return Estimate(draws.mean(), draws.std() / n**0.5, draws)


class Descent(NamedTuple):
    """A q's way downhill: `mu`, `logvar` and D_KL(q ‖ p_θ(z|x)) after 0, 1, 2 … steps, each [steps + 1, *batch]."""

    mu: Tensor
    logvar: Tensor
    kl: Tensor


@threads.limited()
def descend(
    model: ToyModel,
    x: Float[Tensor, "*#batch"],
    mu: Float[Tensor, "*#batch"],
    logvar: Float[Tensor, "*#batch"],
    steps: int = 120,
    stride: float = math.inf,
) -> Descent:
    """Gradient descent on D_KL(q ‖ p_θ(z|x)) over φ = (μ, log σ²) from each start, towards a local minimum.

    Steps are natural gradients, (σ² ∂_μ, 2 ∂_logvar): the gradient in units of what q itself can tell apart. A step
    that would go uphill is not taken and the next one is half as long. None is longer than `stride`, measured in the
    same units, √(Δμ²/σ² + ½ Δlogvar²): a small one keeps to the slope's own path and does not leap over a valley.
    Source: Amari (1998), Neural Computation 10.
    """
    checks.tensors("divergence.descend(model, x, mu, logvar)", x=x, mu=mu, logvar=logvar)
    if not stride > 0:
        raise ValueError(f"divergence.descend(model, x, mu, logvar): stride = {stride}; it must be greater than 0")
    x, mu, logvar = (value.detach().double() for value in torch.broadcast_tensors(x, mu, logvar))
    log_evidence = model.log_evidence(x)

    def height(mu: Tensor, logvar: Tensor) -> Tensor:
        return kl(lambda z: model.log_joint(x[..., None], z) - log_evidence[..., None], mu, logvar)

    # One tensor, filled: what outlives a step would lie between the steps, and split the memory.
    way, rate = mu.new_empty(3, steps + 1, *mu.shape), torch.full_like(mu, 0.5)
    way[:, 0] = torch.stack((mu, logvar, height(mu, logvar)))
    for step in range(steps):
        mu, logvar, now = way[:, step]
        at = [value.clone().requires_grad_() for value in (mu, logvar)]
        slope_mu, slope_logvar = torch.autograd.grad(height(*at).sum(), at)
        by_mu, by_logvar = rate * logvar.exp() * slope_mu, rate * 2 * slope_logvar
        length = (by_mu.square() / logvar.exp() + by_logvar.square() / 2).sqrt()
        shorter = torch.where(length > stride, stride / length, 1.0)
        to_mu, to_logvar = mu - shorter * by_mu, logvar - (shorter * by_logvar).clamp(-1, 1)
        then = height(to_mu, to_logvar)
        better = then <= now
        way[:, step + 1] = torch.where(better, torch.stack((to_mu, to_logvar, then)), way[:, step])
        rate = torch.where(better, (rate * 1.3).clamp(max=1.0), rate / 2)
    return Descent(*way)
