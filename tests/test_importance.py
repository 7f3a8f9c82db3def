import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from tests.tools import close, examples, f64, refused, seeded
from vae_helpers.maths import importance, posterior
from vae_helpers.maths.toy import LinearGaussian, ToyModel

FOLD, TWO = ToyModel("fold", 0.3), f64(2.0)


bell = importance.bell


def joint(z):
    return FOLD.log_joint(TWO, z[..., 0])


def mixture():
    return importance.Mixture((bell(1.385, 0.132), bell(-1.385, 0.132), importance.standard(1)), (0.45, 0.45, 0.1))


# ---- proposals ----


def test_densities_of_the_proposals():
    z = f64([[-1.4], [0.0], [0.3], [4.0]])
    x = z[:, 0].numpy()
    parts = [stats.norm.pdf(x, 1.385, 0.132), stats.norm.pdf(x, -1.385, 0.132), stats.norm.pdf(x)]
    assert close(mixture().log_prob(z).exp(), torch.from_numpy(np.array([0.45, 0.45, 0.1]) @ parts))
    wide = importance.Gaussian(f64([0.5, -1.0]), f64([0.3, -0.4]))
    wanted = stats.norm.logpdf([0.2, 0.1], [0.5, -1.0], np.exp([0.15, -0.2])).sum()
    assert wide.log_prob(f64([0.2, 0.1])).item() == pytest.approx(wanted)
    assert importance.standard(3).log_prob(torch.zeros(2, 3).double()).shape == (2,)


def test_draws_follow_their_density():
    draws = mixture().sample(20_000, seeded())[:, 0]
    cdf = [lambda z, m=m, s=s: stats.norm.cdf(z, m, s) for m, s in ((1.385, 0.132), (-1.385, 0.132), (0, 1))]
    found = stats.kstest(draws.numpy(), lambda z: 0.45 * cdf[0](z) + 0.45 * cdf[1](z) + 0.1 * cdf[2](z))
    assert found.pvalue > 0.01
    two = importance.Gaussian(f64([0.5, -1.0]), f64([0.3, -0.4])).sample(20_000, seeded(1))
    assert stats.kstest(two[:, 1].numpy(), "norm", (-1.0, math.exp(-0.2))).pvalue > 0.01
    assert abs(torch.corrcoef(two.T)[0, 1].item()) < 0.03


def test_a_part_without_a_share_is_never_drawn_and_counts_for_nothing():
    one = importance.Mixture((bell(1.0, 0.1), bell(-1.0, 0.1)), (1.0, 0.0))
    assert (one.sample(1000, seeded()) > 0).all()
    assert close(one.log_prob(f64([[1.1]])), bell(1.0, 0.1).log_prob(f64([[1.1]])))


def test_a_bell_is_a_gaussian_on_the_line():
    z = f64([[0.3], [-2.0]])
    assert close(bell(f64(0.5), 0.2).log_prob(z), torch.from_numpy(stats.norm.logpdf(z[:, 0].numpy(), 0.5, 0.2)))


# ---- weights and what they say ----


def test_with_the_posterior_as_proposal_every_weight_is_the_evidence():
    model, x = LinearGaussian(7), f64([0.3, -2.0, 1.0, 0.0, 4.0, 1.0, -1.0])
    weights = importance.log_weights(
        lambda z: model.log_joint(x, z), importance.Gaussian(*model.posterior(x)), 50, seeded()
    )
    assert close(weights, model.log_evidence(x).expand(50), 1e-11)
    assert importance.estimate(weights).relative_error < 1e-11


def test_with_the_prior_as_proposal_it_is_naive_monte_carlo():
    model, x = LinearGaussian(3), f64([1.0, 0.5, -1.0])
    weights = importance.log_weights(lambda z: model.log_joint(x, z), importance.standard(3), 40, seeded())
    z = importance.standard(3).sample(40, seeded())
    assert close(weights, model.log_likelihood(x, z), 1e-11)
    assert close(importance.estimate(weights).log_evidence, model.log_likelihood(x, z).exp().mean().log())


