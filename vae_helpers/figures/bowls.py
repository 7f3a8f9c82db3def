"""Bayes' rule by counting: two bowls, the sixty games one can play with them, and then a whole row of bowls."""

import numpy as np
from matplotlib.patches import Circle, Rectangle, Wedge

from vae_helpers.figures import guess, style
from vae_helpers.figures.picture import Picture, Scene
from vae_helpers.figures.words import number

FACES, BALLS = 6, 10
LEFT, RIGHT = "left bowl", "right bowl"
EMPTY = "#ffffff"
SHUFFLED = [3, 7, 0, 5, 9, 2, 8, 1, 6, 4]  # which of a bowl's balls are black first


@style.applied()
def bowls(faces: int, black_left: int, black_right: int) -> Picture:
    """Two bowls of ten balls, and above each the faces of the die that choose it."""
    fig, panels = style.panels(2, height=2.7)
    mine = (range(1, faces + 1), range(faces + 1, FACES + 1))
    for axes, name, chosen, black in zip(panels, (LEFT, RIGHT), mine, (black_left, black_right), strict=True):
        axes.set(xlim=(-2.8, 2.8), ylim=(-1.45, 1.65), aspect="equal")
        axes.axis("off")
        axes.set_title(name)
        for place, face in enumerate(chosen):
            x = 0.62 * (place - (len(chosen) - 1) / 2)
            axes.add_patch(Rectangle((x - 0.24, 1.0), 0.48, 0.48, fc=style.PRIOR, ec=style.DATA, lw=1))
            axes.text(x, 1.23, str(face), ha="center", va="center")
        axes.add_patch(Wedge((0, 0.4), 1.75, 180, 360, fc="#f0f0f0", ec=style.QUIET, lw=2))
        places = [(0.5 * (i - (n - 1) / 2), 0.12 - 0.4 * row) for row, n in enumerate((4, 3, 2, 1)) for i in range(n)]
        for rank, (x, y) in zip(SHUFFLED, places, strict=True):
            axes.add_patch(Circle((x, y), 0.185, fc=style.DATA if rank < black else EMPTY, ec=style.DATA, lw=1.2))
    first = f"1 to {faces}" if faces > 1 else "1"
    last = f"{faces + 1} to {FACES}" if faces < FACES - 1 else f"{FACES}"
    return Picture(
        fig,
        f"The die shows {first}: the {LEFT}, {black_left} black balls of {BALLS}. It shows {last}: the {RIGHT}, "
        f"{black_right} black of {BALLS}.",
    )


@style.applied()
def table(faces: int = FACES, balls: int = BALLS) -> Scene:
    """Every game, a row a face of the die, a column a ball; at right the left bowl's share before and after."""
    fig, (left, right) = style.panels(2, height=3.0, width_ratios=(1.25, 1))
    column, row = np.meshgrid(np.arange(balls), np.arange(faces))
    games = left.scatter(column, row, s=190, ec=style.DATA, lw=1.2)
    (border,) = left.plot([], [], color=style.PRIOR, lw=4)
    left.set(xlim=(-0.7, balls - 0.3), ylim=(faces - 0.4, -0.6), xticks=[], yticks=range(faces))
    left.set_yticklabels(range(1, faces + 1))
    left.set(xlabel="ball: ten in each bowl", ylabel="die", title=f"above the line the {LEFT}, below it the {RIGHT}")
    left.title.set_fontsize(11)
    left.grid(False)
    bars = [
        right.add_patch(Rectangle((0, y - 0.3), 0, 0.6, fc=colour, ec=style.DATA, lw=1, hatch=hatch))
        for y, colour in ((1, style.PRIOR), (0, style.POSTERIOR))
        for hatch in ("", "//")
    ]
    right.set(xlim=(0, 1), ylim=(-0.6, 1.6), yticks=(1, 0), xlabel=f"share: {LEFT} (plain), {RIGHT} (hatched)")
    right.set_yticklabels(("before:\nprior", "black ball:\nposterior"))
    right.grid(False)

    def move(faces_left: int, black_left: int, black_right: int) -> str:
        mine = row < faces_left
        black = column < np.where(mine, black_left, black_right)
        games.set_facecolor([style.DATA if dark else EMPTY for dark in black.ravel()])
        border.set_data([-0.7, balls - 0.3], [faces_left - 0.5] * 2)
        kept, kept_left = black.sum(), (black & mine).sum()
        shares = faces_left / faces, kept_left / kept
        for (plain, hatched), share in zip((bars[:2], bars[2:]), shares, strict=True):
            plain.set_width(share)
            hatched.set_x(share)
            hatched.set_width(1 - share)
        return (
            f"Of {row.size} games {kept} give a black ball: {kept_left} from the {LEFT}, {kept - kept_left} from the "
            f"{RIGHT}. The {LEFT} had {100 * shares[0]:.1f} % before, and {kept_left}/{kept} = {100 * shares[1]:.1f} % "
            f"after a black ball."
        )

    return Scene(fig, [games, border, *bars], move)


@style.applied()
def row(near: float, widest: float = 3.8) -> Scene:
    """A row of bowls along z: left each bowl's share of the games, black what gave x; right the black parts alone."""
    fig, (left, right) = style.panels(2, height=3.1)
    every = left.stairs([0], [0, 1], fill=True, fc=style.PRIOR, alpha=0.55, lw=0, label="every game: prior")
    gave = left.stairs([0], [0, 1], fill=True, fc=style.DATA, lw=0, label="gave a ball near $x$")
    left.set(xlabel="bowl $z$", ylabel="games, per unit of $z$", xlim=(-widest, widest), ylim=(0, 0.45))
    style.legend_above(left)
    kept = right.stairs([0], [0, 1], fill=True, fc=style.POSTERIOR, alpha=0.75, lw=0, label="the black parts, rescaled")
    right.set(xlabel="bowl $z$", ylabel="kept games, per unit of $z$", xlim=(-widest, widest), ylim=(0, 1.5))
    style.legend_above(right)

    def move(z, prior, likelihood, x: float) -> str:
        step = z[1] - z[0]
        edges = np.append(z, z[-1] + step) - step / 2
        joint = prior * likelihood
        evidence = joint.sum() * step
        every.set_data(prior, edges)
        gave.set_data(2 * near * joint, edges)
        kept.set_data(joint / evidence, edges)
        fullest = z[joint >= (1 - 1e-9) * joint.max()]
        where = " and ".join(number(at) for at in fullest)
        return (
            f"{len(z)} bowls, {number(step, 3)} apart: about {2000 * near * evidence:.1f} of 1000 games give a ball "
            f"within {near:g} of x = {number(x)}, so p(x) ≈ {number(evidence, 3)}; most of them come from z = {where}."
        )

    return Scene(fig, [every, gave, kept], move)


@style.applied()
def first_guess(z, density) -> Scene:
    """A first q over the posterior, said by its parameters φ = (μ, log σ)."""
    fig, axes = style.panels(height=3.0)
    guess.posterior(axes, z, density)
    (line,) = axes.plot([], [], color=style.Q, label=r"guess $q_\phi(z|x)$")
    axes.set(ylim=(0, guess.LOW_TOP))
    style.legend_above(axes)

    def move(q, mu: float, log_sigma: float) -> str:
        line.set_data(z, q)
        return (
            f"The guess φ = (μ, log σ) = ({number(mu)}, {number(log_sigma)}) says q = N({number(mu)}, "
            f"{number(np.exp(log_sigma))}²): a bell with mean {number(mu)} and spread {number(np.exp(log_sigma))}"
            f"{guess.cut(q)}."
        )

    return Scene(fig, [line], move)
