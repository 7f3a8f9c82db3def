"""`make bench`, or `python -m benchmarks [PART …]`: measure, and write these parts of RESULTS.md. An hour in all."""

import importlib
import sys

# The order of RESULTS.md. `iwae`, which takes an hour a row, has a command of its own.
PARTS = ("epochs", "to_a_bound", "likelihoods", "sliders", "hands", "imports", "pages")


def main(asked: list[str]) -> None:
    """Run the parts that were asked for, or all. Exits with the parts there are where a name is none of them."""
    if unknown := set(asked) - set(PARTS):
        sys.exit(f"{', '.join(sorted(unknown))}: no such part; there are {', '.join(PARTS)}")
    for part in asked or PARTS:
        print(f"-- {part}", flush=True)
        importlib.import_module(f"benchmarks.{part}").run()


if __name__ == "__main__":
    main(sys.argv[1:])
