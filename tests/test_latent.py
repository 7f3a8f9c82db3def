"""figures.latent and widgets.latent: the plane, moved by its sliders."""

import numpy as np
import pytest
import torch

from vae_helpers.figures import latent as pictures
from vae_helpers.learning import data, weights
from vae_helpers.learning.models import AE, VAE
from vae_helpers.widgets import latent

DIGITS, MODEL = data.load("digits"), weights.load("digits-2d")
MU = torch.tensor([[0.0, 0.0], [1.0, 0.0], [0.0, 2.0]])
LABELS = torch.tensor([3, 5, 8])


def test_the_scene_says_ink_and_neighbour():
    scene = pictures.plane(MU, LABELS, (2, 2))
    image = torch.tensor([0.0, 1.0, 1.0, 1.0])
    assert scene.picture(z=(1.0, -0.5), image=image).says == (
        "At z = (1.00, −0.50) the decoded image is 75 % ink; the nearest encoded image, 0.50 away, shows 5."
    )
    assert "2.00 away, shows 8" in scene.picture(z=(0.0, 4.0), image=image).says


def test_every_class_has_its_own_colour_that_shows_on_white():
    assert len(set(pictures.CLASSES)) == 10
    for colour in pictures.CLASSES:
        channels = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
        linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
        assert 1.05 / (linear @ [0.2126, 0.7152, 0.0722] + 0.05) > 3, colour  # WCAG's contrast for graphics


def test_the_sliders_move_the_ring_and_the_decoder_answers():
    explorer = latent.explore(MODEL, DIGITS)
    before = explorer.view.png
    explorer.controls["z1"].value, explorer.controls["z2"].value = -1.5, -0.75
    ink = MODEL.decode(torch.tensor([-1.5, -0.75])).sigmoid().mean().item()
    assert explorer.view.png != before
    assert explorer.view.says.startswith(f"At z = (−1.50, −0.75) the decoded image is {100 * ink:.0f} % ink")
    assert explorer.view.says.endswith("shows 0.")
    assert explorer.view.error == ""


def test_the_ends_of_the_sliders_are_drawn():
    explorer = latent.explore(MODEL, DIGITS, reach=2.0)
    for z1, z2 in ((-2.0, -2.0), (2.0, 2.0), (-2.0, 2.0)):
        explorer.controls["z1"].value, explorer.controls["z2"].value = z1, z2
        assert f"({z1:.2f}, {z2:.2f})".replace("-", "−") in explorer.view.says


def test_two_explorers_do_not_move_each_other():
    first, second = latent.explore(MODEL, DIGITS), latent.explore(MODEL, DIGITS)
    first.controls["z1"].value = 2.0
    assert "(0.00, 0.00)" in second.view.says


def test_the_atlas_reads_the_plane_as_the_explorer_does(monkeypatch):
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


@pytest.mark.parametrize("call", [latent.explore, latent.atlas])
def test_latents_that_are_no_plane_are_refused(call):
    with pytest.raises(
        ValueError, match=r"the model has 3 latents and a plane has 2; build it with VAE\(…, latent=2\)"
    ):
        call(VAE(64, latent=3), DIGITS)


def test_images_of_another_size_are_refused():
    with pytest.raises(ValueError, match=r"images of 64 pixels.*the model draws 9"):
        latent.explore(VAE(9, latent=2), DIGITS)


def test_an_autoencoder_is_shown_by_its_codes_over_a_prior_that_is_not_its_own():
    twin = weights.load("digits-2d-ae")
    says = latent.atlas(twin, DIGITS, columns=4, reach=10.0).says
    inside = (twin.encode(DIGITS.test.images).abs() <= 10).all(-1).double().mean().item()
    assert says.startswith(f"Left: 299 images at their codes, as the glyphs of their classes, {100 * inside:.0f} %")
    explorer = latent.explore(twin, DIGITS, reach=10.0)
    explorer.controls["z1"].value = 5.0
    ink = twin.decode(torch.tensor([5.0, 0.0])).sigmoid().mean().item()
    assert explorer.view.says.startswith(f"At z = (5.00, 0.00) the decoded image is {100 * ink:.0f} % ink")
    assert explorer.scene.fig.axes[0].get_title() == "codes; circles: $N(0, I)$, 1σ and 2σ"
    with pytest.raises(ValueError, match=r"build it with AE"):
        latent.atlas(AE(64, latent=3), DIGITS)
