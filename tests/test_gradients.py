import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from torch.distributions import Normal

from tests.tools import close, examples, f64, refused, seeded
from vae_helpers.maths import bounds, gradients, objectives
from vae_helpers.maths.gradients import pathwise, score_function
from vae_helpers.maths.toy import ToyModel

BOTH = [pathwise, score_function]
MU, SIGMA = st.floats(-3, 3), st.floats(0.05, 3)
ONE = f64(1.0)
FUNCTIONS = {
    "square": torch.square,
    "cubic": lambda z: z**3 - z,
    "wave": lambda z: torch.cos(5 * z),
    "bell": lambda z: torch.exp(-z.square()),
}


def rolls(n, seed=0):
    return torch.randn(n, generator=seeded(seed), dtype=torch.float64)


def gauss_hermite(estimates_at, nodes=8):
    """Mean and variance over ε ~ N(0, 1): exact where a squared estimate is a polynomial of degree < 2 · nodes."""
    points, weights = np.polynomial.hermite_e.hermegauss(nodes)
    values = torch.stack(estimates_at(torch.from_numpy(points)))
    weights = torch.from_numpy(weights / weights.sum())
    mean = (weights * values).sum(-1)
    return mean, (weights * (values - mean[:, None]).square()).sum(-1)


# ---- against torch's own distributions ----


@pytest.mark.parametrize("name", FUNCTIONS)
@examples(30)
@given(MU, SIGMA, st.integers(0, 99))
def test_pathwise_is_autograd_through_rsample(name, mu, sigma, seed):
    f, at = FUNCTIONS[name], [f64(value).expand(6).clone().requires_grad_() for value in (mu, sigma)]
    torch.manual_seed(seed)
    z = Normal(*at).rsample()
    f(z).sum().backward()
    eps = ((z - at[0]) / at[1]).detach()
    found = pathwise(f, f64(mu), f64(sigma), eps)
    assert close(found.mu, at[0].grad, 1e-9)
    assert close(found.sigma, at[1].grad, 1e-9)


@pytest.mark.parametrize("name", FUNCTIONS)
@examples(30)
@given(MU, SIGMA, st.floats(-5, 5))
def test_score_function_is_autograd_through_log_prob(name, mu, sigma, baseline):
    f, at = FUNCTIONS[name], [f64(value).expand(6).clone().requires_grad_() for value in (mu, sigma)]
    eps = rolls(6)
    z = mu + sigma * eps
    ((f(z) - baseline) * Normal(*at).log_prob(z)).sum().backward()
    found = score_function(f, f64(mu), f64(sigma), eps, baseline)
    assert close(found.mu, at[0].grad, 1e-9)
    assert close(found.sigma, at[1].grad, 1e-9)


# ---- unbiased, and with the variances of the closed forms ----


@pytest.mark.parametrize("estimator", BOTH)
@examples(30)
@given(st.floats(-2, 2), st.floats(-2, 2), st.floats(0.1, 3))
def test_for_a_square_mean_and_variance_are_the_closed_forms_by_gauss_hermite(estimator, mu, k, sigma):
    m = mu - k
    mean, variance = gauss_hermite(lambda eps: estimator(lambda z: (z - k) ** 2, f64(mu), f64(sigma), eps))
    assert close(mean, [2 * m, 2 * sigma], 1e-8)
    if estimator is pathwise:
        wanted = [4 * sigma**2, 4 * m**2 + 8 * sigma**2]
    else:
        wanted = [m**4 / sigma**2 + 14 * m**2 + 15 * sigma**2, 2 * m**4 / sigma**2 + 60 * m**2 + 74 * sigma**2]
    assert close(variance, wanted, 1e-8)


