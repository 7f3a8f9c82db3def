"""The time machine under a hand: in JupyterLab, where Python follows it, and on a page without a kernel."""

import io

import numpy as np
import pytest
import torch
from PIL import Image

from tests.browser import published
from tests.browser.hands import OnMachine
from vae_helpers.learning import recording

pytestmark = pytest.mark.browser
long = pytest.mark.long
STORED = "from vae_helpers.widgets import time_machine\n\nmachine = time_machine.stored('mnist-2d')\nmachine"
TRAINED = """from vae_helpers.learning import data, models, training
from vae_helpers.widgets import time_machine

digits = data.load("digits")
history = training.fit(models.VAE(64, latent=2), digits.train.images, 4, keep=(0, 1, 2, 4))
other = time_machine.of(history, digits)
other"""
RUN = recording.load("mnist-2d")
LAST = len(RUN.epochs) - 1
SAY = "machine.epoch, other.epoch, machine.says"


@pytest.fixture(scope="module")
def page(read):
    page = read("machines.ipynb", STORED, TRAINED, "'asked below'").run_all()
    page.until(OnMachine.READY.format(2))
    return page


@pytest.fixture
def machines(page):
    return [OnMachine(page.page, number) for number in range(2)]


@long
def test_a_drag_travels_and_python_reads_where_it_came_to_rest(page, machines):
    machine, other = machines
    page.ask(SAY, "machine.epoch = 0")
    machine.until(0)
    before, there = [machine.picture(canvas) for canvas in (machine.map, machine.tiles)], other.picture(other.map)
    *_, last = machine.drag([0, 0.2, 0.4, 6.7 / LAST])
    assert 12 < last < 20, "between two moments while the hand holds it"
    machine.until(20)
    heard = page.ask(SAY)
    assert heard[:2] == (20, 0)
    for old, canvas in zip(before, (machine.map, machine.tiles), strict=True):
        assert machine.picture(canvas) != old
    assert other.picture(other.map) == there, "two machines do not disturb each other"
    assert machine.frame.get_by_text("After epoch 20 of 100", exact=True).is_visible()
    said = heard[2].split(": ")[1].rstrip(".")
    assert machine.frame.get_by_text(said, exact=True).first.is_visible()
    assert machine.slider.get_attribute("aria-valuetext") == "After epoch 20 of 100"
    spoken = machine.frame.get_by_role("status")
    page.until("([e, said]) => e.textContent.endsWith(said)", [spoken.element_handle(), said])
    assert page.broken() == []


@long
def test_keys_go_from_moment_to_moment_and_space_plays(page, machines):
    machine = machines[0]
    machine.slider.focus()
    for key, epoch in (("Home", 0), ("ArrowRight", 1), ("ArrowUp", 2), ("PageUp", 8), ("ArrowLeft", 5), ("End", 100)):
        machine.slider.press(key)
        machine.until(epoch)
    assert page.ask(SAY)[0] == 100
    machine.slider.press("ArrowDown")
    machine.slider.press("ArrowDown")
    machine.until(50)
    assert machine.slider.evaluate("e => e === document.activeElement && e.matches(':focus-visible')")
    machine.slider.press(" ")
    machine.stop.wait_for()
    machine.until(100)
    machine.play.wait_for()
    assert page.ask(SAY)[0] == 100
    assert page.broken() == []


@long
def test_play_begins_anew_at_the_end_and_stop_comes_to_rest(page, machines):
    machine = machines[0]
    machine.slider.focus()
    machine.slider.press("End")
    machine.until(100)
    machine.play.press("Enter")
    page.until("e => +e.dataset.epoch > 1 && +e.dataset.epoch < 20", machine.map.element_handle())
    machine.stop.press(" ")
    machine.play.wait_for()
    page.until("([e, epochs]) => epochs.includes(+e.dataset.epoch)", [machine.map.element_handle(), list(RUN.epochs)])
    assert page.ask(SAY)[0] == machine.epoch < 50


