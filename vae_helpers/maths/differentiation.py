"""Two derivations of ∇ E_q[f(z)] by q's own parameters, line by line, each line with its value by a route of its own.

q = N(μ, σ²) and φ = (μ, σ). The first derivation moves the samples (pathwise), the second reweighs them (score
function).
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from vae_helpers.maths import checks, divergence, gaussian, gradients, quadrature
from vae_helpers.maths.gradients import Function, Gradient


class Step(NamedTuple):
    """One line: its LaTeX, the reason for it, the exact value by μ and by σ, and how that was computed."""

    latex: str
    why: str
    value: Gradient
    route: str


def disagreement(steps: list[Step]) -> Tensor:
    """How far apart the values of the lines lie at most, by μ or by σ."""
    values = torch.stack([torch.stack(step.value) for step in steps])
    return (values.amax(0) - values.amin(0)).max()


GRAD, E_Q, E_EPS = r"\nabla_{\!\phi}", r"\mathbb{E}_{q_\phi}", r"\mathbb{E}_{\varepsilon}"
MOVED = r"f(\mu + \sigma\varepsilon)"
START = rf"{GRAD}\,{E_Q}[f(z)] = {GRAD}\!\int f(z)\,q_\phi(z)\,dz"


def pathwise(f: Function, mu: Float[Tensor, ""], sigma: Float[Tensor, ""]) -> list[Step]:
    """∇ E_q[f(z)] = … = E_ε[f′(μ + σε) · (1, ε)], in four lines.

    Raises TypeError, ValueError (NaN, shapes, σ ≤ 0) and ArithmeticError (too rough to integrate, as a jump is).
    Source: Kingma & Welling (2014), section 2.4; Mohamed et al. (2020), JMLR 21, section 5.
    """
    call = "differentiation.pathwise(f, mu, sigma)"
    mu, sigma = _numbers(call, mu, sigma)

    def slopes(eps: Tensor) -> Gradient:
        at = [value.expand_as(eps).clone().requires_grad_() for value in (mu, sigma)]
        with torch.enable_grad():
            moved = f(at[0] + at[1] * eps) + 0 * at[0]
            return Gradient(*torch.autograd.grad(moved.sum(), at, materialize_grads=True))

    return [
        _definition(call, f, mu, sigma),
        Step(
            rf"= {GRAD}\,{E_EPS}\bigl[{MOVED}\bigr]",
            "The same z’s, thrown in two steps: first the die ε, from N(0, 1), then z = μ + σε.",
            _turned(lambda m, s: _mean(call, lambda eps: f(m + s * eps)), mu, sigma),
            "average over ε, both knobs turned a little, ε kept",
        ),
        Step(
            rf"= {E_EPS}\bigl[{GRAD} {MOVED}\bigr]",
            "The bell of ε holds no φ, so the slope may be taken inside the average. (f must have no jumps.)",
            Gradient(*(_mean(call, lambda eps, i=i: slopes(eps)[i]) for i in (0, 1))),
            "autograd through μ + σε at each ε, then the average over ε",
        ),
        Step(
            rf"= {E_EPS}\bigl[f'(z)\cdot(1,\,\varepsilon)\bigr],\quad z = \mu + \sigma\varepsilon",
            "The chain rule: the slope of f, times how far z moves when μ (by 1) or σ (by ε) is turned.",
            gradients.moments(gradients.pathwise, f, mu, sigma)[0],
            "the mean of gradients.pathwise",
        ),
    ]


def score_function(f: Function, mu: Float[Tensor, ""], sigma: Float[Tensor, ""]) -> list[Step]:
    """∇ E_q[f(z)] = … = E_q[f(z) ∇ log q(z)], in four lines. f is never differentiated.

    Raises as `pathwise` does. Source: Williams (1992), Machine Learning 8; Mohamed et al. (2020), JMLR 21, section 4.
    """
    call = "differentiation.score_function(f, mu, sigma)"
    mu, sigma = _numbers(call, mu, sigma)
    t = torch.linspace(-quadrature.REACH, quadrature.REACH, 2 * quadrature.NODES - 1, dtype=torch.float64)
    z = (mu + sigma * t).detach()  # the places stand still while q is turned

    def integral(values: Tensor) -> Tensor:
        dz = z[1] - z[0]
        fine, coarse = quadrature.trapezoid(values, dz), quadrature.trapezoid(values[::2], 2 * dz)
        return quadrature.agree(call, fine, coarse, "the function is too rough for this q: take a smoother f")

    def slope_of(g: Callable[[Tensor], Tensor]) -> Gradient:
        at = [value.expand_as(z).clone().requires_grad_() for value in (mu, sigma)]
        with torch.enable_grad():
            values = g(divergence.log_q(z, at[0], 2 * at[1].log()))
            return Gradient(*torch.autograd.grad(values.sum(), at))

    q, height = divergence.log_q(z, mu, 2 * sigma.log()).exp(), checks.elementwise(call, "f", f(z), z)
    return [
        _definition(call, f, mu, sigma),
        Step(
            rf"= \int f(z)\;{GRAD}\,q_\phi(z)\,dz",
            "f(z) holds no φ. Only the bell does, and it is smooth: inside the average the slope goes to the bell.",
            Gradient(*(integral(height * each) for each in slope_of(torch.exp))),
            "autograd through the density q at each z, then the integral over z",
        ),
        Step(
            rf"= \int q_\phi(z)\,f(z)\;{GRAD}\log q_\phi(z)\,dz",
            "The slope of a logarithm is the slope divided by the value: ∇ log q = ∇q / q. So ∇q = q ∇ log q.",
            Gradient(*(integral(q * height * each) for each in slope_of(lambda log_q: log_q))),
            "autograd through log q at each z, then the integral over z",
        ),
        Step(
            rf"= {E_Q}\bigl[f(z)\;{GRAD}\log q_\phi(z)\bigr]",
            "The definition of an average over q once more, read from right to left.",
            gradients.moments(gradients.score_function, f, mu, sigma)[0],
            "the mean of gradients.score_function",
        ),
    ]


def _definition(call: str, f: Function, mu: Tensor, sigma: Tensor) -> Step:
    """The first line of both: no slope of f, of q or of z is used, only the average itself at turned knobs."""
    grid = gaussian.reparameterize(
        mu, 2 * (2 * sigma).log(), torch.linspace(-8, 8, 4 * quadrature.NODES + 1, dtype=torch.float64)
    )

    def average(m: Tensor, s: Tensor) -> Tensor:
        values = divergence.log_q(grid, m, 2 * s.log()).exp() * checks.elementwise(call, "f", f(grid), grid)
        return quadrature.trapezoid(values, grid[1] - grid[0])

    return Step(
        START,
        "The definition of an average over q, and of its slopes: turn a knob a little and look what changes.",
        _turned(average, mu, sigma),
        "the integral on fixed places z, both knobs turned a little",
    )


def _turned(average: Callable[[Tensor, Tensor], Tensor], mu: Tensor, sigma: Tensor) -> Gradient:
    """The slopes of `average` by differences of sixth order: (45 Δ₁ − 9 Δ₂ + Δ₃) / 60h, Δₖ = a(+kh) − a(−kh)."""
    h = 5e-3 * sigma

    def slope(along: Callable[[Tensor], Tensor]) -> Tensor:
        first, second, third = (along(k * h) - along(-k * h) for k in (1, 2, 3))
        return (45 * first - 9 * second + third) / (60 * h)

    return Gradient(slope(lambda by: average(mu + by, sigma)), slope(lambda by: average(mu, sigma + by)))


def _mean(call: str, g: Function) -> Tensor:
    return quadrature.gaussian_mean(call, g, *torch.zeros(2, dtype=torch.float64))


def _numbers(call: str, mu: Tensor, sigma: Tensor) -> tuple[Tensor, Tensor]:
    checks.tensors(call, mu=mu, sigma=sigma)
    checks.single(call, mu=mu, sigma=sigma)
    if not sigma > 0:
        raise ValueError(f"{call}: sigma = {sigma:g}; a standard deviation must be greater than 0")
    return mu.detach().double(), sigma.detach().double()
