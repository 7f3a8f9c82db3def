import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats
from torch.distributions import Normal, kl_divergence

from tests.tools import close, examples, f64, refused, seeded
from vae_helpers.maths import gaussian

MEANS, LOGVARS = st.floats(-20, 20), st.floats(-12, 8)


def draws(*shapes, seed=0):
    generator = seeded(seed)
    return [torch.randn(shape, generator=generator, dtype=torch.float64) for shape in shapes]


def normal(mu, logvar):
    return Normal(mu, (0.5 * logvar).exp())


SHAPES = [
    ((2,), (2,), (2,)),
    ((5, 3), (5, 3), (5, 3)),
    ((5, 3), (3,), (1,)),
    ((4, 1, 3), (5, 3), (5, 1)),
    ((0, 3),) * 3,
]


@pytest.mark.parametrize("shapes", SHAPES, ids=str)
def test_log_prob_is_that_of_torch_distributions(shapes):
    x, mu, logvar = draws(*shapes)
    assert close(gaussian.log_prob(x, mu, logvar), normal(mu, logvar).log_prob(x).sum(-1))


def test_the_density_integrates_to_one():
    def density(x):
        return gaussian.log_prob(f64([x]), f64([0.7]), f64([math.log(0.3)])).exp().item()

    assert integrate.quad(density, -6, 7, points=[0.7])[0] == pytest.approx(1, abs=1e-10)


@pytest.mark.parametrize("shapes", SHAPES, ids=str)
def test_divergences_and_entropy_are_those_of_torch_distributions(shapes):
    mu_q, logvar_q, mu_p, logvar_p = draws(*shapes, shapes[0])
    wanted = kl_divergence(normal(mu_q, logvar_q), normal(mu_p, logvar_p)).sum(-1)
    assert close(gaussian.kl_between(mu_q, logvar_q, mu_p, logvar_p), wanted)
    standard = Normal(f64(0.0), f64(1.0))
    assert close(gaussian.kl(mu_q, logvar_q), kl_divergence(normal(mu_q, logvar_q), standard).sum(-1))
    assert close(gaussian.entropy(logvar_q), normal(torch.zeros_like(logvar_q), logvar_q).entropy().sum(-1))


@examples(200)
@given(MEANS, LOGVARS)
def test_kl_is_never_negative_and_zero_at_the_prior_only(mu, logvar):
    kl = gaussian.kl(f64([mu]), f64([logvar])).item()
    assert kl >= 0
    assert kl == pytest.approx(0.5 * (mu**2 + math.exp(logvar) - 1 - logvar), rel=1e-12, abs=1e-12)
    assert kl > 1e-8 or max(abs(mu), abs(logvar)) < 1e-3
    assert gaussian.kl(f64([0.0]), f64([0.0])).item() == 0


@examples(200)
@given(MEANS, LOGVARS, MEANS, LOGVARS)
def test_kl_between_is_never_negative_and_zero_between_equals_only(mu_q, logvar_q, mu_p, logvar_p):
    q, p = (f64([mu_q]), f64([logvar_q])), (f64([mu_p]), f64([logvar_p]))
    kl = gaussian.kl_between(*q, *p).item()
    assert kl >= 0
    assert kl > 1e-12 or max(abs(mu_q - mu_p) * math.exp(-logvar_p / 2), abs(logvar_q - logvar_p)) < 1e-3
    assert gaussian.kl_between(*q, *q).item() == 0


@pytest.mark.parametrize("logvar", [1e-3, 1e-6, -1e-7])
def test_kl_keeps_its_digits_close_to_the_prior(logvar):
    series = 0.25 * logvar**2 + logvar**3 / 12 + logvar**4 / 48
    assert gaussian.kl(f64([0.0]), f64([logvar])).item() == pytest.approx(series, rel=1e-7, abs=0)
    assert gaussian.kl_between(f64([2.0]), f64([logvar]), f64([2.0]), f64([0.0])).item() == pytest.approx(
        series, rel=1e-7, abs=0
    )


@pytest.mark.parametrize(
    "function", [gaussian.log_prob, gaussian.kl, gaussian.kl_between, gaussian.reparameterize, gaussian.entropy]
)
def test_gradients_are_those_of_finite_differences(function):
    count = {gaussian.kl: 2, gaussian.kl_between: 4, gaussian.entropy: 1}.get(function, 3)
    inputs = [value.requires_grad_() for value in draws(*[(2, 3)] * count)]
    assert torch.autograd.gradcheck(function, inputs)


def test_float32_stays_float32_and_a_very_narrow_bell_is_no_nan():
    x, mu, logvar = torch.zeros(1), torch.zeros(1), torch.full((1,), -100.0)
    at_the_mean = gaussian.log_prob(x, mu, logvar)
    assert at_the_mean.dtype == torch.float32
    assert at_the_mean.item() == pytest.approx(50 - 0.5 * math.log(2 * math.pi), rel=1e-6)
    assert gaussian.kl_between(mu, logvar, mu, logvar).item() == 0


def test_samples_have_the_mean_the_spread_and_the_shape_of_the_bell():
    z = gaussian.reparameterize(f64(1.5), f64(2 * math.log(0.4)), torch.randn(20_000, generator=seeded()).double())
    assert z.mean().item() == pytest.approx(1.5, abs=4 * 0.4 / 20_000**0.5)
    assert z.std().item() == pytest.approx(0.4, abs=4 * 0.4 / 40_000**0.5)
    assert stats.kstest(z.numpy(), stats.norm(1.5, 0.4).cdf).pvalue > 0.01
    assert stats.kstest(z.numpy(), stats.norm(1.5, 0.4**0.5).cdf).pvalue < 1e-9  # the test can tell σ from σ²


@pytest.mark.parametrize(
    ("call", "error", "parts"),
    [
        (lambda a, b: gaussian.log_prob(a, a, b), ValueError, ["log_prob(x, mu, logvar)", "logvar [2]"]),
        (lambda a, b: gaussian.kl(a, b), ValueError, ["gaussian.kl(mu, logvar)", "mu [4, 3], logvar [2]"]),
        (lambda a, b: gaussian.kl(a, 1.0), TypeError, ["logvar is float 1.0"]),
        (lambda a, b: gaussian.kl(a.long(), a), TypeError, ["mu is int64 of shape [4, 3]"]),
        (lambda a, b: gaussian.kl(a, a.log()), ValueError, ["logvar, float32 of shape [4, 3], holds 12 NaN"]),
        (lambda a, b: gaussian.entropy(b.int()), TypeError, ["gaussian.entropy(logvar)", "int32"]),
        (lambda a, b: gaussian.kl_between(a, a, b, a), ValueError, ["kl_between", "mu_p [2]"]),
        (lambda a, b: gaussian.reparameterize(a, a, b), ValueError, ["reparameterize(mu, logvar, eps)", "eps [2]"]),
    ],
)
def test_bad_input_is_refused(call, error, parts):
    with refused(error, *parts):
        call(-torch.ones(4, 3), torch.ones(2))