@long
def test_python_moves_it_and_between_two_moments_it_says_so(page, machines):
    machine, other = machines
    assert page.ask(SAY, "machine.epoch = 6.5; other.epoch = 4")[:2] == (6.5, 4)
    machine.until(6.5)
    other.until(4)
    assert machine.frame.get_by_text("Between epochs 5 and 8 of 100", exact=True).is_visible()
    assert machine.frame.get_by_text("interpolated", exact=True).is_visible()
    assert float(machine.slider.input_value()) == 4.5
    assert page.ask(SAY)[0] == 6.5, "nobody answers with another rounding"
    for key, epoch in (("ArrowRight", 8), ("ArrowLeft", 5)):
        page.ask(SAY, "machine.epoch = 6.5")
        machine.until(6.5)
        machine.slider.press(key)
        machine.until(epoch)


@long
def test_what_is_drawn_is_what_was_recorded_and_between_them_their_mean(page, machines):
    machine = machines[0]
    greys = [np.asarray(Image.open(io.BytesIO(RUN.frames[k]))).astype(int) for k in (4, 5)]
    for epoch, wanted in ((5, greys[0]), (6.5, (greys[0] + greys[1]) / 2), (8, greys[1])):
        page.ask(SAY, f"machine.epoch = {epoch}")
        machine.until(epoch)
        below = 12 * 29
        assert abs(np.array(machine.greys(machine.tiles)) - wanted[: below - 1, :-1].ravel()).max() <= 1
        assert abs(np.array(machine.greys(machine.strip)) - wanted[below:-1, : 10 * 29 - 1].ravel()).max() <= 1


@long
def test_a_class_is_brought_forward_and_put_back(page, machines):
    machines[0].brings_forward_and_puts_back("3", machines[0].map)


@long
def test_the_dark_theme_is_followed(page, machines):
    machine = machines[0]
    paper = "e => getComputedStyle(e).filter"
    for theme, wanted in (("JupyterLab Dark", "invert(1)"), ("JupyterLab Light", "none")):
        page.theme(theme)
        machine.wait()
        assert [canvas.evaluate(paper) for canvas in (machine.tiles, machine.strip)] == [wanted, wanted]
    assert page.broken() == []


@long
def test_a_cell_run_again_leaves_one_machine_and_a_restart_no_error(page, machines):
    machines[0].frame.evaluate("e => (e.dataset.before = 'yes')")
    page.run_cell(0)
    page.until(f"!document.querySelector('[data-before]') && {OnMachine.READY.format(2)}")
    list(machines[0].drag([0, 2 / LAST]))
    machines[0].until(2)
    assert page.ask(SAY)[0] == 2
    page.restart()
    if machines[0].slider.count():  # what stands there still must still be whole
        machines[0].slider.press("End")
        machines[0].wait()
    assert page.page_errors == []
    page.menu("Edit", "Clear Outputs of All Cells")
    page.until("!document.querySelector('.vae-pad-frame')")
    assert page.broken() == []


# ---- a page without a kernel ----


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with published.served(tmp_path_factory.mktemp("static"), STORED, TRAINED) as address:
        yield address


@pytest.fixture
def static(chromium, address):
    with published.reader(chromium, address, OnMachine.READY.format(2)) as open_page:
        yield open_page


@long
def test_without_a_kernel_the_machine_is_as_alive(static):
    page = static()
    machine, other = OnMachine(page, 0), OnMachine(page, 1)
    before = machine.picture(machine.tiles)
    list(machine.drag([0, 0.5, 1]))
    machine.until(100)
    assert machine.picture(machine.tiles) != before
    list(machine.drag([1, 3.2 / LAST], over=machine.curve))
    machine.until(3)
    assert other.epoch == 0
    other.slider.press("ArrowRight")
    other.until(1)


