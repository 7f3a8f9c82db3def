"""figures.elbo and figures.climb: what is drawn stays in its picture, or the sentence says that it does not."""

import re

import numpy as np
import pytest
from scipy import stats

from vae_helpers.figures import climb as climbs
from vae_helpers.figures import elbo as pictures

Z = np.linspace(-3, 3, 601)
P = 0.5 * stats.norm.pdf(Z, -1, 0.2) + 0.5 * stats.norm.pdf(Z, 1, 0.2)
Q = stats.norm.pdf(Z, 0.5, 0.5)


def numbers(sentence):
    return [float(text.replace("−", "-")) for text in re.findall(r"−?\d+\.?\d*", sentence)]


def curves(scene, axes=-1):
    return [line for line in scene.fig.axes[axes].get_lines() if len(line.get_xdata())]


@pytest.mark.parametrize(("elbo", "below"), [(-3.5, False), (-10.9, False), (-11.9, True), (-262.0, True)])
def test_a_level_below_the_picture_is_marked_and_said(elbo, below):
    scene = pictures.level(Z, P, -1.5)
    says = repr(scene.picture(q=Q, mu=0.5, sigma=0.5, elbo=elbo, kl=-1.5 - elbo))
    assert ("(below the picture)" in says) == below
    low, _ = scene.fig.axes[1].get_ylim()
    assert (elbo < low) == below
    marks = [line for line in curves(scene) if line.get_marker() == "v"]
    assert len(marks) == below
    assert numbers(says)[2:] == pytest.approx([elbo, -1.5 - elbo, -1.5])


def test_the_line_at_log_p_is_part_of_what_stands_still():
    for scene in (pictures.level(Z, P, -1.5), pictures.terms(Z, P, P, -1.5)):
        (line,) = [line for line in scene.fig.axes[1].get_lines() if list(line.get_ydata()) == [-1.5, -1.5]]
        assert line not in scene.moving
        assert not line.get_animated()


def test_reconstruction_price_and_level_are_stacked():
    scene = pictures.terms(Z, P, P, -1.5)
    says = repr(scene.picture(q=Q, mu=0.5, sigma=0.5, reconstruction=0.25, paid=2.0, kl=0.25))
    assert says.startswith("With q = N(0.50, 0.50²) the reconstruction is 0.25 nats, above the line; ")
    assert says.endswith("minus the price 2.00: L = −1.75 nats.")
    heights = sorted(tuple(line.get_ydata()) for line in curves(scene))
    assert heights == sorted([(-1.5, -1.5), (-1.75, -1.5), (-1.75, -1.75), (0.25, 0.25), (-1.75, 0.25)])
    assert "below the line" in repr(scene.picture(q=Q, mu=0.5, sigma=0.5, reconstruction=-3.0, paid=0.5, kl=2.0))


def test_weights_outside_are_counted():
    scene = pictures.jensen(Z, P, -1.5)
    inside = repr(scene.picture(q=Q, mu=0.5, sigma=0.5, log_weights=np.array([-2.0, -1.0, 0.4]), elbo=-1.7))
    assert "outside" not in inside
    out = repr(scene.picture(q=Q, mu=0.5, sigma=0.5, log_weights=np.array([-7.0, -1.0, 0.5]), elbo=-1.7))
    assert "(2 of the 30 lie outside the picture)" in out
    few = (np.exp(-7) + np.exp(-1) + np.exp(0.5)) / 3
    assert numbers(out)[2:7] == pytest.approx([0.223, few, -1.5, -1.7, 0.2], abs=5e-4)
    below = repr(scene.picture(q=Q, mu=0.5, sigma=0.5, log_weights=np.array([-7.0, -1.0, 0.5]), elbo=-6.1))
    assert "(2 of the 30 and the square lie outside the picture)" in below


def test_a_bell_higher_than_its_picture_is_owned_up_to():
    narrow, given = stats.norm.pdf(Z, 0.5, 0.1), {"mu": 0.5, "sigma": 0.1}
    for scene, more in (
        (pictures.level(Z, P, -1.5), {"elbo": -3.0, "kl": 1.5}),
        (pictures.terms(Z, P, P, -1.5), {"reconstruction": -3.0, "paid": 2.0, "kl": 1.5}),
        (pictures.over_prior(Z, P), {}),
    ):
        assert "cuts off the top of q" in repr(scene.picture(q=narrow, **given, **more))
        assert "cuts off" not in repr(scene.picture(q=Q, **given, **more))
        assert narrow.max() > scene.fig.axes[0].get_ylim()[1] > Q.max()


