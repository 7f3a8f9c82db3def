"""The stage: copies to play with, what was changed there is kept, the course stays as it is."""

import datetime
import json

import nbformat
import pytest
from nbformat import v4

from publish import stage

DAY = datetime.date(2026, 3, 1)


def cell(kind, source, code=False, **metadata):
    make = v4.new_code_cell if code else v4.new_markdown_cell
    return make(source, metadata={"slideshow": {"slide_type": kind}, **metadata})


@pytest.fixture
def course(tmp_path):
    folder = tmp_path / "notebooks"
    folder.mkdir()
    for name in ("01_one.ipynb", "02_two.ipynb"):
        cells = [
            cell("slide", f"# {name}"),
            cell("", "import torch", code=True, tags=["backstage"]),
            cell("", "x = 1", code=True, tags=["predict"], jupyter={"outputs_hidden": True}),
            cell("notes", "For whoever presents"),
            cell("skip", "y = 2", code=True),
        ]
        cells[1].execution_count = 1
        nbformat.write(v4.new_notebook(cells=cells), folder / name)
    return folder


def change(path, source):
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[0].source = source
    nbformat.write(notebook, path)


def test_copies_are_as_an_audience_sees_them(course, tmp_path):
    before = {path.name: path.read_bytes() for path in course.iterdir()}
    assert stage.put(course, tmp_path / "mine" / "on_stage", DAY) == ""
    assert {path.name: path.read_bytes() for path in course.iterdir()} == before
    assert sorted(path.name for path in (tmp_path / "mine" / "on_stage").iterdir()) == sorted(before)
    copy = nbformat.read(tmp_path / "mine" / "on_stage" / "01_one.ipynb", as_version=4)
    assert [cell.source for cell in copy.cells] == ["# 01_one.ipynb", "import torch", "x = 1", "y = 2"]
    assert [cell.metadata.get("jupyter") for cell in copy.cells[1:3]] == [
        {"source_hidden": True},
        {"outputs_hidden": True},
    ]
    assert copy.cells[1].execution_count is None


def test_what_was_changed_on_stage_is_kept_and_said(course, tmp_path):
    on_stage = tmp_path / "mine" / "on_stage"
    stage.put(course, on_stage, DAY)
    for text in ("# first", "# second"):
        change(on_stage / "02_two.ipynb", text)
        said = stage.put(course, on_stage, DAY)
        assert "02_two.ipynb" in said
        assert "01_one.ipynb" not in said
        assert nbformat.read(on_stage / "02_two.ipynb", as_version=4).cells[0].source == "# 02_two.ipynb"
    kept = [nbformat.read(folder / "02_two.ipynb", as_version=4).cells[0].source
            for folder in (tmp_path / "mine" / "2026-03-01", tmp_path / "mine" / "2026-03-01_2")]  # fmt: skip
    assert kept == ["# first", "# second"]


def test_what_only_ran_and_what_the_course_changed_is_no_change_of_the_presenter(course, tmp_path):
    on_stage = tmp_path / "mine" / "on_stage"
    stage.put(course, on_stage, DAY)
    ran = nbformat.read(on_stage / "01_one.ipynb", as_version=4)
    ran.cells[2].update(execution_count=7, outputs=[v4.new_output("stream", text="1")])
    nbformat.write(ran, on_stage / "01_one.ipynb")
    change(course / "02_two.ipynb", "# 02, mended")
    assert stage.put(course, on_stage, DAY) == ""
    assert nbformat.read(on_stage / "01_one.ipynb", as_version=4).cells[2].outputs == []
    assert nbformat.read(on_stage / "02_two.ipynb", as_version=4).cells[0].source == "# 02, mended"
    assert not (tmp_path / "mine" / "2026-03-01").exists()


@pytest.mark.parametrize("text", ["", "{", json.dumps({"cells": []}), "<<<<<<< ours"])
def test_a_copy_that_is_no_notebook_any_more_is_kept_too(course, tmp_path, text):
    on_stage = tmp_path / "mine" / "on_stage"
    stage.put(course, on_stage, DAY)
    (on_stage / "01_one.ipynb").write_text(text)
    stage.put(course, on_stage, DAY)
    assert (tmp_path / "mine" / "2026-03-01" / "01_one.ipynb").read_text() == text


def test_a_presenters_own_notebook_stays(course, tmp_path):
    own = tmp_path / "mine" / "on_stage" / "my_lecture.ipynb"
    own.parent.mkdir(parents=True)
    own.write_text("own")
    stage.put(course, own.parent, DAY)
    assert own.read_text() == "own"
