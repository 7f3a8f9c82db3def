"""The pad under a hand: in JupyterLab, where Python follows it, and on a page without a kernel."""

import ast
import functools
import http.server
import itertools
import os
import random
import re
import statistics
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import torch
from nbformat import v4, write

from tests import hygiene
from vae_helpers.learning import models

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif("VAE_CI" not in os.environ, reason="no page shows the pad yet; VAE_CI=1 asks for these tests"),
]
ROOT = Path(__file__).parents[2]
MAKE = """
import torch
from vae_helpers.learning import data, models, weights
from vae_helpers.widgets import latent_pad

def strong(latent):
    model = models.VAE(784, latent=latent, hidden=400)
    with torch.no_grad():
        for part in model.decoder.parameters():
            part.copy_((8 * part).half())
    cloud = torch.randn(500, latent, generator=torch.Generator().manual_seed(0))
    return latent_pad.LatentPad(model, cloud, torch.arange(500) % 10, (28, 28), tuple("0123456789"))
"""
PADS = [
    "pad = latent_pad.of(weights.load('digits-2d'), data.load('digits'))\npad",
    "other = strong(2)\nother",
    "deep = strong(20)\ndeep",
]
SAY = """dict(pad=pad.z, other=other.z, deep=deep.z, axes=deep.axes, path=deep.path, a=pad.a, b=pad.b, t=pad.t,
manifold=pad.manifold, near=[pad.nearest, deep.nearest])"""
TELL = "pad.z = torch.tensor([1.25, -0.5]); deep.axes = [4, 2]; deep.a = [1.0] + 19 * [0]; deep.b = [0, 2.0] + 18 * [0]"
PIXELS = "e => [...e.getContext('2d').getImageData(0, 0, e.width, e.height).data].filter((_, i) => i % 4 === 0)"
FRAME = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


class Pad:
    """One pad on a page, and a hand on it."""

    def __init__(self, page, number):
        self.page = page
        self.frame = page.locator(".vae-pad-frame").nth(number)
        self.plane, self.image, self.strip = (
            self.frame.locator(f"canvas.vae-pad-{name}") for name in ("plane", "image", "strip")
        )
        self.walk = self.frame.get_by_role("slider", name="walk from A to B")

    def wait(self):
        self.page.evaluate(FRAME)

    @property
    def z(self):
        self.wait()
        return [float(value) for value in self.image.get_attribute("data-z").split(",")]

    def pixels(self, canvas=None):
        self.wait()
        return (canvas or self.image).evaluate(PIXELS)

    def drag(self, places):
        """Press at the first of `places` (shares of the plane, from top left), move over the others, release."""
        self.plane.scroll_into_view_if_needed()
        box = self.plane.bounding_box()
        for number, (x, y) in enumerate(places):
            self.page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
            if number == 0:
                self.page.mouse.down()
            yield self.z
        self.page.mouse.up()

    def press(self, name):
        self.frame.get_by_role("button", name=name, exact=True).click()


@pytest.fixture(scope="module")
def page(lab, read):
    cells = [v4.new_code_cell(cell) for cell in [MAKE, *PADS, "'asked below'"]]
    write(hygiene.normalise(v4.new_notebook(cells=cells)), lab.notebooks / "pads.ipynb")
    page = read("pads.ipynb").run_all()
    page.until("document.querySelectorAll('.vae-pad-image[data-z]').length === 3")
    return page


@pytest.fixture
def pads(page):
    return [Pad(page.page, number) for number in range(3)]


def ask(page, code="pass", number=itertools.count(1)):  # noqa: B008
    """Run `code` in the notebook's last cell, and return what Python then says of the pads."""
    now = next(number)
    cell = page.page.locator(".jp-CodeCell").nth(4)
    cell.locator(".cm-content").click()
    page.page.keyboard.press("Control+a")
    page.page.keyboard.insert_text(f"{code}\n{now}, {SAY}")
    page.page.keyboard.press("Control+Enter")
    output = cell.locator(".jp-OutputArea-output", has_text=f"({now},")
    output.wait_for()
    return ast.literal_eval(output.inner_text())[1]


def close(found, wanted, tolerance=1e-9):
    return all(abs(one - two) <= tolerance for one, two in zip(found, wanted, strict=True))


def test_a_drag_moves_z_in_the_image_and_in_python(page, pads):
    pad, other, _ = pads
    before, others = pad.pixels(), other.pixels()
    *_, last = pad.drag([(0.5, 0.5), (0.4, 0.5), (0.3, 0.6), (0.25, 0.7)])
    assert last[0] < -1
    assert last[1] < -1
    assert pad.pixels() != before
    assert other.pixels() == others  # two pads do not disturb each other
    heard = ask(page)
    assert heard["pad"] == last
    assert heard["other"] == [0, 0]
    assert f"nearest codes: {', '.join(heard['near'][0])}" in pad.frame.inner_text()
    page.until("e => e.textContent.startsWith('z = (−')", pad.frame.get_by_role("status").element_handle())
    assert page.broken() == []


