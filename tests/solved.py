"""The pages with every exercise solved, as a learner's copy would be in the end.

`python -m tests.solved FOLDER` writes them there, run, with their outputs; pytest --nbval on them compares these again.
"""

import argparse
import ast
import re
from pathlib import Path

import nbformat

from tests import hygiene
from vae_helpers.exercises import check

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


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m tests.solved", description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("notebooks", nargs="*", type=Path, metavar="NOTEBOOK")
    options = parser.parse_args(arguments)
    options.folder.mkdir(parents=True, exist_ok=True)
    for path in options.notebooks or hygiene.all_notebooks():
        notebook = nbformat.read(path, as_version=4)
        posed = list(exercises_in(notebook))
        if not posed:
            continue
        for cell, exercise in posed:
            cell.source = solved(cell.source, exercise)
        target = options.folder / path.name
        nbformat.write(notebook, target)
        hygiene.run(target)


if __name__ == "__main__":
    main()
