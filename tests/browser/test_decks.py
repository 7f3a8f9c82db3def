"""Every deck as it stands on stage: each slide whole at 1280 × 720, its cells run, its widgets alive."""

import json

import pytest

from tests.browser.deck import WINDOW
from tests.browser.hands import drag
from tests.hygiene import all_notebooks
from tests.tools import numbers

pytestmark = [pytest.mark.browser, pytest.mark.long]


@pytest.mark.parametrize("number", [path.name[:2] for path in all_notebooks()])
def test_every_slide_is_whole_and_alive(deck, number):
    faults = deck(number).walk()
    assert not faults, "\n".join(f"{number}, slide {fault}" for fault in faults)


def test_what_does_not_fit_is_seen(deck):
    show = deck("03")
    assert show.faults() == []
    show.page.set_viewport_size({"width": WINDOW["width"], "height": WINDOW["height"] - 40})
    assert show.faults() == []  # all is smaller in a smaller window
    spoil = "document.querySelector('.jp-deck-mod-onscreen .jp-MarkdownOutput').insertAdjacentHTML('beforeend', {})"
    for html, fault in (
        ("<p style='height: 100vh'>long</p>", "below the window"),
        ("<p style='width: 120vw'>wide</p>", "beyond the window"),
        (
            "<div style='width: 3em; overflow: auto'><div style='width: 9em'>long</div></div>",
            "too narrow for what it holds",
        ),
        ("<img src='data:,' alt='nothing'>", "an image does not show: nothing"),
        ("<p role='alert'>Oh.</p>", "an alert: Oh."),
        ("<p style='position: fixed; right: 0; bottom: 0'>in the way</p>", "under the deck's arrows"),
        ("<button>OK</button><p style='position: relative; top: -4em; height: 4em'>.</p>", "can't be pressed"),
    ):
        show.page.evaluate(spoil.format(json.dumps(f"<div class='spoilt'>{html}</div>")))
        assert any(fault in found for found in show.faults()), fault
        show.page.evaluate("document.querySelector('.spoilt').remove()")


def test_a_hand_moves_q_on_its_slide_and_the_line_at_log_p_stays(deck):
    show = deck("04")
    show.walk(until=lambda step: step.text.startswith("explore.level("))
    level = show.page.locator(".jp-deck-mod-onscreen .jp-OutputArea-output:has(figure.vae-picture)")
    said = level.locator("figure.vae-picture img")
    before = numbers(said.get_attribute("alt"))
    levels = {before[2]}
    for share in (0.72, 0.0, 0.3):  # after 0 the thumb is taken from the left end of its way
        drag(show, level, "mean μ of q", share)
        below, gap, total = numbers(said.get_attribute("alt"))[2:]
        assert total == before[4] == -1.3346
        assert below + gap == pytest.approx(total, abs=1e-9)
        levels.add(below)
    assert len(levels) == 4
    # The arrow goes on again once the picture is clicked beside the slider.
    at = show.step().cell
    said.click()
    show.page.keyboard.press("ArrowRight")
    show.until("cell => slide.step().cell !== cell", at)
