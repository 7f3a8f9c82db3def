"""A learner's answer beside the reference."""

from torch import Tensor

from vae_helpers.figures import style
from vae_helpers.figures.picture import Picture


def rings_on_line(axes, knob, yours, reference, size: int = 7) -> None:
    """The reference as a line over `knob`, the learner's answer as rings on it."""
    axes.plot(knob, reference, color=style.QUIET, label="reference")
    axes.plot(knob, yours, "o", color=style.DATA, mfc="none", ms=size, label="yours")


@style.applied()
def beside(knob: Tensor, yours: Tensor, reference: Tensor, label: str, shows: str) -> Picture:
    """The reference as a line over `knob`, the learner's answer as rings on it; each [m]."""
    fig, axes = style.panels(height=2.6)
    rings_on_line(axes, knob, yours, reference)
    axes.set(xlabel=label, ylabel=shows)
    style.legend_above(axes)
    apart = (yours - reference).abs().max().item()
    low, high = reference.min().item(), reference.max().item()
    low, high = ("0" if abs(end) < 1e-4 * (high - low) else f"{end:.4g}".replace("-", "−") for end in (low, high))
    return Picture(
        fig,
        f"Yours (rings) on the reference (line), at {len(knob)} places of {label}: {shows} runs from {low} to "
        f"{high}, and the two differ by less than {max(0.001, 1.01 * apart):.1g} everywhere.",
    )
