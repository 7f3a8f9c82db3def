"""maths.gaps: the gap of one image, against closed forms of linear models, and on a trained decoder."""

import math

import pytest
import torch
from torch.distributions import MultivariateNormal

from tests.tools import close, f64, refused
from vae_helpers.learning import data, weights
from vae_helpers.maths import bounds, gaps, gaussian, likelihood, toy

ZERO, EYE = f64([0.0, 0.0]), torch.eye(2, dtype=torch.float64)
NOISE, X = 0.3, f64([1.0, 0.2, 0.4])
MAP = f64([[1.0, 0.8], [0.0, 0.6], [0.5, -0.2]])  # x = MAP z + 0.3 e: its posterior is a tilted bell


def tilted(z):
    return gaussian.log_prob(X, z @ MAP.T, f64([2 * math.log(NOISE)] * 3)) + gaussian.log_prob(z, ZERO, ZERO)


def closed_form():
    precision = EYE + MAP.T @ MAP / NOISE**2
    return precision, torch.linalg.solve(precision, MAP.T @ X / NOISE**2)


def test_log_p_and_the_moments_are_those_of_the_linear_model():
    found, (precision, mean) = gaps.posterior(tilted), closed_form()
    assert close(
        found.log_evidence,
        MultivariateNormal(torch.zeros(3).double(), MAP @ MAP.T + NOISE**2 * torch.eye(3).double()).log_prob(X),
        1e-9,
    )
    assert close(found.moments[0], mean, 1e-9)
    assert close(found.moments[1], precision.inverse().diag(), 1e-9)
    assert close(found.log_density.exp().sum() * found.spacing**2, 1.0, 1e-9)


def test_the_best_bell_of_a_tilted_posterior_has_its_mean_and_the_diagonal_of_its_precision():
    found, (precision, mean) = gaps.split(tilted, ZERO, ZERO), closed_form()
    assert close(found.mu, mean, 1e-5)
    assert close(found.logvar, -precision.diag().log(), 1e-5)
    assert close(found.family, (precision.diag().log().sum() - torch.logdet(precision)) / 2, 1e-9)
    assert close(found.divergence, found.family, 1e-9)
    assert close(found.family + found.amortization, found.log_evidence - gaps.elbo(tilted, ZERO, ZERO), 1e-12)


def test_any_bell_has_the_elbo_and_the_divergence_of_the_closed_forms():
    mu, logvar = f64([0.3, -0.5]), f64([-1.0, 0.4])
    exact, (precision, mean) = gaps.posterior(tilted), closed_form()
    wanted = torch.distributions.kl_divergence(
        MultivariateNormal(mu, torch.diag(logvar.exp())), MultivariateNormal(mean, precision_matrix=precision)
    )
    assert close(gaps.divergence(tilted, mu, logvar, exact), wanted, 1e-9)
    assert close(gaps.elbo(tilted, mu, logvar), exact.log_evidence - wanted, 1e-9)


def test_a_bell_that_is_the_posterior_leaves_no_gap():
    model, x = toy.LinearGaussian(2, noise=0.5), f64([1.0, -0.3])
    found = gaps.split(lambda z: model.log_likelihood(x, z) + gaussian.log_prob(z, ZERO, ZERO), ZERO, ZERO)
    assert abs(found.family) < 1e-9
    assert close(found.log_evidence, model.log_evidence(x), 1e-9)


def test_two_peaks_cost_one_bit_and_the_best_start_wins():
    def peaks(z):
        return torch.logaddexp(*(gaussian.log_prob(z, f64([at, 0.0]), f64([-3.0, -3.0])) for at in (-1.0, 1.0)))

    found = gaps.split(peaks, f64([0.2, 0.0]), f64([-3.0, -3.0]))
    assert close(found.log_evidence, math.log(2), 1e-9)
    assert close(found.family, math.log(2), 1e-3)
    assert close(found.divergence, found.family, 1e-6)
    assert close(found.mu.abs(), [1.0, 0.0], 1e-2)


@pytest.mark.parametrize("number", [0, 3])
def test_on_a_trained_decoder_both_routes_agree_and_q_star_is_the_highest(number):
    model, images = weights.load("digits-2d").double(), data.load("digits").test.images.double()
    x = torch.bernoulli(images[number], generator=torch.Generator().manual_seed(number))

    def log_joint(z):
        return likelihood.bernoulli(x, model.decode(z)) + gaussian.log_prob(z, ZERO, ZERO)

    mu, logvar = model.encode(x)
    found = gaps.split(log_joint, mu, logvar)
    assert close(found.divergence, found.family, 1e-6)
    assert found.family > 0
    assert found.amortization > 0
    for push in torch.tensor([[0.02, 0.0], [-0.02, 0.0], [0.0, 0.02], [0.0, -0.02]]).double():
        assert gaps.elbo(log_joint, found.mu + push, found.logvar) < found.best
        assert gaps.elbo(log_joint, found.mu, found.logvar + 5 * push) < found.best
    mu_on, logvar_on = at = [value.clone().requires_grad_() for value in (found.mu, found.logvar)]
    climber = torch.optim.LBFGS(at, max_iter=50, tolerance_change=1e-12, line_search_fn="strong_wolfe")

    def fall():
        climber.zero_grad()
        loss = -gaps.elbo(log_joint, mu_on, logvar_on)
        loss.backward()
        return loss

    climber.step(fall)
    assert close(gaps.elbo(log_joint, mu_on, logvar_on), found.best, 1e-8), "torch's L-BFGS gets no higher from there"
    eps = torch.randn(20_000, 2, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    drawn = bounds.elbo(
        likelihood.bernoulli(x, model.decode(mu + (logvar / 2).exp() * eps)),
        *(v.expand(20_000, 2) for v in (mu, logvar)),
    )
    assert abs(drawn.total.mean() - found.reached) < 4 * drawn.total.std() / 20_000**0.5


def test_what_cannot_be_integrated_is_refused(monkeypatch):
    with refused(ArithmeticError, "gaps.posterior", "|z| = 10"):
        gaps.posterior(lambda z: gaussian.log_prob(z, f64([9.5, 0.0]), ZERO))
    monkeypatch.setattr(gaps, "MOST", 30_000)
    with refused(ArithmeticError, "gaps.posterior", "in float64?"):
        gaps.posterior(lambda z: torch.rand(len(z)).double() - 50 * z.square().sum(-1))
    with refused(ArithmeticError, "gaps.elbo", "narrower"):
        gaps.elbo(lambda z: -10 * z.abs().sum(-1), f64([0.1, 0.0]), ZERO)
    with refused(ValueError, "gaps.posterior", "one number a place"):
        gaps.posterior(lambda z: z)
    with refused(ValueError, "gaps.best", "no start"):
        gaps.best(tilted, [])
    with refused(ValueError, "gaps.posterior", "NaN"):
        gaps.posterior(lambda z: z.sum(-1) * math.nan)
