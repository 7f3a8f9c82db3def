"""The draw pad under a hand: in JupyterLab, where Python follows it, and on a page without a kernel."""

import ast
import functools
import http.server
import itertools
import os
import random
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import torch
from nbformat import v4, write

from tests import hygiene
from tests.browser.test_latent_pad import COUNT, FRAME, PIXELS, Quiet, close
from vae_helpers.learning import data, ink, weights
from vae_helpers.widgets import draw_pad

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif("VAE_CI" not in os.environ, reason="no page shows the pad yet; VAE_CI=1 asks for these tests"),
]
ROOT = Path(__file__).parents[2]
MAKE = """
from vae_helpers.learning import data, weights
from vae_helpers.widgets import draw_pad
"""
PADS = [
    "both = draw_pad.stored('mnist-2d')\nboth",
    "small = draw_pad.of(weights.load('digits-2d'), data.load('digits'), box=1.0)\nsmall",
]
SAY = """[dict(strokes=each.draw.strokes, z=each.pad.z, q=each.pad.q, near=each.draw.drawn and each.draw.nearest,
image=(255 * each.draw.image).round().int().tolist()) for each in (both, small)]"""

# A hand that is not the one of the examples: corners where they have curves, other proportions and directions.
HAND = {
    0: ["48 20, 60 22, 72 34, 74 55, 66 72, 50 78, 36 72, 28 52, 32 34, 46 20"],
    1: ["42 10, 46 50, 49 92"],
    2: ["24 34, 34 20, 54 16, 68 28, 64 44, 44 62, 26 80, 48 78, 80 78"],
    3: ["28 16, 50 10, 68 20, 64 36, 44 46, 66 54, 70 74, 52 88, 26 84"],
    4: ["26 10, 22 56, 76 54", "64 8, 60 92"],
    5: ["74 12, 40 12, 34 44, 56 42, 70 58, 66 80, 46 90, 26 84"],
    6: ["58 8, 40 34, 30 62, 36 84, 56 90, 68 76, 60 60, 40 62, 32 74"],
    7: ["22 20, 76 18, 60 50, 48 90"],
    8: ["68 26, 52 10, 32 20, 38 38, 62 54, 70 74, 52 90, 32 80, 36 62, 62 42, 68 26"],
    9: ["70 26, 52 10, 34 24, 40 44, 60 44, 70 26, 66 58, 62 92"],
}


def strokes_of(digit):
    return [[tuple(int(number) / 100 for number in point.split()) for point in line.split(",")] for line in HAND[digit]]


class Pad:
    """One draw pad on a page, and a hand on it."""

    def __init__(self, page, number):
        self.page = page
        self.frame = page.locator(".vae-pad-draw").nth(number)
        self.paper, self.seen, self.decoded, self.lens = (
            self.frame.locator(f"canvas.vae-pad-{name}") for name in ("paper", "seen", "decoded", "lens")
        )
        self.plane = page.locator("canvas.vae-pad-plane").nth(number)

    def numbers(self, name):
        self.page.evaluate(FRAME)
        return [float(value) for value in self.paper.get_attribute(f"data-{name}").split(",") if value]

    @property
    def image(self):
        """The grey values that the network sees: on white paper 255 less what is drawn."""
        self.page.evaluate(FRAME)
        return [255 - value for value in self.seen.evaluate(PIXELS)]

    @property
    def near(self):
        self.page.evaluate(FRAME)
        found = re.search(r"nearest: (.+)", self.frame.locator(".vae-pad-words").inner_text())
        return found[1].split(", ") if found else []

    def draw(self, strokes, steps=5):
        """Draw with the mouse: press at the first point of each stroke, move along, release at the last."""
        self.paper.scroll_into_view_if_needed()
        box = self.paper.bounding_box()
        for stroke in strokes:
            for number, (x, y) in enumerate(stroke):
                self.page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=steps)
                if number == 0:
                    self.page.mouse.down()
            self.page.mouse.up()

    def press(self, name):
        self.frame.get_by_role("button", name=name, exact=True).click()


# ---- in JupyterLab ----


@pytest.fixture(scope="module")
def page(lab, read):
    cells = [v4.new_code_cell(cell) for cell in [MAKE, *PADS, "'asked below'"]]
    write(hygiene.normalise(v4.new_notebook(cells=cells)), lab.notebooks / "draw.ipynb")
    page = read("draw.ipynb").run_all()
    page.until("document.querySelectorAll('.vae-pad-paper[data-mu]').length === 2")
    page.until("document.querySelectorAll('.vae-pad-loads button').length === 20")
    return page


@pytest.fixture
def pads(page):
    return [Pad(page.page, number) for number in range(2)]


