"""Notebook 03 under a reader's hand: the slider by keyboard, and the five lines that must never part."""

import math
import re

import pytest
import torch
from scipy import integrate

from vae_helpers.maths import toy

pytestmark = [pytest.mark.browser, pytest.mark.long]
NAME = "03_the_kl_divergence.ipynb"
LINES = ".jp-OutputArea-output:has(.vae-line-value)"


@pytest.fixture(scope="module")
def opened(read):
    return read(NAME)


@pytest.fixture(scope="module")
def page(opened):
    return opened.run_all()


@pytest.fixture
def derivation(page):
    return page.page.locator(LINES)


def values(derivation):
    return derivation.locator(".vae-line-value").all_inner_texts()


def expected(mu, sigma):
    """D_KL(N(μ, σ²) ‖ posterior at x = 1) by scipy, from the model's joint density alone."""
    model, x = toy.ToyModel("fold", noise=0.3), torch.tensor(1.0)

    def log_joint(z):
        return model.log_joint(x, torch.tensor(z)).item()

    def log_q(z):
        return -0.5 * ((z - mu) / sigma) ** 2 - math.log(sigma) - 0.5 * math.log(2 * math.pi)

    evidence, _ = integrate.quad(lambda z: math.exp(log_joint(z)), -8, 8, points=(-1, 1))
    mean, _ = integrate.quad(lambda z: math.exp(log_q(z)) * (log_q(z) - log_joint(z)), mu - 12 * sigma, mu + 12 * sigma)
    return math.log(evidence) + mean


def test_before_it_runs_the_page_shows_stills_that_say_what_running_gives(opened):
    opened.page.get_by_text("Run this cell to step through these lines and to move q.").wait_for()
    opened.until("[...document.querySelectorAll('.jp-OutputArea-output img')].filter(e => e.naturalWidth).length > 5")
    assert opened.broken() == []
    assert opened.pictures == []


def test_the_lines_come_one_by_one_and_the_keyboard_stays_on_the_button(page, derivation):
    button = derivation.get_by_role("button", name="Next line")
    button.focus()
    for shown in (2, 3, 4, 5, 5):
        page.page.keyboard.press("Enter" if shown % 2 else "Space")
        page.until("n => document.querySelectorAll('.vae-line-value').length === n", shown)
        assert button.evaluate("e => e === document.activeElement")
    assert "These 5 lines agree" in derivation.inner_text()
    page.until("e => e.querySelectorAll('mjx-container').length > 20", derivation.element_handle())


def test_a_key_on_a_slider_moves_the_picture_and_every_line_and_they_agree(page, derivation):
    picture = derivation.locator("figure.vae-picture")
    derivation.get_by_role("button", name="All lines").click()
    page.until("document.querySelectorAll('.vae-line-value').length === 5")
    before = values(derivation)
    assert before == [f"{expected(0.5, 0.5):.4f}"] * 5

    slider = derivation.get_by_role("slider", name="mean μ of q")
    for key, mu in (("ArrowRight", 0.51), ("ArrowUp", 0.52), ("ArrowLeft", 0.51), ("End", 2.0)):
        sentence = page.press(slider, key, picture)
        assert f"N({mu:.2f}, 0.50²)" in sentence
        assert picture.locator("figcaption").inner_text() == sentence
        target = f"{expected(mu, 0.5):.4f}"
        page.until(
            "text => [...document.querySelectorAll('.vae-line-value')].every(e => e.textContent === text)", target
        )
    assert len(values(derivation)) == 5
    assert "These 5 lines agree" in derivation.inner_text()
    assert set(values(derivation)).isdisjoint(before)


def test_sliders_have_names_and_answer_by_key(page):
    picture = page.pictures[0]
    slider = page.page.get_by_role("slider", name="a value z")
    assert re.match(r"At z = −\d", page.press(slider, "Home", picture))
    assert all(s.get_attribute("aria-valuetext") for s in page.page.get_by_role("slider").all())
    names = page.page.get_by_role("slider", name=re.compile(r"\w")).count()
    assert names == page.page.get_by_role("slider").count() > 8


def test_all_five_lines_and_the_sliders_fit_on_a_slide(page, derivation):
    page.page.set_viewport_size({"width": 1280, "height": 720})
    derivation.get_by_role("button", name="All lines").click()
    page.until("document.querySelectorAll('.vae-line-value').length === 5")
    assert derivation.bounding_box()["height"] < 520  # what a slide has left under its heading and two lines of prose
    right_edges = {round(e.bounding_box()["x"]) for e in derivation.locator(".vae-line-value").all()}
    assert len(right_edges) == 1


def test_every_explorer_moves(page):
    assert page.move_every_explorer()


def test_nothing_broke_on_the_way(page):
    assert page.broken() == []
