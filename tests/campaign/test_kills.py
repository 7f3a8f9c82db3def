"""Trainings ended by SIGKILL at random moments, and resumed: nothing is lost but the epoch that was under way."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_a_training_that_is_killed_comes_to_the_same_end(rounds, record, tmp_path):
    kills = rounds(200, 5)
    done = subprocess.run(
        [sys.executable, "-m", "tests.campaign.lives", str(kills), str(tmp_path)],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert seen["kills"] == kills
    record(
        "`fit`, killed and resumed",
        f"{kills} SIGKILLs over {seen['trainings']} trainings, every second at a random moment, the others placed in "
        f"the midst of a write, where {seen['in a write']} fell in all",
        "weights, history and the last checkpoint's bytes as without a kill; "
        "each checkpoint readable; at most one part of a file lay about, and none in the end",
    )