@pytest.mark.parametrize("estimator", BOTH)
@examples(30)
@given(st.floats(-2, 2), st.floats(0.3, 3), st.floats(0.1, 1.5))
def test_for_a_bell_mean_and_variance_are_the_closed_forms(estimator, mu, k, sigma):
    """f = exp(−k z²). Times a power of it, q is again a Gaussian: narrower, nearer to 0, of smaller weight."""

    def tilted(k):
        shrink = 1 + 2 * k * sigma**2
        return shrink**-0.5 * math.exp(-k * mu**2 / shrink), mu / shrink, sigma**2 / shrink

    (weight, m, _), (weight_2, m_2, v_2) = tilted(k), tilted(2 * k)
    slope = -2 * k * weight * m
    pathwise_square, score_square = 4 * k**2 * (v_2 + m_2**2), (v_2 + (m_2 - mu) ** 2) / sigma**4
    square = weight_2 * (pathwise_square if estimator is pathwise else score_square)
    mean, variance = gradients.moments(estimator, lambda z: torch.exp(-k * z.square()), f64(mu), f64(sigma))
    assert close(mean.mu, slope, 1e-8)
    assert close(variance.mu, square - slope**2, 1e-8)


@pytest.mark.parametrize("estimator", BOTH)
@examples(30)
@given(st.floats(-2, 2), st.floats(0.3, 5), st.floats(0.1, 1.5))
def test_for_a_wave_mean_and_variance_are_the_closed_forms(estimator, mu, k, sigma):
    """f = cos kz; cos² and sin² are waves of twice the frequency."""
    slope = -k * math.exp(-0.5 * (k * sigma) ** 2) * math.sin(k * mu)
    double = math.exp(-2 * (k * sigma) ** 2) * math.cos(2 * k * mu)
    pathwise_square, score_square = k**2 * (1 - double) / 2, (1 + (1 - (2 * k * sigma) ** 2) * double) / (2 * sigma**2)
    mean, variance = gradients.moments(estimator, lambda z: torch.cos(k * z), f64(mu), f64(sigma))
    assert close(mean.mu, slope, 1e-8)
    assert close(variance.mu, (pathwise_square if estimator is pathwise else score_square) - slope**2, 1e-8)


@pytest.mark.parametrize(("baseline", "variances"), [(0.0, (30, 136)), (2.0, (18, 96)), (4.0, (14, 72))])
def test_the_figures_of_the_page_for_the_score_function(baseline, variances):
    mean, variance = gradients.moments(score_function, torch.square, ONE, ONE, baseline=baseline)
    assert close(torch.stack(mean), [2.0, 2.0], 1e-9)
    assert close(torch.stack(variance), variances, 1e-8)


def test_the_figures_of_the_page_for_pathwise():
    mean, variance = gradients.moments(pathwise, torch.square, ONE, ONE)
    assert close(torch.stack(mean), [2.0, 2.0], 1e-9)
    assert close(torch.stack(variance), [4.0, 12.0], 1e-8)


def test_on_a_wave_pathwise_loses():
    at = f64(0.5), ONE
    path, votes = (gradients.moments(estimator, objectives.WAVE, *at) for estimator in BOTH)
    assert close(torch.stack(path[0]), torch.stack(votes[0]), 1e-9)
    assert path[1].mu.item() == pytest.approx(12.5, abs=1e-6)
    assert votes[1].mu.item() == pytest.approx(0.5, abs=1e-6)


@pytest.mark.parametrize("name", FUNCTIONS)
@examples(20)
@given(MU, st.floats(0.05, 1.5))
def test_moments_are_those_of_gauss_hermite_with_many_nodes(name, mu, sigma):
    for estimator in BOTH:
        mean, variance = gradients.moments(estimator, FUNCTIONS[name], f64(mu), f64(sigma))
        other = gauss_hermite(lambda eps, e=estimator: e(FUNCTIONS[name], f64(mu), f64(sigma), eps), 120)
        assert close(torch.stack(mean), other[0], 1e-7)
        assert close(torch.stack(variance), other[1], 1e-7)


def test_moments_refuse_a_jump():
    with refused(ArithmeticError, "gradients.moments(estimator, f, mu, sigma)", "too rough"):
        gradients.moments(score_function, objectives.STEP, f64(0.3), ONE)


# ---- samples ----


def test_the_estimates_of_a_square_are_distributed_as_2z():
    found = pathwise(torch.square, f64(0.7), f64(0.4), rolls(5000)).mu
    assert stats.kstest(found.numpy(), stats.norm(1.4, 0.8).cdf).pvalue > 0.01


