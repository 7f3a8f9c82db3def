"""What can happen to an explorer in JupyterLab: errors, a busy kernel, a cell run again, an output that goes away."""

import pytest

pytestmark = pytest.mark.browser
EXPLORER = """
from vae_helpers.figures import style
from vae_helpers.figures.picture import Scene
from vae_helpers.widgets.explorer import Explorer, slider

def explorer(label):
    fig, axes = style.panels(width=3, height=2)
    axes.set(xlim=(0, 1), ylim=(0, 1))
    (dot,) = axes.plot([], [], "o")
    def move(x):
        dot.set_data([x], [x])
        return f"A dot at {x:.2f} on the diagonal."
    def derive(x):
        if 0.5 < x < 0.9:
            raise ArithmeticError("between 0.5 and 0.9 nobody knows")
        return {"x": x}
    return Explorer(Scene(fig, [dot], move), derive, x=slider(label, 0.2, 0, 1))
"""
# Every other time it takes long.
LONG_CELL = "import time; seconds = 6 - globals().get('seconds', 6); time.sleep(seconds)"
COUNT_URLS = """
window.urls = new Set();
const {createObjectURL, revokeObjectURL} = URL;
URL.createObjectURL = (blob) => { const url = createObjectURL(blob); window.urls.add(url); return url; };
URL.revokeObjectURL = (url) => { window.urls.delete(url); revokeObjectURL(url); };
"""


@pytest.fixture(scope="module")
def page(read):
    cells = [EXPLORER, "explorer('one')", "explorer('two')", "explorer('never touched')", LONG_CELL]
    return read("explorers.ipynb", *cells, script=COUNT_URLS).run_all()


def parts(page, label):
    slider = page.page.get_by_role("slider", name=label, exact=True)
    order = ["one", "two", "never touched"]
    return slider, page.page.locator("figure.vae-picture").filter(visible=True).nth(order.index(label))


def test_the_keys_of_a_slider_move_its_own_picture(page):
    slider, picture = parts(page, "one")
    for key, sentence in {
        "ArrowRight": "0.21", "ArrowUp": "0.22", "ArrowLeft": "0.21", "ArrowDown": "0.20",
        "PageDown": "0.10", "Home": "0.00", "End": "1.00",
    }.items():  # fmt: skip
        assert page.press(slider, key, picture) == f"A dot at {sentence} on the diagonal."
    assert slider.get_attribute("aria-valuetext") == "1.00"
    assert slider.evaluate("e => e === document.activeElement")
    _, other = parts(page, "two")
    assert other.locator("img").get_attribute("alt") == "A dot at 0.20 on the diagonal."


def test_the_sentence_is_spoken_when_the_hand_rests(page):
    slider, picture = parts(page, "one")
    sentence = page.press(slider, "ArrowLeft", picture)
    page.until("([e, text]) => e.textContent === text", [picture.get_by_role("status").element_handle(), sentence])


def test_an_error_is_an_alert_under_the_last_good_picture_until_the_next_good_value(page):
    slider, picture = parts(page, "two")
    image, alert = picture.locator("img"), picture.locator("[role=alert]")
    before = image.get_attribute("src")
    slider.fill("0.7")
    alert.wait_for(state="visible")
    assert alert.inner_text() == "ArithmeticError: between 0.5 and 0.9 nobody knows"
    assert image.get_attribute("src") == before
    assert image.get_attribute("alt") == "A dot at 0.20 on the diagonal."
    assert page.press(slider, "End", picture) == "A dot at 1.00 on the diagonal."
    alert.wait_for(state="hidden")


def test_a_picture_follows_while_a_long_cell_runs(page):
    slider, picture = parts(page, "never touched")  # the thread that made it is the busy one
    page.run_cell(-1)
    star = page.cell(-1).locator(".jp-InputPrompt", has_text="[*]")
    star.wait_for()
    for key in ("Home", "ArrowRight", "ArrowRight"):
        sentence = page.press(slider, key, picture)
    assert sentence == "A dot at 0.02 on the diagonal."
    box = slider.bounding_box()
    page.page.mouse.move(box["x"] + 2, box["y"] + box["height"] / 2)
    page.page.mouse.down()
    for step in range(40):  # a drag: faster than the kernel draws
        page.page.mouse.move(box["x"] + 2 + step * box["width"] / 100, box["y"] + box["height"] / 2)
    page.page.mouse.up()
    last = f"A dot at {float(slider.input_value()):.2f} on the diagonal."
    page.until("([e, text]) => e.alt === text", [picture.locator("img").element_handle(), last])
    assert star.is_visible()
    star.wait_for(state="detached")
    assert page.broken() == []


def test_a_cell_run_again_leaves_nothing_of_its_first_picture(page):
    assert page.page.evaluate("window.urls.size") == len(page.pictures) == 3
    page.run_cell(1)
    page.until("document.querySelector('figure.vae-picture img').alt.includes('0.20')")
    slider, picture = parts(page, "one")
    page.until("document.querySelectorAll('figure.vae-picture').length === 3 && window.urls.size === 3")
    assert page.press(slider, "End", picture) == "A dot at 1.00 on the diagonal."
    page.menu("Edit", "Clear Outputs of All Cells")
    page.until("document.querySelectorAll('figure.vae-picture').length === 0 && window.urls.size === 0")
    assert page.broken() == []


def test_a_page_opened_again_finds_its_explorers(page):
    page.run_all()
    page.page.keyboard.press("Control+s")
    page.until("!document.querySelector('.jp-mod-dirty')")
    page.page.reload()
    page.until("document.querySelectorAll('figure.vae-picture img[alt]').length === 3")
    slider, picture = parts(page, "two")
    assert page.press(slider, "End", picture) == "A dot at 1.00 on the diagonal."
    assert page.broken() == []
