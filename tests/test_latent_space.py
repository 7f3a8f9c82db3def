"""figures and widgets of notebook 07: the square bent to the plane, the bells, the shell, the gap of one image."""

import math

import numpy as np
import pytest
import torch

from tests.test_picture import pixels
from tests.tools import close, numbers, real, refused, seeded
from vae_helpers.figures import aggregate as bell_pictures
from vae_helpers.figures import gap as gap_pictures
from vae_helpers.figures import manifold as manifold_pictures
from vae_helpers.learning import data, evaluation, manifest, weights
from vae_helpers.learning.models import VAE
from vae_helpers.maths import aggregate
from vae_helpers.widgets import latent_space

DIGITS, MODEL, CLOUD = data.load("digits"), weights.load("digits-2d"), weights.cloud("digits-2d")
BELLS = aggregate.on_plane(CLOUD.codes, CLOUD.logvar)
Z = torch.randn(50, 2, generator=seeded())
X = torch.bernoulli(DIGITS.test.images, generator=torch.Generator().manual_seed(0))


# ---- the square and the plane ----


def test_the_square_is_even_and_the_plane_has_the_edges_of_the_inverse_gaussian():
    explorer = latent_space.manifold(MODEL, (8, 8), columns=4)
    assert numbers(explorer.view.says)[:2] == [1.5, 1.5]
    explorer.controls["share"].value = 1.0
    middle, outer = numbers(explorer.view.says)[:2]
    assert abs(middle - torch.special.ndtri(torch.tensor(0.75)).item()) < 0.01
    assert abs(outer - (3 - torch.special.ndtri(torch.tensor(0.75)).item())) < 0.01
    assert "1/16 of the prior" in explorer.view.says


@pytest.mark.parametrize("share", [0.0, 0.4, 1.0])
def test_each_place_of_the_plane_shows_the_tile_that_lies_there(share):
    """Images of one grey each, so that a pixel says whose it is: the lattice reads from top left, as a page does."""
    grey = (torch.arange(9.0)[:, None] / 10).expand(9, 4)
    edges = np.array([-np.inf, -0.43, 0.43, np.inf])
    scene = manifold_pictures.square_to_plane(grey, (2, 2), edges, (np.zeros(2), np.zeros(2)))
    shown = pixels(scene.picture(share=share, quick=True).png)[::-1]  # rows from below, as the axes count
    for number, (right, up) in {0: (-2, 2), 2: (2, 2), 4: (0, 0), 6: (-2, -2), 5: (2, 0)}.items():
        column, row = scene.fig.axes[0].transData.transform((right, up)).astype(int)
        around = shown[row - 5 : row + 5, column - 5 : column + 5]
        values = around[np.ptp(around, axis=-1) == 0]  # a seam, which is no grey, may run here
        assert values.size
        assert np.allclose(values, 255 * (1 - number / 10), atol=1)


def test_every_bar_has_the_same_area():
    explorer = latent_space.manifold(MODEL, (8, 8), columns=6)
    for share in (0.0, 0.3, 1.0):
        explorer.controls["share"].value = share
        (bars, _) = explorer.scene.fig.axes[1].patches
        heights, edges, _ = bars.get_data()
        assert np.allclose(heights * np.diff(edges), 1 / 6)


# ---- the bells ----


def test_the_draws_come_thinnest_first_and_say_who_is_near():
    order, ratios = latent_space.by_ratio(CLOUD, Z)
    assert (ratios.diff() >= 0).all()
    explorer = latent_space.thin_places(MODEL, CLOUD, BELLS, Z)
    explorer.controls["rank"].value = 50
    fullest = Z[order[-1]]
    assert numbers(explorer.view.says)[:2] == [round(value, 2) for value in fullest.tolist()]
    assert abs(numbers(explorer.view.says)[2] - ratios[-1].exp().item()) < 0.006
    said = [int(word) for word in explorer.view.says.rpartition("codes ")[2].replace(".", "").split() if word.isdigit()]
    assert sum(said[::2]) == 20  # “12 show 3 and 8 show 5”


def test_the_map_is_the_ratio_on_the_same_plane():
    explorer = latent_space.thin_places(MODEL, CLOUD, BELLS, Z)
    (shown,) = explorer.scene.fig.axes[0].images
    left, right, bottom, top = shown.get_extent()
    values = np.asarray(shown.get_array())
    rows, columns = values.shape
    row, column = round(0.4 * rows), round(0.7 * columns)
    place = [left + (column + 0.5) * (right - left) / columns, bottom + (row + 0.5) * (top - bottom) / rows]
    ratio = latent_space.by_ratio(CLOUD, torch.tensor([place], dtype=torch.float64))[1]
    assert close(values[row, column], ratio[0], 1e-6)


def test_the_nearest_codes_agree_where_one_class_lives():
    home = CLOUD.codes[CLOUD.labels == 0].mean(0, keepdim=True)
    assert latent_space.agreement(CLOUD, home).item() > 0.9
    every = latent_space.agreement(CLOUD, Z)
    nearest = torch.cdist(Z, CLOUD.codes).argsort(1)[:, :20]
    slow = [CLOUD.labels[row].bincount().max().item() / 20 for row in nearest]
    assert close(every, slow)


