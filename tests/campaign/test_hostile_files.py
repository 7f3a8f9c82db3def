"""Files that are spoiled, or made to harm, behind the sha256: a clear error or a whole reading, and nothing else."""

import collections
import gzip
import io

import jaxtyping
import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.campaign.spoiling import Payload, bomb, fenced, retold, rewritten, spoiled
from tests.test_download import idx
from vae_helpers.learning import checkpoint, data, manifest, recording, training, weights
from vae_helpers.learning.adam import Adam
from vae_helpers.learning.history import History
from vae_helpers.learning.models import VAE

FEW = data.load("digits").train.images[:32]


def read_all(strategy, count, read, errors, mark, *words):
    """Hand `count` examples to `read`: each is read, or refused by one of `errors` in these words."""
    seen, enforced = collections.Counter(), jaxtyping.config.jaxtyping_disable

    @settings(max_examples=count, derandomize=True, deadline=None, database=None,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(strategy)
    def every(content):
        seen["files"] += 1
        with fenced():  # each by itself: Hypothesis keeps all that it made
            try:
                read(content)
                seen["read"] += 1
                return
            except errors as error:
                refusal = error
        message = f"{type(refusal).__name__}: {refusal}"
        assert [word for word in words if word not in message] == [], message
        assert type(refusal) in errors, message  # a bare UnicodeDecodeError is none of ours

    jaxtyping.config.update("jaxtyping_disable", True)  # readers run without it
    try:
        every()
    finally:
        jaxtyping.config.update("jaxtyping_disable", enforced)
    assert not mark.exists(), "code ran"
    assert seen["files"] >= count
    assert seen["read"] < seen["files"]
    refused = seen["files"] - seen["read"]
    return (
        f"{seen['files']} files",
        f"{refused} refused in words that name the call; no crash, memory bounded, no code run",
    )


def test_idx(rounds, record, tmp_path):
    images = idx(np.random.default_rng(0).integers(0, 256, (3, 28, 28), np.uint8))
    labels = idx(np.arange(3, dtype=np.uint8))
    raw = gzip.decompress(images)
    entry = {"sha256s": ["0"]}

    def read(content):
        files = {"train-images-idx3-ubyte.gz": content, "train-labels-idx1-ubyte.gz": labels}
        data._fetched(
            "mnist", {**files, **{name.replace("train", "t10k"): file for name, file in files.items()}}, entry
        )

    giant = bomb(200_000)
    with fenced(), pytest.raises(ValueError, match="unpacks to more"):
        read(giant)
    mark = tmp_path / "mark"
    zipped = spoiled(raw, mark).map(lambda inner: gzip.compress(inner, 1))
    row = read_all(
        spoiled(images, mark) | zipped, rounds(10_000, 60), read, (ValueError,), mark, "data.load('mnist')", "train"
    )
    record("hostile files: idx, gzipped", *row)


def stored(folder):
    """A data/ with a small model in it."""
    weights.save(
        VAE(64, latent=2, hidden=4), "mine", data.load("digits"), command="none", seed=0, epochs=0, k=1, folder=folder
    )
    return folder


def test_manifest(rounds, record, tmp_path):
    text = (stored(tmp_path) / manifest.NAME).read_bytes()
    fetched = {"subfolder": "mnist", "files": ["a"], "sha256s": ["0"], "mirrors": ["http://127.0.0.1:9/"]}
    text += b"\n" + manifest.with_entry("test", "data", "mnist", fetched, tmp_path / "none")
    mark = tmp_path / "mark"

    def read(content):
        (tmp_path / manifest.NAME).write_bytes(content)
        refused = None
        for load, name in ((data.at_hand, "mnist"), (weights.load, "mine")):
            try:
                load(name, tmp_path)
            except errors as error:
                refused = error
        if refused is not None:
            raise refused

    errors = (ValueError, manifest.Unknown, FileNotFoundError)
    row = read_all(spoiled(text, mark, rewritten(text)), rounds(10_000, 60), read, errors, mark, "('m")
    record("hostile files: MANIFEST.toml", *row)


def recorded(folder):
    """A data/ with the recording of a run in it."""
    history = training.fit(VAE(64, latent=2, hidden=4), FEW, 1, keep=(0, 1))
    run = recording.of(history, data.load("digits"), most=20, side=2)
    recording.save(run, "mine", data.load("digits"), command="none", seed=0, folder=folder)


def encoded(folder):
    """A data/ with what a small model says of the digits."""
    weights.save_cloud("mine", data.load("digits"), command="none", most=20, folder=stored(folder))


def finite_weights(folder):
    assert all(weight.isfinite().all() for weight in weights.load("mine", folder).parameters())


def whole_cloud(folder):
    cloud = weights.cloud("mine", folder)
    assert cloud.codes.isfinite().all()
    assert cloud.logvar is None or cloud.logvar.shape == cloud.codes.shape
    assert [cloud.classes[label] for label in cloud.labels]
    assert len(cloud.codes) == len(cloud.labels)


def whole_recording(folder):
    run = recording.load("mine", folder)
    assert run.codes.isfinite().all()
    assert run.codes.shape == (len(run.epochs), len(run.labels), 2)
    assert len(run.frames) == len(run.epochs)
    assert [run.classes[label] for label in run.labels]


STORED = {
    "weights": (stored, finite_weights, "weights.load('mine')"),
    "clouds": (encoded, whole_cloud, "weights.cloud('mine')"),
    "runs": (recorded, whole_recording, "recording.load('mine')"),
}


@pytest.mark.parametrize("kind", STORED)
def test_what_lies_in_safetensors(kind, rounds, record, tmp_path):
    make, check, call = STORED[kind]
    make(tmp_path)
    path, mark = tmp_path / kind / "mine.safetensors", tmp_path / "mark"
    entry, whole = manifest.entry("test", kind, "mine", tmp_path), path.read_bytes()

    def read(content):
        path.write_bytes(content)
        described = {**entry, "sha256": manifest.sha256(content)}
        (tmp_path / manifest.NAME).write_bytes(manifest.with_entry("test", kind, "mine", described, tmp_path))
        check(tmp_path)

    manners = spoiled(whole, mark, retold(whole))
    row = read_all(manners, rounds(10_000, 60), read, (ValueError,), mark, call, "mine.safetensors")
    record(f"hostile files: {kind}", *row)


def test_digits(rounds, record, tmp_path):
    whole, mark = (manifest.FOLDER / "digits.npz").read_bytes(), tmp_path / "mark"
    giant = io.BytesIO()
    np.savez_compressed(giant, images=np.zeros((200_000, 784), np.uint8), labels=np.zeros(200_000))
    with fenced(), pytest.raises(ValueError, match="unpacks to more"):
        data._digits(giant.getvalue(), "0")
    pickled = io.BytesIO()  # a whole zip, in which an array of objects is a pickle
    np.savez(pickled, images=np.array([Payload(mark)], dtype=object), labels=np.zeros(1))
    ends = st.binary(max_size=200).map(lambda rest: whole[:-200] + rest)  # a zip ends so
    manners = spoiled(whole, mark) | ends | st.just(pickled.getvalue())
    row = read_all(
        manners, rounds(10_000, 60), lambda content: data._digits(content, "0"), (ValueError,), mark,
        "data.load('digits')",
    )  # fmt: skip
    record("hostile files: digits, an npz", *row)


def test_checkpoints(rounds, record, tmp_path):
    path, mark = tmp_path / "checkpoint", tmp_path / "mark"
    training.fit(VAE(64, latent=2, hidden=4), FEW, 1, checkpoint=path)
    whole = path.read_bytes()
    model = VAE(64, latent=2, hidden=4, seed=1)
    optimizer = Adam(model.parameters())

    def read(content):
        path.write_bytes(content)
        found = checkpoint.load(path, "training.fit(…)")
        before = [weight.clone() for weight in model.parameters()]
        try:
            checkpoint.restore(found, model, optimizer, torch.Generator(), History(planned=2))
        except ValueError:
            assert all(torch.equal(*pair) for pair in zip(before, model.parameters(), strict=True))
            raise
        for weight in model.parameters():
            weight.grad = torch.ones_like(weight)
        optimizer.step(1e-3)

    row = read_all(
        spoiled(whole, mark, retold(whole, "checkpoint")),
        rounds(10_000, 60),
        read,
        (ValueError,),
        mark,
        "training.fit(…",
        "checkpoint",
    )
    record("hostile files: checkpoints", *row)
