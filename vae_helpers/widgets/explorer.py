"""A picture that a hand moves: sliders above, the scene they change below, its sentence under it."""

from collections.abc import Callable

import ipywidgets

from vae_helpers.figures.picture import Scene, still
from vae_helpers.maths import threads
from vae_helpers.widgets.flipbook import Baked
from vae_helpers.widgets.picture_view import PictureView
from vae_helpers.widgets.slider import slider, stops

__all__ = ["Explorer", "slider", "stops"]


class Explorer(ipywidgets.VBox):
    """Controls over a scene. `derive(**values)` turns the controls' values into what the scene is given.

    The controls' `value` traits are the state: setting one in Python moves the picture as a hand would. Where nothing
    runs (a notebook just opened, GitHub, a PDF) the mime bundle's PNG shows picture, sentence, and what to move.
    """

    def __init__(self, scene: Scene, derive: Callable[..., dict], **controls: ipywidgets.DOMWidget):
        self.scene, self.derive, self.controls = scene, derive, controls
        self.view = PictureView()
        self.failure: Exception | None = None  # for whoever looks for its cause: `raise explorer.failure`
        self._drawn = None
        self.draw()
        if self.failure is not None:
            raise self.failure  # a page must not open on a broken picture
        for control in controls.values():
            control.observe(self.draw, names="value")
        row = ipywidgets.HBox(tuple(controls.values()), layout={"flex_flow": "row wrap", "grid_gap": "0 1.5em"})
        super().__init__((row, self.view))

    @property
    def values(self) -> dict:
        """A snapshot of the controls: name → value."""
        return {name: control.value for name, control in self.controls.items()}

    def draw(self, _change=None) -> None:
        """Show the picture of the controls' values. An error is shown under the last good picture."""
        with self.scene.lock:
            values = self.values  # read inside the lock: whoever draws last draws the latest values
            if values == self._drawn:
                return
            try:
                with threads.limited():
                    self.show(values)
                self._drawn, self.failure = values, None
            except Exception as error:
                self._drawn, self.failure = None, error  # the same values are tried again when somebody asks
                self.view.error = f"{type(error).__name__}: {error}"

    def show(self, values: dict) -> None:
        """What `draw` does with a snapshot of the values; a subclass with more to show extends it."""
        self.view.show(self.scene.picture(quick=True, **self.derive(**values)))

    def bake(self, product: bool = False) -> Baked:
        """For a page without a kernel: pictures drawn now, which the sliders flip through in the browser.

        21 positions of each slider while the others rest; with `product` 11 × 11 of two sliders that move together.
        """
        return Baked(self, product)

    def __repr__(self) -> str:
        return f"{type(self).__name__} over {', '.join(self.controls)}: {self.view.says}"

    def _repr_mimebundle_(self, **options):
        bundle = super()._repr_mimebundle_(**options) or {}
        names = [control.description for control in self.controls.values()]
        hint = f"Run this cell to move: {', '.join(names)}."
        with self.scene.lock:
            png, says, width = self.view.png, self.view.says, self.view.width
            bundle["text/plain"] = repr(self)
        bundle["image/png"] = still(png, hint, says)
        return bundle, {"image/png": {"alt": f"{says} {hint}", "width": width}}
