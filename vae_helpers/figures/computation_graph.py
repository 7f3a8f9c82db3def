"""The two computation graphs of f(z), z ~ N(μ, σ²): the luck as a node in the way, and the luck moved outside."""

from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch

from vae_helpers.figures import style
from vae_helpers.figures.dice import KEPT
from vae_helpers.figures.picture import Picture
from vae_helpers.figures.words import number

PLACES = {"mu": (0.0, 1.1), "sigma": (0.0, 0.0), "z": (1.85, 0.55), "eps": (1.85, 1.68), "f": (3.65, 0.55)}
RADIUS = 0.3
BACK = {"color": KEPT, "lw": 2.6, "arrowstyle": "-|>", "mutation_scale": 18}


@style.applied()
def computation_graph(mu: float, sigma: float, eps: float, slope: float) -> Picture:
    """Forward arrows thin, and the slope's way back thick: on the left it ends at z, on the right it reaches μ and σ.

    `slope` is f′(z) at z = μ + σε. Circles come from luck, boxes are computed.
    """
    fig, (left, right) = style.panels(2, height=2.6)
    z = mu + sigma * eps
    for axes, name in (
        (left, r"luck inside: $z\sim N(\mu,\sigma^2)$"),
        (right, r"luck outside: $z=\mu+\sigma\,\varepsilon$"),
    ):
        axes.set(xlim=(-0.55, 4.2), ylim=(-0.35, 2.15), aspect="equal", title=name)
        axes.axis("off")
    values = {"mu": rf"$\mu$={number(mu, 1)}", "sigma": rf"$\sigma$={number(sigma, 1)}", "f": "$f(z)$"}
    shapes = _nodes(left, {**values, "z": f"$z$={number(z, 1)}"}, random={"z"})
    _forward(left, shapes, [("mu", "z"), ("sigma", "z"), ("z", "f")])
    _backward(left, shapes, "f", "z", rf"$f'(z)$={number(slope, 1)}", -0.35)
    for target, bend in (("mu", 0.35), ("sigma", -0.35)):
        _blocked(left, shapes, target, bend)

    shapes = _nodes(
        right, {**values, "z": f"$z$={number(z, 1)}", "eps": rf"$\varepsilon$={number(eps, 1)}"}, random={"eps"}
    )
    _forward(right, shapes, [("mu", "z"), ("sigma", "z"), ("eps", "z"), ("z", "f")])
    _backward(right, shapes, "f", "z", rf"$f'(z)$={number(slope, 1)}", -0.35)
    for target, factor, sent, bend in (("mu", "1", slope, 0.35), ("sigma", "ε", slope * eps, -0.35)):
        _backward(right, shapes, "z", target, f"{number(slope, 1)} × {factor} = {number(sent, 1)}", bend, left=0.32)
    return Picture(
        fig,
        f"Left, the slope f′(z) = {number(slope, 1)} comes back to z = {number(z, 1)} and ends there: nothing is "
        f"written down about how z was made. Right, ε = {number(eps, 1)} stands outside and z = μ + σε is written "
        f"down: {number(slope, 1)} × 1 = {number(slope, 1)} comes back to μ, and "
        f"{number(slope, 1)} × ε = {number(slope * eps, 1)} to σ.",
    )


def _nodes(axes, values: dict[str, str], random: set[str]) -> dict:
    """A circle for what comes from luck, a box for what is computed; μ and σ in q's colour."""
    shapes = {}
    for name, label in values.items():
        x, y = PLACES[name]
        style_of = {"fc": "white", "ec": style.Q if name in ("mu", "sigma", "z") else style.DATA, "lw": 2, "zorder": 3}
        if name in random:
            shape = Circle((x, y), RADIUS + 0.07, **{**style_of, "fc": "#eeeeee"})
        else:
            shape = FancyBboxPatch((x - 0.42, y - 0.17), 0.84, 0.34, boxstyle="round,pad=0.05", **style_of)
        shapes[name] = axes.add_patch(shape)
        axes.text(x, y, label, ha="center", va="center", fontsize=11, zorder=4)
    return shapes


def _arrow(axes, shapes, start: str, end: str, bend: float = 0.0, **options):
    arrow = FancyArrowPatch(
        PLACES[start], PLACES[end], patchA=shapes[start], patchB=shapes[end], connectionstyle=f"arc3,rad={bend}",
        shrinkA=2, shrinkB=2, **options,
    )  # fmt: skip
    return axes.add_patch(arrow)


def _forward(axes, shapes, pairs) -> None:
    for start, end in pairs:
        _arrow(axes, shapes, start, end, color=style.QUIET, lw=1.4, arrowstyle="-|>", mutation_scale=14)


def _middle(start: str, end: str, bend: float) -> tuple[float, float]:
    """The middle of the curved arrow (matplotlib's arc3), a little farther out."""
    (x0, y0), (x1, y1) = PLACES[start], PLACES[end]
    return (x0 + x1) / 2 + 0.95 * bend * (y1 - y0), (y0 + y1) / 2 - 0.95 * bend * (x1 - x0)


def _backward(axes, shapes, start: str, end: str, label: str, bend: float, left: float = 0.0) -> None:
    """The slope's way back; `left` moves its label away from the circle of ε."""
    _arrow(axes, shapes, start, end, bend, **BACK)
    x, y = _middle(start, end, bend)
    axes.text(x - left, y, label, color=KEPT, ha="center", va="center", fontsize=10.5)


def _blocked(axes, shapes, target: str, bend: float) -> None:
    """The way that there is not: dotted, crossed out."""
    _arrow(axes, shapes, "z", target, bend, **{**BACK, "ls": ":", "lw": 1.6, "color": style.QUIET})
    x, y = _middle("z", target, 0.53 * bend)
    axes.plot(x, y, marker="x", ms=14, mew=3, color=style.DATA, zorder=5)
