"""figures.training.live and widgets.training.Training: curves that grow, Stop and Resume."""

import threading
import time

import pytest
import torch

from vae_helpers.figures import training as pictures
from vae_helpers.learning import data, training
from vae_helpers.learning.models import AE, VAE
from vae_helpers.widgets import training as widgets
from vae_helpers.widgets.training import Training

DIGITS = data.load("digits")
FEW = DIGITS.train.images[:128]
FIGURES = {"elbo": [-30.0, -26.0], "reconstruction": [-29.0, -24.0], "kl": [1.0, 2.0], "beta": [1.0, 1.0]}


def same(model, other):
    return all(torch.equal(one, two) for one, two in zip(model.parameters(), other.parameters(), strict=True))


def test_the_live_curves_say_where_the_training_stands():
    scene = pictures.live(10, -44.0, -14.0, 5.0)
    assert scene.picture(figures={}).says == "Nothing trained yet; 10 epochs are planned."
    said = scene.picture(figures=FIGURES).says
    assert said == "Epoch 2 of 10: ELBO −26.00 = reconstruction −24.00 − KL 2.00, nats per image."
    tested = {**FIGURES, "test_elbo": [-31.0, -27.0]}
    assert "ELBO −26.00 (−27.00 on test images) = " in scene.picture(figures=tested).says
    twin = {"reconstruction": [-29.0], "test_reconstruction": [-30.04]}
    assert scene.picture(figures=twin).says == (
        "Epoch 1 of 10: reconstruction −29.00 (−30.04 on test images), nats per image; an autoencoder has no ELBO."
    )


def test_the_axes_stand_still_and_what_leaves_them_is_said():
    scene = pictures.live(10, -44.0, -14.0, 5.0)
    limits = [(axes.get_xlim(), axes.get_ylim()) for axes in scene.fig.axes]
    out = {**FIGURES, "kl": [6.0, 7.0], "elbo": [-50.0, -26.0]}
    assert scene.picture(figures=out).says.endswith("nats per image. 2 epochs are outside the axes.")
    assert [(axes.get_xlim(), axes.get_ylim()) for axes in scene.fig.axes] == limits
    assert scene.picture(figures={**FIGURES, "elbo": [-50.0, -26.0]}).says.endswith(" 1 epoch is outside the axes.")


def test_the_axes_reach_from_coins_to_what_no_model_can_pass():
    view = Training(VAE(64, latent=2), FEW, 3)
    coins, ceiling = view.scene.fig.axes[0].get_ylim()
    assert coins == pytest.approx(-64 * 0.693147, abs=1e-3)
    grey = torch.distributions.Bernoulli(FEW.double()).entropy().sum(1).mean().item()
    assert ceiling == pytest.approx(-grey, abs=1e-4)


@pytest.mark.parametrize("kind", [VAE, AE])
def test_it_trains_as_fit_does(kind):
    model, twin = kind(64, latent=2), kind(64, latent=2)
    view = Training(model, FEW, 3, seed=2, test_images=DIGITS.test.images[:20])
    assert view.view.says.startswith("Nothing trained yet")
    assert (view.stop.disabled, view.resume.disabled) == (True, True)
    history = view.train()
    assert history is view.history
    assert history == training.fit(twin, FEW, 3, seed=2, test_images=DIGITS.test.images[:20])
    assert same(model, twin)
    assert view.view.says.startswith("Epoch 3 of 3: ")
    assert (view.stop.disabled, view.resume.disabled) == (True, True)
    assert repr(view) == f"Training with Stop and Resume. {view.view.says}"
    assert view.train() == history, "nothing is left to do"


def wait(until):
    began = time.monotonic()
    while not until():
        assert time.monotonic() - began < 20
        time.sleep(0.01)


def test_stop_while_it_runs_and_resume_lose_nothing():
    model, twin = VAE(64, latent=2), VAE(64, latent=2)
    view = Training(model, FEW, 400, keep=(0, 1, 400))
    thread = threading.Thread(target=view.train)
    thread.start()
    wait(lambda: len(view.history) >= 2)
    assert (view.stop.disabled, view.resume.disabled) == (False, True)
    with pytest.raises(RuntimeError, match="running already"):
        view.train()
    view.stop.click()
    thread.join(20)
    reached = len(view.history)
    assert 2 <= reached < 400
    assert view.history.stopped.startswith("stopped after epoch")
    assert view.view.says.startswith(f"Epoch {reached} of 400: ")
    assert (view.stop.disabled, view.resume.disabled) == (True, False)
    view.resume.click()  # goes on beside
    wait(lambda: len(view.history) > reached)
    view.stop.click()
    wait(lambda: view.stop.disabled)
    view.train()  # and in the cell
    assert view.history == training.fit(twin, FEW, 400)
    assert same(model, twin)
    assert list(view.history.kept) == [0, 1, 400]
    assert list(view.train().kept) == [0, 1, 400], "asked once more, it has nothing left to do and has lost nothing"


def test_a_click_on_stop_that_comes_too_late_does_not_stop_the_next_run():
    view = Training(VAE(64, latent=2), FEW, 2)
    view.stop.click()
    assert len(view.train()) == 2


def test_a_divergence_keeps_what_was_reached_and_beside_the_page_it_is_shown(monkeypatch):
    view = Training(VAE(64, latent=2), FEW, 5, learning_rate=1e20)
    with pytest.raises(training.Diverged):
        view.train()
    assert len(view.history) < 5
    view.resume.click()
    wait(lambda: view.failure is not None)
    assert view.view.error.startswith("Diverged: training.fit")


def test_pictures_are_drawn_a_few_times_a_second(monkeypatch):
    shown = []
    monkeypatch.setattr(widgets.PictureView, "show", lambda self, picture: shown.append(picture.says))
    began = time.monotonic()
    Training(VAE(64, latent=2), FEW, 60).train()
    assert len(shown) <= 3 + (time.monotonic() - began) / widgets.EVERY
    assert shown[-1].startswith("Epoch 60 of 60")


def test_the_still_page_shows_the_curves_and_says_how_to_wake_them():
    view = Training(VAE(64, latent=2), FEW, 2)
    view.train()
    bundle, about = view._repr_mimebundle_()
    assert bundle["image/png"].startswith(b"\x89PNG")
    assert bundle["text/plain"] == repr(view)
    assert about["image/png"]["alt"].endswith("Run these cells to train; then Stop and Resume are alive.")
