"""figures.bowls, figures.bayes and widgets.bayes: counted bowls, the five curves, the plane read two ways."""

import math
from fractions import Fraction

import numpy as np
import pytest
from matplotlib.patches import StepPatch
from scipy import integrate

from tests.tools import normal
from vae_helpers.figures import bayes as pictures
from vae_helpers.figures import bowls
from vae_helpers.maths.toy import ToyModel
from vae_helpers.widgets import bayes

FOLD = ToyModel("fold", 0.3)


def moved(explorer, **values):
    """The sentence after a hand has set these sliders; the picture must have changed with it."""
    before = explorer.view.png
    for name, value in values.items():
        explorer.controls[name].value = value
    assert explorer.view.error == ""
    assert explorer.view.png != before
    return explorer.view.says


# ---- two bowls ----


@pytest.mark.parametrize(("faces", "chosen"), [(1, "2 to 6"), (4, "5 to 6"), (5, "6")])
def test_the_bowls_say_which_faces_choose_them(faces, chosen):
    says = bowls.bowls(faces, 3, 9).says
    assert says.startswith(f"The die shows {'1' if faces == 1 else f'1 to {faces}'}: the left bowl, 3 black")
    assert f"It shows {chosen}: the right bowl, 9 black of 10." in says


@pytest.mark.parametrize("faces", [1, 3, 5])
@pytest.mark.parametrize(("left", "right"), [(0, 1), (3, 9), (10, 10), (10, 1)])
def test_the_table_counts_every_game(faces, left, right):
    explorer = bayes.games_table()
    for name, value in (("faces", faces), ("black_left", left), ("black_right", right)):
        explorer.controls[name].value = value
    prior = Fraction(faces, 6)
    joint = prior * Fraction(left, 10), (1 - prior) * Fraction(right, 10)
    share = 100 * float(joint[0] / sum(joint))
    assert f"Of 60 games {60 * sum(joint)} give a black ball: {60 * joint[0]} from the left bowl" in explorer.view.says
    assert f"had {100 * float(prior):.1f} % before" in explorer.view.says
    assert f"{60 * joint[0]}/{60 * sum(joint)} = {share:.1f} % after" in explorer.view.says


def test_the_bars_are_as_long_as_the_sentence_says():
    scene = bowls.table()
    scene.picture(faces_left=5, black_left=3, black_right=9)
    before, _, after, right = [
        bar for bar in scene.moving if hasattr(bar, "set_hatch") and bar in scene.fig.axes[1].patches
    ]
    assert before.get_width() == pytest.approx(5 / 6)
    assert after.get_width() == pytest.approx(15 / 24)
    assert (right.get_x(), right.get_width()) == pytest.approx((15 / 24, 9 / 24))


# ---- a row of bowls ----


@pytest.mark.parametrize("count", [7, 9, 97])
def test_a_row_of_bowls_sums_what_it_says(count):
    explorer = bayes.row_of_bowls(FOLD, 1.0)
    explorer.controls["bowls"].value = count
    z = np.linspace(-3, 3, count)
    evidence = (normal(z) * normal(1, z**2, 0.3)).sum() * 6 / (count - 1)
    assert explorer.view.says.startswith(f"{count} bowls, {6 / (count - 1):.3f} apart")
    assert f"p(x) ≈ {evidence:.3f}" in explorer.view.says
    assert f"about {100 * evidence:.1f} of 1000 games" in explorer.view.says


def test_a_row_with_one_fullest_bowl_says_one():
    says = bayes.row_of_bowls(FOLD, -0.5).view.says
    assert says.endswith("most of them come from z = 0.00.")


# ---- five curves ----


@pytest.mark.parametrize(("x", "noise"), [(-0.5, 0.25), (0.25, 0.3), (2.5, 0.25), (2.5, 1.0), (-0.5, 1.0)])
def test_the_five_curves_say_areas_mean_spread_and_peaks(x, noise):
    explorer = bayes.five_curves("fold")
    says = moved(explorer, x=x, noise=noise)

    def integral(f):
        return sum(integrate.quad(f, a, b, limit=200)[0] for a, b in ((-8, -1), (-1, 0), (0, 1), (1, 8)))

    def joint(z):
        return normal(z) * normal(x, z * z, noise)

    evidence, area = integral(joint), integral(lambda z: normal(x, z * z, noise))
    spread, inside = math.sqrt(integral(lambda z: z * z * joint(z)) / evidence), x - noise**2 / 2
    peaks = (
        f"2 peaks at z = −{math.sqrt(inside):.2f} and {math.sqrt(inside):.2f}" if inside > 0 else "1 peak at z = 0.00"
    )
    assert f"under the likelihood is {area:.2f};" in says
    assert f"the evidence, {evidence:.3f};" in says
    assert f"mean 0.00, spread {spread:.2f}, {peaks}." in says


