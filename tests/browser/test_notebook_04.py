"""Notebook 04 under a reader's hand: q is dragged, the level moves, and the line at log p(x) does not."""

import re

import pytest

from tests.browser.hands import drag
from tests.tools import numbers
from vae_helpers.figures import style

pytestmark = [pytest.mark.browser, pytest.mark.long]
NAME = "04_the_elbo.ipynb"
# The rows of the picture's right half that hold more than 100 pixels of a colour: where a long line stands.
ROWS = """
([image, colour]) => {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  const half = Math.floor(canvas.width / 2), wanted = [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16));
  const { data, width } = context.getImageData(half, 0, canvas.width - half, canvas.height);
  const counts = new Array(canvas.height).fill(0);
  for (let i = 0; i < data.length; i += 4)
    if (wanted.every((value, c) => Math.abs(data[i + c] - value) < 5)) counts[Math.floor(i / 4 / width)]++;
  return counts.flatMap((count, row) => (count > 100 ? [row] : []));
}
"""


@pytest.fixture(scope="module")
def page(read):
    return read(NAME).run_all()


@pytest.fixture
def level(page):
    return page.page.locator(".jp-OutputArea-output:has(figure.vae-picture img[alt*='the level L stands'])")


def seen(level):
    """Sentence, rows of the dashed line, rows of the level, all as the browser shows them."""
    image = level.locator("figure.vae-picture img")
    handle = image.element_handle()
    rows = [tuple(image.page.evaluate(ROWS, [handle, colour])) for colour in (style.EVIDENCE, style.Q)]
    return image.get_attribute("alt"), *rows


def test_the_line_at_log_p_does_not_move_while_q_is_dragged(page, level):
    first, line, at = seen(level)
    assert 0 < len(line) < 10
    assert at
    levels = {numbers(first)[2]}
    for name, share in (("mean μ of q", 0.72), ("spread σ of q", 0.06), ("mean μ of q", 0.4), ("spread σ of q", 0.45)):
        drag(page, level, name, share)
        sentence, line_now, at_now = seen(level)
        below, gap, total = numbers(sentence)[2:]
        assert line_now == line
        assert total == numbers(first)[4] == -1.3346
        assert below + gap == pytest.approx(total, abs=1e-9)
        assert gap > 0
        assert at_now != at
        at = at_now
        levels.add(below)
    assert len(levels) == 5


def test_the_keys_lift_the_level_to_its_end_and_never_through_the_line(page, level):
    slider, picture = level.get_by_role("slider", name="mean μ of q"), level.locator("figure.vae-picture")
    for key in ("Home", "End"):
        sentence = page.press(slider, key, picture)
        assert "(below the picture)" in sentence
        assert numbers(sentence)[4] == -1.3346


def test_all_lines_of_a_route_come_agree_and_fit_on_a_slide(page):
    page.page.set_viewport_size({"width": 1280, "height": 720})
    steppers = page.page.locator(".jp-OutputArea-output:has(.vae-line-value)").all()
    assert len(steppers) == 3
    said = []
    for stepper, lines in zip(steppers, (5, 4, 5), strict=True):
        assert stepper.locator(".vae-line-value").count() == 1
        stepper.get_by_role("button", name="All lines").click()
        page.until("([e, n]) => e.querySelectorAll('.vae-line-value').length === n", [stepper.element_handle(), lines])
        page.until("e => e.querySelectorAll('mjx-container').length > 8", stepper.element_handle())
        assert (
            stepper.bounding_box()["height"] < 520
        )  # what a slide has left under its heading and three lines of prose
        unseen = stepper.locator("mjx-assistive-mml")
        assert unseen.count() > 8
        assert unseen.evaluate_all("all => all.every((copy) => copy.offsetWidth <= 1)")  # no row scrolls for its sake
        said.append(stepper.inner_text())
    assert "These 5 lines agree" in said[0]
    assert re.search(r"Lines 1–2 agree.*The ≥ gives up 2\.2957 nats.*Lines 3–4 agree", said[1].replace("\n", " "))
    assert "These 5 lines agree" in said[2]


def test_every_explorer_moves(page):
    assert page.move_every_explorer()


def test_nothing_broke_on_the_way(page):
    assert page.broken() == []
