"""widgets.explorer and widgets.slider: the controls' values are the state; errors are shown; the latest value wins."""

import io
import math
import threading

import numpy as np
import pytest
import traitlets
from PIL import Image

from vae_helpers.figures import style
from vae_helpers.figures.picture import Scene
from vae_helpers.widgets.explorer import Explorer
from vae_helpers.widgets.slider import slider, stops


def explorer(derive=lambda x: {"x": x}, moved=None):
    fig, axes = style.panels(width=2, height=1)
    axes.set(xlim=(0, 1), ylim=(0, 1))
    (dot,) = axes.plot([], [], "o")

    def move(x):
        dot.set_data([x], [x])
        if moved is not None:
            moved(x)
        return f"A dot at {x:.2f} on the diagonal."

    return Explorer(Scene(fig, [dot], move), derive, x=slider("place x", 0.2, 0, 1))


def test_a_value_set_in_python_moves_the_picture():
    one = explorer()
    before = one.view.png
    assert one.view.says == "A dot at 0.20 on the diagonal."
    one.controls["x"].value = 0.4
    assert one.values == {"x": 0.4}
    assert one.view.says == "A dot at 0.40 on the diagonal."
    assert one.view.png != before
    one.controls["x"].value = 0.2
    assert one.view.png == before


def test_the_same_value_is_drawn_once():
    drawn = []
    one = explorer(moved=drawn.append)
    one.draw()
    one.controls["x"].value = 0.2
    assert drawn == [0.2]


def test_two_of_a_kind_are_independent():
    one, other = explorer(), explorer()
    one.controls["x"].value = 0.9
    assert (one.view.says, other.view.says) == ("A dot at 0.90 on the diagonal.", "A dot at 0.20 on the diagonal.")


def test_an_error_is_shown_under_the_last_good_picture_and_cleared_by_the_next():
    def derive(x):
        if x > 0.5:
            raise ArithmeticError("x is too far to the right")
        return {"x": x}

    one = explorer(derive)
    png = one.view.png
    one.controls["x"].value = 0.7
    assert one.view.error == "ArithmeticError: x is too far to the right"
    assert (one.view.png, one.view.says) == (png, "A dot at 0.20 on the diagonal.")
    assert isinstance(one.failure, ArithmeticError)
    assert one.failure.__traceback__ is not None
    one.controls["x"].value = 0.2  # the values of the picture that is still there
    assert (one.view.error, one.failure) == ("", None)


def test_an_error_of_the_drawing_itself_is_shown_too_and_the_frame_after_it_is_whole():
    def moved(x):
        if x == 0.7:
            raise KeyError("half way")

    one, other = explorer(moved=moved), explorer()
    one.controls["x"].value = 0.7
    assert one.view.error == "KeyError: 'half way'"
    one.controls["x"].value = other.controls["x"].value = 0.4
    assert one.view.png == other.view.png


def test_values_that_failed_are_tried_again():
    broken = []

    def derive(x):
        if broken:
            raise OSError("not now")
        return {"x": x}

    one = explorer(derive)
    broken.append(True)
    one.controls["x"].value = 0.4
    assert one.view.error == "OSError: not now"
    broken.clear()
    one.draw()
    assert (one.view.error, one.view.says) == ("", "A dot at 0.40 on the diagonal.")


def test_a_page_does_not_open_on_a_broken_picture():
    def derive(x):
        raise ZeroDivisionError("no beginning")

    with pytest.raises(ZeroDivisionError, match="no beginning"):
        explorer(derive)


def test_the_latest_value_wins_and_no_two_drawings_interleave():
    busy, overlaps = threading.Lock(), []

    def derive(x):
        overlaps.append(not busy.acquire(blocking=False))
        return {"x": x}

    one = explorer(derive, moved=lambda x: busy.release())

    def drag(values):
        for value in values:
            one.controls["x"].value = value

    threads = [threading.Thread(target=drag, args=(np.random.default_rng(i).random(25).tolist(),)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert one.view.says == f"A dot at {one.controls['x'].value:.2f} on the diagonal."
    assert not any(overlaps)
    assert one.view.error == ""


def test_picture_sentence_and_error_arrive_in_one_message(monkeypatch):
    one, sent = explorer(), []
    monkeypatch.setattr(type(one.view), "send_state", lambda self, key=None: sent.append(set(key)))
    one.controls["x"].value = 0.4
    assert len(sent) == 1
    assert {"png", "says"} <= sent[0]


def test_where_nothing_runs_there_is_a_still_that_says_what_to_move():
    one = explorer()
    one.controls["x"].value = 0.4
    data, about = one._repr_mimebundle_()
    assert data["text/plain"] == repr(one) == "Explorer over x: A dot at 0.40 on the diagonal."
    assert about["image/png"] == {
        "alt": "A dot at 0.40 on the diagonal. Run this cell to move: place x.", "width": one.view.width,
    }  # fmt: skip
    live, page = (Image.open(io.BytesIO(png)) for png in (one.view.png, data["image/png"]))
    assert page.width == live.width
    assert page.height > live.height
    assert "application/vnd.jupyter.widget-view+json" in data


# ---- the slider ----


def test_a_slider_keeps_within_its_range():
    one = slider("x", 0.5, -1, 1)
    one.value = 7
    assert one.value == 1
    one.value = -7
    assert one.value == -1
    assert repr(one) == "Slider 'x' at -1, from -1 to 1"


@pytest.mark.parametrize("value", [math.nan, math.inf, "much", None])
def test_a_slider_refuses_what_is_no_number_and_keeps_its_value(value):
    one = slider("place", 0.5, 0, 1)
    with pytest.raises(traitlets.TraitError):
        one.value = value
    assert one.value == 0.5


def test_a_slider_with_stops_takes_the_nearest():
    one = stops("draws", 300, [1, 3, 10, 30, 100, 300])
    one.value = 9
    assert one.value == 10
    one.value = 0
    assert (one.value, one.min, one.max) == (1, 1, 300)


@pytest.mark.parametrize(("low", "high", "step"), [(1, 0, 0.1), (0, 0, 0.1), (0, 1, 0), (0, 1, 2), (0, math.nan, 1)])
def test_what_is_no_range_is_refused(low, high, step):
    with pytest.raises(ValueError, match=r"slider\('x', …\)"):
        slider("x", 0, low, high, step)


@pytest.mark.parametrize("at", [[1], [3, 1], [1, 1]])
def test_what_are_no_stops_is_refused(at):
    with pytest.raises(ValueError, match=r"stops\('n', …\)"):
        stops("n", 1, at)
