"""The exercises as the pages pose them: stubs like their references, minutes that add up, an answer for each choice."""

import ast
import inspect
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from tests import hygiene, solved
from vae_helpers.exercises import check
from vae_helpers.exercises.exercise import Exercise

PAGES = [path for path in hygiene.all_notebooks() if not path.name.startswith("00")]
per_page = pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name[:2])
HEADING = r"^### (\d) · (.+) · (\d+) min$"


def page(path):
    return nbformat.read(path, as_version=4)


def test_every_exercise_stands_in_one_page_in_the_order_of_the_checks():
    posed = [exercise.name for path in PAGES for _, exercise in solved.exercises_in(page(path))]
    assert posed == check.__all__


def test_readme_counts_them():
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    assert f"end with exercises, {len(check.__all__)} in all" in readme


@per_page
def test_a_page_has_three_to_five_and_their_minutes_add_up(path):
    cells = page(path).cells
    headings = [re.match(HEADING, cell.source, re.MULTILINE) for cell in cells]
    found = [heading for heading in headings if heading]
    assert 3 <= len(found) <= 5
    assert [int(heading[1]) for heading in found] == list(range(1, len(found) + 1))
    assert len(list(solved.exercises_in(page(path)))) == len(found)
    assert "o think about" in found[-1][2]
    total = sum(int(heading[3]) for heading in found)
    (intro,) = [cell.source for cell in cells if cell.source.startswith("## Your turn")]
    assert f"{total} min" in intro
    minutes = [int(n) for n in re.findall(r"(\d+) (?:min|with)", cells[0].source)]
    assert len(minutes) == 3
    assert minutes[2] == minutes[1] + total


@per_page
def test_a_stub_is_the_reference_without_its_lines(path):
    for cell, exercise in solved.exercises_in(page(path)):
        stub = solved.stub_in(cell.source)
        if isinstance(exercise, Exercise):
            (function,) = stub
            reference = ast.parse(inspect.getsource(exercise.reference)).body[0]
            assert function.name == f"my_{exercise.name}"
            assert ast.unparse(function.args) == ast.unparse(reference.args)
            assert ast.get_docstring(function) == ast.get_docstring(reference)
            assert [ast.unparse(line) for line in function.body[1:]] == ["..."]
            assert solved.CHECKED.search(cell.source)[2] == function.name
        elif isinstance(stub[0], ast.FunctionDef):
            (function,) = stub
            assert (function.name,) == exercise.names
            assert ast.unparse(function.body[-1]) == "..."
        else:
            assert [ast.unparse(line) for line in stub] == [f"{name} = ..." for name in exercise.names]
            assert solved.CHECKED.search(cell.source)[2] == ", ".join(exercise.names)


@per_page
def test_untouched_it_says_so_and_what_to_do_first(path):
    for cell, exercise in solved.exercises_in(page(path)):
        (output,) = cell.outputs
        assert output.data["text/plain"] == f"○ {exercise.name}: not attempted yet.\n  {exercise.first}"


@per_page
def test_with_the_references_in_their_places_every_check_is_green(path, capsys):
    """The cells of the section alone, as the page runs them: the answers need no more than it imports there."""
    notebook = page(path)
    start = next(i for i, cell in enumerate(notebook.cells) if cell.source.startswith("## Your turn"))
    imports = next(cell.source for cell in notebook.cells[start:] if cell.cell_type == "code")
    names = {}
    exec(imports, names)
    for cell, exercise in solved.exercises_in(notebook):
        exec(compile(solved.solved(cell.source, exercise), f"<{exercise.name}>", "exec"), names)
        assert capsys.readouterr().out.startswith(f"✓ {exercise.name}: solved.")


@pytest.mark.long
def test_solved_pages_pass_as_the_untouched_ones_do(tmp_path):
    """All of it as a learner's copy in the end, under nbval: every check is green, and nothing else has changed."""
    root = Path(__file__).parents[1]
    subprocess.run([sys.executable, "-m", "tests.solved", str(tmp_path)], cwd=root, check=True)
    pages = sorted(tmp_path.glob("*.ipynb"))
    assert len(pages) == len(PAGES)
    for path in pages:
        for cell, exercise in solved.exercises_in(page(path)):
            assert cell.outputs[0].data["text/plain"].startswith(f"✓ {exercise.name}: solved."), path.name
    nbval = ["-m", "pytest", "-q", "-c", "pyproject.toml", "-p", "tests.conftest", "--nbval", "--nbval-current-env"]
    subprocess.run([sys.executable, *nbval, *map(str, pages)], cwd=root, check=True)


# ---- the closing questions ----

CHOICES = r"^- \*\*([a-d])\*\* \S"


def questions(path):
    """[(choices, answered)] of the closing questions: the letters offered, and those spoken of in the folded answer."""
    text = "\n\n".join(cell.source for cell in page(path).cells if cell.cell_type == "markdown")
    text = text.partition("## Three questions")[2].partition("**Next")[0]
    parts = re.split(r"^\*\*[123]\.\*\* ", text, flags=re.MULTILINE)[1:]
    folded = [re.search(r"(?s)<details><summary>Answer</summary>(.+?)</details>", part) for part in parts]
    return [
        (re.findall(CHOICES, part, re.MULTILINE), re.findall(r"<b>([a-d])</b>: (\w+)", answer[1]))
        for part, answer in zip(parts, folded, strict=True)
    ]


@per_page
def test_three_closing_questions_answer_each_of_their_choices(path):
    found = questions(path)
    assert len(found) == 3
    for choices, answered in found:
        assert choices == list("abcd"[: len(choices)])
        assert len(choices) >= 3
        assert [letter for letter, _ in answered] == choices
        assert [word for _, word in answered].count("yes") == 1


def test_the_right_choice_is_not_always_the_same_letter():
    right = [letter for path in PAGES for _, answered in questions(path) for letter, word in answered if word == "yes"]
    assert max(right.count(letter) for letter in "abcd") <= len(right) / 2
