"""The draw pad under a hand: in JupyterLab, where Python follows it, and on a page without a kernel."""

import random

import pytest
import torch

from tests.browser import published
from tests.browser.hands import DIGITS, DRAWN, GREYS, OnPaper, OnPlane, close, strokes_of
from vae_helpers.learning import data, ink, weights
from vae_helpers.widgets import draw_pad, latent_pad

pytestmark = pytest.mark.browser
long = pytest.mark.long
MAKE = """
from vae_helpers.learning import data, weights
from vae_helpers.widgets import draw_pad, latent_pad
"""
PADS = [
    "both = draw_pad.beside(latent_pad.stored('mnist-2d'))\nboth",
    "small = draw_pad.of(weights.load('digits-2d'), data.load('digits'), box=1.0)\nsmall",
]
SAY = """[dict(strokes=each.draw.strokes, z=each.pad.z, q=each.pad.q, near=each.draw.drawn and each.draw.nearest,
image=(255 * each.draw.image).round().int().tolist()) for each in (both, small)]"""


# ---- in JupyterLab ----


@pytest.fixture(scope="module")
def page(read):
    page = read("draw.ipynb", MAKE, *PADS, "'asked below'").run_all()
    page.until(OnPaper.READY.format(2))
    return page


@pytest.fixture
def pads(page):
    return [OnPaper(page.page, number) for number in range(2)]


@long
def test_what_a_pointer_draws_is_in_python_and_on_the_latent_pad(page, pads):
    pad, small = pads
    linked = OnPlane(page.page)
    before = linked.picture(linked.plane)
    pad.draw(strokes_of(0))
    assert pad.near == ["0"] * 5
    assert linked.picture(linked.plane) != before
    both, other = page.ask(SAY)
    assert len(both["strokes"]) == 1
    assert both["image"] == pad.image  # the same numbers, all 784
    assert both["near"] == pad.near
    assert (both["z"], both["q"]) == (pad.numbers("mu"), [pad.numbers("mu"), pad.numbers("sigma")])
    mu, sigma = latent_pad.stored("mnist-2d").network.encode(torch.tensor([both["image"]]) / 255)  # torch agrees
    assert close(both["z"], mu[0].tolist(), 1e-3)
    assert close(both["q"][1], (sigma[0] / 2).exp().tolist(), 1e-3)
    assert other["strokes"] == []
    assert small.numbers("mu") == []
    status = pad.frame.get_by_role("status").element_handle()
    page.until("e => e.textContent.startsWith('q(z|x): μ = (') && e.textContent.includes('nearest: 0')", status)
    assert page.broken() == []


@long
def test_every_function_by_keyboard(page, pads):
    pad = pads[0]
    page.ask(SAY, "both.draw.clear()")
    pad.paper.focus()
    page.page.keyboard.press("1")
    assert pad.near == ["1"] * 5
    assert pad.paper.evaluate("e => e === document.activeElement && e.matches(':focus-visible')")
    assert page.ask(SAY)[0]["strokes"] == ink.EXAMPLES[1]
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
    both, _ = page.ask(SAY)
    assert both["strokes"] == ink.EXAMPLES[0]
    assert both["q"][0] == both["z"]
    assert page.broken() == []


@long
def test_python_draws_and_the_browser_follows(page, pads):
    pad = pads[0]
    both, _ = page.ask(SAY, "both.draw.strokes = [[[0.5, 0.1], [0.48, 0.9]]]")
    assert pad.near == both["near"] == ["1"] * 5
    assert pad.image == both["image"]
    assert close(pad.numbers("mu"), both["z"], 1e-4)
    both, _ = page.ask(SAY, "import torch; both.draw.image = torch.ones(784) / 2")
    assert pad.image == both["image"] == [128] * 784
    pad.press("Undo")
    assert pad.near == ["1"] * 5
    assert page.ask(SAY)[0]["strokes"] == [[[0.5, 0.1], [0.48, 0.9]]]
    assert page.ask(SAY, "both.draw.clear()")[0]["q"] is None
    assert pad.numbers("mu") == []


@long
def test_with_the_data_at_hand_the_real_images_are_shown(page, pads):
    small = pads[1]
    small.paper.focus()
    page.page.keyboard.press("4")
    dataset = data.load("digits")
    first = dataset.test.images[dataset.test.labels == 4][0]
    counts = (255 * first).round().int().tolist()
    condition = f"([e, wanted]) => {GREYS}.every((grey, i) => grey === 255 - wanted[i])"
    page.until(condition, [small.seen.element_handle(), counts])
    small.frame.get_by_text("nearest test images", exact=True).wait_for()  # and no longer decoded ones
    model = weights.load("digits-2d")
    codes = model.codes(dataset.test.images).half().float()
    n = (codes - model.codes(torch.tensor(counts) / 255)).square().sum(1).argmin()
    shown = small.greys(small.canvas("near").first)
    assert close(shown, 255 * (1 - dataset.test.images[n]), 1)
    _, said = page.ask(SAY)
    assert said["image"] == counts
    assert said["strokes"] == []
    assert page.broken() == []


@long
def test_a_cell_run_again_leaves_one_pad(page, pads):
    pads[0].frame.evaluate("e => (e.dataset.before = 'yes')")
    page.run_cell(1)
    page.until(f"!document.querySelector('[data-before]') && {OnPaper.READY.format(2)}")
    pads[0].draw(strokes_of(1))
    assert pads[0].near == ["1"] * 5
    assert page.ask(SAY)[0]["near"] == ["1"] * 5
    assert page.broken() == []


