import math

import numpy as np
import pytest
import torch
from scipy import integrate

from tests.tools import close, f64, refused
from vae_helpers.maths import quadrature

CALL = "page.call(q)"
# E_q[g(z)] for q = N(μ, σ²), by hand.
MOMENTS = {
    "1": (torch.ones_like, lambda m, s: 1.0),
    "z": (lambda z: z, lambda m, s: m),
    "z²": (torch.square, lambda m, s: m**2 + s**2),
    "z⁴": (lambda z: z**4, lambda m, s: m**4 + 6 * m**2 * s**2 + 3 * s**4),
    "cos z": (torch.cos, lambda m, s: math.cos(m) * math.exp(-(s**2) / 2)),
}


def mean(g, mu=0.0, sigma=1.0, **options):
    return quadrature.gaussian_mean(CALL, g, f64(mu), 2 * f64(sigma).log(), **options)


def test_the_trapezoid_rule_is_that_of_scipy():
    values = torch.linspace(0, 3, 31, dtype=torch.float64).exp().reshape(1, 31).repeat(2, 1)
    wanted = f64(integrate.trapezoid(values.numpy(), dx=0.1))
    assert close(quadrature.trapezoid(values, f64(0.1)), wanted)
    assert close(quadrature.log_trapezoid(values.log(), f64(0.1)), wanted.log())


def test_logs_neither_underflow_nor_overflow():
    z = torch.linspace(-10, 10, 401, dtype=torch.float64)
    for shift in (-5000.0, 5000.0):
        found = quadrature.log_trapezoid(shift - z.square() / 2, z[1] - z[0])
        assert found.item() == pytest.approx(shift + 0.5 * math.log(2 * math.pi), abs=1e-11)
    assert quadrature.log_trapezoid(torch.full((5,), -math.inf).double(), f64(1.0)) == -math.inf
    assert quadrature.trapezoid(f64([math.inf, 0.0, 0.0]), f64(1.0)) == math.inf


@pytest.mark.parametrize("name", MOMENTS)
@pytest.mark.parametrize("sigma", [1e-3, 0.3, 1.0, 10.0, 50.0])
def test_the_mean_over_q_is_the_moment(name, sigma):
    g, moment = MOMENTS[name]
    for mu in (-3.0, 0.0, 20.0):
        assert mean(g, mu, sigma).item() == pytest.approx(moment(mu, sigma), rel=1e-12, abs=1e-12)


def test_a_function_without_a_formula_agrees_with_scipy():
    def integrand(t):
        return np.log1p(np.exp(1 + 2 * t)) * np.exp(-t * t / 2) / math.sqrt(2 * math.pi)

    wanted = integrate.quad(integrand, -12, 12, epsabs=1e-13, epsrel=1e-13)[0]
    assert mean(lambda z: z.exp().log1p(), 1.0, 2.0).item() == pytest.approx(wanted, abs=1e-11)


def test_a_batch_of_q_gives_a_batch():
    assert mean(torch.square, [[0.0], [1.0]], [[1.0], [2.0]]).tolist() == [[pytest.approx(1)], [pytest.approx(5)]]
    assert mean(torch.square, [], []).shape == (0,)


def test_the_mean_can_be_differentiated():
    mu, logvar = f64(0.7).requires_grad_(), f64(-1.0).requires_grad_()
    found = torch.autograd.grad(quadrature.gaussian_mean(CALL, torch.square, mu, logvar), [mu, logvar])
    assert [value.item() for value in found] == pytest.approx([2 * 0.7, math.exp(-1.0)])


def test_infinity_is_a_result():
    assert mean(lambda z: torch.where(z > 3, math.inf, z)) == math.inf


@pytest.mark.parametrize(
    ("g", "sigma"),
    [(torch.abs, 1.0), (torch.sign, 1.0), (lambda z: torch.cos(1000 * z), 0.21), (torch.round, 3.0)],
    ids=["kink", "jump", "fast", "stairs"],
)
def test_what_is_too_rough_is_refused(g, sigma):
    with refused(ArithmeticError, CALL, "halving the spacing", "1e-09", "smaller sigma, a smoother f or more noise"):
        mean(g, 0.1, sigma)


def test_the_remedy_works():
    with refused(ArithmeticError, "smaller sigma"):
        mean(lambda z: torch.cos(209 * z), 0.0, 1.0)
    assert mean(lambda z: torch.cos(209 * z), 0.0, 0.01).item() == pytest.approx(math.exp(-(2.09**2) / 2), abs=1e-12)
    assert mean(lambda z: torch.cos(209 * z), nodes=3201).item() == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("sigma", [3.0, 3.5, 6.0, 20.0])
def test_what_outgrows_q_is_refused(sigma):
    """E[exp 2z] = exp 2σ² has its weight near t = 2σ: at σ = 3.5 two sums that stop at t = 12 agree, and miss 3e-7."""
    with refused(ArithmeticError, CALL, "12 sigma away", "smaller sigma"):
        mean(lambda z: (2 * z).exp(), 0.0, sigma)
    assert mean(lambda z: (2 * z).exp(), 0.0, 2.5).item() == pytest.approx(math.exp(12.5), rel=1e-10)


@pytest.mark.parametrize(
    ("g", "error", "parts"),
    [
        (torch.sum, ValueError, ["g(z) is float64 of shape []", "shape [1601]"]),
        (torch.sqrt, ValueError, ["g(z), float64 of shape [1601], holds 800 NaN"]),
        (lambda z: 1.0, TypeError, ["g(z) is float 1.0"]),
        (lambda z: z > 0, TypeError, ["g(z) is bool of shape [1601]"]),
    ],
    ids=["sum", "nan", "number", "bool"],
)
def test_a_function_that_gives_something_else_is_refused(g, error, parts):
    with refused(error, CALL, *parts):
        mean(g)


def test_two_sums_agree_to_1e_9_and_relatively_above_one():
    fine = f64([0.0, 1e6, math.inf, -math.inf])
    assert quadrature.agree(CALL, fine, fine + f64([0.9e-9, 0.9e-3, 0.0, 0.0]), "do") is fine
    for wrong in ([1.1e-9, 0, 0, 0], [0, 1.1e-3, 0, 0], [math.nan, 0, 0, 0], [0, 0, -math.inf, 0]):
        with refused(ArithmeticError, f"{CALL}: halving the spacing", "do this"):
            quadrature.agree(CALL, fine, fine + f64(wrong), "do this")
