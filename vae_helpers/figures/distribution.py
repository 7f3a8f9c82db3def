"""Learn the distribution: two planes of codes and what is drawn on them, a path through both, two scores of a model."""

from typing import NamedTuple

import numpy as np
from matplotlib.patches import Ellipse

from vae_helpers.figures import images, style
from vae_helpers.figures.latent import CLASSES
from vae_helpers.figures.picture import Picture, Scene
from vae_helpers.figures.words import number, percent

MARGIN = 0.06  # of a plane's width, around its outermost code


class Plane(NamedTuple):
    """What is drawn of one model: its name, the codes [n, 2] of images and their labels, r, and the box to draw."""

    name: str
    codes: np.ndarray
    labels: np.ndarray
    radius: float


def _codes(axes, plane: Plane, alpha: float, colour: str | None = None) -> None:
    """Each code as the glyph of its class, in that class's colour or in `colour`; on axes that hold all of them."""
    for label in np.unique(plane.labels):
        x, y = plane.codes[plane.labels == label].T
        hue = colour or CLASSES[label % len(CLASSES)]
        axes.scatter(x, y, marker=f"${label}$", s=22, lw=0.2, alpha=alpha, color=hue)
    low, high = plane.codes.min(0), plane.codes.max(0)
    half = (0.5 + MARGIN) * (high - low).max()
    (left, right), (bottom, top) = (((a + b) / 2 - half, (a + b) / 2 + half) for a, b in zip(low, high, strict=True))
    axes.set(xlim=(left, right), ylim=(bottom, top), aspect="equal", xlabel="$z_1$", ylabel="$z_2$")


@style.applied()
def planes(drawn: list[tuple[Plane, np.ndarray, np.ndarray, np.ndarray]], source: str) -> Picture:
    """Each plane with its codes, the draws [m, 2] on it, which of them miss [m], and which codes are never met [n].

    `source` names what drew them; the rings lie at 1 and 2 spreads of the draws. A draw outside the axes is counted in
    the sentence.
    """
    fig, panels = style.panels(len(drawn), height=3.9, squeeze=False)
    said = []
    for axes, (plane, draws, misses, lonely) in zip(panels[0], drawn, strict=True):
        _codes(axes, plane, alpha=0.6, colour=style.QUIET)
        spreads, turn = np.linalg.eigh(np.cov(draws.T))
        for sigma in (1, 2):
            width, height = 2 * sigma * np.sqrt(spreads.clip(min=0))
            angle = np.degrees(np.arctan2(turn[1, 0], turn[0, 0]))
            ring = Ellipse(draws.mean(0), width, height, angle=angle, fill=False, color=style.PRIOR, lw=1.6, zorder=3)
            axes.add_patch(ring)
        near, far = draws[~misses], draws[misses]
        axes.plot(*near.T, "o", ms=3.5, mec="none", color=style.PRIOR, alpha=0.8, zorder=0.9, label="draw near a code")
        axes.plot(*far.T, "x", ms=3.5, mew=0.9, color=style.DATA, label="miss")
        axes.set_title(plane.name, loc="right")
        axes.legend(loc="lower left", bbox_to_anchor=(-0.1, 1), ncols=2, fontsize=9, borderaxespad=0, handletextpad=0.1)
        bounds = np.array([axes.get_xlim(), axes.get_ylim()])
        off = ((draws < bounds[:, 0]) | (draws > bounds[:, 1])).any(1).sum()
        cut = f" ({off} lie outside the picture)" if off else ""
        said.append(
            f"{plane.name}, r = {plane.radius:.2f}: {percent(misses.mean())} of {len(draws)} draws{cut} miss, and "
            f"{percent(lonely.mean())} of {len(plane.codes)} codes meet no draw"
        )
    return Picture(fig, f"Drawn from {source} (rings: 1 and 2 spreads). {'; '.join(said)}.")


@style.applied()
def rows(named: dict[str, np.ndarray], shape: tuple[int, int], nearest: dict[str, np.ndarray]) -> Picture:
    """One row of images [n, pixels] a name; `nearest`: how far each is from the training image that is most like it."""
    count = len(next(iter(named.values())))
    fig = images.named_rows(list(named), list(named.values()), shape)
    said = ", ".join(f"{name} {distances.mean():.1f}" for name, distances in nearest.items())
    return Picture(fig, f"{count} images a row. Distance to the most similar training image, on average: {said}.")


