"""learning.checkpoint: a file that would make training stumble later is refused when it is read."""

import copy
import dataclasses

import pytest
import safetensors.torch
import torch

from tests.tools import refused
from vae_helpers.learning import checkpoint, data, training
from vae_helpers.learning.adam import Adam
from vae_helpers.learning.models import VAE

FEW = data.load("digits").train.images[:64]


@pytest.fixture(scope="module")
def whole():
    return training.fit(VAE(64, latent=2, hidden=4), FEW, 2).checkpoint


def test_what_is_saved_is_what_is_loaded(whole, tmp_path):
    found = checkpoint.load(checkpoint.save(whole, tmp_path / "c"))
    assert (found.figures, found.settings) == (whole.figures, whole.settings)
    assert all(torch.equal(found.weights[key], weight) for key, weight in whole.weights.items())
    assert list(found.moments) == list(whole.moments)


SPOILED = {
    "no table": lambda kept: {"figures": [1.0]},
    "no settings": lambda kept: {"settings": [1]},
    "an unknown list": lambda kept: {"figures": kept.figures | {"record": [0.0, 0.0]}},
    "lists of two lengths": lambda kept: {"figures": kept.figures | {"kl": [0.0]}},
    "no numbers": lambda kept: {"figures": kept.figures | {"kl": ["a", None]}},
    "a generator that is none": lambda kept: {"generator": torch.zeros(3, dtype=torch.uint8)},
    "moments missing": lambda kept: {"moments": {1: kept.moments[1]}},
    "moments of another": lambda kept: {"moments": {key: {"step": torch.zeros(1)} for key in kept.moments}},
    "whole numbers": lambda kept: {"weights": {key: weight.int() for key, weight in kept.weights.items()}},
}


@pytest.mark.parametrize("spoil", SPOILED.values(), ids=SPOILED.keys())
def test_a_file_that_is_whole_and_wrong_is_refused(spoil, whole, tmp_path):
    path = tmp_path / "c"
    with refused(ValueError, "training.fit(…)", str(path), "is no checkpoint of a training"):
        checkpoint.save(dataclasses.replace(whole, **spoil(whole)), path)
        checkpoint.load(path, "training.fit(…)")
    assert path.exists()


def test_a_thousand_brackets_are_no_checkpoint(tmp_path):
    (tmp_path / "c").write_bytes(safetensors.torch.save({"generator": torch.zeros(1)}, {"checkpoint": "[" * 100_000}))
    with refused(ValueError, "is no checkpoint of a training"):
        checkpoint.load(tmp_path / "c")


def test_tensors_of_another_model_move_nothing(whole):
    model = VAE(64, latent=3, hidden=4)
    before, optimizer = copy.deepcopy(model.state_dict()), Adam(model.parameters())
    with refused(ValueError, "training.fit(…, resume=…)", "not those of this model"):
        checkpoint.restore(whole, model, optimizer, torch.Generator(), training.History(planned=3))
    assert all(torch.equal(before[key], weight) for key, weight in model.state_dict().items())
