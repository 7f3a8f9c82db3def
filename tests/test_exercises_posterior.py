"""Notebook 02's exercises: the numbers in their texts, a trapezoid for the sum, and the whole plane of proposals."""

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
