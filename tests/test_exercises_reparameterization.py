"""Notebook 05's exercises: dice of any make are right, each numpy too; what a function must not do to let votes win."""

import math

import numpy as np
import pytest
import torch
from torch.distributions import Normal

from vae_helpers.exercises import check
from vae_helpers.exercises.estimators import square
from vae_helpers.exercises.mistakes import pathwise, reparameterization, score, shared, votes


def sigma(logvar):
    return (0.5 * logvar).exp()


def of(dice):
    return lambda mu, logvar: mu + sigma(logvar) * dice(mu)


DIE = torch.tensor([0.7])  # thrown before the function is called
FRESH = np.random.default_rng()  # with another seed each time: what is measured must not hang on the dice


@pytest.mark.parametrize(
    "answer",
    [
        lambda mu, logvar: Normal(mu, sigma(logvar)).rsample(),
        of(torch.randn_like),
        of(lambda mu: -torch.randn(mu.shape)),
        of(lambda mu: torch.normal(0, 1, mu.shape)),
        of(lambda mu: Normal(0.0, 1.0).sample(mu.shape)),
        of(lambda mu: torch.tensor(np.random.randn(*mu.shape))),  # noqa: NPY002
        of(lambda mu: torch.tensor(FRESH.standard_normal(mu.shape))),
    ],
)
def test_dice_of_any_make_are_right(answer):
    assert check.sample.look(answer).state == "solved"


@pytest.mark.parametrize(
    ("answer", "mistake"),
    [
        (lambda mu, logvar: Normal(mu, sigma(logvar)).sample(), reparameterization.NO_PATH),
        (lambda mu, logvar: torch.normal(mu, sigma(logvar)), reparameterization.NO_PATH),
        (lambda mu, logvar: Normal(mu, logvar.exp()).rsample(), shared.VARIANCE_FOR_SIGMA),
        (of(lambda mu: torch.tensor(FRESH.standard_normal(mu.shape[1]))), reparameterization.ONE_FOR_THE_BATCH),
        (of(lambda mu: torch.tensor(FRESH.standard_normal((len(mu), 1)))), reparameterization.ONE_FOR_THE_LATENTS),
        (of(lambda mu: torch.tensor(FRESH.uniform(-(3**0.5), 3**0.5, mu.shape))), reparameterization.UNIFORM_CENTRED),
        (
            of(lambda mu: torch.randn(mu.shape, generator=torch.Generator().manual_seed(3))),
            reparameterization.SEED_INSIDE,
        ),
        (of(lambda mu: DIE), reparameterization.SAME_FOR_ALL),
        (lambda mu, logvar: mu + sigma(logvar), reparameterization.SAME_FOR_ALL),
        (lambda mu, logvar: Normal(mu, 1.0).rsample(), reparameterization.NO_SIGMA),
        (lambda mu, logvar: Normal(mu, logvar.exp()).sample(), shared.VARIANCE_FOR_SIGMA),
        (lambda mu, logvar: Normal(mu, logvar.exp()).sample(), reparameterization.NO_PATH),
    ],
)
def test_a_mistake_with_other_dice_has_the_same_name(answer, mistake):
    assert mistake.name in check.sample.look(answer).head


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda mu, logvar: mu + sigma(logvar) * torch.randn(mu.shape[0]), "your code stopped with RuntimeError"),
        (lambda mu, logvar: mu + sigma(logvar) * torch.randn(5, 3), "your code stopped with RuntimeError"),
        (lambda mu, logvar: torch.tensor(FRESH.normal(mu, np.exp(logvar / 2))), "numpy can't be differentiated"),
        (lambda mu, logvar: (mu, torch.randn_like(mu)), "your function returns 2 things; wanted one: z"),
        (lambda mu, logvar: mu.add_(torch.randn_like(mu)), "changes its argument mu"),
        (lambda mu: mu, "can't be called with (mu, logvar)"),
    ],
)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_what_can_not_be_measured_is_said(answer, said):
    verdict = check.sample.look(answer)
    assert verdict.state == "wrong"
    assert said in repr(verdict)


@pytest.mark.parametrize(
    "f",
    [
        lambda z: torch.sin(200 * z),
        lambda z: torch.sigmoid(1000 * (z - 0.5)),  # named in the reason
        lambda z: (50 * z).cos().float(),
        lambda z: torch.cos(50 * z).abs(),  # bends do no harm
    ],
)
def test_votes_win_for(f):
    assert check.votes_win.look(f).state == "solved"


