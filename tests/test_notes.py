"""The presenter's notes: every slide in its order, its note and its minutes."""

import json
import re
import urllib.request
from itertools import dropwhile, pairwise, takewhile

import nbformat
import pytest
from nbformat import v4

from publish import notes, present
from tests import hygiene

README = (present.ROOT / "README.md").read_text(encoding="utf-8")
each_notebook = pytest.mark.parametrize("path", hygiene.all_notebooks(), ids=lambda path: path.name[:2])


def cell(kind, source, code=False):
    make = v4.new_code_cell if code else v4.new_markdown_cell
    return make(source, metadata={"slideshow": {"slide_type": kind}})


def note(minutes, ask, wrong=""):
    said = f"**Ask.** {ask}" + (f"\n\n**Goes wrong.** {wrong}" if wrong else "")
    return f"<details><summary>For whoever presents · {minutes} min</summary>\n\n{said}\n\n</details>"


def test_slides_gather_what_follows_them():
    listed = notes.slides(
        v4.new_notebook(
            cells=[
                cell("slide", "# 01 · Title\n\nText."),
                cell("", "x = 1", code=True),
                cell("notes", note(3, "Ask the room.", "They say\n1.")),
                cell("skip", "## Out of sight"),
                cell("slide", "y = 0", code=True),
                cell("slide", "y = 1", code=True),
                cell("slide", "**Predict.** Where is $p_\\theta(x)$? Then look."),
                cell("fragment", "y = 1", code=True),
                cell("fragment", "z = 1", code=True),
                cell("notes", note(2, "One.")),
                cell("notes", note(4, "Two.")),
            ]
        )
    )
    assert listed == [
        notes.Slide("01 · Title", (notes.Note(3, "Ask the room.", "They say\n1."),), 1),
        notes.Slide("↳ 01 · Title", (), 1),
        notes.Slide("↳ 01 · Title", (), 1),
        notes.Slide("Predict. Where is p_θ(x)?", (notes.Note(2, "One.", ""), notes.Note(4, "Two.", "")), 2),
    ]
    assert [slide.minutes for slide in listed] == [3, 0, 0, 6]


@pytest.mark.parametrize(
    "source",
    [
        "Ask the room.",
        note("three", "Ask."),
        note(3, "Ask.").replace("**Ask.**", "Ask:"),
        note(3, "Ask.").replace("\n\n", "\n"),
        note(3, "Ask.") + "\n\nAnd more.",
    ],
)
def test_a_note_in_another_form_is_refused(source):
    with pytest.raises(ValueError, match="a notes cell in another form"):
        notes.slides(v4.new_notebook(cells=[cell("slide", "# A"), cell("notes", source)]))


# ---- what the course holds ----


def listed_in(path):
    return notes.slides(nbformat.read(path, as_version=4))


def cells_of_slides(notebook):
    """The cells of each slide, as notes.slides counts them, without its notes."""
    found = []
    for here in notebook.cells:
        kind = here.metadata.get("slideshow", {}).get("slide_type", "")
        if kind in notes.OWN_SLIDE or not found:
            found.append([])
        if kind not in ("notes", "skip"):
            found[-1].append(here)
    return found


def asks(cells):
    """Whether the room has something to say or to move: a prediction, a thing to try, a widget."""
    shown = [output.get("data", {}).get("text/plain", "") for here in cells for output in here.get("outputs", [])]
    return any("**Predict" in here.source or "**Try it" in here.source for here in cells) or any(
        re.match(r"Explorer over|Derivation in|\w*Pad\b|TimeMachine|Training with", text) for text in shown
    )


@each_notebook
def test_every_note_says_what_to_ask_and_most_what_goes_wrong(path):
    said = [note for slide in listed_in(path) for note in slide.notes]
    assert all(0 < note.minutes <= 8 and note.ask.endswith((".", "?", ")")) for note in said)
    assert all(not note.wrong or note.wrong.endswith((".", "?", ")")) for note in said)
    assert 2 * sum(bool(note.wrong) for note in said) >= len(said)


@each_notebook
def test_a_note_stands_on_a_slide_with_a_headline_right_after_its_last_cell(path):
    assert all(slide.headline and len(slide.notes) <= 1 for slide in listed_in(path))
    kinds = [here.metadata.slideshow.slide_type for here in nbformat.read(path, as_version=4).cells]
    for before, after in pairwise(kinds):
        assert before != "skip" or after != "notes"
        assert before != "notes" or after in (*notes.OWN_SLIDE, "skip")


@each_notebook
def test_what_asks_the_room_has_a_note(path):
    """On its slide, or on the next one where the answer has a slide of its own."""
    listed, cells = listed_in(path), cells_of_slides(nbformat.read(path, as_version=4))
    assert len(listed) == len(cells)
    noted = [bool(slide.notes) for slide in listed] + [False]
    assert [s.headline for i, s in enumerate(listed) if asks(cells[i]) and not (noted[i] or noted[i + 1])] == []


