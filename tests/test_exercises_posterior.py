"""Notebook 02's exercises: the numbers in their texts, a trapezoid for the sum, and the whole plane of proposals."""

import math

import pytest
import torch

from vae_helpers.exercises import check
from vae_helpers.exercises import importance as sampling
from vae_helpers.exercises import posterior as exercises
from vae_helpers.maths import toy


def test_the_numbers_of_the_bowls_are_those_of_the_page():
    after = exercises.bowls(torch.tensor([5, 1]) / 6, torch.tensor([[0.3, 0.9]]))
    assert torch.allclose(after, torch.tensor([[0.625, 0.375]]))


def test_two_nodes_by_hand():
    joint = torch.tensor([[0.3, 0.1]])
    found = exercises.log_posterior(joint.log(), torch.zeros(2), torch.tensor(0.5))
    assert torch.allclose(found.exp(), torch.tensor([[1.5, 0.5]]))


def test_a_trapezoid_is_accepted():
    def trapezoid(log_likelihood, log_prior, dz):
        log_joint = log_likelihood + log_prior
        highest = log_joint.amax(-1, keepdim=True)
        area = torch.trapezoid((log_joint - highest).exp(), dx=dz.item(), dim=-1)
        return log_joint - highest - area[:, None].log()

    assert check.log_posterior.look(trapezoid).state == "solved"


def test_from_the_posterior_itself_every_draw_gives_the_evidence():
    args = sampling._spread(1.0)
    log_w = args[0] + args[1] - args[2]
    truth = toy.ToyModel("linear", noise=0.5).log_evidence(torch.tensor(1.0))
    assert (log_w - truth).abs().max() < 1e-6
    assert sampling.importance_log_evidence(*sampling._spread(0.1)) < truth - 1


@pytest.mark.parametrize("sigma", [1e-6, 0.05, 0.2, 0.5, 1.0, 5.0, 1000.0])
def test_only_one_peak_deceives(sigma):
    for mu in (-1000.0, -3.0, -1.7, 0.0, 1.0, 1.7, 2.5, 30.0):
        verdict = check.deceptive_proposal.look(mu, sigma)
        assert (verdict.state == "solved") == (abs(mu) == 1.7 and sigma in (0.2, 0.5))


@pytest.mark.parametrize("values", [(1.7, 0.0), (1.7, -0.2), (1e300, 1.0), (torch.inf, 1.0), ([1.7, 1.7], 0.2)])
def test_no_bell(values):
    assert check.deceptive_proposal.look(*values).state == "wrong"


def test_shares_kept_from_a_division_by_0():
    def kept(prior, likelihood):
        return torch.nn.functional.normalize(prior * likelihood, p=1, dim=-1)

    assert "kept away from 0" in check.bowls.look(kept).head


def mean_of_weights(log_w):
    return (log_w - log_w.max()).exp().mean(-1).log() + log_w.max()


@pytest.mark.parametrize(
    ("exercise", "answer", "named"),
    [
        (check.bowls, lambda prior, likelihood: likelihood, "it is the likelihood, as it came"),
        (check.importance_log_evidence, lambda like, prior, q: mean_of_weights(like + prior - q), "whole table"),
        (check.importance_log_evidence, lambda like, prior, q: torch.zeros(len(q)), "it is 0 whatever x is"),
        (
            check.importance_log_evidence,
            lambda like, prior, q: (like + prior - q).log_softmax(-1).exp().mean(-1).log(),
            "the weights are divided by their own sum",
        ),
    ],
)
def test_nothing_is_said_that_is_not_in_the_code(exercise, answer, named):
    verdict = exercise.look(answer)
    assert named in verdict.head
    assert "OR" not in verdict.head
    assert "and also" not in verdict.head


@pytest.mark.parametrize(("mu", "sigma"), [(0, 0.5), (0.5, 0.7), (0, 0.6), (0, 1.5), (0, 30), (0.5, 1)])
def test_honest_is_only_who_reports_its_error(mu, sigma):
    verdict = check.deceptive_proposal.look(mu, sigma)
    assert ("honest" in verdict.head) == (sigma >= 0.6 and (mu, sigma) != (0.5, 0.7))


def test_the_truth_in_the_picture_of_widths():
    truth = toy.ToyModel("linear", noise=0.5).log_evidence(torch.tensor(1.0)).item()
    assert truth == pytest.approx(-0.5 * (math.log(2 * math.pi * 1.25) + 1 / 1.25), abs=1e-6)
    picture = check.importance_log_evidence.look(sampling.importance_log_evidence).picture
    assert "in truth log p(x) is −1.43." in picture.says
