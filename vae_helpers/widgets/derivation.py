"""The derivation stepper: a line at a time, each with its reason and its value, recomputed as q moves."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import ipywidgets
import torch
import traitlets
from torch import Tensor

from vae_helpers.figures import guess, style, words
from vae_helpers.figures.picture import Scene
from vae_helpers.maths import derivation, divergence
from vae_helpers.maths.derivation import Line
from vae_helpers.maths.toy import ToyModel
from vae_helpers.widgets.baked_lines import BakedLines
from vae_helpers.widgets.divergence import GRID, f64, gaussian_parameters, guess_sliders
from vae_helpers.widgets.explorer import Explorer
from vae_helpers.widgets.slider import Slider

AGREE = 1e-8  # nats; what the page claims of the lines


class Row(ipywidgets.VBox):
    """One line: formula and value side by side, what is known (solid) and unknown (dashed), the reason."""

    def __init__(self, line: Line):
        self.value = ipywidgets.HTML(layout={"min_width": "7em"})
        formula = ipywidgets.HTMLMath(rf"$\displaystyle {line.latex}$", layout={"flex": "1 1 auto"})
        # In the colour of the text: it is read in every theme, and no role's colour says something else.
        terms = [f'<span style="border-bottom: 2px solid; padding-bottom: 1px">${term}$</span>' for term in line.known]
        terms += [
            f'<span style="border-bottom: 2px dashed; padding-bottom: 1px">${term}$</span>' for term in line.unknown
        ]
        reason = ipywidgets.HTMLMath(f"{line.why} &ensp; {' &ensp; '.join(terms)}")
        super().__init__(
            (ipywidgets.HBox((formula, self.value), layout={"align_items": "center"}), reason),
            layout={"border_left": f"3px solid {style.QUIET}", "padding": "0 0 0 0.8em", "margin": "0 0 0.3em 0"},
        )

    def show(self, line: Line) -> None:
        """The value of the line, with the way it was computed as a tooltip."""
        self.value.value = f'<b class="vae-line-value" title="{line.route}">{said(line)}</b> nats'


def said(line: Line) -> str:
    """A line's value in nats."""
    return words.number(line.value.item(), 4)


def verdict(lines: Sequence[Line]) -> str:
    """What their values say: lines joined by "=" agree, and a "≥" gives up so many nats (or is wrong)."""
    starts = [i for i, line in enumerate(lines) if i == 0 or line.relation != "="]
    said = []
    for start, end in pairwise([*starts, len(lines)]):
        values = torch.stack([line.value for line in lines[start:end]])
        if start:
            lost = (lines[start - 1].value - values[0]).item()
            right = lost >= -AGREE  # False for NaN too
            said.append(
                f"✓ The ≥ gives up {max(lost, 0.0):.4f} nats." if right else f"✗ The ≥ is wrong by {-lost:.1e} nats."
            )
        if len(values) > 1:
            name = f"Lines {start + 1}–{end}" if len(starts) > 1 else f"These {end} lines"
            spread = (values.max() - values.min()).item()  # NaN where one value is, unlike Python's max
            agree = spread <= AGREE
            said.append(f"✓ {name} agree, to 10⁻⁸ nats." if agree else f"✗ {name} part by {spread:.1e} nats.")
    return " ".join(said)


