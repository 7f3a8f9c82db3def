"""figures.training: what the picture of a training says."""

import pytest

from vae_helpers.figures import training

KL = [0.5, 1.0, 2.125]
RECONSTRUCTION = [-30.0, -25.0, -22.0]
ELBO = [r - k for r, k in zip(RECONSTRUCTION, KL, strict=True)]


def test_the_sentence_has_the_first_and_the_last_numbers():
    assert training.curves(ELBO, RECONSTRUCTION, KL, [-28.0, -27.0, -26.0]).says == (
        "After 3 epochs the ELBO is −24.12 nats per training image (−26.00 on test images), up from −30.50 in the "
        "first: reconstruction −22.00, up from −30.00, minus a KL of 2.12."
    )


def test_it_does_without_test_images_and_says_down_where_it_fell():
    says = training.curves(ELBO[::-1], RECONSTRUCTION[::-1], KL[::-1]).says
    assert "test images" not in says
    assert "down from −24.12 in the first: reconstruction −30.00, down from −22.00" in says


def test_one_epoch_is_enough_and_none_is_refused():
    assert "After 1 epoch the ELBO is −30.50" in training.curves(ELBO[:1], RECONSTRUCTION[:1], KL[:1]).says
    with pytest.raises(ValueError, match="no epoch yet"):
        training.curves([], [], [])


def test_the_three_numbers_add_up_as_they_are_written():
    assert training.sum_in_words(-24.6049, -22.4551) == ("−24.60", "−22.46", "2.14")  # the KL itself is 2.1498


def test_a_mark_is_a_line_in_the_panels_of_nats_and_in_the_sentence():
    marks = {"one grey image": -27.5}
    picture = training.curves(ELBO, RECONSTRUCTION, KL, marks=marks)
    assert picture.says.endswith("minus a KL of 2.12. Dotted: one grey image, −27.50.")
    scene = training.live(10, -44.0, -14.0, 5.0, marks)
    assert scene.picture(figures={}).says.endswith("are planned. Dotted: one grey image, −27.50.")
    dotted = [[line.get_ydata()[0] for line in axes.lines if line.get_ls() == ":"] for axes in scene.fig.axes]
    assert dotted == [[-27.5], [-27.5], []]


def test_the_gap_between_training_and_test_is_said_for_each_run():
    runs = {"few": ([-44.0, -24.0], [-43.0, -27.5]), "many": ([-35.0, -25.0], [-30.0, -25.5])}
    assert training.gaps(runs, -36.0, -20.0).says == (
        "At the end, on training and on test images: few −24.0 and −27.5, 3.5 apart; "
        "many −25.0 and −25.5, 0.5 apart (nats per image). "
        "2 early values lie outside the axes."
    )
    assert "outside" not in training.gaps(runs, -50.0, -20.0).says
    with pytest.raises(ValueError, match="got no run"):
        training.gaps({}, -36.0, -20.0)
