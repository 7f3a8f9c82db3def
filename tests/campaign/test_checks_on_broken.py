"""`make portable` sees a stored output that is wrong. (What hygiene and the floors see is in their own tests.)"""

import subprocess
import sys
from pathlib import Path

from nbformat import v4

from tests import hygiene

ROOT = Path(__file__).parents[2]


def page(path, stored):
    """A page whose cell prints 42 and has `stored` as its output."""
    cell = v4.new_code_cell(
        "print(6 * 7)", outputs=[v4.new_output("stream", name="stdout", text=stored)], execution_count=1
    )
    cell.metadata["slideshow"] = {"slide_type": "slide"}
    path.write_text(hygiene.text_of(hygiene.normalise(v4.new_notebook(cells=[cell]))), encoding="utf-8")
    assert hygiene.problems_of_file(path) == [], "nothing else is wrong with it"


def test_portable_compares_what_is_stored(tmp_path, record):
    pages = {stored: tmp_path / f"{number}_page.ipynb" for number, stored in (("00", "42"), ("01", "43"))}
    for stored, path in pages.items():
        page(path, f"{stored}\n")
    # -o: .venv is as it is, nothing is installed for a test; and one process is enough for two pages.
    command = ["make", "-o", ".venv/.test", "portable", f"NOTEBOOKS={' '.join(map(str, pages.values()))}",
               f"PYTEST={sys.executable} -m pytest"]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "1 failed, 1 passed" in done.stdout
    assert "01_page.ipynb" in done.stdout.partition("short test summary")[2]
    record(
        "`make portable`",
        "2 pages, one of which stores 43 where 42 is printed",
        "passes the one and fails on the other",
    )