def test_keys_move_z_by_steps_and_leaps_and_home(page, pads):
    pad = pads[0]
    pad.image.click()
    pad.plane.focus()
    page.page.keyboard.press("Home")
    assert pad.z == [0, 0]
    for key in ("ArrowRight", "ArrowRight", "ArrowUp", "Shift+ArrowDown", "Shift+ArrowLeft", "ArrowLeft", "ArrowDown"):
        page.page.keyboard.press(key)
    assert close(pad.z, [-0.45, -0.5])
    for _ in range(12):
        page.page.keyboard.press("Shift+ArrowUp")
    assert close(pad.z, [-0.45, 3])  # the edge
    assert pad.plane.evaluate("e => e === document.activeElement && e.matches(':focus-visible')")
    assert close(ask(page)["pad"], [-0.45, 3])


def test_python_moves_z_axes_and_walk(page, pads):
    pad, _, deep = pads
    ask(page, TELL)
    assert pad.z == [1.25, -0.5]
    assert "z = (1.25, −0.50)" in pad.frame.inner_text()
    assert [deep.frame.locator("select").nth(i).input_value() for i in (0, 1)] == ["4", "2"]
    assert deep.walk.is_visible()
    ask(page, "deep.t = 0.5; deep.path = 'sphere'; deep.t = 0.75")
    turn = 0.75 * torch.pi / 2
    far = 1.75 * torch.tensor([turn]).cos().item(), 1.75 * torch.tensor([turn]).sin().item()
    assert close(deep.z, [*far, *[0] * 18], 1e-6)


def test_what_the_browser_draws_is_what_torch_computes(page, pads):
    other, rng = pads[1], random.Random(0)
    model = models.VAE(784, latent=2, hidden=400)
    with torch.no_grad():
        for part in model.decoder.parameters():
            part.copy_((8 * part).half())
    furthest, took, spread = 0.0, [], 0.0
    places = [(0.1 + 0.85 * rng.random(), 0.05 + 0.8 * rng.random()) for _ in range(100)]
    for z in other.drag(places):
        drawn = torch.tensor(other.pixels())
        wanted = 255 * (1 - model.decode(torch.tensor(z)).sigmoid().detach())
        furthest = max(furthest, (drawn - wanted).abs().max().item())
        spread = max(spread, (drawn.max() - drawn.min()).item())
        took.append(float(other.image.get_attribute("data-took")))
    print(f"\n2 → 400 → 784, decoded and drawn in {statistics.median(took):.2f} ms (median of {len(took)})")
    print(f"furthest from torch: {furthest:.3f} grey values")
    assert spread > 200
    assert furthest <= 1


def test_the_walk_goes_from_a_to_b(page, pads):
    pad = pads[0]
    ask(page, "pad.a = pad.b = None; pad.t = 0.0; pad.z = [0, 0]")
    pad.wait()
    assert pad.walk.is_hidden()
    *_, first = pad.drag([(0.3, 0.6)])
    pad.press("A here")
    *_, last = pad.drag([(0.8, 0.3)])
    pad.press("B here")
    assert pad.walk.input_value() == "1"
    heard = ask(page)
    assert (heard["a"], heard["b"], heard["t"]) == (first, last, 1)
    strip, image = pad.pixels(pad.strip), pad.pixels()
    assert [strip[80 * row + 72 : 80 * row + 80] for row in range(8)] == [
        image[8 * row : 8 * row + 8] for row in range(8)
    ]
    pad.walk.focus()
    page.page.keyboard.press("Home")
    assert close(pad.z, first, 1e-4)
    for _ in range(25):
        page.page.keyboard.press("ArrowRight")
    assert close(pad.z, [one + (two - one) / 4 for one, two in zip(first, last, strict=True)], 1e-4)
    pad.press("Play")
    page.until("e => e.value === '1'", pad.walk.element_handle())
    pad.frame.get_by_role("button", name="Play", exact=True).wait_for()
    assert close(pad.z, last, 1e-4)
    assert close(ask(page)["pad"], last, 1e-4)
    assert page.broken() == []


def test_where_motion_is_reduced_a_walk_is_a_few_jumps(page, pads):
    pad = pads[0]
    page.page.emulate_media(reduced_motion="reduce")
    pad.image.evaluate(
        "e => { window.seen = new Set(); window.watch = new MutationObserver(() => window.seen.add(e.dataset.z));"
        " window.watch.observe(e, {attributes: true}); }"
    )
    pad.press("Play")
    page.until("e => e.value === '0'", pad.walk.element_handle())
    page.until("e => e.value === '1'", pad.walk.element_handle())
    pad.frame.get_by_role("button", name="Play", exact=True).wait_for()
    assert page.page.evaluate("window.watch.disconnect(), window.seen.size") <= 9
    page.page.emulate_media(reduced_motion="no-preference")


