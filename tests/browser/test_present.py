"""make present: a notebook opens straight in its deck, with a living kernel; its notes are on a page of their own."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOKEN = "on-stage"

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    """The address of notebook 03's slides, and that of its notes."""
    home = tmp_path_factory.mktemp("stage")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {"JUPYTER_CONFIG_DIR": "config", "JUPYTER_RUNTIME_DIR": "runtime", "IPYTHONDIR": "ipython"}
    command = [sys.executable, "-m", "publish.present", "03", "--no-browser", f"--ServerApp.port={port}"]
    command += ["--ServerApp.port_retries=0", f"--IdentityProvider.token={TOKEN}"]
    log = home / "log"
    with log.open("w") as file:
        process = subprocess.Popen(
            command, cwd=ROOT, env=os.environ | {name: str(home / folder) for name, folder in own.items()},
            stdout=file, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/api", timeout=1).close()
                break
            except OSError:
                if process.poll() is not None:
                    pytest.fail(log.read_text())
                time.sleep(0.2)
        notes = re.search(r"http://127\.0\.0\.1:\d+/", log.read_text())[0]
        yield f"http://127.0.0.1:{port}/doc/tree/notebooks/03_the_kl_divergence.ipynb?token={TOKEN}", notes
    finally:
        process.terminate()
        process.wait(30)


def test_it_opens_as_slides_with_a_kernel(chromium, stage):
    context = chromium.new_context(viewport={"width": 1280, "height": 720})
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(stage[0])
    page.locator(".jp-deck-mod-onscreen").first.wait_for()
    first = page.locator(".jp-Cell").first
    assert first.evaluate("cell => getComputedStyle(cell).visibility") == "visible"
    page.wait_for_function("document.querySelector('.jp-KernelName')?.textContent.includes('Python')")
    hidden = "getComputedStyle(document.querySelector('.jp-Cell')).visibility === 'hidden'"
    for _ in range(10):  # on to the next slide: first through the cells of this one
        page.locator(".jp-deck-mod-direction-forward").click()
        if page.evaluate(hidden):
            break
    page.wait_for_function(hidden)
    context.close()


def test_the_notes_are_on_a_page_of_their_own(chromium, stage):
    context = chromium.new_context(viewport={"width": 900, "height": 1200})
    page = context.new_page()
    page.goto(stage[1])
    assert "The KL divergence" in page.title()
    assert page.locator("li").count() > 20
    assert page.locator("li", has_text="Ask for the other one").count() == 1  # the first note of the page
    context.close()