def test_the_way_up_grows_by_a_step_and_ends_at_the_mark():
    mu, sigma = np.linspace(-2, 2, 21), np.geomspace(0.08, 1.2, 11)
    surface = -2 - (mu - 1) ** 2 - np.log(sigma / 0.2)[:, None] ** 2
    scene = climbs.climb(mu, sigma, surface, -1.3, steps=3)
    path = np.array([1.6, 1.4, 1.2]), np.array([0.9, 0.5, 0.3]), np.array([-20.0, -4.0, -2.5])
    for steps in (0, 1, 2):
        so_far = [values[: steps + 1] for values in path]
        ends = [values[[-1]] if steps == 2 else values[:0] for values in path]
        says = repr(
            scene.picture(path_mu=so_far[0], path_sigma=so_far[1], elbo=so_far[2], ends_mu=ends[0], ends_sigma=ends[1])
        )
        assert says.startswith(
            f"After {steps} step{'s' * (steps != 1)}: μ = {so_far[0][-1]:.2f}, σ = {so_far[1][-1]:.2f}"
        )
        assert ("below the right-hand picture" in says) == (steps == 0)
        assert [len(line.get_xdata()) for line in curves(scene, 0)] == [steps + 1, 1, 1][: 3 if steps == 2 else 2]
        assert any(line.get_marker() == "v" for line in curves(scene, 1)) == (steps == 0)
    assert says.endswith("L = −2.500 nats, 1.200 below log p(x) = −1.300.")


def test_the_contours_tell_the_middle_hill_from_the_pass_beside_it():
    """On `fold` at x = 1 the middle stands 2.287 nats under log p(x), and the pass 2.339."""
    assert any(2.287 < gap < 2.339 for gap in climbs.GAPS)
    assert (np.diff(climbs.GAPS) < 0).all()


def test_theta_draws_only_the_slopes_so_far():
    slopes = np.linspace(0.2, 2, 19)
    scene = climbs.theta(Z, Q, slopes, -2 - slopes, -1 - slopes)
    says = repr(scene.picture(at=1.0, posterior=P))
    assert says == "At a = 1.00: L = −3.000 nats, log p(x) = −2.000, and the gap between them is 1.000."
    assert max(line.get_xdata().max() for line in map(np_line, curves(scene))) == pytest.approx(1.0)


def np_line(line):
    line.set_data(np.asarray(line.get_xdata()), np.asarray(line.get_ydata()))
    return line


@pytest.mark.parametrize("done", [0, 1, 2])
def test_a_turn_says_who_has_moved(done):
    slopes = np.linspace(0.2, 1.2, 11)
    scene = climbs.turns(Z, slopes, -1.5 - (slopes - 0.9) ** 2)
    way = np.array([0.3, 0.6, 0.6])[: done + 1], np.array([-1.86, -1.7, -1.59])[: done + 1]
    picture = scene.picture(
        q=Q,
        posterior=P,
        curve=-1.7 - slopes,
        way_slopes=way[0],
        way_levels=way[1],
        done=done,
        evidence=-1.5 - (way[0][-1] - 0.9) ** 2,
    )
    says = repr(picture)
    assert ("the slope has climbed" in says) == (done == 1)
    assert ("q is the posterior" in says) == (done != 1)
    assert says.endswith(f"gap {0.11 if done == 1 else 0:.3f}.")


def test_the_one_possible_minibatch():
    scene = climbs.minibatches(-12.0, 8, np.linspace(-20, -5, 16))
    assert "From all 3 possible minibatches of 2" in repr(
        scene.picture(estimates=np.array([-13.0, -12.0, -11.0]), size=2)
    )
    assert "From the one possible minibatch of 8" in repr(scene.picture(estimates=np.array([-12.0]), size=8))


def test_two_levels_and_outputs_say_what_is_drawn():
    assert "−1.780 nats before, and stands at −1.629 after" in repr(pictures.two_levels(-1.78, -1.629))
    x = np.linspace(-1, 4, 501)
    picture = pictures.outputs(x, stats.norm.pdf(x, 0, 1), stats.norm.pdf(x, 1, 0.5), 1.0)
    assert numbers(repr(picture)) == pytest.approx([1, 0.242, 0.798])