def test_nothing_leaves_the_five_pictures():
    explorer = bayes.five_curves("fold")
    for x in (-0.5, 0.2, 2.5):
        for noise in (0.25, 1.0):
            explorer.controls["x"].value, explorer.controls["noise"].value = x, noise
            for axes in explorer.scene.fig.axes:
                for line in axes.lines:
                    heights = np.asarray(line.get_ydata())
                    assert not len(heights) or heights.max() <= axes.get_ylim()[1], (x, noise, line.get_label())


def test_a_wave_has_a_likelihood_of_infinite_area():
    explorer = bayes.five_curves("wave", low=-1.5, high=1.5)
    says = moved(explorer, x=0.5)
    assert "under the likelihood is infinite;" in says
    assert "5 peaks at z = −1.89, −1.21, 0.17, 0.86 and 2.24." in says  # those that can be seen


def test_the_area_that_is_shaded_is_the_joint():
    given = []
    explorer = bayes.five_curves("fold")
    explorer.scene._move = lambda **data: given.append(data) or "said."
    explorer.controls["x"].value = 0.25
    (data,) = given
    joint = np.exp(FOLD.log_joint(bayes.f64(0.25), bayes.GRID).numpy())
    assert np.allclose(np.exp(data["log_likelihood"]) * normal(bayes.GRID.numpy()), joint)
    assert np.trapezoid(joint, bayes.GRID.numpy()) == pytest.approx(data["at"], abs=1e-6)
    assert np.trapezoid(data["p"], bayes.GRID.numpy()) == pytest.approx(1, abs=1e-6)
    assert pictures.style.JOINT != pictures.style.POSTERIOR


# ---- the plane ----


def test_rows_and_columns_are_counted_and_read():
    explorer = bayes.read_off(FOLD, games=20_000)
    z, x = FOLD.sample(20_000, bayes.torch.Generator().manual_seed(0))
    assert explorer.controls["z"].max ** 2 < 2.5  # what the decoder reads has its middle in the picture
    for at_x, at_z in ((-0.4, -1.5), (1.0, 0.5), (2.4, 1.5)):
        says = moved(explorer, x=at_x, z=at_z)
        assert f"Row x = {at_x:.2f}".replace("-", "−") + f": {((x - at_x).abs() < 0.05).sum()} of 20000 games" in says
        assert f"Column z = {at_z:.2f}".replace("-", "−") + f": {((z - at_z).abs() < 0.05).sum()} games" in says
        assert f"reads p(x|z), mean {at_z**2:.2f}, spread 0.30" in says
        assert ("(partly outside the picture)" in says) == (at_z**2 + 0.6 > 2.5)


def test_no_bar_leaves_its_picture():
    explorer = bayes.read_off(FOLD)
    row, column = (artist for artist in explorer.scene.moving if isinstance(artist, StepPatch))
    for name, bars, top in (("x", row, row.axes.get_ylim()[1]), ("z", column, column.axes.get_xlim()[1])):
        control = explorer.controls[name]
        for value in np.arange(control.min, control.max, 0.1):
            control.value = value
            assert bars.get_data().values.max() <= top, (name, value)


def test_the_counted_games_are_a_density():
    drawn = [artist for artist in bayes.read_off(FOLD).scene.moving if isinstance(artist, StepPatch)]
    assert len(drawn) == 2
    for data in (stairs.get_data() for stairs in drawn):
        assert (data.values * np.diff(data.edges)).sum() == pytest.approx(1, abs=0.02)


# ---- the first guess ----


def test_the_first_guess_opens_at_the_prior_and_says_phi():
    explorer = bayes.first_guess(FOLD, 1.0)
    assert explorer.view.says.startswith("The guess φ = (μ, log σ) = (0.00, 0.00) says q = N(0.00, 1.00²)")
    (axes,) = explorer.scene.fig.axes
    (bell,) = [line for line in axes.lines if line.get_label().startswith("guess")]
    for mu, log_sigma in ((-2.0, -2.3), (0.0, -1.8), (2.0, 0.5)):
        says = moved(explorer, mu=mu, log_sigma=log_sigma)
        assert f"mean {mu:.2f}".replace("-", "−") + f" and spread {math.exp(log_sigma):.2f}" in says
        assert says.endswith("(the picture cuts off the top of q).") == (bell.get_ydata().max() > axes.get_ylim()[1])
    assert axes.get_ylim()[1] > 2 * FOLD.log_posterior(bayes.GRID, bayes.f64(1.0)).exp().max()


def test_bad_sliders_show_an_error_and_keep_the_picture():
    with pytest.raises(ValueError, match="f is one of"):
        bayes.five_curves("zigzag")
    with pytest.raises(ArithmeticError):
        bayes.first_guess(FOLD, 500.0)
