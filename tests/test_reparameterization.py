"""widgets.reparameterization and its figures: each sentence, recomputed with numpy from the same dice."""

import inspect
import itertools
import math
import re

import numpy as np
import pytest
import torch
from scipy import stats

from tests.test_picture import pixels
from tests.tools import f64, numbers, seeded
from vae_helpers.figures import computation_graph, dice
from vae_helpers.figures import gradients as pictures
from vae_helpers.maths import differentiation, gradients, objectives, toy
from vae_helpers.widgets import reparameterization as explore

MODEL = toy.ToyModel("fold", noise=0.3)


# ---- throws and the rubber band ----


@pytest.mark.parametrize(("mu", "sigma"), [(1.0, 1.0), (-1.5, 0.1), (1.5, 1.5)])
def test_throws_say_the_average_cost(mu, sigma):
    explorer = explore.throws()
    explorer.controls["mu"].value, explorer.controls["sigma"].value = mu, sigma
    z = mu + sigma * explore.fresh(mu, sigma).numpy()
    assert numbers(explorer.view.says) == pytest.approx([mu, sigma, (z**2).mean()], abs=0.0051)


def test_fresh_dice_are_those_of_a_bell_and_differ_from_place_to_place():
    all_of_them = [explore.fresh(mu / 20, sigma / 20) for mu in range(-30, 31) for sigma in range(2, 31)]
    assert len({tuple(rolled.tolist()) for rolled in all_of_them}) == len(all_of_them)
    assert stats.kstest(torch.cat(all_of_them).numpy(), stats.norm.cdf).pvalue > 0.01


def test_throwing_again_keeps_the_knobs_and_changes_the_luck():
    explorer = explore.throws()
    first = explorer.derive(1.0, 1.0, 1.0)
    assert (explorer.derive(1.0, 1.0, 1.0)["z"] == first["z"]).all()
    assert len({tuple(explorer.derive(1.0, 1.0, float(again))["z"]) for again in range(1, 21)}) == 20


OBJECTIVES = {
    "SQUARE": (objectives.SQUARE, np.square, lambda z: 2 * z, lambda mu, sigma: 2 * mu),
    "WAVE": (
        objectives.WAVE,
        lambda z: np.cos(5 * z),
        lambda z: -5 * np.sin(5 * z),
        lambda mu, sigma: -5 * np.exp(-12.5 * sigma**2) * np.sin(5 * mu),
    ),
    "STEP": (objectives.STEP, lambda z: z > 0, lambda z: 0 * z, lambda mu, sigma: stats.norm.pdf(mu / sigma) / sigma),
}


@pytest.mark.parametrize("name", OBJECTIVES)
@pytest.mark.parametrize(("mu", "sigma", "again"), [(1.0, 1.0, 1.0), (-0.5, 0.3, 7.0), (1.5, 1.5, 20.0)])
def test_the_band_says_average_and_both_slopes(name, mu, sigma, again):
    objective, f, slope, exact = OBJECTIVES[name]
    explorer = explore.band(objective, "f")
    for control, value in zip(explorer.controls.values(), (mu, sigma, again), strict=True):
        control.value = value
    given = explorer.derive(**explorer.values)
    z = mu + sigma * given["eps"]
    assert given["z"] == pytest.approx(z)
    wanted = [mu, sigma, f(z).mean(), slope(z).mean(), exact(mu, sigma)]
    assert numbers(explorer.view.says) == pytest.approx(wanted, abs=0.0051)


def test_the_dice_stay_when_the_knobs_turn_and_change_when_they_are_rolled():
    explorer = explore.band()
    before = explorer.derive(1.0, 1.0, 1.0)
    turned, rolled = explorer.derive(-0.5, 0.3, 1.0), explorer.derive(1.0, 1.0, 2.0)
    assert (turned["eps"] == before["eps"]).all()
    assert turned["z"] == pytest.approx(-0.5 + 0.3 * before["eps"])
    assert (rolled["eps"] != before["eps"]).all()


