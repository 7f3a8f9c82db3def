"""A slider through the epochs of a run: the cloud of codes unfolds, and what the decoder draws follows."""

import math

import anywidget
import torch
import traitlets

from vae_helpers.figures import unfolding
from vae_helpers.figures.picture import still
from vae_helpers.learning import recording
from vae_helpers.learning.data import Dataset
from vae_helpers.learning.history import History
from vae_helpers.learning.recording import Recording
from vae_helpers.maths import checks
from vae_helpers.widgets.hearing import hear_beside_the_cell
from vae_helpers.widgets.latent_pad import as_bytes
from vae_helpers.widgets.picture_view import STATIC

SCRIPTS = ("network", "page", "plane", "time_machine")  # joined to one module: nothing is imported in the browser
STYLES = ("latent_pad", "time_machine")
NAMES = {"elbo": "ELBO", "reconstruction": "reconstruction", "kl": "KL"}


class TimeMachine(anywidget.AnyWidget):
    """A run that a hand can slide through: codes on the plane, images decoded over it, ten reconstructions, figures.

    `epoch` says where it stands; `machine.epoch = 5` moves it from Python. The run was recorded after some epochs, as
    far apart on the slider as they come one after the other. Between two of them everything is interpolated (codes and
    figures move straight, images fade): a hand that lets go, and Play where it is stopped, come to rest at the nearest
    one that was recorded. `recording` is what is shown.
    """

    _esm = "\n".join((STATIC / f"{name}.js").read_text("utf-8") for name in SCRIPTS)
    _css = "\n".join((STATIC / f"{name}.css").read_text("utf-8") for name in STYLES)

    epoch = traitlets.Float().tag(sync=True)

    # What the browser is given once: bytes are little-endian, see static/network.js; the frames are PNGs end to end.
    _epochs = traitlets.List(traitlets.Int()).tag(sync=True)
    _trained = traitlets.Int().tag(sync=True)
    _codes = traitlets.Bytes().tag(sync=True)
    _labels = traitlets.Bytes().tag(sync=True)
    _frames = traitlets.Bytes().tag(sync=True)
    _sizes = traitlets.List(traitlets.Int()).tag(sync=True)
    _shown = traitlets.List(traitlets.Int()).tag(sync=True)
    _figures = traitlets.Dict().tag(sync=True)
    _side = traitlets.Int().tag(sync=True)
    _reach = traitlets.Float().tag(sync=True)
    _prior = traitlets.Bool().tag(sync=True)
    _shape = traitlets.List(traitlets.Int()).tag(sync=True)
    _classes = traitlets.List(traitlets.Unicode()).tag(sync=True)

    def __init__(self, recording: Recording):
        """It opens at the first moment of `recording`. Raises TypeError where that is none."""
        if not isinstance(recording, Recording):
            raise TypeError(
                f"TimeMachine(recording): recording is {checks.describe(recording)}; wanted a Recording, as "
                f"recording.of(history, dataset) makes one from a history that kept weights, or "
                f"time_machine.stored('mnist-2d')"
            )
        self.recording = recording
        super().__init__(
            epoch=recording.epochs[0],
            _epochs=list(recording.epochs), _trained=recording.trained,
            _codes=as_bytes(recording.codes.half()), _labels=as_bytes(recording.labels.to(torch.uint8)),
            _frames=b"".join(recording.frames), _sizes=[len(frame) for frame in recording.frames],
            _shown=list(recording.shown), _figures=recording.figures, _side=recording.side, _reach=recording.reach,
            _prior=recording.prior, _shape=list(recording.shape), _classes=list(recording.classes),
        )  # fmt: skip
        hear_beside_the_cell(self)

    @traitlets.validate("epoch")
    def _in_the_run(self, proposal) -> float:
        epoch, (first, *_, last) = proposal["value"], (self.recording.epochs[0], *self.recording.epochs)
        if not first <= epoch <= last:
            raise traitlets.TraitError(
                f"TimeMachine.epoch = {epoch}: this run was recorded from epoch {first} to epoch {last}; wanted a "
                f"number between them, as in machine.epoch = {last}"
            )
        return epoch

    def _around(self) -> tuple[int, int, float]:
        """The moments before and after `epoch`, and how far it is from one to the other, from 0 to 1."""
        epochs = self.recording.epochs
        k = max(i for i, each in enumerate(epochs) if each <= self.epoch)
        after = min(k + 1, len(epochs) - 1)
        return k, after, (self.epoch - epochs[k]) / max(1, epochs[after] - epochs[k])

    @property
    def place(self) -> str:
        """Where it stands in the run."""
        k, after, share = self._around()
        epochs, trained = self.recording.epochs, self.recording.trained
        if share:
            return f"Between epochs {epochs[k]} and {epochs[after]} of {trained}"
        return f"After epoch {epochs[k]} of {trained}" if epochs[k] else f"Before the first of {trained} epochs"

    @property
    def says(self) -> str:
        """One sentence: where it stands, and the figures there. Those of a run just trained are this machine's own."""
        k, after, share = self._around()
        values = {term: line[k] + share * (line[after] - line[k]) for term, line in self.recording.figures.items()}
        named = ", ".join(f"{NAMES[term]} {value:.1f}" for term, value in values.items())
        named = named.replace("-0.0", "0.0").replace("-", "−")
        return f"{self.place}{', interpolated' if share else ''}: {named} nats per test image."

    def __repr__(self) -> str:
        kept = ", ".join(map(str, self.recording.epochs))
        return f"TimeMachine. {self.place}; recorded are epochs {kept}."

    def _repr_mimebundle_(self, **options):
        bundle, _ = super()._repr_mimebundle_(**options) or ({}, {})
        picture, hint = self._still(), "Run this cell to travel through the epochs."
        bundle |= {"text/plain": repr(self), "image/png": still(picture.png, hint, picture.says)}
        return bundle, {"image/png": {"alt": f"{picture.says} {hint}", "width": picture.width}}

    def _still(self):
        """The first moment, an early one and the last, side by side."""
        run = self.recording
        last = len(run.epochs) - 1
        chosen = sorted({0, math.ceil(last / 3), last})
        names = [f"after epoch {run.epochs[k]}" if run.epochs[k] else "before the first" for k in chosen]
        says = (
            f"{len(run.labels)} test images on the plane, and what is decoded over it, at {len(chosen)} of the "
            f"{len(run.epochs)} moments recorded: {', '.join(names)} of {run.trained} epochs."
        )
        frames = [run.frames[k] for k in chosen]
        return unfolding.moments(
            names, run.codes[chosen], run.labels, frames, run.shape, run.side, run.reach, run.prior, says
        )


def of(history: History, dataset: Dataset) -> TimeMachine:
    """A machine for a run just trained with `training.fit(…, keep=(0, 1, 2, 5, 10))`, over its test images.

    Raises what `recording.of` raises.
    """
    return TimeMachine(recording.of(history, dataset))


def stored(name: str) -> TimeMachine:
    """A machine for the run stored as `name`, "mnist-2d": no image is needed. Raises what `recording.load` raises."""
    return TimeMachine(recording.load(name))
