"""Notebook 01's exercises: the numbers in their texts, other ways to be right, and what they can't be given."""

import math

import numpy as np
import pytest
import torch

from vae_helpers.exercises import check, evidence


def answers():
    def in_a_loop(z, e, noise):
        return [[a * a + noise * b for a, b in zip(*rows, strict=True)] for rows in zip(z, e, strict=True)]

    def largest_out(log_likelihood):
        most = log_likelihood.amax(1, keepdim=True)
        return (log_likelihood - most).exp().mean(1).log() + most[:, 0]

    def in_numpy(log_likelihood):
        return np.logaddexp.reduce(log_likelihood.detach().numpy(), -1) - np.log(log_likelihood.shape[-1])

    yield check.ancestral_sample, in_a_loop
    yield (
        check.ancestral_sample,
        lambda z, e, noise: torch.distributions.Normal(z**2, noise).icdf(torch.special.ndtr(e)),
    )
    yield check.draws_needed, lambda ratio, dim, error: torch.expm1(dim * ratio.log()) / error / error
    yield check.log_evidence, largest_out
    yield check.log_evidence, in_numpy
    yield check.log_biased_low, (1e-300, 1e-300, 1e-300, 1e300)
    yield check.log_biased_low, np.array([0.004, 0.004, 1, 1])


@pytest.mark.parametrize(("exercise", "answer"), list(answers()))
def test_other_ways_to_be_right(exercise, answer):
    assert exercise.look(answer).state == "solved"


@pytest.mark.parametrize(
    "heights", [[-1.0, -2.0, -3.0, -4.0], [math.inf, 1, 1, 1], [1, 2, 3], [[1, 2, 3, 4]], [10**400] * 4]
)
def test_heights_it_cannot_use(heights):
    verdict = check.log_biased_low.look(heights)
    assert verdict.state == "wrong"
    assert "height must be" in verdict.head or "four numbers" in verdict.head


def test_equal_heights_are_named_at_every_scale():
    for scale in (1e-200, 0.001, 1.0, 1e200):
        assert "all four are equal" in check.log_biased_low.look([scale] * 4).head


def test_the_numbers_of_the_first_steps():
    number = torch.tensor
    assert evidence.ancestral_sample(number(-2.0), number(1.0), 0.3) == pytest.approx(4.3)
    assert evidence.draws_needed(number(3.0), number(2.0), number(0.5)) == 32
    assert evidence.log_evidence(number([[0.1, 0.3]]).log()) == pytest.approx(-1.61, abs=0.005)
    assert [math.log(0.1), math.log(0.3)] == pytest.approx([-2.30, -1.20], abs=0.005)


def test_the_numbers_of_the_reasons():
    one, twenty = (evidence.draws_needed(2.378, dim, 0.1) for dim in (1, 20))
    assert (round(one), 3.3e9 < twenty < 3.4e9) == (138, True)
    logs = [math.log(a / 2 + b / 2) for a in (0.01, 0.01, 0.01, 1) for b in (0.01, 0.01, 0.01, 1)]
    assert [logs.count(value) for value in (math.log(0.01), math.log(0.505), 0.0)] == [9, 6, 1]
    assert [math.log(0.01), math.log(0.505)] == pytest.approx([-4.61, -0.68], abs=0.005)
    assert math.log(0.2575) == pytest.approx(-1.36, abs=0.005)
    assert sum(logs) / 16 == pytest.approx(-2.85, abs=0.005)
    assert math.log(0.2575) - sum(logs) / 16 == pytest.approx(1.49, abs=0.005)


def test_what_python_says_is_said_again_in_words():
    assert "two stars" in repr(check.ancestral_sample.look(lambda z, e, noise: z ^ 2))
    naive = check.log_evidence.look(lambda logs: [math.log(sum(map(math.exp, row)) / len(row)) for row in logs])
    assert "o a computer exp(−2000) is 0" in repr(naive)


OUT = "something else than the largest log is taken out"


@pytest.mark.parametrize("taken", [lambda v: v.amin(-1), lambda v: v.mean(-1), lambda v: v[:, 0], lambda v: v[:, -1]])
def test_only_the_largest_may_be_taken_out(taken):
    def mean_less(logs):
        return (logs - taken(logs)[:, None]).exp().mean(-1).log() + taken(logs)

    assert OUT in check.log_evidence.look(mean_less).head
    assert OUT in check.importance_log_evidence.look(lambda like, prior, q: mean_less(like + prior - q)).head


def test_small_heights_that_are_multiplied_stay_as_much_too_low():
    few, many = (check.log_biased_low.look([scale * h for h in (1e-4, 1e-4, 1e-4, 1e-3)]) for scale in (1, 1000))
    assert few.lines[2] == many.lines[2] == "    too low by:                                     0.395 nats"