def ask(page, code="pass", number=itertools.count(1)):  # noqa: B008
    """Run `code` in the notebook's last cell, and return what Python then says of the pads."""
    now = next(number)
    cell = page.page.locator(".jp-CodeCell").nth(3)
    cell.locator(".cm-content").click()
    page.page.keyboard.press("Control+a")
    page.page.keyboard.insert_text(f"{code}\n{now}, {SAY}")
    page.page.keyboard.press("Control+Enter")
    output = cell.locator(".jp-OutputArea-output", has_text=f"({now},")
    output.wait_for()
    return ast.literal_eval(output.inner_text())[1]


def test_what_a_pointer_draws_is_in_python_and_on_the_latent_pad(page, pads):
    pad, small = pads
    plane = pad.plane.evaluate(PIXELS)
    pad.draw(strokes_of(0))
    assert pad.near == ["0"] * 5
    assert pad.plane.evaluate(PIXELS) != plane
    both, other = ask(page)
    assert len(both["strokes"]) == 1
    assert both["image"] == pad.image  # the same numbers, all 784
    assert both["near"] == pad.near
    assert (both["z"], both["q"]) == (pad.numbers("mu"), [pad.numbers("mu"), pad.numbers("sigma")])
    assert other["strokes"] == []
    assert small.numbers("mu") == []
    status = pad.frame.get_by_role("status").element_handle()
    page.until("e => e.textContent.startsWith('q(z|x): μ = (') && e.textContent.includes('nearest: 0')", status)
    assert page.broken() == []


def test_every_function_by_keyboard(page, pads):
    pad = pads[0]
    ask(page, "both.draw.clear()")
    pad.paper.focus()
    page.page.keyboard.press("1")
    assert pad.near == ["1"] * 5
    assert pad.paper.evaluate("e => e === document.activeElement && e.matches(':focus-visible')")
    assert ask(page)[0]["strokes"] == ink.EXAMPLES[1]
    pad.paper.focus()
    for key, wanted in (
        ("6", "6"),
        ("Backspace", "1"),
        ("0", "0"),
        ("Control+z", "1"),
        ("Delete", ""),
        ("Control+z", "1"),
    ):
        page.page.keyboard.press(key)
        assert pad.near == [wanted] * 5 * bool(wanted)
    page.page.keyboard.press("Tab")  # Undo
    page.page.keyboard.press("Tab")
    page.page.keyboard.press("Enter")  # Clear
    assert pad.near == []
    assert pad.numbers("mu") == []
    page.page.keyboard.press("Tab")
    page.page.keyboard.press("Enter")  # the example 0, and the focus has not been lost
    assert pad.near == ["0"] * 5
    both, _ = ask(page)
    assert both["strokes"] == ink.EXAMPLES[0]
    assert both["q"][0] == both["z"]
    assert page.broken() == []


def test_python_draws_and_the_browser_follows(page, pads):
    pad = pads[0]
    both, _ = ask(page, "both.draw.strokes = [[[0.5, 0.1], [0.48, 0.9]]]")
    assert pad.near == both["near"] == ["1"] * 5
    assert pad.image == both["image"]
    assert close(pad.numbers("mu"), both["z"], 1e-4)
    both, _ = ask(page, "import torch; both.draw.image = torch.ones(784) / 2")
    assert pad.image == both["image"] == [128] * 784
    pad.press("Undo")
    assert pad.near == ["1"] * 5
    assert ask(page)[0]["strokes"] == [[[0.5, 0.1], [0.48, 0.9]]]
    assert ask(page, "both.draw.clear()")[0]["q"] is None
    assert pad.numbers("mu") == []


def test_with_the_data_at_hand_the_real_images_are_shown(page, pads):
    small = pads[1]
    small.paper.focus()
    page.page.keyboard.press("4")
    dataset = data.load("digits")
    first = dataset.test.images[dataset.test.labels == 4][0]
    counts = (255 * first).round().int().tolist()
    page.until("([e, wanted]) => [...e.getContext('2d').getImageData(0, 0, 8, 8).data].filter((_, i) => i % 4 === 0)"
               ".every((grey, i) => grey === 255 - wanted[i])", [small.seen.element_handle(), counts])  # fmt: skip
    small.frame.get_by_text("nearest test images", exact=True).wait_for()  # and no longer decoded ones
    model = weights.load("digits-2d")
    codes = model.codes(dataset.test.images).half().float()
    n = (codes - model.codes(torch.tensor(counts) / 255)).square().sum(1).argmin()
    shown = small.frame.locator("canvas.vae-pad-near").first.evaluate(PIXELS)
    assert close(shown, 255 * (1 - dataset.test.images[n]), 1)
    _, said = ask(page)
    assert said["image"] == counts
    assert said["strokes"] == []
    assert page.broken() == []


