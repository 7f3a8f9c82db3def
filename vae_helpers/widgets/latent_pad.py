"""A pad on the latents of a trained model: a hand moves z, and the decoder, running in the browser, answers at once."""

import math
from collections.abc import Sequence

import anywidget
import torch
import traitlets
from torch import Tensor

from vae_helpers.figures import latent as pictures
from vae_helpers.figures.picture import still
from vae_helpers.learning import arguments, weights
from vae_helpers.learning.data import Dataset
from vae_helpers.learning.models import AE, VAE
from vae_helpers.maths import checks, plane, threads
from vae_helpers.widgets.hearing import hear_beside_the_cell
from vae_helpers.widgets.picture_view import STATIC
from vae_helpers.widgets.traits import Gaussian, Point

# Joined to one module: the browser imports nothing.
SCRIPTS = ("network", "page", "plane", "nearest", "walk", "latent_pad")
CALL = "LatentPad(model, codes, labels, shape, classes, reach)"
NEAREST = 5  # codes that are named
SMALL = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
TILES = 12  # images a side of the manifold: with more, those in the middle are too small to be read
MEGABYTE = 1_000_000


class LatentPad(anywidget.AnyWidget):
    """The encoded images as a cloud, coloured by class, and the image that is decoded where a hand puts z.

    Drag, touch or arrow keys move `z`, a list with a number a latent; `pad.z = …` moves it from Python. `axes` are the
    two latents shown, counted from 0; `a` and `b` the ends of a walk (None: not set), `t` from 0 to 1 how far along,
    `path` "straight" or "sphere"; `manifold` puts decoded images behind the cloud; `q`, set as (mu, sigma), is drawn at
    one and two sigma (None: no q). Set whole lists: what is changed inside one (`pad.z[0] = 1`) no widget hears of. The
    browser has the decoder and the codes in float16.
    """

    _esm = "\n".join((STATIC / f"{name}.js").read_text("utf-8") for name in SCRIPTS)
    _css = STATIC / "latent_pad.css"

    z = Point().tag(sync=True)
    axes = traitlets.List(traitlets.Int(), [0, 1]).tag(sync=True)
    a = Point(default_value=None, allow_none=True).tag(sync=True)
    b = Point(default_value=None, allow_none=True).tag(sync=True)
    t = traitlets.Float(0.0).tag(sync=True)
    path = traitlets.Enum(("straight", "sphere"), "straight").tag(sync=True)
    manifold = traitlets.Bool(False).tag(sync=True)
    q = Gaussian(default_value=None, allow_none=True).tag(sync=True)
    reach = traitlets.Float(read_only=True).tag(sync=True)

    # What the browser is given once: bytes are little-endian, see static/network.js.
    _layers = traitlets.List(traitlets.Int()).tag(sync=True)
    _decoder = traitlets.Bytes().tag(sync=True)
    _codes = traitlets.Bytes().tag(sync=True)
    _labels = traitlets.Bytes().tag(sync=True)
    _classes = traitlets.List(traitlets.Unicode()).tag(sync=True)
    _shape = traitlets.List(traitlets.Int()).tag(sync=True)
    _prior = traitlets.Bool().tag(sync=True)
    _lattice = traitlets.List(traitlets.Float()).tag(sync=True)

    def __init__(
        self, model: VAE | AE, codes: Tensor, labels: Tensor, shape: tuple[int, int], classes: Sequence[str],
        reach: float | int | None = None,
    ):  # fmt: skip
        """`codes` [n, latent] and `labels` [n], numbers of `classes`; images are `shape` = (rows, columns).

        The plane shows ±`reach`; without one, as far as 99 % of all codes' numbers lie, and at least ±3 for a VAE.
        Raises TypeError and ValueError.
        """
        codes, labels, shape = _checked(model, codes, labels, shape, classes)
        self.network, self.latents, prior = model, codes.shape[1], isinstance(model, VAE)
        halves = codes.half()
        self.cloud, self.labels = halves.float(), labels.long()
        if reach is None:
            most = torch.quantile(self.cloud.abs(), 0.99, interpolation="higher").item()
            reach = max(3.0 if prior else 0.5, math.ceil(2 * most) / 2)
        reach = checks.number(CALL, "reach", reach, positive=True)
        parts = [part.half() for part in model.decoder.parameters()]  # weights, biases, weights, …
        super().__init__(
            z=[0.0] * self.latents,
            _layers=[self.latents, *map(len, parts[1::2])], _decoder=b"".join(map(as_bytes, parts)),
            _codes=as_bytes(halves), _labels=as_bytes(labels.to(torch.uint8)), _classes=list(classes), _shape=shape,
            _prior=prior,
            _lattice=plane.knots(TILES, None if prior else reach).clamp(-reach, reach).tolist(),
        )  # fmt: skip
        self.set_trait("reach", reach)
        hear_beside_the_cell(self)

    @traitlets.validate("axes")
    def _two_axes(self, proposal) -> list[int]:
        axes = proposal["value"]
        if len(axes) != 2 or axes[0] == axes[1] or not all(0 <= axis < self.latents for axis in axes):
            raise traitlets.TraitError(
                f"LatentPad.axes = {axes}: wanted two of the {self.latents} latents, counted from 0, as in [0, 1]"
            )
        return axes

    @traitlets.validate("t")
    def _on_the_way(self, proposal) -> float:
        if not 0 <= proposal["value"] <= 1:
            raise traitlets.TraitError(f"LatentPad.t = {proposal['value']}: wanted a number from 0 (A) to 1 (B)")
        return proposal["value"]

    @traitlets.observe("t")
    def _step(self, _change) -> None:
        """Put z where t says; a t that came from the browser has brought its z with it."""
        if self.a is not None and self.b is not None:
            place = self.walk(self.t)
            if max(abs(new - old) for new, old in zip(place, self.z, strict=True)) > 1e-3:
                self.z = place

    def walk(self, t: float | int) -> list[float]:
        """The point `t` of the way from `a` to `b`: straight, or along the sphere (path = "sphere", above two latents).

        On the sphere the direction turns evenly and the norm changes evenly. Where an end is 0, or the two are
        opposite, there is no such way and the walk is straight. Raises ValueError while an end is not set.
        """
        if self.a is None or self.b is None:
            raise ValueError(f"LatentPad.walk({t}): a = {self.a}, b = {self.b}; set both ends, as in pad.a = pad.z")
        a, b = (torch.tensor(end, dtype=torch.float64) for end in (self.a, self.b))
        norms = a.norm(), b.norm()
        cosine = (a @ b / (norms[0] * norms[1])).clamp(-1, 1) if min(norms) > 1e-6 else torch.tensor(-1.0)
        angle = cosine.acos()
        if self.path == "straight" or self.latents == 2 or cosine < -1 + 1e-6 or angle < 1e-6:
            return (a + t * (b - a)).tolist()
        turned = ((1 - t) * angle).sin() * a / norms[0] + (t * angle).sin() * b / norms[1]
        return ((norms[0] + t * (norms[1] - norms[0])) / angle.sin() * turned).tolist()

    def nearest_to(self, point: Sequence[float] | Tensor) -> Tensor:
        """The numbers of the five codes that are nearest to `point`, in all latents, the nearest first."""
        far = (self.cloud - torch.as_tensor(point, dtype=self.cloud.dtype)).square().sum(1)
        return far.sort(stable=True).indices[:NEAREST]

    def classes_near(self, point: Sequence[float] | Tensor) -> list[str]:
        """The classes of the five codes that are nearest to `point`, the nearest first."""
        return [self._classes[self.labels[n]] for n in self.nearest_to(point)]

    @property
    def nearest(self) -> list[str]:
        """The classes of the five codes that are nearest to z, the nearest first."""
        return self.classes_near(self.z)

    @property
    def says(self) -> str:
        """One sentence: where z is, and what is near."""
        if self.latents == 2:
            place = f"z = ({', '.join(f'{value:.2f}' for value in self.z)})"
        else:
            place = ", ".join(f"z{str(axis + 1).translate(SMALL)} = {self.z[axis]:.2f}" for axis in self.axes)
            place += f" (two of {self.latents} latents; ‖z‖ = {math.hypot(*self.z):.2f})"
        place = place.replace("-0.00", "0.00").replace("-", "−")
        nearest = self.nearest
        return f"At {place} the nearest {len(nearest)} codes show {', '.join(nearest)}."

    def __repr__(self) -> str:
        return f"LatentPad. {self.says}"

    @threads.limited()
    @torch.no_grad()
    def _repr_mimebundle_(self, **options):
        bundle, _ = super()._repr_mimebundle_(**options) or ({}, {})
        cloud, shown, says = self.cloud[:, self.axes], tuple(self.axes), self.says
        decoded = self.network.decode(torch.tensor(self.z)).sigmoid()
        z = [self.z[axis] for axis in shown]
        picture = pictures.plane(
            cloud, self.labels, z, decoded, tuple(self._shape), self.reach, self._prior, shown, says
        )
        hint = "Run this cell to drag z."
        bundle |= {"text/plain": repr(self), "image/png": still(picture.png, hint, says)}
        return bundle, {"image/png": {"alt": f"{says} {hint}", "width": picture.width}}