@each_notebook
def test_the_minutes_lie_between_reading_and_trying_everything(path):
    (row,) = re.findall(rf"^\| \[{path.name[:2]} .+?\) \| *(\d+) \| *(\d*) \|", README, re.MULTILINE)
    read, tried = (int(minutes or row[0]) for minutes in row)
    assert read <= sum(slide.minutes for slide in listed_in(path)) <= tried


# ---- README's plans, added up ----


def table_under(words):
    """The rows of the first table after these words in README, without its head."""
    lines = README[README.index(words) :].splitlines()
    rows = takewhile(lambda line: line.startswith("|"), dropwhile(lambda line: not line.startswith("|"), lines))
    return [[entry.strip() for entry in row.strip("|").split("|")] for row in rows][2:]


@pytest.mark.parametrize(("plan", "most"), [("**90 minutes**", 80), ("**Half a day**", 180)])
def test_the_minutes_of_a_plan_add_up(plan, most):
    *rows, last = table_under(plan)
    for number, begin, end, minutes in rows:
        listed = listed_in(present.notebook(number))
        headlines = [slide.headline for slide in listed]
        assert {begin, end} <= set(headlines), (number, begin, end)
        stretch = listed[headlines.index(begin) : headlines.index(end)]
        assert sum(slide.minutes for slide in stretch) == int(minutes), (number, begin, end)
    assert sum(int(row[-1]) for row in rows) == int(last[-1]) <= most
    assert [row[0] for row in rows] == sorted(row[0] for row in rows)


def exercises_in(path):
    """Number → minutes of a notebook's exercises."""
    cells = nbformat.read(path, as_version=4).cells
    text = "\n".join(here.source for here in cells if here.cell_type == "markdown")
    return {int(n): int(m) for n, m in re.findall(r"^### (\d) · .+ · (\d+) min$", text, re.MULTILINE)}


def test_the_sessions_of_four_weeks_add_up():
    seen = []
    for _, numbers, minutes, room, together, home in table_under("**Four weeks**")[:-1]:
        paths = [present.notebook(number) for number in numbers.split(", ")]
        seen += [path.name[:2] for path in paths]
        at_hand = exercises_in(paths[-1])
        chosen = [int(number) for number in room.split(", ") if number]
        assert int(minutes) == sum(slide.minutes for path in paths for slide in listed_in(path)), numbers
        assert int(together) == int(minutes) + sum(at_hand[number] for number in chosen) <= 90, numbers
        assert int(home) == sum(m for number, m in at_hand.items() if number not in chosen), numbers
    assert seen == [path.name[:2] for path in hygiene.all_notebooks()]


# ---- the page ----


@each_notebook
def test_a_page_of_notes_holds_all_of_a_notebook(path):
    listed = listed_in(path)
    page = notes.page(path)
    assert page.count("<li") == len(listed)
    assert page.count("<b>Ask.</b>") == sum(len(slide.notes) for slide in listed)
    assert page.count("<b>Goes wrong.</b>") == sum(bool(note.wrong) for slide in listed for note in slide.notes)
    assert f"{sum(slide.minutes for slide in listed)} minutes" in page
    assert f"until {sum(slide.minutes for slide in listed)}" in page
    assert "http" not in page.replace("http-equiv", "")  # it asks nobody for anything
    assert not re.search(r"\*\*|\\mathcal", page)


def test_on_the_site_the_notes_lead_back_to_their_page():
    path = hygiene.all_notebooks()[0]
    assert '<a href="00_start_here.html">← Back to the page</a>' in notes.page(path, back="00_start_here.html")
    assert "<a " not in notes.page(path)


def test_the_words_of_a_note_are_no_markup_but_for_stars(tmp_path):
    path = tmp_path / "01_a.ipynb"
    said = note(1, "Is p(x) < 1 & q? See *Ada's step*.", "2 * coin, then 3 * coin: *look*.")
    nbformat.write(v4.new_notebook(cells=[cell("slide", "# a < b"), cell("notes", said)]), path)
    page = notes.page(path)
    assert '<p class="ask"><b>Ask.</b> Is p(x) &lt; 1 &amp; q? See <em>Ada\'s step</em>.</p>' in page
    assert '<p class="wrong"><b>Goes wrong.</b> 2 * coin, then 3 * coin: <em>look</em>.</p>' in page
    assert "<h1>a &lt; b</h1>" in page


def test_notes_are_served_and_read_anew(tmp_path):
    path = tmp_path / "01_a.ipynb"
    address = None
    for text in ("first", "second"):
        nbformat.write(v4.new_notebook(cells=[cell("slide", "# A"), cell("notes", note(1, text))]), path)
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
