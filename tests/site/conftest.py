"""The site as a reader meets it: from a file server, in Chromium, with everything outside out of reach."""

import functools
import http.server
import re
import threading
from pathlib import Path

import pytest

from publish import packs
from tests.browser.conftest import chromium  # noqa: F401
from tests.browser.published import Quiet

ROOT = Path(__file__).parents[2]
# anywidget says so of a widget that takes over 2 s to begin, as on a busy machine; only a kernel's messages wait for
# that, and here is none. That each does begin is waited for.
LATE = "[anywidget] Failed to initialize model."


@pytest.fixture(scope="session")
def site():
    """The folder that `make site` made."""
    folder = ROOT / "site"
    if not (folder / "index.html").exists():
        pytest.fail("there is no site/: run make site first")
    return folder


@pytest.fixture(scope="session")
def address(site):
    """The site's address on a file server."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=site))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def axe(tmp_path_factory):
    """The script of axe-core, which looks for what keeps people from reading a page."""
    folder = tmp_path_factory.mktemp("axe")
    packs.put(["axe-core"], folder)
    return (folder / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture
def visit(chromium, address):  # noqa: F811
    """`visit(name, **options)` opens a page of the site and waits for its widgets.

    An error in its console, an answer other than 200 and a request to another host are failures, once the test is over.
    """
    contexts, faults = [], []

    def open_page(name, width=1280, theme="light"):
        context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)
        contexts.append(context)

        def outside(route):
            faults.append(f"{name} asks for {route.request.url}")
            route.abort()

        context.route(re.compile(rf"^(?!{re.escape(address)})https?:"), outside)
        page = context.new_page()
        page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: str(error) == LATE or faults.append(str(error)))
        page.on("response", lambda got: faults.append(f"{got.status} for {got.url}") if got.status >= 400 else None)
        page.goto(f"{address}/{name}.html")
        if page.locator("[data-model]").count():
            page.wait_for_function("document.documentElement.dataset.widgets === 'alive'")
            page.wait_for_function("!document.querySelector('.living .lm-Widget:empty')")  # each widget has begun
        page.wait_for_function("!document.querySelector('script[src*=mathjax]') || window.MathJax?.startup?.promise")
        page.evaluate("window.MathJax?.startup?.promise")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []
