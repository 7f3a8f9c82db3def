"""maths.plane: log p(x) over a plane of latents, against a closed form."""

import math

import numpy as np
import pytest
import torch
from scipy.stats import norm

from tests.tools import close, f64, refused
from vae_helpers.maths import gaussian, plane
from vae_helpers.maths.toy import LinearGaussian

ZERO, EYE = torch.zeros(2, dtype=torch.float64), torch.eye(2, dtype=torch.float64)


def linear(x, noise=0.5):
    """log N(x; z, noise²) of each x [n, 2] at each z [m, 2]: [n, m]."""
    return lambda z: LinearGaussian(2, noise=noise).log_likelihood(x[:, None], z)


def test_the_linear_model_has_a_closed_form():
    x = f64([[1.0, 1.0], [0.0, -2.0], [4.0, 3.0]])
    assert close(plane.log_evidence(linear(x), ZERO, EYE), LinearGaussian(2, noise=0.5).log_evidence(x), 1e-9)


def test_another_gaussian_in_place_of_the_prior():
    x, mean = f64([[1.0, 1.0], [-3.0, 2.0]]), f64([1.0, -2.0])
    root = f64([[2.0, 0.0], [-0.7, 0.5]])
    covariance = root @ root.T
    wanted = torch.distributions.MultivariateNormal(mean, covariance + 0.25 * EYE).log_prob(x)
    assert close(plane.log_evidence(linear(x), mean, covariance), wanted, 1e-9)
    assert close(plane.log_evidence(linear(x), mean.float(), covariance.float()), wanted, 1e-5)


def test_a_likelihood_that_does_not_care_integrates_to_itself():
    found = plane.log_evidence(lambda z: torch.full((3, len(z)), -7.0, dtype=torch.float64), ZERO, EYE)
    assert close(found, [-7.0] * 3)


def test_nowhere_possible_is_minus_infinity_and_no_nan():
    found = plane.log_evidence(lambda z: torch.full((1, len(z)), -math.inf, dtype=torch.float64), ZERO, EYE)
    assert found.tolist() == [-math.inf]


def test_a_narrow_posterior_asks_for_more_points():
    x = f64([[0.513, 0.27]])
    with refused(ArithmeticError, "plane.log_evidence", "more points a side than 101"):
        plane.log_evidence(linear(x, noise=0.05), ZERO, EYE, points=101)
    found = plane.log_evidence(linear(x, noise=0.05), ZERO, EYE, points=1001)
    assert close(found, LinearGaussian(2, noise=0.05).log_evidence(x), 1e-6)


def test_the_callers_threads_stay():
    before = torch.get_num_threads()
    plane.log_evidence(lambda z: gaussian.log_prob(z, ZERO, ZERO)[None], ZERO, EYE, points=41)
    assert torch.get_num_threads() == before


@pytest.mark.parametrize(
    ("arguments", "error", "parts"),
    [
        ((linear(f64([[1.0, 1.0]])), ZERO[:1], EYE), ValueError, ["mean has shape [1]", "wanted [2] and [2, 2]"]),
        ((linear(f64([[1.0, 1.0]])), ZERO, -EYE), ValueError, ["not positive definite"]),
        ((linear(f64([[1.0, 1.0]])), ZERO, EYE, 100), ValueError, ["points = 100", "odd"]),
        ((linear(f64([[1.0, 1.0]])), ZERO * math.nan, EYE), ValueError, ["mean", "NaN"]),
        ((lambda z: z.sum(-1), ZERO, EYE), ValueError, ["log_likelihood(z) is float64 of shape [4096]", "[n, 4096]"]),
        ((lambda z: z.sum(-1)[None] * math.nan, ZERO, EYE), ValueError, ["log_likelihood(z)", "NaN"]),
    ],
)
def test_bad_input_is_refused(arguments, error, parts):
    with refused(error, *parts):
        plane.log_evidence(*arguments)


def test_knots_cut_an_axis_into_equal_shares_of_the_prior_or_of_the_reach():
    found = plane.knots(5)
    assert close(norm.cdf(found), np.linspace(0, 1, 11))
    assert (found[0], found[-1]) == (-torch.inf, torch.inf)
    assert close(plane.knots(2, 3.0), [-3, -1.5, 0, 1.5, 3])


def test_places_are_read_row_by_row_from_top_left():
    found = plane.places(f64([-1, 0, 2])).tolist()
    assert found == [[-1, 2], [0, 2], [2, 2], [-1, 0], [0, 0], [2, 0], [-1, -1], [0, -1], [2, -1]]
