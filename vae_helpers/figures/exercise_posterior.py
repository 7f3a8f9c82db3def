"""What solved exercises of notebook 02 show: bowls, widths of a proposal, one that deceives."""

import numpy as np

from vae_helpers.figures import guess, style
from vae_helpers.figures.exercise import rings_on_line
from vae_helpers.figures.picture import Picture
from vae_helpers.figures.words import number


@style.applied()
def after_a_black_ball(before, yours, reference) -> Picture:
    """The left bowl's share after a black ball, over its share before, [m] each; on the diagonal nothing is learned."""
    fig, axes = style.panels(height=2.8)
    axes.plot(before, before, color=style.QUIET, ls="--", label="as before")
    rings_on_line(axes, before, yours, reference)
    axes.set(xlabel="share of the left bowl before the black ball", ylabel="its share after")
    style.legend_above(axes, columns=3)
    middle = len(before) // 2
    return Picture(
        fig,
        f"Yours (rings) on the reference (line), under the diagonal (dashed): a share of {before[middle]:.0%} becomes "
        f"{yours[middle]:.0%}; 0 and 1 stay what they are.",
    )


@style.applied()
def widths(factors, yours, reference, truth: float) -> Picture:
    """Estimates of log p(x), over the proposal's spread, [m] each, and the truth."""
    fig, axes = style.panels(height=2.8)
    axes.axhline(truth, color=style.EVIDENCE, ls=style.INTRACTABLE, label="truth")
    rings_on_line(axes, factors, yours, reference)
    axes.set(xlabel="c: q's spread, in units of the posterior's", ylabel="estimate in nats")
    style.legend_above(axes, columns=3)
    return Picture(
        fig,
        f"Yours (rings) on the reference (line): from {number(yours[0].item())} nats where q is a tenth as wide as the "
        f"posterior to {number(yours[-1].item())} where it is three times as wide; in truth log p(x) is "
        f"{number(truth)}.",
    )


@style.applied()
def deceived(z, density, q, estimates, errors, truth: float) -> Picture:
    """Left q over the posterior; right `estimates` of log p(x), a run each, with ± 2 `errors`, and the truth."""
    fig, (left, right) = style.panels(2, height=2.8, width_ratios=(1.3, 1))
    guess.posterior(left, z, density, label="posterior")
    left.plot(z, q, color=style.Q, label="your $q$")
    left.set(ylim=(0, 1.08 * max(density.max(), q.max())))
    style.legend_above(left)
    runs = np.arange(1, len(estimates) + 1)
    right.axhline(truth, color=style.EVIDENCE, ls=style.INTRACTABLE, label="truth")
    right.errorbar(runs, estimates, 2 * errors, fmt="o", ms=4, lw=1.5, color=style.Q, label="run, ± 2 errors")
    right.set(xlabel="run", ylabel=r"$\log\hat p$, nats", xticks=(1, 5, 10, 15, 20))
    style.legend_above(right)
    low, high = number(estimates.min()), number(estimates.max())
    return Picture(
        fig,
        f"Left, your q over a posterior with two peaks. Right, {len(runs)} runs: they say {low} to {high} nats, and "
        f"the truth is {number(truth)}.",
    )