@threads.limited()
@torch.no_grad()
def of(model: VAE | AE, dataset: Dataset, reach: float | int | None = None) -> LatentPad:
    """A pad over the test images of `dataset` as `model` encodes them, as many as fit in a megabyte with the decoder.

    Raises TypeError (no model) and ValueError (images of another size than the model draws).
    """
    call = "latent_pad.of(model, dataset, reach)"
    _a_model(call, model)
    if model.config["pixels"] != dataset.pixels:
        raise ValueError(
            f"{call}: {dataset.name} has images of {dataset.pixels} pixels, and the model draws "
            f"{model.config['pixels']}; take the data set that it was trained on"
        )
    few = _few(model)
    codes = model.codes(dataset.test.images[:few])
    return LatentPad(model, codes, dataset.test.labels[:few], dataset.shape, dataset.classes, reach)


def stored(name: str, reach: float | int | None = None) -> LatentPad:
    """A pad of the model stored as `name`, as "mnist-2d", over the codes that are stored with it: no image is needed.

    Raises what `weights.load` and `weights.cloud` raise.
    """
    model, cloud = weights.load(name), weights.cloud(name)
    few = _few(model)
    return LatentPad(model, cloud.codes[:few], cloud.labels[:few], cloud.shape, cloud.classes, reach)


