"""maths.countable: the coin and its four pictures, against counting by hand; what the data's mean and D_KL are."""

import itertools
import math

import pytest
import torch
from scipy import stats

from tests.tools import close, f64, refused, seeded
from vae_helpers.maths import countable


def by_hand(theta):
    """{picture: p(x)}: every way to make each picture, one at a time."""
    total = dict.fromkeys([(1, 1), (0, 0), (1, 0), (0, 1)], 0.0)
    for z, flips in itertools.product((1, 0), itertools.product((False, True), repeat=2)):
        chance = (0.6 if z else 0.4) * math.prod(theta if flip else 1 - theta for flip in flips)
        total[tuple(1 - z if flip else z for flip in flips)] += chance
    return list(total.values())


@pytest.mark.parametrize("theta", [0.0, 0.1, 0.37, 0.5, 1.0])
def test_the_evidence_is_the_sum_over_every_way(theta):
    assert close(countable.log_evidence(f64(theta)).exp(), by_hand(theta))
    assert close(countable.log_likelihood(f64(theta)).exp().sum(-1), [1.0, 1.0])  # for each z, over the pictures


def test_a_batch_of_theta_and_what_is_impossible():
    found = countable.log_evidence(f64([[0.0, 0.2]]))
    assert found.shape == (1, 2, 4)
    assert found[0, 0, 2:].isneginf().all()
    assert countable.log_evidence(torch.tensor(0.1)).dtype == torch.float64


def test_kl_is_scipys_and_infinite_where_the_model_excludes_the_data():
    bag = f64([0.5, 0.3, 0.2, 0.0])
    log_p = countable.log_evidence(f64([0.05, 0.3]))
    assert close(countable.kl(bag, log_p), [stats.entropy(bag.numpy(), p.exp().numpy()) for p in log_p])
    assert countable.kl(bag, countable.log_evidence(f64(0.0))) == math.inf
    assert countable.kl(f64([0.6, 0.4, 0.0, 0.0]), countable.log_evidence(f64(0.0))).abs() < 1e-12


def test_the_mean_of_log_p_and_kl_add_up_to_what_only_the_data_decide():
    bag = f64([0.49, 0.33, 0.09, 0.09])
    log_p = countable.log_evidence(torch.linspace(0.01, 0.99, 99).double())
    total = countable.mean(bag, log_p) + countable.kl(bag, log_p)
    assert close(total, [-stats.entropy(bag.numpy())] * 99)


def test_samples_come_as_often_as_they_should():
    theta, n = f64(0.2), 40_000
    z, which = countable.sample(theta, n, seeded())
    shares = countable.log_evidence(theta).exp()
    assert ((which.bincount(minlength=4) / n - shares).abs() < 4 * (shares * (1 - shares) / n).sqrt()).all()
    assert abs(z.mean().item() - 0.6) < 4 * math.sqrt(0.24 / n)
    same = (countable.PICTURES[which] == z[:, None]).double().mean().item()
    assert abs(same - 0.8) < 4 * math.sqrt(0.16 / n / 2)
    assert torch.equal(countable.sample(theta, 9, seeded())[1], countable.sample(theta, 9, seeded())[1])


@pytest.mark.parametrize(
    ("call", "error", "parts"),
    [
        (lambda: countable.log_evidence(f64(1.2)), ValueError, ["log_likelihood(flip)", "1.2", "[0, 1]"]),
        (lambda: countable.log_evidence(f64(math.nan)), ValueError, ["flip", "NaN"]),
        (lambda: countable.log_evidence(0.1), TypeError, ["flip is float 0.1"]),
        (lambda: countable.mean(f64([0.5, 0.4]), f64([1.0, 2.0])), ValueError, ["mean(shares, values)", "add up to 1"]),
        (lambda: countable.mean(f64([1.5, -0.5]), f64([1.0, 2.0])), ValueError, ["at least 0"]),
        (lambda: countable.kl(f64([0.5, 0.5]), f64([0.0, math.nan])), ValueError, ["values", "NaN"]),
    ],
)
def test_bad_input_is_refused(call, error, parts):
    with refused(error, *parts):
        call()
