"""A disk that fills, numbers that blow up, two trainings told one path: a clear word, and what was reached is there."""

import errno
import os
import random
import warnings
from pathlib import Path

import pytest

from tests.test_training import SAID, Spoiled, same
from tests.tools import refused
from vae_helpers.learning import checkpoint, data, training
from vae_helpers.learning.models import VAE

FEW = data.load("digits").train.images[:128]
EPOCHS, BATCH = 6, 32


def fitted(path=None, model=None, **other):
    """Weights and history of one training, told that path."""
    model = model or VAE(64, latent=2, hidden=16)
    call = {"model": model, "images": FEW, "epochs": EPOCHS, "batch_size": BATCH, "checkpoint": path, **other}
    return model.state_dict(), training.fit(**call)


@pytest.fixture(scope="module")
def undisturbed():
    """The History without trouble; `kept` are its weights after each epoch."""
    return fitted(keep=range(EPOCHS + 1))[1]


@pytest.mark.parametrize(("what", "number"), [("full", errno.ENOSPC), ("read-only", errno.EROFS)])
def test_a_disk_that_cannot_be_written_for_a_while(what, number, undisturbed, rounds, record, tmp_path, monkeypatch):
    """Some epochs long the disk takes a part of a file, or nothing; one warning, and the last file that it took."""
    chance, write, trainings = random.Random(number), Path.write_bytes, rounds(50, 3)
    for each in range(trainings):
        path, epoch = tmp_path / str(each) / "checkpoint", iter(range(1, EPOCHS + 1))
        first = chance.randint(1, EPOCHS)
        last = chance.randint(first, EPOCHS)

        def written(path, content, epoch=epoch, first=first, last=last):
            if first <= next(epoch) <= last:
                if number == errno.ENOSPC:
                    write(path, content[: chance.randrange(len(content))])
                raise OSError(number, os.strerror(number))
            write(path, content)

        with monkeypatch.context() as patch, warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            patch.setattr(Path, "write_bytes", written)
            weights, history = fitted(path)
        assert [os.strerror(number) in str(each.message) for each in warned] == [True]
        assert history == undisturbed
        assert same(weights, undisturbed.kept[EPOCHS])
        reached = EPOCHS if last < EPOCHS else first - 1
        assert os.listdir(path.parent) == ["checkpoint"] * (reached > 0)
        assert reached == 0 or same(checkpoint.load(path).weights, undisturbed.kept[reached])
    record(
        f"a disk that is {what} for some epochs",
        f"{trainings} trainings, at random epochs",
        "one warning; the training as without; the file is that of the last epoch that the disk took, and no part lies",
    )


def test_numbers_that_blow_up(undisturbed, rounds, record):
    chance, trainings = random.Random(0), rounds(50, 3)
    for _ in range(trainings):
        model, batches = Spoiled(64, latent=2, hidden=16), len(FEW) // BATCH
        model.wrong, model.when = chance.choice(list(SAID)), chance.randint(1, EPOCHS * batches)
        epoch, batch = divmod(model.when - 1, batches)
        said = f"in batch {batch + 1} {SAID[model.wrong]}"
        with refused(training.Diverged, f"diverged in epoch {epoch + 1}", said, "smaller learning_rate"):
            fitted(model=model)
        assert same(model.state_dict(), undisturbed.kept[epoch])
    record(
        "numbers that blow up in a training",
        f"{trainings} trainings, each in a batch and a term at random",
        "it stops, names epoch, batch and term, and gives back the weights of the last whole epoch",
    )


def test_two_trainings_that_are_told_one_path(undisturbed, rounds, record, tmp_path):
    """The second begins while the first trains: with the first's file there, or, if that was taken away, without."""
    chance, pairs = random.Random(0), rounds(50, 6)
    for each in range(pairs):
        path = tmp_path / f"checkpoint-{each}"
        other = chance.choice([
            {"seed": 1}, {"batch_size": 16}, {"beta": 2.0}, {"beta": training.warm_up(2, 2.0)}, {"images": FEW[1:]},
            {"learning_rate": 1e-3}, {"learning_rate": training.cosine(EPOCHS, 3e-3)}, {"precision": "bfloat16"},
            {"model": VAE(64, latent=2, hidden=16, seed=1)}, {"model": VAE(64, latent=2, hidden=8)},
        ])  # fmt: skip
        begins, theirs = chance.randint(1, EPOCHS - 1), each % 2

        def meanwhile(history, path=path, other=other, begins=begins, theirs=theirs):
            if len(history) != begins:
                return
            if theirs:
                path.unlink()
                fitted(path, **other)
            else:
                with refused(FileExistsError, "the checkpoint of another training", "give checkpoint= another path"):
                    fitted(path, **other)

        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            weights, history = fitted(path, on_epoch=meanwhile)
        assert history == undisturbed
        assert same(weights, undisturbed.kept[EPOCHS])
        assert ["another training" in str(each.message) for each in warned] == [True] * theirs
        found = checkpoint.load(path)
        assert (found.settings == history.settings) is not bool(theirs)
        assert len(found) == EPOCHS
    record(
        "two trainings that are told one path",
        f"{pairs} pairs that differ in one argument, or in their first weights",
        "who came to the other's file is told so, at once or by one warning; both train as without; one file, of one",
    )
