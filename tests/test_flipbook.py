"""Explorers for a page without a kernel: each position's picture to the pixel, each line's value to the letter."""

import io
import itertools

import numpy as np
import pytest
import torch
from PIL import Image

from vae_helpers.maths import toy
from vae_helpers.widgets import divergence, elbo, flipbook
from vae_helpers.widgets.derivation import Derivation
from vae_helpers.widgets.slider import slider, stops

MODEL, X = toy.ToyModel("fold", 0.3), torch.tensor(1.0)


@pytest.fixture(scope="module")
def terms():
    explorer = elbo.terms(MODEL, X)
    return explorer, explorer.bake()


def seen(book, frame):
    """The pixels of a frame as the browser lays them together."""
    base = Image.open(io.BytesIO(book.base)).convert("RGBA")
    base.alpha_composite(Image.open(io.BytesIO(book.overlays[book.shown[frame]])).convert("RGBA"))
    return np.asarray(base.convert("RGB"))


@pytest.mark.parametrize("frame", [0, 9, 20, 21, 30, 41])
def test_a_frame_is_the_picture_of_its_position_to_the_pixel(terms, frame):
    explorer, baked = terms
    mu, sigma = baked.positions[frame]
    drawn = explorer.scene.picture(quick=True, **explorer.derive(mu=mu, sigma=sigma))
    assert np.array_equal(seen(baked.flipbook, frame), np.asarray(Image.open(io.BytesIO(drawn.png)).convert("RGB")))
    assert baked.flipbook.says[frame] == drawn.says


def test_each_slider_moves_alone_from_end_to_end(terms):
    explorer, baked = terms
    mus, sigmas = zip(*baked.positions, strict=True)
    assert len(baked.positions) == 2 * flipbook.ALONE
    assert (mus[0], mus[20]) == (-2, 2)
    assert set(sigmas[:21]) == {0.3}
    assert (sigmas[21], sigmas[41]) == (0.1, 1.2)
    assert set(mus[21:]) == {0.7}
    assert baked.positions[baked.flipbook.frame] == (0.7, 0.3) == tuple(explorer.values.values())


def test_the_explorer_itself_is_left_as_it_was():
    explorer = divergence.prices(MODEL, X, 0.5, 0.5)
    before = explorer.view.png, explorer.view.says, explorer.values
    explorer.bake()
    assert (explorer.view.png, explorer.view.says, explorer.values) == before
    explorer.controls["z"].value = 1.0
    assert explorer.view.says != before[1]


def test_equal_frames_are_stored_once(terms):
    book = terms[1].flipbook
    assert len(book.overlays) == len(set(book.overlays)) == 41  # the start is a frame of both sliders
    assert book.shown.count(book.shown[book.frame]) == 2


def test_a_product_has_a_picture_for_every_pair(monkeypatch):
    monkeypatch.setattr(flipbook, "TOGETHER", 5)  # a fifth of the pictures
    baked = divergence.turn(MODEL, X).bake(product=True)
    book = baked.flipbook
    assert baked.positions == list(itertools.product(*book.stops))
    assert [len(values) for values in book.stops] == [flipbook.TOGETHER] * 2
    assert len(book.says) == flipbook.TOGETHER**2
    assert baked.positions[book.frame] == (0.5, 0.5)


def test_a_product_takes_two_sliders():
    with pytest.raises(ValueError, match=r"bake\(product=True\): got 1 sliders; wanted 1 to 3, for a product 2"):
        divergence.prices(MODEL, X, 0.5, 0.5).bake(product=True)


@pytest.mark.parametrize(
    ("control", "wanted"),
    [
        (slider("μ", 0.55, -2, 2), 21),
        (slider("n", 3, 1, 8, 1), 8),
        (slider("rank", 17, 1, 500, 1), 21),
        (stops("σ", 0.28, (0.01, 0.28, 0.55)), 3),
        (slider("a", 1.99, 0, 2), 21),
    ],
)
def test_stops_reach_both_ends_and_hold_the_present_value(control, wanted):
    found = flipbook.stops_of(control, flipbook.ALONE)
    assert found == sorted(set(found))
    assert len(found) == wanted
    assert control.value in found
    assert found[0] == control.min
    assert abs(found[-1] - control.max) <= 0.011  # where the present value is next to the end it takes its place


def test_the_sliders_are_linked_in_the_browser(terms):
    baked = terms[1]
    ends = [(link.source, link.target) for link in baked.links]
    wanted = zip(baked.sliders, ("first", "second"), strict=True)
    assert ends == [((one, "value"), (baked.flipbook, place)) for one, place in wanted]
    assert [one.stops for one in baked.sliders] == baked.flipbook.stops


def test_a_derivation_keeps_every_value_as_text():
    derivation = Derivation(MODEL, X)
    baked = derivation.bake()
    for frame in (0, 13, 41):
        for control, value in zip(derivation.controls.values(), baked.positions[frame], strict=True):
            control.value = value
        for said, row, line in zip(baked.stepper.values[frame], derivation.rows, baked.stepper.lines, strict=True):
            assert row.value.value == f'<b class="vae-line-value" title="{line["route"]}">{said}</b> nats'
        for shown in (1, 3, 5):
            derivation.shown = shown
            assert baked.stepper.verdicts[frame][shown - 1] == derivation.verdict.value
    assert [line["formula"] for line in baked.stepper.lines] == [line.latex for line in derivation.lines]
    bundle, _ = baked._repr_mimebundle_()
    assert "image/png" not in bundle
    assert bundle["text/markdown"].count("$$") == 2 * len(derivation.rows)


def test_its_still_says_what_it_shows(terms):
    bundle, about = terms[1]._repr_mimebundle_()
    assert bundle["image/png"].startswith(b"\x89PNG")
    assert about["image/png"]["alt"] == terms[0].view.says
    assert bundle["text/plain"] == repr(terms[1]) == f"Baked: {terms[1].flipbook!r}"
