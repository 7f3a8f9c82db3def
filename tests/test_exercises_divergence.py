"""What learners write for notebook 03's exercises, by the name that the check gives it."""

import math

import pytest
import torch
from torch.nn.functional import kl_div

from tests.tools import f64
from vae_helpers.exercises import check
from vae_helpers.exercises.mistakes.divergence_by_draws import PRIOR_ONE
from vae_helpers.maths import gaussian

log_prob = gaussian.log_prob


def ratio(z, mu, logvar, prior=0.0):
    return log_prob(z, mu, logvar) - log_prob(z, torch.zeros_like(mu), torch.zeros_like(mu) + prior)


def drawn(mu, logvar, eps):
    return mu + (0.5 * logvar).exp() * eps


SAID = {
    "discrete_kl": [
        (lambda q, p: (q * (q / p).log()).sum(1), "0 · log 0 gives NaN."),
        (lambda q, p: torch.xlogy(q, q / p).sum(1), "where q and p are both 0 it gives NaN."),
        (lambda q, p: kl_div(p.log(), q, reduction="none").sum(1), "where q and p are both 0 it gives NaN."),
        (lambda q, p: (p * (q / p).log()).sum(1), "weighed by p, and also 0 · log 0 gives NaN."),
        (lambda q, p: -(q * p.log()).sum(1), "only p's prices are counted, and also 0 · log 0 gives NaN."),
        (lambda q, p: torch.where(q > 0, (q / p).log(), 0.0).sum(1), "outcomes with q = 0 are left out"),
        (lambda q, p: (torch.xlogy(q, q) - p.log()).sum(1), "log q is weighed by q, and log p is not."),
        (lambda q, p: (torch.xlogy(q, p) - torch.xlogy(q, q)).sum(1), "the sign is turned round."),
    ],
    "gaussian_kl": [
        (lambda m, v: 0.5 * (m**2 + (2 * v).exp() - 1 - 2 * v).sum(1), "logvar is taken for log σ."),
        (lambda m, v: 0.5 * (m**2 + v.exp() ** 2 - 1 - v).sum(1), "σ⁴ stands where σ² belongs."),
        (lambda m, v: 0.5 * ((m**2 + v.exp()) - (1 - v)).sum(1), "log σ² has the wrong sign."),
        (lambda m, v: -0.5 * (1 - v - m**2 - v.exp()).sum(1), "log σ² has the wrong sign."),
        (lambda m, v: 0.5 * (v.exp() - 1 - v).sum(1), "μ is forgotten."),
        (lambda m, v: 0.5 * (m**2 + v.exp() - 1).sum(1), "log σ² is forgotten."),
    ],
    "monte_carlo_kl": [
        (lambda m, v, e: ratio(drawn(m, v, e), m, v, 1.0).mean(0), "1 stands where the logvar of p belongs."),
        (lambda m, v, e: ratio(drawn(m, v, e), m, v)[0], "only the first draw is used."),
        (lambda m, v, e: ratio(m + e, m, v).mean(0), "moved, but not stretched."),
        (lambda m, v, e: ratio((0.5 * v).exp() * e, m, v).mean(0), "stretched, but not moved."),
        (lambda m, v, e: -ratio(e, m, v).mean(0), "the direction is reversed."),
        (lambda m, v, e: gaussian.kl(m, v), "the draws are not used."),
    ],
}


@pytest.mark.parametrize(
    ("exercise", "answer", "name"), [(exercise, *each) for exercise, many in SAID.items() for each in many]
)
def test_what_learners_write_is_named(exercise, answer, name):
    assert name in getattr(check, exercise).look(answer).head


@pytest.mark.parametrize("third", [(0.5, "(log σ)"), (None, "given σ ")])
def test_what_log_prob_is_given_is_named(third):
    factor, name = third

    def answer(mu, logvar, eps):
        z = drawn(mu, logvar, eps)
        given = (0.5 * logvar).exp() if factor is None else factor * logvar
        return (log_prob(z, mu, given) - log_prob(z, torch.zeros_like(mu), torch.zeros_like(mu))).mean(0)

    assert name in check.monte_carlo_kl.look(answer).head


def test_a_logvar_of_1_is_the_variance_that_the_mistake_says():
    assert f"{math.e:.2f}" in PRIOR_ONE.why


@pytest.mark.parametrize("table", [[math.nan, 0.0], [0.5, math.nan]])
def test_a_nan_is_no_probability(table):
    for pair in (([0.5, 0.5], table), (table, [0.5, 0.5])):
        assert "no list of probabilities" in check.one_way_infinite.look(*pair).head


def test_words_are_no_list_of_numbers():
    assert "wanted a list of numbers" in check.one_way_infinite.look(["a", "b"], [1.0, 0.0]).head


def test_the_picture_shows_that_an_estimate_misses_the_exact_number():
    says = check.monte_carlo_kl.look(check.monte_carlo_kl.reference).picture.says
    assert "0.00 nats apart" not in says
    whole = check.dataset_elbo.look(check.dataset_elbo.reference).picture.says
    assert whole.endswith("at the last place 0.00.")  # a minibatch of all images
    assert check.discrete_kl.reference(f64([[0.2, 0.3, 0.5]]), f64([[0.2, 0.3, 0.5]])).item() == 0