@pytest.mark.parametrize("objective", [objectives.SQUARE, objectives.WAVE, objectives.STEP])
def test_score_function_comes_within_four_standard_errors_even_over_a_jump(objective):
    found, exact = (
        score_function(objective, f64(0.3), f64(0.6), rolls(100_000)),
        objective.gradient(f64(0.3), f64(0.6)),
    )
    for each, wanted in zip(found, exact, strict=True):
        assert abs(each.mean() - wanted) < 4 * each.std() / 100_000**0.5


def test_of_a_jump_pathwise_sees_nothing_and_of_a_bend_everything():
    eps = rolls(100_000)
    flat = pathwise(objectives.STEP, f64(0.5), ONE, eps)
    assert (flat.mu == 0).all()
    assert (flat.sigma == 0).all()
    bend = pathwise(torch.relu, f64(0.5), ONE, eps).mu
    assert abs(bend.mean() - stats.norm.cdf(0.5)) < 4 * bend.std() / 100_000**0.5


def test_a_baseline_may_differ_from_draw_to_draw_if_it_does_not_look_at_them():
    eps, other = rolls(100_000), rolls(100_000, 1)
    found = score_function(torch.square, ONE, ONE, eps, (1 + other).square()).mu
    assert abs(found.mean() - 2) < 4 * found.std() / 100_000**0.5


# ---- how they are called ----


@pytest.mark.parametrize("estimator", BOTH)
def test_arguments_broadcast_and_nothing_is_left_on_the_graph(estimator):
    mu, sigma = f64([[0.0], [1.0]]).requires_grad_(), f64([[0.5], [2.0]]).requires_grad_()
    with torch.no_grad():  # as in a page that only looks
        found = estimator(torch.square, mu, sigma, rolls(7))
    assert found.mu.shape == found.sigma.shape == (2, 7)
    assert not found.mu.requires_grad
    assert not found.sigma.requires_grad
    assert close(found.mu[1], estimator(torch.square, f64(1.0), f64(2.0), rolls(7)).mu)
    assert mu.grad is None


@pytest.mark.parametrize("estimator", BOTH)
def test_single_precision_stays_single(estimator):
    found = estimator(torch.square, torch.tensor(1.0), torch.tensor(1.0), torch.randn(3))
    assert found.mu.dtype == found.sigma.dtype == torch.float32


def test_a_constant_has_no_slope():
    assert pathwise(torch.ones_like, ONE, ONE, rolls(3)).mu.tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("estimator", BOTH)
def test_bad_input_is_refused(estimator):
    call = f"gradients.{estimator.__name__}(f, mu, sigma, eps"
    with refused(ValueError, call, "sigma = 0", "greater than 0"):
        estimator(torch.square, ONE, f64(0.0), rolls(3))
    with refused(ValueError, call, "sigma = -1"):
        estimator(torch.square, ONE, f64([1.0, -1.0, 1.0]), rolls(3))
    with refused(ValueError, call, "mu", "NaN"):
        estimator(torch.square, f64(math.nan), ONE, rolls(3))
    with refused(TypeError, call, "sigma is float 1.0", "tensor"):
        estimator(torch.square, ONE, 1.0, rolls(3))
    with refused(TypeError, call, "eps is int64"):
        estimator(torch.square, ONE, ONE, torch.arange(3))
    with refused(ValueError, call, "broadcast"):
        estimator(torch.square, f64([1.0, 2.0]), ONE, rolls(3))
    with refused(ValueError, call, "f(z) is float64 of shape []", "one number per z"):
        estimator(lambda z: z.square().sum(), ONE, ONE, rolls(3))
    with refused(TypeError, call, "f(z) is bool of shape [3]"):
        estimator(lambda z: z > 0, ONE, ONE, rolls(3))
    with refused(ValueError, call, "f(z)", "NaN"):
        estimator(torch.log, f64(-5.0), ONE, rolls(3))


