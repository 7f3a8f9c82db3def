"""What the texts of notebook 04's exercises say in numbers, and that Ada's step is refused only where it can't be."""

import itertools
import math

import pytest
import torch

from vae_helpers.exercises import check
from vae_helpers.exercises.mistakes.bounds import LOG_OF_AVERAGE, NEAR_POSTERIOR
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


def test_adas_step_in_the_words_of_its_reason():
    said = repr(check.adas_step.look(1.0, 1.0, 0.9, 0.5))
    for number in ("+0.640", "−0.153", "−0.793"):
        assert number in said


def test_near_the_posterior_no_step_does_it():
    """The mistake says “no step”: for each bell whose first gap is below 0.1, none of a grid of steps does it."""
    bells = [(0.8, 0.45), (0.75, 0.4), (0.9, 0.5), (0.0, 1.0)]
    slopes = (0.0, 0.1, 0.3, 0.6, 1.0, 1.5, 2.5, -0.5)
    heads = {
        (b, a): [check.adas_step.look(*b, a, to).head for to in slopes] for b, a in itertools.product(bells, slopes)
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
