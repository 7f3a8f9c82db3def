"""A notebook that is open in a browser: what stands on the page, and what a reader can do to it."""

import ast
import re

SECONDS = 1000  # in milliseconds
STATUS = ".jp-Notebook-ExecutionIndicator"
# On a pad: what has the keyboard, a key, and the canvas that then says something else.
KEYS = (
    ("canvas.vae-pad-plane", "ArrowLeft", "canvas.vae-pad-image", "z"),
    ("canvas.vae-pad-paper", "1", "canvas.vae-pad-paper", "mu"),
    (".vae-pad-epochs input", "End", "canvas.vae-pad-map", "epoch"),
)


def press_pads(page, pads):
    """A key on each of these pads, and its canvas says something else; returns how many canvases did."""
    moved = 0
    for pad in pads:
        for focus, key, shows, name in KEYS:
            if not pad.locator(focus).count():
                continue
            canvas, moved = pad.locator(shows), moved + 1
            before = canvas.get_attribute(f"data-{name}")
            pad.locator(focus).press(key)
            changed = "([e, name, before]) => e.dataset[name] !== before"
            page.wait_for_function(changed, arg=[canvas.element_handle(), name, before], polling=100)
    return moved


class Reader:
    """One open notebook: what stands on the page, and what a hand can do to it."""

    def __init__(self, page, url, shown):
        self.page, self.page_errors, self.asked = page, [], 0
        page.set_default_timeout(30 * SECONDS)
        page.on("pageerror", lambda error: self.page_errors.append(str(error)))
        page.goto(url)
        page.wait_for_selector(".jp-Notebook .jp-CodeCell")
        self.until("n => document.querySelectorAll('.jp-CodeCell:has(.jp-OutputArea-output)').length >= n", shown)

    def until(self, condition, argument=None, seconds=30):
        """Wait until the JavaScript `condition` holds in the page (asked at every frame, it would slow it down)."""
        return self.page.wait_for_function(condition, arg=argument, timeout=seconds * SECONDS, polling=100)

    def menu(self, *names):
        for name in names[:-1]:
            self.page.get_by_role("menuitem", name=name, exact=True).click()
        self.page.get_by_role("menuitem", name=names[-1], exact=True).click()

    def idle(self):
        """Wait until the kernel is there and has nothing to do, as the toolbar of JupyterLab and of Notebook 7 says."""
        named = "![null, 'No Kernel'].includes(document.querySelector('.jp-KernelName')?.textContent ?? null)"
        self.until(f"{named} && document.querySelector('{STATUS}[data-status=idle]')")

    def cell(self, number):
        return self.page.locator(".jp-CodeCell").nth(number)

    def run_cell(self, number):
        self.cell(number).locator(".cm-content").click()
        self.page.keyboard.press("Control+Enter")

    def ask(self, wanted, code="pass"):
        """Run `code` in the notebook's last cell, and return what the expression `wanted` is there.

        What a hand did may still be on its way to the kernel: it is asked until two answers agree.
        """
        answer = self._answer(wanted, code)
        for _ in range(20):
            before, answer = answer, self._answer(wanted)
            if answer == before:
                break
        return answer

    def _answer(self, wanted, code="pass"):
        self.asked += 1
        self.cell(-1).locator(".cm-content").click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(f"{code}\n{self.asked}, ({wanted})")
        self.page.keyboard.press("Control+Enter")
        output = self.cell(-1).locator(".jp-OutputArea-output", has_text=re.compile(rf"^\s*\({self.asked},"))
        output.wait_for()
        return ast.literal_eval(output.inner_text())[1]

    def theme(self, name):
        self.command(name)
        self.until("dark => document.body.dataset.jpThemeLight === dark", str("Light" in name).lower())

    def command(self, name):
        """By the palette of JupyterLab."""
        self.page.keyboard.press("Control+Shift+c")
        self.page.get_by_placeholder("SEARCH", exact=True).fill(name)
        self.page.keyboard.press("Enter")

    def restart(self):
        self.page.get_by_role("menuitem", name="Kernel", exact=True).click()
        self.page.locator('.lm-Menu-item[data-command="kernelmenu:restart"]').click()
        self.page.locator(".jp-Dialog").get_by_role("button", name="Confirm Kernel Restart").click()
        self.page.locator(f"{STATUS}:not([data-status=idle])").wait_for()
        self.idle()

    def run_all(self, seconds=300):
        prompts = "[...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].map(e => e.textContent)"
        self.page.evaluate(
            "document.querySelectorAll('.jp-OutputArea-output').forEach(e => (e.dataset.before = 'yes'))"
        )
        self.idle()  # before it has a kernel JupyterLab would ask which one to take
        self.menu("Run", "Run All Cells")
        # Each cell's old outputs leave when its own arrive; a cell after one that failed has no number.
        self.until(f"() => {prompts}.every(text => !text.includes('*')) && {prompts}.some(text => /\\d/.test(text)) && "
                   "!document.querySelector('[data-before]')", seconds=seconds)  # fmt: skip
        return self

    @property
    def pictures(self):
        return self.page.locator("figure.vae-picture").all()

    def broken(self):
        """What no reader should see: errors of the page, of a cell, of a widget, and anything on stderr."""
        kinds = ("error", "stderr")
        selector = ", ".join(f'[data-mime-type="application/vnd.jupyter.{kind}"]' for kind in kinds)
        outputs = self.page.locator(f".jp-OutputArea-output:is({selector})").all_inner_texts()
        texts = self.page.locator(".jp-OutputArea-output").all_inner_texts()
        phrases = ("Error displaying widget", "model not found", "Loading widget")
        alerts = [text for text in self.page.locator("[role=alert]:visible").all_inner_texts() if text.strip()]
        return self.page_errors + outputs + [t for t in texts if any(phrase in t for phrase in phrases)] + alerts

    def press(self, slider, key, picture):
        """Press a key on a slider and wait until the picture's sentence has changed."""
        image = picture.locator("img")
        before = image.get_attribute("alt"), image.get_attribute("src")
        slider.focus()
        self.page.keyboard.press(key)
        self.until(
            "([image, [alt, src]]) => image.alt !== alt && image.src !== src && image.complete && image.naturalWidth",
            [image.element_handle(), before],
        )
        return image.get_attribute("alt")

    def move_every_explorer(self):
        """Move the first slider of each explorer to its other end; the caption follows. Returns how many there are."""
        self.until("[...document.querySelectorAll('figure.vae-picture img')].every(e => e.naturalWidth > 0)")
        moved = 0
        for picture in self.pictures:
            if not (sliders := self.sliders_of(picture)):
                continue  # a training view: its buttons have a test of their own
            slider, moved = sliders[0], moved + 1
            at_end = slider.evaluate("e => e.value === e.max")
            sentence = self.press(slider, "Home" if at_end else "End", picture)
            assert picture.locator("figcaption").inner_text() == sentence
        return moved

    def move_every_pad(self):
        """A key on each: z takes a step, an example is drawn, the run goes to its end; returns how many there are."""
        return press_pads(self.page, self.page.locator(".vae-pad-frame").filter(visible=True).all())

    def sliders_of(self, picture):
        """The sliders of the explorer that a picture belongs to."""
        return (
            picture.locator("xpath=ancestor::*[contains(@class, 'jp-OutputArea-output')]").get_by_role("slider").all()
        )
