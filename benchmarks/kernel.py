"""A real kernel for the benchmarks: cells sent to it by Jupyter's own client, and the memory that it takes."""

import ast
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
import psutil
from jupyter_client.manager import start_new_kernel

from tests.hygiene import all_notebooks

ROOT = Path(__file__).parents[1]
NOTEBOOKS = all_notebooks()
MEGABYTE = 1e6


def code_of(page: Path) -> list[str]:
    """The sources of a notebook's code cells, from top to bottom."""
    return [cell.source for cell in nbformat.read(page, as_version=4).cells if cell.cell_type == "code"]


class Kernel:
    """A `python3` kernel that works in `notebooks/`, as a reader's does."""

    def __init__(self, manager, client):
        self._client = client
        self._process = psutil.Process(manager.provisioner.process.pid)

    def run(self, source: str) -> list[dict]:
        """Run a cell to its end and return the messages it sent. RuntimeError with the traceback where it fails."""
        said = []
        reply = self._client.execute_interactive(source, timeout=None, allow_stdin=False, output_hook=said.append)
        if reply["content"]["status"] != "ok":
            raise RuntimeError("\n".join(reply["content"].get("traceback", [])))
        return said

    def value(self, expression: str):
        """What a plain expression (numbers, names, lists and dicts of them) is in the kernel."""
        results = [message for message in self.run(expression) if message["msg_type"] == "execute_result"]
        return ast.literal_eval(results[0]["content"]["data"]["text/plain"])

    def page(self, path: Path) -> None:
        """Run the cells of a notebook from top to bottom."""
        for source in code_of(path):
            self.run(source)

    @property
    def megabytes(self) -> float:
        """What it has in memory now, shared libraries included (RSS)."""
        return self._process.memory_info().rss / MEGABYTE

    @property
    def own_megabytes(self) -> float:
        """What the machine would get back if it ended (USS)."""
        return self._process.memory_full_info().uss / MEGABYTE


@contextmanager
def started() -> Iterator[Kernel]:
    """A fresh kernel for the block, with the packages of this Python and the course of this folder."""
    os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"  # a kernel of that name in the user's home is another Python
    manager, client = start_new_kernel(
        kernel_name="python3",
        cwd=str(ROOT / "notebooks"),
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        extra_arguments=["--log-level=ERROR"],  # no advice on encrypting what stays on the loopback address
    )
    try:
        yield Kernel(manager, client)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
