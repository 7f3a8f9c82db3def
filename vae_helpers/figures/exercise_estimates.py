"""A learner's estimate beside the reference, and beside the exact number that both estimate."""

from torch import Tensor

from vae_helpers.figures import style
from vae_helpers.figures.exercise import rings_on_line
from vae_helpers.figures.picture import Picture
from vae_helpers.figures.words import number


@style.applied()
def beside_exact(
    knob: Tensor, yours: Tensor, reference: Tensor, exact: Tensor, label: str, shows: str, called: str
) -> Picture:
    """The reference as a line over `knob`, the answer as rings on it, the exact number dashed; each [m]."""
    fig, axes = style.panels(height=2.6)
    axes.plot(knob, exact, color=style.EVIDENCE, ls=style.INTRACTABLE, label=called)
    rings_on_line(axes, knob, yours, reference)
    axes.set(xlabel=label, ylabel=shows)
    style.legend_above(axes, columns=3)
    off = (yours - exact).abs()
    return Picture(
        fig,
        f"Yours (rings) on the reference (line), at {len(knob)} places of {label}; dashed, {called}. Rings and dashes "
        f"are at most {number(off.max().item())} nats apart, at the last place {number(off[-1].item())}.",
    )
