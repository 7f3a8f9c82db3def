"""figures.latent and widgets.latent: two maps of the plane."""

import numpy as np
import pytest
import torch

from vae_helpers.figures import latent as pictures
from vae_helpers.learning import data, weights
from vae_helpers.learning.models import AE, VAE
from vae_helpers.widgets import latent

DIGITS, MODEL = data.load("digits"), weights.load("digits-2d")


def test_every_class_has_its_own_colour_that_shows_on_white():
    assert len(set(pictures.CLASSES)) == 10
    for colour in pictures.CLASSES:
        channels = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
        linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
        assert 1.05 / (linear @ [0.2126, 0.7152, 0.0722] + 0.05) > 3, colour  # WCAG's contrast for graphics


def test_the_atlas_reads_the_plane_as_its_axes_do(monkeypatch):
    """Top left of the lattice is z₁ low and z₂ high, as on the axes beside it."""
    given, draw = [], pictures.atlas
    monkeypatch.setattr(pictures, "atlas", lambda *values: given.extend(values) or draw(*values))
    latent.atlas(MODEL, DIGITS, columns=3, reach=3.0)
    _, _, decoded, *_ = given
    for number, z in ((0, (-2.0, 2.0)), (2, (2.0, 2.0)), (4, (0.0, 0.0)), (6, (-2.0, -2.0))):
        assert torch.allclose(decoded[number], MODEL.decode(torch.tensor(z)).sigmoid(), atol=1e-6)


def test_the_atlas_counts_what_it_shows():
    says = latent.atlas(MODEL, DIGITS, columns=4, reach=1.0).says
    inside = (MODEL.encode(DIGITS.test.images)[0].abs() <= 1).all(-1).double().mean().item()
    assert says.startswith(f"Left: 299 images at the means of q, as the glyphs of their classes, {100 * inside:.0f} %")
    assert "4 × 4 images" in says


def test_latents_that_are_no_plane_are_refused():
    with pytest.raises(
        ValueError, match=r"the model has 3 latents and a plane has 2; build it with VAE\(…, latent=2\)"
    ):
        latent.atlas(VAE(64, latent=3), DIGITS)


def test_images_of_another_size_are_refused():
    with pytest.raises(ValueError, match=r"images of 64 pixels.*the model draws 9"):
        latent.atlas(VAE(9, latent=2), DIGITS)


def test_an_autoencoder_is_shown_by_its_codes_over_a_prior_that_is_not_its_own():
    twin = weights.load("digits-2d-ae")
    says = latent.atlas(twin, DIGITS, columns=4, reach=10.0).says
    inside = (twin.encode(DIGITS.test.images).abs() <= 10).all(-1).double().mean().item()
    assert says.startswith(f"Left: 299 images at their codes, as the glyphs of their classes, {100 * inside:.0f} %")
    with pytest.raises(ValueError, match=r"build it with AE"):
        latent.atlas(AE(64, latent=3), DIGITS)
