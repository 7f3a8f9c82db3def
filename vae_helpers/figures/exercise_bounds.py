"""A step of a model under a guess that is held fixed: where level and line were, and where they are."""

from vae_helpers.figures import style
from vae_helpers.figures.elbo import LEVEL, LINE, NATS
from vae_helpers.figures.picture import Picture
from vae_helpers.figures.words import number


@style.applied()
def step(slopes, level, line, levels: list[float], lines: list[float], ends: list[float]) -> Picture:
    """Level and line over the slope a; an arrow along each, from `ends[0]` to `ends[1]`."""
    fig, axes = style.panels(height=2.8)
    axes.plot(slopes, level, color=style.Q, label=LEVEL)
    axes.plot(slopes, line, color=style.EVIDENCE, ls=style.INTRACTABLE, label=LINE)
    for color, heights in ((style.Q, levels), (style.EVIDENCE, lines)):
        look = {"arrowstyle": "-|>", "color": color, "lw": 1.5, "mutation_scale": 18}
        axes.plot(ends[0], heights[0], "o", color=color, ms=7)
        axes.annotate("", (ends[1], heights[1]), (ends[0], heights[0]), arrowprops=look)
    axes.set(xlabel="slope $a$", ylabel=NATS)
    style.legend_above(axes)
    return Picture(
        fig,
        f"From a = {number(ends[0])} to a = {number(ends[1])}: the level rises from {number(levels[0])} to "
        f"{number(levels[1])} nats, the line falls from {number(lines[0])} to {number(lines[1])} nats.",
    )
