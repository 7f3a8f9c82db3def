"""The results of `make campaign` are there, of all parts, and of as many rounds as were promised."""

from pathlib import Path

import pytest

from tests.campaign.conftest import written

RESULTS = Path(__file__).parents[1] / "benchmarks" / "CAMPAIGN.md"
PROMISED = {
    "`fit`, killed and resumed": "200 SIGKILLs",
    "the kernel's ■": "50 interruptions",
    "a restart of the kernel": "10 restarts",
    "a closed tab": "10 times",
    "the view of a training: Stop is pressed": "100 times",
    "the view of a training: its comms are closed": "100 times",
    "a mirror that truncates": "50 files",
    "a mirror that stalls": "50 files",
    "a mirror that answers 403": "50 files",
    "a mirror that answers 500": "50 files",
    "a mirror that sends wrong bytes": "50 files",
    "a mirror that dies midway": "50 files",
    "hostile files: idx": "10000 files",
    "hostile files: MANIFEST.toml": "10000 files",
    "hostile files: weights": "10000 files",
    "hostile files: checkpoints": "10000 files",
    "a storm of trait changes": "10000 changes",
    "a disk that is full": "50 trainings",
    "a disk that is read-only": "50 trainings",
    "numbers that blow up": "50 trainings",
    "two trainings that are told one path": "50 pairs",
    "`make portable`": "2 pages",
}


@pytest.mark.parametrize(("part", "rounds"), PROMISED.items())
def test_each_part_was_run_as_often_as_promised(part, rounds):
    rows = [line for line in RESULTS.read_text(encoding="utf-8").splitlines() if part in line]
    assert len(rows) == 1
    assert rounds in rows[0]


def test_what_is_written_is_a_table_and_names_the_machine():
    text = written([("b", "2 files", "none"), ("a", "1 file", "none")])
    assert text.index("| a | 1 file | none |") < text.index("| b | 2 files | none |")
    assert "Python 3." in text
    assert "torch" in text
