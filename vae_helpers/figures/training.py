"""What training did: the ELBO and its two terms by epoch."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
from matplotlib.ticker import MaxNLocator

from vae_helpers.figures import style
from vae_helpers.figures.picture import Picture, Scene
from vae_helpers.figures.words import number

NONE: Mapping[str, float] = MappingProxyType({})
TITLES = {"elbo": "ELBO: higher is better", "reconstruction": r"$=$ reconstruction", "kl": r"$-$ KL to the prior"}
COLOURS = {"elbo": style.Q, "reconstruction": style.LIKELIHOOD, "kl": style.PRIOR}  # as on the page of the ELBO


@style.applied()
def live(planned: int, low: float, high: float, price: float, marks: Mapping[str, float] = NONE) -> Scene:
    """Curves that grow while a model trains: ELBO and reconstruction from `low` to `high`, the KL from 0 to `price`.

    `move(figures)` is given the lists of a training by name, those of the test images as `test_…`. Limits stand still:
    how many epochs have left them is said. `marks` (name → nats) are what there is to beat, dotted.
    """
    fig, panels = style.panels(3, height=2.9)
    moving, limits = {}, {"elbo": (low, high), "reconstruction": (low, high), "kl": (0.0, price)}
    for axes, (name, title) in zip(panels, TITLES.items(), strict=True):
        axes.set(title=title, xlabel="epoch", xlim=(0, planned + 1), ylim=limits[name])
        axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        (moving[name],) = axes.plot([], [], color=COLOURS[name])
        (moving[f"test_{name}"],) = axes.plot([], [], color=style.DATA, ls="none", marker=".", ms=4)
    panels[0].set_ylabel("nats per image")
    _mark(panels[:2], marks)
    key = (
        {"color": style.QUIET, "label": "training images"},
        {"color": style.DATA, "ls": "none", "marker": ".", "label": "test images"},
    )
    panels[0].legend(handles=[panels[0].plot([], [], **each)[0] for each in key], loc="lower right", fontsize=10)

    def move(figures: Mapping[str, Sequence[float]]) -> str:
        outside = 0
        for name, artist in moving.items():
            values = np.asarray(figures.get(name, ()), dtype=float)
            artist.set_data(np.arange(1, len(values) + 1), values)
            bottom, top = limits[name.removeprefix("test_")]
            outside = max(outside, int(((values < bottom) | (values > top)).sum()))
        beyond = f" {outside} epoch{'s are' if outside > 1 else ' is'} outside the axes." if outside else ""
        return _reached(figures, planned, marks) + beyond

    return Scene(fig, list(moving.values()), move)


def _mark(panels, marks: Mapping[str, float]) -> None:
    """A dotted line for each mark, its name under it at the right."""
    for axes in panels:
        for name, nats in marks.items():
            axes.axhline(nats, color=style.QUIET, ls=":", lw=1.8)
            where = {"xycoords": ("axes fraction", "data"), "textcoords": "offset points", "ha": "right", "va": "top"}
            axes.annotate(name, (1, nats), (-6, -3), color="#666666", fontsize=10, **where)


def _dotted(marks: Mapping[str, float]) -> str:
    return "".join(f" Dotted: {name}, {_nats(nats)}." for name, nats in marks.items())


def _reached(figures: Mapping[str, Sequence[float]], planned: int, marks: Mapping[str, float]) -> str:
    """Where a training stands, as a sentence."""
    epochs = len(figures.get("reconstruction", ()))
    if not epochs:
        return f"Nothing trained yet; {planned} epochs are planned.{_dotted(marks)}"
    said = f"Epoch {epochs} of {planned}: "
    last = {name: values[-1] for name, values in figures.items() if len(values)}
    climbed = "elbo" if "elbo" in last else "reconstruction"
    test = f" ({_nats(last[f'test_{climbed}'])} on test images)" if f"test_{climbed}" in last else ""
    if climbed != "elbo":
        return f"{said}reconstruction {_nats(last[climbed])}{test}, nats per image; an autoencoder has no ELBO."
    elbo, reconstruction, kl = sum_in_words(last["elbo"], last["reconstruction"])
    return f"{said}ELBO {elbo}{test} = reconstruction {reconstruction} − KL {kl}, nats per image."


def sum_in_words(elbo: float, reconstruction: float) -> tuple[str, str, str]:
    """ELBO, reconstruction and KL with two decimals that add up: the KL is the difference of the two rounded ones."""
    return _nats(elbo), _nats(reconstruction), _nats(round(reconstruction, 2) - round(elbo, 2))


@style.applied()
def curves(
    elbo: Sequence[float],
    reconstruction: Sequence[float],
    kl: Sequence[float],
    test_elbo: Sequence[float] = (),
    marks: Mapping[str, float] = NONE,
) -> Picture:
    """ELBO = reconstruction − KL, a panel for each, in nats per image; of the test images the ELBO alone, as dots.

    The first two panels have one scale, the KL begins at 0. `marks` as for `live`.
    """
    if not len(elbo):
        raise ValueError("figures.training.curves(elbo, …): there is no epoch yet to draw; train one first")
    epochs = range(1, len(elbo) + 1)
    fig, panels = style.panels(3, height=2.9)
    for axes, (name, title), values in zip(panels, TITLES.items(), (elbo, reconstruction, kl), strict=True):
        colour = COLOURS[name]
        axes.plot(epochs, values, color=colour, label="training images")
        axes.set(title=title, xlabel="epoch", xlim=(0, len(elbo) + 1))
        axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    panels[0].set_ylabel("nats per image")
    panels[2].set_ylim(bottom=0)
    _mark(panels[:2], marks)
    shown = [*elbo, *reconstruction, *test_elbo, *marks.values()]
    for axes in panels[:2]:
        axes.set_ylim(min(shown) - 1, max(shown) + 1)
    level, term, price = sum_in_words(elbo[-1], reconstruction[-1])
    said = f"After {len(elbo)} epoch{'s' if len(elbo) > 1 else ''} the ELBO is {level} nats per training image"
    if len(test_elbo):
        panels[0].plot(epochs, test_elbo, color=style.DATA, ls="none", marker=".", ms=4, label="test images")
        panels[0].legend(loc="lower right", fontsize=10)
        said += f" ({_nats(test_elbo[-1])} on test images)"
    return Picture(
        fig,
        f"{said}, {_from(elbo)} in the first: reconstruction {term}, {_from(reconstruction)}, minus a KL of {price}."
        f"{_dotted(marks)}",
    )


def _from(values: Sequence[float]) -> str:
    return f"{'up' if values[-1] >= values[0] else 'down'} from {_nats(values[0])}"


def _nats(value: float) -> str:
    return number(value, 2)


@style.applied()
def gaps(runs: Mapping[str, tuple[Sequence[float], Sequence[float]]], low: float, high: float) -> Picture:
    """name → (training, test), one number an epoch: a panel for each run, on the same axes from `low` to `high`."""
    if not runs:
        raise ValueError("figures.training.gaps(runs, low, high): got no run; wanted {name: (training, test), …}")
    fig, panels = style.panels(len(runs), height=3.0, sharey=True, squeeze=False)
    said = []
    for axes, (name, (train, test)) in zip(panels[0], runs.items(), strict=True):
        epochs = range(1, len(train) + 1)
        axes.plot(epochs, train, color=COLOURS["elbo"], label="training images")
        axes.plot(epochs, test, color=style.DATA, ls="none", marker=".", ms=4, label="test images")
        axes.set(title=name, xlabel="epoch", xlim=(0, len(train) + 1), ylim=(low, high))
        last, tested = round(train[-1], 1), round(test[-1], 1)
        said.append(f"{name} {number(last, 1)} and {number(tested, 1)}, {number(last - tested, 1)} apart")
    panels[0, 0].set_ylabel("ELBO, nats per image")
    panels[0, 0].legend(loc="lower right", fontsize=10)
    outside = sum(not low <= value <= high for pair in runs.values() for values in pair for value in values)
    beyond = f" {outside} early values lie outside the axes." if outside else ""
    return Picture(fig, f"At the end, on training and on test images: {'; '.join(said)} (nats per image).{beyond}")
