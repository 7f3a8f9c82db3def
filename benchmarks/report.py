"""RESULTS.md: a section for each part of the benchmarks, replaced when that part is run again."""

import os
import platform
import re
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

PATH = Path(__file__).with_name("RESULTS.md")
BEGIN = """# Measured beside what a reader would use instead

Written by `make bench`, the table beside a published one by `python -m benchmarks.iwae`; no number here is written by
hand. A ratio above 1 is in our favour.
"""


def put(
    title: str, says: str, head: Sequence[str], rows: Sequence[Sequence[object]], packages: Sequence[str] = ()
) -> None:
    """Write one section anew, with the machine and the versions it was measured on; a new one goes to the end."""
    text = PATH.read_text(encoding="utf-8") if PATH.exists() else BEGIN
    table = "\n".join(f"| {' | '.join(map(str, cells))} |" for cells in (head, ["---"] * len(head), *rows))
    section = f"## {title}\n\n{' '.join(says.split())}\n\n{table}\n\n{machine()}; {versions(packages)}.\n"
    before, mark, after = text.partition(f"## {title}\n")
    rest = re.search(r"^## ", after, re.MULTILINE) if mark else None
    text = f"{before.rstrip()}\n\n{section}" + (f"\n{after[rest.start() :]}" if rest else "")
    PATH.write_text(text, encoding="utf-8")
    print(section, flush=True)


def machine() -> str:
    """The processor and its cores."""
    model = _processor().get("model name") or platform.processor() or platform.machine()
    extra = ", with bfloat16 matrices (AMX)" if has_bfloat16() else ""
    return f"{platform.system()}, {model}, {os.cpu_count()} cores{extra}"


def has_bfloat16() -> bool:
    """Whether the processor multiplies matrices in bfloat16: without, that is slower than float32, and not measured."""
    return "amx_bf16" in _processor().get("flags", "").split()


def _processor() -> dict[str, str]:
    """What Linux says of it."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    return {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}


def versions(packages: Sequence[str]) -> str:
    """Python's, torch's and the packages' versions."""
    return ", ".join(
        [f"Python {platform.python_version()}", *(f"{p} {metadata.version(p)}" for p in ("torch", *packages))]
    )
