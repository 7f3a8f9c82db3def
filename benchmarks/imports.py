"""What importing the course's modules costs beside what they stand on: fresh interpreters, in turn."""

import os
import pkgutil
import resource
import subprocess
import sys
import time

import vae_helpers
from benchmarks import report
from benchmarks.kernel import ROOT
from benchmarks.measure import HEAD, in_turn, row

TORCH, DRAWING = "import torch", "import torch, matplotlib.pyplot, anywidget"
NO_COLLECTOR = "import gc; gc.disable()\n"
FLOORS = {"maths": TORCH, "learning": TORCH, "figures": DRAWING, "widgets": DRAWING}
SAYS = """Fresh interpreters in turn: a floor with all its modules, beside the packages that it stands on. Once by
the clock, and once by the processor's time, which neighbours move less. A ratio of 1 is no cost at all, and 0.95 is
5 % more. With the three packages Python's garbage collector has come to the brink of a full pass, which the next import
of anything sets off: in the last rows it is off on both sides."""


def modules(floor: str) -> str:
    """`import` of every module of a floor."""
    folder = f"{vae_helpers.__path__[0]}/{floor}"
    return "import " + ", ".join(f"vae_helpers.{floor}.{found.name}" for found in pkgutil.iter_modules([folder]))


def spent(code: str) -> tuple[float, float]:
    """Seconds of a fresh interpreter that runs `code`: by the clock, and of the processor."""
    env = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    env.pop("PYTHONDONTWRITEBYTECODE", None)  # a reader's second import has the bytecode of both sides
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, env=env)
    after, end = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    return end - begin, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def run(rounds: int = 9) -> None:
    codes = {base: base for base in (TORCH, DRAWING)}
    codes |= {floor: f"{base}\n{modules(floor)}" for floor, base in FLOORS.items()}
    codes |= {f"{name}, no collector": NO_COLLECTOR + codes[name] for name in (DRAWING, "figures", "widgets")}
    found = in_turn({name: lambda code=code: spent(code) for name, code in codes.items()}, rounds)
    rows = []
    for floor, base in FLOORS.items():
        for which, unit in enumerate(("by the clock", "of the processor")):
            ours, peer = ([times[which] for times in found[name]] for name in (floor, base))
            rows.append(row(f"`{floor}`, {unit}", ours, f"`{base}`", peer, "≥ 0.952"))
    for floor in ("figures", "widgets"):
        ours, peer = ([times[1] for times in found[f"{name}, no collector"]] for name in (floor, DRAWING))
        rows.append(row(f"`{floor}`, of the processor, no collector", ours, f"`{DRAWING}`", peer, ""))
    report.put("Imports", SAYS, HEAD, rows, ["matplotlib", "anywidget"])
