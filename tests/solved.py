"""The pages with every exercise solved, as a learner's copy would be in the end.

`python -m tests.solved FOLDER` writes them there with what each check then shows; pytest --nbval compares that.
"""

import argparse
import ast
import base64
import re
from pathlib import Path

import nbformat
from nbformat import v4

from tests import hygiene
from vae_helpers.exercises import check
from vae_helpers.exercises.exercise import Exercise

CHECKED = re.compile(r"^check\.(\w+)\((.*)\)$", re.MULTILINE)


def exercises_in(notebook):
    """(cell, exercise) for each code cell of a page that calls a check."""
    for cell in notebook.cells:
        if cell.cell_type == "code" and (call := CHECKED.search(cell.source)):
            yield cell, getattr(check, call[1])


def stub_in(source):
    """The statements of an exercise's cell that are left to the reader: what stands before the check."""
    return [node for node in ast.parse(source).body if not CHECKED.match(ast.unparse(node))]


def solved(source, exercise):
    """The cell with the reference in the place of the stub."""
    return f"{exercise.answer.rstrip()}\n\n\n{CHECKED.search(source)[0]}"


def verdict(exercise):
    """What the check says of the reference."""
    if isinstance(exercise, Exercise):
        return exercise.look(exercise.reference)
    names = {}
    exec("import math, torch\n" + exercise.answer, names)
    return exercise.look(*(names[name] for name in exercise.names))


def outputs(feedback):
    """What `feedback.show()` leaves in a notebook."""
    shown = [feedback._repr_mimebundle_()]
    if feedback.picture is not None:
        picture = feedback.picture
        shown.append({"image/png": base64.b64encode(picture.png).decode(), "text/plain": picture.says})
        shown.append({"text/html": f"<em>{picture.says}</em>", "text/plain": picture.says})
    return [v4.new_output("display_data", data=data) for data in shown]


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m tests.solved", description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("notebooks", nargs="*", type=Path, metavar="NOTEBOOK")
    options = parser.parse_args(arguments)
    options.folder.mkdir(parents=True, exist_ok=True)
    for path in options.notebooks or hygiene.all_notebooks():
        notebook = nbformat.read(path, as_version=4)
        posed = list(exercises_in(notebook))
        for cell, exercise in posed:
            cell.source, cell.outputs = solved(cell.source, exercise), outputs(verdict(exercise))
        if posed:
            nbformat.write(notebook, options.folder / path.name)


if __name__ == "__main__":
    main()
