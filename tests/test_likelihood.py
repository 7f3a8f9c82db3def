import itertools
import math

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats
from torch.distributions import Bernoulli, ContinuousBernoulli, Normal

from tests.tools import close, examples, f64, refused, seeded
from vae_helpers.maths import likelihood

LOGITS = 3 * torch.randn(5, 4, generator=seeded(), dtype=torch.float64)


def test_bernoulli_is_that_of_torch_distributions():
    x = (torch.rand(5, 4, generator=seeded(1)) < 0.5).double()
    assert close(likelihood.bernoulli(x, LOGITS), Bernoulli(logits=LOGITS).log_prob(x).sum(-1))


def test_on_grey_pixels_it_is_the_cross_entropy():
    x = torch.rand(5, 4, generator=seeded(1), dtype=torch.float64)
    wanted = -F.binary_cross_entropy_with_logits(LOGITS, x, reduction="none").sum(-1)
    assert close(likelihood.bernoulli(x, LOGITS), wanted)


def test_the_probabilities_of_all_images_sum_to_one():
    images = f64(list(itertools.product([0.0, 1.0], repeat=4)))
    assert likelihood.bernoulli(images, LOGITS[0]).exp().sum().item() == pytest.approx(1, abs=1e-14)


@pytest.mark.parametrize("logit", [-1000.0, -50.0, -20.5, 0.0, 20.5, 39.0, 1000.0])
def test_extreme_logits_keep_their_digits(logit):
    for pixel in (0.0, 1.0):
        against = -logit if pixel else logit  # log p = −log(1 + exp(against))
        wanted = -max(against, 0.0) - math.log1p(math.exp(-abs(logit)))
        found = likelihood.bernoulli(f64([pixel]), f64([logit])).item()
        assert found == pytest.approx(wanted, abs=1e-14)


def test_the_gradient_is_that_of_finite_differences():
    x = torch.rand(5, 4, generator=seeded(1), dtype=torch.float64)
    logits = LOGITS.clone().requires_grad_()
    assert torch.autograd.gradcheck(lambda logits: likelihood.bernoulli(x, logits), [logits])


@pytest.mark.parametrize(
    ("x", "logits", "error", "parts"),
    [
        (torch.full((2, 3), 255.0), torch.zeros(2, 3), ValueError, ["255", "[0, 1]"]),
        (torch.full((2, 3), -0.5), torch.zeros(2, 3), ValueError, ["from -0.5 to -0.5", "[0, 1]"]),
        (torch.zeros(2, 3), torch.zeros(2, 4), ValueError, ["x [2, 3], logits [2, 4]"]),
        (torch.zeros(2, 3).byte(), torch.zeros(2, 3), TypeError, ["x is uint8 of shape [2, 3]"]),
        (torch.zeros(2, 3), torch.full((2, 3), math.nan), ValueError, ["logits", "holds 6 NaN"]),
    ],
    ids=["grey", "negative", "shapes", "uint8", "nan"],
)
def test_bad_input_is_refused(x, logits, error, parts):
    with refused(error, "likelihood.bernoulli(x, logits)", *parts):
        likelihood.bernoulli(x, logits)


# ---- the continuous Bernoulli ----

ELLS = [-30.0, -3.0, -0.02, -0.0101, -0.0099, -1e-5, 0.0, 1e-9, 0.005, 0.01, 0.011, 0.7, 8.0, 40.0]


def unnormalised(ell, power=0):
    """∫ xᵖ λˣ (1 − λ)¹⁻ˣ dx over [0, 1] by scipy, λ = sigmoid(ℓ)."""

    def term(x):
        return x**power * math.exp(x * ell - max(ell, 0.0) - math.log1p(math.exp(-abs(ell))))

    edge = min(0.5, 30 / max(abs(ell), 1e-9))
    return integrate.quad(term, 0, 1, points=sorted({edge, 1 - edge}), epsabs=1e-14, epsrel=1e-13)[0]


@pytest.mark.parametrize("ell", ELLS)
def test_continuous_bernoulli_is_normalised_by_the_integral_of_scipy(ell):
    for x in (0.0, 0.3, 1.0):
        found = likelihood.continuous_bernoulli(f64([x]), f64([ell])) - likelihood.bernoulli(f64([x]), f64([ell]))
        assert found.item() == pytest.approx(-math.log(unnormalised(ell)), abs=1e-11)


def test_its_constant_is_log_2_at_logit_0():
    assert likelihood.continuous_bernoulli(f64([0.4]), f64([0.0])).item() == pytest.approx(0, abs=1e-15)  # flat


@examples(100)
@given(st.floats(-40, 40))
def test_the_mean_is_not_the_sigmoid(ell):
    if abs(ell) > 1e-3:
        mean = 1 / (1 - math.exp(-ell)) - 1 / ell
        assert unnormalised(ell, 1) / unnormalised(ell) == pytest.approx(mean, abs=1e-9)
    # The mean from our log-density: the derivative of the log of its constant, turned round.
    logit = f64([ell]).requires_grad_()
    (slope,) = torch.autograd.grad(likelihood.continuous_bernoulli(f64([0.0]), logit), logit)
    assert -slope.item() == pytest.approx(unnormalised(ell, 1) / unnormalised(ell), abs=1e-8)


