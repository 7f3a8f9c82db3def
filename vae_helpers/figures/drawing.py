"""One image and what a model says of it: where it is encoded, what is decoded there, and the images nearest to it."""

from matplotlib.patches import Ellipse

from vae_helpers.figures import images, latent, style
from vae_helpers.figures.picture import Picture


@style.applied()
def encoded(image, shape: tuple[int, int], plane: dict, mu, sigma, decoded, nearest, says: str) -> Picture:
    """`image` [pixels], its place over the cloud, and at right its reconstruction above `nearest` [n, pixels].

    `plane` is what `latent.points` asks for; `mu` and `sigma` are the two latents shown (sigma None: a point).
    """
    fig, (left, middle, right) = style.panels(3, height=3.6, gridspec_kw={"width_ratios": (1, 1.5, 1)})
    images.draw(left, images.array(image).reshape(shape))
    latent.points(middle, **plane)
    middle.set_title("where it is encoded", fontsize=11)
    x, y = images.array(mu)
    middle.plot([x], [y], marker="o", ms=13, mfc="none", mec=style.DATA, mew=2)
    if sigma is not None:
        for k in (1, 2):
            wide, high = 2 * k * images.array(sigma)
            middle.add_patch(Ellipse((x, y), wide, high, fill=False, color=style.Q, lw=1.5, zorder=5))
    images.draw(right, images.mosaic([images.array(decoded), *images.array(nearest)], shape, 2))
    for axes, title in ((left, "what the network sees"), (right, "decoded: it, and the nearest")):
        axes.set_title(title, fontsize=11)
        axes.spines[:].set(visible=True, color=style.QUIET)
    return Picture(fig, says)
