import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from tests.tools import close, examples, f64, refused
from vae_helpers.maths import objectives
from vae_helpers.maths.objectives import SQUARE, STEP, WAVE

NUMPY = {
    "SQUARE": np.square,
    "WAVE": lambda z: np.cos(5 * z),
    "STEP": lambda z: (z > 0).astype(float) if isinstance(z, np.ndarray) else float(z > 0),
}


@pytest.mark.parametrize("objective", [SQUARE, WAVE, STEP], ids=lambda o: o.name)
def test_f_is_what_it_says(objective):
    z = np.linspace(-2, 2, 9)
    assert close(objective(f64(z)), NUMPY[objective.name](z))
    assert objective(torch.zeros(2)).dtype == torch.float32


@pytest.mark.parametrize("objective", [SQUARE, WAVE, STEP], ids=lambda o: o.name)
@pytest.mark.parametrize(("mu", "sigma"), [(0.0, 1.0), (0.5, 1.0), (-1.2, 0.2), (1.5, 0.05)])
def test_the_mean_is_the_integral_by_scipy_and_the_gradient_its_slope(objective, mu, sigma):
    def mean(mu, sigma):
        edges = sorted({mu + sigma * t for t in np.linspace(-9, 9, 37)} | {0.0})
        inside = [e for e in edges if mu - 9 * sigma < e < mu + 9 * sigma]
        return integrate.quad(
            lambda z: NUMPY[objective.name](z) * stats.norm.pdf(z, mu, sigma),
            mu - 9 * sigma, mu + 9 * sigma, points=inside, limit=400, epsabs=1e-13, epsrel=1e-13,
        )[0]  # fmt: skip

    assert objective.mean(f64(mu), f64(sigma)).item() == pytest.approx(mean(mu, sigma), abs=1e-10)
    found, h = objective.gradient(f64(mu), f64(sigma)), 1e-4 * sigma
    assert found.mu.item() == pytest.approx((mean(mu + h, sigma) - mean(mu - h, sigma)) / (2 * h), abs=1e-5)
    assert found.sigma.item() == pytest.approx((mean(mu, sigma + h) - mean(mu, sigma - h)) / (2 * h), abs=1e-5)


def test_the_gradient_takes_a_batch_also_where_nothing_is_recorded():
    with torch.no_grad():
        found = SQUARE.gradient(f64([0.0, 1.0, 2.0]), f64(0.5))
    assert found.mu.tolist() == [0.0, 2.0, 4.0]
    assert found.sigma.tolist() == [1.0, 1.0, 1.0]
    with refused(ValueError, "objectives.SQUARE.gradient(mu, sigma)", "NaN"):
        SQUARE.gradient(f64(math.nan), f64(1.0))


def test_the_figures_of_the_page():
    assert objectives.pathwise_variance_of_square(1.0, 1.0) == (4, 12)
    assert objectives.score_variance_of_square(1.0, 1.0) == (30, 136)
    assert objectives.score_variance_of_square(1.0, 1.0, baseline=2.0) == (18, 96)
    assert objectives.score_variance_of_square(1.0, 1.0, baseline=4.0) == (14, 72)


@examples(40)
@given(st.floats(-3, 3), st.floats(0.1, 3), st.floats(-5, 5))
def test_the_variances_are_those_of_the_definition_by_gauss_hermite(m, sigma, baseline):
    eps, weights = np.polynomial.hermite_e.hermegauss(8)
    weights, z = weights / weights.sum(), m + sigma * eps

    def variance(estimates):
        return weights @ (estimates - weights @ estimates) ** 2

    path, reward = 2 * z, z**2 - baseline
    found = objectives.pathwise_variance_of_square(m, sigma)
    assert found == pytest.approx((variance(path), variance(path * eps)), rel=1e-8, abs=1e-8)
    found = objectives.score_variance_of_square(m, sigma, baseline)
    votes = reward * eps / sigma, reward * (eps**2 - 1) / sigma
    assert found == pytest.approx([variance(each) for each in votes], rel=1e-8, abs=1e-8)


@examples(30)
@given(st.floats(-3, 3), st.floats(0.1, 3), st.floats(-5, 5))
def test_no_baseline_is_lower_than_the_best(m, sigma, baseline):
    best_mu = objectives.score_variance_of_square(m, sigma, m**2 + 3 * sigma**2).mu
    best_sigma = objectives.score_variance_of_square(m, sigma, m**2 + 5 * sigma**2).sigma
    found = objectives.score_variance_of_square(m, sigma, baseline)
    assert found.mu >= best_mu - 1e-9
    assert found.sigma >= best_sigma - 1e-9
    assert best_mu == pytest.approx(8 * m**2 + 6 * sigma**2)


def test_bad_numbers_are_refused():
    with refused(ValueError, "objectives.pathwise_variance_of_square(distance, sigma, …)", "sigma = 0.0"):
        objectives.pathwise_variance_of_square(1.0, 0.0)
    with refused(ValueError, "objectives.score_variance_of_square", "distance = nan"):
        objectives.score_variance_of_square(math.nan, 1.0)
    with refused(TypeError, "objectives.score_variance_of_square", "baseline is str 'b'"):
        objectives.score_variance_of_square(1.0, 1.0, "b")
