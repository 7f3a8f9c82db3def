"""widgets.elbo: each explorer's sentence, recomputed by scipy from the model's densities; and the stepper's ≥."""

import itertools
import math

import numpy as np
import pytest
import torch
from scipy import integrate, optimize, stats

from tests.test_picture import pixels
from tests.tools import f64, log_normal, normal, numbers, refused
from vae_helpers.figures import style
from vae_helpers.maths import derivation, toy
from vae_helpers.widgets import derivation as stepper
from vae_helpers.widgets import elbo as explore
from vae_helpers.widgets.derivation import Derivation

MODEL, X = toy.ToyModel("fold", noise=0.3), torch.tensor(1.0)
STRAIGHT = toy.ToyModel("linear", noise=0.5)
STARTS = [(1.3, 0.5), (-1.5, 0.3), (0.6, 1.0)]
LEVELS = f64([-1.5, -1.4, -1.3, -1.2, -1.1, -1.0, -2.0, -3.0])


def fold(z, x=1.0):
    return log_normal(z) + log_normal(x, z * z, 0.3)


def line(slope, noise=0.5, x=1.0):
    return lambda z: log_normal(z) + log_normal(x, slope * z, noise)


def over(q, g, reach=12):
    mu, sigma = q
    points = np.linspace(mu - reach * sigma, mu + reach * sigma, 25)
    return integrate.quad(lambda z: normal(z, mu, sigma) * g(z), points[0], points[-1], points=points, limit=500)[0]


def evidence(log_joint):
    return math.log(integrate.quad(lambda z: math.exp(log_joint(z)), -9, 9, points=(-1, 0, 1), epsabs=1e-13)[0])


def elbo(log_joint, mu, sigma):
    return over((mu, sigma), lambda z: log_joint(z) - log_normal(z, mu, sigma))


def at(explorer, **values):
    for name, value in values.items():
        explorer.controls[name].value = value
    assert explorer.view.error == ""
    return numbers(explorer.view.says)


@pytest.mark.parametrize(("mu", "sigma"), [(0.5, 0.5), (0.94, 0.16), (-2.0, 1.2), (2.0, 0.1)])
def test_level_and_gap_are_each_their_own_and_make_the_line(mu, sigma):
    *q, below, gap, total = at(explore.level(MODEL, X), mu=mu, sigma=sigma)
    found = below, gap, total
    assert q == [mu, sigma]
    wanted, exact = elbo(fold, mu, sigma), evidence(fold)
    assert found == pytest.approx([wanted, exact - wanted, exact], abs=6e-5 * max(1, abs(wanted) / 100))
    assert below + gap == pytest.approx(total, abs=1e-9)  # the numbers shown add up


