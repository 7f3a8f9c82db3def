import json
import shutil
import struct

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file

from tests.tools import real, refused
from vae_helpers.learning import data, evaluation, make_weights, manifest, weights
from vae_helpers.learning.models import AE, VAE

DIGITS = data.load("digits")
MADE = {"dataset": DIGITS, "command": "python -m nothing", "seed": 7, "epochs": 3, "k": 20}


@pytest.fixture
def model():
    return VAE(64, latent=2, hidden=8, seed=3)


@pytest.fixture
def saved(model, tmp_path):
    weights.save(model, "mine", **MADE, folder=tmp_path)
    return tmp_path


def test_what_is_loaded_is_what_was_saved_to_float16(model, saved):
    loaded = weights.load("mine", saved)
    assert loaded.config == model.config
    assert not loaded.training
    for found, wanted in zip(loaded.parameters(), model.parameters(), strict=True):
        assert found.dtype == torch.float32
        assert torch.equal(found, wanted.half().float())
        assert not torch.equal(found, wanted)


def test_the_manifest_tells_how_it_was_made_and_what_the_rounded_weights_reach(saved):
    entry = manifest.entry("test", "weights", "mine", saved)
    assert (entry["command"], entry["seed"], entry["data_sha256"]) == ("python -m nothing", 7, DIGITS.sha256)
    assert (entry["epochs"], entry["k"]) == (3, 20)
    assert (entry["pixels"], entry["latent"], entry["hidden"]) == (64, 2, 8)
    score = evaluation.elbo(weights.load("mine", saved), DIGITS.test.images, draws=100)
    for term, measure in score._asdict().items():
        assert entry[f"test_{term}"] == pytest.approx(list(measure), abs=0.006)
    estimate = evaluation.log_likelihood(weights.load("mine", saved), DIGITS.test.images, 20).log_likelihood
    assert entry["test_log_likelihood"] == pytest.approx(list(estimate), abs=0.006)


def test_a_cloud_is_what_the_stored_encoder_says_and_holds_no_image(saved):
    path = weights.save_cloud("mine", DIGITS, command="python -m nothing", most=200, folder=saved)
    cloud = weights.cloud("mine", saved)
    mu, logvar = weights.load("mine", saved).encode(DIGITS.test.images[:200])
    assert torch.equal(cloud.codes, mu.half().float())
    assert torch.equal(cloud.logvar, logvar.half().float())
    assert torch.equal(cloud.labels, DIGITS.test.labels[:200])
    assert (cloud.shape, cloud.classes, cloud.data) == (DIGITS.shape, DIGITS.classes, "digits")
    assert path.stat().st_size < 200 * (4 * 2 + 1) + 1000
    path.write_bytes(path.read_bytes()[:-1])
    with refused(ValueError, "weights.cloud('mine')", "sha256"):
        weights.cloud("mine", saved)
    with refused(KeyError, "weights.cloud('yours')", "'mine'"):
        weights.cloud("yours", saved)


def test_the_file_holds_half_floats_and_says_what_it_is(saved):
    with safe_open(saved / "weights" / "mine.safetensors", "pt") as file:
        made = json.loads(file.metadata()["made"])
        assert {file.get_tensor(key).dtype for key in file.keys()} == {torch.float16}  # noqa: SIM118
    assert {**made, "sha256": ...} == {**manifest.entry("test", "weights", "mine", saved), "sha256": ...}


def test_saving_again_gives_the_same_bytes_and_leaves_the_model(model, saved):
    files = {path: path.read_bytes() for path in saved.rglob("*") if path.is_file()}
    before = {key: weight.clone() for key, weight in model.state_dict().items()}
    weights.save(model, "mine", **MADE, folder=saved)
    assert {path: path.read_bytes() for path in saved.rglob("*") if path.is_file()} == files
    assert all(torch.equal(weight, before[key]) for key, weight in model.state_dict().items())


@pytest.mark.parametrize(("name", "kind"), [("digits-2d", VAE), ("digits-2d-ae", AE)])
def test_the_course_brings_weights_that_reach_their_figures(name, kind):
    entry, model = manifest.entry("test", "weights", name), weights.load(name)
    assert (type(model), entry["model"], entry["data_sha256"]) == (kind, kind.__name__, DIGITS.sha256)
    terms = evaluation.terms(model, DIGITS.test.images, draws=100)
    for term, measure in terms.items():
        assert entry[f"test_{term}"] == pytest.approx(list(measure), abs=0.02)