def test_the_kept_curve_is_the_average_over_the_dice_and_the_fresh_one_what_the_first_machine_showed():
    given = explore.band().derive(1.0, 0.5, 3.0)
    eps = given["eps"]
    at = explore.BETWEEN.numpy()
    assert given["kept_curve"] == pytest.approx(((at[:, None] + 0.5 * eps) ** 2).mean(-1))
    assert given["exact_curve"] == pytest.approx(at**2 + 0.25)
    shown = explore.throws()
    shown.controls["mu"].value, shown.controls["sigma"].value = 0.5, 0.5
    i = int(np.abs(explore.AIMS.numpy() - 0.5).argmin())
    assert numbers(shown.view.says)[-1] == pytest.approx(given["fresh_curve"][i], abs=0.0051)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_no_dice_throw_the_dot_out_of_the_band_s_picture(name):
    explorer = explore.band(OBJECTIVES[name][0])
    low, high = explorer.scene.fig.axes[1].get_ylim()
    for mu, again in itertools.product((-1.5, 1.5), range(1, 21)):
        assert low < explorer.derive(mu, 1.5, float(again))["average"] < high


def test_of_a_step_the_kept_curve_is_flat_or_jumps():
    curve = explore.band(objectives.STEP, "win").derive(0.5, 1.0, 1.0)["kept_curve"]
    heights = curve * explore.THROWS
    assert heights == pytest.approx(heights.round())
    assert (np.diff(curve) >= 0).all()


def test_what_falls_outside_the_picture_is_said():
    scene = dice.throws(np.linspace(-1, 1, 3), np.zeros(3), np.linspace(-1, 1, 3), (0.0, 6.0), "cost")
    says = scene.picture(at=0.0, sigma=1.0, z=np.array([0.0, 5.0, -6.0]), costs=np.array([0.0, 25.0, 36.0])).says
    assert "3 throws (2 of them outside the picture) have an average cost of 20.33 (above the picture)." in says


# ---- the computation graph ----


def test_the_graph_says_what_autograd_sends_back():
    says = explore.computation_graph(1.0, 2.0, -0.5).says
    mu, sigma = torch.tensor(1.0, requires_grad=True), torch.tensor(2.0, requires_grad=True)
    z = mu + sigma * -0.5
    z.square().backward()
    assert (z.item(), mu.grad.item(), sigma.grad.item()) == (0.0, 0.0, 0.0)
    assert "−0.0" not in says
    says = explore.computation_graph(1.0, 1.0, 0.5).says
    assert says.startswith("Left, the slope f′(z) = 3.0 comes back to z = 1.5 and ends there: nothing is written down")
    assert says.endswith("3.0 × 1 = 3.0 comes back to μ, and 3.0 × ε = 1.5 to σ.")


def test_only_the_right_graph_lets_the_slope_through():
    picture = computation_graph.computation_graph(1.0, 1.0, 0.5, 3.0)
    found = pixels(picture.png)
    purple = np.array([int(dice.KEPT[i : i + 2], 16) for i in (1, 3, 5)])
    drawn = (np.abs(found - purple).sum(-1) < 30).sum(0)
    half = found.shape[1] // 2
    assert 0 < drawn[:half].sum() < drawn[half:].sum() / 2


# ---- estimates, baselines, samples ----


@pytest.mark.parametrize(("mu", "sigma", "n"), [(1.0, 1.0, 1.0), (-1.5, 0.1, 30.0), (0.5, 1.5, 3.0)])
def test_estimates_say_means_and_spreads(mu, sigma, n):
    explorer = explore.estimates(repeats=300)
    for control, value in zip(explorer.controls.values(), (mu, sigma, n), strict=True):
        control.value = value
    eps = explore.roll(0, 300 * int(n)).numpy().reshape(300, -1)
    z = mu + sigma * eps
    path, votes = (2 * z).mean(-1), (z**2 * eps / sigma).mean(-1)
    wanted = [path.mean(), path.std(ddof=1), votes.mean(), votes.std(ddof=1), 2 * mu]
    assert numbers(explorer.view.says) == pytest.approx(wanted, abs=0.0051)
    assert ("a single throw" if n == 1 else f"{int(n)} throws") in explorer.view.says


def test_estimates_beyond_the_axis_are_counted():
    explorer = explore.estimates(reach=1.0, repeats=200)
    z = 1 + explore.roll(0, 200).numpy()
    shares = [(np.abs(found) > 1).mean() for found in (2 * z, z**2 * (z - 1))]
    assert [int(text) for text in re.findall(r"(\d+)%", explorer.view.says)] == [round(100 * share) for share in shares]


