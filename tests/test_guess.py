"""figures.guess: the numbers of a sentence are those of the data drawn, and to what they can't hold they own up."""

import numpy as np
import pytest
from scipy import stats

from tests.tools import numbers
from vae_helpers.figures import guess

Z = np.linspace(-3, 3, 601)
P = 0.5 * stats.norm.pdf(Z, -1, 0.2) + 0.5 * stats.norm.pdf(Z, 1, 0.2)


def q(mu, sigma):
    return stats.norm.pdf(Z, mu, sigma)


def test_bells_name_the_peaks_and_every_guess():
    picture = guess.bells(Z, P, [("wide", 0.0, 0.95, q(0, 0.95)), ("narrow", -0.94, 0.16, q(-0.94, 0.16))])
    assert repr(picture) == (
        "The posterior peaks at z = −1.00 and z = 1.00. Laid over it: wide, with mean 0.00 and spread 0.95; "
        "narrow, with mean −0.94 and spread 0.16."
    )


def test_the_bell_says_q():
    picture = guess.bell(Z, P).picture(q=q(-0.001, 0.5), mu=-0.001, sigma=0.5)
    assert repr(picture) == "The guess q = N(0.00, 0.50²) over the posterior."
    narrow = guess.bell(Z, P).picture(q=q(0, 0.1), mu=0.0, sigma=0.1)
    assert repr(narrow) == "The guess q = N(0.00, 0.10²) over the posterior (the picture cuts off the top of q)."


def prices():
    return guess.prices(Z, -np.log(P), -np.log(q(0.5, 0.5)))


@pytest.mark.parametrize(
    ("p", "q", "says"),
    [
        (3.0, 1.0, "overpays 2.00 nats, because p finds it 7.4 times less probable"),
        (1.0, 3.5, "saves 2.50 nats, because p finds it 12.2 times more probable"),
        (6.0, 1.0, "overpays 5.00 nats, because p finds it 148 times less probable"),
        (13.0, 1.0, "overpays 12.00 nats, because p finds it some 10⁵ times less probable"),
        (2.0, 2.001, "overpays nothing and saves nothing, because p finds it as probable"),
    ],
)
def test_a_price_in_words(p, q, says):
    assert says in repr(prices().picture(at=0.5, p=p, q=q))


@pytest.mark.parametrize("shift", np.linspace(0, 0.0099, 7))
def test_the_numbers_of_a_price_add_up_as_shown(shift):
    _, p, q, overpaid = numbers(repr(prices().picture(at=-0.25, p=4.853 + shift, q=0.7258)))[:4]
    assert overpaid == pytest.approx(p - q, abs=1e-9)


def test_a_price_off_the_picture_is_owned_up_to():
    assert repr(prices().picture(at=3.0, p=359.4, q=12.7)).count("(above the picture)") == 1
    assert repr(prices().picture(at=-3.0, p=359.4, q=24.7)).count("(above the picture)") == 2
    assert "above" not in repr(prices().picture(at=0.0, p=4.0, q=1.0))


@pytest.mark.parametrize("saved", np.linspace(0, 0.0199, 7))
def test_overpaid_minus_saved_is_the_divergence_as_shown(saved):
    overpaid = np.log(q(0.5, 0.5)) - np.log(P)
    picture = guess.integrand(Z, P).picture(q=q(0.5, 0.5), overpaid=overpaid, over_area=2.4551, saved_area=saved)
    over, less, again, minus, total = numbers(repr(picture))
    assert (over, less) == (again, minus)
    assert total == pytest.approx(over - less, abs=1e-9)
    assert total == pytest.approx(2.4551 - saved, abs=0.0051)


def test_an_integrand_that_is_cut_off_is_owned_up_to():
    narrow = q(-2, 0.15)
    overpaid = np.log(narrow + 1e-300) - np.log(P)
    picture = guess.integrand(Z, P).picture(q=narrow, overpaid=overpaid, over_area=40.0, saved_area=0.0)
    assert "Overpaid 40.00 nats (the picture cuts off its top)" in repr(picture)
