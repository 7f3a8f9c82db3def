"""The derivation stepper: a line at a time, each with its reason and its value, recomputed as q moves."""

import ipywidgets
import traitlets
from torch import Tensor

from vae_helpers.figures import guess, style
from vae_helpers.maths import derivation, divergence
from vae_helpers.maths.derivation import Line
from vae_helpers.maths.toy import ToyModel
from vae_helpers.widgets.divergence import GRID, gaussian_parameters, guess_sliders, number
from vae_helpers.widgets.explorer import Explorer

AGREE = 1e-8  # nats; what the page claims of the lines


class Row(ipywidgets.VBox):
    """One line: formula and value side by side, what is known (solid) and unknown (dashed), the reason."""

    def __init__(self, line: Line):
        self.value = ipywidgets.HTML(layout={"min_width": "7em"})
        formula = ipywidgets.HTMLMath(rf"$\displaystyle {line.latex}$", layout={"flex": "1 1 auto"})
        terms = [f'<span style="border-bottom: 2px solid {style.EVIDENCE}">${term}$</span>' for term in line.known]
        terms += [f'<span style="border-bottom: 2px dashed {style.Q}">${term}$</span>' for term in line.unknown]
        reason = ipywidgets.HTMLMath(f"{line.why} &ensp; {' &ensp; '.join(terms)}")
        super().__init__(
            (ipywidgets.HBox((formula, self.value), layout={"align_items": "center"}), reason),
            layout={"border_left": f"3px solid {style.QUIET}", "padding": "0 0 0 0.8em", "margin": "0 0 0.3em 0"},
        )

    def show(self, line: Line) -> None:
        """The value of the line, with the way it was computed as a tooltip."""
        self.value.value = f'<b class="vae-line-value" title="{line.route}">{line.value.item():.4f}</b> nats'


class Derivation(Explorer):
    """D_KL(q_φ(z|x) ‖ p_θ(z|x)) line by line, beside the two bells it compares; `shown` counts the lines on view."""

    shown = traitlets.Int(1)

    def __init__(self, model: ToyModel, x: float | Tensor):
        x_seen = number(x)
        self.lines_at = lambda mu, sigma: derivation.kl_to_evidence(model, x_seen, *gaussian_parameters(mu, sigma))
        sliders = guess_sliders()
        lines = self.lines_at(**{name: control.value for name, control in sliders.items()})
        self.rows = tuple(Row(line) for line in lines)
        self.verdict = ipywidgets.HTML()
        self.back = ipywidgets.Button(description="◂ Back", tooltip="Hide the last line")
        self.next = ipywidgets.Button(description="Next line ▸", button_style="primary", tooltip="Show one more line")
        self.everything = ipywidgets.Button(description="All lines", tooltip="Show every line")
        self.panel = ipywidgets.VBox(layout={"flex": "1 1 30em"})

        def derive(mu: float, sigma: float) -> dict:
            q = divergence.log_q(GRID, *gaussian_parameters(mu, sigma)).exp().numpy()
            return {"q": q, "mu": mu, "sigma": sigma}

        scene = guess.bell(GRID.numpy(), model.log_posterior(GRID, x_seen).exp().numpy())
        super().__init__(scene, derive, **sliders)
        steps = ipywidgets.HBox((self.back, self.next, self.everything))
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
        self.back.disabled, self.next.disabled = self.shown == 1, self.shown == len(self.rows)

    def show(self, values: dict) -> None:
        """Picture and every line at once; the verdict says whether they agree."""
        lines = self.lines_at(**values)
        super().show(values)
        for row, line in zip(self.rows, lines, strict=True):
            row.show(line)
        values = [line.value.item() for line in lines]
        self.found = [f"{value:.4f}" for value in values]
        spread = max(values) - min(values)
        self.verdict.value = (
            f"✓ All {len(values)} lines agree, to {AGREE:.0e} nats."
            if spread <= AGREE
            else f"✗ The {len(values)} lines part by {spread:.1e} nats."
        )

    def __repr__(self) -> str:
        return f"Derivation in {len(self.rows)} lines, in nats: {', '.join(self.found)}. {self.view.says}"

    def _repr_mimebundle_(self, **options):
        bundle, _ = super()._repr_mimebundle_(**options)
        del bundle["image/png"]  # where nothing runs, the lines say more than the bells
        lines = self.lines_at(**self.values)
        steps = "\n\n".join(f"$${line.latex}$$\n\n{line.why} **{line.value.item():.4f} nats**" for line in lines)
        bundle["text/markdown"] = f"{steps}\n\n*Run this cell to step through these lines and to move q.*"
        return bundle, {}
