"""The small anywidget that shows a picture's bytes, with its live sentence as alt text."""

from pathlib import Path

import anywidget
import traitlets

from vae_helpers.figures.picture import Picture

STATIC = Path(__file__).parent / "static"


class PictureView(anywidget.AnyWidget):
    """An image in the browser: `png` bytes, `width` in CSS pixels, `says` its sentence, `error` what went wrong."""

    _esm = STATIC / "picture.js"
    _css = STATIC / "picture.css"

    png = traitlets.Bytes().tag(sync=True)
    width = traitlets.Int().tag(sync=True)
    says = traitlets.Unicode().tag(sync=True)
    error = traitlets.Unicode().tag(sync=True)

    def show(self, picture: Picture) -> None:
        """Replace picture, sentence and error in one message, so that they never disagree."""
        with self.hold_sync():
            self.png, self.width, self.says, self.error = picture.png, picture.width, picture.says, ""

    def __repr__(self) -> str:
        return self.says
