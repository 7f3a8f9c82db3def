"""figures.divergence and figures.graphical_model: every sentence says what is drawn."""

import re

import numpy as np
import pytest
from scipy import stats

from tests.tools import numbers
from vae_helpers.figures import divergence as pictures
from vae_helpers.figures.graphical_model import graphical_model

Z = np.linspace(-3, 3, 601)
P = 0.5 * stats.norm.pdf(Z, -1, 0.2) + 0.5 * stats.norm.pdf(Z, 1, 0.2)


@pytest.mark.parametrize(("p", "q"), [(0.9, 0.5), (0.02, 0.8), (0.98, 0.2), (0.5, 0.5)])
def test_jensen_says_the_divergence_of_two_coins(p, q):
    scene = pictures.jensen()
    first, second, mean, height = numbers(repr(scene.picture(p=p, q=q)))
    assert (first, second) == pytest.approx((p / q, (1 - p) / (1 - q)), abs=5.1e-4)
    assert mean == 1
    assert height == pytest.approx(stats.entropy([q, 1 - q], [p, 1 - p]), abs=0.0051)
    assert "−0.00" not in repr(scene.picture(p=p, q=q))


def test_jensens_line_stays_in_the_picture_at_the_ends_of_its_sliders():
    scene = pictures.jensen()
    axes = scene.fig.axes[0]
    for q in (0.2, 0.8):
        for p in (0.02, 0.98):
            ratios = np.array([p / q, (1 - p) / (1 - q)])
            assert (ratios > axes.get_xlim()[0]).all()
            assert (ratios < axes.get_xlim()[1]).all()
            assert (-np.log(ratios) > axes.get_ylim()[0]).all()
            assert (-np.log(ratios) < axes.get_ylim()[1]).all()


def test_directions_says_both_numbers_of_each_guess():
    guesses = [("wide", stats.norm.pdf(Z, 0, 0.95)), ("narrow", stats.norm.pdf(Z, 0.94, 0.16))]
    picture = pictures.directions(Z, P, guesses, [7.49, 0.72], [1.01, 33.48])
    assert "the wide bell costs 7.49 nats reverse and 1.01 forward" in repr(picture)
    assert "the narrow bell costs 0.72 nats reverse and 33.48 forward" in repr(picture)


def test_walk_says_where_and_how_much():
    mu = np.linspace(-3, 3, 61)
    scene = pictures.walk(Z, P, mu, 1 + mu**2)
    picture = scene.picture(q=stats.norm.pdf(Z, -0.5, 0.16), at=-0.5, price=1.25)
    assert repr(picture) == "With its mean at −0.50 the narrow bell pays 1.2 nats."


@pytest.mark.parametrize("choose", [0.7, float("nan"), 2.0])
def test_cover_or_choose_says_what_is_cheaper(choose):
    xs = np.linspace(0.25, 2, 36)
    scene = pictures.cover_or_choose(Z, xs, xs, np.full(36, choose))
    bell = stats.norm.pdf(Z, 1, 0.2)
    picture = scene.picture(at=1.0, p=P, mu=1.0, sigma=0.2, q=bell, twin_q=bell[::-1], cover=1.0, choose=choose)
    if choose < 1:
        assert "chooses one peak and pays 0.700 nats (covering: 1.00)" in repr(picture)
    else:
        assert "covers both peaks and pays 1.000 nats" in repr(picture)
    assert "2.00 times as high" in repr(picture)


@pytest.mark.parametrize("n", [1, 300])
def test_sampling_counts_what_it_draws(n):
    bins = np.linspace(-1.5, 3, 91)
    scene = pictures.sampling(0.4, bins)
    estimates = np.random.default_rng(0).normal(0.4, 1 / n**0.5, 1000)
    says = repr(scene.picture(estimates=estimates, n=n))
    assert f"1000 estimates from {n} draw{'s' if n > 1 else ''} each" in says
    spread, mean, error = numbers(says)
    assert spread == pytest.approx(estimates.std(ddof=1), abs=6e-4)
    assert mean == pytest.approx(estimates.mean(), abs=6e-4)
    assert error == pytest.approx(3 * spread / 1000**0.5, abs=6e-4)
    below = int(re.search(r"(\d+)% of them", says)[1])
    assert below == pytest.approx(100 * (estimates < 0).mean(), abs=0.51)


def test_the_bars_of_sampling_hold_every_estimate():
    bins = np.linspace(-1.5, 3, 91)
    scene = pictures.sampling(0.4, bins)
    scene.picture(estimates=np.array([-9.0, -0.01, 0.01, 0.01, 99.0]), n=1)
    below, above = (artist for artist in scene.moving if hasattr(artist, "get_data") and hasattr(artist, "set_hatch"))
    assert below.get_data().values.sum() == pytest.approx(0.4)
    assert above.get_data().values.sum() == pytest.approx(0.6)


@pytest.mark.parametrize("expectation", np.linspace(3.63, 3.6302, 5))
def test_the_numbers_of_the_turn_add_up_as_shown(expectation):
    mu = np.linspace(-1.4, 1.4, 57)
    scene = pictures.turn(Z, P, mu, 2.2957 - expectation)
    picture = scene.picture(q=P, kl_curve=mu**2, at=0.5, kl=2.2957, expectation=expectation)
    kl, mean, evidence = numbers(repr(picture))
    assert kl - mean == pytest.approx(evidence, abs=1e-9)
    assert "above" not in repr(picture)
    assert "(above the picture)" in repr(scene.picture(q=P, kl_curve=mu**2, at=0.5, kl=32.0, expectation=33.0))


def test_the_graphical_model_with_and_without_its_guess():
    whole, generative = repr(graphical_model()), repr(graphical_model(guess=False))
    assert "θ → z, θ → x, z → x" in generative
    assert "Dashed, the guess: φ → z, x → z" in whole
    assert "guess" not in generative
    assert "plate" not in generative
    assert graphical_model().png != graphical_model(guess=False).png