@pytest.mark.parametrize(
    ("f", "said"),
    [
        (lambda z: z, votes.PATHWISE_WINS.name),
        (torch.relu, votes.PATHWISE_WINS.name),
        (torch.exp, votes.PATHWISE_WINS.name),
        (lambda z: z > 0.5, votes.JUMP.name),
        (lambda z: torch.cos(50 * z) + 0.1 * (z > 0.45), votes.JUMP.name),
        (lambda z: torch.sign(torch.cos(50 * z)), votes.JUMP.name),
        (lambda z: 0 * z + 3, votes.CONSTANT.name),
        (lambda z: torch.cos(50 * z.detach()), "by a small step: −50"),
        (lambda z: torch.cos(50 * z) + 10, votes.OFFSET.why),
        (lambda z: torch.cos(50 * z).mean(), "a single number"),
        (lambda z: z - z.mean(), "depends on something else"),
        (torch.randn_like, "depends on something else"),
        (lambda z: torch.where(z > 0, 1e200 * z, z), "give one finite number for each"),
        (lambda z: z.log(), "NaN"),
        (math.cos, "ValueError"),
        (lambda z: np.cos(50 * z), "numpy can't be differentiated"),
        (lambda: 1, "can't be called with (z)"),
        (50, "is no function"),
    ],
)
@pytest.mark.filterwarnings("ignore")  # that numpy and math are given tensors
def test_votes_do_not_win_for(f, said):
    verdict = check.votes_win.look(f)
    assert verdict.state == "wrong"
    assert said in repr(verdict)


def test_the_variances_in_the_reason():
    assert check.votes_win.look(lambda z: torch.cos(50 * z)).lines == [
        "    variance of one estimate by μ, votes:    50",
        "    variance of one estimate by μ, pathwise: 1250",
    ]


def test_the_two_throws_by_hand():
    one, half = torch.tensor([1.0]), torch.tensor([0.5])
    assert [v.item() for v in check.pathwise_gradient.reference(square, one, one, half)] == [3.0, 1.5]
    assert [v.item() for v in check.score_gradient.reference(square, one, one, half)] == [1.125, -1.6875]


def test_a_little_too_much_of_mu_or_beside_it_is_refused():
    for much, beside in ((1.01, 0.0), (1.0, 0.007)):
        verdict = check.sample.look(
            lambda mu, logvar, m=much, b=beside: m * mu + sigma(logvar) * torch.randn_like(mu) + b
        )
        assert "within 6 σ" in repr(verdict)


def knobs(mu, sigma):
    return mu.clone().requires_grad_(), sigma.clone().requires_grad_()


def vote_of_the_path(f, mu, sigma, eps):
    at = knobs(mu, sigma)
    z = at[0] + at[1] * eps
    return torch.autograd.grad((f(z) * Normal(*at).log_prob(z)).sum(), at)


def vote_of_a_mean(f, mu, sigma, eps):
    z, at = mu + sigma * eps, knobs(mu, sigma)
    return torch.autograd.grad((f(z) * Normal(*at).log_prob(z)).mean(), at)


def both_divided(f, mu, sigma, eps):
    z = mu + sigma * eps
    return f(z) * eps / sigma**2, f(z) * (eps**2 - 1) / sigma**2


def without_brackets(f, mu, sigma, eps):
    z = mu + sigma * eps
    return f(z) * eps / sigma, f(z) * (eps**2 / sigma - 1)


@pytest.mark.parametrize(
    ("answer", "mistakes"),
    [
        (vote_of_the_path, [score.MOVES_UNDER_BOTH]),
        (vote_of_a_mean, [pathwise.SLOPE_OF_MEAN]),
        (both_divided, [score.DIVIDED_AGAIN, score.DIVIDED_AGAIN_BY_SIGMA]),
        (without_brackets, [score.SQUARE_DIVIDED]),
    ],
)
def test_votes_as_one_would_write_them(answer, mistakes):
    head = check.score_gradient.look(answer).head
    assert all(mistake.name in head for mistake in mistakes)


def test_a_path_through_another_sigma():
    def wrong(f, mu, sigma, eps):
        at = knobs(mu, sigma)
        return torch.autograd.grad(f(at[0] + (0.5 * at[1]).exp() * eps).sum(), at)

    name = pathwise.throughout(pathwise.SIGMA_IS_LOGVAR, pathwise.IN_ITS_SLOPE).name
    assert name in check.pathwise_gradient.look(wrong).head


def test_a_message_names_the_function():
    def wrong(f, mu, sigma, eps):
        return pathwise.PATHWISE.family(f, mu, sigma, eps, place=lambda mu, sigma, eps: mu)

    verdict = repr(check.pathwise_gradient.look(wrong))
    assert "f = square" in verdict
    assert "sigma = [2]" in verdict  # few digits
