"""learning.recording and png: what a run looked like, and how it is stored."""

import io

import numpy as np
import pytest
import torch
from PIL import Image

from tests.tools import close, refused, seeded
from vae_helpers import png
from vae_helpers.learning import data, evaluation, make_weights, manifest, recording, training, weights
from vae_helpers.learning.models import AE, VAE

DIGITS = data.load("digits")
KEEP = (0, 1, 2, 4)


def run(kind, latent=2, **options):
    model = kind(64, latent=latent, hidden=16)
    return model, training.fit(model, DIGITS.train.images[:256], 5, keep=KEEP, **options)


@pytest.fixture(scope="module")
def made():
    model, history = run(VAE)
    return model, history, recording.of(history, DIGITS)


def pictures(frame, side=12, rows=8, columns=8):
    """The images of a frame, ink 0 … 1, as [side + 1, side, rows, columns]."""
    ink = 1 - np.asarray(Image.open(io.BytesIO(frame))) / 255
    tiles = ink.reshape(side + 1, rows + 1, side, columns + 1).transpose(0, 2, 1, 3)
    assert not tiles[:, :, -1].any(), "a seam below"
    assert not tiles[:, :, :, -1].any(), "and at the right"
    return torch.from_numpy(tiles[:, :, :-1, :-1].copy())


@pytest.mark.parametrize("shape", [(3, 5), (1, 1), (64, 7), (3, 5, 4)])
@pytest.mark.parametrize("small", [True, False])
def test_a_png_is_read_as_it_was_written(shape, small):
    pixels = torch.randint(0, 256, shape, dtype=torch.uint8, generator=seeded()).numpy()
    with Image.open(io.BytesIO(png.encode(pixels, small))) as picture:
        assert (picture.mode, picture.size) == ("RGBA" if len(shape) == 3 else "L", (shape[1], shape[0]))
        assert np.array_equal(np.asarray(picture), pixels)


def test_codes_and_figures_are_those_of_the_weights_that_were_kept(made):
    _, history, run = made
    assert (run.epochs, run.trained) == (KEEP, 5)
    assert repr(run) == "Recording of 299 images after epochs 0, 1, 2, 4 of 5"
    assert torch.equal(run.labels, DIGITS.test.labels)
    assert (run.shape, run.classes, run.prior, run.side) == (DIGITS.shape, DIGITS.classes, True, 12)
    model = VAE(64, latent=2, hidden=16)
    for k, epoch in enumerate(KEEP):
        model.load_state_dict(history.kept[epoch])
        assert torch.allclose(run.codes[k], model.codes(DIGITS.test.images), atol=2e-3)
        score = evaluation.elbo(model, DIGITS.test.images)
        assert [run.figures[term][k] for term in ("elbo", "reconstruction", "kl")] == pytest.approx(
            [measure.mean for measure in score], abs=0.006
        )


def test_a_frame_holds_the_decoded_plane_and_below_it_the_reconstructions(made):
    _, history, run = made
    model, axis = VAE(64, latent=2, hidden=16), torch.special.ndtri((torch.arange(12) + 0.5) / 12)
    assert [run.labels[i].item() for i in run.shown] == list(range(10))
    assert all((run.labels[:i] != label).all() for label, i in enumerate(run.shown)), "the first of each class"
    for k, epoch in enumerate(KEEP):
        model.load_state_dict(history.kept[epoch])
        drawn = pictures(run.frames[k])
        for row, column in ((0, 0), (0, 11), (7, 3)):  # top left: z₁ low, z₂ high
            wanted = model.decode(torch.stack([axis[column], axis[11 - row]])).sigmoid().reshape(8, 8)
            assert (drawn[row, column] - wanted).abs().max() < 0.5 / 15 + 1e-5
        wanted = model.decode(run.codes[k, list(run.shown)]).sigmoid().reshape(-1, 8, 8)
        assert (drawn[12, :10] - wanted).abs().max() < 0.5 / 15 + 1e-5
        assert not drawn[12, 10:].any(), "paper"


def test_the_model_is_left_as_it_is_and_may_have_gone_on(made):
    model, history, run = made
    before = {key: weight.clone() for key, weight in model.state_dict().items()}
    again = recording.of(history, DIGITS)
    assert torch.equal(again.codes, run.codes)
    assert again.frames == run.frames
    assert all(torch.equal(weight, before[key]) for key, weight in model.state_dict().items())


def test_an_autoencoder_has_no_prior_and_one_figure():
    _, history = run(AE)
    found = recording.of(history, DIGITS, most=50, side=4)
    assert (list(found.figures), found.prior, len(found.labels)) == (["reconstruction"], False, 50)
    assert (found.codes.abs() <= found.reach).float().mean() > 0.98
    assert found.reach % 0.5 == 0
    assert len(found.shown) == 4, "as many as stand in a row"
    model = AE(64, latent=2, hidden=16)
    model.load_state_dict(history.kept[4])
    corner = model.decode(torch.tensor([-0.75, 0.75]) * found.reach).sigmoid().reshape(8, 8)
    assert (pictures(found.frames[-1], 4)[0, 0] - corner).abs().max() < 0.5 / 15 + 1e-5


