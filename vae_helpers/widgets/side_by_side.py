"""Widgets next to each other, each under its name; on a narrow page one under the other."""

from collections.abc import Mapping

import ipywidgets

from vae_helpers.figures.picture import joined

WIDE = 1100  # CSS pixels: what a page has room for


class SideBySide(ipywidgets.HBox):
    """`parts`, name → widget. Where nothing runs, their stills stand side by side too."""

    def __init__(self, parts: Mapping[str, ipywidgets.DOMWidget]):
        self.parts = dict(parts)
        for part in self.parts.values():
            part.layout = {"min_width": "0"}
        columns = [
            ipywidgets.VBox((ipywidgets.Label(name), part), layout={"flex": "1 1 22rem", "min_width": "0"})
            for name, part in self.parts.items()
        ]
        super().__init__(columns, layout={"flex_flow": "row wrap", "grid_gap": "0 1rem", "max_width": "72rem"})

    def __repr__(self) -> str:
        return "; ".join(f"{name}: {part!r}" for name, part in self.parts.items())

    def _repr_mimebundle_(self, **options):
        bundle = super()._repr_mimebundle_(**options) or {}
        stills = [part._repr_mimebundle_() for part in self.parts.values()]
        alts, widths = zip(
            *((about["image/png"]["alt"], about["image/png"]["width"]) for _, about in stills), strict=True
        )
        bundle |= {"text/plain": repr(self), "image/png": joined([png["image/png"] for png, _ in stills])}
        says = " ".join(f"{name}: {alt}" for name, alt in zip(self.parts, alts, strict=True))
        return bundle, {"image/png": {"alt": says, "width": min(sum(widths), WIDE)}}
