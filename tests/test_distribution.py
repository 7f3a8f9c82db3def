"""Notebook 01's first half: both planes and their misses, the path through both, the two scores; what they say."""

import re

import numpy as np
import pytest
import torch

from tests.tools import close, f64, refused, seeded
from vae_helpers.figures import distribution as pictures
from vae_helpers.learning import data, evaluation, weights
from vae_helpers.learning.models import AE
from vae_helpers.maths import countable, likelihood
from vae_helpers.widgets import distribution as explore


@pytest.fixture(scope="module")
def digits():
    return data.load("digits")


@pytest.fixture(scope="module")
def machines():
    return {"A (AE)": weights.load("digits-2d-ae"), "B (VAE)": weights.load("digits-2d")}


def percents(says):
    return [int(text) for text in re.findall(r"(\d+)%", says)]


def test_pictures_are_probabilities_without_a_graph(machines):
    z = torch.randn(5, 2, generator=seeded())
    for machine in machines.values():
        found = explore.pictures_of(machine, z)
        assert found.shape == (5, 64)
        assert not found.requires_grad
        assert close(found, machine.decode(z).sigmoid().detach().double(), 1e-6)


def test_fitted_draws_have_the_mean_and_covariance_of_the_codes():
    codes = torch.randn(50, 3, generator=seeded()) @ torch.randn(3, 3, generator=seeded(1)) + 4
    noise = torch.randn(200_000, 3, generator=seeded(2))
    found = explore.fitted(codes, noise)
    assert (found.mean(0) - codes.mean(0)).abs().max() < 0.05
    assert (found.T.cov() - codes.T.cov()).abs().max() < 0.1
    assert close(explore.fitted(codes, torch.zeros(1, 3)).double(), codes.mean(0, keepdim=True).double(), 1e-6)


def test_the_radius_lets_95_of_100_held_out_points_pass():
    codes, held_out = torch.randn(300, 2, generator=seeded()), torch.randn(100, 2, generator=seeded(1))
    r = explore.radius(codes, held_out)
    distances = (held_out[:, None] - codes).square().sum(-1).sqrt().amin(1)
    assert (distances <= r).sum() == 95
    assert evaluation.missed(held_out, codes, r) == pytest.approx(0.05)


def test_the_planes_say_their_misses_and_their_lonely_codes(machines, digits):
    noise = torch.randn(400, 2, generator=seeded())
    says = explore.planes(machines, digits, dict.fromkeys(machines, noise), "N(0, I)").says
    assert says.startswith("Drawn from N(0, I) (rings: 1 and 2 spreads). A (AE), r = 0.69: ")
    wanted = []
    for machine in machines.values():
        codes = machine.codes(digits.train.images).detach()
        r = explore.radius(codes, machine.codes(digits.test.images).detach())
        apart = np.linalg.norm(noise.numpy()[:, None] - codes.numpy(), axis=-1)
        wanted += [(apart.min(1) > r).mean(), (apart.min(0) > r).mean()]
    assert percents(says) == [round(100 * share) for share in wanted]


def test_what_the_page_says_of_both_planes_is_no_matter_of_the_seed(machines, digits):
    for seed in range(3):
        noise = torch.randn(1500, 2, generator=seeded(seed))
        for (name, machine), (misses, alone) in zip(machines.items(), ((0.02, 0.5), (0.26, 0.09)), strict=True):
            codes = machine.codes(digits.train.images).detach()
            r = explore.radius(codes, machine.codes(digits.test.images).detach())
            assert misses - 0.08 < evaluation.missed(noise, codes, r) < misses, name
            assert alone - 0.1 < evaluation.missed(codes, noise, r) < alone, name


def test_draws_outside_the_axes_are_said():
    codes = np.array([[0.0, 0.0], [1.0, 1.0]])
    plane = pictures.Plane("C", codes, np.array([3, 4]), 0.5)
    draws = np.array([[0.1, 0.0], [9.0, 0.0], [0.5, 0.5]])
    says = pictures.planes([(plane, draws, np.array([False, True, True]), np.array([False, True]))], "a hat").says
    assert says == (
        "Drawn from a hat (rings: 1 and 2 spreads). C, r = 0.50: 67% of 3 draws (1 lie outside the picture) miss, "
        "and 50% of 2 codes meet no draw."
    )


@pytest.mark.parametrize("t", [0.0, 0.5, 1.0])
def test_the_path_walks_on_both_planes_at_once(machines, digits, t):
    explorer = explore.path(machines, digits, start=244, end=167)
    explorer.controls["t"].value = t
    says = explorer.view.says
    assert says.startswith(f"{t:.0%} of the way. A (AE): ")
    first, second = says.split(". B (VAE): ")
    assert first.endswith("; its training says nothing of how often this place should come")
    for text, machine in ((first, machines["A (AE)"]), (second, machines["B (VAE)"])):
        codes = machine.codes(digits.train.images).detach()
        start, end = machine.codes(digits.test.images[[244, 167]]).detach()
        z = start + t * (end - start)
        distances = (codes - z).norm(dim=1)
        r = explore.radius(codes, machine.codes(digits.test.images).detach())
        near = digits.train.labels[distances.argmin()]
        assert f"{distances.min() / r:.1f} r from the nearest code, a {near}; its " in text
    assert f"{(-0.5 * z.square().sum()).exp():.2f} times as dense as the middle" in second