class Derivation(Explorer):
    """A derivation line by line, beside the two bells it compares; `shown` counts the lines on view.

    `lines(model, x, mu, logvar)` gives them, `maths.derivation.kl_to_evidence` or one of its sisters; `scene` moves q,
    drawn on the grid `z`, over something else than the posterior; `sliders` are others than the usual mu and sigma.
    """

    shown = traitlets.Int(1)

    def __init__(
        self,
        model: ToyModel,
        x: float | Tensor,
        lines: Callable[..., list[Line]] = derivation.kl_to_evidence,
        scene: Scene | None = None,
        z: Tensor = GRID,
        **sliders: Slider,
    ):
        x_seen = f64(x)
        self.lines_at = lambda mu, sigma: lines(model, x_seen, *gaussian_parameters(mu, sigma))
        sliders = sliders or guess_sliders()
        first = self.lines_at(**{name: control.value for name, control in sliders.items()})
        self.rows = tuple(Row(line) for line in first)
        self.verdict = ipywidgets.HTML()
        self.back = ipywidgets.Button(description="◂ Back", tooltip="Hide the last line")
        self.next = ipywidgets.Button(description="Next line ▸", button_style="primary", tooltip="Show one more line")
        self.everything = ipywidgets.Button(description="All lines", tooltip="Show every line")
        self.panel = ipywidgets.VBox()

        def derive(mu: float, sigma: float) -> dict:
            q = divergence.log_q(z, *gaussian_parameters(mu, sigma)).exp().numpy()
            return {"q": q, "mu": mu, "sigma": sigma}

        if scene is None:
            scene = guess.bell(GRID.numpy(), model.log_posterior(GRID, x_seen).exp().numpy())
        super().__init__(scene, derive, **sliders)
        steps = ipywidgets.HBox((self.back, self.next, self.everything)).add_class("vae-above")
        left = ipywidgets.VBox((*self.controls.values(), self.view), layout={"flex": "0 1 24em"})
        right = ipywidgets.VBox((steps, self.panel, self.verdict), layout={"flex": "1 1 32em"})
        self.children = (ipywidgets.HBox((left, right), layout={"flex_flow": "row wrap"}),)
        self.back.on_click(lambda _: self.set_trait("shown", self.shown - 1))
        self.next.on_click(lambda _: self.set_trait("shown", self.shown + 1))
        self.everything.on_click(lambda _: self.set_trait("shown", len(self.rows)))
        self._reveal()

    @traitlets.validate("shown")
    def _within(self, proposal) -> int:
        return min(max(proposal["value"], 1), len(self.rows))

    @traitlets.observe("shown")
    def _reveal(self, _change=None) -> None:
        self.panel.children = self.rows[: self.shown]
        # At either end a button does nothing. Disabled it would lose the keyboard's focus.
        self._say_verdict()

    def show(self, values: dict) -> None:
        """Picture and every line at once; the verdict says whether they agree."""
        lines = self.lines_at(**values)
        super().show(values)
        for row, line in zip(self.rows, lines, strict=True):
            row.show(line)
        self.lines, self.found = lines, [line.value.item() for line in lines]
        self._say_verdict()

    def _say_verdict(self) -> None:
        self.verdict.value = self._told(self.lines, self.shown)

    @staticmethod
    def _told(lines: Sequence[Line], shown: int) -> str:
        """Whether the lines on view agree; of those that are not, nothing is given away."""
        return f"Line {shown} of {len(lines)}. {verdict(lines[:shown])}"

    def bake(self, product: bool = False) -> BakedLines:
        """For a page without a kernel: the bells as pictures, and each line's value as text."""
        return BakedLines(self, product)

    def read(self, **values) -> tuple[list[str], list[str]]:
        """The value of each line at these values of the sliders, and the verdict for each number of lines on view."""
        lines = self.lines_at(**values)
        return [said(line) for line in lines], [self._told(lines, k) for k in range(1, len(lines) + 1)]

    def __repr__(self) -> str:
        values = ", ".join(words.number(value, 4) for value in self.found)
        return f"Derivation in {len(self.rows)} lines, in nats: {values}. {self.view.says}"

    def _repr_mimebundle_(self, **options):
        bundle, _ = super()._repr_mimebundle_(**options)
        del bundle["image/png"]  # where nothing runs, the lines say more than the bells
        hint = "Run this cell to step through these lines and to move q."
        bundle["text/markdown"] = f"*{hint}*\n\n{self.in_words()}"
        return bundle, {}

    def in_words(self) -> str:
        """The picture's sentence and every line as Markdown, all but the first folded."""
        first, *rest = (f"$${line.latex}$$\n\n{line.why} **{said(line)} nats**" for line in self.lines)
        lines = first, "<details><summary>The other lines, for where nothing runs</summary>", *rest, "</details>"
        return "\n\n".join((f"*{self.view.says}*", *lines))
