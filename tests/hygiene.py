"""The normal form of a notebook, and what may not stand in one.

`python -m tests.hygiene [NOTEBOOK …]` says what is wrong, in all of notebooks/ if none is named;
`python -m tests.hygiene --run [NOTEBOOK …]` runs them and stores each in its normal form.
"""

import argparse
import ast
import copy
import hashlib
import os
import re
import sys
from collections import Counter
from pathlib import Path

import nbformat

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
SLIDE_TYPES = {"slide", "subslide", "fragment", "skip", "notes", ""}  # "" goes on: jupyterlab-deck hides a "-"
MOST_LINES = 15
SENTENCE = r"(?s).{40,}[.!?][)”\"']?"
FOLDED = "predict"  # the tag of a code cell that answers a prediction: a page just opened must not show its outputs
TAGS = {FOLDED, "backstage", "nbval-ignore-output", "product"}  # backstage: collapsed where an audience looks on
VIEW = "application/vnd.jupyter.widget-view+json"  # names a model that lives in one kernel only

IN_SOURCE = {
    "an absolute path": r"(?<![\w.:/~])/(?:home|root|Users|tmp|work|mnt|opt|usr|var)/|\b[A-Z]:\\Users",
    "the kernel's own shell (get_ipython)": r"\bget_ipython\b",
}
IN_OUTPUT = {
    "an absolute path": IN_SOURCE["an absolute path"],
    "a warning": r"\b[A-Z]\w*Warning\b",
    "a bare object": r"<(?:Figure|Axes)\b|\bat 0x[0-9a-fA-F]+|^[A-Z]\w+\((?:children|value|description)=",
    "a script": r"<script\b",
}


def all_notebooks():
    return sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))


def normalise(notebook):
    """A copy that differs from another run's only where what a reader sees differs."""
    notebook = copy.deepcopy(notebook)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
            "language_info": {"file_extension": ".py", "name": "python", "pygments_lexer": "ipython3"},
        }
    )
    seen = Counter()
    count = 0
    for cell in notebook.cells:
        cell.source = "\n".join(line.rstrip() for line in cell.source.split("\n")).strip("\n")
        digest = hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:8]
        seen[digest] += 1
        cell.id = digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"
        cell.metadata = {key: cell.metadata[key] for key in ("slideshow", "tags") if cell.metadata.get(key)}
        if cell.cell_type == "code":
            if _folded(cell):
                cell.metadata["jupyter"] = {"outputs_hidden": True}  # JupyterLab unfolds them when the cell runs
            if cell.execution_count is not None:
                count += 1
                cell.execution_count = count
            cell.outputs = _normal_outputs(cell)
    return notebook


def _folded(cell):
    return FOLDED in cell.metadata.get("tags", [])


def _normal_outputs(cell):
    outputs = []
    for output in cell.outputs:
        before = outputs[-1] if outputs else {}
        if output.output_type == "stream" and before.get("name") == output.name:
            before.text += output.text
            continue
        if "data" in output:
            output.data.pop(VIEW, None)
            output.metadata = {kind: about for kind, about in output.metadata.items() if kind in output.data}
        if output.output_type == "execute_result":
            output.execution_count = cell.execution_count
        outputs.append(output)
    return outputs


def text_of(notebook):
    return nbformat.writes(notebook).rstrip("\n") + "\n"


def problems(notebook):
    """What is wrong with a notebook, one line each."""
    found = []
    if notebook.get("nbformat_minor") != 5 or notebook.metadata != normalise(notebook).metadata:
        found.append("its format or metadata is not normal: make notebooks")
    for number, (cell, normal) in enumerate(zip(notebook.cells, normalise(notebook).cells, strict=True)):
        where = f"cell {number} ({cell.source.strip().split(chr(10))[0][:50]!r})"
        wrong = [] if cell == normal else ["is not normal: make notebooks"]
        wrong += [f"holds {name}" for name, pattern in IN_SOURCE.items() if re.search(pattern, cell.source)]
        if cell.metadata.get("slideshow", {}).get("slide_type") not in SLIDE_TYPES:
            wrong.append("has no slide type")
        wrong += [f"has a tag that nothing knows: {tag!r}" for tag in cell.metadata.get("tags", []) if tag not in TAGS]
        if cell.cell_type == "code":
            wrong += _code_problems(cell)
            wrong += [problem for output in cell.outputs for problem in _output_problems(output)]
        found += [f"{where} {problem}" for problem in wrong]
    return found


