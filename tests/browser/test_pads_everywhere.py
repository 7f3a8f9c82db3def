"""The three pads where a course meets them besides JupyterLab's page: in Notebook 7, and on the slides of a lesson."""

import shutil

import pytest

from tests.browser.hands import OnMachine, OnPaper, OnPlane, close, strokes_of

pytestmark = [pytest.mark.browser, pytest.mark.long]
PADS, MACHINE, ASK = range(3)  # a cell each, and a slide each
CELLS = [
    "from vae_helpers.widgets import draw_pad, latent_pad\nboth = draw_pad.beside(latent_pad.stored('mnist-2d'))\nboth",
    "from vae_helpers.widgets import time_machine\n\nmachine = time_machine.stored('mnist-2d')\nmachine",
    "'asked below'",
]
SAY = "both.draw.strokes, both.pad.z, both.pad.q, both.draw.drawn and both.draw.nearest, machine.epoch"
# A slide comes in from the side, and finds its middle.
AT_REST = """
async (e) => {
  for (let same = 0, last = ""; same < 10; ) {
    await new Promise(requestAnimationFrame);
    const { x, y, width, height } = e.getBoundingClientRect(), now = [x, y, width, height].join();
    [same, last] = [now === last ? same + 1 : 0, now];
  }
}
"""
# Notebook 7 throws them without a widget too: the first on any page, the second where its server has shown JupyterLab.
OF_NOTEBOOK_7 = (
    "Cannot read properties of undefined (reading 'schema')",
    "Command 'filebrowser:open-path' not registered.",
)


class Page:
    """All cells of a page in sight."""

    errors = OF_NOTEBOOK_7

    def __init__(self, read):
        self.reader = read("everywhere.ipynb", *CELLS, folder="notebooks").run_all()

    def show(self, number):
        """Go where the cell of that number is."""

    @property
    def active(self):
        """The number of the cell that the keyboard would go on from, and those of the cells in sight."""
        return self.reader.page.evaluate(
            "() => { const cells = [...document.querySelectorAll('.jp-Cell')];"
            " return [cells.findIndex(e => e.matches('.jp-mod-active')),"
            " cells.flatMap((e, k) => getComputedStyle(e).visibility === 'visible' ? [k] : [])]; }"
        )

    def ask(self, code="pass"):
        self.show(ASK)
        return self.reader.ask(SAY, code)

    def broken(self):
        found = self.reader.broken()
        for known in self.errors:
            if known in found:
                found.remove(known)  # once, and no more
        return found


class Slides(Page):
    """jupyterlab-deck: one cell in sight, run where it stands."""

    errors = ()

    def __init__(self, read):
        self.reader = read("slides.ipynb", *CELLS)
        self.reader.idle()
        self.reader.command("start deck")
        for number in range(len(CELLS)):
            self.show(number)
            self.reader.run_cell(number)
            self.reader.cell(number).locator(".jp-InputPrompt", has_text=f"[{number + 1}]").wait_for(state="attached")

    def show(self, number):
        seen = self.reader.cell(number)
        self.reader.page.locator(".jp-deck-mod-onscreen").wait_for()
        while self.active[1] != [number]:
            here = self.active[1][0]
            towards = "forward" if number > here else "back"
            self.reader.page.locator(f".jp-deck-mod-direction-{towards}").click()
            self.reader.until(
                "k => getComputedStyle(document.querySelectorAll('.jp-Cell')[k]).visibility === 'hidden'", here
            )
        seen.evaluate(AT_REST)


@pytest.fixture(scope="module", params=[Page, Slides], ids=["Notebook 7", "slides"])
def place(request, read, lab):
    place = request.param(read)
    for hand in (OnPaper, OnPlane, OnMachine):
        place.reader.until(hand.READY.format(1))
    yield place
    saved = lab.notebooks.parents[1] / "settings" / "@deathbeds"  # with these the next page would open as slides
    shutil.rmtree(saved, ignore_errors=True)


def test_a_pointer_draws_drags_and_travels(place):
    page = place.reader.page
    place.show(PADS)
    paper, plane, machine = OnPaper(page), OnPlane(page), OnMachine(page)
    before = plane.picture(plane.plane)
    paper.draw(strokes_of(0))
    assert paper.near == ["0"] * 5
    assert plane.picture(plane.plane) != before
    mu, sigma = paper.numbers("mu"), paper.numbers("sigma")
    strokes, z, q, near, _ = place.ask()
    assert len(strokes) == 1
    assert (z, q, near) == (mu, [mu, sigma], ["0"] * 5)
    place.show(PADS)
    *_, last = plane.drag([(0.5, 0.5), (0.4, 0.6), (0.3, 0.7)])
    assert last[0] < -1 > last[1]
    place.show(MACHINE)
    *_, epoch = machine.drag([0, 0.3, 1])  # from its left end, over which on slides JupyterLab lays a strip
    assert epoch == 100
    _, z, q, _, epoch = place.ask()
    assert (z, q, epoch) == (last, [mu, sigma], 100)
    assert place.broken() == []


def test_keys_move_the_pads_and_neither_slide_nor_cell(place):
    page = place.reader.page
    place.ask("both.draw.clear(); both.pad.z = [0, 0]; machine.epoch = 0")
    place.show(PADS)
    paper, plane, machine = OnPaper(page), OnPlane(page), OnMachine(page)
    paper.paper.focus()
    here = place.active
    page.keyboard.press("1")
    assert paper.near == ["1"] * 5
    page.keyboard.press("Backspace")
    assert paper.near == []
    page.keyboard.press("6")
    assert paper.near == ["6"] * 5
    plane.plane.focus()
    page.keyboard.press("Home")
    for key in ("ArrowRight", "ArrowUp", "ArrowUp", "ArrowDown", "ArrowLeft", "ArrowLeft", "Shift+ArrowRight"):
        page.keyboard.press(key)
        assert place.active == here
    assert close(plane.z, [0.45, 0.05])
    place.show(MACHINE)
    machine.slider.focus()
    here = place.active
    for key, epoch in (("ArrowRight", 1), ("ArrowUp", 2), ("ArrowDown", 1), ("ArrowLeft", 0), ("End", 100)):
        page.keyboard.press(key)
        machine.until(epoch)
        assert place.active == here
    page.keyboard.press("Home")
    machine.until(0)
    page.keyboard.press(" ")
    machine.stop.wait_for()
    page.keyboard.press(" ")
    machine.play.wait_for()
    page.keyboard.press("End")
    machine.until(100)
    assert place.active == here
    _, z, _, near, epoch = place.ask()
    assert (near, epoch) == (["6"] * 5, 100)
    assert close(z, [0.45, 0.05])
    assert place.broken() == []
