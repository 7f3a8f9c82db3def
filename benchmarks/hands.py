"""From a hand's event to the pixels that answer it: JupyterLab in Chromium, ours beside `interactive()`."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, Locator, Playwright, TimeoutError, sync_playwright

from benchmarks import report
from benchmarks.measure import HEAD, in_turn, row
from benchmarks.sliders import ASKED
from publish.present import write_settings
from tests.browser.conftest import CHROMIUM, FLAGS, SETTINGS, TOKEN, serving
from tests.browser.published import write_notebook
from tests.browser.reader import Reader

REST = 500  # milliseconds between two presses: while its thumb still runs, ipywidgets' slider hears none
WINDOW = {"width": 1280, "height": 900}
SCRIPT = Path(__file__).with_name("hands.js").read_text(encoding="utf-8")
GRID = "a grid of 20 × 20 digits"
EXPLORERS = {
    "bells that walk (03)": "divergence.walk(ToyModel('fold', 0.3), 1.0, 0.16)",
    "five curves (02)": "bayes.five_curves('fold')",
    GRID: "latent_space.manifold(weights.load('mnist-2d'), (28, 28), columns=20)",
}
CELLS = [
    "%matplotlib inline\nfrom benchmarks import twins\ntwins.listen()\n"
    "from vae_helpers.learning import weights\nfrom vae_helpers.maths.toy import ToyModel\n"
    "from vae_helpers.widgets import bayes, divergence, latent_pad, latent_space",
    *(cell for made in EXPLORERS.values() for cell in (made, "twins.twin(twins.made[-1])")),
    "twins.digit_twin()",
    "latent_pad.stored('mnist-2d')",
]
SAYS = """JupyterLab in Chromium without a screen and without a graphics card. A slider's track is pressed; the
clock runs from that event to the second frame after the answering picture stands on the page, decoded: it has been
painted. The two frames alone are 33 ms. The twin is ipywidgets' `interactive()` with the same numbers, figure and size.
Of the pad, first the work of one move of the pointer (hearing it, decoding, drawing), then from the move to the painted
frame, whose turn it has to await: of all moves in a round the median; its twin is a digit that `interactive()`
draws."""


@contextmanager
def started(playwright: Playwright) -> Iterator[Browser]:
    """Chromium, without a screen."""
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
    yield browser
    browser.close()


@contextmanager
def reading(browser: Browser, cells: list[str]) -> Iterator[Reader]:
    """A notebook of these cells, run, in a JupyterLab of its own."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "root" / "notebooks").mkdir(parents=True)
        write_notebook(home / "root" / "notebooks" / "hands.ipynb", *cells)
        write_settings(home / "settings", SETTINGS)
        own = {"JUPYTERLAB_SETTINGS_DIR": "settings", "JUPYTERLAB_WORKSPACES_DIR": "workspaces"}
        arguments = f"--ServerApp.root_dir={home / 'root'}", "--allow-root", "--ServerApp.ip=127.0.0.1"
        with serving(home, "jupyterlab", *arguments, **own) as (address, _):
            page = browser.new_page(viewport=WINDOW)
            page.add_init_script(SCRIPT)
            yield Reader(page, f"{address}/doc/tree/notebooks/hands.ipynb?token={TOKEN}", 0).run_all()
            page.close()


def presses(reader: Reader, cell: int, track: str) -> Callable[[], float]:
    """What presses the first slider of a cell at its next place, and returns the seconds to the painted picture."""
    root = reader.cell(cell).locator(".jp-OutputArea")
    slider: Locator = root.locator(track).first
    root.locator("img").first.wait_for()
    shares = cycle((0.3, 0.75, 0.4, 0.9, 0.15, 0.65))

    def pressed() -> bool:
        box = slider.bounding_box()
        root.first.evaluate("root => window.watch(root)")
        # Once it is in sight and at rest.
        slider.hover(position={"x": next(shares) * box["width"], "y": box["height"] / 2})
        reader.page.mouse.down()
        try:
            reader.until("window.took !== null", seconds=3)
        except TimeoutError:
            return False
        finally:
            reader.page.mouse.up()
            reader.page.wait_for_timeout(REST)
        return True

    def press() -> float:
        if not any(pressed() for _ in range(5)):  # now and then ipywidgets' slider hears no press: the next place, then
            raise RuntimeError(f"no picture answers the slider of cell {cell}")
        return reader.page.evaluate("window.took") / 1000

    return press


def wander(reader: Reader, cell: int, seconds: float) -> dict:
    """What hands.js tells of a hand that moves over the pad of a cell."""
    plane = reader.cell(cell).locator("canvas.vae-pad-plane")
    plane.scroll_into_view_if_needed()
    box = plane.bounding_box()
    reader.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    reader.page.mouse.down()
    image = reader.cell(cell).locator("canvas.vae-pad-image").element_handle()
    found = plane.evaluate("(plane, [image, seconds]) => window.wander(plane, image, seconds)", [image, seconds])
    reader.page.mouse.up()
    return found


def run(rounds: int = 7) -> None:
    rows = []
    with sync_playwright() as playwright, started(playwright) as browser, reading(browser, CELLS) as reader:
        for number, name in enumerate(EXPLORERS):
            cell = 1 + 2 * number
            ours, twin = presses(reader, cell, "input[type=range]"), presses(reader, cell + 1, ".noUi-target")
            found = in_turn({"ours": ours, "twin": twin}, rounds)
            rows.append(line(name, found["ours"], found["twin"], "≥ 10" if name == GRID else ASKED))
        strolls = []

        def stroll() -> float:
            strolls.append(wander(reader, len(CELLS) - 1, seconds=2))
            return median(strolls[-1]["work"]) / 1000

        found = in_turn({"pad": stroll, "twin": presses(reader, len(CELLS) - 2, ".noUi-target")}, rounds)
    counted = strolls[1:]  # the first warms up
    rows.append(line("pad: the work of a move", found["pad"], found["twin"], "≤ 4 ms"))
    painted = [median(each["painted"]) / 1000 for each in counted]
    rows.append(line("pad: from move to paint", painted, found["twin"], ""))
    drawn, idle = (median(each[name] for each in counted) for name in ("frames", "idle"))
    took = [value for each in counted for value in each["work"]]
    frames = f"The pad drew {drawn:.0f} frames a second (asked: 60) for 2 s; a page at rest is given {idle:.0f} here."
    slow = f"Of its {len(took)} moves the longest took {max(took):.1f} ms."
    report.put(
        "Hands: from an event to pixels",
        f"{SAYS} {frames} {slow}",
        HEAD,
        rows,
        ["jupyterlab", "ipywidgets", "playwright"],
    )


def line(what: str, ours: list[float], twin: list[float], asked: str) -> list[str]:
    """A row under HEAD, in milliseconds."""
    return row(what, [1e3 * value for value in ours], "interactive()", [1e3 * value for value in twin], asked, "ms")
