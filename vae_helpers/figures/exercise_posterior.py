"""What a reader's proposal does: the peak it has never seen, and twenty runs that agree on a wrong number."""

import numpy as np

from vae_helpers.figures import guess, style
from vae_helpers.figures.picture import Picture
from vae_helpers.figures.words import number


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