@pytest.mark.parametrize("proposal", [mixture(), importance.standard(1), bell(0.0, 1.39)])
def test_the_estimate_is_unbiased_and_reports_its_error(proposal):
    exact = FOLD.log_evidence(TWO)
    many = importance.log_weights(joint, proposal, 400_000, seeded()).reshape(400, 1000)
    found = importance.estimate(many)
    ratios = (found.log_evidence - exact).exp()
    assert abs(ratios.mean().item() - 1) < 4 * ratios.std().item() / 20
    assert 0.85 < (ratios.std() / found.relative_error.median()).item() < 1.15
    whole = importance.estimate(many.flatten())
    wanted = importance.relative_variance_on_toy(FOLD, TWO, proposal)
    assert whole.relative_variance.item() == pytest.approx(wanted.item(), rel=0.03)


def test_the_report_by_hand():
    weights = f64([[1.0, 2.0, 3.0, 6.0], [5.0, 5.0, 5.0, 5.0]])
    found = importance.estimate(weights.log() - 1000)  # far below what exp can hold
    assert close(found.log_evidence, f64([3.0, 5.0]).log() - 1000)
    assert close(found.relative_variance, f64([weights[0].var().item() / 9, 0.0]), 1e-9)
    assert close(found.relative_error, f64([stats.sem(weights[0].numpy()) / 3, 0.0]), 1e-9)
    assert close(found.effective_size, f64([144 / 50, 4.0]), 1e-9)


@examples(100)
@given(st.lists(st.floats(-700, 700), min_size=2, max_size=30))
def test_the_reported_error_never_exceeds_one(log_weights):
    found = importance.estimate(f64(log_weights))
    assert 0 <= found.relative_error <= 1 + 1e-9
    assert 1 - 1e-9 <= found.effective_size <= len(log_weights) * (1 + 1e-9)


def test_the_running_estimate_ends_where_the_estimate_is():
    weights = importance.log_weights(joint, importance.standard(1), 600, seeded()).reshape(2, 300)
    found = importance.running(weights)
    assert found.log_evidence.shape == (2, 299)
    for n in (2, 3, 50, 300):
        at = importance.Estimate(*(value[:, n - 2] for value in found))
        assert all(close(a, b, 1e-9) for a, b in zip(at, importance.estimate(weights[:, :n]), strict=True))


# ---- variances on paper ----


def test_the_prior_as_proposal_has_the_variance_of_naive_monte_carlo():
    model, x = LinearGaussian(5, slope=1.3, noise=0.4), f64([0.1, -1.0, 2.0, 0.0, 0.7])
    found = importance.relative_variance(importance.standard(5), *model.posterior(x))
    assert close(found, model.relative_variance(x), 1e-10)


@examples(60)
@given(st.floats(-1, 1), st.floats(0.75, 4), st.floats(-2, 2), st.floats(0.2, 1))
def test_the_closed_form_is_the_integral(mu_q, factor, mu, sigma):
    def integrand(t):
        z = mu + sigma * t
        return sigma * math.exp(2 * stats.norm.logpdf(z, mu, sigma) - stats.norm.logpdf(z, mu_q, factor * sigma))

    found = importance.relative_variance(bell(mu_q, factor * sigma), f64([mu]), f64([2 * math.log(sigma)])).item()
    shift = (mu_q - mu) / (sigma * (2 * factor**2 - 1))
    if abs(shift) > 20:
        return
    peak, width = -shift, factor / math.sqrt(2 * factor**2 - 1)
    wanted = integrate.quad(integrand, peak - 12 * width, peak + 12 * width, points=[peak], limit=400)[0] - 1
    assert found == pytest.approx(wanted, rel=1e-6, abs=1e-7)


