"""The course in one picture: every symbol in its place; one at a time lights up and says what it means."""

from typing import NamedTuple

from matplotlib.patches import FancyArrowPatch

from vae_helpers.figures import style
from vae_helpers.figures.picture import Scene


class Symbol(NamedTuple):
    """A symbol of the course: where it stands, what it looks like, and its meaning in one sentence."""

    at: tuple[float, float]
    latex: str
    colour: str
    means: str
    dashed: bool = False  # out of reach for a network


SYMBOLS = {
    "x": Symbol((0.6, 2.6), "$x$", style.DATA, "x is data: an image, a row of pixels."),
    "q": Symbol(
        (2.7, 2.6), r"$q_\phi(z|x)$", style.Q,
        "The encoder, a network with weights φ, looks at x and guesses which z could have made it: a bell with mean μ "
        "and spread σ.",
    ),
    "eps": Symbol((5.0, 3.6), r"$\varepsilon$", style.QUIET, "ε is noise from a standard bell, fresh for every draw."),
    "z": Symbol(
        (5.0, 2.6), r"$z=\mu+\sigma\odot\varepsilon$", style.QUIET,
        "z is the latent, a few numbers that nobody has seen: drawn from the guess, so that a gradient can pass.",
    ),
    "likelihood": Symbol(
        (7.6, 2.6), r"$p_\theta(x|z)$", style.LIKELIHOOD,
        "The decoder, a network with weights θ, says how probable each image is if z is behind it: the likelihood.",
    ),
    "prior": Symbol(
        (5.0, 0.5), "$p(z)$", style.PRIOR, "The prior: how plausible each z is before any image was seen, N(0, I)."
    ),
    "elbo": Symbol(
        (7.6, 0.5), r"$\mathcal{L}$", style.Q,
        "The ELBO: how well the draws explain x, minus what the guess costs against the prior. Training climbs it.",
    ),
    "posterior": Symbol(
        (2.7, 0.5), r"$p_\theta(z|x)$", style.POSTERIOR,
        "The posterior: which z could truly have made x. Out of reach for a network; the encoder guesses it.", True,
    ),
    "evidence": Symbol(
        (9.6, 0.5), r"$\log p_\theta(x)$", style.EVIDENCE,
        "The evidence: how probable the model finds x, every z counted. We want it high, and can’t compute it.", True,
    ),
}  # fmt: skip
ARROWS = [
    ("x", "q"), ("q", "z"), ("eps", "z"), ("z", "likelihood"), ("likelihood", "elbo"), ("prior", "elbo"), ("q", "elbo"),
]  # fmt: skip
GUESSES = [("q", "posterior"), ("elbo", "evidence")]  # what stands in for what is out of reach


@style.applied()
def course() -> Scene:
    """All symbols and arrows, faint; `move(symbol)` lights one up, and its meaning is the sentence."""
    fig, axes = style.panels(height=3.1)
    axes.set(xlim=(0, 10.6), ylim=(0, 4.1))
    axes.axis("off")

    def label(symbol: Symbol, lit: bool):
        colour = symbol.colour if lit else style.QUIET
        frame = {
            "boxstyle": "round,pad=0.45", "fc": "#fff6d6" if lit else "white", "ec": colour, "lw": 3 if lit else 1.2,
            "ls": "--" if symbol.dashed else "-",
        }  # fmt: skip
        return axes.text(*symbol.at, symbol.latex, ha="center", va="center", fontsize=15, bbox=frame, zorder=3)

    faint = {name: label(symbol, lit=False) for name, symbol in SYMBOLS.items()}
    fig.canvas.draw()  # only then a frame knows its size, at which its arrows end
    for arrows, line in ((ARROWS, "-"), (GUESSES, (0, (3, 3)))):
        for start, end in arrows:
            arrow = FancyArrowPatch(
                SYMBOLS[start].at, SYMBOLS[end].at, arrowstyle="-|>", mutation_scale=14, color=style.QUIET, ls=line,
                patchA=faint[start].get_bbox_patch(), patchB=faint[end].get_bbox_patch(), shrinkA=3, shrinkB=3, lw=1.3,
            )  # fmt: skip
            axes.add_patch(arrow)
    lit = {name: label(symbol, lit=True) for name, symbol in SYMBOLS.items()}

    def move(symbol: str) -> str:
        for name, text in lit.items():
            text.set_visible(name == symbol)
        return SYMBOLS[symbol].means

    return Scene(fig, list(lit.values()), move)