@pytest.fixture(scope="module")
def mnist():
    return real("mnist")


@pytest.mark.mnist
@pytest.mark.parametrize(("name", "kind"), [("mnist-2d", VAE), ("mnist-2d-ae", AE), ("mnist-20d", VAE)])
def test_the_weights_for_mnist_reach_their_figures(name, kind, mnist):
    entry, model = manifest.entry("test", "weights", name), weights.load(name)
    assert (type(model), entry["data_sha256"]) == (kind, mnist.sha256)
    for term, measure in evaluation.terms(model, mnist.test.images, draws=3).items():
        assert entry[f"test_{term}"] == pytest.approx(list(measure), abs=0.05)
    cloud = weights.cloud(name)
    some = mnist.test.images[: min(len(cloud.codes), 1000)]
    assert (cloud.codes[:1000] - model.codes(some)).abs().max() < 0.02
    assert torch.equal(cloud.labels, mnist.test.labels[: len(cloud.labels)])


@pytest.mark.mnist
def test_twenty_latents_reach_minus_90_nats(mnist):
    """The manifest has all images at k = 5000; here are 300 of them at k = 100, which lies below it on average."""
    entry = manifest.entry("test", "weights", "mnist-20d")
    assert (entry["k"], entry["test_log_likelihood"][0] >= -90) == (5000, True)
    found = evaluation.log_likelihood(weights.load("mnist-20d"), mnist.test.images[::33], k=100).log_likelihood
    assert abs(found.mean - entry["test_log_likelihood"][0]) < 3 * found.error + 1


def test_what_the_course_brings_is_small():
    brought = [path for path in manifest.FOLDER.rglob("*") if path.is_file() and "cache" not in path.parts]
    assert sum(path.stat().st_size for path in brought) < 6e6


def test_the_twins_differ_where_they_should():
    vae, twin = weights.load("digits-2d"), weights.load("digits-2d-ae")
    assert evaluation.elbo(vae, DIGITS.test.images, draws=20).total.mean > -25
    assert vae.config == twin.config
    better = [evaluation.reconstruction(model, DIGITS.test.images, draws=20).mean for model in (twin, vae)]
    assert better[0] - better[1] > 1, "without a price it reconstructs better"
    spread = [model.codes(DIGITS.train.images).std(0).mean() for model in (twin, vae)]
    assert spread[0] > 3 * spread[1], "and puts its codes where it likes"


@pytest.mark.parametrize("name", ["digits-2d", "digits-2d-ae"])
def test_the_recipes_of_the_course_run(name, tmp_path):
    make_weights.make(name, tmp_path, epochs=20, k=20)
    again, cloud = weights.load(name, tmp_path), weights.cloud(name, tmp_path)
    assert evaluation.terms(again, DIGITS.test.images, draws=20)["reconstruction"].mean > -26
    assert (cloud.logvar is None) == isinstance(again, AE)


def test_an_autoencoder_stays_one(tmp_path):
    twin = AE(64, latent=2, hidden=8, seed=3)
    weights.save(twin, "twin", **MADE, folder=tmp_path)
    loaded, entry = weights.load("twin", tmp_path), manifest.entry("test", "weights", "twin", tmp_path)
    assert type(loaded) is AE
    assert torch.equal(loaded.encoder[2].weight, twin.encoder[2].weight.half().float())
    assert [key for key in entry if key.startswith("test_")] == ["test_reconstruction"]


def test_an_unknown_name_gets_the_names_there_are(saved):
    with refused(KeyError, "weights.load('yours')", "'mine'"):
        weights.load("yours", saved)


def test_a_missing_file_gets_the_files_there_are(saved):
    path = saved / "weights" / "mine.safetensors"
    path.rename(path.with_name("other.safetensors"))
    with refused(FileNotFoundError, "weights.load('mine')", "mine.safetensors is missing", "other.safetensors"):
        weights.load("mine", saved)


