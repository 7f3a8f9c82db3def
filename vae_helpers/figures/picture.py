"""A picture with the sentence that says it, and a scene: a picture of which one part moves."""

import io
import threading
from collections.abc import Callable, Sequence

import numpy as np
from IPython.display import publish_display_data
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from PIL import Image

from vae_helpers.figures import style


class Picture:
    """A drawn figure and `says`, one sentence that tells what it shows with its key numbers.

    The sentence is the alt text (nbconvert reads it from the metadata), the `text/plain` that nbval compares (it
    compares no pixels), and the caption under the picture, because JupyterLab gives an output image no alt text.
    """

    def __init__(self, fig: Figure, says: str, drawn: bool = False, compress: int = 6):
        """Keeps the pixels of `fig` as they are now; `drawn` says that its canvas already holds them."""
        if not drawn:
            with style.applied():
                fig.canvas.draw()
        self.says = says
        self.width = round(fig.get_figwidth() * style.PAGE_DPI)
        file = io.BytesIO()
        pixels = Image.fromarray(np.asarray(fig.canvas.buffer_rgba())[:, :, :3])
        pixels.save(file, format="png", compress_level=compress)
        self.png = file.getvalue()

    def __repr__(self) -> str:
        return self.says

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"image/png": self.png, "text/plain": self.says}, {"image/png": {"alt": self.says, "width": self.width}}

    def _ipython_display_(self) -> None:
        publish_display_data(*self._repr_mimebundle_())
        publish_display_data({"text/html": f"<em>{self.says}</em>", "text/plain": self.says})


class Scene:
    """A figure with `moving` artists over a background that is drawn once.

    `move(**data)` puts the artists where `data` says and returns the sentence. Limits, ticks and titles stay: only the
    moving artists are drawn anew (the rest is blitted), which keeps a hand on a slider from waiting.
    """

    def __init__(self, fig: Figure, moving: Sequence[Artist], move: Callable[..., str]):
        self.fig, self.moving, self._move = fig, list(moving), move
        self.lock = threading.RLock()  # JupyterLab runs a slider's callback on a thread beside the running cell
        self._background = None
        for artist in self.moving:
            artist.set_animated(True)  # left out of the background

    def picture(self, *, compress: int = 6, **data) -> Picture:
        """The scene at `data`, as a Picture."""
        with self.lock, style.applied():
            canvas = self.fig.canvas
            if self._background is None:
                canvas.draw()
                self._background = canvas.copy_from_bbox(self.fig.bbox)
            canvas.restore_region(self._background)
            says = self._move(**data)
            for artist in self.moving:
                self.fig.draw_artist(artist)
            return Picture(self.fig, says, drawn=True, compress=compress)