def test_the_manifold_comes_and_goes(page, pads):
    pad = pads[0]
    ask(page, "pad.z = [2.5, 2.5]")
    before = pad.pixels(pad.plane)
    check = pad.frame.get_by_label("Show the manifold")
    check.check()
    page.until("([e, before]) => e.getContext('2d').getImageData(0, 0, e.width, e.height).data.some((v, i) =>"
               " i % 4 === 0 && v !== before[i / 4])", [pad.plane.element_handle(), before])  # fmt: skip
    assert ask(page)["manifold"]
    check.uncheck()
    page.until("([e, before]) => e.getContext('2d').getImageData(0, 0, e.width, e.height).data.every((v, i) =>"
               " i % 4 !== 0 || v === before[i / 4])", [pad.plane.element_handle(), before])  # fmt: skip
    assert not ask(page)["manifold"]


def test_a_class_is_brought_forward_and_put_back(page, pads):
    pad = pads[0]
    before = pad.pixels(pad.plane)
    three = pad.frame.get_by_role("button", name="3", exact=True)
    three.click()
    assert three.get_attribute("aria-pressed") == "true"
    assert pad.pixels(pad.plane) != before
    three.press("Enter")
    assert three.get_attribute("aria-pressed") == "false"
    assert pad.pixels(pad.plane) == before


def test_of_twenty_latents_two_are_shown_and_the_others_slide(page, pads):
    deep = pads[2]
    ask(page, "deep.axes = [0, 1]; deep.z = [0] * 20; deep.path = 'straight'")
    across, up = (deep.frame.get_by_label(name, exact=True) for name in ("across", "up"))
    across.select_option("z₂")  # what the other axis shows: they change places
    deep.wait()
    assert (across.input_value(), up.input_value()) == ("1", "0")
    across.select_option("z₁₂")
    deep.frame.get_by_text("the other 18 latents").click()
    assert deep.frame.locator("details").get_by_role("slider").count() == 18
    before = deep.pixels()
    slider = deep.frame.get_by_role("slider", name="z₃", exact=True)
    slider.focus()
    page.page.keyboard.press("ArrowRight")
    assert close(deep.z, [0, 0, 0.05, *[0] * 17])
    assert deep.pixels() != before
    *_, z = deep.drag([(0.7, 0.3)])
    assert z[11] > 1 > z[1] == 0
    assert z[0] > 1
    deep.frame.get_by_label("way", exact=True).select_option("along the sphere")
    heard = ask(page)
    assert (heard["axes"], heard["path"], heard["deep"]) == ([11, 0], "sphere", z)
    assert f"nearest codes: {', '.join(heard['near'][1])}" in deep.frame.inner_text()
    assert page.broken() == []


def test_the_dark_theme_is_followed(page, pads):
    pad = pads[0]
    light = pad.pixels()
    for theme, wanted in (("JupyterLab Dark", [255 - value for value in light]), ("JupyterLab Light", light)):
        page.page.keyboard.press("Control+Shift+c")
        page.page.get_by_placeholder("SEARCH", exact=True).fill(theme)
        page.page.keyboard.press("Enter")
        page.until("dark => document.body.dataset.jpThemeLight === dark", str("Light" in theme).lower())
        pad.wait()
        assert close(pad.pixels(), wanted, 1)  # ink is white on black in the dark
    assert page.broken() == []


def test_a_cell_run_again_leaves_one_pad_and_clearing_leaves_none(page, pads):
    pads[0].frame.evaluate("e => (e.dataset.before = 'yes')")
    page.page.locator(".jp-CodeCell").nth(1).locator(".cm-content").click()
    page.page.keyboard.press("Control+Enter")
    page.until(
        "!document.querySelector('[data-before]') && document.querySelectorAll('.vae-pad-image[data-z]').length === 3"
    )
    assert page.page.locator("canvas.vae-pad-plane").count() == 3
    *_, z = pads[0].drag([(0.3, 0.3)])
    assert ask(page)["pad"] == z
    page.menu("Edit", "Clear Outputs of All Cells")
    page.until("!document.querySelector('.vae-pad-frame')")
    assert page.broken() == []


# ---- a page without a kernel ----

