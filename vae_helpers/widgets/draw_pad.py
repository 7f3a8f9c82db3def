"""A pad to draw on: what a hand draws is encoded as it draws, and its posterior appears on a LatentPad."""

import anywidget
import ipywidgets
import torch
import traitlets
from ipywidgets import widget_serialization
from jaxtyping import Float, UInt8
from torch import Tensor

from vae_helpers.learning import arguments, data, ink, weights
from vae_helpers.learning.data import Dataset
from vae_helpers.learning.models import AE, VAE
from vae_helpers.maths import checks
from vae_helpers.widgets import encoded, latent_pad
from vae_helpers.widgets.hearing import hear_beside_the_cell
from vae_helpers.widgets.latent_pad import LatentPad
from vae_helpers.widgets.picture_view import STATIC
from vae_helpers.widgets.traits import Strokes

SCRIPTS = ("network", "page", "plane", "nearest", "ink", "lens", "draw_pad")  # joined, as those of the latent pad
CALL = "DrawPad(pad, images, box)"
DIGITS = tuple("0123456789")


class DrawPad(anywidget.AnyWidget):
    """A pad to draw a digit on; the linked `pad` (a LatentPad) shows where its model's encoder puts the drawing.

    Mouse, finger or pen draw `strokes`: lists of points [x, y] of a unit square, x to the right, y down; `draw.strokes
    = …` draws from Python. `image` is what the network sees of them, prepared as MNIST's images were (`ink.image`).
    A drawing moves `pad.z` to its μ and, for a VAE, sets `pad.q` to its (μ, σ); nothing drawn: `pad.q` is None. The
    browser does it alone, with the encoder in float16, and tells Python at most twenty times a second.
    """

    _esm = "\n".join((STATIC / f"{name}.js").read_text("utf-8") for name in SCRIPTS)
    _css = "\n".join((STATIC / f"{name}.css").read_text("utf-8") for name in ("latent_pad", "draw_pad"))

    strokes = Strokes().tag(sync=True)
    pad = traitlets.Instance(LatentPad).tag(sync=True, **widget_serialization)

    # A whole image that was loaded in place of strokes: grey values 0 … 255, or no byte.
    _given = traitlets.Bytes().tag(sync=True, from_json=lambda came, _: bytes(came))
    # What the browser is given once.
    _encoder = traitlets.Bytes().tag(sync=True)
    _sizes = traitlets.List(traitlets.Int()).tag(sync=True)
    _gaussian = traitlets.Bool().tag(sync=True)
    _box = traitlets.Float().tag(sync=True)
    _pen = traitlets.Float(ink.PEN).tag(sync=True)
    _image_shape = traitlets.List(traitlets.Int()).tag(sync=True)
    _examples = traitlets.List().tag(sync=True)  # strokes, a drawing a class
    _real = traitlets.Bool().tag(sync=True)

    def __init__(self, pad: LatentPad, images: Tensor | None = None, box: float = ink.BOX):
        """`images` [n, pixels] are those that the codes of `pad` belong to, if they are at hand, else None.

        `box` is how much of the image's shorter side a drawing fills, ink.BOX as in MNIST. Raises TypeError and
        ValueError.
        """
        if not isinstance(pad, LatentPad):
            raise TypeError(
                f"{CALL}: pad is {checks.describe(pad)}; wanted a LatentPad, as latent_pad.stored('mnist-2d')"
            )
        box = checks.number(CALL, "box", box, positive=True)
        if box > 1:
            raise ValueError(f"{CALL}: box = {box}; wanted a share of the image's shorter side, at most 1")
        parts = [part.half() for part in pad.network.encoder.parameters()]  # weights, biases, weights, …
        if not all(part.isfinite().all() for part in parts):
            raise ValueError(
                f"{CALL}: the encoder is not finite in float16 (largest 65504); was the training diverging?"
            )
        self.images = None if images is None else _counts(pad, images)
        self._heard, self._turns = False, {}
        digits = tuple(pad._classes) == DIGITS
        super().__init__(
            pad=pad, _encoder=b"".join(map(latent_pad.as_bytes, parts)),
            _sizes=[parts[0].shape[1], *map(len, parts[1::2])], _gaussian=isinstance(pad.network, VAE),
            _image_shape=pad._shape, _box=box, _examples=list(ink.EXAMPLES.values()) if digits else [],
            _real=images is not None,
        )  # fmt: skip
        self.on_msg(self._asked)
        hear_beside_the_cell(self)

    # ---- what is drawn ----

    @property
    def image(self) -> Float[Tensor, " pixels"]:
        """What the network sees, in [0, 1], 1 is ink: the strokes as an image, or the image that was loaded.

        `draw.image = data.test.images[3]` loads one (rounded to 255 steps) in place of strokes.
        """
        if self._given:
            return torch.tensor(list(self._given)).float() / ink.LEVELS
        return ink.image(self.strokes, tuple(self._image_shape), self._box)

    @image.setter
    def image(self, image: Tensor) -> None:
        image = torch.as_tensor(image)
        pixels = self.pad.network.config["pixels"]
        image = arguments.images("DrawPad.image", "image", image.reshape(1, -1), pixels)[0]
        self._load((ink.LEVELS * image.detach()).round().to(torch.uint8))

    def example(self, label: int) -> None:
        """Load an example of the class `label`: our drawing of that digit, or of the images at hand the next one."""
        label = arguments.whole("DrawPad.example(label)", "label", label, least=0)
        if self.images is not None:
            of_class = (self.pad.labels == label).nonzero().flatten()
            if len(of_class):
                turn = self._turns.get(label, 0)
                self._turns[label] = turn + 1
                return self._load(self.images[of_class[turn % len(of_class)]])
        elif label < len(self._examples):
            self.strokes = self._examples[label]
            return None
        raise ValueError(
            f"DrawPad.example({label}): there is no example of that class; classes are {self.pad._classes}"
        )

    def clear(self) -> None:
        """Nothing is drawn."""
        with self.hold_sync():  # one message: to the browser it is one step, to be undone at once
            self.strokes, self._given = [], b""

    def _load(self, counts: UInt8[Tensor, " pixels"]) -> None:
        with self.hold_sync():
            self._given, self.strokes = latent_pad.as_bytes(counts), []

    # ---- what the model says of it ----

    @property
    def drawn(self) -> bool:
        """Whether there is any ink."""
        return bool(self._given) or bool(self.strokes)

    def encoded(self) -> tuple[Float[Tensor, " latent"], Float[Tensor, " latent"] | None]:
        """mu and sigma of q(z|x) for the image as it is; for an autoencoder its code and None."""
        return encoded.posterior(self.pad, self.image)

    @property
    def nearest(self) -> list[str]:
        """The classes of the five test images whose codes are nearest to μ, nearest first."""
        return self.pad.classes_near(self.encoded()[0])

    @property
    def says(self) -> str:
        """One sentence: where the drawing is encoded, and what is near."""
        return encoded.says(self.pad, "The drawing", self.image) if self.drawn else "Nothing is drawn yet."

    # ---- between the browser and Python ----

    def set_state(self, sync_data):
        """What the browser says; it has moved the linked pad by itself."""
        self._heard = True
        try:
            super().set_state(sync_data)
        finally:
            self._heard = False

    @traitlets.validate("strokes")
    def _in_place_of_an_image(self, proposal) -> list:
        if proposal["value"] and not self._heard:
            self._given = b""
        return proposal["value"]

    @traitlets.observe("strokes", "_given")
    def _moved(self, _change) -> None:
        if self._heard or self.pad is None:
            return
        if not self.drawn:
            self.pad.q = None
            return
        mu, sigma = self.encoded()
        self.pad.z, self.pad.q = mu, None if sigma is None else (mu, sigma)

    def _asked(self, _widget, content: dict, _buffers) -> None:
        """The browser wants images of the data set: they are sent in a message, and no saved page will hold one."""
        if self.images is None:
            return
        if "example" in content:
            self.example(content["example"])
        elif "images" in content:
            wanted = [n for n in content["images"] if 0 <= n < len(self.images)]
            self.send({"images": wanted}, [latent_pad.as_bytes(self.images[n]) for n in wanted])

    # ---- where nothing runs ----

    def __repr__(self) -> str:
        return f"DrawPad. {self.says}"

    def _repr_mimebundle_(self, **options):
        bundle, _ = super()._repr_mimebundle_(**options) or ({}, {})
        return _still(self, bundle | {"text/plain": repr(self)})


