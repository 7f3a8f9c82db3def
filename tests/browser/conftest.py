"""A reader in a browser: JupyterLab on a free loopback port, Chromium without a screen, a copy of the notebooks."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from publish.present import write_settings
from tests.browser import published
from tests.browser.deck import WINDOW, Deck, shut_down
from tests.browser.reader import Reader

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
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"},  # every cell is in the page, seen or not
    "@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
}


class Lab(NamedTuple):
    """A running JupyterLab: its address, and the folder of the notebooks that it serves."""

    address: str
    notebooks: Path


class Stage(NamedTuple):
    """What `make present` runs: the address of its JupyterLab, that of the notes, the folder of the copies."""

    address: str
    notes: str
    copies: Path


@contextmanager
def serving(home, module, *arguments, **folders):
    """`python -m module` as a JupyterLab on a free port that knows nobody's settings: its address, and its log."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folders |= {"JUPYTER_CONFIG_DIR": "config", "JUPYTER_RUNTIME_DIR": "runtime", "IPYTHONDIR": "ipython"}
    env = os.environ | {name: str(home / folder) for name, folder in folders.items()}
    env |= {"JUPYTER_PREFER_ENV_PATH": "1", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", module, *arguments, "--no-browser"]
    command += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0", f"--IdentityProvider.token={TOKEN}"]
    log = home / "server.log"
    with log.open("w") as file:
        server = subprocess.Popen(command, env=env, cwd=ROOT, stdout=file, stderr=subprocess.STDOUT)
    address = f"http://127.0.0.1:{port}"
    try:
        end = time.monotonic() + 60
        while not _answers(f"{address}/api"):
            if time.monotonic() > end or server.poll() is not None:
                pytest.fail(f"JupyterLab did not start:\n{log.read_text()[-2000:]}")
            time.sleep(0.2)
        yield address, log
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
def lab(tmp_path_factory):
    """A JupyterLab that serves a copy of notebooks/ and knows nobody's settings."""
    home = tmp_path_factory.mktemp("lab")
    mine = shutil.ignore_patterns("_*", ".*")  # drafts, checkpoints
    shutil.copytree(ROOT / "notebooks", home / "root" / "notebooks", ignore=mine)
    write_settings(home / "settings", SETTINGS)
    own = {"JUPYTERLAB_SETTINGS_DIR": "settings", "JUPYTERLAB_WORKSPACES_DIR": "workspaces"}
    arguments = f"--ServerApp.root_dir={home / 'root'}", "--allow-root", "--ServerApp.ip=127.0.0.1"
    with serving(home, "jupyterlab", *arguments, **own) as (address, _):
        yield Lab(address, home / "root" / "notebooks")


@pytest.fixture(scope="session")
def stage(tmp_path_factory):
    """`make present NB=03`, its copies in a folder of their own; every other notebook is there too."""
    home = tmp_path_factory.mktemp("stage")
    copies = home / "mine" / "on_stage"
    arguments = "03", "--stage", str(copies), "--LabApp.expose_app_in_browser=True"  # slide.js asks it what has run
    with serving(home, "publish.present", *arguments) as (address, log):
        yield Stage(address, re.search(r"http://127\.0\.0\.1:\d+/", log.read_text())[0], copies)


@pytest.fixture
def deck(chromium, stage):
    """`deck("03")` shows the deck of that notebook to a presenter who is not on the internet."""
    contexts = []

    def show(number):
        (name,) = (path.name for path in stage.copies.glob(f"{number}_*.ipynb"))
        context = chromium.new_context(viewport=WINDOW)
        contexts.append(context)
        context.route(re.compile(rf"^(?!{re.escape(stage.address)})https?:"), lambda route: route.abort())
        return Deck(context.new_page(), f"{stage.address}/doc/tree/{name}?token={TOKEN}")

    yield show
    for context in contexts:
        shut_down(context.request, stage.address, TOKEN)
        context.close()


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
    """`read(name)` opens a notebook for a reader who is not on the internet; `read(name).run_all()` runs it.

    `read(name, *cells)` writes it first; `script` runs before the page's own; `folder` is where the server shows it:
    "doc/tree" of JupyterLab, or "notebooks" of Notebook 7.
    """
    contexts = []

    def open_notebook(name, *cells, script="", folder="doc/tree"):
        if cells:
            published.write_notebook(lab.notebooks / name, *cells)
        context = chromium.new_context(viewport={"width": 1280, "height": 900})
        context.add_init_script(script)
        contexts.append(context)
        context.route(re.compile(rf"^(?!{re.escape(lab.address)})https?:"), lambda route: route.abort())
        cells = json.loads((lab.notebooks / name).read_text(encoding="utf-8"))["cells"]
        folded = [cell["metadata"].get("jupyter", {}).get("outputs_hidden", False) for cell in cells]
        shown = sum(bool(cell.get("outputs")) and not hidden for cell, hidden in zip(cells, folded, strict=True))
        return Reader(context.new_page(), f"{lab.address}/{folder}/notebooks/{name}?token={TOKEN}", shown)

    yield open_notebook
    for context in contexts:
        context.close()