def test_a_changed_or_cut_file_is_not_used(saved):
    path = saved / "weights" / "mine.safetensors"
    whole = path.read_bytes()
    for spoiled in (whole[:-1], whole[:-1] + bytes([whole[-1] ^ 1]), b"", b"\x80\x04pickle"):
        path.write_bytes(spoiled)
        with refused(ValueError, "weights.load('mine')", "is not used", "sha256"):
            weights.load("mine", saved)


@pytest.mark.parametrize(
    "content",
    [b"\x80\x04pickle", b"", struct.pack("<Q", 1 << 40) + b"{}"],
    ids=["another format", "empty", "a header longer than the file"],
)
def test_content_that_is_no_safetensors_is_refused_even_where_its_sha256_fits(saved, content):
    entry = {**manifest.entry("test", "weights", "mine", saved), "sha256": manifest.sha256(content)}
    text = manifest.with_entry("test", "weights", "mine", entry, saved)
    manifest.write("test", {saved / entry["file"]: content, saved / manifest.NAME: text})
    with refused(ValueError, "weights.load('mine')", "does not hold the model"):
        weights.load("mine", saved)


@pytest.mark.parametrize(
    "wrong", [{"hidden": 9}, {"model": "AE"}, {"model": "GAN"}, {"latent": "two"}, {"pixels": 0}, {"hidden": None}]
)
def test_weights_of_another_model_are_refused(saved, wrong):
    entry = {**manifest.entry("test", "weights", "mine", saved), **wrong}
    entry = {key: value for key, value in entry.items() if value is not None}
    (saved / manifest.NAME).write_bytes(manifest.with_entry("test", "weights", "mine", entry, saved))
    with refused(ValueError, "weights.load('mine')", "does not hold the model that its entry describes"):
        weights.load("mine", saved)


@pytest.mark.parametrize("wrong", [{"pixels": 10**12}, {"hidden": [10**6, 10**6, 10**6]}, {"latent": 2**62}])
def test_an_entry_of_a_giant_takes_no_memory(saved, wrong):
    entry = {**manifest.entry("test", "weights", "mine", saved), **wrong}
    (saved / manifest.NAME).write_bytes(manifest.with_entry("test", "weights", "mine", entry, saved))
    with refused(ValueError, "weights.load('mine')", "does not hold the model that its entry describes"):
        weights.load("mine", saved)


@pytest.mark.parametrize("spoil", [lambda t: t * torch.nan, lambda t: t.int(), lambda t: t.bool()])
def test_weights_that_are_no_finite_numbers_are_refused_even_where_their_sha256_fits(saved, spoil):
    entry = manifest.entry("test", "weights", "mine", saved)
    tensors = {key: spoil(tensor) for key, tensor in load_file(saved / entry["file"]).items()}
    manifest.store("test", "weights", "mine", {key: entry[key] for key in entry if key != "sha256"}, tensors, saved)
    with refused(ValueError, "weights.load('mine')", "holds what is no finite number"):
        weights.load("mine", saved)


def test_a_folder_that_cannot_be_written_costs_nothing(model, saved, monkeypatch):
    files = {path: path.read_bytes() for path in saved.rglob("*") if path.is_file()}

    def read_only(path, _):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(type(saved), "write_bytes", read_only)
    with refused(OSError, "weights.save(model, 'mine', …)", "cannot write", "Permission denied", "folder=…"):
        weights.save(VAE(64, latent=2), "mine", **MADE, folder=saved)
    monkeypatch.undo()
    assert {path: path.read_bytes() for path in saved.rglob("*") if path.is_file()} == files
    shutil.rmtree(saved / "weights")
    (saved / "weights").write_text("a file where a folder should be")
    with refused(OSError, "cannot write"):
        weights.save(model, "mine", **MADE, folder=saved)
    assert weights.save(model, "mine", **MADE, folder=saved / "elsewhere").exists(), "the model can still be saved"


def test_bad_names_and_weights_that_are_not_finite_are_refused(model, tmp_path):
    for name in ("../mine", "My Model", "", "a.b"):
        with refused(ValueError, "weights.save", repr(name), "a–z"):
            weights.save(model, name, **MADE, folder=tmp_path)
    for value in (torch.nan, torch.inf, 1e6):
        torch.nn.init.constant_(model.decoder[0].bias, value)
        with refused(ValueError, "decoder.0.bias is not finite in float16"):
            weights.save(model, "mine", **MADE, folder=tmp_path)
    assert list(tmp_path.iterdir()) == []
