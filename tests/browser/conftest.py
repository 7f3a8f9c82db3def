"""A hand in a real browser: JupyterLab on a free loopback port, Chromium without a screen, a copy of the notebooks."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
TOKEN = "a-hand-in-a-real-browser"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    f"--{flag}"
    for flag in (
        "no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-background-networking",
        "disable-component-update", "disable-sync",
    )
]  # fmt: skip
SETTINGS = {
    "notebook-extension/tracker": {"windowingMode": "none"},  # every cell is in the page, seen or not
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
}
SECONDS = 1000  # in milliseconds


class Lab(NamedTuple):
    """A running JupyterLab: its address, and the folder of the notebooks that it serves."""

    address: str
    notebooks: Path


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    """A JupyterLab that serves a copy of notebooks/ and knows nobody's settings."""
    home = tmp_path_factory.mktemp("lab")
    mine = shutil.ignore_patterns("_*", ".*")  # drafts, checkpoints
    shutil.copytree(ROOT / "notebooks", home / "root" / "notebooks", ignore=mine)
    for name, values in SETTINGS.items():
        path = home / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {
        "JUPYTERLAB_SETTINGS_DIR": "settings", "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "JUPYTER_CONFIG_DIR": "config", "JUPYTER_RUNTIME_DIR": "runtime", "IPYTHONDIR": "ipython",
    }  # fmt: skip
    env = os.environ | {name: str(home / folder) for name, folder in own.items()}
    env |= {"JUPYTER_PREFER_ENV_PATH": "1", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1"]
    command += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0", f"--IdentityProvider.token={TOKEN}"]
    command += [f"--ServerApp.root_dir={home / 'root'}"]
    log = home / "server.log"
    with log.open("w") as file:
        server = subprocess.Popen(command, env=env, stdout=file, stderr=subprocess.STDOUT)
    address = f"http://127.0.0.1:{port}"
    try:
        end = time.monotonic() + 60
        while not _answers(f"{address}/api"):
            if time.monotonic() > end or server.poll() is not None:
                pytest.fail(f"JupyterLab did not start:\n{log.read_text()[-2000:]}")
            time.sleep(0.2)
        yield Lab(address, home / "root" / "notebooks")
    finally:
        server.terminate()
        server.wait(30)


def _answers(url):
    try:
        urllib.request.urlopen(url, timeout=5).close()
    except OSError:
        return False
    return True


@pytest.fixture(scope="session")
def chromium():
    if CHROMIUM is None:
        pytest.skip("no Chromium on the PATH (Debian: apt install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def read(chromium, lab):
    """`read(name)` opens a notebook for a reader who is not on the internet; `read(name).run_all()` runs it."""
    contexts = []

    def open_notebook(name, script=""):
        context = chromium.new_context(viewport={"width": 1280, "height": 900})
        context.add_init_script(script)
        contexts.append(context)
        context.route(re.compile(rf"^(?!{re.escape(lab.address)})https?:"), lambda route: route.abort())
        cells = json.loads((lab.notebooks / name).read_text(encoding="utf-8"))["cells"]
        folded = [cell["metadata"].get("jupyter", {}).get("outputs_hidden", False) for cell in cells]
        shown = sum(bool(cell.get("outputs")) and not hidden for cell, hidden in zip(cells, folded, strict=True))
        return Reader(context.new_page(), f"{lab.address}/doc/tree/notebooks/{name}?token={TOKEN}", shown)

    yield open_notebook
    for context in contexts:
        context.close()


class Reader:
    """One open notebook: what stands on the page, and what a hand can do to it."""

    def __init__(self, page, url, shown):
        self.page, self.page_errors = page, []
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

    def run_all(self, seconds=120):
        prompts = "[...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].map(e => e.textContent)"
        self.page.evaluate(
            "document.querySelectorAll('.jp-OutputArea-output').forEach(e => (e.dataset.before = 'yes'))"
        )
        # Before it has a kernel JupyterLab would ask which one to take.
        self.until("document.querySelector('#jp-main-statusbar').innerText.includes('| Idle')")
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
        """Move the first slider of each explorer to its other end; the caption follows the alt text."""
        self.until("[...document.querySelectorAll('figure.vae-picture img')].every(e => e.naturalWidth > 0)")
        moved = 0
        for picture in self.pictures:
            if not (sliders := self.sliders_of(picture)):
                continue  # a training view: its buttons have a test of their own
            slider, moved = sliders[0], moved + 1
            at_end = slider.evaluate("e => e.value === e.max")
            sentence = self.press(slider, "Home" if at_end else "End", picture)
            assert picture.locator("figcaption").inner_text() == sentence
        assert moved, "no explorer on this page"

    def sliders_of(self, picture):
        """The sliders of the explorer that a picture belongs to."""
        return (
            picture.locator("xpath=ancestor::*[contains(@class, 'jp-OutputArea-output')]").get_by_role("slider").all()
        )