def test_too_narrow_a_proposal_has_infinite_variance_from_half_the_variance_on():
    mu, logvar = f64([0.0, 0.0]), f64([0.0, 0.0])
    for factor, finite in ((0.8, True), (0.72, True), (0.70, False), (0.3, False)):
        proposal = importance.Gaussian(mu, f64([0.0, 2 * math.log(factor)]))
        assert importance.relative_variance(proposal, mu, logvar).isfinite().item() == finite


def test_the_variances_on_the_two_peaked_toy():
    """Owned by the page, which prints them: prior 7.6, wide bell 6.5, two peaks 14656, with insurance 0.156."""
    mean, spread = posterior.moments(FOLD, TWO, above=0.0)
    right, left = bell(mean, 1.2 * spread), bell(-mean, 1.2 * spread)
    two, prior = importance.Mixture((right, left), (0.5, 0.5)), importance.standard(1)
    insured = importance.Mixture((right, left, prior), (0.45, 0.45, 0.1))
    for proposal, wanted, digits in (
        (prior, 7.635, 3), (bell(0.0, 1.38963), 6.480, 3), (two, 14656, 0), (insured, 0.1557, 4),
    ):  # fmt: skip
        found = importance.relative_variance_on_toy(FOLD, TWO, proposal).item()
        assert round(found, digits) == wanted, (found, wanted)


# ---- refusals ----

LINE = ToyModel("linear", 0.5)


@pytest.mark.parametrize(
    ("call", "error", "parts"),
    [
        (lambda: importance.Gaussian(f64(1.0), f64(0.0)), ValueError, ["mu []", "logvar []", "[dim]"]),
        (lambda: importance.Gaussian(f64([1.0]), f64([0.0, 1.0])), ValueError, ["mu [1]", "logvar [2]"]),
        (lambda: importance.Gaussian([1.0], f64([0.0])), TypeError, ["mu is list [1.0]"]),
        (lambda: importance.bell(0.0, 0.0), ValueError, ["importance.bell(mu, sigma): sigma = 0.0", "greater than 0"]),
        (lambda: importance.Mixture((), ()), ValueError, ["0 parts"]),
        (lambda: importance.Mixture((bell(0, 1),), (0.5, 0.5)), ValueError, ["1 parts and 2 shares"]),
        (lambda: importance.Mixture((bell(0, 1),) * 2, (0.5, 0.6)), ValueError, ["[0.5, 0.6]", "add up to 1"]),
        (lambda: importance.Mixture((bell(0, 1),) * 2, (1.5, -0.5)), ValueError, ["at least 0"]),
        (lambda: importance.Mixture((bell(0, 1), importance.standard(2)), (0.5, 0.5)), ValueError, ["[1, 2] dim"]),
        (lambda: importance.log_weights(joint, bell(0, 1), 0, seeded()), ValueError, ["n = 0"]),
        (
            lambda: importance.log_weights(lambda z: FOLD.log_joint(TWO, z), bell(0, 1), 5, seeded()),
            ValueError,
            ["log_joint(z)", "shape [5, 1]", "[5]", "z[..., 0]"],
        ),
        (lambda: importance.estimate(f64([1.0])), ValueError, ["n ≥ 2"]),
        (lambda: importance.estimate(f64([[-math.inf] * 3])), ValueError, ["no draw hit"]),
        (lambda: importance.estimate([1.0, 2.0]), TypeError, ["importance.estimate(log_weights)"]),
        (lambda: importance.running(f64([0.0, -math.inf])), ValueError, ["importance.running", "importance.estimate"]),
        (lambda: importance.relative_variance_on_toy(LINE, f64(1.0), bell(0.8, 0.3)), ArithmeticError, ["infinite"]),
        (lambda: importance.relative_variance_on_toy(FOLD, f64([1.0, 2.0]), bell(0, 1)), ValueError, ["x[0]"]),
    ],
)
def test_bad_input_is_refused(call, error, parts):
    with refused(error, *parts):
        call()