COUNT = """
window.live = new Map();
const count = (kind, step) => live.set(kind, (live.get(kind) ?? 0) + step);
for (const name of ["ResizeObserver", "MutationObserver"]) {
  const {observe, disconnect} = window[name].prototype;
  window[name].prototype.observe = function (...what) { count(name, 1); observe.apply(this, what); };
  window[name].prototype.disconnect = function () { count(name, -1); disconnect.apply(this); };
}
"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """The address of a notebook with two pads, run, stored with its widgets' state and made HTML, in a local folder."""
    folder = tmp_path_factory.mktemp("static")
    cells = [v4.new_code_cell(cell) for cell in [MAKE, *PADS[:2]]]
    write(hygiene.normalise(v4.new_notebook(cells=cells)), folder / "pads.ipynb")
    command = [sys.executable, "-m", "nbconvert", "--to", "html", "--execute", "--template", "lab", "pads.ipynb"]
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

    def open_page(width=1280, **options):
        context = chromium.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        context.add_init_script(COUNT)
        host = (Path(__file__).parent / "host.js").read_text(encoding="utf-8")
        context.route(re.compile(rf"^(?!{re.escape(served)})https?:"), lambda route: route.abort())
        context.route("**/html-manager*/**", lambda route: route.fulfill(body=host, content_type="text/javascript"))
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{served}/pads.html")
        page.wait_for_function("document.querySelectorAll('.vae-pad-image[data-z]').length === 2")
        return page

    yield open_page
    for context in contexts:
        context.close()
    # The page's own scripts come from CDNs too: what they miss is not the pads' fault.
    assert [error for error in errors if "require" not in error and "MathJax" not in error] == []


def test_without_a_kernel_the_pad_is_as_alive(static):
    page = static()
    pad, other = Pad(page, 0), Pad(page, 1)
    before = pad.pixels()
    *_, z = pad.drag([(0.5, 0.5), (0.3, 0.4), (0.2, 0.6)])
    assert z[0] < -1
    assert pad.pixels() != before
    pad.press("A here")
    pad.plane.press("Home")
    pad.press("B here")
    pad.walk.fill("0.5")
    assert close(pad.z, [value / 2 for value in z], 1e-4)
    assert other.z == [0, 0]


def test_a_drag_tells_at_most_twenty_times_a_second_and_the_last_place(static):
    page = static()
    list(Pad(page, 1).drag([(0.2 + 0.006 * step, 0.5) for step in range(100)]))
    page.wait_for_timeout(100)
    saved, z = page.evaluate("[hosted[1].model.saved, hosted[1].model.get('z')]")
    gaps = [later - sooner for sooner, later in itertools.pairwise(saved[:-1])]
    assert len(saved) > 3
    assert min(gaps) >= 49
    assert z == Pad(page, 1).z


def test_a_closed_view_leaves_nothing_behind(static):
    page = static()
    pad = Pad(page, 0)
    before = dict(page.evaluate("[...live]"))
    list(pad.drag([(0.5, 0.5), (0.3, 0.4)]))
    pad.press("A here")
    pad.plane.press("Home")
    pad.press("B here")
    pad.press("Play")
    pad.wait()
    page.evaluate("hosted[0].close()")
    after = dict(page.evaluate("[...live]"))
    assert {name: before[name] - after[name] for name in before} == {"ResizeObserver": 1, "MutationObserver": 1}
    assert page.evaluate("Object.values(hosted[0].model.heard).flat().length") == 0
    told = page.evaluate("hosted[0].model.saved.length")
    page.emulate_media(color_scheme="dark")
    page.wait_for_timeout(700)
    assert page.evaluate("hosted[0].model.saved.length") == told
    assert page.evaluate("hosted[0].el.childElementCount") == 0


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_nothing_sticks_out_and_nothing_moves_while_a_hand_drags(static, width):
    page = static(width)
    pad = Pad(page, 0)
    below = "e => [...e.children].map(each => each.getBoundingClientRect().top - e.getBoundingClientRect().top)"
    before = pad.frame.evaluate(below)
    for _ in pad.drag([(0.5, 0.5), (0.2, 0.6), (0.9, 0.9), (0.3, 0.2)]):
        assert pad.frame.evaluate(below) == before
    assert pad.frame.evaluate("e => e.scrollWidth <= e.clientWidth")
    image, plane = pad.image.bounding_box(), pad.plane.bounding_box()
    assert (image["y"] > plane["y"] + plane["height"] - 1) == (width < 560)  # under the plane where it is narrow
    assert abs(image["width"] - image["height"]) < 1


def test_a_finger_moves_z(static):
    page = static(390, has_touch=True)
    pad = Pad(page, 0)
    pad.plane.scroll_into_view_if_needed()
    box = pad.plane.bounding_box()
    page.touchscreen.tap(box["x"] + 0.3 * box["width"], box["y"] + 0.3 * box["height"])
    z = pad.z
    assert z[0] < -0.8
    assert z[1] > 0.8
