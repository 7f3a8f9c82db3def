"""The presenter's notes: every slide in its order, its note and its minutes."""

import json
import urllib.request

import nbformat
import pytest
from nbformat import v4

from publish import notes, present
from tests import hygiene


def cell(kind, source, code=False):
    make = v4.new_code_cell if code else v4.new_markdown_cell
    return make(source, metadata={"slideshow": {"slide_type": kind}})


NOTE = "<details><summary>For whoever presents · {} min</summary>\n{}\n</details>"


def test_slides_gather_what_follows_them():
    listed = notes.slides(
        v4.new_notebook(
            cells=[
                cell("slide", "# 01 · Title\n\nText."),
                cell("", "x = 1", code=True),
                cell("notes", NOTE.format(3, "Ask the room.")),
                cell("skip", "## Out of sight"),
                cell("slide", "**Predict.** What comes? Then look."),
                cell("fragment", "y = 1", code=True),
                cell("fragment", "z = 1", code=True),
                cell("notes", NOTE.format(2, "One.")),
                cell("notes", NOTE.format(4, "Two.")),
            ]
        )
    )
    assert listed == [
        notes.Slide("01 · Title", "Ask the room.", 3, 1),
        notes.Slide("Predict. What comes?", "One.\nTwo.", 6, 2),
    ]


def test_a_note_in_another_form_is_refused():
    with pytest.raises(ValueError, match="a notes cell that is none"):
        notes.slides(v4.new_notebook(cells=[cell("slide", "# A"), cell("notes", "Ask the room.")]))


@pytest.mark.parametrize("path", hygiene.all_notebooks(), ids=lambda path: path.name[:2])
def test_a_page_of_notes_holds_all_of_a_notebook(path):
    listed = notes.slides(nbformat.read(path, as_version=4))
    page = notes.page(path)
    assert page.count("<li") == len(listed)
    assert f"{sum(slide.minutes for slide in listed)} minutes" in page
    assert f"until {sum(slide.minutes for slide in listed)}" in page
    assert "http" not in page.replace("http-equiv", "")  # it asks nobody for anything


def test_the_words_of_a_note_are_no_markup(tmp_path):
    path = tmp_path / "01_a.ipynb"
    nbformat.write(
        v4.new_notebook(cells=[cell("slide", "# a < b"), cell("notes", NOTE.format(1, "p(x) < 1 & q"))]), path
    )
    assert "p(x) &lt; 1 &amp; q" in notes.page(path)
    assert "<h1>a &lt; b</h1>" in notes.page(path)


def test_notes_are_served_and_read_anew(tmp_path):
    path = tmp_path / "01_a.ipynb"
    address = None
    for text in ("first", "second"):
        nbformat.write(v4.new_notebook(cells=[cell("slide", "# A"), cell("notes", NOTE.format(1, text))]), path)
        address = address or present.serve_notes(path)
        with urllib.request.urlopen(address) as answer:
            assert text in answer.read().decode()


def test_a_notebook_is_found_by_its_number():
    assert present.notebook("04").name.startswith("04_")
    assert present.notebook("4") == present.notebook("04")
    for wrong in ("99", "elbo", ""):
        with pytest.raises(ValueError, match="there are 00, 01"):
            present.notebook(wrong)


def test_the_settings_lie_where_jupyterlab_looks(tmp_path):
    present.write_settings(tmp_path)
    path = tmp_path / "@deathbeds" / "jupyterlab-deck" / "plugin.jupyterlab-settings"
    assert json.loads(path.read_text()) == {"active": True}
