"""widgets.side_by_side: each part under its name, and their stills where nothing runs."""

import io

import pytest
from PIL import Image

from vae_helpers.widgets import latent_pad
from vae_helpers.widgets.side_by_side import SideBySide


@pytest.fixture
def twins():
    return {"A": latent_pad.stored("digits-2d-ae"), "B": latent_pad.stored("digits-2d")}


def test_each_stands_under_its_name(twins):
    row = SideBySide(twins)
    assert [[column.children[0].value, column.children[1]] for column in row.children] == [
        [*pair] for pair in twins.items()
    ]
    twins["A"].z = [1, 1]
    assert repr(row) == f"A: {twins['A']!r}; B: {twins['B']!r}"


def test_the_stills_stand_in_a_row_no_wider_than_a_page(twins):
    bundle, about = SideBySide(twins)._repr_mimebundle_()
    stills = [Image.open(io.BytesIO(twin._repr_mimebundle_()[0]["image/png"])) for twin in twins.values()]
    both = Image.open(io.BytesIO(bundle["image/png"]))
    assert both.size == (sum(each.width for each in stills), max(each.height for each in stills))
    assert about["image/png"]["width"] == 1100
    assert about["image/png"]["alt"] == " ".join(
        f"{n}: {each.says} Run this cell to drag z." for n, each in twins.items()
    )
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert bundle["text/plain"] == repr(SideBySide(twins))