@long
def test_a_drag_tells_at_most_twenty_times_a_second_and_the_last_place(static):
    page = static()
    list(OnMachine(page, 0).drag([0.005 * step for step in range(100)]))
    OnMachine(page, 0).until(RUN.epochs[round(0.495 * LAST)])
    assert sum(gap < 49 for gap in published.gaps(page, 0)) <= 1, "only the release may follow at once"
    assert published.value(page, 0, "epoch") == OnMachine(page, 0).epoch


@long
def test_a_closed_view_leaves_nothing_behind(static):
    page = static()
    machine = OnMachine(page, 0)
    with published.closing(page, 0):
        machine.play.click()
        machine.stop.wait_for()


@long
def test_where_motion_is_reduced_it_goes_from_moment_to_moment(static):
    page = static(reduced_motion="reduce")
    machine = OnMachine(page, 1)  # four moments: 0, 1, 2, 4
    machine.map.evaluate(
        "e => { window.seen = new Set(); new MutationObserver(() => window.seen.add(+e.dataset.epoch))"
        ".observe(e, {attributes: true}); }"
    )
    machine.slider.press(" ")
    machine.stop.wait_for()
    machine.until(4)
    machine.play.wait_for()
    machine.slider.press("Home")
    machine.until(0)
    assert set(page.evaluate("[...window.seen]")) == {0, 1, 2, 4}


@long
@pytest.mark.parametrize("width", [320, 390, 1280, 1920])
def test_nothing_sticks_out_and_nothing_moves_while_a_hand_drags(static, width):
    page = static(width)
    machine = OnMachine(page, 0)
    tops = (
        "e => [...e.querySelectorAll('canvas, input'), e.nextSibling ?? e.parentNode.parentNode]"
        ".map(each => each.getBoundingClientRect().bottom - e.getBoundingClientRect().top)"
    )
    before = machine.frame.evaluate(tops)
    for _ in machine.drag([0, 0.05, 0.3, 0.33, 1, 0.01]):
        assert machine.frame.evaluate(tops) == before
    assert machine.frame.evaluate("e => e.scrollWidth <= e.clientWidth")
    boxes = [each.bounding_box() for each in (machine.map, machine.slider, machine.tiles)]
    down = [box["y"] for box in boxes]
    assert (down == sorted(down)) == (width < 560), "on a phone the slider stands between the plane and the tiles"
    curve, slider = machine.curve.bounding_box(), machine.slider.bounding_box()
    assert (curve["x"], curve["width"]) == pytest.approx((slider["x"], slider["width"]), abs=0.5)


@long
def test_a_slide_holds_it_whole(static):
    page = static(1280, 720)
    assert OnMachine(page, 0).frame.bounding_box()["height"] < 600


@long
def test_a_finger_travels(static):
    page = static(390, has_touch=True)
    machine = OnMachine(page, 0)
    machine.tap(machine.curve, 0.72, 0.4)
    machine.until(RUN.epochs[round(0.72 * LAST)])


@long
def test_a_picture_that_cannot_be_read_is_said(static, address):
    page = static()
    page.evaluate("""async () => {
      const { model } = hosted[0], bytes = model.get("_frames");
      new Uint8Array(bytes.buffer).fill(0, 0, 50);
      const el = document.createElement("div");
      document.body.append(el);
      const code = URL.createObjectURL(new Blob([model.get("_esm")], { type: "text/javascript" }));
      (await import(code)).default.render({ model, el });
    }""")
    page.get_by_text("The picture of epoch 0 cannot be shown").wait_for()


@long
def test_the_codes_in_the_browser_are_those_of_python(static):
    page = static()
    found = page.evaluate("[...new Uint16Array(hosted[0].model.get('_codes').buffer)]")
    codes = torch.from_numpy(np.array(found, np.uint16).view(np.float16).astype(np.float32))
    assert torch.equal(codes.reshape(RUN.codes.shape), RUN.codes)
