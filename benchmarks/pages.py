"""How long each notebook takes in a fresh kernel, what memory that holds in the end; and how long the proof takes."""

import os
import subprocess
import time
from pathlib import Path
from statistics import median

from benchmarks import report
from benchmarks.kernel import NOTEBOOKS, ROOT, code_of, started

DIGITS, MNIST = 360, 550  # MB that a kernel may hold at a page's end
BARE = "import torch, matplotlib.figure, anywidget"
WITH_MNIST = """
from vae_helpers.learning import data, evaluation, models, training
from vae_helpers.widgets import latent_pad
mnist = data.load("mnist")
model = models.VAE(mnist.pixels, latent=2, seed=0)
training.fit(model, mnist.train.images, epochs=1, test_images=mnist.test.images)
evaluation.elbo(model, mnist.test.images)
latent_pad.of(model, mnist)
"""
HEAD = ("page", "seconds", "kernel's memory at its end", "its own part", "rounds", "asked")
SAYS = """Each notebook's cells in a fresh kernel as `make` starts it, without a browser. Memory at the end: all that is
mapped (RSS), libraries that other kernels share included, and the kernel's own part (USS). An empty kernel and one with
the three packages alone stand first. The last row, which needs VAE_DATA_DIR, does with MNIST what notebook 06 does with
digits: load, train (one epoch), evaluate, and a pad."""


def times(prepare: str, page: Path | None) -> tuple[float, float, float]:
    """Seconds, and megabytes in all and of its own, of a fresh kernel that runs `prepare`, then the page."""
    with started() as kernel:
        begin = time.perf_counter()
        kernel.run(prepare)
        if page is not None:
            kernel.page(page)
        return time.perf_counter() - begin, kernel.megabytes, kernel.own_megabytes


def line(name: str, found: list[tuple[float, float, float]], asked: str) -> list[str]:
    """A row under HEAD: medians of what was found, and their spread."""
    seconds, whole, own = zip(*found, strict=True)
    spread = f"{median(seconds):.3g} ({min(seconds):.3g} – {max(seconds):.3g}) s"
    kept = (f"{median(values):.0f} ({min(values):.0f} – {max(values):.0f}) MB" for values in (whole, own))
    return [name, spread, *kept, str(len(found)), asked]


def asked(page: Path) -> str:
    """What is asked of a page's memory: one that loads models of MNIST may take more than one with digits."""
    return f"≤ {MNIST if any('mnist-' in source for source in code_of(page)) else DIGITS} MB"


def run(rounds: int = 5) -> None:
    plan = [("an empty kernel", "", None, ""), ("with the packages", BARE, None, "")]
    plan += [(page.stem, "", page, asked(page)) for page in NOTEBOOKS]
    if os.environ.get("VAE_DATA_DIR"):
        plan.append(("06's steps with MNIST", WITH_MNIST, None, f"≤ {MNIST} MB"))
    rows = [line(name, [times(code, page) for _ in range(rounds)], most) for name, code, page, most in plan]
    report.put("Pages: seconds and memory", SAYS, HEAD, rows, ["matplotlib", "ipykernel", "ipywidgets"])
    proof()


def proof() -> None:
    """The seconds of `make test`, once. Raises CalledProcessError where a test fails."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("VAE_")}
    begin = time.perf_counter()
    subprocess.run(["make", "test"], cwd=ROOT, env=plain, check=True, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - begin
    says = """All unit tests, and every notebook with its stored outputs compared; what it needs is installed. As a
        newcomer has it: without VAE_DATA_DIR, where the tests with MNIST skip, and the long ones of the browser."""
    report.put("The proof", says, ("command", "seconds", "asked"), [["`make test`", f"{seconds:.0f}", "≤ 300"]])
