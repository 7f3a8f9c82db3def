"""Training as it happens: curves that grow, a button that stops and one that goes on, and a plain bar."""

import math
import threading
import time
from collections.abc import Mapping

import ipywidgets
import torch

from vae_helpers.figures import training as pictures
from vae_helpers.figures.picture import still
from vae_helpers.learning import training
from vae_helpers.learning.models import AE, VAE
from vae_helpers.learning.training import History
from vae_helpers.widgets.hearing import hear_beside_the_cell
from vae_helpers.widgets.picture_view import PictureView

# Seconds between two pictures: drawing one takes as long as an epoch of the small digits.
EVERY = 0.2


class Training(ipywidgets.VBox):
    """A training with its curves: `train()` runs it, Stop ends it after the last whole epoch, Resume goes on.

    Nothing is lost by a stop: what comes out in the end is bit for bit what it would have been. `history` is what was
    reached. Stop works while the cell runs, where the browser's messages have a thread of their own (JupyterLab 4.4 or
    newer with ipykernel 7); elsewhere the kernel's ■ does the same. Resume goes on beside the page, whose cells can run
    meanwhile; calling `train()` again goes on in the cell.
    """

    def __init__(
        self, model: VAE | AE, images: torch.Tensor, epochs: int, marks: Mapping[str, float] = pictures.NONE, **options
    ):
        """`options` go to `training.fit`. The axes reach from tossing coins to the best that any model could do.

        `marks` (name → nats per image) are lines to beat.
        """
        self.model, self.images, self.epochs, self.options = model, images, epochs, options
        self.history = History(planned=epochs)
        self.failure: Exception | None = None
        self._halt, self._running, self._drawn = threading.Event(), threading.Lock(), 0.0
        coins = -images.shape[1] * math.log(2)
        self.scene = pictures.live(epochs, coins, self._ceiling(), 2.5 * model.config["latent"], marks)
        self.view = PictureView()
        self.stop = ipywidgets.Button(description="Stop", disabled=True, tooltip="Stop after the last whole epoch")
        self.resume = ipywidgets.Button(description="Resume", disabled=True, tooltip="Go on where it was stopped")
        hear_beside_the_cell(self.stop, self.resume)
        self.stop.on_click(lambda _: self._halt.set())
        self.resume.on_click(lambda _: threading.Thread(target=self._go_on, daemon=True).start())
        buttons = ipywidgets.HBox((self.stop, self.resume))
        super().__init__((buttons.add_class("vae-above"), self.view))
        self._draw()

    def train(self) -> History:
        """Train until all epochs are done, or Stop is pressed; from the beginning, or from where it was stopped.

        Raises RuntimeError where it is running already, and what `training.fit` raises.
        """
        if not self._running.acquire(blocking=False):
            raise RuntimeError("Training.train(): it is running already; press its Stop first, or wait")
        self._halt.clear()
        self.stop.disabled, self.resume.disabled = False, True
        try:
            self.history = training.fit(
                self.model, self.images, self.epochs, **self.options,
                on_epoch=self._seen, stop=self._halt.is_set, resume=self.history.checkpoint,
            )  # fmt: skip
        except training.Diverged as error:
            self.history = error.history
            raise
        finally:
            self._draw()
            self.stop.disabled, self.resume.disabled = True, len(self.history) == self.epochs
            self._running.release()
        return self.history

    def _go_on(self) -> None:
        """`train` on its own thread, where an error has no cell to stand in."""
        try:
            self.train()
            self.failure = None
        except Exception as error:
            self.failure = error
            self.view.error = f"{type(error).__name__}: {error}"

    def _seen(self, history: History) -> None:
        self.history = history
        if time.monotonic() - self._drawn > EVERY:
            self._draw()

    def _draw(self) -> None:
        self._drawn = time.monotonic()
        self.view.show(self.scene.picture(quick=True, figures=self.history.figures))

    def _ceiling(self) -> float:
        """−H(x | grey): no model can foresee the coins that make the pixels black or white."""
        entropy = torch.special.entr(self.images) + torch.special.entr(1 - self.images)
        return -entropy.sum(1).mean().item()

    def __repr__(self) -> str:
        return f"Training with Stop and Resume. {self.view.says}"

    def _repr_mimebundle_(self, **options):
        bundle = super()._repr_mimebundle_(**options) or {}
        hint = "Run these cells to train; then Stop and Resume are alive."
        bundle["text/plain"] = repr(self)
        bundle["image/png"] = still(self.view.png, hint, self.view.says)
        return bundle, {"image/png": {"alt": f"{self.view.says} {hint}", "width": self.view.width}}


class Progress(ipywidgets.VBox):
    """A bar and a line of words. Display it, then hand it to `fit` as `on_epoch`; an error stays with its cell."""

    def __init__(self):
        self.bar = ipywidgets.IntProgress(min=0, max=1, description="training", layout={"width": "500px"})
        self.words = ipywidgets.HTML("not started")
        super().__init__((self.bar, self.words))

    def __call__(self, history: History) -> None:
        """Show the last epoch of `history`."""
        self.bar.max, self.bar.value = history.planned, len(history)
        self.bar.bar_style = "success" if len(history) == history.planned else ""
        figures = {name: values[-1] for name, values in history.figures.items()}
        elbo, reconstruction, kl = pictures.sum_in_words(figures.get("elbo", 0.0), figures["reconstruction"])
        terms = f"reconstruction {reconstruction}"
        if "elbo" in figures:
            terms = f"ELBO {elbo} = {terms} − KL {kl}"
        self.words.value = f"epoch {len(history)} of {history.planned}: {terms}, nats per image"

    def __repr__(self) -> str:
        return "Progress of a training; it moves while its cell runs."
