"""Notebook 00's explorer: the course in one picture, a symbol at a time."""

from vae_helpers.figures import course as pictures
from vae_helpers.widgets.explorer import Explorer, slider


def symbols() -> Explorer:
    """One slider walks through the symbols in the order in which an image passes them."""
    names = list(pictures.SYMBOLS)
    control = slider("symbol", 1, 1, len(names), step=1)
    return Explorer(pictures.course(), lambda symbol: {"symbol": names[round(symbol) - 1]}, symbol=control)
