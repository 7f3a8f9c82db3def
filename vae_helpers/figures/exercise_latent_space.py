"""Pictures of the solved exercises of notebook 07: places of the plane, norms along two walks, four bells."""

from torch import Tensor

from vae_helpers.figures import style
from vae_helpers.figures.exercise import rings_on_line
from vae_helpers.figures.picture import Picture

REACH = 2.6


@style.applied()
def places(yours: Tensor, reference: Tensor) -> Picture:
    """Both [row, column, 2], rings on crosses, over the prior's circles; the picture's top left corner is marked."""
    fig, axes = style.panels(width=4.6, height=4.4)
    style.rings(axes)
    axes.plot([], [], color=style.PRIOR, label="prior, 1σ and 2σ")
    axes.plot(*reference.flatten(0, 1).T, "+", color=style.QUIET, ms=9, label="reference")
    axes.plot(*yours.flatten(0, 1).T, "o", color=style.DATA, mfc="none", ms=7, lw=0, label="yours")
    axes.annotate("row 0, column 0", yours[0, 0], xytext=(0, 9), textcoords="offset points", fontsize=9, ha="center")
    axes.set(xlim=(-REACH, REACH), ylim=(-REACH, REACH), aspect="equal", xlabel="$z_1$", ylabel="$z_2$")
    style.legend_above(axes, columns=3)
    z, half = yours[0, :, 0], yours.shape[1] // 2
    return Picture(
        fig,
        f"Yours (rings) on the reference (crosses), {yours.shape[0]} × {yours.shape[1]} places over the prior's "
        f"circles at 1σ and 2σ: in the middle two columns are {z[half] - z[half - 1]:.2f} apart, at the rim "
        f"{z[1] - z[0]:.2f}; the outermost are at ±{z[-1]:.2f}.",
    )


@style.applied()
def norms(t: Tensor, yours: Tensor, reference: Tensor, straight: Tensor) -> Picture:
    """How long z is on the way, each [step]: along the sphere, and on the straight way."""
    fig, axes = style.panels(height=2.8)
    rings_on_line(axes, t, yours, reference)
    axes.plot(t, straight, ":", color=style.PRIOR, label="straight")
    axes.set(xlabel="$t$", ylabel=r"$\|z\|$", ylim=(0, 1.1 * reference.max().item()))
    style.legend_above(axes, columns=3)
    middle = len(t) // 2
    return Picture(
        fig,
        f"How long z is on the way between two draws in 20 latents: along the sphere (yours, rings, on the "
        f"reference) {yours[0]:.2f} at the start, {yours[middle]:.2f} half-way and {yours[-1]:.2f} at the end; on the "
        f"straight way (dotted) {straight[middle]:.2f} half-way.",
    )


@style.applied()
def bells(z: Tensor, each: Tensor, prior: Tensor) -> Picture:
    """The bells `each` [4, place] with their weights of ¼, their sum q(z), and the prior [place]."""
    fig, axes = style.panels(height=2.8)
    for part in each / len(each):
        axes.fill_between(z, part, color=style.Q, alpha=0.25, lw=0)
    total = each.mean(0)
    axes.plot(z, total, color=style.Q, label="$q(z)$, the four together")
    axes.plot(z, prior, color=style.PRIOR, label="prior $p(z)$")
    axes.set(xlabel="$z$", ylabel="density", ylim=(0, None), xlim=(z.min().item(), z.max().item()))
    style.legend_above(axes)
    return Picture(
        fig,
        f"Your four bells, each with weight ¼, and all together: q(z), at most {total.max():.2f} high, over the prior, "
        f"at most {prior.max():.2f} high.",
    )
