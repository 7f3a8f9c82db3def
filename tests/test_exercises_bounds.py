"""What the texts of notebook 04's exercises say in numbers, and that Ada's step is refused only where it can't be."""

import itertools
import math
import re

import pytest
import torch

from vae_helpers.exercises import check
from vae_helpers.exercises.mistakes.bounds import BOTH_FALL, LOG_OF_AVERAGE, NEAR_POSTERIOR, STEEPER
from vae_helpers.exercises.mistakes.entropy import HALF_ON_LOG, WHOLE_LOG
from vae_helpers.maths import gaussian
from vae_helpers.maths.toy import ToyModel


def test_the_numbers_by_hand():
    assert check.entropy.reference(torch.zeros(1, 1)).item() == pytest.approx(1.42, abs=0.005)
    assert check.entropy.reference(torch.tensor([[2 * math.log(0.242)]])).item() == pytest.approx(0, abs=0.001)
    draws, mu = torch.tensor([[-2.0, -4.0]]), torch.ones(1, 1)
    assert check.elbo.reference(draws, mu, torch.zeros(1, 1)).item() == pytest.approx(-3.5)
    assert check.dataset_elbo.reference(torch.tensor([-1.0, -3.0]), 10) == pytest.approx(-20)


def test_the_log_of_the_average_minus_the_price_is_no_bound():
    straight, x = ToyModel("linear", noise=0.5), torch.tensor(1.0)
    log_average = gaussian.log_prob(x[None], torch.tensor([0.1]), torch.tensor([math.log(1.25)]))  # q = N(0.1, 1)
    price = gaussian.kl(torch.tensor([0.1]), torch.zeros(1))
    assert log_average - price > straight.log_evidence(x) + 0.05
    assert "above log p(x)" in LOG_OF_AVERAGE.why


def test_halving_the_spread_costs_what_the_mistake_says():
    wrong = [check.entropy.known.family(2 * torch.tensor([[s]]).log(), log=lambda v: 2 * v) for s in (1.0, 0.5)]
    assert (wrong[0] - wrong[1]).item() == pytest.approx(1.39, abs=0.005)


def test_the_half_on_one_piece_only_costs_what_the_mistakes_say():
    zero = torch.zeros(1, 1)
    assert check.entropy.known.family(zero, share=lambda logvar: 2.0).item() == pytest.approx(2.84, abs=0.005)
    assert "not 2.84" in HALF_ON_LOG.why
    assert "costs 1.39" in WHOLE_LOG.why


def kl(mu, logvar):
    return gaussian.kl(mu, logvar)


CONSTANT = math.log(2 * math.pi * math.e)


@pytest.mark.parametrize(
    ("exercise", "answer", "name"),
    [
        ("entropy", lambda v: (CONSTANT + 0.5 * v).sum(1), "the ½ stands before log σ² only."),
        ("entropy", lambda v: (0.5 * CONSTANT + v).sum(1), "logvar counts twice as much"),
        ("entropy", lambda v: (0.5 * (CONSTANT + (v.exp() ** 2).log())).sum(1), "logvar counts twice as much"),
        ("elbo", lambda log, mu, v: log.sum(1) - kl(mu, v), "the draws are summed"),
        ("elbo", lambda log, mu, v: log.mean(1) - kl(mu, v).mean(), "averaged over the images"),
        ("elbo", lambda log, mu, v: log.mean(1) - kl(mu, v).sum(-1), "the KL is summed over the images too"),
        ("elbo", lambda log, mu, v: log.mean(1) - kl(mu, (v / 2).exp()), "exp(½ logvar) (σ) in the place of logvar"),
        ("elbo", lambda log, mu, v: log.mean(1) - kl(mu, 2 * v), "logvar is taken for log σ"),
        ("elbo", lambda log, mu, v: log.mean(1) - kl(0 * mu, v), "μ is forgotten"),
        ("dataset_elbo", lambda b, n: b.sum() * int(n / len(b)), "rounded down"),
    ],
)
def test_what_learners_write_is_named(exercise, answer, name):
    assert name in getattr(check, exercise).look(answer).head


def test_n_is_a_whole_number():
    for answer in (lambda b, n: b.mean().repeat(n).sum(), lambda b, n: sum(b.mean() for _ in range(n))):
        assert check.dataset_elbo.look(answer).state == "solved"


def test_adas_step_says_what_is_seen_first():
    """The second slope first; and of two that fall, no word that the gap, which may shrink, contradicts."""
    assert STEEPER.name in check.adas_step.look(0.8, 0.45, 0.2, 0.9).head
    assert STEEPER.name in check.adas_step.look(0.5, 0.3, 1.0, 1.47).head
    assert "from 0 to 10" in check.adas_step.look(-0.5, 0.3, -1.0, -1.47).head
    said = repr(check.adas_step.look(0.5, 1.0, 0.6, 0.1))
    assert BOTH_FALL.name in said
    assert re.search(r"gap: 0.559 → 0.007", said)
    assert check.adas_step.look(0.5, 1.0, 0.6, 0.4).state == "solved"


def test_adas_step_in_the_words_of_its_reason():
    said = repr(check.adas_step.look(1.0, 1.0, 0.9, 0.5))
    for number in ("+0.640", "−0.153", "−0.793"):
        assert number in said


def test_near_the_posterior_no_step_does_it():
    """The mistake says “no step”: where the first gap is below 0.1, none of a grid of smaller slopes does it."""
    bells = [(0.8, 0.45), (0.75, 0.4), (0.9, 0.5), (0.0, 1.0)]
    slopes = (0.0, 0.1, 0.3, 0.6, 1.0, 1.5, 2.5)
    heads = {
        (b, a): [check.adas_step.look(*b, a, to).head for to in slopes if to < a]
        for b, a in itertools.product(bells, slopes)
    }
    near = [many for many in heads.values() if any(NEAR_POSTERIOR.name in head for head in many)]
    assert near
    assert all(NEAR_POSTERIOR.name in head for many in near for head in many)


@pytest.mark.parametrize("value", [1e300, -1.0, math.inf, True, 1j, (1, 2), 10**400])
@pytest.mark.parametrize("place", range(4))
def test_a_number_that_no_toy_can_use_is_refused(value, place):
    values = [1.0, 1.0, 0.9, 0.5]
    values[place] = value
    verdict = check.adas_step.look(*values)
    assert verdict.state == "wrong" or (value == -1.0 and place != 1)
