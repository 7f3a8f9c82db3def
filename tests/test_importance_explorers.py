"""figures.importance and widgets.importance: the repair over dimensions, five proposals, the estimate that deceives."""

import math

import numpy as np
import pytest
import torch

from tests.tools import f64
from vae_helpers.figures import importance as pictures
from vae_helpers.maths import importance
from vae_helpers.maths.toy import LinearGaussian, ToyModel
from vae_helpers.widgets import importance as sampling

FOLD, TWO = ToyModel("fold", 0.3), 2.0
NAMED = sampling.candidates(FOLD, TWO)


@pytest.mark.parametrize(
    ("value", "said"),
    [(math.inf, "infinite"), (0.0, "0"), (1e-12, "0"), (0.0502, "0.05"), (75.1, "75"), (3.35e7, "3.4 × 10⁷"),
     (5786.0, "5.8 × 10³"), (0.0012, "1.2 × 10⁻³")],
)  # fmt: skip
def test_rough_numbers(value, said):
    assert pictures.rough(value) == said


@pytest.mark.parametrize(("dim", "width"), [(1, 0.5), (5, 1.2), (20, 2.0), (20, 0.75), (10, 1.0)])
def test_the_repair_says_its_medians_and_what_is_on_paper(dim, width):
    explorer = sampling.repair()
    explorer.controls["dim"].value, explorer.controls["width"].value = dim, width
    assert explorer.view.error == ""
    model, x = LinearGaussian(dim), torch.ones(dim).double()
    base = width**2 / math.sqrt(2 * width**2 - 1) if 2 * width**2 > 1 else math.inf
    on_paper = [pictures.rough(float(value)) for value in (model.relative_variance(x), base**dim - 1)]
    says = explorer.view.says
    assert says.startswith(f"D = {dim}, q {width:.2f} times as wide as the posterior. Half of the 40 estimates are off")
    assert f"on paper: {on_paper[0]} (prior), {on_paper[1]} (q" in says
    beyond = ", above the picture)." if base == math.inf else ", below the picture)." if base == 1 else "(q)."
    assert says.endswith(beyond)

    proposal = sampling.widened(model, x, width)
    for q, name in ((importance.standard(dim), "(prior"), (proposal, "(q)")):
        draws = q.sample(40_000, torch.Generator().manual_seed(dim))
        weights = (model.log_joint(x, draws) - q.log_prob(draws)).reshape(40, 1000)
        errors = torch.logsumexp(weights, -1) - math.log(1000) - model.log_evidence(x)
        assert f"{np.median(errors.abs().numpy()):.3f} {'nats ' if name == '(prior' else ''}{name}" in says


def test_the_repair_is_drawn_where_it_is_said():
    explorer = sampling.repair()
    explorer.controls["dim"].value = 20
    naive, sharp = (line for line in explorer.scene.fig.axes[0].lines if line.get_label().startswith("draws"))
    assert naive.get_xdata().min() >= pictures.LOWEST
    assert len(naive.get_xdata()) == len(sharp.get_xdata()) == 40
    assert abs(sharp.get_xdata()).max() < 0.3
    assert np.median(naive.get_xdata()) < -3
    if (naive.get_xdata() == pictures.LOWEST).any():
        assert "of them beyond the edge" in explorer.view.says


def test_the_repair_draws_only_the_dimensions_that_were_reached():
    explorer = sampling.repair()
    for dim in (1, 10, 20):
        explorer.controls["dim"].value = dim
        lines = explorer.scene.fig.axes[1].lines
        assert [len(line.get_xdata()) for line in lines] == [dim, dim, 1, 1]
        for curve, end in zip(lines[:2], lines[2:], strict=True):
            assert (end.get_xdata()[0], end.get_ydata()[0]) == (dim, curve.get_ydata()[-1])
            assert end.get_color() == curve.get_color()


def test_candidates_are_where_the_posterior_is():
    assert list(NAMED) == ["prior", "one wide bell", "one peak", "two peaks", "two peaks, 10 % prior"]
    assert NAMED["one peak"].mu.item() == pytest.approx(1.38528, abs=1e-5)
    assert (0.5 * NAMED["one peak"].logvar).exp().item() == pytest.approx(1.2 * 0.1099205, abs=1e-6)
    assert (0.5 * NAMED["one wide bell"].logvar).exp().item() == pytest.approx(1.389632, abs=1e-5)
    assert NAMED["two peaks, 10 % prior"].shares == (0.45, 0.45, 0.1)


def test_proposals_say_where_each_is_highest():
    says = sampling.proposals(FOLD, TWO, NAMED).says
    assert says.startswith("The posterior peaks at z = ±1.40. Over it 5 proposals: prior, highest at z = 0.00; ")
    assert "one peak, highest at z = 1.39; two peaks, highest at z = ±1.39;" in says
    left = {"left": importance.bell(-1.39, 0.13)}
    assert sampling.proposals(FOLD, TWO, left).says.endswith("Over it 1 proposal: left, highest at z = −1.39.")


@pytest.mark.parametrize(("percent", "again"), [(0, 1), (0.03, 3), (10, 2), (100, 20)])
def test_the_running_estimate_says_where_it_ends(percent, again):
    explorer = sampling.running(FOLD, TWO, NAMED["one peak"], n=20_000)
    explorer.controls["percent"].value, explorer.controls["again"].value = percent, again
    assert explorer.view.error == ""
    share = percent / 100
    q = importance.Mixture((NAMED["one peak"], importance.standard(1)), (1 - share, share))
    found = importance.estimate(importance.of_toy(FOLD, f64(TWO), q, 20_000, seed=again))
    ratio = (found.log_evidence - FOLD.log_evidence(f64(TWO))).exp().item()
    says = explorer.view.says
    assert says.startswith(
        f"{percent:g} % of the draws come from the prior. After 20000 draws the estimate is {ratio:.2f}"
    )
    assert says.endswith(f"It reports an error of {100 * found.relative_error.item():.1f} %.")


def test_one_peak_alone_settles_at_one_half():
    explorer = sampling.running(FOLD, TWO, NAMED["one peak"])
    (line,) = (line for line in explorer.scene.fig.axes[1].lines if line.get_label().startswith("estimate"))
    assert abs(line.get_ydata()[-50:] - 0.5).max() < 0.01
    assert "−0.69 nats" in explorer.view.says


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(ArithmeticError, match="not apart at z = 0"):
        sampling.candidates(FOLD, 0.5)
