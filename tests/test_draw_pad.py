"""widgets.draw_pad: a drawing in Python, what it moves on the linked pad, and what stands where nothing runs."""

import io

import numpy as np
import pytest
import torch
import traitlets
from PIL import Image

from tests.tools import close, refused, seeded
from vae_helpers.learning import data, ink, models, weights
from vae_helpers.widgets import draw_pad, latent_pad
from vae_helpers.widgets.draw_pad import DrawPad
from vae_helpers.widgets.latent_pad import LatentPad

DIGITS, MODEL = data.load("digits"), weights.load("digits-2d")
THREE = ink.EXAMPLES[3]


def without_images(name="digits-2d", box=ink.BOX):
    return draw_pad.beside(latent_pad.stored(name), box=box).draw


@pytest.fixture
def draw():
    return without_images(box=1.0)


@pytest.fixture
def deep():
    """Five latents, images of 9 × 7 pixels, and classes that are no digits."""
    model = models.VAE(63, latent=5, hidden=[4, 3])
    cloud = torch.randn(12, 5, generator=seeded())
    return DrawPad(LatentPad(model, cloud, torch.arange(12) % 3, (9, 7), tuple("abc")))


def test_the_bytes_are_the_encoder_in_float16(deep):
    assert deep._sizes == [63, 4, 3, 10]
    numbers = torch.from_numpy(np.frombuffer(deep._encoder, "<f2").copy())
    assert torch.equal(numbers, torch.cat([p.flatten() for p in deep.pad.network.encoder.parameters()]).half())


def test_mnists_encoder_weighs_at_most_700_kilobytes():
    assert len(without_images("mnist-2d")._encoder) <= 0.7e6


def test_strokes_become_the_image_and_move_the_linked_pad(draw):
    assert draw.pad.q is None
    draw.strokes = THREE
    image = ink.image(THREE, (8, 8), 1.0)
    assert torch.equal(draw.image, image)
    mu, logvar = (part.detach() for part in MODEL.encode(image))
    assert close(draw.pad.z, mu, 1e-6)
    assert close(draw.pad.q[0], mu, 1e-6)
    assert close(draw.pad.q[1], (logvar / 2).exp(), 1e-6)


def test_nothing_drawn_is_no_q(draw):
    draw.strokes = THREE
    z = draw.pad.z
    draw.clear()
    assert (draw.pad.q, draw.pad.z, draw.drawn) == (None, z, False)
    assert draw.image.sum() == 0


def test_an_image_stands_in_place_of_strokes_until_something_is_drawn(draw):
    draw.strokes = THREE
    image = DIGITS.test.images[4]
    draw.image = image
    assert draw.strokes == []
    assert close(draw.image, image, 0.5 / 255)
    assert close(draw.pad.q[0], draw.encoded()[0], 1e-6)
    draw.strokes = LINE = [[[0.5, 0.1], [0.5, 0.9]]]
    assert torch.equal(draw.image, ink.image(LINE, (8, 8), 1.0))
    draw.image = image.reshape(8, 8)
    assert draw.drawn
    draw.clear()
    assert not draw.drawn


def test_what_the_browser_says_is_not_answered(draw):
    """The browser moves the pad by itself, and is drawing on when Python hears of it."""
    draw.pad.z, draw.pad.q = [1, 1], ([1, 1], [2, 2])
    draw.set_state({"strokes": THREE})
    assert (draw.pad.z, draw.pad.q) == ([1, 1], [[1, 1], [2, 2]])
    assert torch.equal(draw.image, ink.image(THREE, (8, 8), 1.0))
    draw.set_state({"strokes": [], "_given": memoryview(bytes([255] * 64))})
    assert draw.image.sum() == 64
    draw.strokes = THREE  # and Python's own words move it again
    assert close(draw.pad.z, draw.encoded()[0], 1e-6)


def test_of_an_autoencoder_the_code_is_shown_as_a_point():
    draw = without_images("digits-2d-ae")
    draw.example(7)
    code, sigma = draw.encoded()
    assert sigma is None
    assert not draw._gaussian
    assert (close(draw.pad.z, code, 1e-6), draw.pad.q) == (True, None)
    assert "is encoded at the code (" in draw.says


def test_examples_are_our_drawings_or_images_of_the_class():
    ours = without_images()
    ours.example(5)
    assert ours.strokes == ink.EXAMPLES[5]
    theirs = draw_pad.of(MODEL, DIGITS).draw
    fives = DIGITS.test.images[DIGITS.test.labels == 5]
    for which in (0, 1):
        theirs.example(5)
        assert close(theirs.image, fives[which], 0.5 / 255)
    for label, error in ((10, ValueError), (-1, ValueError), ("3", TypeError)):
        with refused(error, "DrawPad.example("):
            ours.example(label)


def test_a_stored_pad_shows_real_images_where_they_are_at_hand_and_fetches_none(monkeypatch):
    assert draw_pad.stored("digits-2d").draw._real
    monkeypatch.setattr(data, "at_hand", lambda name: {"mnist": None}[name])
    assert not draw_pad.stored("mnist-2d").draw._real


