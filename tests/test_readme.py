"""What README.md promises is so: the index, the commands, the picture, and the lines without make."""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
WITHOUT_MAKE = r"```sh\n(python3 -m venv .+?)```"


def test_the_index_is_the_folder():
    rows = re.findall(r"^\| \[(\d\d) .+?\]\(notebooks/(.+?)\) ((?:\| *\d* )+)\|", README, re.MULTILINE)
    assert [name for _, name, _ in rows] == sorted(
        path.name for path in (ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb")
    )
    for number, name, minutes in rows:
        assert name.startswith(number)
        first = nbformat.read(ROOT / "notebooks" / name, as_version=4).cells[0].source
        assert re.findall(r"\d+", minutes)
        assert re.findall(r"\d+", minutes) == re.findall(r"(\d+) (?:min|with)", first), f"{name} opens otherwise"


def test_the_commands_are_targets_of_the_makefile():
    named = set(re.findall(r"\bmake ([a-z]+)", README.partition("## Without make")[0]))
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert {"lab", "test"} <= named <= targets


def test_the_lines_without_make_are_there_once():
    assert len(re.findall(WITHOUT_MAKE, README, re.DOTALL)) == 1


def test_the_picture_is_there_and_has_words():
    (words, path), *_ = re.findall(r"!\[([^\]]+)\]\(([^)]+)\)", README)
    assert (ROOT / path).read_bytes().startswith(b"\x89PNG")
    assert len(words) > 40


def fresh_copy(target):
    """What a clone would hold if all were committed now."""
    if not (ROOT / ".git").exists():
        pytest.skip("this is no git checkout")
    listed = subprocess.check_output(["git", "ls-files", "-coz", "--exclude-standard"], cwd=ROOT, text=True)
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)


def wait_for(condition, process, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            pytest.fail(f"the lines ended with {process.returncode}")
        if found := condition():
            return found
        time.sleep(0.5)
    pytest.fail(f"nothing after {seconds} s")


@pytest.mark.network
@pytest.mark.long
def test_the_lines_without_make_run_as_they_stand(tmp_path):
    (lines,) = re.findall(WITHOUT_MAKE, README, re.DOTALL)
    clone, settings = tmp_path / "clone", tmp_path / "settings"
    fresh_copy(clone)
    settings.mkdir()
    # The reader's part: not root, and somebody who closes the browser.
    config = {"ServerApp": {"allow_root": True, "open_browser": False}}
    (settings / "jupyter_server_config.json").write_text(json.dumps(config))
    env = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME")}
    env |= {"JUPYTER_CONFIG_DIR": str(settings), "JUPYTER_RUNTIME_DIR": str(settings)}
    env["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{env['PATH']}"  # a python3 that is new enough
    log = tmp_path / "log"
    with log.open("w") as out:
        process = subprocess.Popen(
            ["sh", "-ec", lines], cwd=clone, env=env, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        (state,) = wait_for(lambda: list(settings.glob("jpserver-*.json")), process, 1800)
        server = wait_for(lambda: state.read_text() and json.loads(state.read_text()), process, 10)
        assert server["token"]
        address = f"{server['url']}api/contents/00_start_here.ipynb?content=0&token={server['token']}"
        page = wait_for(lambda: answer(address), process, 60)
        assert page["name"] == "00_start_here.ipynb"
        used = [clone / ".venv/bin/python", "-c", "import vae_helpers; print(vae_helpers.__file__)"]
        assert subprocess.check_output(used, text=True, cwd=tmp_path).startswith(str(clone))
    except BaseException:
        print(log.read_text()[-4000:])
        raise
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        shutil.rmtree(clone)  # pytest keeps its folders, and this one holds a gigabyte


def answer(address):
    try:
        with urllib.request.urlopen(address, timeout=5) as reply:
            return json.load(reply)
    except ConnectionError:
        return None
