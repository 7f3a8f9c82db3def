"""A notebook on a page without a kernel: run, stored with its widgets' state, made HTML and served to a browser."""

import functools
import http.server
import os
import re
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

from nbformat import v4, write

from tests import hygiene

ROOT = Path(__file__).parents[2]
HOST = Path(__file__).parent / "host.js"  # stands in for what the page would fetch from a CDN

# Before a page's own scripts: how many observers are at work.
COUNT = """
window.live = new Map();
const count = (kind, step) => live.set(kind, (live.get(kind) ?? 0) + step);
for (const name of ["ResizeObserver", "MutationObserver"]) {
  const {observe, disconnect} = window[name].prototype;
  window[name].prototype.observe = function (...what) { count(name, 1); observe.apply(this, what); };
  window[name].prototype.disconnect = function () { count(name, -1); disconnect.apply(this); };
}
"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@contextmanager
def served(folder, *cells):
    """The address of a page that is made in `folder` of these code cells."""
    notebook = v4.new_notebook(cells=[v4.new_code_cell(cell) for cell in cells])
    write(hygiene.normalise(notebook), folder / "page.ipynb")
    command = [sys.executable, "-m", "nbconvert", "--to", "html", "--execute", "--template", "lab", "page.ipynb"]
    env = os.environ | {"PYTHONPATH": str(ROOT), "JUPYTER_PREFER_ENV_PATH": "1", "IPYTHONDIR": str(folder / "ipython")}
    subprocess.run(command, cwd=folder, env=env, check=True, capture_output=True)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def reader(chromium, address):
    """`open_page(width, …)` opens that page for a reader who is not on the internet; an error of ours is a failure."""
    contexts, errors = [], []

    def open_page(width=1280, height=900, **options):
        context = chromium.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        context.add_init_script(COUNT)
        context.route(re.compile(rf"^(?!{re.escape(address)})https?:"), lambda route: route.abort())
        body = HOST.read_text(encoding="utf-8")
        context.route("**/html-manager*/**", lambda route: route.fulfill(body=body, content_type="text/javascript"))
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{address}/page.html")
        page.wait_for_function("window.hosted?.length")
        return page

    try:
        yield open_page
    finally:
        for context in contexts:
            context.close()
    # The page's own scripts come from CDNs too: what they miss is not the widgets' fault.
    assert [error for error in errors if "require" not in error and "MathJax" not in error] == []
