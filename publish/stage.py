"""The stage: copies of the notebooks to type into, run and change while somebody watches; the course stays as it is."""

import datetime
import hashlib
import json
from pathlib import Path

import nbformat

from publish.reset import keep

BACKSTAGE = "backstage"  # the tag of a code cell that an audience need not read: it is collapsed on stage
MARK = "put_on_stage"  # in a copy's metadata: what its sources were


def put(notebooks: Path, stage: Path, today: datetime.date | None = None) -> str:
    """Copy every notebook of the course to `stage`; say what was moved aside, or nothing.

    A copy whose cells were changed on stage the last time is first moved to DATE/ beside `stage`. What ran there alone
    is no change. A notebook of another name is the presenter's own, and stays.
    """
    pages = sorted(notebooks.glob("[0-9][0-9]_*.ipynb"))
    stage.mkdir(parents=True, exist_ok=True)
    changed = [copy for page in pages if (copy := stage / page.name).exists() and was_changed(copy)]
    folder = keep(changed, stage.parent, today)
    for page in pages:
        copy = stage / page.name
        beside = copy.with_name(f".{copy.name}.part")
        beside.write_text(nbformat.writes(staged(nbformat.read(page, as_version=4))), encoding="utf-8")
        beside.replace(copy)
    if folder is None:
        return ""
    return f"What you changed on stage the last time is in {folder.name}/: {', '.join(copy.name for copy in changed)}."


def staged(notebook):
    """The notebook as an audience sees it: no notes, cells tagged `backstage` collapsed, none run, its mark in it."""
    notebook.cells = [cell for cell in notebook.cells if _slide_type(cell) != "notes"]
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.execution_count = None
        if BACKSTAGE in cell.metadata.get("tags", []):
            cell.metadata.setdefault("jupyter", {})["source_hidden"] = True
    notebook.metadata[MARK] = _digest(notebook)
    return notebook


def was_changed(copy: Path) -> bool:
    """Whether a copy's cells are others than those that were put there, or it can't be read any more."""
    try:
        notebook = nbformat.read(copy, as_version=4)
    except (ValueError, OSError):
        return True
    return notebook.metadata.get(MARK) != _digest(notebook)


def _slide_type(cell) -> str:
    return cell.metadata.get("slideshow", {}).get("slide_type", "")


def _digest(notebook) -> str:
    sources = json.dumps([(cell.cell_type, cell.source) for cell in notebook.cells])
    return hashlib.sha256(sources.encode()).hexdigest()
