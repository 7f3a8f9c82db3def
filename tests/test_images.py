import numpy as np
import pytest
import torch

from vae_helpers.figures import images

GREY = np.arange(5 * 6).reshape(5, 6) / 30  # five images of 2 × 3 pixels


def test_a_mosaic_puts_each_image_in_its_place_with_seams_between():
    tiled = images.mosaic(GREY, (2, 3), columns=2)
    assert tiled.shape == (3 * 2 + 2, 2 * 3 + 1)
    for number, image in enumerate(GREY):
        top, left = 3 * (number // 2), 4 * (number % 2)
        assert np.array_equal(tiled[top : top + 2, left : left + 3], image.reshape(2, 3))
    assert np.isnan(tiled).sum() == tiled.size - GREY.size


def test_a_grid_says_how_many_and_how_much_ink():
    picture = images.grid(torch.from_numpy(GREY), (2, 3), columns=5, what="test images")
    assert picture.says == f"5 test images, 2 × 3 pixels each, {100 * GREY.mean():.0f} % of them ink."
    assert picture.png.startswith(b"\x89PNG")


def test_rows_say_how_far_each_is_from_the_first():
    picture = images.rows({"was": GREY, "is": GREY + 0.25, "will be": torch.zeros(5, 6)}, (2, 3))
    assert picture.says == (
        f"5 images in columns; the rows: was, is, will be. Pixels differ from the first row by, on average: "
        f"is 0.25, will be {GREY.mean():.2f}."
    )
    assert images.rows({"alone": GREY}, (2, 3)).says == "5 images in columns; the rows: alone."
    unlike = images.rows({"VAE": GREY, "AE": GREY}, (2, 3), compare=False)
    assert unlike.says == "5 images in columns; the rows: VAE, AE."


def test_tensors_with_a_gradient_are_drawn():
    logits = torch.zeros(5, 6, requires_grad=True)
    assert "50 % of them ink" in images.grid(logits.sigmoid(), (2, 3)).says


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match=r"shape \[5, 6\]; wanted \[n, 9\]"):
        images.grid(GREY, (3, 3))
    with pytest.raises(ValueError, match="at least one"):
        images.grid(GREY[:0], (2, 3))
    with pytest.raises(ValueError, match=r"was \[5, 6\], is \[4, 6\]; every row needs as many"):
        images.rows({"was": GREY, "is": GREY[:4]}, (2, 3))
    with pytest.raises(ValueError, match="got no row"):
        images.rows({}, (2, 3))
