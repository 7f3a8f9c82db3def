"""A notebook on a page without a kernel: run, stored with its widgets' state, made HTML and served to a browser."""

import functools
import http.server
import itertools
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
# Stands in for what the page would fetch from a CDN.
HOST = (Path(__file__).parent / "host.js").read_text(encoding="utf-8")

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


def write_notebook(path, *cells):
    """A notebook of these code cells, each of them a slide."""
    made = [v4.new_code_cell(cell, metadata={"slideshow": {"slide_type": "slide"}}) for cell in cells]
    write(hygiene.normalise(v4.new_notebook(cells=made)), path)


@contextmanager
def served(folder, *cells):
    """The address of a page that is made in `folder` of these code cells."""
    write_notebook(folder / "page.ipynb", *cells)
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
def reader(chromium, address, ready):
    """`open_page(width, …)` opens that page for a reader who is not on the internet, and waits until `ready` holds.

    An error of ours is a failure, once the block is left.
    """
    contexts, errors = [], []
    # The page's own scripts come from CDNs too: what they miss is not the widgets' fault.
    known = ["require", "MathJax"]

    def open_page(width=1280, height=900, host=HOST, ready=ready, expected=(), **options):
        context = chromium.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        known.extend(expected)
        context.add_init_script(COUNT)
        context.route(re.compile(rf"^(?!{re.escape(address)})https?:"), lambda route: route.abort())
        context.route("**/html-manager*/**", lambda route: route.fulfill(body=host, content_type="text/javascript"))
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{address}/page.html")
        page.wait_for_function(ready)
        return page

    try:
        yield open_page
    finally:
        for context in contexts:
            context.close()
    assert [error for error in errors if not any(word in error for word in known)] == []


def hosted(page, trait):
    """The number of the first widget on the page that has this trait; tests/browser/host.js lists them in `hosted`."""
    return page.evaluate("trait => hosted.findIndex(({model}) => model.get(trait) !== undefined)", trait)


def value(page, number, trait):
    return page.evaluate("([k, trait]) => hosted[k].model.get(trait)", [number, trait])


def gaps(page, number):
    """Milliseconds between the messages that the view of a widget has sent, without that to the last one."""
    page.wait_for_timeout(100)  # nothing may still be on its way
    saved = page.evaluate("k => hosted[k].model.saved", number)
    assert len(saved) > 3
    return [later - sooner for sooner, later in itertools.pairwise(saved[:-1])]


@contextmanager
def closing(page, number):
    """After the block the view of that widget is closed, and leaves nothing behind: no observer, listener or timer."""

    def listeners(k):
        return page.evaluate("k => Object.values(hosted[k].model.heard).flat().length", k)

    others = [k for k in range(page.evaluate("hosted.length")) if k != number]
    before, heard = dict(page.evaluate("[...live]")), {k: listeners(k) for k in others}
    yield
    page.evaluate("k => hosted[k].close()", number)
    after = dict(page.evaluate("[...live]"))
    assert {name: before[name] - after[name] for name in before} == {"ResizeObserver": 1, "MutationObserver": 1}
    assert listeners(number) == 0
    # At another widget's model it ends what it began, and nothing else.
    own = page.evaluate("k => hosted[k].model.get('pad') ? 1 : 0", number)
    assert sum(heard[k] - listeners(k) for k in others) == own
    told = page.evaluate("k => hosted[k].model.saved.length", number)
    page.emulate_media(color_scheme="dark")
    page.wait_for_timeout(700)  # longer than any of its timers takes
    assert page.evaluate("k => hosted[k].model.saved.length", number) == told
    assert page.evaluate("k => hosted[k].el.childElementCount", number) == 0