def test_what_is_loaded_is_what_was_saved(made, tmp_path):
    *_, run = made
    path = recording.save(run, "mine", DIGITS, command="python -m nothing", seed=3, folder=tmp_path)
    assert path == tmp_path / "runs" / "mine.safetensors"
    found = recording.load("mine", tmp_path)
    for field in vars(run):
        one, two = getattr(found, field), getattr(run, field)
        assert torch.equal(one, two) if isinstance(two, torch.Tensor) else one == two, field
        assert type(one) is type(two), field
    entry = manifest.entry("test", "runs", "mine", tmp_path)
    assert (entry["command"], entry["seed"], entry["data_sha256"]) == ("python -m nothing", 3, DIGITS.sha256)
    before = path.read_bytes()
    recording.save(run, "mine", DIGITS, command="python -m nothing", seed=3, folder=tmp_path)
    assert path.read_bytes() == before


def test_a_file_that_is_another_is_not_used(made, tmp_path):
    *_, run = made
    path = recording.save(run, "mine", DIGITS, command="", seed=0, folder=tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    with refused(ValueError, "recording.load('mine')", "is not used", "sha256"):
        recording.load("mine", tmp_path)
    for content in (b"", weights.manifest.FOLDER.joinpath("clouds", "digits-2d.safetensors").read_bytes()):
        entry = {**manifest.entry("test", "runs", "mine", tmp_path), "sha256": manifest.sha256(content)}
        text = manifest.with_entry("test", "runs", "mine", entry, tmp_path)
        manifest.write("test", {path: content, tmp_path / manifest.NAME: text})
        with refused(ValueError, "recording.load('mine')", "holds no recording of a run"):
            recording.load("mine", tmp_path)
    with refused(KeyError, "recording.load('yours')", "'mine'"):
        recording.load("yours", tmp_path)
    with refused(ValueError, "recording.save", "'../a'", "a–z"):
        recording.save(run, "../a", DIGITS, command="", seed=0, folder=tmp_path)


def test_the_course_brings_a_run_on_mnist_that_needs_no_image():
    run, entry = recording.load("mnist-2d"), manifest.entry("test", "runs", "mnist-2d")
    assert (run.epochs, run.trained, run.shape, len(run.labels)) == (make_weights.KEEP, 100, (28, 28), 1000)
    assert (manifest.FOLDER / entry["file"]).stat().st_size < 400_000
    assert run.figures["elbo"][0] < -500 < -140 < run.figures["elbo"][-1]
    assert run.figures["kl"][0] < 0.1
    assert run.codes[0].std() < 0.05, "before the first epoch all images lie in one place"
    assert run.codes[-1].std() > 0.8
    model = weights.load("mnist-2d")
    axis = torch.special.ndtri((torch.arange(12) + 0.5) / 12)
    drawn = pictures(run.frames[-1], 12, 28, 28)[0]
    wanted = model.decode(torch.stack([axis, axis[-1].expand(12)], 1)).sigmoid().reshape(-1, 28, 28)
    assert entry["command"] == manifest.entry("test", "weights", "mnist-2d")["command"]
    assert (drawn - wanted).abs().max() < 0.5 / 15 + 0.01, "the last moment is the model that is shipped"


def test_a_recipe_that_keeps_epochs_stores_its_run(monkeypatch, tmp_path):
    recipe = make_weights.RECIPES["digits-2d"]._replace(keep=KEEP)
    monkeypatch.setitem(make_weights.RECIPES, "digits-2d", recipe)
    make_weights.make("digits-2d", tmp_path, epochs=4, k=20)
    found, stored = recording.load("digits-2d", tmp_path), weights.load("digits-2d", tmp_path)
    assert found.epochs == KEEP
    assert close(found.codes[-1], stored.codes(DIGITS.test.images), 1e-2)
    assert manifest.entry("test", "runs", "digits-2d", tmp_path)["command"] == f"{make_weights.COMMAND} digits-2d"


# ---- and what is refused ----


def test_a_history_without_weights_is_told_how_to_keep_them():
    history = training.fit(VAE(64, latent=2, hidden=4), DIGITS.train.images[:64], 1)
    with refused(ValueError, "recording.of(history, dataset)", "kept no weights of its 1 epochs", "keep=(0, 1, 2, 5"):
        recording.of(history, DIGITS)
    with refused(ValueError, "kept no weights"):
        recording.of(training.History(planned=3), DIGITS)


def test_other_latents_and_other_images_are_refused():
    _, deep = run(VAE, latent=3)
    with refused(ValueError, "recording.of", "the model has 3 latents and a plane has 2", "latent=2"):
        recording.of(deep, DIGITS)
    _, history = run(VAE)
    with refused(ValueError, "shapes has images of 256 pixels", "the model draws 64"):
        recording.of(history, data.load("shapes"))
    for bad in ({"most": 0}, {"side": 0}):
        with refused(ValueError, "recording.of", f"{next(iter(bad))} = 0"):
            recording.of(history, DIGITS, **bad)


def test_codes_beyond_float16_are_refused(made):
    _, history = run(AE)
    history.kept[4]["encoder.2.bias"].fill_(1e6)
    with refused(ValueError, "codes are not finite in float16", "diverging"):
        recording.of(history, DIGITS)