@long
def test_a_restarted_kernel_and_a_cleared_page_are_no_error(page, pads):
    page.restart()
    pads[0].press("Clear")
    pads[0].draw(strokes_of(0))
    assert pads[0].near == ["0"] * 5
    page.menu("Edit", "Clear Outputs of All Cells")
    page.until("!document.querySelector('.vae-pad-frame')")
    assert page.broken() == []


# ---- a page without a kernel ----


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with published.served(tmp_path_factory.mktemp("static"), MAKE, *PADS) as address:
        yield address


@pytest.fixture
def static(chromium, address):
    with published.reader(chromium, address, OnPaper.READY.format(2)) as open_page:
        yield open_page


@long
def test_digits_drawn_by_another_hand_are_found(static):
    pad = OnPaper(static(), 0)
    found = {}
    for digit in DIGITS:
        pad.press("Clear")
        pad.draw(strokes_of(digit))
        found[digit] = pad.near
    print("\n" + "\n".join(f"{digit}: {', '.join(near)}" for digit, near in found.items()))
    assert sum(str(digit) in near for digit, near in found.items()) >= 8
    assert sum(near.count(str(digit)) >= 3 for digit, near in found.items()) >= 7


@long
def test_what_the_browser_encodes_is_what_torch_computes(static):
    page = static()
    pad, rng = OnPaper(page, 0), random.Random(0)
    draw = draw_pad.beside(latent_pad.stored("mnist-2d")).draw
    furthest, ours = {"mu": 0.0, "sigma": 0.0}, published.hosted(page, "_encoder")
    told = f"async e => {{ {DRAWN} return ['mu', 'sigma'].map(name => e.dataset[name].split(',').map(Number)); }}"
    for number in range(100):
        # An example, sheared, stretched, and with a trembling hand.
        shear, stretch = rng.uniform(-0.4, 0.4), rng.uniform(0.6, 1.2)
        draw.strokes = [
            [[round(0.5 + stretch * (x - 0.5) - shear * (y - 0.5) + rng.gauss(0, 0.01), 4), y + rng.gauss(0, 0.01)]
             for x, y in stroke] for stroke in ink.EXAMPLES[number % 10]
        ]  # fmt: skip
        page.evaluate("([k, lines]) => hosted[k].model.set('strokes', lines)", [ours, draw.strokes])
        mu, sigma = pad.paper.evaluate(told)
        assert pad.image == (255 * draw.image).round().int().tolist()
        for name, found, wanted in zip(furthest, (mu, sigma), draw.encoded(), strict=True):
            furthest[name] = max(furthest[name], (torch.tensor(found) - wanted).abs().max().item())
    print(f"\nfurthest from torch, of 100 drawings: {furthest}")
    assert furthest["mu"] < 6e-5  # told in four decimals
    assert furthest["sigma"] < 2e-6  # told in six


@long
def test_without_a_kernel_the_latent_pad_follows(static):
    page = static()
    pad, linked = OnPaper(page, 0), published.hosted(page, "_decoder")
    pad.draw(strokes_of(0))
    mu, sigma = pad.numbers("mu"), pad.numbers("sigma")
    assert [published.value(page, linked, trait) for trait in ("z", "q")] == [mu, [mu, sigma]]
    pad.press("Clear")
    assert published.value(page, linked, "q") is None


@long
def test_a_stroke_tells_at_most_twenty_times_a_second_and_its_end(static):
    page = static()
    pad, ours = OnPaper(page, 0), published.hosted(page, "_encoder")
    pad.draw([[(0.2, 0.2), (0.8, 0.8)]], steps=100)
    assert min(published.gaps(page, ours)) >= 49
    assert close(published.value(page, ours, "strokes")[0][-1], [0.8, 0.8], 0.01)


@long
def test_a_closed_view_leaves_nothing_behind(static):
    page = static()
    with published.closing(page, published.hosted(page, "_encoder")):
        OnPaper(page, 0).draw(strokes_of(3))


@long
def test_a_page_that_has_forgotten_the_latent_pad_still_draws(static):
    # The draw pad's model is there, the latent pad's is not.
    host = published.HOST.replace("if (!state[id])", "if (state[id].state._lattice)")
    ready = "document.querySelectorAll('.vae-pad-paper[data-mu]').length >= 1"
    pad = OnPaper(static(host=host, ready=ready, expected=["widget model not found"]))
    pad.draw(strokes_of(3))
    assert len(pad.numbers("mu")) == 2
    assert "The latent pad is gone: run its cell again." in pad.frame.inner_text()


@long
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_nothing_sticks_out_and_nothing_moves_while_a_hand_draws(static, width):
    page = static(width)
    pad = OnPaper(page, 0)
    below = ("e => [...e.querySelectorAll('*')].filter(each => !each.matches('.vae-pad-spoken, .vae-pad-spoken *'))"
             ".map(each => each.getBoundingClientRect().top - e.getBoundingClientRect().top)")  # fmt: skip
    before = pad.frame.evaluate(below)
    for digit in (0, 4):
        pad.draw(strokes_of(digit))
        assert pad.frame.evaluate(below) == before
    assert pad.frame.evaluate("e => e.scrollWidth <= e.clientWidth")
    draw, plane = pad.frame.bounding_box(), OnPlane(page).plane.bounding_box()
    assert (plane["y"] > draw["y"] + draw["height"] - 1) == (width < 800)  # the pad is under it where it is narrow


@long
def test_a_finger_draws(static):
    page = static(390, has_touch=True)
    pad = OnPaper(page, 0)
    pad.tap(pad.paper, 0.3, 0.3)
    assert sum(pad.image) > 0
    assert len(pad.numbers("mu")) == 2
