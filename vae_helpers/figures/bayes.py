"""Bayes' rule over a line of z: five curves of one x, and the plane of (z, x) read by row and by column."""

import math

import numpy as np

from vae_helpers.figures import guess, style
from vae_helpers.figures.picture import Scene
from vae_helpers.figures.words import listed, number


@style.applied()
def five(z, prior, xs, tops: dict[str, float]) -> Scene:
    """Prior and likelihood; joint with its area; posterior with mean and spread; evidence over x.

    tops: the largest value that the sliders can make of "likelihood", "joint", "posterior" and "evidence".
    """
    fig, ((first, second), (third, fourth)) = style.panels(2, rows=2, height=4.7)
    first.plot(z, prior, color=style.PRIOR, label="prior $p(z)$")
    (likelihood,) = first.plot([], [], color=style.LIKELIHOOD, label=r"likelihood $p_\theta(x|z)$")
    (joint,) = second.plot([], [], color=style.JOINT, label=r"joint $p_\theta(x,z)$")
    area = second.fill_between(z, 0 * z, color=style.EVIDENCE, alpha=0.35, lw=0, label=r"its area: $p_\theta(x)$")
    (posterior,) = third.plot([], [], color=style.POSTERIOR, ls=style.INTRACTABLE, label=r"posterior $p_\theta(z|x)$")
    (middle,) = third.plot([], [], color=style.POSTERIOR, lw=2, marker="|", ms=10, markevery=[0, 2], clip_on=False)
    (mean,) = third.plot([], [], "o", color=style.POSTERIOR, ms=8, clip_on=False, label="mean ± spread")
    (evidence,) = fourth.plot(
        [], [], color=style.EVIDENCE, ls=style.INTRACTABLE, label=r"evidence $p_\theta(x)$, over $x$"
    )
    (here,) = fourth.plot([], [], "o", color=style.EVIDENCE, ms=9, clip_on=False)
    panels = ((first, "likelihood"), (second, "joint"), (third, "posterior"))
    for axes, name in panels:
        axes.set(xlim=(z[0], z[-1]), ylim=(0, 1.05 * max(tops[name], prior.max() if axes is first else 0)))
        axes.set(xlabel=guess.Z_LABEL)
    fourth.set(xlabel="data $x$", xlim=(xs[0], xs[-1]), ylim=(0, 1.05 * tops["evidence"]))
    for axes in (first, second, third, fourth):
        style.legend_above(axes)

    def move(x: float, noise: float, log_likelihood, p, curve, at: float, lik_area: float, moments, peaks) -> str:
        likelihood.set_data(z, np.exp(log_likelihood))
        joint.set_data(z, prior * np.exp(log_likelihood))
        area.set_data(z, 0 * z, prior * np.exp(log_likelihood))
        posterior.set_data(z, p)
        centre, spread = moments
        middle.set_data([centre - spread, centre, centre + spread], [0, 0, 0])
        mean.set_data([centre], [0])
        evidence.set_data(xs, curve)
        here.set_data([x], [at])
        over_z = "infinite" if math.isinf(lik_area) else number(lik_area)
        said = "peak at z = " if len(peaks) == 1 else "peaks at z = "
        where = listed([number(peak) for peak in peaks])
        return (
            f"At x = {number(x)}, s = {number(noise)} the area under the likelihood is {over_z}; under the joint, the "
            f"evidence, {number(at, 3)}; under the posterior 1. The posterior has mean {number(centre)}, spread "
            f"{number(spread)}, {len(peaks)} {said}{where}."
        )

    return Scene(fig, [likelihood, area, joint, posterior, middle, mean, evidence, here], move)


@style.applied()
def read_off(games, z, x, tops: tuple[float, float], near: float, shown: int = 6000) -> Scene:
    """The plane of (z, x), a dot a game; one row read as the encoder does, one column as the decoder does.

    games: (z, x) of all games; `tops`: the highest posterior and likelihood density that the sliders can make.
    """
    fig, ((above, empty), (plane, beside)) = style.panels(
        2, rows=2, height=4.7, width_ratios=(2.4, 1), height_ratios=(1, 1.9), sharex="col", sharey="row"
    )
    empty.axis("off")
    plane.plot(games[0][:shown], games[1][:shown], ".", color=style.QUIET, ms=2.5, alpha=0.5, rasterized=True)
    plane.set(xlabel=guess.Z_LABEL, ylabel="data $x$", xlim=(z[0], z[-1]), ylim=(x[0], x[-1]))
    above.set(ylim=(0, 1.15 * tops[0]))
    beside.set(xlim=(0, 1.3 * tops[1]), xlabel="density")
    bins = np.linspace(z[0], z[-1], 61), np.linspace(x[0], x[-1], 46)
    strip = {"alpha": 0.6, "lw": 0, "zorder": 2.2}  # over the dots
    row = plane.fill_between(z, 0 * z, color=style.POSTERIOR, **strip)
    column = plane.fill_betweenx(x, 0 * x, color=style.LIKELIHOOD, **strip)
    bars = {"fill": True, "alpha": 0.35, "lw": 0}
    row_games = above.stairs(0 * bins[0][1:], bins[0], fc=style.POSTERIOR, **bars)
    column_games = beside.stairs(0 * bins[1][1:], bins[1], orientation="horizontal", fc=style.LIKELIHOOD, **bars)
    (encoder,) = above.plot(
        [], [], color=style.POSTERIOR, ls=style.INTRACTABLE, label=r"the row, as a density: $p_\theta(z|x)$"
    )
    (decoder,) = beside.plot([], [], color=style.LIKELIHOOD, label="the column: $p_\\theta(x|z)$")
    for axes in (above, beside):
        style.legend_above(axes)

    def move(at_x: float, at_z: float, p_z, p_x, moments, decoded) -> str:
        in_row, in_column = (abs(games[i] - at) < near for i, at in ((1, at_x), (0, at_z)))
        row.set_data(z, 0 * z + at_x - near, 0 * z + at_x + near)
        column.set_data(x, 0 * x + at_z - near, 0 * x + at_z + near)
        for artist, values, edges in (
            (row_games, games[0][in_row], bins[0]),
            (column_games, games[1][in_column], bins[1]),
        ):
            share = np.histogram(values, edges)[0] / max(len(values), 1) / (edges[1] - edges[0])
            artist.set_data(share)
        encoder.set_data(z, p_z)
        decoder.set_data(p_x, x)
        cut = " (partly outside the picture)" if not x[0] <= decoded[0] <= x[-1] - 2 * decoded[1] else ""
        return (
            f"Row x = {number(at_x)}: {in_row.sum()} of {len(games[0])} games; the encoder reads p(z|x), mean "
            f"{number(moments[0])}, spread {number(moments[1])}. Column z = {number(at_z)}: {in_column.sum()} games; "
            f"the decoder reads p(x|z), mean {number(decoded[0])}, spread {number(decoded[1])}{cut}."
        )

    return Scene(fig, [row, column, row_games, column_games, encoder, decoder], move)
