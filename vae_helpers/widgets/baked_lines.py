"""A derivation for a page without a kernel: its lines as text, their values at every position of the sliders."""

import anywidget
import ipywidgets
import traitlets

from vae_helpers.widgets.flipbook import Baked
from vae_helpers.widgets.picture_view import STATIC


class Stepper(anywidget.AnyWidget):
    """Lines shown one after the other: each with formula, reason, terms that are `known` or `unknown` (all TeX but the
    reason), and the `route` by which its value is computed; for each frame `values` and `verdicts`, what is said once
    that many lines are on view. `shown` counts these."""

    _esm = STATIC / "stepper.js"
    _css = STATIC / "stepper.css"

    lines = traitlets.List(traitlets.Dict()).tag(sync=True)
    values = traitlets.List(traitlets.List(traitlets.Unicode())).tag(sync=True)
    verdicts = traitlets.List(traitlets.List(traitlets.Unicode())).tag(sync=True)
    frame = traitlets.Int().tag(sync=True)
    shown = traitlets.Int(1).tag(sync=True)

    def __repr__(self) -> str:
        return f"Stepper of {len(self.lines)} lines"


class BakedLines(Baked):
    """The bells' pictures beside the stepper, both at the frame of the sliders."""

    def __init__(self, derivation, product: bool):
        super().__init__(derivation, product)
        names = tuple(derivation.controls)
        read = [derivation.read(**dict(zip(names, position, strict=True))) for position in self.positions]
        self.stepper = Stepper(
            lines=[
                {
                    "formula": line.latex,
                    "reason": line.why,
                    "route": line.route,
                    "known": list(line.known),
                    "unknown": list(line.unknown),
                }
                for line in derivation.lines
            ],
            values=[values for values, _ in read],
            verdicts=[verdicts for _, verdicts in read],
            frame=self.flipbook.frame,
        )
        self.in_words = derivation.in_words()
        ipywidgets.jslink((self.flipbook, "frame"), (self.stepper, "frame"))
        left = ipywidgets.VBox((*self.sliders, self.flipbook), layout={"flex": "0 1 24em"})
        right = ipywidgets.VBox((self.stepper,), layout={"flex": "1 1 32em"})
        self.children = (ipywidgets.HBox((left, right), layout={"flex_flow": "row wrap", "grid_gap": "0 1.5em"}),)

    def _repr_mimebundle_(self, **options):
        bundle, _ = super()._repr_mimebundle_(**options)
        del bundle["image/png"]  # as of the derivation itself: the lines say more than the bells
        return bundle | {"text/markdown": self.in_words}, {}