def green_rows(explorer):
    """The rows of the picture in which the dashed line at log p(x) stands."""
    found = pixels(explorer.view.png)
    right = found[:, found.shape[1] // 2 :]
    colour = [int(style.EVIDENCE[i : i + 2], 16) for i in (1, 3, 5)]
    counts = (np.abs(right - colour).sum(-1) < 12).sum(-1)
    return np.flatnonzero(counts > 100)


def test_the_line_at_log_p_stays_in_its_row_wherever_q_goes():
    explorer = explore.level(MODEL, X)
    rows, levels = set(), set()
    for mu, sigma in [(0.5, 0.5), (0.94, 0.16), (0.0, 0.6), (-0.3, 0.8), (2.0, 1.2), (-2.0, 0.1)]:
        levels.add(at(explorer, mu=mu, sigma=sigma)[2])
        rows.add(tuple(green_rows(explorer)))
    assert len(levels) == 6
    assert len(rows) == 1
    assert 1 <= len(next(iter(rows))) < 8


@pytest.mark.parametrize(("mu", "sigma"), [(0.2, 0.6), (0.8, 0.45), (-2.0, 0.1), (2.0, 1.2)])
def test_the_weights_average_to_the_evidence_and_their_logs_to_the_level(mu, sigma):
    explorer = explore.jensen(STRAIGHT, 1.0)
    *_, mean, few, high, below, lost = at(explorer, mu=mu, sigma=sigma)
    total, wanted = evidence(line(1.0)), elbo(line(1.0), mu, sigma)
    assert (mean, high, below) == pytest.approx((math.exp(total), total, wanted), abs=6e-4)
    assert lost == pytest.approx(high - below, abs=1e-9)
    weights = explorer.derive(mu, sigma)["log_weights"]
    q = stats.norm(mu, sigma)
    z = q.ppf((np.arange(30) + 0.5) / 30)
    assert weights == pytest.approx(line(1.0)(z) - q.logpdf(z), abs=1e-9)
    assert few == pytest.approx(np.exp(weights).mean(), abs=6e-4)
    outside = ((weights < -6) | (weights > math.log(1.6))).sum()
    assert (f"({outside} of the 30" in explorer.view.says) == (outside > 0)


@pytest.mark.parametrize(("mu", "sigma"), [(0.5, 0.5), (1.0, 0.1), (0.0, 1.0), (-2.0, 1.2)])
def test_reconstruction_minus_price(mu, sigma):
    explorer = explore.terms(MODEL, X)
    *_, first, paid, level = at(explorer, mu=mu, sigma=sigma)
    explained = over((mu, sigma), lambda z: log_normal(1.0, z * z, 0.3))
    assert first == pytest.approx(explained, abs=0.0051)
    assert paid == pytest.approx(0.5 * (mu**2 + sigma**2 - 1 - math.log(sigma**2)), abs=0.0051)
    assert level == pytest.approx(first - paid, abs=1e-9)
    assert level == pytest.approx(elbo(fold, mu, sigma), abs=0.011)
    above = explained > evidence(fold)
    assert ("above the line" in explorer.view.says) == above == (sigma == 0.1)


@pytest.mark.parametrize("sigma", [0.55, 0.15, 0.01])
def test_joint_plus_entropy(sigma):
    explorer = explore.squeeze(MODEL, X, 0.98)
    found = at(explorer, sigma=sigma)[1:]
    entropy = stats.norm(0.98, sigma).entropy()
    assert found[0] == pytest.approx(over((0.98, sigma), fold), abs=0.0051)
    assert found[1] == pytest.approx(entropy, abs=0.0051)
    assert found[2] == pytest.approx(found[0] + found[1], abs=1e-9)
    assert found[2] == pytest.approx(elbo(fold, 0.98, sigma), abs=0.011)
    assert ("cuts off" in explorer.view.says) == (normal(0, sigma=sigma) > 2.8)


def test_squeezed_only_the_way_so_far_is_drawn():
    explorer = explore.squeeze(MODEL, X, 0.98)
    curves = [artist for artist in explorer.scene.moving if hasattr(artist, "get_xdata")]
    lengths = [len(curve.get_xdata()) for curve in curves if curve.axes is explorer.scene.fig.axes[1]]
    assert max(lengths) > 10  # a piece of each curve to begin with, and no top in it
    for sigma in (0.28, 0.15):
        at(explorer, sigma=sigma)
        reached = [min(curve.get_xdata()) for curve in curves if curve.axes is explorer.scene.fig.axes[1]]
        assert min(reached) == pytest.approx(sigma)


def test_the_climb_is_a_way_up_the_surface_that_is_drawn():
    explorer = explore.climb(MODEL, X, STARTS)
    total = evidence(fold)
    for start, (mu, sigma) in enumerate(STARTS, 1):
        at(explorer, start=start, steps=0)
        assert numbers(explorer.view.says)[:2] == [mu, sigma]
        path = explorer.derive(start, 40)
        assert (np.diff(path["elbo"]) >= 0).all()
        for i in (0, 7, 40):
            wanted = elbo(fold, path["path_mu"][i], path["path_sigma"][i])
            assert path["elbo"][i] == pytest.approx(wanted, rel=1e-8, abs=1e-8)
        found = at(explorer, steps=40)
        ends = explorer.derive(start, 40)["ends_mu"], explorer.derive(start, 39)["ends_mu"]
        assert [len(end) for end in ends] == [start, 0]  # what a later start will do is not given away
        assert ends[0][-1] == path["path_mu"][-1]
        assert found[2] == pytest.approx(path["elbo"][-1], abs=6e-4)
        assert found[2] + found[3] == pytest.approx(found[4], abs=1e-9)
        assert found[4] == pytest.approx(total, abs=6e-4)
    best = optimize.minimize(lambda v: -elbo(fold, v[0], math.exp(v[1])), [1.0, -1.5], method="Nelder-Mead")
    assert explorer.derive(1, 40)["elbo"][-1] == pytest.approx(-best.fun, abs=1e-4)
    assert explorer.derive(3, 40)["elbo"][-1] < -3.6


def test_theta_moves_the_level_and_the_line_and_there_is_a_stretch_where_they_part():
    explorer = explore.theta(X, 0.5, 0.5, 0.3)
    seen = []
    for a in (0.2, 0.4, 0.8, 0.9, 1.0, 1.2, 1.47, 1.6, 2.0):
        slope, level, top, gap = at(explorer, a=a)
        wanted, total = elbo(line(a), 0.5, 0.3), evidence(line(a))
        assert (slope, level, top, gap) == pytest.approx((a, wanted, total, total - wanted), abs=1.1e-3)
        assert level + gap == pytest.approx(top, abs=1e-9)
        seen.append((level, top))
    rises = [(b[0] > a[0], b[1] > a[1]) for a, b in itertools.pairwise(seen)]
    assert rises == 3 * [(True, True)] + 3 * [(True, False)] + 2 * [(False, False)]  # they part from 0.9 to 1.47


def test_the_turns_touch_the_line_and_climb_and_never_lower_it():
    explorer = explore.turns(X, 0.5, 0.3)
    a, last = 0.3, -math.inf
    for turn in range(13):
        slope, level, total, gap = at(explorer, turn=turn)
        if turn % 2:
            posterior = a / (a**2 + 0.25), 0.25 / (a**2 + 0.25)
            best = optimize.minimize_scalar(
                lambda b, q=posterior: -elbo(line(b), q[0], q[1] ** 0.5), bounds=(0.1, 1.5), method="bounded"
            )
            a = best.x
            assert level == pytest.approx(-best.fun, abs=6e-4)
        else:
            assert gap == 0
        assert slope == pytest.approx(a, abs=6e-4)
        assert total == pytest.approx(evidence(line(slope)), abs=1.1e-3)
        assert total >= last
        last = total
    curve = explorer.derive(3)
    assert curve["curve"].max() <= curve["way_levels"][-1] + 1e-9  # the top of the orange curve
    assert curve["done"] == 3
    before = explorer.derive(2)["way_slopes"][-1]
    q = before / (before**2 + 0.25), (0.25 / (before**2 + 0.25)) ** 0.5
    for i in (-1, -4, -8):  # the way goes along this curve
        assert curve["way_levels"][i] == pytest.approx(elbo(line(curve["way_slopes"][i]), *q), abs=1e-8)


def test_best_slope_is_the_top_of_the_level():
    found = explore.best_slope(f64(1.0), f64(0.5), 2 * f64(0.3).log()).item()
    best = optimize.minimize_scalar(lambda a: -elbo(line(a), 0.5, 0.3), bounds=(0.1, 3), method="bounded")
    assert found == pytest.approx(best.x, abs=1e-4)
    assert found == pytest.approx(0.5 / 0.34)


def test_all_minibatches_average_to_the_sum():
    explorer = explore.minibatches(LEVELS)
    for size in range(1, 9):
        every = [8 / size * sum(chosen) for chosen in itertools.combinations(LEVELS.tolist(), size)]
        found = at(explorer, size=size)
        assert found == pytest.approx([min(every), max(every), LEVELS.sum().item()], abs=0.0051)
        assert ("the one possible minibatch" in explorer.view.says) == (size == 8)
        estimates = explore.batch_estimates(LEVELS, size)
        assert sorted(estimates.tolist()) == pytest.approx(sorted(every))
        left, right = explorer.scene.fig.axes[0].get_xlim()
        assert left < estimates.min()
        assert estimates.max() < right
    with refused(TypeError, "elbo.minibatches(levels)", "levels is list"):
        explore.minibatches([1.0, 2.0])


def test_outputs_from_the_prior_and_from_the_guess():
    generated, returned = numbers(repr(explore.outputs(MODEL, 1.0, 0.94, 0.16)))
    assert generated == pytest.approx(math.exp(evidence(fold)), abs=6e-4)
    assert returned == pytest.approx(over((0.94, 0.16), lambda z: normal(1.0, z * z, 0.3)), abs=6e-4)


def test_the_first_picture_says_both_levels():
    assert "−1.780 nats before, and stands at −1.629 after" in repr(explore.two_levels(-1.780, -1.629))


def test_the_price_line_by_line_over_the_prior():
    widget = explore.price_lines()
    widget.shown = 5
    for mu, sigma in [(0.5, 0.5), (2.0, 0.1), (-2.0, 1.2), (0.0, 2.0), (0.0, 1.0)]:
        widget.controls["mu"].value, widget.controls["sigma"].value = mu, sigma
        price = 0.5 * (mu**2 + sigma**2 - 1 - math.log(sigma**2))
        assert widget.found == pytest.approx([price] * 5, abs=1e-8)
        assert "These 5 lines agree" in widget.verdict.value
    assert "over the prior" in widget.view.says


def test_the_stepper_tells_what_the_inequality_gives_up_once_it_is_on_view():
    widget = Derivation(MODEL, X, derivation.elbo_from_jensen)
    said = []
    for shown in (1, 2, 3, 4):
        widget.shown = shown
        said.append(widget.verdict.value)
    assert said[0].strip() == "Line 1 of 4."
    assert "These 2 lines agree" in said[1]
    assert "≥" not in said[1]
    gap = evidence(fold) - elbo(fold, 0.5, 0.5)
    for text in said[2:]:
        assert f"✓ The ≥ gives up {gap:.4f} nats." in text
        assert "✓ Lines 1–2 agree" in text
    assert "✓ Lines 3–4 agree" in said[3]
    assert repr(widget).count("−1.3346") == 2


def test_a_wrong_inequality_is_told():
    lines = derivation.elbo_from_jensen(MODEL, X, f64(0.5), 2 * f64(0.5).log())
    for wrong in (3.0, math.nan):
        object.__setattr__(lines[2], "value", lines[1].value + wrong)
        object.__setattr__(lines[3], "value", lines[1].value + wrong)
        assert "✗ The ≥ is wrong by" in stepper.verdict(lines)
        assert "✓ Lines 1–2 agree" in stepper.verdict(lines)
