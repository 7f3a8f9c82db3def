"""How far from the origin a draw of N(0, I) is, and the point half-way between two draws."""

from vae_helpers.figures import style
from vae_helpers.figures.picture import Scene

FAR = 9.0


@style.applied()
def shell(norms) -> Scene:
    """Densities of a norm over `norms` [n]. `move(dimensions, draws, halves, mean, half, inside)`: of draws, of
    half-way points, both [n], their means, and the share of draws that are as near to the origin as `half`."""
    fig, axes = style.panels(height=3.3)
    (draw,) = axes.plot([], [], color=style.PRIOR, label=r"of a draw $z \sim N(0, I)$")
    (middle,) = axes.plot([], [], color=style.DATA, lw=1.8, label="of the point half-way between two draws")
    (means,) = axes.plot([], [], "o", ms=8, color=style.DATA, mfc="white", clip_on=False, zorder=4)
    axes.set(xlabel="distance from the origin, $\\|z\\|$", ylabel="density", xlim=(0, FAR), ylim=(0, 1.2))
    style.legend_above(axes)

    def move(dimensions: int, draws, halves, mean: float, half: float, inside: float) -> str:
        draw.set_data(norms, draws)
        middle.set_data(norms, halves)
        means.set_data([mean, half], [0, 0])
        latents = "1 latent" if dimensions == 1 else f"{dimensions} latents"
        return (
            f"With {latents} a draw is {mean:.2f} from the origin on average, and the point half-way between two draws "
            f"{half:.2f} (circles); {100 * inside:.1f} % of the draws are that near."
        )

    return Scene(fig, [draw, middle, means], move)