def test_the_pictures_of_bells_count_what_they_show():
    sigma = (CLOUD.logvar / 2).exp()
    says = bell_pictures.bells(CLOUD.codes, sigma, CLOUD.labels, 4.0).says
    assert says.startswith("299 encoded images")
    assert abs(numbers(says)[0] - sigma.median().item()) < 0.002
    says = bell_pictures.beside(BELLS.z1, BELLS.z2, BELLS.log_density, 4.0).says
    assert abs(numbers(says)[0] - BELLS.log_density.exp().max().item() * 2 * math.pi) < 0.06


# ---- the shell ----


@pytest.mark.parametrize("dimensions", [1, 2, 20, 50])
def test_the_norms_are_those_of_draws(dimensions):
    a, b = torch.randn(2, 20_000, dimensions, generator=seeded())
    mean, half = latent_space.norms(dimensions)
    assert abs(a.norm(dim=1).mean() - mean) < 0.02
    assert abs(((a + b) / 2).norm(dim=1).mean() - half) < 0.02
    explorer = latent_space.shell()
    explorer.controls["dimensions"].value = dimensions
    inside = numbers(explorer.view.says)[2] / 100
    assert abs((a.norm(dim=1) < half).double().mean() - inside) < 0.015


def test_both_curves_are_densities():
    explorer = latent_space.shell()
    for dimensions in latent_space.DIMENSIONS:
        found = explorer.derive(float(dimensions))
        step = 9 / 360
        ends = (found["draws"][0] + found["draws"][-1]) / 2
        assert abs((found["draws"].sum() - ends) * step - 1) < 0.03  # with 50 latents a little lies beyond 9
        assert abs((found["halves"].sum() - found["halves"][0] / 2) * step - 1) < 1e-3


# ---- the gap ----


def test_the_gap_of_an_image_is_drawn_and_said():
    explorer = latent_space.gap(MODEL, DIGITS, X, numbers=[9, 214, 93])
    before = explorer.view.png
    explorer.controls["place"].value = 2
    assert explorer.view.says.startswith("Test image 214, a 2: the best bell q* is 0.05 nats")
    found = evaluation.gap(MODEL, X[214])
    assert numbers(explorer.view.says)[1] == round(found.amortization.item(), 2)
    assert not np.array_equal(pixels(before), pixels(explorer.view.png))
    shown = explorer.derive(2.0)
    step = 2 * latent_space.REACH / 120
    assert abs(shown["posterior"].sum() * step**2 - 1) < 1e-3
    row, column = np.unravel_index(shown["posterior"].argmax(), shown["posterior"].shape)
    peak = [step * column - latent_space.REACH, step * row - latent_space.REACH]  # z₁ along a row, z₂ upwards
    assert np.hypot(*(np.array(peak) - shown["best_mu"])) < 0.3


def test_a_gap_below_the_picture_is_said():
    scene = gap_pictures.one_image((2, 2), 3.0, 2)
    bell = {"mu": [0, 0], "sigma": [1, 1], "best_mu": [3, 4], "best_sigma": [1, 1]}
    says = scene.picture(
        name="An image", image=np.zeros(4), posterior=np.ones((2, 2)), family_gap=0.5, amortization_gap=9.0, **bell
    ).says
    assert says == (
        "An image: the best bell q* is 0.50 nats under log p(x), and the encoder's q another 9.00 (below the picture). "
        "Its centre is 5.00 from that of q*."
    )


def test_the_scatter_counts():
    says = gap_pictures.scatter([0, 1, 2], np.array([0.1, 0.2, 0.3]), np.array([1.0, 0.1, 0.7])).says
    assert says.startswith("3 images: amortization loses more in 67% of them. On average it loses 0.60 nats")


def test_what_does_not_fit_is_refused():
    wide = VAE(64, latent=3)
    for call in (
        lambda: latent_space.manifold(wide, (8, 8)),
        lambda: latent_space.thin_places(wide, CLOUD, BELLS, Z),
        lambda: latent_space.gap(wide, DIGITS, X, [0, 1]),
    ):
        with refused(ValueError, "latent_space.", "3 latents and a plane has 2"):
            call()
    with refused(ValueError, "latent_space.manifold", "(8, 9)", "64 pixels"):
        latent_space.manifold(MODEL, (8, 9))
    with refused(ValueError, "latent_space.gap", "[0, 999]", "0 to 298"):
        latent_space.gap(MODEL, DIGITS, X, [0, 999])
    with refused(TypeError, "latent_space.manifold", "wanted a VAE"):
        latent_space.manifold(weights.load("digits-2d-ae"), (8, 8))


# ---- what the page says of MNIST's images, which do not come with it ----


@pytest.mark.mnist
def test_with_all_training_images_the_bells_leave_a_quarter_of_a_nat():
    model, images = weights.load("mnist-2d"), real("mnist").train.images
    with torch.no_grad():
        mu, logvar = (torch.cat(parts) for parts in zip(*map(model.encode, images.split(5000)), strict=True))
    bells = aggregate.on_plane(mu, logvar)
    assert abs(bells.divergence - 0.26) < 0.005
    assert abs(bells.thin(10) - 0.04) < 0.005


@pytest.mark.mnist
def test_the_ninth_test_image_is_as_odd_as_a_letter():
    dataset = real("mnist")
    x = torch.bernoulli(dataset.test.images, generator=torch.Generator().manual_seed(0))[8]
    found = evaluation.gap(weights.load("mnist-2d"), x)
    assert dataset.test.labels[8] == 5
    assert (round(found.log_evidence.item()), round(found.amortization.item())) == (-221, 55)
    assert round(manifest.entry("test", "weights", "mnist-2d")["test_log_likelihood"][0]) == -133
