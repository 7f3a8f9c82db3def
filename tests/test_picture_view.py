"""widgets.picture_view: the traits that the browser shows."""

from vae_helpers.figures import style
from vae_helpers.figures.picture import Picture
from vae_helpers.widgets import draw_pad, latent_pad, picture_view, slider, time_machine
from vae_helpers.widgets.picture_view import PictureView


def test_a_view_shows_a_picture_and_clears_the_error():
    fig, _ = style.panels(width=2, height=1)
    picture = Picture(fig, "Two empty axes wait for a curve.")
    view = PictureView(error="something went wrong")
    view.show(picture)
    assert (view.png, view.width, view.says, view.error) == (picture.png, 200, picture.says, "")
    assert repr(view) == picture.says


def test_two_views_share_nothing():
    one, other = PictureView(says="one"), PictureView(says="other")
    assert (one.says, other.says) == ("one", "other")
    assert one.model_id != other.model_id


def test_what_the_browser_loads_keeps_to_itself():
    # Joined in front of a view, which has the one default.
    shared = {name for pad in (latent_pad, draw_pad, time_machine) for name in pad.SCRIPTS[:-1]}
    for script in sorted(picture_view.STATIC.glob("*.js")):
        text = script.read_text(encoding="utf-8")
        assert ("export default" in text) != (script.stem in shared)
        assert max(map(len, text.splitlines())) <= 120, f"{script.name} has a longer line"
        assert "import " not in "".join(line for line in text.splitlines(True) if not line.startswith("//"))
        assert not [word for word in ("querySelector", "getElementBy", "innerHTML", "fetch(", "http") if word in text]
    assert slider.Slider._esm is not PictureView._esm
