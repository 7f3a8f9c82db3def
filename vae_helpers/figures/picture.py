"""A picture with the sentence that says it, and a scene: a picture of which one part moves."""

import io
import threading
from collections.abc import Callable, Sequence

import numpy as np
from IPython.display import publish_display_data
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.font_manager import findfont
from PIL import Image, ImageDraw, ImageFont

from vae_helpers import png
from vae_helpers.figures import style


class Picture:
    """A drawn figure and `says`, one sentence that tells what it shows with its key numbers.

    The sentence is the `alt` in the metadata, the `text/plain` that nbval compares (it compares no pixels), and the
    caption under the picture, because neither JupyterLab nor nbconvert's own templates give an output image that alt.
    """

    def __init__(self, fig: Figure, says: str, drawn: bool = False, quick: bool = False):
        """Keeps the pixels of `fig` as they are now; `drawn` says that its canvas already holds them.

        `quick` is for a frame that a hand waits for: more bytes, in a small part of the time.
        """
        if not drawn:
            with style.applied():
                fig.canvas.draw()
        self.says = says
        self.width = round(fig.get_figwidth() * style.PAGE_DPI)
        pixels = np.asarray(fig.canvas.buffer_rgba())
        self.png = png.encode(pixels) if quick else encoded(Image.fromarray(pixels[:, :, :3]))

    def __repr__(self) -> str:
        return self.says

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"image/png": self.png, "text/plain": self.says}, {"image/png": {"alt": self.says, "width": self.width}}

    def _ipython_display_(self) -> None:
        publish_display_data(*self._repr_mimebundle_())
        publish_display_data({"text/html": f"<em>{self.says}</em>", "text/plain": self.says})


def encoded(pixels: Image.Image) -> bytes:
    """A PNG in the 256 colours that suit it best: half the weight of a stored page."""
    pixels = pixels.quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    file = io.BytesIO()
    pixels.save(file, format="png", compress_level=9)
    return file.getvalue()


def still(png: bytes, hint: str, says: str) -> bytes:
    """A PNG with a faint `hint` above it and `says` under it: for pages on which nothing runs and no text is beside."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    faint, italic = _font("DejaVu Sans"), _font("DejaVu Sans:italic")
    above, below = _lines(hint, faint, picture.width), _lines(says, italic, picture.width)
    step = 1.35 * faint.size
    top, bottom = round(step * (len(above) + 0.3)), round(step * (len(below) + 0.3))
    page = Image.new("RGB", (picture.width, top + picture.height + bottom), "white")
    page.paste(picture, (0, top))
    draw = ImageDraw.Draw(page)
    for lines, y, font, colour in ((above, 0, faint, "#767676"), (below, top + picture.height, italic, "black")):
        for row, line in enumerate(lines):
            draw.text((0.5 * font.size, y + row * step), line, colour, font)
    return encoded(page)


def joined(pngs: Sequence[bytes]) -> bytes:
    """PNGs in a row, on white, their upper edges in line."""
    pictures = [Image.open(io.BytesIO(png)).convert("RGB") for png in pngs]
    page = Image.new("RGB", (sum(each.width for each in pictures), max(each.height for each in pictures)), "white")
    left = 0
    for each in pictures:
        page.paste(each, (left, 0))
        left += each.width
    return encoded(page)


def _font(name: str) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(findfont(name), round(13 * style.DPI / style.PAGE_DPI))


def _lines(text: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    """`text` in lines that `width` pixels hold."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) > width - font.size:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


class Scene:
    """A figure with `moving` artists over a background that is drawn once.

    `move(**data)` puts the artists where `data` says and returns the sentence. Limits, ticks and titles stay: only the
    moving artists are drawn anew (the rest is blitted), which keeps a hand on a slider from waiting.
    """

    def __init__(self, fig: Figure, moving: Sequence[Artist], move: Callable[..., str]):
        self.fig, self._move = fig, move
        # A curve passes under the frame of its axes.
        spines = [spine for axes in fig.axes if axes.axison for spine in axes.spines.values()]
        self.moving = sorted([*moving, *spines], key=Artist.get_zorder)  # the order in which a figure draws
        self.lock = threading.RLock()  # JupyterLab runs a slider's callback on a thread beside the running cell
        self._background = None
        for artist in self.moving:
            artist.set_animated(True)  # left out of the background,
            artist.set_in_layout(False)  # and of what makes room for labels: the axes stand still

    def picture(self, *, quick: bool = False, **data) -> Picture:
        """The scene at `data`, as a Picture."""
        with self.lock, style.applied():
            canvas = self.fig.canvas
            if self._background is None:
                canvas.draw()
                self.fig.set_layout_engine("none")  # laid out once, or the axes would stir at the next full drawing
                self._background = canvas.copy_from_bbox(self.fig.bbox)
            canvas.restore_region(self._background)
            says = self._move(**data)
            for artist in self.moving:
                self.fig.draw_artist(artist)
            return Picture(self.fig, says, drawn=True, quick=quick)
