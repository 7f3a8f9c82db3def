"""A picture that a hand moves: sliders above, the scene they change below, its sentence under it."""

from collections.abc import Callable

import ipywidgets

from vae_helpers.figures.picture import Scene
from vae_helpers.maths import threads
from vae_helpers.widgets.picture_view import PictureView


def slider(label: str, value: float, low: float, high: float, step: float = 0.01, **options) -> ipywidgets.FloatSlider:
    """A slider with its name, the current value and the keyboard's arrows; it reports while it is dragged."""
    return ipywidgets.FloatSlider(
        value=value, min=low, max=high, step=step, description=label, readout_format=".2f",
        style={"description_width": "initial"}, layout={"width": "300px"}, **options,
    )  # fmt: skip


class Explorer(ipywidgets.VBox):
    """Controls over a scene. `derive(**values)` turns the controls' values into what the scene is given.

    The controls' `value` traits are the state: setting one in Python moves the picture as a hand would. Where nothing
    runs (a notebook just opened, GitHub, a PDF) the mime bundle's PNG shows the picture of the first values.
    """

    def __init__(self, scene: Scene, derive: Callable[..., dict], **controls: ipywidgets.ValueWidget):
        self.scene, self.derive, self.controls = scene, derive, controls
        self.view = PictureView()
        self._drawn = None
        self.draw()
        if self.view.error:
            raise RuntimeError(self.view.error)  # a page must not open on a broken picture
        self._first = self.view.says, self.view.png, self.view.width
        for control in controls.values():
            control.observe(self.draw, names="value")
        row = ipywidgets.HBox(tuple(controls.values()), layout={"flex_flow": "row wrap"})
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
            self._drawn = values
            try:
                with threads.limited():
                    self.show(values)
            except Exception as error:
                self.view.error = f"{type(error).__name__}: {error}"

    def show(self, values: dict) -> None:
        """What `draw` does with a snapshot of the values; a subclass with more to show extends it."""
        self.view.show(self.scene.picture(compress=1, **self.derive(**values)))

    def __repr__(self) -> str:
        return f"{type(self).__name__} over {', '.join(self.controls)}: {self.view.says}"

    def _repr_mimebundle_(self, **options):
        bundle = super()._repr_mimebundle_(**options) or {}
        says, png, width = self._first
        bundle["image/png"] = png
        bundle["text/plain"] = repr(self)
        return bundle, {"image/png": {"alt": says, "width": width}}
