"""The latent pad under a hand: in JupyterLab, where Python follows it, and on a page without a kernel."""

import random
import statistics

import pytest
import torch

from tests.browser import published
from tests.browser.hands import DRAWN, GREYS, OnPlane, close
from vae_helpers.learning import models

pytestmark = pytest.mark.browser
long = pytest.mark.long
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


@pytest.fixture(scope="module")
def page(read):
    page = read("pads.ipynb", MAKE, *PADS, "'asked below'").run_all()
    page.until(OnPlane.READY.format(3))
    return page


@pytest.fixture
def pads(page):
    return [OnPlane(page.page, number) for number in range(3)]


def test_a_drag_moves_z_in_the_image_and_in_python(page, pads):
    pad, other, _ = pads
    before, others = pad.picture(pad.image), other.picture(other.image)
    *_, last = pad.drag([(0.5, 0.5), (0.4, 0.5), (0.3, 0.6), (0.25, 0.7)])
    assert last[0] < -1
    assert last[1] < -1
    assert pad.picture(pad.image) != before
    assert other.picture(other.image) == others  # two pads do not disturb each other
    heard = page.ask(SAY)
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
    assert close(page.ask(SAY)["pad"], [-0.45, 3])


@long
def test_python_moves_z_axes_and_walk(page, pads):
    pad, _, deep = pads
    page.ask(SAY, TELL)
    assert pad.z == [1.25, -0.5]
    assert "z = (1.25, −0.50)" in pad.frame.inner_text()
    assert [deep.frame.locator("select").nth(i).input_value() for i in (0, 1)] == ["4", "2"]
    assert deep.walk.is_visible()
    page.ask(SAY, "deep.t = 0.5; deep.path = 'sphere'; deep.t = 0.75")
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
    seen = f"async e => {{ {DRAWN} return [e.dataset.z.split(',').map(Number), +e.dataset.took, {GREYS}]; }}"
    for _ in other.pull(other.plane, places):
        z, milliseconds, greys = other.image.evaluate(seen)
        drawn = torch.tensor(greys)
        wanted = 255 * (1 - model.decode(torch.tensor(z)).sigmoid().detach())
        furthest = max(furthest, (drawn - wanted).abs().max().item())
        spread = max(spread, (drawn.max() - drawn.min()).item())
        took.append(milliseconds)
    print(f"\n2 → 400 → 784, decoded and drawn in {statistics.median(took):.2f} ms (median of {len(took)})")
    print(f"furthest from torch: {furthest:.3f} grey values")
    assert spread > 200
    assert furthest <= 1


@long
def test_the_walk_goes_from_a_to_b(page, pads):
    pad = pads[0]
    page.ask(SAY, "pad.a = pad.b = None; pad.t = 0.0; pad.z = [0, 0]")
    pad.wait()
    assert pad.walk.is_hidden()
    *_, first = pad.drag([(0.3, 0.6)])
    pad.press("A here")
    *_, last = pad.drag([(0.8, 0.3)])
    pad.press("B here")
    assert pad.walk.input_value() == "1"
    heard = page.ask(SAY)
    assert (heard["a"], heard["b"], heard["t"]) == (first, last, 1)
    strip, image = pad.greys(pad.strip), pad.greys(pad.image)
    assert [strip[80 * row + 72 : 80 * row + 80] for row in range(8)] == [
        image[8 * row : 8 * row + 8] for row in range(8)
    ]
    pad.walk.focus()
    page.page.keyboard.press("Home")
    assert close(pad.z, first, 1e-4)
    for _ in range(25):
        page.page.keyboard.press("ArrowRight")
    assert close(pad.z, [one + (two - one) / 4 for one, two in zip(first, last, strict=True)], 1e-4)
    pad.walk.fill("0.8")  # from there it plays for less than a second
    pad.press("Play")
    page.until("e => e.value === '1'", pad.walk.element_handle())
    pad.frame.get_by_role("button", name="Play", exact=True).wait_for()
    assert close(pad.z, last, 1e-4)
    assert close(page.ask(SAY)["pad"], last, 1e-4)
    assert page.broken() == []


@long
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


@long
def test_the_manifold_comes_and_goes(page, pads):
    pad = pads[0]
    page.ask(SAY, "pad.z = [2.5, 2.5]")
    before = pad.picture(pad.plane)
    check = pad.frame.get_by_label("Show the manifold")
    check.check()
    page.until("([e, before]) => e.toDataURL() !== before", [pad.plane.element_handle(), before])
    assert page.ask(SAY)["manifold"]
    check.uncheck()
    page.until("([e, before]) => e.toDataURL() === before", [pad.plane.element_handle(), before])
    assert not page.ask(SAY)["manifold"]


@long
def test_a_class_is_brought_forward_and_put_back(page, pads):
    pads[0].brings_forward_and_puts_back("3", pads[0].plane)