def _few(model: VAE | AE) -> int:
    """How many codes the browser gets: what a megabyte has room for beside the decoder, and 500 at least."""
    decoder = 2 * sum(part.numel() for part in model.decoder.parameters())
    return max(500, (MEGABYTE - decoder) // (2 * model.config["latent"] + 1))


def as_bytes(values: Tensor) -> bytes:
    """A tensor's numbers, row by row, as they lie in memory (little-endian wherever PyTorch has wheels)."""
    return values.detach().contiguous().numpy().tobytes()


def _a_model(call: str, model) -> None:
    if not isinstance(model, VAE | AE):
        raise TypeError(f"{call}: model is {checks.describe(model)}; wanted a VAE or AE, as weights.load('digits-2d')")


def _checked(model, codes, labels, shape, classes) -> tuple[Tensor, Tensor, list[int]]:
    """Codes, labels and shape, if they belong together and to the model."""
    _a_model(CALL, model)
    checks.tensors(CALL, codes=codes)
    latents, pixels = model.config["latent"], model.config["pixels"]
    if codes.dim() != 2 or codes.shape[1] != latents or len(codes) == 0 or latents < 2:
        raise ValueError(
            f"{CALL}: codes are {checks.describe(codes)}; wanted [n, {max(latents, 2)}], of 2 latents or more"
        )
    if not isinstance(classes, tuple | list) or not all(isinstance(name, str) for name in classes):
        raise TypeError(
            f"{CALL}: classes are {checks.describe(classes)}; wanted a name for each label, as in ('0', '1')"
        )
    if not isinstance(labels, Tensor) or labels.is_floating_point():
        raise TypeError(
            f"{CALL}: labels are {checks.describe(labels)}; wanted whole numbers [{len(codes)}], one a code"
        )
    if labels.shape != codes.shape[:1] or labels.min() < 0 or labels.max() >= min(len(classes), 256):
        raise ValueError(
            f"{CALL}: labels are {checks.describe(labels)}, from {labels.min()} to {labels.max()}; wanted "
            f"[{len(codes)}], one a code, from 0 to {len(classes) - 1}, the last of the {len(classes)} classes"
        )
    if not isinstance(shape, tuple | list) or len(shape) != 2:
        raise TypeError(f"{CALL}: shape is {checks.describe(shape)}; wanted (rows, columns) of an image")
    rows, columns = (arguments.whole(CALL, "shape", size) for size in shape)
    if rows * columns != pixels:
        raise ValueError(f"{CALL}: shape is {rows} × {columns}, and the model draws {pixels} pixels")
    for name, parts in {"the decoder": model.decoder.parameters(), "codes": [codes]}.items():
        if not all(part.detach().half().isfinite().all() for part in parts):
            raise ValueError(f"{CALL}: {name} is not finite in float16 (largest 65504); was the training diverging?")
    return codes.detach(), labels, [rows, columns]
