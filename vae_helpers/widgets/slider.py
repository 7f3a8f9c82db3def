"""A labelled slider: the browser's own, because JupyterLab takes the arrow keys away from ipywidgets' sliders."""

import math
from collections.abc import Sequence

import anywidget
import traitlets

from vae_helpers.widgets.hearing import hear_beside_the_cell
from vae_helpers.widgets.picture_view import STATIC


class Slider(anywidget.AnyWidget):
    """A number between `min` and `max` in steps of `step`, or one of `stops` where there are any.

    ipywidgets' sliders have no name that a screen reader could speak, and in JupyterLab's command mode the arrow keys
    never reach them. A native range has its name, its keys and its touch from the browser.
    """

    _esm = STATIC / "slider.js"
    _css = STATIC / "slider.css"

    description = traitlets.Unicode().tag(sync=True)
    value = traitlets.Float().tag(sync=True)
    min = traitlets.Float(0.0).tag(sync=True)
    max = traitlets.Float(1.0).tag(sync=True)
    step = traitlets.Float(0.01).tag(sync=True)
    stops = traitlets.List(traitlets.Float()).tag(sync=True)

    def __init__(self, **traits):
        super().__init__(**traits)
        hear_beside_the_cell(self)

    @traitlets.validate("value")
    def _within(self, proposal) -> float:
        value = proposal["value"]
        if not math.isfinite(value):
            raise traitlets.TraitError(
                f"the slider {self.description!r} got {value}; it takes a number from {self.min:g} to {self.max:g}"
            )
        if self.stops:
            return sorted(self.stops, key=lambda stop: abs(stop - value))[0]
        return sorted((self.min, value, self.max))[1]

    def __repr__(self) -> str:
        return f"Slider {self.description!r} at {self.value:g}, from {self.min:g} to {self.max:g}"


def slider(label: str, value: float | int, low: float | int, high: float | int, step: float | int = 0.01) -> Slider:
    """A slider from `low` to `high`; it reports while it is dragged. Raises ValueError where that is no range."""
    if not (math.isfinite(low) and math.isfinite(high) and low < high and 0 < step <= high - low):
        raise ValueError(
            f"slider({label!r}, …): from {low} to {high} in steps of {step}; it needs low < high, step > 0"
        )
    return Slider(description=label, value=value, min=low, max=high, step=step, layout={"width": "300px"})


def stops(label: str, value: float | int, at: Sequence[float | int]) -> Slider:
    """A slider that knows only the numbers `at`, in rising order."""
    if len(at) < 2 or list(at) != sorted(set(at)):
        raise ValueError(f"stops({label!r}, …): got {list(at)}; it needs two numbers or more, in rising order")
    return Slider(description=label, value=value, min=at[0], max=at[-1], stops=list(at), layout={"width": "300px"})
