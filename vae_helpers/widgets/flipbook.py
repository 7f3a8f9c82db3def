"""An explorer for a page without a kernel: pictures drawn beforehand, which sliders flip through in the browser."""

import io
import itertools
from collections.abc import Sequence

import anywidget
import ipywidgets
import numpy as np
import traitlets
from PIL import Image

from vae_helpers.figures.picture import Picture, encoded
from vae_helpers.widgets import slider
from vae_helpers.widgets.picture_view import STATIC

ALONE, TOGETHER = 21, 11  # stops of a slider that moves alone, and of one of two that move together
HEAVY = 30_000  # bytes; where a picture is heavier on average, as a wall of images is, a slider has fewer stops
PLACES = ("first", "second", "third")


class Flipbook(anywidget.AnyWidget):
    """Pictures of one scene, and which of them belongs to which position of the sliders `first`, `second`, `third`.

    With `together`, every position of the sliders has its picture, the last slider's moving fastest. Without, a slider
    moves while the others stand at `start` (they are sent back there): its pictures follow one after the other. A
    picture is `base` with `overlays[shown[frame]]` over it, the pixels that differ; equal ones are stored once.
    """

    _esm = STATIC / "flipbook.js"
    _css = (STATIC / "picture.css").read_text("utf-8") + (STATIC / "flipbook.css").read_text("utf-8")

    base = traitlets.Bytes().tag(sync=True)
    overlays = traitlets.List(traitlets.Bytes()).tag(sync=True)
    shown = traitlets.List(traitlets.Int()).tag(sync=True)
    says = traitlets.List(traitlets.Unicode()).tag(sync=True)
    width = traitlets.Int().tag(sync=True)
    stops = traitlets.List(traitlets.List(traitlets.Float())).tag(sync=True)
    start = traitlets.List(traitlets.Int()).tag(sync=True)
    together = traitlets.Bool().tag(sync=True)
    frame = traitlets.Int().tag(sync=True)
    first = traitlets.Float().tag(sync=True)
    second = traitlets.Float().tag(sync=True)
    third = traitlets.Float().tag(sync=True)

    def __repr__(self) -> str:
        return f"Flipbook of {len(self.shown)} positions and {len(self.overlays)} pictures: {self.says[self.frame]}"


class Baked(ipywidgets.VBox):
    """`sliders` over a `flipbook`, linked in the browser; `positions` are the values of the sliders, frame by frame."""

    def __init__(self, explorer, product: bool):
        """Draws every picture of `explorer`; its own state stays. Raises ValueError for a product of not two."""
        controls = list(explorer.controls.values())
        if len(controls) > len(PLACES) or (product and len(controls) != 2):
            raise ValueError(f"bake(product={product}): got {len(controls)} sliders; wanted 1 to 3, for a product 2")
        for count in (TOGETHER,) if product else (ALONE, TOGETHER):
            stops = [stops_of(control, count) for control in controls]
            start = [values.index(control.value) for values, control in zip(stops, controls, strict=True)]
            self.positions = positions(stops, start, product)
            pictures = [_picture(explorer, position) for position in self.positions]
            begin = self.positions.index(tuple(control.value for control in controls))
            ground = _pixels(pictures[begin])
            known: dict[bytes, int] = {}
            shown = [known.setdefault(_overlay(ground, _pixels(picture)), len(known)) for picture in pictures]
            if sum(map(len, known)) <= HEAVY * len(known):
                break
        self.flipbook = Flipbook(
            base=_webp(ground), overlays=list(known), shown=shown, says=[picture.says for picture in pictures],
            width=pictures[begin].width, stops=stops, start=start, together=product, frame=begin,
            **{place: control.value for place, control in zip(PLACES, controls, strict=False)},
        )  # fmt: skip
        self.still = encoded(Image.fromarray(ground))
        self.sliders = [
            slider.stops(control.description, control.value, at) for control, at in zip(controls, stops, strict=True)
        ]
        ends = [((one, "value"), (self.flipbook, place)) for one, place in zip(self.sliders, PLACES, strict=False)]
        self.links = [ipywidgets.jslink(*pair) for pair in ends]
        row = ipywidgets.HBox(self.sliders, layout={"flex_flow": "row wrap", "grid_gap": "0 1.5em"})
        super().__init__((row, self.flipbook))

    def __repr__(self) -> str:
        return f"Baked: {self.flipbook!r}"

    def _repr_mimebundle_(self, **options):
        bundle = super()._repr_mimebundle_(**options) or {}
        bundle |= {"text/plain": repr(self), "image/png": self.still}
        return bundle, {"image/png": {"alt": self.flipbook.says[self.flipbook.frame], "width": self.flipbook.width}}


def stops_of(control: slider.Slider, count: int) -> list[float]:
    """At most `count` values of a slider, from end to end, its present value among them."""
    if control.stops:
        known = list(control.stops)
    else:
        steps = round((control.max - control.min) / control.step)
        known = [round(control.min + control.step * k, 9) for k in range(steps + 1)]
    chosen = [known[round(k)] for k in np.linspace(0, len(known) - 1, min(count, len(known)))]
    nearest = min(range(len(chosen)), key=lambda k: abs(chosen[k] - control.value))
    return sorted({*chosen[:nearest], control.value, *chosen[nearest + 1 :]})


def positions(stops: Sequence[Sequence[float]], start: Sequence[int], together: bool) -> list[tuple[float, ...]]:
    """The values of all sliders at each frame, in the order in which flipbook.js counts them."""
    if together:
        return list(itertools.product(*stops))
    rest = tuple(values[k] for values, k in zip(stops, start, strict=True))
    return [(*rest[:k], value, *rest[k + 1 :]) for k, values in enumerate(stops) for value in values]


def _picture(explorer, position: Sequence[float]) -> Picture:
    """The explorer's picture at these values of its sliders, with all its colours: a palette would differ by frame."""
    with explorer.scene.lock:
        values = dict(zip(explorer.controls, position, strict=True))
        return explorer.scene.picture(quick=True, **explorer.derive(**values))


def _pixels(picture: Picture) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(picture.png)).convert("RGB"))


def _overlay(ground: np.ndarray, pixels: np.ndarray) -> bytes:
    """The pixels that differ from `ground`, the others transparent."""
    differs = (pixels != ground).any(axis=2)
    return _webp(np.dstack([pixels * differs[..., None], np.where(differs, 255, 0)]).astype(np.uint8))


def _webp(pixels: np.ndarray) -> bytes:
    """Lossless, so that an overlay and what it lies on fit to the pixel."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, format="webp", lossless=True, quality=60, method=3)
    return file.getvalue()
