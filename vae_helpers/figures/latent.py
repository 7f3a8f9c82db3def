"""The plane of latents: where the encoder puts images, and what the decoder draws at a point."""

import numpy as np

from vae_helpers.figures import images, style
from vae_helpers.figures.picture import Picture

# A class is told by its glyph; the colour only helps the eye to find it again. Dark enough to read on white.
CLASSES = ("#000000", "#0072B2", "#D55E00", "#009E73", "#AA3377", "#8C6D00", "#1B9AD2", "#CC3311", "#5B5BA5", "#707070")
MOST = 1500  # glyphs drawn: more hide each other


def points(axes, mu, labels, reach: float, prior: bool = True, shown: tuple[int, int] = (0, 1)) -> None:
    """Each of the first 1500 encoded images [n, 2] as the glyph of its label, over the circles of N(0, I): 1σ and 2σ.

    `prior` says that the model has one: an autoencoder has never met N(0, I). `shown` says which two latents these are,
    counted from 0.
    """
    style.rings(axes)
    mu, labels = images.array(mu)[:MOST], images.array(labels)[:MOST]
    for label in np.unique(labels):
        x, y = mu[labels == label].T
        axes.scatter(x, y, marker=f"${label}$", s=38, lw=0.3, color=CLASSES[label % len(CLASSES)])
    names = {f"{axis}label": f"$z_{{{latent + 1}}}$" for axis, latent in zip("xy", shown, strict=True)}
    axes.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal", **names)
    title = "means of $q_\\phi(z|x)$; circles: prior, 1σ and 2σ" if prior else "codes; circles: $N(0, I)$, 1σ and 2σ"
    axes.set_title(title, fontsize=11)


@style.applied()
def plane(
    mu, labels, z, image, shape: tuple[int, int], reach: float, prior: bool, shown: tuple[int, int], says: str
) -> Picture:
    """Encoded images on the plane, a ring at `z` (the two latents `shown`), and at right the image decoded there."""
    fig, (left, right) = style.panels(2, height=4.1)
    points(left, mu, labels, reach, prior, shown)
    edge = 1.07 * reach  # room for a ring at a corner
    left.set(xlim=(-edge, edge), ylim=(-edge, edge))
    left.plot(*z, marker="o", ms=15, mfc="none", mec=style.DATA, mew=2.5)
    left.axhline(z[1], color=style.DATA, lw=0.7)
    left.axvline(z[0], color=style.DATA, lw=0.7)
    images.draw(right, images.array(image).reshape(shape))
    right.spines[:].set(visible=True, color=style.QUIET)
    right.set_title("mean of $p_\\theta(x|z)$", fontsize=11)
    return Picture(fig, says)


@style.applied()
def atlas(mu, labels, decoded, shape: tuple[int, int], reach: float, prior: bool = True) -> Picture:
    """Two maps of one plane: where images are encoded, and [columns², pixels] decoded on a lattice within ±reach.

    The lattice starts top left and goes row by row, as one reads. `prior` says that the model has one (a VAE), and that
    an image's place is the mean of its q; an autoencoder's is its code.
    """
    columns = round(len(decoded) ** 0.5)
    tiles = images.mosaic(decoded, shape, columns)
    fig, (left, right) = style.panels(2, height=4.3)
    points(left, mu, labels, reach, prior)
    images.draw(right, tiles, extent=(-reach, reach, -reach, reach))
    right.set_title("means of $p_\\theta(x|z)$ on the same plane", fontsize=11)
    right.set(xlabel="$z_1$", xticks=left.get_xticks(), xlim=(-reach, reach))
    fig.draw_without_rendering()  # square axes find their place at the second drawing
    inside = (np.abs(images.array(mu)) <= reach).all(-1).mean()
    return Picture(
        fig,
        f"Left: {len(mu)} images at {'the means of q' if prior else 'their codes'}, as the glyphs of their classes, "
        f"{100 * inside:.0f} % of them within ±{reach:g}. Right: {columns} × {columns} images decoded over the same "
        f"square; neighbours look alike.",
    )
