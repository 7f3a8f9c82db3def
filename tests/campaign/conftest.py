"""How many rounds a campaign has, and what it found: all of them with VAE_CAMPAIGN=1, a few of each without."""

import os
from pathlib import Path

import pytest

from benchmarks import report

PACKAGES = ("safetensors", "ipykernel", "ipywidgets")
RESULTS = Path(__file__).parents[2] / "benchmarks" / "CAMPAIGN.md"
ROWS = pytest.StashKey[list]()
LONG = bool(os.environ.get("VAE_CAMPAIGN"))


@pytest.fixture(scope="session")
def rounds():
    """`rounds(long, short)`: the number to run."""
    return lambda long, short: long if LONG else short


@pytest.fixture
def record(request):
    """`record(part, done, found)`: a row of the results; called last, when all that is said of it has held."""
    rows = request.config.stash.setdefault(ROWS, [])
    return lambda part, done, found: rows.append((part, done, found))


def written(rows) -> str:
    """The results as Markdown."""
    table = "\n".join(f"| {part} | {done} | {found} |" for part, done, found in sorted(rows))
    return (
        "# Nothing lost\n\n"
        "Written by `make campaign`, only where all of it held. `make test` runs a short form of each part.\n\n"
        f"| part | done | found |\n| --- | --- | --- |\n{table}\n\n{report.machine()}; {report.versions(PACKAGES)}.\n"
    )


def pytest_sessionfinish(session, exitstatus):
    """Store the results of a whole campaign that ended well."""
    config, here = session.config, Path(__file__).parent
    asked = [Path(config.invocation_params.dir, argument).resolve() for argument in config.args]
    whole = asked == [here] and not config.option.keyword and not config.option.markexpr
    if LONG and whole and exitstatus == 0:
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(written(config.stash.get(ROWS, [])), encoding="utf-8")