def test_moments_want_one_mu_and_one_sigma():
    with refused(ValueError, "gradients.moments", "mu", "[]"):
        gradients.moments(pathwise, torch.square, f64([0.0, 1.0]), ONE)
    with refused(ValueError, "gradients.pathwise", "sigma = 0"):
        gradients.moments(pathwise, torch.square, ONE, f64(0.0))


# ---- how many draws ----


@pytest.mark.parametrize(("variance", "needed"), [(30.0, 3000), (18.0, 1800), (14.0, 1400), (4.0, 400), (0.0, 0)])
def test_draws_for_five_percent(variance, needed):
    assert gradients.samples_needed(variance, 2.0, 0.05).item() == pytest.approx(needed)
    assert gradients.samples_needed(variance, -2.0, 0.05).item() == pytest.approx(needed)


def test_draws_that_do_not_exist():
    assert gradients.samples_needed(1.0, 0.0, 0.05) == math.inf
    with refused(ValueError, "gradients.samples_needed", "variance = -1", "never negative"):
        gradients.samples_needed(-1.0, 2.0, 0.05)
    with refused(ValueError, "gradients.samples_needed", "relative_error = 0.0"):
        gradients.samples_needed(1.0, 2.0, 0.0)
    with refused(TypeError, "gradients.samples_needed", "mean"):
        gradients.samples_needed(1.0, "two", 0.05)


# ---- climbing with them ----

LINEAR = ToyModel("linear", 0.3)


@pytest.mark.parametrize("estimator", BOTH)
def test_a_climb_arrives_where_the_elbo_is_the_evidence(estimator):
    found = gradients.climb(estimator, LINEAR, ONE, 0.0, 1.0, 0.003, seeded(), steps=300, runs=8, every=20)
    evidence, mu, logvar = LINEAR.closed_forms(ONE)
    assert found.elbo.shape == found.mu.shape == found.sigma.shape == (16, 8)
    assert close(found.elbo, bounds.of_toy(LINEAR, ONE, found.mu, 2 * found.sigma.log()).total)
    assert (found.mu[0] == 0).all()
    assert (found.sigma[0] == 1).all()
    assert (found.elbo <= evidence + 1e-9).all()
    assert found.elbo[-1].median() > evidence - 0.15
    assert abs(found.mu[-1].mean() - mu) < 0.15
    assert abs(found.sigma[-1].mean() - (0.5 * logvar).exp()) < 0.1


def test_the_first_step_is_the_estimators():
    found = gradients.climb(pathwise, LINEAR, ONE, 0.2, 0.5, 0.01, seeded(3), steps=1, runs=4, every=1)
    eps = torch.randn(4, generator=seeded(3), dtype=torch.float64)

    def f(z):
        return LINEAR.log_joint(ONE, z) - Normal(f64(0.2), f64(0.5)).log_prob(z)

    step = pathwise(f, f64(0.2), f64(0.5), eps)
    assert close(found.mu[1], 0.2 + 0.01 * step.mu)
    assert close(found.sigma[1], 0.5 * (0.01 * 0.5 * step.sigma).exp())


def test_a_run_that_is_lost_stops_at_the_border():
    found = gradients.climb(score_function, ToyModel("fold", 0.3), ONE, 0.5, 0.5, 1.0, seeded(), steps=20, runs=5)
    assert found.elbo.isfinite().all()
    assert found.mu.abs().max() <= gradients.REACH
    assert found.sigma.min() >= gradients.NARROW
    assert found.sigma.max() <= gradients.WIDE


def test_a_climb_refuses_bad_input():
    with refused(ValueError, "gradients.climb", "rate = 0"):
        gradients.climb(pathwise, LINEAR, ONE, 0.0, 1.0, 0.0, seeded())
    with refused(ValueError, "gradients.climb", "sigma = -1"):
        gradients.climb(pathwise, LINEAR, ONE, 0.0, -1.0, 0.1, seeded())
    with refused(ValueError, "gradients.climb", "x", "[]"):
        gradients.climb(pathwise, LINEAR, f64([1.0, 2.0]), 0.0, 1.0, 0.1, seeded())
