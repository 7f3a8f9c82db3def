"""What every explorer owes a reader, wherever its sliders stand: a picture, a whole sentence, names to read."""

import importlib
import inspect
import itertools
import pkgutil
import re

import numpy as np
import pytest
import torch

from tests.test_picture import pixels, redrawn
from vae_helpers import widgets
from vae_helpers.learning import data, weights
from vae_helpers.maths import aggregate, objectives, posterior
from vae_helpers.maths import importance as sampled
from vae_helpers.maths.toy import LinearGaussian, ToyModel
from vae_helpers.widgets import (
    bayes,
    course,
    distribution,
    divergence,
    elbo,
    importance,
    latent_space,
    monte_carlo,
    reparameterization,
)  # fmt: skip

FOLD, STRAIGHT = ToyModel("fold", 0.3), ToyModel("linear", 0.6)
X, TWO = torch.tensor(1.0), torch.tensor(2.0, dtype=torch.float64)
STARTS = [(-1.75, 0.4), (0.0, 0.6), (1.75, 0.4)]
LEVELS = torch.linspace(-40, -10, 6, dtype=torch.float64)


def peak():
    """A bell on the right peak of the posterior alone."""
    return sampled.bell(*posterior.moments(FOLD, TWO, above=0.0))


def trained():
    return {"A": weights.load("digits-2d-ae"), "B": weights.load("digits-2d")}


def thin_places():
    cloud = weights.cloud("digits-2d")
    bells = aggregate.on_plane(cloud.codes, cloud.logvar)
    z = torch.randn(60, 2, generator=torch.Generator().manual_seed(0))
    return latent_space.thin_places(weights.load("digits-2d"), cloud, bells, z)


def one_gap():
    digits = data.load("digits")
    x = torch.bernoulli(digits.test.images, generator=torch.Generator().manual_seed(0))
    return latent_space.gap(weights.load("digits-2d"), digits, x, numbers=[9, 214, 93])


BUILD = {
    bayes.games_table: [bayes.games_table],
    bayes.row_of_bowls: [lambda: bayes.row_of_bowls(FOLD, 1.0)],
    bayes.five_curves: [lambda: bayes.five_curves("fold"), lambda: bayes.five_curves("linear")],
    bayes.read_off: [lambda: bayes.read_off(FOLD)],
    bayes.first_guess: [lambda: bayes.first_guess(FOLD, 1.0)],
    course.symbols: [course.symbols],
    distribution.path: [lambda: distribution.path(trained(), data.load("digits"), 0, 1)],
    distribution.two_scores: [distribution.two_scores],
    divergence.prices: [lambda: divergence.prices(FOLD, X, 0.5, 0.5)],
    divergence.integrand: [lambda: divergence.integrand(FOLD, X)],
    divergence.jensen: [divergence.jensen],
    divergence.walk: [lambda: divergence.walk(FOLD, X, 0.16)],
    divergence.cover_or_choose: [lambda: divergence.cover_or_choose(FOLD)],
    divergence.sampling: [lambda: divergence.sampling(FOLD, 0.5, 0.0, 0.47, repeats=50)],
    divergence.turn: [lambda: divergence.turn(FOLD, X)],
    elbo.level: [lambda: elbo.level(FOLD, X)],
    elbo.jensen: [lambda: elbo.jensen(STRAIGHT, 1)],
    elbo.terms: [lambda: elbo.terms(FOLD, X)],
    elbo.squeeze: [lambda: elbo.squeeze(FOLD, 1.0, 0.98)],
    elbo.climb: [lambda: elbo.climb(FOLD, X, STARTS)],
    elbo.theta: [lambda: elbo.theta(1, 0.5, 0.5, 0.3)],
    elbo.turns: [lambda: elbo.turns(1, 0.5, 0.3)],
    elbo.minibatches: [lambda: elbo.minibatches(LEVELS)],
    importance.repair: [lambda: importance.repair(repeats=10)],
    importance.running: [lambda: importance.running(FOLD, TWO, peak(), n=10_000)],
    latent_space.manifold: [lambda: latent_space.manifold(weights.load("digits-2d"), (8, 8))],
    latent_space.thin_places: [thin_places],
    latent_space.shell: [latent_space.shell],
    latent_space.gap: [one_gap],
    monte_carlo.line: [lambda: monte_carlo.line(LinearGaussian(1, 0.5))],
    monte_carlo.board: [monte_carlo.board],
    monte_carlo.spread: [monte_carlo.spread],
    reparameterization.throws: [reparameterization.throws],
    reparameterization.band: [
        reparameterization.band,
        lambda: reparameterization.band(objectives.WAVE, "f", 0.5),
        lambda: reparameterization.band(objectives.STEP, "win", 0.5),
    ],
    reparameterization.estimates: [
        lambda: reparameterization.estimates(repeats=200),
        lambda: reparameterization.estimates(objectives.WAVE, reach=6.0, mu=0.5, repeats=200),
    ],
    reparameterization.baseline: [lambda: reparameterization.baseline(repeats=500)],
    reparameterization.climbs: [lambda: reparameterization.climbs(FOLD, 1.0, 0.5, 0.5, rates=(0.001, 0.03), steps=30)],
}
CASES = {
    f"{made.__module__.rpartition('.')[2]}.{made.__name__}-{number}": build
    for made, builds in BUILD.items()
    for number, build in enumerate(builds)
}


@pytest.fixture(scope="module", params=CASES.values(), ids=CASES.keys())
def pair(request):
    """An explorer, and its twin that nobody moves, with the twin's sentence and picture at birth."""
    explorer, twin = request.param(), request.param()
    return explorer, twin, (twin.view.says, twin.view.png)


def test_none_is_forgotten():
    modules = [
        importlib.import_module(f"{widgets.__name__}.{found.name}") for found in pkgutil.iter_modules(widgets.__path__)
    ]
    made = {
        function
        for module in modules
        for _, function in inspect.getmembers(module, inspect.isfunction)
        if function.__annotations__.get("return") is widgets.explorer.Explorer
    }
    assert made == set(BUILD)


def test_every_corner_of_the_sliders_has_a_picture_and_a_whole_sentence(pair):
    explorer, *_ = pair
    names = [control.description for control in explorer.controls.values()]
    assert all(re.search(r"\w", name) for name in names)
    assert len(set(names)) == len(names)
    seen = set()
    for values in itertools.product(*((control.min, control.max) for control in explorer.controls.values())):
        for control, value in zip(explorer.controls.values(), values, strict=True):
            control.value = value
        says = explorer.view.says
        assert explorer.view.error == ""
        assert re.fullmatch(r"\w.{30,}\.", says), says
        assert not re.search(r"nan|inf\b|-\d|−0\.0+\b|\(first\)", says), says
        assert len(says) < 230, says  # two lines of the caption
        seen.add(says)
    assert len(seen) > 1


def test_every_frame_is_the_picture_that_a_full_drawing_gives(pair):
    explorer, *_ = pair
    for control in explorer.controls.values():
        control.value = control.min + control.step * round(0.7 * (control.max - control.min) / control.step)
    picture = redrawn(explorer.scene, explorer.scene.fig, **explorer.derive(**explorer.values))
    np.testing.assert_allclose(pixels(explorer.view.png), pixels(picture.png), atol=1)  # of 255: blending rounds


def test_its_twin_stays_where_it_was(pair):
    explorer, twin, born = pair
    for end in ("min", "max"):
        for control in explorer.controls.values():
            control.value = getattr(control, end)
        assert (twin.view.says, twin.view.png) == born