def _code_problems(cell):
    if cell.execution_count is None:
        yield "has not been run"
    if _folded(cell) and re.search(r"\d", _first_line(cell)):
        yield f"gives its answer away: JupyterLab shows a folded output's first line, {_first_line(cell)!r}"
    if "nbval-skip" in cell.metadata.get("tags", []) or "NBVAL_SKIP" in cell.source:
        yield "is skipped by nbval"
    if len(cell.source.splitlines()) > MOST_LINES:
        yield f"has more than {MOST_LINES} lines"
    try:
        tree = ast.parse(cell.source)
    except SyntaxError:
        yield "is not plain Python (no %magic, no !shell, no help?)"
    else:
        if any(isinstance(node, ast.ImportFrom) and node.names[0].name == "*" for node in ast.walk(tree)):
            yield "holds a star import"


def _first_line(cell):
    first = cell.outputs[0] if cell.outputs else {}
    text = first.get("text") or first.get("data", {}).get("text/plain", "")
    return text.partition("\n")[0]


def _output_problems(output):
    if output.output_type == "error":
        yield f"shows an error: {output.ename}"
        return
    if output.output_type == "stream" and output.name == "stderr":
        yield "writes to stderr"
    data = {"text/plain": output.text} if output.output_type == "stream" else output.data
    if not data.keys() - {VIEW}:
        yield "shows nothing without a kernel"
    if any("javascript" in kind for kind in data):
        yield "shows a script"
    text = "\n".join(str(data[kind]) for kind in sorted(data) if kind.startswith("text/"))
    for name, pattern in IN_OUTPUT.items():
        if re.search(pattern, text, re.MULTILINE):
            yield f"shows {name}"
    if "image/png" in data and not re.fullmatch(SENTENCE, data.get("text/plain", "").strip()):
        yield "shows a picture without a sentence"


def problems_of_file(path):
    text = path.read_text(encoding="utf-8")
    notebook = nbformat.reads(text, as_version=nbformat.NO_CONVERT)
    found = problems(notebook)
    if not found and text != text_of(normalise(notebook)):
        found = ["the file is not written in the normal way: make notebooks"]
    return found


def run(path):
    """Run all cells in the notebook's own folder; only when none fails is the file replaced."""
    os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"  # a kernel of that name in the user's home is another Python
    from nbclient import NotebookClient

    notebook = nbformat.read(path, as_version=4)
    NotebookClient(
        notebook,
        kernel_name="python3",
        timeout=None,
        store_widget_state=False,
        record_timing=False,
        extra_arguments=["--log-level=ERROR"],  # no advice on encrypting what stays on the loopback address
        resources={"metadata": {"path": path.parent}},
    ).execute()
    beside = path.with_name(f".{path.name}.part")
    beside.write_text(text_of(normalise(notebook)), encoding="utf-8", newline="\n")
    beside.replace(path)


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m tests.hygiene", description=__doc__.partition("\n")[0])
    parser.add_argument("--run", action="store_true", help="run the notebooks and store them in normal form")
    parser.add_argument("notebooks", nargs="*", type=Path, metavar="NOTEBOOK")
    options = parser.parse_args(arguments)
    paths = [path.resolve() for path in options.notebooks] or all_notebooks()
    if not paths:
        sys.exit("notebooks/ holds no notebook")
    found = []
    for path in paths:
        if options.run:
            print(f"runs {path.name}", flush=True)
            try:
                run(path)
            except Exception as error:  # the kernel's own report names the cell; the file is as it was
                sys.exit(f"{path.name} is left as it was:\n" + re.sub(r"\x1b\[[0-9;]*m", "", str(error)))
        found += [f"{path.name}: {problem}" for problem in problems_of_file(path)]
    if found:
        sys.exit("\n".join(found))


if __name__ == "__main__":
    main()