def test_continuous_bernoulli_is_that_of_torch_distributions():
    x = torch.rand(5, 4, generator=seeded(1), dtype=torch.float64)
    wanted = ContinuousBernoulli(logits=LOGITS).log_prob(x).sum(-1)
    assert close(likelihood.continuous_bernoulli(x, LOGITS), wanted, 1e-7)  # torch expands it around ½ to fewer terms


@pytest.mark.parametrize("logit", [-1000.0, -50.0, 50.0, 1000.0])
def test_extreme_logits_leave_the_continuous_bernoulli_finite(logit):
    right, wrong = (f64([1.0]), f64([0.0])) if logit > 0 else (f64([0.0]), f64([1.0]))
    found = likelihood.continuous_bernoulli(right, f64([logit])).item()
    assert found == pytest.approx(math.log(abs(logit)), abs=1e-12)
    found = likelihood.continuous_bernoulli(wrong, f64([logit])).item()
    assert found == pytest.approx(math.log(abs(logit)) - abs(logit), abs=1e-12)


def test_the_gradient_of_the_continuous_bernoulli_is_that_of_finite_differences():
    x = torch.rand(3, 4, generator=seeded(1), dtype=torch.float64)
    logits = f64([[0.0, 1e-3, -0.009, 0.02], [3.0, -3.0, 20.0, -20.0], [0.5, -0.5, 1.0, -1.0]]).requires_grad_()
    assert torch.autograd.gradcheck(lambda logits: likelihood.continuous_bernoulli(x, logits), [logits])


def test_images_and_logits_broadcast_pixel_by_pixel():
    x = torch.rand(6, 4, generator=seeded(1), dtype=torch.float64)
    for one, other in ((x, LOGITS[:1]), (x[:1], LOGITS), (x[:, None], LOGITS)):
        rows = torch.broadcast_tensors(one, other)
        assert close(likelihood.continuous_bernoulli(one, other), likelihood.continuous_bernoulli(*rows))
        assert close(likelihood.gaussian(one, other, 0.3), likelihood.gaussian(*rows, 0.3))


# ---- the Gaussian ----


def test_gaussian_is_that_of_torch_distributions_for_one_sigma_and_for_many():
    x, mean = torch.rand(2, 5, 4, generator=seeded(2), dtype=torch.float64)
    sigma = 0.1 + torch.rand(5, 4, generator=seeded(3), dtype=torch.float64)
    assert close(likelihood.gaussian(x, mean, 0.3), Normal(mean, 0.3).log_prob(x).sum(-1))
    assert close(likelihood.gaussian(x, mean, f64(0.3)), Normal(mean, 0.3).log_prob(x).sum(-1))
    assert close(likelihood.gaussian(x, mean, sigma[0]), Normal(mean, sigma[0]).log_prob(x).sum(-1))
    assert close(likelihood.gaussian(x, mean, sigma), Normal(mean, sigma).log_prob(x).sum(-1))


@pytest.mark.parametrize("sigma", [0.05, 1.0, 3.0])
def test_gaussian_integrates_to_one_and_keeps_its_constant(sigma):
    def density(x):
        return likelihood.gaussian(f64([x]), f64([0.3]), sigma).exp().item()

    assert integrate.quad(density, 0.3 - 9 * sigma, 0.3 + 9 * sigma)[0] == pytest.approx(1, abs=1e-9)
    many = likelihood.gaussian(torch.zeros(64).double(), torch.zeros(64).double(), sigma).item()
    assert many == pytest.approx(64 * stats.norm.logpdf(0, scale=sigma), abs=1e-10)


def test_the_gradient_of_the_gaussian_is_that_of_finite_differences():
    x, mean = torch.rand(2, 3, 4, generator=seeded(2), dtype=torch.float64)
    sigma = f64(0.4).requires_grad_()
    assert torch.autograd.gradcheck(likelihood.gaussian, [x, mean.requires_grad_(), sigma])


@pytest.mark.parametrize(
    ("call", "error", "parts"),
    [
        (lambda: likelihood.continuous_bernoulli(torch.full((2,), 16.0), torch.zeros(2)), ValueError, ["16", "[0, 1]"]),
        (lambda: likelihood.continuous_bernoulli(torch.zeros(2), torch.zeros(3)), ValueError, ["x [2], logits [3]"]),
        (
            lambda: likelihood.gaussian(torch.zeros(2), torch.zeros(2), 0.0),
            ValueError,
            ["sigma = 0;", "greater than 0"],
        ),
        (lambda: likelihood.gaussian(torch.zeros(2), torch.zeros(2), -1.0), ValueError, ["sigma = -1"]),
        (lambda: likelihood.gaussian(torch.zeros(2), torch.zeros(2), math.nan), ValueError, ["sigma", "1 NaN"]),
        (lambda: likelihood.gaussian(torch.zeros(2), torch.zeros(3), 1.0), ValueError, ["x [2], mean [3]"]),
        (lambda: likelihood.gaussian([0.0], torch.zeros(1), 1.0), TypeError, ["gaussian(x, mean, sigma)", "x is list"]),
        (
            lambda: likelihood.gaussian(torch.zeros(1), 0.5, 1.0),
            TypeError,
            ["gaussian(x, mean, sigma)", "mean is float"],
        ),
    ],
    ids=["grey", "shapes", "zero", "negative", "nan", "other shapes", "list", "number"],
)
def test_bad_input_to_the_other_likelihoods_is_refused(call, error, parts):
    with refused(error, *parts):
        call()
