"""figures.picture and figures.words: a picture and its sentence, a scene that is blitted, a still, numbers in words."""

import base64
import io
import json

import numpy as np
import pytest
from IPython.core.formatters import DisplayFormatter
from jupyter_client.session import json_packer
from PIL import Image

from vae_helpers.figures import style, words
from vae_helpers.figures.picture import Picture, Scene, still

SAYS = "A line rises from 0.00 to 1.00, and there is no more to it than that."


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


@style.applied()
def line_picture():
    fig, axes = style.panels(width=4, height=2)
    axes.plot([0, 1], [0, 1])
    return Picture(fig, SAYS)


def test_a_picture_is_a_png_on_white_with_its_width_on_the_page():
    picture = line_picture()
    found = pixels(picture.png)
    assert picture.png.startswith(b"\x89PNG")
    assert found.shape == (2 * style.DPI, 4 * style.DPI, 3)
    assert (found[0, 0] == 255).all()
    assert picture.width == 4 * style.PAGE_DPI


def test_the_sentence_is_the_repr_the_alt_text_and_the_plain_text():
    picture = line_picture()
    data, about = picture._repr_mimebundle_()
    assert repr(picture) == data["text/plain"] == about["image/png"]["alt"] == SAYS
    assert about["image/png"]["width"] == 400


def test_on_a_page_a_picture_publishes_itself_and_its_caption(monkeypatch):
    published = []
    monkeypatch.setattr("vae_helpers.figures.picture.publish_display_data", lambda *given: published.append(given))
    DisplayFormatter().format(line_picture())
    (data, about), (caption,) = published
    assert data["image/png"].startswith(b"\x89PNG")
    assert about["image/png"]["alt"] == SAYS
    assert caption == {"text/html": f"<em>{SAYS}</em>", "text/plain": SAYS}


def test_a_kernel_sends_the_bytes_in_base64():
    data, _ = line_picture()._repr_mimebundle_()
    sent = json.loads(json_packer(data))
    assert base64.b64decode(sent["image/png"]) == line_picture().png


@style.applied()
def scene():
    fig, axes = style.panels(width=4, height=2)
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="x", title="a dot")
    axes.axhline(0.5, color="black", zorder=1)
    (dot,) = axes.plot([], [], "o", ms=12, clip_on=False)

    def move(x):
        dot.set_data([x], [x])
        return f"A dot at {x:.2f}."

    return Scene(fig, [dot], move), fig, [dot]


def redrawn(scene, fig, **data):
    """The same figure at `data` with nothing kept and nothing blitted."""
    with style.applied():
        says = scene._move(**data)
        for artist in scene.moving:
            artist.set_animated(False)
        picture = Picture(fig, says, quick=True)
        for artist in scene.moving:
            artist.set_animated(True)
    return picture


@pytest.mark.parametrize("x", [0.0, 0.3, 0.5, 1.0])
def test_a_frame_is_the_picture_that_a_full_drawing_gives(x):
    one, fig, _ = scene()
    one.picture(x=0.9)
    frame = one.picture(quick=True, x=x)
    assert frame.says == f"A dot at {x:.2f}."
    np.testing.assert_array_equal(pixels(frame.png), pixels(redrawn(one, fig, x=x).png))


def test_a_frame_does_not_depend_on_the_frames_before_it():
    one, other = scene()[0], scene()[0]
    for x in (0.1, 0.9, 0.5, 0.7):
        found = one.picture(x=x)
    assert found.png == other.picture(x=0.7).png
    assert found.png != other.picture(x=0.8).png


def test_what_moves_makes_no_axes_move():
    one, fig, _ = scene()
    one.picture(x=0.0)
    before = fig.axes[0].get_position().bounds
    one.picture(x=1.0)
    redrawn(one, fig, x=1.0)
    assert fig.axes[0].get_position().bounds == before


def test_hidden_axes_stay_hidden():
    fig, axes = style.panels(width=2, height=2)
    axes.axis("off")
    assert (pixels(Scene(fig, [], lambda: "Nothing at all is drawn.").picture().png) == 255).all()


def test_a_still_is_the_picture_with_words_around_it_and_nothing_lost():
    picture = line_picture()
    page, drawn = pixels(still(picture.png, "Run this cell to move: x.", SAYS)), pixels(picture.png)
    rows = range(len(page) - len(drawn))
    top = next(y for y in rows if np.abs(page[y : y + len(drawn)] - drawn).max() < 20)  # 256 colours each, not the same
    above, below = page[:top], page[top + len(drawn) :]
    assert page.shape[1] == drawn.shape[1]
    assert (above < 200).any()  # the hint
    assert above.min() > 100  # is faint
    assert (below < 50).any()  # the sentence is not


def test_a_long_sentence_is_wrapped_within_the_still():
    picture = line_picture()
    long = pixels(still(picture.png, "Run.", " ".join([SAYS] * 4)))
    short = pixels(still(picture.png, "Run.", SAYS))
    assert len(long) > len(short) + 60
    assert (long[:, -4:] == 255).all()


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [(1.005, 2, "1.00"), (-0.98, 2, "−0.98"), (-0.001, 2, "0.00"), (0.0, 2, "0.00"), (-12.0, 0, "−12"),
     (float("inf"), 2, "inf"), (float("-inf"), 2, "−inf"), (float("nan"), 2, "nan")],
)  # fmt: skip
def test_a_number_has_a_real_minus_and_no_negative_zero(value, digits, text):
    assert words.number(value, digits) == text


def test_shares_and_lists():
    shares = {0.0: "0%", 0.001: "less than 1%", 0.25: "25%", 0.999: "more than 99%", 1.0: "100%"}
    assert {share: words.percent(share) for share in shares} == shares
    assert [words.listed(list("abc")[:n]) for n in range(4)] == ["", "a", "a and b", "a, b and c"]
