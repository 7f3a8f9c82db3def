"""From a slider's trait to the picture's bytes, in a real kernel: ours beside `interactive()` over the same figure."""

from statistics import median

from benchmarks import report
from benchmarks.kernel import NOTEBOOKS, started
from benchmarks.measure import HEAD, row

# Before a page's cells, so that its explorers are remembered; the inline backend is how a tutorial shows figures.
PREPARE = "%matplotlib inline\nfrom benchmarks import twins\ntwins.listen()"
TWIN, MOST = "interactive()", 40  # milliseconds
ASKED = f"≥ 8, ≤ {MOST} ms"
SAYS = f"""A real kernel runs a page; then a slider's value is set, as the message of a browser sets it, and the
clock stops when the kernel's thread that sends has sent all. The twin is ipywidgets' `interactive()` with a slider
for each of ours: the same numbers are computed, the same figure function draws them, on a fresh figure of pyplot's,
and the inline backend shows it, at the same size and resolution. Each round puts both at the same new place. Asked
is "≥ 8" and at most {MOST} ms for every explorer that a page shows. The pad sends z alone, and the browser decodes;
beside it a digit that Python decodes and sends as a PNG of 28 × 28 pixels."""


def milliseconds(what: str, found: dict[str, list[float]], asked: str) -> list[str]:
    """A row under HEAD."""
    ours, twin = ([1e3 * value for value in found[name]] for name in ("ours", "twin"))
    return row(what, ours, TWIN, twin, asked, "ms")


def of_page(page, rounds: int) -> dict[str, dict[str, list[float]]]:
    """Seconds by figure, ours and the twin's, of the explorers that one notebook shows, in a kernel of their own."""
    with started() as kernel:
        kernel.run(PREPARE)
        kernel.page(page)
        kernel.run(f"found = twins.all_times({rounds})")
        return kernel.value("found")


def decoded(rounds: int) -> dict[str, dict[str, list[float]]]:
    """Seconds of a decoded digit, by the pad and by Python, and of a grid of digits."""
    with started() as kernel:
        kernel.run(PREPARE)
        kernel.run(f"found = twins.digit_times({rounds}) | {{'grid': twins.grid_times({rounds})}}")
        return kernel.value("found")


def run(rounds: int = 7) -> None:
    found = decoded(5 * rounds)
    rows = [
        milliseconds("a decoded digit: the pad's z", found["pad"], "≥ 100"),
        milliseconds("a decoded digit: a PNG from Python", found["python"], "≥ 100"),
        milliseconds("a grid of 20 × 20 digits", found["grid"], "≥ 10"),
    ]
    explorers = []
    for page in NOTEBOOKS:
        for name, times in of_page(page, rounds).items():
            explorers.append((median(times["ours"]), milliseconds(f"{page.stem[:2]}: {name}", times, ASKED)))
    rows += [cells for _, cells in explorers]
    slowest = max(seconds for seconds, _ in explorers)
    says = f"{SAYS} The slowest of the {len(explorers)} explorers takes {1e3 * slowest:.0f} ms."
    report.put(
        "Sliders: from a trait to a picture's bytes", says, HEAD, rows, ["matplotlib", "ipywidgets", "ipykernel"]
    )
