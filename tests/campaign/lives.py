"""Trainings that are killed: `python -m tests.campaign.lives KILLS FOLDER` prints, as JSON, what was seen.

A life is a child of this process, which has torch loaded and one thread: it begins at once, and SIGKILL ends it as it
would any process. Half of the lives are killed from outside after a random time; the others kill themselves while they
write a checkpoint, after a random number of its bytes.
"""

import json
import os
import random
import signal
import sys
import time
from pathlib import Path

import torch

from vae_helpers.learning import checkpoint, data, manifest, training
from vae_helpers.learning.models import KINDS

EPOCHS = 12
DIGITS = data.load("digits")
FEW, TEST = DIGITS.train.images[:128], DIGITS.test.images[:32]


def fitted(kind: str, path: Path) -> tuple[dict, training.History]:
    """The weights and the history of a training that goes on from `path` where it is there."""
    model = KINDS[kind](64, latent=2, hidden=32)
    resume = path if path.exists() else None
    history = training.fit(
        model,
        FEW,
        EPOCHS,
        test_images=TEST,
        learning_rate=training.cosine(EPOCHS, 4e-3),
        checkpoint=path,
        resume=resume,
    )
    return model.state_dict(), history


def die_while_writing(chance: random.Random) -> None:
    """From now on some write of this process ends in the midst: in the file, or before it gets its name."""
    left, cut = chance.randrange(EPOCHS // 2), chance.random()
    replace = os.replace

    def write(path, content):
        with open(path, "wb") as file:
            if left == 0 and cut < 0.8:
                file.write(content[: int(cut * len(content))])
                file.flush()
                os.kill(os.getpid(), signal.SIGKILL)
            file.write(content)

    def rename(part, path):
        nonlocal left
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left -= 1
        replace(part, path)

    Path.write_bytes, manifest.os.replace = write, rename


def live(kind: str, path: Path, before=lambda: None, kill_after: float | None = None) -> bool:
    """One life; True where it came to its end."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            before()
            fitted(kind, path)
            status = 0
        finally:
            os._exit(status)
    if kill_after is not None:
        time.sleep(kill_after)
        os.kill(child, signal.SIGKILL)  # where it has ended already, nobody has waited for it yet: its id is its own
    how = os.waitpid(child, 0)[1]
    if os.WIFEXITED(how):
        assert os.WEXITSTATUS(how) == 0, "a life failed; its message stands above"
        return True
    assert os.WTERMSIG(how) == signal.SIGKILL
    return False


def campaign(kills: int, folder: Path) -> dict:
    """Trainings one after the other, until `kills` were killed and the last one has come to its end."""
    chance, seen = random.Random(0), {"kills": 0, "in a write": 0, "before the first checkpoint": 0, "trainings": 0}
    wanted, took = {}, {}
    for kind in KINDS:
        began = time.monotonic()
        wanted[kind] = (*fitted(kind, folder / f"whole-{kind}"), (folder / f"whole-{kind}").read_bytes())
        took[kind] = time.monotonic() - began
    while seen["kills"] < kills:
        kind = list(KINDS)[seen["trainings"] % 2]
        place = folder / f"run-{seen['trainings']}"
        place.mkdir()
        path = place / "checkpoint"
        _one(kind, path, kills, chance, seen, took[kind])
        weights, history, content = wanted[kind]
        assert path.read_bytes() == content, "the last checkpoint, bit for bit"
        found, again = fitted(kind, path)
        assert again == history
        assert all(torch.equal(found[key], weights[key]) for key in weights)
        assert os.listdir(place) == ["checkpoint"], f"left behind: {os.listdir(place)}"
        seen["trainings"] += 1
    return seen


def _one(kind: str, path: Path, kills: int, chance: random.Random, seen: dict, took: float) -> None:
    """One training, killed again and again, until a life comes to its end."""
    reached, left = 0, []
    while True:
        if seen["kills"] == kills:
            ended = live(kind, path)
        elif seen["kills"] % 2:
            ended = live(kind, path, lambda: die_while_writing(chance))
            chance.random()  # the child's draws stay in the child: the next life gets others
        else:
            ended = live(kind, path, kill_after=chance.uniform(0, took / 2))
        parts = [name for name in os.listdir(path.parent) if name != path.name]
        assert len(parts) <= 1, f"parts of files pile up: {parts}"
        before, reached = reached, len(checkpoint.load(path)) if path.exists() else 0
        assert reached >= before, "what was reached is there"
        if ended:
            return
        seen["kills"] += 1
        seen["in a write"] += bool(set(parts) - set(left))  # a part of the life that ended now, not of one before
        left = parts
        seen["before the first checkpoint"] += reached == 0


if __name__ == "__main__":
    print(json.dumps(campaign(int(sys.argv[1]), Path(sys.argv[2]))))
