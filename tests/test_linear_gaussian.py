"""maths.toy.LinearGaussian: D copies of the linear toy, against scipy, against ToyModel, and by sampling."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats
from torch.distributions import MultivariateNormal

from tests.tools import close, examples, f64, refused, seeded
from vae_helpers.maths import gaussian
from vae_helpers.maths.toy import LinearGaussian, ToyModel

X = f64([[1.0, -0.5, 2.0], [0.0, 0.3, -1.2]])


def test_its_densities_are_those_of_many_normal_variables():
    model, z = LinearGaussian(3, slope=-0.8, noise=0.4), f64([[0.2, 1.0, -1.0], [0.0, -2.0, 0.5]])
    one = torch.eye(3).double()
    assert close(model.log_prior(z), MultivariateNormal(torch.zeros(3).double(), one).log_prob(z))
    assert close(model.log_likelihood(X, z), MultivariateNormal(-0.8 * z, 0.16 * one).log_prob(X))
    assert close(model.log_joint(X, z), model.log_prior(z) + model.log_likelihood(X, z))
    # x = A z + s e with A = −0.8 · 1, as one Gaussian: covariance A Aᵀ + s² 1
    covariance = (-0.8 * one) @ (-0.8 * one).T + 0.16 * one
    assert close(model.log_evidence(X), MultivariateNormal(torch.zeros(3).double(), covariance).log_prob(X))


@examples(50)
@given(st.floats(-2, 2), st.floats(0.1, 3), st.floats(-3, 3))
def test_one_copy_is_the_toy(slope, noise, x):
    copy, toy = LinearGaussian(1, slope, noise), ToyModel("linear", noise, slope)
    log_evidence, mu, logvar = toy.closed_forms(f64(x))
    assert close(copy.log_evidence(f64([x])), log_evidence)
    found_mu, found_logvar = copy.posterior(f64([x]))
    assert close(found_mu, mu[None])
    assert close(found_logvar, logvar[None])
    assert close(copy.log_joint(f64([x]), f64([0.7])), toy.log_joint(f64(x), f64(0.7)))


@pytest.mark.parametrize(("slope", "noise"), [(1.0, 0.5), (-0.7, 1.5)])
def test_its_densities_integrate_to_one_and_the_evidence_is_the_integral(slope, noise):
    model = LinearGaussian(1, slope, noise)

    def over(log_density):
        return integrate.quad(lambda v: math.exp(log_density(f64([v])).item()), -12, 12, points=(-1, 1), limit=200)[0]

    assert over(lambda x: model.log_likelihood(x, f64([0.4]))) == pytest.approx(1, abs=1e-10)
    assert over(model.log_evidence) == pytest.approx(1, abs=1e-10)
    x = f64([1.3])
    assert math.log(over(lambda z: model.log_joint(x, z))) == pytest.approx(model.log_evidence(x).item(), abs=1e-10)


def test_bayes_rule_holds_at_every_z():
    model, z = LinearGaussian(3, 1.2, 0.5), torch.randn(20, 3, generator=seeded(), dtype=torch.float64)
    x = X[:1].expand(20, 3)
    mu, logvar = model.posterior(x)
    assert mu.shape == logvar.shape == (20, 3)
    assert close(gaussian.log_prob(z, mu, logvar), model.log_joint(x, z) - model.log_evidence(x))


def ratio(a, s, d):
    """REFERENCES: R for one copy, d = x − b."""
    return (
        (a**2 + s**2) / (s * math.sqrt(2 * a**2 + s**2)) * math.exp(d**2 * (1 / (a**2 + s**2) - 1 / (2 * a**2 + s**2)))
    )


def test_the_relative_variance_of_one_copy_and_of_many():
    assert LinearGaussian().relative_variance(f64([1.0])).item() == pytest.approx(2.378 - 1, abs=5e-4)
    for dim in (1, 2, 10):
        found = LinearGaussian(dim, 1.0, 0.5).relative_variance(torch.ones(dim).double()).item()
        assert found == pytest.approx(ratio(1, 0.5, 1) ** dim - 1, rel=1e-12)
    different = LinearGaussian(3, 0.9, 0.7).relative_variance(X)
    wanted = [math.prod(ratio(0.9, 0.7, d) for d in row) - 1 for row in X.tolist()]
    assert close(different, wanted)


@examples(30)
@given(st.floats(0.2, 2), st.floats(0.3, 2), st.floats(-2, 2))
def test_the_relative_variance_is_that_of_the_integrals(slope, noise, x):
    def likelihood(z):
        return stats.norm.pdf(x, slope * z, noise)

    def mean(g):
        return integrate.quad(lambda z: stats.norm.pdf(z) * g(z), -9, 9, points=np.linspace(-8, 8, 17), limit=400)[0]

    wanted = mean(lambda z: likelihood(z) ** 2) / mean(likelihood) ** 2 - 1
    found = LinearGaussian(1, slope, noise).relative_variance(f64([x])).item()
    assert found == pytest.approx(wanted, rel=1e-6, abs=1e-8)


def test_naive_monte_carlo_scatters_as_it_says():
    model, x = LinearGaussian(2, 1.0, 0.5), f64([1.0, 0.5])
    z = torch.randn(400_000, 2, generator=seeded(), dtype=torch.float64)
    weights = (model.log_likelihood(x.expand_as(z), z) - model.log_evidence(x)).exp()
    assert weights.mean().item() == pytest.approx(1, abs=4 * weights.std().item() / 400_000**0.5)
    assert weights.var().item() == pytest.approx(model.relative_variance(x).item(), rel=0.02)


def test_samples_have_the_moments_of_the_model():
    z, x = LinearGaussian(2, 1.5, 0.5).sample(100_000, seeded())
    assert z.shape == x.shape == (100_000, 2)
    both = torch.cat([z, x], dim=-1)
    block = torch.eye(2).double()
    wanted = torch.cat([torch.cat([block, 1.5 * block], 1), torch.cat([1.5 * block, 2.5 * block], 1)])
    assert (both.mean(0)).abs().max() < 0.03
    assert (both.T.cov() - wanted).abs().max() < 0.05
    assert stats.kstest(x[:, 0].numpy(), stats.norm(0, 2.5**0.5).cdf).pvalue > 1e-3
    again, _ = LinearGaussian(2, 1.5, 0.5).sample(100_000, seeded())
    assert torch.equal(z, again)


@pytest.mark.parametrize(
    ("call", "error", "parts"),
    [
        (lambda: LinearGaussian(0), ValueError, ["LinearGaussian(dim, slope, noise)", "dim = 0", "at least 1"]),
        (lambda: LinearGaussian(1.5), ValueError, ["dim = 1.5", "whole number"]),
        (lambda: LinearGaussian(2, noise=0.0), ValueError, ["noise = 0.0", "greater than 0"]),
        (lambda: LinearGaussian(2, slope="steep"), TypeError, ["slope is str 'steep'"]),
        (lambda: LinearGaussian(2).log_prior(f64([0.0])), ValueError, ["log_prior(z)", "z is float64 of shape [1]"]),
        (lambda: LinearGaussian(2).log_evidence(f64(1.0)), ValueError, ["log_evidence(x)", "of shape []"]),
        (lambda: LinearGaussian(2).posterior(f64([0.0, 1.0, 2.0])), ValueError, ["posterior(x)", "of shape [3]"]),
        (lambda: LinearGaussian(2).relative_variance(f64([1.0])), ValueError, ["relative_variance(x)", "of shape [1]"]),
        (lambda: LinearGaussian(2).log_evidence([0.0, 1.0]), TypeError, ["x is list [0.0, 1.0]"]),
        (lambda: LinearGaussian(1).log_evidence(f64([math.nan])), ValueError, ["x, float64 of shape [1], holds 1 NaN"]),
        (lambda: LinearGaussian(1).log_likelihood(f64([0.0]), f64([[1.0]]).int()), TypeError, ["z is int32"]),
    ],
    ids=["zero", "half", "noise", "slope", "prior", "scalar", "posterior", "variance", "list", "nan", "int"],
)  # fmt: skip
def test_bad_input_is_refused(call, error, parts):
    with refused(error, *parts):
        call()


def test_it_says_what_it_is():
    assert repr(LinearGaussian(3, 2.0, 0.25)) == "LinearGaussian(dim=3, slope=2, noise=0.25)"
