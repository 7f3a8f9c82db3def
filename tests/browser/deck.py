"""A notebook on stage: a presenter who steps through every slide, runs its cells, and sees what does not fit."""

from pathlib import Path
from typing import NamedTuple

SECONDS = 1000  # in milliseconds
WINDOW = {"width": 1280, "height": 720}
LOOK = (Path(__file__).parent / "slide.js").read_text(encoding="utf-8")


class Step(NamedTuple):
    """Where the presenter stands: the cell, whether it is code, its text, the slide's first cell and its headline."""

    cell: int
    code: bool
    text: str
    slide: int
    headline: str


class Deck:
    """A notebook that `make present` shows, in a window of 1280 × 720."""

    def __init__(self, page, url):
        self.page, self.page_errors = page, []
        page.set_default_timeout(60 * SECONDS)
        page.on("pageerror", lambda error: self.page_errors.append(str(error)))
        page.add_init_script(LOOK)
        page.goto(url)
        page.locator(".jp-deck-mod-onscreen").first.wait_for()
        self.until("document.querySelector('.jp-KernelName')?.textContent.includes('Python')")
        self.until("document.querySelector('.jp-Notebook-ExecutionIndicator[data-status=idle]')")
        self.until("document.querySelector('.jp-Notebook').contains(document.activeElement)")

    def until(self, condition, argument=None, seconds=60):
        """Wait until the JavaScript `condition` holds in the page."""
        return self.page.wait_for_function(condition, arg=argument, timeout=seconds * SECONDS, polling=50)

    def step(self) -> Step:
        return Step(**self.page.evaluate("slide.step()"))

    def run(self, seconds=120):
        """Run the cell that the presenter stands on, and wait until all that it shows is there."""
        cell = self.page.evaluate("slide.mark()")
        self.page.keyboard.press("Shift+Enter")
        self.until("slide.ran", cell, seconds)

    def on(self) -> bool:
        """Go on by the right arrow; False at the end."""
        before = self.step()
        if self.page.evaluate("slide.atEnd()"):
            return False
        self.page.keyboard.press("ArrowRight")
        self.until("cell => slide.step().cell !== cell", before.cell)
        return True

    def faults(self) -> list[str]:
        """What is wrong with the slide on view, once it stands still."""
        self.until("slide.still()")
        return self.page.evaluate("slide.faults()")

    def walk(self, look=lambda deck, step: None, until=lambda step: False) -> list[str]:
        """From here to the end or `until` a step, every cell run; what is wrong on the way. `look` sees each step."""
        found = []
        while True:
            step = self.step()
            if step.code:
                self.run()
                self.page.evaluate("slide.showAllLines()")  # as the presenter will: a derivation is longest then
            faults = self.faults()
            if not step.headline:
                faults.append("it has no headline")
            found += [f"{step.headline or f'cell {step.slide}'}: {fault}" for fault in faults]
            look(self, step)
            if until(step) or not self.on():
                return list(dict.fromkeys(found + self.page_errors))


def shut_down(request, address: str, token: str) -> None:
    """End all kernels: a deck that was shown leaves its own behind."""
    headers = {"Authorization": f"token {token}"}
    for session in request.get(f"{address}/api/sessions", headers=headers).json():
        request.delete(f"{address}/api/sessions/{session['id']}", headers=headers)
