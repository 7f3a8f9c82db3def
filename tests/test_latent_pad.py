"""widgets.latent_pad: what the browser is given, what it may set, and what stands where nothing runs."""

import io
import math

import numpy as np
import pytest
import torch
import traitlets
from PIL import Image
from scipy.stats import norm

from tests.tools import close, refused, seeded
from vae_helpers.learning import data, models, weights
from vae_helpers.widgets import latent_pad
from vae_helpers.widgets.latent_pad import LatentPad

DIGITS, MODEL = data.load("digits"), weights.load("digits-2d")
CLASSES = tuple("abc")


@pytest.fixture
def pad():
    return latent_pad.of(MODEL, DIGITS)


@pytest.fixture
def deep():
    """Five latents, twelve codes of three classes."""
    model = models.VAE(6, latent=5, hidden=[4, 3])
    return LatentPad(model, torch.randn(12, 5, generator=seeded()), torch.arange(12) % 3, (2, 3), CLASSES)


def test_the_bytes_are_the_weights_in_float16(deep):
    assert deep._layers == [5, 3, 4, 6]
    numbers = torch.from_numpy(np.frombuffer(deep._decoder, "<f2").copy())
    wanted = torch.cat([part.flatten() for part in deep.network.decoder.parameters()]).half()
    assert torch.equal(numbers, wanted)


def test_stored_weights_arrive_without_loss(pad):
    numbers = torch.from_numpy(np.frombuffer(pad._decoder, "<f2").astype(np.float32))
    assert torch.equal(numbers, torch.cat([part.detach().flatten() for part in MODEL.decoder.parameters()]))


def test_codes_and_labels_are_those_of_the_test_images(pad):
    codes = torch.from_numpy(np.frombuffer(pad._codes, "<f2").astype(np.float32)).reshape(-1, 2)
    assert torch.allclose(codes, MODEL.codes(DIGITS.test.images), atol=2e-3)
    assert list(pad._labels) == DIGITS.test.labels.tolist()
    assert (pad._classes, pad._shape, pad._prior) == (list("0123456789"), [8, 8], True)


def test_a_stored_pad_needs_no_image(pad):
    stored = latent_pad.stored("digits-2d")
    assert (stored._decoder, stored._codes, stored._labels) == (pad._decoder, pad._codes, pad._labels)
    assert (stored._shape, stored._classes, stored.reach) == (pad._shape, pad._classes, pad.reach)
    with refused(KeyError, "weights.load('nothing')"):
        latent_pad.stored("nothing")


def test_the_reach_holds_the_cloud_and_for_a_vae_the_prior(pad):
    assert pad.reach == 3.0
    twin = latent_pad.of(weights.load("digits-2d-ae"), DIGITS)
    assert not twin._prior
    assert 0.99 <= (twin.cloud.abs() <= twin.reach).float().mean() < 1
    assert (twin.cloud.abs() <= twin.reach - 0.5).float().mean() < 0.99
    assert latent_pad.of(MODEL, DIGITS, reach=1.5).reach == 1.5


def test_tiles_of_a_prior_hold_equal_shares_of_it(pad):
    knots = np.array(pad._lattice)
    assert close(knots[1::2], norm.ppf((np.arange(12) + 0.5) / 12))
    assert close(knots[2:-1:2], norm.ppf(np.arange(1, 12) / 12))
    assert (knots[0], knots[-1]) == (-3, 3)


def test_tiles_without_a_prior_are_even():
    twin = latent_pad.of(weights.load("digits-2d-ae"), DIGITS, reach=10.0)
    assert close(twin._lattice, np.linspace(-10, 10, 25))


@pytest.mark.parametrize("to", [[1, -0.5], (1.0, -0.5), torch.tensor([1.0, -0.5]), np.array([1, -0.5])])
def test_z_is_set_by_whatever_holds_two_numbers(pad, to):
    pad.z = to
    assert pad.z == [1.0, -0.5]
    assert all(type(value) is float for value in pad.z)