@style.applied()
def path(planes: list[Plane], ways: list[np.ndarray], shape: tuple[int, int]) -> Scene:
    """Two planes, a straight way [steps, 2] on each between the codes of the same two images, and the image decoded."""
    fig, panels = style.panels(2 * len(planes), height=3.4, width_ratios=(2.6, 1) * len(planes))
    moving, shown = [], []
    for (axes, picture), plane, way in zip(panels.reshape(-1, 2), planes, ways, strict=True):
        _codes(axes, plane, alpha=0.35)
        axes.plot(*way.T, color=style.DATA, lw=1.5)
        axes.set_title(plane.name)
        (ring,) = axes.plot([], [], "o", ms=11, mfc="none", mec=style.DATA, mew=2.2)
        decoded = images.draw(picture, np.zeros(shape))
        picture.spines[:].set(visible=True, color=style.QUIET)
        moving += [ring, decoded]
        shown.append((ring, decoded))

    def move(step: int, share: float, decoded: list, log_prior: list[float | None]) -> str:
        said = []
        for plane, way, (ring, picture), image, log_p in zip(planes, ways, shown, decoded, log_prior, strict=True):
            ring.set_data(*way[step][:, None])
            picture.set_data(np.reshape(image, shape))
            distance = np.hypot(*(plane.codes - way[step]).T)
            here = f"{distance.min() / plane.radius:.1f} r from the nearest code, a {plane.labels[distance.argmin()]}"
            often = "its training says nothing of how often this place should come"
            if log_p is not None:
                often = f"its bell makes this place {np.exp(log_p):.2f} times as dense as the middle"
            said.append(f"{plane.name}: {here}; {often}")
        return f"{percent(share)} of the way. {'. '.join(said)}."

    return Scene(fig, moving, move)


TICKS = ("■■", "□□", "■□", "□■")


@style.applied()
def two_scores(shares, flip, mean_p, mean_log_p, ceiling: float) -> Scene:
    """Left the shares of four pictures, in the data and by the model; right two scores of the model over its θ.

    The curves are drawn from the right-hand end to the θ that was reached. `ceiling`: no model has a larger mean log p.
    """
    fig, (left, middle, right) = style.panels(3, height=3.3, width_ratios=(1.15, 1, 1))
    place = np.arange(len(shares))
    left.bar(place - 0.2, shares, 0.38, color="white", ec=style.DATA, lw=1.6, label="in the bag")
    model = left.bar(place + 0.2, 0 * shares, 0.38, color=style.EVIDENCE, label=r"model $p_\theta(x)$")
    left.set(xticks=place, xticklabels=TICKS, ylim=(0, 0.7), xlim=(-0.6, len(shares) - 0.4), ylabel="share")
    left.grid(False)
    style.legend_above(left)
    bottom = ceiling - 0.4
    lines, dots = [], []
    for panel, low, high, label in (
        (middle, 0.2, 0.46, r"mean of $p_\theta(x)$"),
        (right, bottom, ceiling + 0.05, r"mean of $\log p_\theta(x)$ (nats)"),
    ):
        lines += panel.plot([], [], color=style.EVIDENCE)
        dots += panel.plot([], [], "o", ms=8, color=style.EVIDENCE, clip_on=False, zorder=3)
        panel.set(xlim=(flip[0] - 0.01, flip[-1] + 0.01), ylim=(low, high), xlabel=r"$\theta$")
        panel.set_title(label, fontsize=11)
    right.axhline(ceiling, color=style.DATA, lw=1.4, ls=":")
    right.annotate("no model gets higher", (flip[-1], ceiling), (0, 5), textcoords="offset points", ha="right")
    (gap,) = right.plot([], [], color=style.POSTERIOR, lw=4, solid_capstyle="butt")

    def move(step: int, p) -> str:
        for bar, height in zip(model, p, strict=True):
            bar.set_height(height)
        for line, dot, curve in zip(lines, dots, (mean_p, mean_log_p), strict=True):
            line.set_data(flip[step:], curve[step:])
            dot.set_data([flip[step]], [max(curve[step], bottom)])
        gap.set_data([flip[step]] * 2, [max(mean_log_p[step], bottom), ceiling])
        score = f"{number(mean_log_p[step], 3)} nats, {number(ceiling - mean_log_p[step], 3)} below the ceiling"
        if mean_log_p[step] == -np.inf:
            score = f"−∞ (below the picture): it calls {percent(shares[p == 0].sum())} of the bag impossible"
        return f"θ = {flip[step]:.2f}: the mean of p is {mean_p[step]:.3f}, the mean of log p is {score}."

    return Scene(fig, [*model, *lines, gap, *dots], move)
