import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.tools import close, examples, f64, refused, seeded
from vae_helpers.maths import bounds, gaussian
from vae_helpers.maths.toy import ToyModel

X, MU, SIGMA, NOISE = st.floats(-3, 3), st.floats(-4, 4), st.floats(0.01, 5), st.floats(0.1, 5)


def mean_log_likelihood(mean_square_error, noise):
    return -0.5 * math.log(2 * math.pi * noise**2) - mean_square_error / (2 * noise**2)


def elbo(log_likelihood, mu, sigma):
    return bounds.elbo(f64(log_likelihood), f64([mu]), f64([2 * math.log(sigma)]))


def linear_elbo(x, slope, noise, mu, sigma):
    return elbo(mean_log_likelihood((x - slope * mu) ** 2 + (slope * sigma) ** 2, noise), mu, sigma)


def fold_elbo(x, noise, mu, sigma):
    mean_square_error = x**2 - 2 * x * (mu**2 + sigma**2) + mu**4 + 6 * mu**2 * sigma**2 + 3 * sigma**4
    return elbo(mean_log_likelihood(mean_square_error, noise), mu, sigma)


@examples(100)
@given(X, MU, SIGMA, NOISE, st.floats(-2, 2))
def test_the_elbo_of_the_linear_toy_lies_below_log_p_by_the_divergence(x, mu, sigma, noise, slope):
    log_evidence, mu_post, logvar_post = ToyModel("linear", noise, slope).closed_forms(f64(x))
    bound = linear_elbo(x, slope, noise, mu, sigma).total
    scale = max(1.0, abs(bound.item()))
    assert bound <= log_evidence + 1e-12 * scale
    gap = gaussian.kl_between(f64([mu]), f64([2 * math.log(sigma)]), mu_post[None], logvar_post[None])
    assert abs(log_evidence - bound - gap) < 1e-10 * scale
    touching = linear_elbo(x, slope, noise, mu_post.item(), (0.5 * logvar_post).exp().item()).total
    assert touching.item() == pytest.approx(log_evidence.item(), abs=1e-11, rel=1e-11)


@examples(50)
@given(st.floats(-0.5, 6), MU, SIGMA, NOISE)
def test_the_elbo_of_the_folded_toy_lies_strictly_below_log_p(x, mu, sigma, noise):
    assert fold_elbo(x, noise, mu, sigma).total < ToyModel("fold", noise).log_evidence(f64(x))


def test_the_terms_are_named_and_add_up():
    log_likelihood = torch.tensor([-100.0, -90.0])
    mu, logvar = torch.randn(2, 2, 3, generator=seeded())
    bound = bounds.elbo(log_likelihood, mu, logvar)
    assert bound._fields == ("total", "reconstruction", "kl")
    assert torch.equal(bound.reconstruction, log_likelihood)
    assert torch.equal(bound.kl, gaussian.kl(mu, logvar))
    assert torch.equal(bound.total, log_likelihood - bound.kl)
    assert bounds.elbo(torch.zeros(0), torch.zeros(0, 3), torch.zeros(0, 3)).total.shape == (0,)


def test_a_better_bound_may_come_with_a_worse_model():
    """x = a z + ½ e, x = 1, q = N(½, 0.3²): the figures of a to move from 1 to 1.47."""
    found = [linear_elbo(1.0, slope, 0.5, 0.5, 0.3).total.item() for slope in (1.0, 1.47)]
    assert found == pytest.approx([-1.780, -1.629], abs=5e-4)
    evidence = [ToyModel("linear", 0.5, slope).log_evidence(f64(1.0)).item() for slope in (1.0, 1.47)]
    assert evidence == pytest.approx([-1.431, -1.566], abs=5e-4)


def test_single_draws_of_the_likelihood_are_right_on_average():
    model, mu, sigma = ToyModel("fold", 0.5), 0.8, 0.3
    eps = torch.randn(40_000, 1, generator=seeded(), dtype=torch.float64)
    mus, logvars = f64([[mu]]).expand(40_000, 1), f64([[2 * math.log(sigma)]]).expand(40_000, 1)
    z = gaussian.reparameterize(mus, logvars, eps).squeeze(-1)
    drawn = bounds.elbo(model.log_likelihood(f64(1.0), z), mus, logvars).total
    exact = fold_elbo(1.0, 0.5, mu, sigma).total.item()
    assert drawn.mean().item() == pytest.approx(exact, abs=4 * drawn.std().item() / 200)


def test_the_gradient_is_that_of_finite_differences():
    inputs = [torch.randn(shape, generator=seeded(), dtype=torch.float64) for shape in ((2,), (2, 3), (2, 3))]
    assert torch.autograd.gradcheck(lambda *args: bounds.elbo(*args).total, [t.requires_grad_() for t in inputs])
    assert close(bounds.elbo(*inputs).total.detach(), (inputs[0] - gaussian.kl(*inputs[1:])).detach())


@pytest.mark.parametrize(
    ("log_likelihood", "error", "parts"),
    [
        (torch.zeros(2, 64), ValueError, ["log_likelihood has shape [2, 64]", "[2]", "sum it over pixels"]),
        (torch.tensor(0.0), ValueError, ["log_likelihood has shape []", "one number per example, [2]"]),
        (torch.full((2,), math.nan), ValueError, ["log_likelihood", "holds 2 NaN"]),
        (-1.5, TypeError, ["log_likelihood is float -1.5"]),
    ],
    ids=["pixels", "mean", "nan", "number"],
)
def test_bad_input_is_refused(log_likelihood, error, parts):
    with refused(error, "bounds.elbo(log_likelihood, mu, logvar)", *parts):
        bounds.elbo(log_likelihood, torch.zeros(2, 3), torch.zeros(2, 3))