def test_a_cell_run_again_leaves_one_pad(page, pads):
    pads[0].frame.evaluate("e => (e.dataset.before = 'yes')")
    page.page.locator(".jp-CodeCell").nth(1).locator(".cm-content").click()
    page.page.keyboard.press("Control+Enter")
    page.until("!document.querySelector('[data-before]')"
               " && document.querySelectorAll('.vae-pad-paper[data-mu]').length === 2")  # fmt: skip
    pads[0].draw(strokes_of(1))
    assert pads[0].near == ["1"] * 5
    assert ask(page)[0]["near"] == ["1"] * 5
    assert page.broken() == []


def test_a_restarted_kernel_and_a_cleared_page_are_no_error(page, pads):
    page.page.get_by_role("menuitem", name="Kernel", exact=True).click()
    page.page.get_by_role("menuitem", name=re.compile("^Restart Kernel…")).first.click()
    page.page.locator(".jp-Dialog button.jp-mod-accept").click()
    page.until("document.querySelector('#jp-main-statusbar').innerText.includes('| Idle')")
    pads[0].press("Clear")
    pads[0].draw(strokes_of(0))
    assert pads[0].near == ["0"] * 5
    page.menu("Edit", "Clear Outputs of All Cells")
    page.until("!document.querySelector('.vae-pad-frame')")
    assert page.broken() == []


# ---- a page without a kernel ----


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """The address of a notebook with both pads, run, stored with its widgets' state and made HTML."""
    folder = tmp_path_factory.mktemp("static")
    cells = [v4.new_code_cell(cell) for cell in [MAKE, *PADS]]
    write(hygiene.normalise(v4.new_notebook(cells=cells)), folder / "draw.ipynb")
    command = [sys.executable, "-m", "nbconvert", "--to", "html", "--execute", "--template", "lab", "draw.ipynb"]
    env = os.environ | {"PYTHONPATH": str(ROOT), "JUPYTER_PREFER_ENV_PATH": "1", "IPYTHONDIR": str(folder / "ipython")}
    subprocess.run(command, cwd=folder, env=env, check=True, capture_output=True)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def static(chromium, served):
    """`static(width, …)` opens that page; the CDN is not reached, tests/browser/host.js stands in for it."""
    contexts, errors = [], []

    def open_page(width=1280, forget=False, **options):
        context = chromium.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        context.add_init_script(COUNT)
        host = (Path(__file__).parent / "host.js").read_text(encoding="utf-8")
        if forget:  # the draw pad's model is there, the latent pad's is not
            host = host.replace("if (!state[id])", "if (state[id].state._lattice)")
        context.route(re.compile(rf"^(?!{re.escape(served)})https?:"), lambda route: route.abort())
        context.route("**/html-manager*/**", lambda route: route.fulfill(body=host, content_type="text/javascript"))
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{served}/draw.html")
        count = 1 if forget else 2
        page.wait_for_function(f"document.querySelectorAll('.vae-pad-paper[data-mu]').length >= {count}")
        if not forget:
            page.wait_for_function("document.querySelectorAll('.vae-pad-loads button').length === 20")
        return page

    yield open_page
    for context in contexts:
        context.close()
    known = ("require", "MathJax", *(["widget model not found"] if errors else []))
    assert [error for error in errors if not any(word in error for word in known)] == []


def hosted(page, name):
    """The number of the first hosted widget that has the trait `name`."""
    return page.evaluate("name => hosted.findIndex(({model}) => model.get(name) !== undefined)", name)


def test_digits_drawn_by_another_hand_are_found(static):
    pad = Pad(static(), 0)
    found = {}
    for digit in HAND:
        pad.press("Clear")
        pad.draw(strokes_of(digit))
        found[digit] = pad.near
    print("\n" + "\n".join(f"{digit}: {', '.join(near)}" for digit, near in found.items()))
    assert sum(str(digit) in near for digit, near in found.items()) >= 8
    assert sum(near.count(str(digit)) >= 3 for digit, near in found.items()) >= 7


def test_what_the_browser_encodes_is_what_torch_computes(static):
    page = static()
    pad, rng = Pad(page, 0), random.Random(0)
    draw = draw_pad.stored("mnist-2d").draw
    furthest, ours = {"mu": 0.0, "sigma": 0.0}, hosted(page, "_encoder")
    for number in range(100):
        # An example, sheared, stretched, and with a trembling hand.
        shear, stretch = rng.uniform(-0.4, 0.4), rng.uniform(0.6, 1.2)
        draw.strokes = [
            [[round(0.5 + stretch * (x - 0.5) - shear * (y - 0.5) + rng.gauss(0, 0.01), 4), y + rng.gauss(0, 0.01)]
             for x, y in stroke] for stroke in ink.EXAMPLES[number % 10]
        ]  # fmt: skip
        page.evaluate("([k, lines]) => hosted[k].model.set('strokes', lines)", [ours, draw.strokes])
        assert pad.image == (255 * draw.image).round().int().tolist()
        for name, wanted in zip(("mu", "sigma"), draw.encoded(), strict=True):
            far = (torch.tensor(pad.numbers(name)) - wanted).abs().max().item()
            furthest[name] = max(furthest[name], far)
    print(f"\nfurthest from torch, of 100 drawings: {furthest}")
    assert furthest["mu"] < 6e-5  # told in four decimals
    assert furthest["sigma"] < 2e-6  # told in six


