"""One colour per role in the whole course, one size of type, and figures that belong to no global state."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Circle

# Okabe & Ito's palette, safe for the common kinds of colour blindness. A role keeps its colour on every page.
PRIOR = "#CC79A7"
LIKELIHOOD = "#E69F00"
POSTERIOR = "#0072B2"
Q = "#D55E00"
EVIDENCE = "#009E73"
DATA = "#000000"
JOINT = "#56B4E9"  # what becomes the posterior once it is divided
QUIET = "#8a8a8a"  # what has no role; hatched: where q pays less than at its own prices (too much wears q's colour)

# What a network could compute is drawn solid; what only the toy model can give is dashed.
TRACTABLE, INTRACTABLE = "-", (0, (4, 2))

# Pixels per inch in the file and on the page: the file is finer, so that a projector or a phone has something to show.
DPI, PAGE_DPI = 150, 100

RC = {
    "font.family": "DejaVu Sans",  # ships with matplotlib, so that a page looks the same everywhere
    "mathtext.fontset": "cm",
    "font.size": 11,
    "axes.titlesize": 12,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e6e6e6",
    "axes.axisbelow": True,
    "legend.frameon": False,
    "lines.linewidth": 2.2,
    "figure.constrained_layout.use": True,
}


_one_at_a_time = threading.RLock()


@contextmanager
def applied() -> Iterator[None]:
    """Build or draw a figure in the course's style; as `@style.applied()` on a function that makes one.

    matplotlib's settings belong to the whole process: the lock keeps two threads from restoring each other's.
    """
    with _one_at_a_time, rc_context(RC):
        yield


def panels(columns: int = 1, width: float | int = 8.4, height: float | int = 3.2, rows: int = 1, **options):
    """A figure on its own Agg canvas and its axes: one Axes, or an array of them as `Figure.subplots` gives."""
    fig = Figure(figsize=(width, height), dpi=DPI)
    FigureCanvasAgg(fig)
    return fig, fig.subplots(rows, columns, **options)


def rings(axes, **look) -> None:
    """The prior N(0, I) on a plane: circles at 1σ and 2σ."""
    for sigma in (1, 2):
        axes.add_patch(Circle((0, 0), sigma, **{"fill": False, "color": PRIOR, "lw": 1.5, **look}))


def legend_above(axes, columns: int = 2) -> None:
    """A legend over the axes, where no curve can run through it."""
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=columns, borderaxespad=0, fontsize=10, columnspacing=1.2)
