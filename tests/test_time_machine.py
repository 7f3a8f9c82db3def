"""widgets.time_machine: what the browser is given, what may be set, and what stands where nothing runs."""

import io
import math

import numpy as np
import pytest
import torch
import traitlets
from PIL import Image

from tests.tools import refused
from vae_helpers.learning import data, recording, training
from vae_helpers.learning.models import AE, VAE
from vae_helpers.widgets import time_machine
from vae_helpers.widgets.time_machine import TimeMachine

DIGITS = data.load("digits")


def run(kind=VAE, keep=(0, 1, 3), epochs=4):
    return training.fit(kind(64, latent=2, hidden=8), DIGITS.train.images[:128], epochs, keep=keep)


@pytest.fixture
def machine():
    return time_machine.stored("mnist-2d")


def test_the_browser_is_given_what_was_recorded(machine):
    run = recording.load("mnist-2d")
    codes = torch.from_numpy(np.frombuffer(machine._codes, "<f2").astype(np.float32))
    assert torch.equal(codes.reshape(run.codes.shape), run.codes)
    assert list(machine._labels) == run.labels.tolist()
    assert (machine._epochs, machine._trained) == (list(run.epochs), 100)
    assert sum(machine._sizes) == len(machine._frames)
    first = Image.open(io.BytesIO(machine._frames[: machine._sizes[0]]))
    assert first.size == (12 * 29, 13 * 29)
    assert [machine._classes[machine._labels[i]] for i in machine._shown] == list("0123456789")
    assert (machine._shape, machine._side, machine._prior, machine._figures) == ([28, 28], 12, True, run.figures)


def test_a_machine_is_made_from_a_history():
    machine = time_machine.of(run(), DIGITS)
    assert (machine._epochs, machine._trained, machine.epoch) == ([0, 1, 3], 4, 0)
    twin = time_machine.of(run(AE, keep=[2]), DIGITS)
    assert (twin._epochs, twin._prior, twin.epoch, list(twin._figures)) == ([2], False, 2, ["reconstruction"])
    assert repr(twin) == "TimeMachine. After epoch 2 of 4; recorded are epochs 2."
    with refused(ValueError, "recording.of(history, dataset)", "kept no weights"):
        time_machine.of(run(keep=()), DIGITS)
    with refused(KeyError, "recording.load('nothing')", "'mnist-2d'"):
        time_machine.stored("nothing")


def test_the_repr_says_where_it_stands_and_no_figure_of_this_machine(machine):
    kept = "recorded are epochs 0, 1, 2, 3, 5, 8, 12, 20, 32, 50, 75, 100."
    assert repr(machine) == f"TimeMachine. Before the first of 100 epochs; {kept}"
    machine.epoch = 12
    assert repr(machine) == f"TimeMachine. After epoch 12 of 100; {kept}"
    machine.epoch = 13.5
    assert repr(machine) == f"TimeMachine. Between epochs 12 and 20 of 100; {kept}"


def test_the_sentence_says_the_figures_and_between_two_moments_those_between(machine):
    run = machine.recording
    machine.epoch = 100
    said = "After epoch 100 of 100: ELBO {:.1f}, reconstruction {:.1f}, KL {:.1f} nats per test image."
    assert machine.says == said.format(*(line[-1] for line in run.figures.values())).replace("-", "−")
    machine.epoch = 4  # half way from 3 to 5
    k = run.epochs.index(3)
    half = [(line[k] + line[k + 1]) / 2 for line in run.figures.values()]
    said = "Between epochs 3 and 5 of 100, interpolated: ELBO {:.1f}, reconstruction {:.1f}, KL {:.1f} nats"
    assert machine.says.startswith(said.format(*half).replace("-", "−"))


@pytest.mark.parametrize("epoch", [-1, 100.5, math.nan, math.inf])
def test_an_epoch_outside_the_run_is_refused_and_changes_nothing(machine, epoch):
    machine.epoch = 5
    with pytest.raises(traitlets.TraitError, match=r"from epoch 0 to epoch 100; .*as in machine.epoch = 100"):
        machine.epoch = epoch
    with pytest.raises(traitlets.TraitError, match=r"expected a float"):
        machine.epoch = "5"
    assert machine.epoch == 5


def test_what_the_browser_says_is_read_back(machine):
    machine.set_state({"epoch": 20})
    assert machine.epoch == 20


def test_where_nothing_runs_there_is_a_still(machine):
    for each, moments in ((machine, 3), (time_machine.of(run(keep=[0, 4]), DIGITS), 2)):
        bundle, about = each._repr_mimebundle_()
        assert bundle["text/plain"] == repr(each)
        assert "application/vnd.jupyter.widget-view+json" in bundle
        assert f"at {moments} of the" in about["image/png"]["alt"]
        assert about["image/png"]["alt"].endswith("epochs. Run this cell to travel through the epochs.")
        assert Image.open(io.BytesIO(bundle["image/png"])).width == 1.5 * about["image/png"]["width"]
    alone = time_machine.of(run(AE, keep=[4]), DIGITS)
    assert alone._repr_mimebundle_()[0]["image/png"].startswith(b"\x89PNG")
    assert len(machine._repr_mimebundle_()[0]["image/png"]) < 150_000


def test_the_still_shows_the_moments_it_names(machine, monkeypatch):
    given, draw = [], time_machine.unfolding.moments
    monkeypatch.setattr(time_machine.unfolding, "moments", lambda *args: given.append(args) or draw(*args))
    picture, run = machine._still(), machine.recording
    names, codes, _, frames, *_ = given[0]
    assert names == ["before the first", "after epoch 5", "after epoch 100"]
    for name, places, frame, epoch in zip(names, codes, frames, (0, 5, 100), strict=True):
        k = run.epochs.index(epoch)
        assert torch.equal(places, run.codes[k])
        assert frame == run.frames[k]
        assert name in picture.says


def test_two_machines_share_nothing(machine):
    other = time_machine.stored("mnist-2d")
    machine.epoch = 3
    assert other.epoch == 0
    assert other.model_id != machine.model_id


def test_what_is_no_recording_is_refused():
    with refused(TypeError, "TimeMachine(recording)", "wanted a Recording", "time_machine.stored('mnist-2d')"):
        TimeMachine("mnist-2d")
