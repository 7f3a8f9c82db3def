"""Each notebook is in its normal form and shows nothing it should not; and the checker sees what is wrong."""

import re
from pathlib import Path

import nbformat
import pytest
from nbformat import v4

from tests import hygiene

ROOT = Path(__file__).parents[1]
PAGES = [*hygiene.all_notebooks(), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
SENTENCE = "The curve q lies to the left of the posterior: D_KL is 0.41 nats."


def test_there_are_notebooks():
    assert hygiene.all_notebooks()


@pytest.mark.parametrize("path", hygiene.all_notebooks(), ids=lambda path: path.name)
def test_a_notebook_is_clean(path):
    assert hygiene.problems_of_file(path) == []


def links_in(page):
    """The local files that a page's prose links to or shows."""
    text = page.read_text(encoding="utf-8")
    if page.suffix == ".ipynb":
        cells = nbformat.reads(text, as_version=4).cells
        text = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    text = re.sub(r"(?s)```.*?```|`[^`\n]*`", "", text)  # code shows links, it does not follow them
    targets = re.findall(r"\]\(<?([^)\s>]+)", text) + re.findall(r"""(?:href|src)=["']([^"']+)""", text)
    return [t.partition("#")[0] for t in targets if not re.match(r"#|[a-z]+:", t)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_local_link_leads_somewhere(page):
    assert [link for link in links_in(page) if not (page.parent / link).exists()] == []


def test_links_are_found(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("[a](b.md#c) ![d](e.png 'f') <img src='g.png'> [h](https://i) [j](#k) `[l](m)`")
    assert links_in(page) == ["b.md", "e.png", "g.png"]


# ---- the checker, checked ----


def code(source="1 + 1", *outputs, count=1, **metadata):
    metadata = {"slideshow": {"slide_type": "slide"}, **metadata}
    return v4.new_code_cell(source, outputs=list(outputs), execution_count=count, metadata=metadata)


def shown(**data):
    return v4.new_output("display_data", data={k.replace("_", "/", 1): v for k, v in data.items()})


def printed(text, name="stdout"):
    return v4.new_output("stream", name=name, text=text)


def page(*cells):
    return v4.new_notebook(cells=list(cells))


def test_a_clean_notebook_has_no_problem():
    prose = v4.new_markdown_cell("# Title\n\nSee 3/4 of it.", metadata={"slideshow": {"slide_type": "slide"}})
    picture = shown(image_png=PIXEL, text_plain=SENTENCE)
    notebook = page(prose, code("x = 7 % 3", picture, printed("a line\n")), code("print(x)", count=2))
    assert hygiene.problems(hygiene.normalise(notebook)) == []


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        (code(metadata={}, slideshow={}), "has no slide type"),
        (code(count=None), "has not been run"),
        (code("\n".join(f"x = {n}" for n in range(16))), "has more than 15 lines"),
        (code("from torch import *"), "holds a star import"),
        (code("%matplotlib inline"), "is not plain Python"),
        (code("x = 1\n!pip install torch"), "is not plain Python"),
        (code("%%time\nx = 1"), "is not plain Python"),
        (code("print?"), "is not plain Python"),
        (code("get_ipython().run_line_magic('time', '')"), "the kernel's own shell"),
        (code("open('/home/ada/x')"), "holds an absolute path"),
        (code("open(r'C:\\Users\\ada')"), "holds an absolute path"),
        (code("1", tags=["nbval-skip"]), "is skipped by nbval"),
        (code("1", tags=["back-stage"]), "has a tag that nothing knows: 'back-stage'"),
        (code("1", v4.new_output("error", ename="KeyError", evalue="x", traceback=[])), "an error: KeyError"),
        (code("1", printed("oh", "stderr")), "writes to stderr"),
        (code("1", printed("UserWarning: beware")), "shows a warning"),
        (code("1", printed("in /tmp/x")), "shows an absolute path"),
        (code("1", shown(text_plain="<Figure size 640x480 with 1 Axes>")), "shows a bare object"),
        (code("1", shown(text_plain="<function f at 0x7f00>")), "shows a bare object"),
        (code("1", printed("<object object at 0x7f00>")), "shows a bare object"),
        (code("1", shown(text_plain="VBox(children=(IntSlider(value=0),))")), "shows a bare object"),
        (code("1", shown(text_html="<script>alert()</script>", text_plain="x")), "shows a script"),
        (code("1", shown(application_javascript="alert()")), "shows a script"),
        (code("1", shown(image_png=PIXEL)), "a picture without a sentence"),
        (code("1", shown(image_png=PIXEL, text_plain="A plot.")), "a picture without a sentence"),
        (code("1", shown(image_png=PIXEL, text_plain=SENTENCE[:-1])), "a picture without a sentence"),
        (code("1", v4.new_output("display_data", data={hygiene.VIEW: {"model_id": "1"}})), "shows nothing"),
        (code("1", printed("so it is 42"), tags=["predict"]), "gives its answer away"),
        (code("1", shown(text_plain="a 7", image_png=PIXEL), tags=["predict"]), "gives its answer away"),
    ],
)
def test_a_problem_is_seen(cell, problem):
    found = hygiene.problems(hygiene.normalise(page(cell)))
    assert any(problem in line for line in found), found
    assert all(line.startswith("cell 0 (") for line in found)


UNTIDY = {
    "id": lambda cell: cell.update(id="mine"),
    "count": lambda cell: cell.update(execution_count=7),
    "space": lambda cell: cell.update(source="1 + 1  "),
    "metadata": lambda cell: cell.metadata.update(collapsed=True),
    "view": lambda cell: cell.outputs[0].data.update({hygiene.VIEW: {"model_id": "1"}}),
    "streams": lambda cell: cell.outputs.extend([printed("a"), printed("b")]),
}


@pytest.mark.parametrize("change", UNTIDY.values(), ids=UNTIDY.keys())
def test_what_is_not_normal_is_seen_and_mended(change):
    normal = hygiene.normalise(page(code("1 + 1", shown(text_plain="2", text_html="<b>2</b>"))))
    notebook = hygiene.normalise(normal)
    assert notebook == normal
    change(notebook.cells[0])
    assert any("is not normal" in line for line in hygiene.problems(notebook))
    mended = hygiene.normalise(notebook)
    assert hygiene.problems(mended) == []
    assert hygiene.normalise(mended) == mended


def test_what_was_to_be_predicted_is_stored_folded():
    notebook = hygiene.normalise(page(code("1", printed("so it is:\n42"), tags=["predict"]), code("2")))
    assert [cell.metadata.get("jupyter") for cell in notebook.cells] == [{"outputs_hidden": True}, None]
    assert hygiene.problems(notebook) == []


def test_metadata_of_the_notebook_is_normal_or_reported():
    notebook = hygiene.normalise(page())
    notebook.metadata["widgets"] = {}
    assert "metadata" in hygiene.problems(notebook)[0]
    assert hygiene.normalise(notebook).metadata.keys() == {"kernelspec", "language_info"}


def test_ids_are_unique_and_depend_on_the_source_alone():
    ids = [cell.id for cell in hygiene.normalise(page(code("a"), code("b"), code("a"))).cells]
    assert len(set(ids)) == 3
    assert ids[1] == hygiene.normalise(page(code("b"))).cells[0].id


def test_the_words_of_a_picture_survive():
    output = shown(image_png=PIXEL)
    output.metadata = {"image/png": {"alt": SENTENCE}}
    kept = hygiene.normalise(page(code("1", output))).cells[0].outputs[0]
    assert kept.metadata["image/png"]["alt"] == SENTENCE


def test_run_executes_and_stores_the_normal_form(tmp_path):
    path = tmp_path / "00_x.ipynb"
    shows = "from IPython.display import display\nprint('a'); print('b')\ndisplay({'x': 1})"
    nbformat.write(page(code("x = 20 + 1", count=None), code(shows, count=9)), path)
    hygiene.main(["--run", str(path)])
    notebook = nbformat.read(path, as_version=4)
    assert [cell.execution_count for cell in notebook.cells] == [1, 2]
    assert [output.output_type for output in notebook.cells[1].outputs] == ["stream", "display_data"]
    assert hygiene.problems_of_file(path) == []
    assert list(tmp_path.iterdir()) == [path]


def test_run_names_the_error_and_leaves_the_file(tmp_path):
    path = tmp_path / "00_x.ipynb"
    nbformat.write(page(code("x = 0", count=None), code("1 / x", count=None)), path)
    before = path.read_bytes()
    with pytest.raises(SystemExit, match=r"(?s)left as it was.*1 / x.*ZeroDivisionError"):
        hygiene.main(["--run", str(path)])
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_the_command_fails_on_a_bad_file(tmp_path):
    path = tmp_path / "00_x.ipynb"
    path.write_text(hygiene.text_of(hygiene.normalise(page(code("from torch import *")))), encoding="utf-8")
    with pytest.raises(SystemExit, match=r"00_x.ipynb: cell 0 \('from torch import \*'\) holds a star"):
        hygiene.main([str(path)])
    path.write_text(hygiene.text_of(hygiene.normalise(page(code()))).replace("\n ", "\n  "), encoding="utf-8")
    with pytest.raises(SystemExit, match="not written in the normal way"):
        hygiene.main([str(path)])
