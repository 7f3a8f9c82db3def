"""`python -m publish.present 04`: a notebook as live slides in JupyterLab, its notes on a page for the presenter.

Everything comes from this machine. What is shown is a copy, in mine/on_stage/: the course stays as it is, whatever is
typed or run. The settings live in a folder of their own: the reader's JupyterLab stays as it is too.
"""

import argparse
import http.server
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from publish import notes, stage

ROOT = Path(__file__).parents[1]
# A cell has the keyboard; or nothing has, or the deck's arrow that was pressed; or somebody types.
CELL, NOTHING = ".jp-Deck .jp-Notebook.jp-mod-commandMode .jp-Cell:focus", "body[data-jp-deck-mode]:not(:focus-within)"
ARROW, TYPING = ".jp-Deck-Remote :focus", ".jp-Deck .jp-Notebook.jp-mod-editMode .jp-InputArea-editor :focus"


def _go(direction: str) -> dict:
    """The deck goes on, and the keyboard with it: left on a slide that is gone, it would draw the notebook back."""
    return {"commands": [f"deck:{direction}", "notebook:enter-command-mode"]}


# JupyterLab's own arrows leap from heading to heading, and its Shift + Enter leaves the slide before anybody has seen
# what came. PageDown and PageUp are what a clicker in the hand sends.
RUN_ALL = "apputils:run-all-enabled"
KEYS = [
    (RUN_ALL, _go("forward"), ("ArrowRight", "ArrowDown", "PageDown"), (CELL, NOTHING, ARROW)),
    (RUN_ALL, _go("back"), ("ArrowLeft", "ArrowUp", "PageUp"), (CELL, NOTHING, ARROW)),
    ("notebook:run-cell", {}, ("Shift Enter",), (CELL, NOTHING, ARROW, TYPING)),
    ("notebook:enter-edit-mode", {}, ("Enter",), (NOTHING,)),
]
SHORTCUTS = [
    {"command": command, "args": options, "keys": [key], "selector": selector}
    for command, options, keys, selectors in KEYS
    for key in keys
    for selector in selectors
]
# Deck on; no status bar, no question about news, no cell left out of the page to save time.
SETTINGS = {
    "@deathbeds/jupyterlab-deck/plugin": {"active": True},
    "@jupyterlab/apputils-extension/themes": {"theme": "JupyterLab Light"},  # a projector eats dark pages
    "@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/statusbar-extension/plugin": {"visible": False},
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"},
    "@jupyterlab/shortcuts-extension/shortcuts": {"shortcuts": SHORTCUTS},
}


def notebook(number: str, root: Path = ROOT) -> Path:
    """The notebook of that number. Raises ValueError with those that there are."""
    pages = sorted((root / "notebooks").glob("[0-9][0-9]_*.ipynb"))
    for path in pages:
        if path.name.startswith(f"{int(number):02d}_" if number.isdigit() else f"{number}_"):
            return path
    there = ", ".join(path.name[:2] for path in pages)
    raise ValueError(f"there is no notebook {number!r}; there are {there}: make present NB=04")


def write_settings(folder: Path, settings: dict[str, dict] = SETTINGS) -> None:
    """A file for each plugin, as JupyterLab looks for them under JUPYTERLAB_SETTINGS_DIR."""
    for plugin, values in settings.items():
        path = folder / f"{plugin}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values), encoding="utf-8")


def serve_notes(path: Path) -> str:
    """The notes page of a notebook on a free port of this machine alone; its address."""

    class Notes(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            body = notes.page(path).encode()  # read anew: a note may be mended during the break
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Notes)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/"


def main(arguments=None) -> int:
    parser = argparse.ArgumentParser(prog="python -m publish.present", description=__doc__.partition("\n")[0])
    parser.add_argument("number", help="the notebook's two digits, as in 04")
    parser.add_argument("--stage", type=Path, default=ROOT / "mine" / "on_stage", help="where the copies are put")
    parser.add_argument("jupyter", nargs="*", help="further arguments for JupyterLab, as --no-browser")
    options, further = parser.parse_known_args(arguments)
    try:
        path = notebook(options.number)
    except ValueError as error:
        parser.error(str(error))
    if kept := stage.put(path.parent, options.stage):
        print(kept)
    print(f"Notes for your own screen: {serve_notes(path)}")
    print(
        "Slides: the right arrow key goes on, Shift + Enter runs a cell; Escape first where you have typed.", flush=True
    )
    with tempfile.TemporaryDirectory() as folder:
        settings = Path(folder, "settings")
        write_settings(settings)
        Path(folder, "custom").mkdir()
        shutil.copy(Path(__file__).with_name("stage.css"), Path(folder, "custom", "custom.css"))
        environment = {
            **os.environ,
            "JUPYTER_CONFIG_DIR": folder,  # JupyterLab looks there for custom/custom.css
            "JUPYTERLAB_SETTINGS_DIR": str(settings),
            "JUPYTERLAB_WORKSPACES_DIR": str(Path(folder, "workspaces")),
            "JUPYTER_PREFER_ENV_PATH": "1",
        }
        command = [sys.executable, "-m", "jupyterlab", "--ip=127.0.0.1", "--allow-root"]
        command += [f"--LabApp.default_url=/doc/tree/{path.name}", f"--ServerApp.root_dir={options.stage.resolve()}"]
        command += ["--LabApp.custom_css=True", *options.jupyter, *further]
        lab = subprocess.Popen(command, env=environment)
        signal.signal(signal.SIGTERM, lambda *_: lab.terminate())
        try:
            return lab.wait()
        except KeyboardInterrupt:
            lab.terminate()
            return lab.wait()


if __name__ == "__main__":
    sys.exit(main())
