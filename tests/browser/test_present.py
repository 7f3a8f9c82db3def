"""make present: a notebook opens straight in its deck, to be shown by keys; its notes are on a page of their own."""

import nbformat
import pytest

pytestmark = pytest.mark.browser


@pytest.fixture
def shown(deck):
    return deck("03")


def test_it_opens_as_slides_by_its_own_address(chromium, stage):
    page = chromium.new_page()
    page.goto(f"{stage.address}?token=a-hand-in-a-real-browser")
    page.locator(".jp-deck-mod-onscreen").first.wait_for()
    assert "/doc/tree/03_the_kl_divergence.ipynb" in page.url
    page.close()


def test_no_chrome_and_big_type(shown):
    page = shown.page
    for chrome in ("#jp-top-panel", "#jp-menu-panel", ".jp-SideBar", ".lm-TabBar", ".jp-NotebookPanel-toolbar",
                   ".jp-InputPrompt", ".jp-Collapser", "#jp-main-statusbar"):  # fmt: skip
        assert page.locator(chrome).filter(visible=True).count() == 0, chrome
    for width, height, scale in ((1280, 720, 1), (1920, 1080, 1.5), (1024, 768, 0.8)):
        page.set_viewport_size({"width": width, "height": height})
        prose = page.locator(".jp-deck-mod-onscreen p")
        sizes = prose.evaluate_all("all => all.map(e => parseFloat(getComputedStyle(e).fontSize))")
        assert min(sizes) >= 19 * scale


def test_keys_go_on_and_back_and_run_a_cell_without_leaving_it(shown):
    for key, back in (("ArrowRight", "ArrowLeft"), ("ArrowDown", "ArrowUp"), ("PageDown", "PageUp")):
        shown.page.keyboard.press(key)
        shown.until("slide.step().cell === 1")
        shown.page.keyboard.press(back)
        shown.until("slide.step().cell === 0")
    while not shown.step().code:
        shown.on()
    here = shown.step()
    shown.run()
    assert shown.step() == here
    slide = here.slide
    while shown.step().slide == slide:  # and on to another slide, where no cell has the keyboard yet
        assert shown.on()


def test_the_arrows_of_the_deck_go_on_too_and_leave_the_keys_alive(shown):
    shown.page.locator(".jp-deck-mod-direction-forward").click()
    shown.until("slide.step().cell === 1")
    assert shown.on()


def test_what_is_shown_is_a_copy_without_notes(shown, stage):
    copy = nbformat.read(stage.copies / "03_the_kl_divergence.ipynb", as_version=4)
    assert not any("For whoever presents" in cell.source for cell in copy.cells)
    hidden = [cell for cell in copy.cells if cell.metadata.get("jupyter", {}).get("source_hidden")]
    assert hidden
    assert all("backstage" in cell.metadata.tags for cell in hidden)
    assert shown.page.locator(".jp-Cell:not(.jp-mod-rendered) .jp-InputPlaceholder").count() == len(hidden)


def test_the_notes_are_on_a_page_of_their_own(chromium, stage):
    page = chromium.new_page()
    page.goto(stage.notes)
    assert "The KL divergence" in page.title()
    assert page.locator("li").count() > 20
    assert page.locator("li", has_text="Ask for the other one").count() == 1  # the first note of the page
    page.close()
