"""widgets.training: the bar that fit moves."""

from vae_helpers.learning import data, training
from vae_helpers.learning.models import VAE
from vae_helpers.widgets.training import Progress


def test_it_says_what_the_last_epoch_reached():
    progress = Progress()
    assert progress.words.value == "not started"
    history = training.History(planned=4)
    history.record(elbo=-25.31, reconstruction=-23.2, kl=2.11)
    progress(history)
    assert (progress.bar.value, progress.bar.max, progress.bar.bar_style) == (1, 4, "")
    assert progress.words.value == "epoch 1 of 4: ELBO −25.31 = reconstruction −23.20 − KL 2.11, nats per image"


def test_fit_moves_it_to_the_end_and_its_words_on_a_page_stay_the_same():
    progress = Progress()
    before = repr(progress)
    training.fit(VAE(64, latent=2), data.load("digits").train.images[:64], 2, on_epoch=progress)
    assert (progress.bar.value, progress.bar.max, progress.bar.bar_style) == (2, 2, "success")
    assert repr(progress) == before == progress._repr_mimebundle_()["text/plain"]
