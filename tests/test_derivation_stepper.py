"""widgets.derivation: five lines that come one by one, move with q, and agree."""

import math
import re

import pytest
import torch
from scipy import integrate, stats

from tests.tools import log_normal
from vae_helpers.maths import toy
from vae_helpers.widgets import derivation as stepper
from vae_helpers.widgets.derivation import Derivation

MODEL, X = toy.ToyModel("fold", noise=0.3), torch.tensor(1.0)


def kl(mu, sigma):
    def log_joint(z):
        return log_normal(z) + log_normal(1.0, z * z, 0.3)

    q = stats.norm(mu, sigma)
    evidence = integrate.quad(lambda z: math.exp(log_joint(z)), -8, 8, points=(-1, 1), epsabs=1e-13)[0]
    mean = integrate.quad(lambda z: q.pdf(z) * (q.logpdf(z) - log_joint(z)), mu - 12 * sigma, mu + 12 * sigma)[0]
    return mean + math.log(evidence)


def values(widget):
    return [float(re.search(r">([^<]+)</b>", row.value.value)[1]) for row in widget.rows]


def test_it_opens_on_one_line_and_gives_nothing_away():
    widget = Derivation(MODEL, X)
    assert widget.panel.children == widget.rows[:1]
    assert len(widget.rows) == 5
    assert widget.verdict.value.strip() == "Line 1 of 5."


def test_the_buttons_step_and_stop_at_either_end():
    widget = Derivation(MODEL, X)
    for shown in (2, 3, 4, 5, 5):
        widget.next.click()
        assert (widget.shown, widget.panel.children) == (shown, widget.rows[:shown])
        assert f"These {shown} lines agree" in widget.verdict.value
    for shown in (4, 3, 2, 1, 1):
        widget.back.click()
        assert widget.shown == shown
    widget.everything.click()
    assert widget.shown == 5
    assert not any(button.disabled for button in (widget.back, widget.next, widget.everything))  # focus is not lost


@pytest.mark.parametrize(("mu", "sigma"), [(0.5, 0.5), (-2.0, 0.1), (2.0, 1.2), (0.0, 0.47)])
def test_every_line_moves_with_q(mu, sigma):
    widget = Derivation(MODEL, X)
    widget.shown = 5
    widget.controls["mu"].value, widget.controls["sigma"].value = mu, sigma
    assert values(widget) == pytest.approx([kl(mu, sigma)] * 5, abs=6e-5)
    assert "These 5 lines agree" in widget.verdict.value
    assert f"{sigma:.2f}²" in widget.view.says


def test_what_is_known_is_underlined_solid_and_what_is_not_dashed():
    rows = Derivation(MODEL, X).rows
    counts = [(html.count("2px solid"), html.count("2px dashed")) for html in (row.children[1].value for row in rows)]
    assert counts == [(1, 1), (1, 1), (3, 1), (3, 1), (3, 1)]


def test_two_are_independent():
    one, other = Derivation(MODEL, X), Derivation(MODEL, X)
    one.shown = 3
    one.controls["mu"].value = -1.0
    assert other.shown == 1
    assert values(other) == pytest.approx([kl(0.5, 0.5)] * 5, abs=6e-5)


def test_lines_that_part_are_told():
    widget = Derivation(MODEL, X)
    widget.shown = 5
    for wrong in (1e-3, math.nan):
        lines = list(widget.lines_at(0.6, 0.5))
        object.__setattr__(lines[2], "value", lines[2].value + wrong)
        assert "✗" in stepper.verdict(lines)
        assert "✓" not in stepper.verdict(lines)


def test_an_error_leaves_every_line_as_it_was_and_is_shown():
    widget = Derivation(MODEL, X)
    before, at = values(widget), widget.lines_at

    def broken(mu, sigma):
        raise ArithmeticError("too rough to integrate")

    widget.lines_at = broken
    widget.controls["mu"].value = 1.0
    assert widget.view.error == "ArithmeticError: too rough to integrate"
    assert values(widget) == before
    widget.lines_at = at
    widget.controls["mu"].value = -1.0
    assert widget.view.error == ""
    assert values(widget) == pytest.approx([kl(-1.0, 0.5)] * 5, abs=6e-5)


def test_where_nothing_runs_the_lines_are_text():
    widget = Derivation(MODEL, X)
    data, about = widget._repr_mimebundle_()
    text = data["text/markdown"]
    assert text.count("$$") == 10
    assert text.count(f"**{kl(0.5, 0.5):.4f} nats**") == 5
    assert text.startswith("*Run this cell to step through these lines and to move q.*")
    opened, folded = text.split("<details>")  # what comes next is to be asked first
    assert opened.count("$$") == 2
    assert folded.endswith("</details>")
    assert data["text/plain"] == repr(widget)
    assert repr(widget).startswith(f"Derivation in 5 lines, in nats: {kl(0.5, 0.5):.4f}, ")
    assert "image/png" not in data
    assert about == {}
