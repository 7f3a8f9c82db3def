import dataclasses
import shutil

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

from tests.tools import refused
from vae_helpers.learning import data, export_digits, manifest

DIGITS = data.load("digits")
IS_TEST = np.arange(1797) % 6 == 5


@pytest.fixture
def folder(tmp_path):
    """A copy of data/ that a test may spoil."""
    return shutil.copytree(manifest.FOLDER, tmp_path / "data")


def test_the_digits_are_those_of_scikit_learn_split_by_number():
    sklearn = load_digits()
    for split, part in ((DIGITS.train, ~IS_TEST), (DIGITS.test, IS_TEST)):
        assert np.array_equal(split.counts.numpy(), sklearn.data[part])
        assert np.array_equal(split.labels.numpy(), sklearn.target[part])
        assert np.allclose(split.images.numpy(), sklearn.data[part] / 16, rtol=0, atol=0)
    assert (len(DIGITS.train), len(DIGITS.test)) == (1498, 299)


def test_images_are_counted_in_bytes_and_handed_out_as_fractions():
    assert DIGITS.train.counts.dtype == torch.uint8
    images = DIGITS.train.images
    assert (images.dtype, images.min(), images.max()) == (torch.float32, 0, 1)
    assert (DIGITS.shape, DIGITS.pixels) == ((8, 8), 64)
    images.zero_()
    assert DIGITS.train.images.max() == 1, "what is handed out is a copy"


def test_every_class_is_in_both_parts():
    assert DIGITS.test.labels.bincount().min() > 20
    assert DIGITS.train.labels.bincount().min() > 100


def test_a_data_set_says_what_it_is_and_does_not_change():
    assert repr(DIGITS) == "digits: 1498 training and 299 test images of 8 × 8 pixels"
    assert repr(DIGITS.test) == "299 images of 64 pixels"
    with pytest.raises(dataclasses.FrozenInstanceError):
        DIGITS.name = "others"


def test_the_export_can_be_repeated(tmp_path):
    path = export_digits.export(tmp_path)
    again, stored = np.load(path), np.load(manifest.FOLDER / "digits.npz")
    assert set(again) == set(stored) == {"images", "labels"}
    assert all(np.array_equal(again[key], stored[key]) and again[key].dtype == np.uint8 for key in again)
    assert len(data.load("digits", tmp_path).train) == 1498
    known = manifest.entry("test", "data", "digits")
    assert {**manifest.entry("test", "data", "digits", tmp_path), "sha256": known["sha256"]} == known
    assert known["licence"] == "CC BY 4.0"


def test_an_unknown_name_gets_the_names_there_are():
    with refused(KeyError, "data.load('mnits')", "'digits'"):
        data.load("mnits")


def test_without_the_folder_it_says_where_it_looked(tmp_path):
    with refused(FileNotFoundError, "data.load('digits')", str(tmp_path / "nowhere"), "make install"):
        data.load("digits", tmp_path / "nowhere")


def test_a_missing_file_is_named(folder):
    (folder / "digits.npz").unlink()
    with refused(FileNotFoundError, "digits.npz is missing", "no such file", "git checkout data/digits.npz"):
        data.load("digits", folder)


def test_a_changed_or_cut_file_is_not_used(folder):
    path = folder / "digits.npz"
    whole = path.read_bytes()
    for spoiled in (whole[:-1], whole[:1000] + b"\0" + whole[1001:], b""):
        path.write_bytes(spoiled)
        with refused(ValueError, "data.load('digits')", "is not used", "sha256", "git checkout"):
            data.load("digits", folder)


def test_a_file_of_another_kind_is_refused_even_where_its_sha256_fits(folder):
    fields = {"file": "digits.npz", "sha256": manifest.sha256(b"no archive")}
    text = manifest.with_entry("test", "data", "digits", fields, folder)
    manifest.write("test", {folder / "digits.npz": b"no archive", folder / manifest.NAME: text})
    with refused(ValueError, "data.load('digits')", "no images and labels"):
        data.load("digits", folder)