def test_without_a_kernel_the_latent_pad_follows(static):
    page = static()
    pad, _ = Pad(page, 0), Pad(page, 1)
    pad.draw(strokes_of(0))
    k = page.evaluate("hosted.findIndex(({model}) => model.get('_decoder') !== undefined)")
    z, q = page.evaluate(f"[hosted[{k}].model.get('z'), hosted[{k}].model.get('q')]")
    assert (z, q) == (pad.numbers("mu"), [pad.numbers("mu"), pad.numbers("sigma")])
    pad.press("Clear")
    assert page.evaluate(f"hosted[{k}].model.get('q')") is None


def test_a_stroke_tells_at_most_twenty_times_a_second_and_its_end(static):
    page = static()
    pad, k = Pad(page, 0), hosted(page, "_encoder")
    pad.draw([[(0.2, 0.2), (0.8, 0.8)]], steps=100)
    page.wait_for_timeout(100)
    saved, strokes = page.evaluate(f"[hosted[{k}].model.saved, hosted[{k}].model.get('strokes')]")
    gaps = [later - sooner for sooner, later in itertools.pairwise(saved[:-1])]
    assert len(saved) > 3
    assert min(gaps) >= 49
    assert close(strokes[0][-1], [0.8, 0.8], 0.01)


def test_a_closed_view_leaves_nothing_behind(static):
    page = static()
    pad, k = Pad(page, 0), hosted(page, "_encoder")
    other = page.evaluate("hosted.findIndex(({model}) => model.get('_decoder') !== undefined)")
    before = dict(page.evaluate("[...live]"))
    heard = page.evaluate(f"Object.values(hosted[{other}].model.heard).flat().length")
    pad.draw(strokes_of(3))
    page.evaluate(f"hosted[{k}].close()")
    after = dict(page.evaluate("[...live]"))
    assert {name: before[name] - after[name] for name in before} == {"ResizeObserver": 1, "MutationObserver": 1}
    assert page.evaluate(f"Object.values(hosted[{k}].model.heard).flat().length") == 0
    assert page.evaluate(f"Object.values(hosted[{other}].model.heard).flat().length") == heard - 1
    told = page.evaluate(f"hosted[{k}].model.saved.length")
    page.emulate_media(color_scheme="dark")
    page.wait_for_timeout(700)
    assert page.evaluate(f"hosted[{k}].model.saved.length") == told
    assert page.evaluate(f"hosted[{k}].el.childElementCount") == 0


def test_a_page_that_has_forgotten_the_latent_pad_still_draws(static):
    page = static(forget=True)
    pad = Pad(page, 0)
    pad.draw(strokes_of(3))
    assert len(pad.numbers("mu")) == 2
    assert "The latent pad is gone: run its cell again." in pad.frame.inner_text()


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_nothing_sticks_out_and_nothing_moves_while_a_hand_draws(static, width):
    page = static(width)
    pad = Pad(page, 0)
    below = ("e => [...e.querySelectorAll('*')].filter(each => !each.matches('.vae-pad-spoken, .vae-pad-spoken *'))"
             ".map(each => each.getBoundingClientRect().top - e.getBoundingClientRect().top)")  # fmt: skip
    before = pad.frame.evaluate(below)
    for digit in (0, 4):
        pad.draw(strokes_of(digit))
        assert pad.frame.evaluate(below) == before
    assert pad.frame.evaluate("e => e.scrollWidth <= e.clientWidth")
    draw, plane = pad.frame.bounding_box(), pad.plane.bounding_box()
    assert (plane["y"] > draw["y"] + draw["height"] - 1) == (width < 800)  # the pad is under it where it is narrow


def test_a_finger_draws(static):
    page = static(390, has_touch=True)
    pad = Pad(page, 0)
    pad.paper.scroll_into_view_if_needed()
    box = pad.paper.bounding_box()
    page.touchscreen.tap(box["x"] + 0.3 * box["width"], box["y"] + 0.3 * box["height"])
    assert sum(pad.image) > 0
    assert len(pad.numbers("mu")) == 2
