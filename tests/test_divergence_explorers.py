"""widgets.divergence: each explorer's sentence, recomputed by scipy from the model's densities."""

import math

import pytest
import torch
from scipy import integrate, stats

from tests.tools import log_normal, normal, numbers
from vae_helpers.maths import toy
from vae_helpers.widgets import divergence as explore

MODEL, X = toy.ToyModel("fold", noise=0.3), torch.tensor(1.0)


def log_evidence(x=1.0):
    density = lambda z: normal(z) * normal(x, z * z, 0.3)  # noqa: E731
    return math.log(integrate.quad(density, -8, 8, points=(-(x**0.5), x**0.5), epsabs=1e-13)[0])


def log_posterior(z, x=1.0):
    return log_normal(z) + log_normal(x, z * z, 0.3) - log_evidence(x)


def kl(mu, sigma, x=1.0):
    q = stats.norm(mu, sigma)
    joint = lambda z: log_normal(z) + log_normal(x, z * z, 0.3)  # noqa: E731
    mean = integrate.quad(lambda z: q.pdf(z) * (q.logpdf(z) - joint(z)), mu - 12 * sigma, mu + 12 * sigma)[0]
    return mean + log_evidence(x)


@pytest.mark.parametrize("z", [-1.5, -0.4, 0.0, 0.95])
def test_prices(z):
    explorer = explore.prices(MODEL, X, 0.5, 0.5)
    explorer.controls["z"].value = z
    at, p, q = numbers(explorer.view.says)[:3]
    assert at == pytest.approx(z, abs=0.0051)
    assert p == pytest.approx(-log_posterior(z), abs=0.0051)
    assert q == pytest.approx(-log_normal(z, 0.5, 0.5), abs=0.0051)


@pytest.mark.parametrize(("mu", "sigma"), [(0.5, 0.5), (-2.0, 0.1), (0.94, 0.16), (2.0, 1.2)])
def test_the_integrand_and_the_turn_agree_on_the_divergence(mu, sigma):
    integrand, turn = explore.integrand(MODEL, X), explore.turn(MODEL, X)
    for explorer in (integrand, turn):
        explorer.controls["mu"].value, explorer.controls["sigma"].value = mu, sigma
    assert numbers(integrand.view.says)[-1] == pytest.approx(kl(mu, sigma), abs=0.0051)
    seen = turn.values  # its sliders reach less far
    divergence, mean, evidence = numbers(turn.view.says)
    assert divergence == pytest.approx(kl(**seen), abs=6e-5)
    assert evidence == pytest.approx(log_evidence(), abs=6e-5)
    assert mean == pytest.approx(divergence - evidence, abs=1e-9)


@pytest.mark.parametrize("mu", [-3.0, 0.0, 0.94])
def test_walk(mu):
    explorer = explore.walk(MODEL, X, 0.16)
    explorer.controls["mu"].value = mu
    assert numbers(explorer.view.says) == pytest.approx([mu, kl(mu, 0.16)], abs=0.051)


@pytest.mark.parametrize("x", [0.25, 2.0])
def test_cover_or_choose_names_a_q_that_costs_what_it_says(x):
    explorer = explore.cover_or_choose(MODEL)
    explorer.controls["x"].value = x
    at, mu, sigma, price = numbers(explorer.view.says)[:4]
    assert at == x
    assert price == pytest.approx(kl(mu, sigma, x), abs=0.02)  # mu and sigma are rounded
    assert ("chooses" if x > 1 else "covers") in explorer.view.says


def test_sampling_is_the_same_for_the_same_drawing_and_another_for_the_next():
    explorer = explore.sampling(MODEL, 0.5, 0.0, 0.47, repeats=200)
    first = explorer.view.says
    explorer.controls["again"].value = 2
    second = explorer.view.says
    explorer.controls["again"].value = 1
    assert explorer.view.says == first != second
    explorer.controls["n"].value = 1
    assert "200 estimates from 1 draw each" in explorer.view.says


def test_bells_and_directions():
    picture = explore.directions(MODEL, X, wide=(0.0, 0.95), narrow=(0.94, 0.16))
    assert numbers(repr(picture))[::2] == pytest.approx([kl(0, 0.95), kl(0.94, 0.16)], abs=0.0051)
    peaks = numbers(repr(explore.bells(MODEL, X, guess=(0.5, 0.5))))[:2]
    assert peaks == pytest.approx([-0.98, 0.98])
    with pytest.raises(ValueError, match="sigma"):
        explore.bells(MODEL, X, guess=(0.5, 0.0))