@pytest.mark.parametrize("trait", ["z", "a", "b"])
@pytest.mark.parametrize("to", [[1.0], [1, 2, 3], [1, math.nan], [math.inf, 0], "12", 3, torch.zeros(1, 2), {}])
def test_what_is_no_point_is_refused_and_changes_nothing(pad, trait, to):
    before = getattr(pad, trait)
    with pytest.raises(
        traitlets.TraitError, match=rf"LatentPad\.{trait} = .*wanted 2 finite numbers, as in pad\.{trait}"
    ):
        setattr(pad, trait, to)
    assert getattr(pad, trait) == before


@pytest.mark.parametrize("axes", [[0], [1, 1], [0, 5], [-1, 0], [0, 1, 2]])
def test_axes_are_two_different_latents(deep, axes):
    deep.axes = [3, 1]
    with pytest.raises(traitlets.TraitError, match=r"two of the 5 latents"):
        deep.axes = axes
    assert deep.axes == [3, 1]


@pytest.mark.parametrize("t", [-0.1, 1.1, math.nan])
def test_t_is_a_share_of_the_way(pad, t):
    with pytest.raises(traitlets.TraitError, match=r"from 0 \(A\) to 1 \(B\)"):
        pad.t = t


def test_t_moves_z_along_the_walk_once_both_ends_are_set(pad):
    pad.t = 0.5
    assert pad.z == [0, 0]
    pad.a, pad.b = [-1, 0], (1, 2)
    pad.t = 0.75
    assert pad.z == [0.5, 1.5]
    pad.a = None
    with pytest.raises(ValueError, match=r"walk\(0\.5\): a = None, .*; set both ends"):
        pad.walk(0.5)


def test_what_the_browser_says_of_t_and_z_stays_as_it_said(pad):
    """The browser moves both; it must not be answered with another rounding of what it said."""
    pad.a, pad.b = [0, 0], [1, 1]
    pad.set_state({"t": 0.3333, "z": [0.33331, 0.33329]})
    assert pad.z == [0.33331, 0.33329]


def test_the_sphere_turns_and_stretches_evenly(deep):
    deep.a, deep.b, deep.path = [2, 0, 0, 0, 0], [0, 4, 0, 0, 0], "sphere"
    for t in (0, 0.25, 0.5, 1):
        far, angle = 2 + 2 * t, t * math.pi / 2
        assert close(deep.walk(t), [far * math.cos(angle), far * math.sin(angle), 0, 0, 0])


@pytest.mark.parametrize("b", [[0] * 5, [-3, 0, 0, 0, 0], [5, 0, 0, 0, 0]])
def test_where_the_sphere_has_no_way_the_walk_is_straight(deep, b):
    deep.a, deep.b, deep.path = [1, 0, 0, 0, 0], b, "sphere"
    assert close(deep.walk(0.25), [0.75 + b[0] / 4, 0, 0, 0, 0])


def test_the_nearest_codes_are_found_in_all_latents(deep):
    deep.z = deep.cloud[7]
    wanted = sorted(range(12), key=lambda i: (deep.cloud[i] - deep.cloud[7]).norm().item())[:5]
    assert deep.nearest == [CLASSES[i % 3] for i in wanted]


def test_the_sentence_says_z_and_what_is_near(pad, deep):
    pad.z = [-1.5, -0.75]
    assert repr(pad) == "LatentPad. At z = (−1.50, −0.75) the nearest 5 codes show 0, 0, 0, 0, 0."
    pad.z = [-0.001, 2]
    assert "z = (0.00, 2.00)" in repr(pad)
    deep.axes = [4, 0]
    assert "At z₅ = 0.00, z₁ = 0.00 (two of 5 latents; ‖z‖ = 0.00) the nearest 5" in repr(deep)


def test_where_nothing_runs_there_is_a_still(pad, deep):
    for each in (pad, deep):
        bundle, about = each._repr_mimebundle_()
        assert bundle["text/plain"] == repr(each)
        assert about["image/png"]["alt"] == f"{each.says} Run this cell to drag z."
        assert "application/vnd.jupyter.widget-view+json" in bundle
        assert Image.open(io.BytesIO(bundle["image/png"])).width == 1.5 * about["image/png"]["width"]
    deep.axes = [2, 3]
    assert deep._repr_mimebundle_()[0]["image/png"] != bundle["image/png"]