class Beside(ipywidgets.HBox):
    """`draw`, a DrawPad, beside its `pad`, a LatentPad; where the page is narrow, the pad under it."""

    def __init__(self, draw: DrawPad):
        self.draw, self.pad = draw, draw.pad
        # Beside each other only where both have room.
        draw.layout = {"flex": "1 1 22rem", "min_width": "0", "max_width": "28rem"}
        draw.pad.layout = {"flex": "3 1 27rem", "min_width": "0"}
        super().__init__((draw, draw.pad), layout={"flex_flow": "row wrap"})

    def __repr__(self) -> str:
        return f"{self.draw!r} {self.pad!r}"

    def _repr_mimebundle_(self, **options):
        bundle = super()._repr_mimebundle_(**options) or {}
        return _still(self.draw, bundle | {"text/plain": repr(self)})


def beside(pad: LatentPad, images: Tensor | None = None, box: float = ink.BOX) -> Beside:
    """A new DrawPad beside `pad`, linked to it; the arguments are those of DrawPad, and so is what it raises."""
    return Beside(DrawPad(pad, images, box))


def of(model: VAE | AE, dataset: Dataset, box: float = ink.BOX) -> Beside:
    """Draw pad and latent pad over the test images of `dataset`: they are the nearest shown, and the examples.

    Raises what `latent_pad.of` and DrawPad raise.
    """
    pad = latent_pad.of(model, dataset)
    return beside(pad, dataset.test.images[: len(pad.labels)], box)


def stored(name: str, box: float = ink.BOX) -> Beside:
    """Draw pad and latent pad of the model stored as `name`, as "mnist-2d". Nothing is fetched, and no image is needed.

    Without its data set the nearest test images are shown as they are decoded from their codes, and the examples are
    drawings of our own; where the files are on this machine already, the real images take their place.
    Raises what `latent_pad.stored` and DrawPad raise.
    """
    pad, found = latent_pad.stored(name), data.at_hand(weights.cloud(name).data)
    return beside(pad, found and found.test.images[: len(pad.labels)], box)


def _counts(pad: LatentPad, images: Tensor) -> UInt8[Tensor, "n pixels"]:
    """Images as grey values, if they are those of the pad's codes."""
    images = arguments.images(CALL, "images", images, pad.network.config["pixels"])
    if len(images) != len(pad.labels):
        raise ValueError(f"{CALL}: {len(images)} images and {len(pad.labels)} codes on the pad; wanted an image a code")
    return (ink.LEVELS * images).round().to(torch.uint8)


def _still(draw: DrawPad, bundle: dict):
    """The bundle with a picture of the drawing, or of an example where there is none."""
    if draw.drawn or not draw._examples:
        return encoded.with_still(bundle, draw.pad, draw.image, "The drawing")
    example = ink.image(draw._examples[3], tuple(draw._image_shape), draw._box)
    return encoded.with_still(bundle, draw.pad, example, "A drawing of a 3")