@long
def test_of_twenty_latents_two_are_shown_and_the_others_slide(page, pads):
    deep = pads[2]
    page.ask(SAY, "deep.axes = [0, 1]; deep.z = [0] * 20; deep.path = 'straight'")
    across, up = (deep.frame.get_by_label(name, exact=True) for name in ("across", "up"))
    across.select_option("z₂")  # what the other axis shows: they change places
    deep.wait()
    assert (across.input_value(), up.input_value()) == ("1", "0")
    across.select_option("z₁₂")
    deep.frame.get_by_text("the other 18 latents").click()
    assert deep.frame.locator("details").get_by_role("slider").count() == 18
    before = deep.picture(deep.image)
    slider = deep.frame.get_by_role("slider", name="z₃", exact=True)
    slider.focus()
    page.page.keyboard.press("ArrowRight")
    assert close(deep.z, [0, 0, 0.05, *[0] * 17])
    assert deep.picture(deep.image) != before
    *_, z = deep.drag([(0.7, 0.3)])
    assert z[11] > 1 > z[1] == 0
    assert z[0] > 1
    deep.frame.get_by_label("way", exact=True).select_option("along the sphere")
    heard = page.ask(SAY)
    assert (heard["axes"], heard["path"], heard["deep"]) == ([11, 0], "sphere", z)
    assert f"nearest codes: {', '.join(heard['near'][1])}" in deep.frame.inner_text()
    assert page.broken() == []


@long
def test_the_dark_theme_is_followed(page, pads):
    pad = pads[0]
    light = pad.greys(pad.image)
    for theme, wanted in (("JupyterLab Dark", [255 - value for value in light]), ("JupyterLab Light", light)):
        page.theme(theme)
        assert close(pad.greys(pad.image), wanted, 1)  # ink is white on black in the dark
    assert page.broken() == []


@long
def test_a_cell_run_again_leaves_one_pad_and_clearing_leaves_none(page, pads):
    pads[0].frame.evaluate("e => (e.dataset.before = 'yes')")
    page.run_cell(1)
    page.until(f"!document.querySelector('[data-before]') && {OnPlane.READY.format(3)}")
    assert page.page.locator("canvas.vae-pad-plane").count() == 3
    *_, z = pads[0].drag([(0.3, 0.3)])
    assert page.ask(SAY)["pad"] == z
    page.menu("Edit", "Clear Outputs of All Cells")
    page.until("!document.querySelector('.vae-pad-frame')")
    assert page.broken() == []


# ---- a page without a kernel ----


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with published.served(tmp_path_factory.mktemp("static"), MAKE, *PADS[:2]) as address:
        yield address


@pytest.fixture
def static(chromium, address):
    with published.reader(chromium, address, OnPlane.READY.format(2)) as open_page:
        yield open_page


@long
def test_without_a_kernel_the_pad_is_as_alive(static):
    page = static()
    pad, other = OnPlane(page, 0), OnPlane(page, 1)
    before = pad.picture(pad.image)
    *_, z = pad.drag([(0.5, 0.5), (0.3, 0.4), (0.2, 0.6)])
    assert z[0] < -1
    assert pad.picture(pad.image) != before
    pad.press("A here")
    pad.plane.press("Home")
    pad.press("B here")
    pad.walk.fill("0.5")
    assert close(pad.z, [value / 2 for value in z], 1e-4)
    assert other.z == [0, 0]


@long
def test_a_drag_tells_at_most_twenty_times_a_second_and_the_last_place(static):
    page = static()
    list(OnPlane(page, 1).drag([(0.2 + 0.006 * step, 0.5) for step in range(100)]))
    assert min(published.gaps(page, 1)) >= 49
    assert published.value(page, 1, "z") == OnPlane(page, 1).z


@long
def test_a_closed_view_leaves_nothing_behind(static):
    page = static()
    pad = OnPlane(page, 0)
    with published.closing(page, 0):
        list(pad.drag([(0.5, 0.5), (0.3, 0.4)]))
        pad.press("A here")
        pad.plane.press("Home")
        pad.press("B here")
        pad.press("Play")
        pad.wait()


@long
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_nothing_sticks_out_and_nothing_moves_while_a_hand_drags(static, width):
    page = static(width)
    pad = OnPlane(page, 0)
    below = "e => [...e.children].map(each => each.getBoundingClientRect().top - e.getBoundingClientRect().top)"
    before = pad.frame.evaluate(below)
    for _ in pad.drag([(0.5, 0.5), (0.2, 0.6), (0.9, 0.9), (0.3, 0.2)]):
        assert pad.frame.evaluate(below) == before
    assert pad.frame.evaluate("e => e.scrollWidth <= e.clientWidth")
    image, plane = pad.image.bounding_box(), pad.plane.bounding_box()
    assert (image["y"] > plane["y"] + plane["height"] - 1) == (width < 560)  # under the plane where it is narrow
    assert abs(image["width"] - image["height"]) < 1


@long
def test_a_finger_moves_z(static):
    page = static(390, has_touch=True)
    pad = OnPlane(page, 0)
    pad.tap(pad.plane, 0.3, 0.3)
    z = pad.z
    assert z[0] < -0.8
    assert z[1] > 0.8