@pytest.mark.parametrize(("b", "variance"), [(0.0, 30), (2.0, 18), (4.0, 14), (8.0, 30)])
def test_the_baseline_says_the_variance_and_draws_no_farther(b, variance):
    explorer = explore.baseline(repeats=500)
    explorer.controls["b"].value = b
    half = explore.roll(3, 250).numpy()
    eps = np.concatenate([half, -half])
    found = numbers(explorer.view.says)
    assert found == pytest.approx([b, variance, 4.0, (((1 + eps) ** 2 - b) * eps).mean()], abs=0.0051)
    curve = next(line for line in explorer.scene.fig.axes[1].lines if len(line.get_xdata()) != 2)
    assert max(curve.get_xdata()) == pytest.approx(b)


def test_a_baseline_does_not_move_the_mean():
    explorer = explore.baseline(repeats=500)
    means = [explorer.derive(b)["found"].mean() for b in (0.0, 2.0, 8.0)]
    assert means == pytest.approx([means[0]] * 3, abs=1e-12)


def test_over_sigma_reads_the_closed_forms_at_both_places():
    assert explore.over_sigma().says == (
        "Variance of one estimate by μ, lower is better: at σ = 0.05 score function 414, pathwise 0.01; at σ = 1 "
        "score function 30, pathwise 4."
    )


def test_over_samples_says_what_five_percent_take_and_the_measured_lie_near_the_lines(monkeypatch):
    given, draw = {}, pictures.over_samples
    names = list(inspect.signature(draw).parameters)
    monkeypatch.setattr(pictures, "over_samples", lambda *a: given.update(zip(names, a, strict=True)) or draw(*a))
    assert explore.over_samples().says == (
        "A standard error of 5% of the gradient takes 400 throws for the pathwise estimator and 3000 throws for the "
        "score function estimator."
    )
    for name, variance in (("pathwise", 4.0), ("score function", 30.0)):
        counts, errors = given["measured"][name]
        assert given["variances"][name] == pytest.approx(variance)
        for n, error in zip(counts, errors, strict=True):
            assert error == pytest.approx(math.sqrt(variance / n) / 2, rel=0.3)


# ---- climbs ----


def test_climbs_are_those_of_maths_and_the_lost_are_counted():
    explorer = explore.climbs(MODEL, 1.0, 0.5, 0.5, rates=(0.001, 0.03), steps=60)
    for rate in (0.001, 0.03):
        explorer.controls["rate"].value = rate
        ended = {}
        for name, estimator in (("pathwise", gradients.pathwise), ("score", gradients.score_function)):
            found = gradients.climb(estimator, MODEL, f64(1.0), 0.5, 0.5, rate, seeded(), steps=60)
            assert explorer.derive(rate)[name] == pytest.approx(found.elbo.numpy())
            ended[name] = (found.elbo[-1] < -8).sum().item()
        says = explorer.view.says
        assert says.startswith(f"Step size {rate:g}. Pathwise, ")
        for lost in ended.values():
            assert (
                "all 20 end in the picture"
                if not lost
                else "all 20 end below"
                if lost == 20
                else f"{lost} of 20 end below"
            ) in says


def test_a_picture_of_climbs_that_are_all_lost_says_so():
    scene = pictures.climbs(np.arange(3), -1.0, -2.0, -8.0)
    lost, arrived = np.full((3, 20), -100.0), np.full((3, 20), -2.5)
    says = scene.picture(rate=0.1, pathwise=arrived, score=lost).says
    assert says == (
        "Step size 0.1. Pathwise, all 20 end in the picture; their median: −2.50 nats. Score function, all 20 end "
        "below the picture. The best bell: −2.00."
    )


# ---- the lines ----


def test_lines_show_formula_reason_and_both_values():
    steps = differentiation.pathwise(torch.square, f64(1.0), f64(0.5))
    lines = explore.Lines(steps)
    assert repr(lines).splitlines() == [f"{step.why} by μ 2.0000, by σ 1.0000" for step in steps]
    for step in steps:
        assert f"$${step.latex}$$\n\n{step.why} **by μ 2.0000, by σ 1.0000**" in lines._repr_markdown_()


def test_lines_have_a_real_minus_and_no_negative_zero():
    step = differentiation.Step("x", "Because.", gradients.Gradient(f64(-1.5), f64(-1e-9)), "")
    assert repr(explore.Lines([step])) == "Because. by μ −1.5000, by σ 0.0000"
