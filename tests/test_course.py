"""The course in one picture: each symbol can be lit, and says what it means."""

import pytest

from tests.test_picture import pixels
from vae_helpers.figures import course as pictures
from vae_helpers.widgets import course


def test_each_position_lights_another_symbol_with_its_own_sentence():
    explorer = course.symbols()
    seen = {}
    for place, (name, symbol) in enumerate(pictures.SYMBOLS.items(), start=1):
        explorer.controls["symbol"].value = place
        assert explorer.failure is None
        assert explorer.view.says == symbol.means, name
        seen[explorer.view.says] = explorer.view.png
    assert len(seen) == len(set(seen.values())) == len(pictures.SYMBOLS)


def test_every_arrow_joins_two_symbols():
    for start, end in pictures.ARROWS + pictures.GUESSES:
        assert start in pictures.SYMBOLS
        assert end in pictures.SYMBOLS


def test_the_frame_lies_where_the_symbol_stands():
    scene = pictures.course()
    faint = pixels(scene.picture(quick=True, symbol="x").png)
    lit = pixels(scene.picture(quick=True, symbol="evidence").png)
    columns = (faint != lit).any(axis=(0, 2)).nonzero()[0]
    assert columns.min() < 0.15 * faint.shape[1]
    assert columns.max() > 0.8 * faint.shape[1]


def test_a_symbol_that_is_not_there():
    with pytest.raises(KeyError):
        pictures.course().picture(symbol="y")
