"""figures.training: what the picture of a training says."""

import pytest

from vae_helpers.figures import training

KL = [0.5, 1.0, 2.125]
RECONSTRUCTION = [-30.0, -25.0, -22.0]
ELBO = [r - k for r, k in zip(RECONSTRUCTION, KL, strict=True)]


def test_the_sentence_has_the_first_and_the_last_numbers():
    assert training.curves(ELBO, RECONSTRUCTION, KL, [-28.0, -27.0, -26.0]).says == (
        "After 3 epochs the ELBO is −24.1 nats per training image (−26.0 on test images), up from −30.5 in the first: "
        "reconstruction −22.0, up from −30.0, minus a KL of 2.1."
    )


def test_it_does_without_test_images_and_says_down_where_it_fell():
    says = training.curves(ELBO[::-1], RECONSTRUCTION[::-1], KL[::-1]).says
    assert "test images" not in says
    assert "down from −24.1 in the first: reconstruction −30.0, down from −22.0" in says


def test_one_epoch_is_enough_and_none_is_refused():
    assert "After 1 epoch the ELBO is −30.5" in training.curves(ELBO[:1], RECONSTRUCTION[:1], KL[:1]).says
    with pytest.raises(ValueError, match="no epoch yet"):
        training.curves([], [], [])


def test_the_gap_between_training_and_test_is_said_for_each_run():
    runs = {"few": ([-44.0, -24.0], [-43.0, -27.5]), "many": ([-35.0, -25.0], [-30.0, -25.5])}
    assert training.gaps(runs, -36.0, -20.0).says == (
        "At the end: few: −24.0 on training images, −27.5 on test images, 3.5 apart; "
        "many: −25.0 on training images, −25.5 on test images, 0.5 apart (nats per image). "
        "2 early values lie outside the axes."
    )
    assert "outside" not in training.gaps(runs, -50.0, -20.0).says
    with pytest.raises(ValueError, match="got no run"):
        training.gaps({}, -36.0, -20.0)
