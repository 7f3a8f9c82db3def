"""What training did: the ELBO and its two terms by epoch."""

from collections.abc import Sequence

from matplotlib.ticker import MaxNLocator

from vae_helpers.figures import style
from vae_helpers.figures.picture import Picture


@style.applied()
def curves(
    elbo: Sequence[float], reconstruction: Sequence[float], kl: Sequence[float], test_elbo: Sequence[float] = ()
) -> Picture:
    """ELBO = reconstruction − KL, a panel for each, in nats per image; of the test images the ELBO alone, as dots."""
    if not len(elbo):
        raise ValueError("figures.training.curves(elbo, …): there is no epoch yet to draw; train one first")
    epochs = range(1, len(elbo) + 1)
    fig, panels = style.panels(3, height=2.9)
    titles = ("ELBO: higher is better", r"$=$ reconstruction", r"$-$ KL to the prior")
    for axes, title, values, colour in zip(
        panels, titles, (elbo, reconstruction, kl), (style.EVIDENCE, style.LIKELIHOOD, style.Q), strict=True
    ):
        axes.plot(epochs, values, color=colour, label="training images")
        axes.set(title=title, xlabel="epoch", xlim=(0, len(elbo) + 1))
        axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    panels[0].set_ylabel("nats per image")
    said = (
        f"After {len(elbo)} epoch{'s' if len(elbo) > 1 else ''} the ELBO is {_nats(elbo[-1])} nats per training image"
    )
    if len(test_elbo):
        panels[0].plot(epochs, test_elbo, color=style.DATA, ls="none", marker=".", ms=4, label="test images")
        panels[0].legend(loc="lower right", fontsize=10)
        said += f" ({_nats(test_elbo[-1])} on test images)"
    return Picture(
        fig,
        f"{said}, {_from(elbo)} in the first: reconstruction {_nats(reconstruction[-1])}, {_from(reconstruction)}, "
        f"minus a KL of {_nats(kl[-1])}.",
    )


def _from(values: Sequence[float]) -> str:
    return f"{'up' if values[-1] >= values[0] else 'down'} from {_nats(values[0])}"


def _nats(value: float) -> str:
    return f"{value:.1f}".replace("-", "−")
