"""Naive Monte Carlo: the estimate, what is measured of it, and notebook 01's darts: their pictures and explorers."""

import math

import numpy as np
import pytest
import torch
from scipy import integrate, special, stats

from tests.tools import close, f64, refused, seeded
from vae_helpers.figures import monte_carlo as pictures
from vae_helpers.maths import monte_carlo
from vae_helpers.maths.toy import LinearGaussian
from vae_helpers.widgets import monte_carlo as darts

ONE = LinearGaussian(1)


# ---- maths ----


def test_the_estimate_is_the_mean_even_where_it_underflows():
    log_likelihood = torch.randn(3, 5, generator=seeded(), dtype=torch.float64)
    assert close(monte_carlo.log_evidence(log_likelihood), log_likelihood.exp().mean(-1).log())
    assert close(monte_carlo.log_evidence(log_likelihood - 5000), log_likelihood.exp().mean(-1).log() - 5000)
    assert monte_carlo.log_evidence(f64([-math.inf, -math.inf])) == -math.inf


def test_on_average_it_is_right():
    found = monte_carlo.ladder(ONE, 1.0, [1, 2], [4], 40_000, seeded())
    for row, dim in zip(found[:, 0], (1, 2), strict=True):
        ratio = row.exp() / stats.norm.pdf(1, scale=math.sqrt(1.25)) ** dim
        assert abs(ratio.mean() - 1) < 4 * ratio.std() / 200


def test_the_relative_variance_is_the_closed_form_and_the_integral():
    found = monte_carlo.ladder(ONE, 1.0, [1, 3], [10], 40_000, seeded())
    exact = torch.stack([LinearGaussian(dim).log_evidence(darts.seen(dim)) for dim in (1, 3)])
    measured = monte_carlo.relative_variance(found[:, 0] - exact[:, None])
    second = integrate.quad(lambda z: stats.norm.pdf(1, z, 0.5) ** 2 * stats.norm.pdf(z), -9, 11)[0]
    r = second / stats.norm.pdf(1, scale=math.sqrt(1.25)) ** 2
    assert r == pytest.approx(2.378, abs=5e-4)
    assert close(measured, [(r - 1) / 10, (r**3 - 1) / 10], 0.1)
    assert close(darts.relative_variances()[2], [(r**3 - 1) / n for n in darts.NS], 1e-9)


def test_the_bias_of_one_draw_is_the_integral_of_the_log():
    mean = integrate.quad(lambda z: stats.norm.logpdf(1, z, 0.5) * stats.norm.pdf(z), -12, 12)[0]
    exact = stats.norm.logpdf(1, scale=math.sqrt(1.25))
    found = monte_carlo.bias_of_log(monte_carlo.ladder(ONE, 1.0, [1, 4], [1], 40_000, seeded())[:, 0] - exact)
    assert abs(found.mean[0] - (mean - exact)) < 4 * found.standard_error[0]
    assert abs(found.mean[1] - (4 * mean - exact)) < 4 * found.standard_error[1]
    assert mean - exact == pytest.approx(-2.795, abs=1e-3)


def test_a_ladder_uses_one_set_of_draws():
    found = monte_carlo.ladder(ONE, 0.7, [2, 1], [3, 1], 5, seeded(4))
    assert found.shape == (2, 2, 5)
    first, second = (torch.randn(5, 3, 1, generator=generator, dtype=torch.float64) for generator in [seeded(4)] * 2)
    one = ONE.log_likelihood(f64([0.7]), first)
    assert close(found[1], torch.stack([special_mean(one), one[:, 0]]))
    generator = seeded(4)
    first, second = (torch.randn(5, 3, 1, generator=generator, dtype=torch.float64) for _ in range(2))
    both = LinearGaussian(2).log_likelihood(f64([0.7, 0.7]), torch.cat([first, second], -1))
    assert close(found[0], torch.stack([special_mean(both), both[:, 0]]))


def special_mean(log_values):
    return torch.from_numpy(special.logsumexp(log_values.numpy(), axis=1)) - math.log(log_values.shape[1])


def test_draws_needed_undoes_the_relative_variance():
    assert close(monte_carlo.draws_needed(f64([1.378, 0.5]), 0.1), [137.8, 50.0])


@pytest.mark.parametrize(
    ("call", "error", "parts"),
    [
        (lambda: monte_carlo.log_evidence(f64([])), ValueError, ["log_evidence(log_likelihood)", "shape [0]"]),
        (lambda: monte_carlo.log_evidence(f64(1.0)), ValueError, ["shape []", "at least 1"]),
        (lambda: monte_carlo.log_evidence(f64([math.nan])), ValueError, ["NaN"]),
        (lambda: monte_carlo.relative_variance(f64([])), ValueError, ["relative_variance(log_ratios)", "shape [0]"]),
        (lambda: monte_carlo.bias_of_log(f64([1.0])), ValueError, ["bias_of_log(log_ratios)", "at least 2"]),
        (lambda: monte_carlo.bias_of_log([1.0]), TypeError, ["log_ratios is list"]),
        (lambda: monte_carlo.draws_needed(f64(1.0), 0.0), ValueError, ["error = 0.0", "greater than 0"]),
        (lambda: monte_carlo.ladder(LinearGaussian(2), 1.0, [1], [1], 1, seeded()), ValueError, ["dim=2", "dim=1"]),
        (lambda: monte_carlo.ladder(ONE, 1.0, [0], [1], 1, seeded()), ValueError, ["dims = [0]", "at least 1"]),
        (lambda: monte_carlo.ladder(ONE, 1.0, [1], [1.5], 1, seeded()), ValueError, ["ns = [1.5]"]),
        (lambda: monte_carlo.ladder(ONE, 1.0, [1], [], 1, seeded()), ValueError, ["ns = []"]),
        (lambda: monte_carlo.ladder(ONE, math.inf, [1], [1], 1, seeded()), ValueError, ["x = inf"]),
    ],
)
def test_bad_input_is_refused(call, error, parts):
    with refused(error, *parts):
        call()


