"""The course's graphical model: what generates (solid), what guesses (dashed), and the plate around one image."""

from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch

from vae_helpers.figures import style
from vae_helpers.figures.picture import Picture

NODES = {"phi": (0.0, 1.0, r"$\phi$"), "z": (1.5, 1.0, "$z$"), "x": (1.5, 0.0, "$x$"), "theta": (3.0, 1.0, r"$\theta$")}
RADIUS = 0.2
GENERATE = [("theta", "z", 0.0), ("theta", "x", 0.0), ("z", "x", -0.28)]
GUESS = [("phi", "z", 0.0), ("x", "z", -0.28)]


@style.applied()
def graphical_model(guess: bool = True) -> Picture:
    """θ → z, θ → x, z → x solid; with `guess` also φ → z, x → z dashed, and the plate around x and z.

    Without it θ → z is thin and grey: the page that shows it has just said that our prior has nothing to learn.
    """
    left = -0.5 if guess else 1.0
    fig, axes = style.panels(width=1.4 * (3.5 - left), height=2.7)
    axes.set(xlim=(left, 3.5), ylim=(-0.55, 1.5), aspect="equal")
    axes.axis("off")
    colours = {"z": style.QUIET, "x": style.DATA, "theta": style.LIKELIHOOD, "phi": style.Q}
    circles = {}
    for name, (x, y, label) in NODES.items():
        if name == "phi" and not guess:
            continue
        face = "#d9d9d9" if name == "x" else "white"
        circles[name] = axes.add_patch(Circle((x, y), RADIUS, fc=face, ec=colours[name], lw=2, zorder=3))
        axes.text(x, y, label, ha="center", va="center", fontsize=17, zorder=4)
    for arrows, colour, line in ((GENERATE, style.LIKELIHOOD, "-"), (GUESS if guess else [], style.Q, (0, (4, 2)))):
        for start, end, bend in arrows:
            faint = (start, end, guess) == ("theta", "z", False)
            axes.add_patch(
                FancyArrowPatch(
                    NODES[start][:2], NODES[end][:2], patchA=circles[start], patchB=circles[end],
                    connectionstyle=f"arc3,rad={bend}", arrowstyle="-|>", mutation_scale=18,
                    color=style.QUIET if faint else colour, lw=1 if faint else 2, ls=line,
                )
            )  # fmt: skip
    says = "Solid, the generative model: θ → z, θ → x, z → x; x is shaded because it is observed"
    if not guess:
        says = "The generative model: θ → z, θ → x, z → x; θ → z is grey, and x is shaded because it is observed"
    else:
        axes.add_patch(
            FancyBboxPatch((0.95, -0.4), 1.1, 1.75, boxstyle="round,pad=0.05", fc="none", ec=style.QUIET, lw=1.5)
        )
        axes.text(2.03, -0.38, "$N$ images", ha="right", va="bottom", fontsize=11, color="#555555")
        says += ". Dashed, the guess: φ → z, x → z. The plate repeats x and z for each of N images; θ and φ are shared"
    return Picture(fig, says + ".")