@pytest.mark.parametrize("name", ["mnist-2d", "mnist-2d-ae", "mnist-20d"])
def test_decoder_and_cloud_weigh_less_than_a_megabyte(name):
    pad = latent_pad.stored(name)
    assert len(pad._decoder) + len(pad._codes) + len(pad._labels) <= 1e6
    assert len(pad.labels) == (10_000 if pad.latents == 2 else 820)


def test_two_pads_share_nothing(pad):
    other = latent_pad.of(MODEL, DIGITS)
    pad.z, pad.manifold = [1, 1], True
    assert (other.z, other.manifold) == ([0, 0], False)


# ---- and what is refused ----


def test_no_model_is_refused():
    for call in (lambda: latent_pad.of("digits-2d", DIGITS), lambda: LatentPad(None, 0, 0, 0, 0)):
        with refused(TypeError, "wanted a VAE or AE", "weights.load('digits-2d')"):
            call()


def test_images_of_another_size_are_refused():
    with refused(ValueError, "latent_pad.of", "digits has images of 64 pixels", "the model draws 9"):
        latent_pad.of(models.VAE(9, latent=2), DIGITS)


GOOD = {"codes": torch.zeros(4, 2), "labels": torch.zeros(4).long(), "shape": (2, 3), "classes": CLASSES}


@pytest.mark.parametrize(
    ("bad", "error", "parts"),
    [
        ({"codes": [[0.0, 0.0]]}, TypeError, ["codes is list"]),
        ({"codes": torch.zeros(4, 3)}, ValueError, ["of shape [4, 3]", "wanted [n, 2]"]),
        ({"codes": torch.zeros(0, 2)}, ValueError, ["of shape [0, 2]"]),
        ({"codes": torch.full((4, 2), math.nan)}, ValueError, ["NaN"]),
        ({"codes": torch.full((4, 2), 1e6)}, ValueError, ["codes is not finite in float16"]),
        ({"labels": [0, 0, 0, 0]}, TypeError, ["wanted whole numbers [4]"]),
        ({"labels": torch.zeros(4)}, TypeError, ["labels are float32"]),
        ({"labels": torch.zeros(3).long()}, ValueError, ["wanted [4], one a code"]),
        ({"labels": torch.tensor([0, 1, 2, 3])}, ValueError, ["from 0 to 3", "from 0 to 2, the last of the 3 classes"]),
        ({"shape": (3, 3)}, ValueError, ["shape is 3 × 3", "draws 6 pixels"]),
        ({"shape": 6}, TypeError, ["shape is int 6", "(rows, columns)"]),
        ({"shape": (2.5, 3)}, TypeError, ["shape is float 2.5", "a whole number"]),
        ({"classes": 3}, TypeError, ["classes are int 3"]),
        ({"reach": 0}, ValueError, ["reach = 0.0", "greater than 0"]),
        ({"reach": "far"}, TypeError, ["reach is str 'far'"]),
    ],
)  # fmt: skip
def test_what_does_not_fit_together_is_refused(bad, error, parts):
    with refused(error, "LatentPad(model, codes, labels, shape, classes, reach)", *parts):
        LatentPad(models.VAE(6, latent=2, hidden=4), **(GOOD | bad))


def test_one_latent_is_no_plane():
    with refused(ValueError, "of shape [4, 1]", "of 2 latents or more"):
        LatentPad(models.AE(6, latent=1, hidden=4), **(GOOD | {"codes": torch.zeros(4, 1)}))


def test_weights_beyond_float16_are_refused():
    model = models.AE(6, latent=2, hidden=4)
    with torch.no_grad():
        model.decoder[0].bias[0] = 1e6
    with refused(ValueError, "the decoder is not finite in float16"):
        LatentPad(model, **GOOD)