# ---- darts on a line ----


def test_the_mean_height_is_that_of_the_darts_drawn():
    explorer = darts.line(ONE)
    assert explorer.controls["n"].value == 1
    for n in darts.NS:
        explorer.controls["n"].value = n
        z = torch.randn(10_000, generator=seeded(1), dtype=torch.float64)[:n]
        mean = stats.norm.pdf(1, z.numpy(), 0.5).mean()
        assert explorer.view.says.startswith(f"{n} dart{'s' * (n > 1)} from the prior")
        assert f"the mean height is {mean:.3f}, the true p(x) 0.239" in explorer.view.says
    before = explorer.view.says
    explorer.controls["again"].value = 2
    assert explorer.view.says != before


# ---- the board ----


def test_the_chance_of_one_coordinate_is_the_integral():
    assert darts.chance(ONE) == pytest.approx(stats.norm.cdf(2) - stats.norm.cdf(0))
    wide = LinearGaussian(1, slope=-2.0, noise=0.25)
    assert darts.chance(wide) == pytest.approx(stats.norm.cdf(0.75) - stats.norm.cdf(0.25))


@pytest.mark.parametrize("dim", [2, 5, 20])
@pytest.mark.parametrize("n", [10, 10_000])
def test_hits_and_shares_are_counted(dim, n):
    explorer = darts.board()
    explorer.controls["n"].value, explorer.controls["dim"].value = n, dim
    z = torch.randn(10_000, 20, generator=seeded(1), dtype=torch.float64)[:n, :dim].numpy()
    hits = ((z >= 0) & (z <= 2)).all(1).sum()
    heights = stats.norm.pdf(1, z, 0.5).prod(1)
    says = explorer.view.says
    assert says.startswith(f"{n} darts in {dim} dimensions")
    assert f": {hits} hit (" in says
    assert f"carries {pictures.percent(heights.max() / heights.sum())} of the estimate" in says


def test_the_same_darts_stay_when_dimensions_are_added_and_no_stop_is_without_bars():
    explorer = darts.board(noise=0.25)
    few = explorer.derive(n=100.0, dim=2.0, again=3.0)
    many = explorer.derive(n=100.0, dim=20.0, again=3.0)
    assert np.array_equal(few["z"], many["z"][:, :2])
    assert many["hits"].sum() <= few["hits"].sum()
    assert len(explorer.derive(n=10.0, dim=2.0, again=1.0)["shares"]) == darts.CARRIERS


@pytest.mark.parametrize(
    ("count", "says"),
    [(2277.6, "2278"), (24.75, "24.8"), (0.1, "0.1"), (0.004, "one in 200 such"), (0.0000037, "one in 300 000 such")],
)
def test_what_was_to_be_expected(count, says):
    assert pictures.expected(count).startswith(says)


# ---- the spread ----


def test_the_spread_says_what_the_estimates_are():
    explorer = darts.spread()
    off = darts.estimates()
    assert off.shape == (len(darts.DIMS), len(darts.NS), darts.REPEATS)
    for n, dim in ((1, 1), (1, 20), (10_000, 20), (10_000, 1), (1000, 10)):
        explorer.controls["n"].value, explorer.controls["dim"].value = n, dim
        these = off[darts.DIMS.index(dim), darts.NS.index(n)].numpy()
        says = explorer.view.says
        assert f"from {n} draw{'s' * (n > 1)} each in {dim} dimension{'s' * (dim > 1)}" in says
        assert f"spread {these.std(ddof=1):.2f} nats, on average {abs(these.mean()):.2f} too" in says
        beside = ((these < pictures.LOWEST) | (these > pictures.HIGHEST)).sum()
        assert (f", {beside} of them beside the picture" in says) == (beside > 0)
        wanted = np.mean(np.expm1(these) ** 2)
        assert says.endswith(f"{pictures.figures(wanted)} as they show it.")


def test_the_picture_shows_no_more_dimensions_than_were_reached():
    explorer = darts.spread()
    explorer.controls["dim"].value = 3
    shown = [line for axes in explorer.scene.fig.axes for line in axes.lines if line.get_marker() == "D"]
    assert list(shown[0].get_xdata()) == [1, 2, 3]


@pytest.mark.parametrize(
    ("value", "says"),
    [(0.00138, "0.0014"), (5.79, "5.8"), (57.9, "58"), (33519.0, "34 000"), (3.35e7, "33.5 million"), (2.0, "2")],
)
def test_two_figures(value, says):
    assert pictures.figures(value) == says


# ---- the bias ----


def test_the_bias_is_drawn_where_it_was_found_and_the_rule_beside_it():
    mean, error = darts.measured_bias()
    assert mean.shape == error.shape == (3, 4)
    assert (mean < 3 * error).all()  # nowhere too high, as far as can be told
    says = darts.bias().says
    assert f"D = 10: {pictures.figures(-mean[2, 0].item())} nats from one draw (rule 2 900)" in says
    assert "nan" not in says
    assert "D = 1: 2.8 nats from one draw (rule 0.69)" in says


def test_a_row_without_a_point_at_the_end_names_the_last_there_is():
    row = (7, np.array([3.0, 0.5, np.nan]), np.array([0.1, 0.1, 0.1]), np.array([4.0, 0.4, 0.04]))
    assert pictures.bias((1, 10, 100), [row]).says == (
        "How much too low log p̂ is on average. D = 7: 3 nats from one draw (rule 4), 0.5 from 10 (0.4)."
    )