def test_the_path_decodes_where_the_ring_is(machines, digits):
    explorer = explore.path(machines, digits, start=0, end=1, steps=4)
    shown = explorer.derive(t=0.25)
    assert shown["step"] == 1
    for images, machine in zip(shown["decoded"], machines.values(), strict=True):
        start, end = machine.codes(digits.test.images[:2]).detach()
        assert np.allclose(images, explore.pictures_of(machine, start + 0.25 * (end - start)), atol=1e-6)


def test_rows_say_how_far_each_row_is_from_the_training_images(digits):
    train = digits.train.images
    says = explore.rows(digits, {"copies": train[:4], "ink everywhere": torch.ones(4, 64)}).says
    distance = (1 - train).square().sum(1).sqrt().min()
    assert says == (
        "4 images a row. Distance to the most similar training image, on average: "
        f"copies 0.0, ink everywhere {distance:.1f}."
    )


@pytest.mark.parametrize("theta", [0.0, 0.01, 0.1, 0.5])
def test_the_two_scores_are_those_of_the_counted_model(theta):
    explorer = explore.two_scores()
    explorer.controls["theta"].value = theta
    bag, log_p = f64([0.49, 0.33, 0.09, 0.09]), countable.log_evidence(f64(theta))
    says = explorer.view.says
    assert f"θ = {theta:.2f}: the mean of p is {(bag * log_p.exp()).sum():.3f}" in says
    if theta == 0:
        assert says.endswith("the mean of log p is −∞ (below the picture): it calls 18% of the bag impossible.")
    else:
        score = (bag * log_p).sum().item()
        missing = (bag * (bag.log() - log_p)).sum().item()
        assert f"the mean of log p is −{-score:.3f} nats, {abs(missing):.3f} below the ceiling." in says


def test_the_curves_show_no_more_than_was_reached_and_another_bag_may_be_given():
    explorer = explore.two_scores([0.5, 0.3, 0.2, 0.0])
    explorer.controls["theta"].value = 0.3
    curves = [axes.lines[0] for axes in explorer.scene.fig.axes[1:]]
    assert all(curve.get_xdata().min() == pytest.approx(0.3) for curve in curves)
    explorer.controls["theta"].value = 0.11
    assert "0.140 below the ceiling" in explorer.view.says


def test_log_evidence_is_the_mean_over_draws_of_the_prior(machines, digits):
    x = torch.bernoulli(digits.test.images[:2], generator=seeded())
    for machine, tolerance in ((machines["B (VAE)"], 0.15), (machines["A (AE)"], 0.15)):
        codes = machine.codes(digits.train.images).detach()
        for like in (None, codes):
            found = explore.log_evidence(machine, x, like)
            assert (found - explore.estimated_log_evidence(machine, x, 60_000, like)).abs().max() < tolerance
    assert machines["B (VAE)"].decoder[0].weight.dtype == torch.float32  # the model is left as it was


@pytest.mark.parametrize("draws", [1, 7, 10_003])
def test_the_estimate_is_the_log_of_the_mean_over_all_draws(digits, draws):
    machine, x = AE(64, latent=3), torch.bernoulli(digits.test.images[:2], generator=seeded())
    codes = torch.randn(50, 3, generator=seeded(1)) * 2 + 1
    generator = seeded()
    noise = torch.cat([torch.randn(part, 3, generator=generator) for part in (10_000, 3)])[:draws]
    if draws < 10_000:
        noise = torch.randn(draws, 3, generator=seeded())
    for like, z in ((None, noise), (codes, explore.fitted(codes, noise))):
        with torch.no_grad():
            terms = torch.stack([likelihood.bernoulli(image, machine.decode(z)) for image in x]).double()
        assert close(explore.estimated_log_evidence(machine, x, draws, like), terms.logsumexp(-1) - np.log(draws), 1e-5)


def unlike(latent=2, pixels=64):
    return {"C": AE(pixels, latent=latent)}


@pytest.mark.parametrize(
    ("call", "parts"),
    [
        (lambda d: explore.planes(unlike(3), d, {"C": torch.zeros(4, 3)}, "x"), ["planes(…)", "→ 3", "2 latents"]),
        (lambda d: explore.path(unlike(pixels=9), d, 0, 1), ["path(…)", "64 pixels", "that size"]),
        (lambda d: explore.path(unlike(), d, 0, 299), ["from test image 0 to 299", "0 to 298"]),
        (lambda d: explore.log_evidence(unlike(20)["C"], torch.zeros(1, 64)), ["log_evidence(…)", "2 latents"]),
        (lambda d: explore.log_evidence(unlike()["C"], torch.zeros(1, 63)), ["63 pixels"]),
        (lambda d: explore.log_evidence(unlike()["C"], torch.full((1, 64), 0.5)), ["grey", "torch.bernoulli(images)"]),
        (lambda d: explore.estimated_log_evidence(AE(64, 3), torch.full((1, 64), 0.5), 9), ["draws): the images hold"]),
        (lambda d: explore.estimated_log_evidence(AE(64, 3), torch.zeros(1, 64), 0), ["draws", "0"]),
        (lambda d: explore.fitted(torch.ones(9, 2), torch.zeros(1, 2)), ["fitted(codes, noise)", "9 codes", "2 dim"]),
        (lambda d: explore.two_scores([0.5, 0.5, 0.5, 0.0]), ["add up to 1"]),
    ],
)
def test_what_cannot_be_drawn_is_refused(digits, call, parts):
    with refused(ValueError, *parts):
        call(digits)
