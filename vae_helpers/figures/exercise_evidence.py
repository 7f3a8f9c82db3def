"""What the solved exercises of notebook 01 show: the toy's cloud, the draws needed, two darts and their logs."""

from torch import Tensor

from vae_helpers.figures import style
from vae_helpers.figures.exercise import rings_on_line
from vae_helpers.figures.picture import Picture
from vae_helpers.figures.words import number

SPANS = {"one second, at ten million draws a second": 1e7, "one hour": 1e7 * 3600, "one year": 1e7 * 3.15e7}


@style.applied()
def cloud(z: Tensor, x: Tensor, decoded: Tensor, noise: float) -> Picture:
    """Draws (z, x) of a toy, [m] each, and what its decoder makes of each z; at the side how often each x comes."""
    fig, (left, right) = style.panels(2, height=2.8, sharey=True, width_ratios=(3, 1))
    order = z.argsort()
    left.plot(z[order], decoded[order], color=style.LIKELIHOOD, label="decoder, z²")
    left.plot(z, x, ".", color=style.DATA, ms=3, alpha=0.6, label="yours")
    left.set(xlabel="z, drawn by the prior", ylabel="x")
    style.legend_above(left)
    right.hist(x, bins=30, orientation="horizontal", color=style.DATA, alpha=0.6)
    right.set(xlabel="draws")
    near = (x - 1).abs() < 0.2
    below = (z[near] < 0).double().mean().item()
    return Picture(
        fig,
        f"{len(x)} draws by your function, with noise {noise}: x runs from {number(x.min().item())} to "
        f"{number(x.max().item())}. Of the {int(near.sum())} draws with x between 0.8 and 1.2, {below:.0%} have a "
        "negative z: who sees x alone can't tell from which side it came.",
    )


@style.applied()
def cost(dims: Tensor, yours: Tensor, reference: Tensor, error: float) -> Picture:
    """How many draws an estimate takes, over the dimensions, [m] each, on a logarithmic scale."""
    fig, axes = style.panels(height=2.8)
    axes.set_yscale("log")
    rings_on_line(axes, dims, yours, reference)
    for name, draws in SPANS.items():
        axes.axhline(draws, color=style.QUIET, lw=1, ls=":")
        axes.text(dims[0], draws, name, va="bottom", fontsize=9, color=style.QUIET)
    axes.set(xlabel="dimensions D", ylabel="draws needed", ylim=(10, 1e17), xticks=dims[::2])
    style.legend_above(axes)
    return Picture(
        fig,
        f"Yours (rings) on the reference (line), for an error of {error:.0%}: from {reference[0]:.0f} draws in "
        f"{dims[0]:.0f} dimension to {reference[-1] / 1e9:.1f} billion in {dims[-1]:.0f}. On this scale, where each "
        "step up is a factor, the line is almost straight: every dimension costs the same factor again.",
    )


@style.applied()
def pairs(log_means: Tensor, log_true: float) -> Picture:
    """The log of the mean of each pair of darts, sorted, beside the log of the true mean and their own average."""
    fig, axes = style.panels(height=2.6)
    logs = log_means.sort().values
    average = logs.mean().item()
    axes.plot(range(1, len(logs) + 1), logs, "o", color=style.DATA, label="log of the mean of two darts")
    axes.axhline(log_true, color=style.EVIDENCE, label="log of the true mean")
    axes.axhline(average, color=style.Q, ls="--", label="average of the dots")
    axes.set(xlabel=f"the {len(logs)} pairs, sorted", ylabel="nats")
    style.legend_above(axes, columns=3)
    return Picture(
        fig,
        f"The logs of the means of the {len(logs)} pairs run from {number(logs[0].item())} to "
        f"{number(logs[-1].item())} nats. "
        f"On average they are {number(average)}, and the log of the true mean is {number(log_true)}: "
        f"too low by {number(log_true - average)} nats.",
    )
