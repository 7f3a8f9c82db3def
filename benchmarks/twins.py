"""Inside a kernel: every explorer that a page makes, and its twin as a tutorial would write it.

The twin is ipywidgets' `interactive()` over the same figure function with the same numbers: a fresh figure of pyplot's
for every value, shown by the inline backend.
"""

import importlib
import inspect
import itertools
import math
import pkgutil
import threading
from collections.abc import Callable, Iterator

import ipywidgets
import torch
from IPython import get_ipython
from IPython.utils.capture import capture_output
from matplotlib import pyplot
from matplotlib.image import PcolorImage

from benchmarks.measure import in_turn, seconds
from vae_helpers import figures, png
from vae_helpers.figures import style
from vae_helpers.figures.picture import Scene
from vae_helpers.learning import weights
from vae_helpers.widgets import latent_pad, latent_space
from vae_helpers.widgets.derivation import Derivation
from vae_helpers.widgets.explorer import Explorer
from vae_helpers.widgets.picture_view import PictureView

made: list[Explorer] = []  # by the page, in its order


def listen() -> None:
    """From now on every explorer is remembered, and every scene knows how it was drawn; for before the page."""
    born = Explorer.__init__

    def remembered(explorer, *arguments, **controls):
        born(explorer, *arguments, **controls)
        made.append(explorer)

    Explorer.__init__ = remembered
    for found in pkgutil.iter_modules(figures.__path__):
        module = importlib.import_module(f"{figures.__name__}.{found.name}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__annotations__.get("return") is Scene:
                setattr(module, name, _told(function))


def _told(function: Callable[..., Scene]) -> Callable[..., Scene]:
    def scene(*arguments, **options):
        drawn = function(*arguments, **options)
        drawn.again = lambda: function(*arguments, **options)
        drawn.name = f"{function.__module__.rpartition('.')[2]}.{function.__name__}"
        return drawn

    return scene


def _pyplot_panels(columns=1, width=8.4, height=3.2, rows=1, **options):
    """What `style.panels` makes, made by pyplot."""
    return pyplot.subplots(rows, columns, figsize=(width, height), dpi=style.DPI, **options)


def twin(explorer: Explorer) -> ipywidgets.interactive:
    """`interactive()` that draws what the explorer shows, anew for every value."""

    def draw(**values):
        ours, style.panels = style.panels, _pyplot_panels
        try:
            with style.applied():
                scene = explorer.scene.again()
                for artist in scene.moving:  # an ordinary figure: nothing in it is kept for blitting
                    artist.set_animated(False)
                    artist.set_in_layout(not isinstance(artist, PcolorImage))  # matplotlib cannot measure that one
                scene._move(**explorer.derive(**values))
                pyplot.show()
        finally:
            style.panels = ours
        if isinstance(explorer, Derivation):  # its lines are shown beside the picture
            print(*(line.value for line in explorer.lines_at(**values)), sep="\n")

    _shows(draw, **{name: control.value for name, control in explorer.controls.items()})
    sliders = {name: _their_slider(control) for name, control in explorer.controls.items()}
    return ipywidgets.interactive(draw, **sliders)


def _shows(draw: Callable[..., None], **values) -> None:
    """Raises RuntimeError where no picture comes: a kernel only tells of that beside the cell, which no clock sees."""
    with capture_output() as shown:
        draw(**values)
    if not any("image/png" in output.data for output in shown.outputs):
        raise RuntimeError(f"no picture comes of {draw.__qualname__} at {values}: {shown.stderr[-300:]}")


def _their_slider(control):
    about = {"description": control.description, "value": control.value}
    if control.stops:
        return ipywidgets.SelectionSlider(options=control.stops, **about)
    return ipywidgets.FloatSlider(min=control.min, max=control.max, step=control.step, **about)


def sent() -> None:
    """Wait until all that the kernel has to send is out: its messages leave by a thread of their own, in order."""
    done = threading.Event()
    get_ipython().kernel.iopub_thread.schedule(done.set)
    done.wait()


def places(explorer: Explorer) -> Iterator[tuple[str, float]]:
    """Where a hand might go: the sliders in turn, each from place to place along its whole way, without end."""
    for share in itertools.cycle((0.3, 0.8, 0.15, 0.65, 0.9, 0.45)):
        for name, control in explorer.controls.items():
            if control.stops:
                yield name, control.stops[round(share * (len(control.stops) - 1))]
            else:
                yield name, control.min + control.step * round(share * (control.max - control.min) / control.step)


def moved(controls: dict, way: Iterator[tuple[str, float]]) -> float:
    """Seconds from a slider's trait to the picture's bytes on their way, at the next place of the way."""
    name, value = next((name, value) for name, value in way if controls[name].value != value)

    def move():
        controls[name].value = value
        sent()

    return seconds(move)


def times(explorer: Explorer, rounds: int) -> dict[str, list[float]]:
    """Seconds of ours and of its twin, at the same places in turn."""
    theirs = twin(explorer)
    names = dict(zip(explorer.controls, theirs.children, strict=False))
    ways = places(explorer), places(explorer)
    found = in_turn(
        {
            "ours": lambda: moved(explorer.controls, ways[0]),
            "twin": lambda: moved(names, ways[1]),
        },
        rounds,
    )
    theirs.close()
    return found


@torch.no_grad()
def decoded(model, z: list[float]) -> torch.Tensor:
    """The greys of the digit at z: 0 black … 1 white."""
    return 1 - model.decode(torch.tensor(z)).sigmoid().reshape(28, 28)


def digit_twin() -> ipywidgets.interactive:
    """A digit decoded where two sliders put z, as a tutorial shows it."""
    model = weights.load("mnist-2d")

    def draw(z1: float, z2: float) -> None:
        pyplot.imshow(decoded(model, [z1, z2]), cmap="gray", vmin=0, vmax=1)
        pyplot.axis("off")
        pyplot.show()

    _shows(draw, z1=0.0, z2=0.0)
    return ipywidgets.interactive(draw, z1=(-3.0, 3.0), z2=(-3.0, 3.0))


def digit_times(rounds: int) -> dict[str, dict[str, list[float]]]:
    """A digit decoded where a hand puts z: the pad's message, the digit as Python's PNG, and `interactive()`'s."""
    pad, view, theirs = latent_pad.stored("mnist-2d"), PictureView(), digit_twin()

    def by_pad(z1: float) -> None:
        pad.z = [z1, 0.0]

    def by_python(z1: float) -> None:
        view.png = png.encode((255 * decoded(pad.network, [z1, 0.0])).round().byte().numpy())

    def by_twin(z1: float) -> None:
        theirs.children[0].value = z1

    def timed(move: Callable[[float], None]) -> Callable[[], float]:
        way = (3 * math.sin(step) for step in itertools.count(1))

        def once() -> float:
            z1 = next(way)
            return seconds(lambda: (move(z1), sent()))

        return once

    found = in_turn({"pad": timed(by_pad), "python": timed(by_python), "twin": timed(by_twin)}, rounds)
    return {name: {"ours": found[name], "twin": found["twin"]} for name in ("pad", "python")}


def grid_times(rounds: int) -> dict[str, list[float]]:
    """20 × 20 decoded digits, bent by a slider from a square to the plane."""
    return times(latent_space.manifold(weights.load("mnist-2d"), (28, 28), columns=20), rounds)


def all_times(rounds: int) -> dict[str, dict[str, list[float]]]:
    """By the figure's name: one explorer of each kind that the page has made."""
    kinds = {explorer.scene.name: explorer for explorer in made}
    return {name: times(explorer, rounds) for name, explorer in kinds.items()}