def test_no_stored_state_holds_an_image_of_the_data_set():
    draw = draw_pad.of(MODEL, DIGITS).draw
    shown = sum(len(value) for value in draw.get_state().values() if isinstance(value, bytes))
    assert shown == len(draw._encoder)


def test_images_are_sent_when_the_browser_asks(monkeypatch):
    draw, sent = draw_pad.of(MODEL, DIGITS).draw, []
    monkeypatch.setattr(draw, "send", lambda content, buffers: sent.append((content, buffers)))
    draw._handle_custom_msg({"images": [3, 0, 999_999, -1]}, [])
    ((content, buffers),) = sent
    assert content == {"images": [3, 0]}
    assert close(torch.tensor(list(buffers[0])) / 255, DIGITS.test.images[3], 0.5 / 255)
    draw._handle_custom_msg({"example": 4}, [])
    assert close(draw.image, DIGITS.test.images[DIGITS.test.labels == 4][0], 0.5 / 255)
    none = without_images()
    none._handle_custom_msg({"images": [1]}, [])


def test_the_sentence_says_where_and_what_is_near(draw, deep):
    assert repr(draw) == "DrawPad. Nothing is drawn yet."
    draw.example(0)
    assert draw.says.startswith("The drawing is encoded at μ = (")
    assert draw.says.endswith(f"the nearest 5 codes show {', '.join(draw.nearest)}.")
    assert draw.nearest == ["0"] * 5
    deep.strokes = THREE
    assert "(two of 5 latents)" in deep.says


def test_where_nothing_runs_there_is_a_still(draw, deep):
    both = draw_pad.Beside(draw)
    for each, subject in ((both, "A drawing of a 3"), (draw, "A drawing of a 3"), (deep, "The drawing")):
        bundle, about = each._repr_mimebundle_()
        assert bundle["text/plain"] == repr(each)
        assert "application/vnd.jupyter.widget-view+json" in bundle
        alt = about["image/png"]["alt"]
        assert alt.startswith(f"{subject} is encoded at μ = (")
        assert alt.endswith("Run this cell to draw.")
        assert Image.open(io.BytesIO(bundle["image/png"])).width == 1.5 * about["image/png"]["width"]
    draw.example(1)
    assert draw._repr_mimebundle_()[1]["image/png"]["alt"].startswith(draw.says)
    assert repr(both) == f"{draw!r} {draw.pad!r}"


def test_two_pads_share_nothing(draw):
    other = without_images()
    draw.example(1)
    assert (other.strokes, other.pad.q) == ([], None)


@pytest.mark.parametrize("to", [[[]], [[[0.5]]], "line", [[[0.5, float("inf")]]], 3])
def test_what_are_no_strokes_is_refused_and_changes_nothing(draw, to):
    draw.strokes = THREE
    with pytest.raises(traitlets.TraitError, match=r"DrawPad\.strokes: wanted strokes, each a list of points \[x, y\]"):
        draw.strokes = to
    assert draw.strokes == THREE


def test_tuples_and_tensors_are_strokes_too(draw):
    draw.strokes = (torch.tensor([[0.5, 0.25], [0.5, 1]]),)
    assert draw.strokes == [[[0.5, 0.25], [0.5, 1]]]


def test_what_is_no_image_is_refused(draw):
    with refused(ValueError, "DrawPad.image", "[n, 64]"):
        draw.image = torch.zeros(5)
    with refused(ValueError, "DrawPad.image", "pixels must lie in [0, 1]"):
        draw.image = torch.full((64,), 3.0)


def test_what_does_not_fit_together_is_refused(draw):
    with refused(TypeError, "DrawPad(pad, images, box)", "wanted a LatentPad", "latent_pad.stored('mnist-2d')"):
        DrawPad(MODEL)
    with refused(ValueError, "3 images and 299 codes", "an image a code"):
        DrawPad(draw.pad, DIGITS.test.images[:3])
    with refused(ValueError, "box = 1.5", "at most 1"):
        DrawPad(draw.pad, box=1.5)
    with refused(KeyError, "nothing"):
        draw_pad.stored("nothing")
    model = models.VAE(6, latent=2, hidden=4)
    pad = LatentPad(model, torch.zeros(4, 2), torch.zeros(4).long(), (2, 3), tuple("abc"))
    with torch.no_grad():
        model.encoder[0].bias[0] = 1e6
    with refused(ValueError, "the encoder is not finite in float16"):
        DrawPad(pad)


def test_q_of_the_latent_pad_takes_what_holds_two_times_two_numbers():
    pad = latent_pad.stored("digits-2d")
    for q in [([1, 2], [0.5, 1]), (torch.tensor([1.0, 2]), np.array([0.5, 1])), [[1, 2], (0.5, 1)]]:
        pad.q = q
        assert pad.q == [[1, 2], [0.5, 1]]
    for bad in [[1, 2], ([1, 2], [0.5, 0]), ([1], [1]), ([1, 2], [1, float("nan")]), "ab", 3, ([1, 2],)]:
        with pytest.raises(traitlets.TraitError, match=r"LatentPad\.q = .*wanted None or \(mu, sigma\), each 2 finite"):
            pad.q = bad
    pad.q = None
    assert pad.q is None
