"""What makes the site, part by part; tests/site/pages.py reads what it made in a browser."""

import base64
import gzip
import hashlib
import io
import json
import re
import subprocess
import tarfile
from types import SimpleNamespace

import nbformat
import pytest
from nbformat import v4

from publish import baking, packs, page, printed, prose
from publish import site as building
from tests import hygiene

PROLOGUE = "import torch\nfrom vae_helpers.maths import toy\nfrom vae_helpers.widgets import elbo\n"
CLIMB = "model = toy.ToyModel('fold', 0.3)\nelbo.climb(model, 1.0, [(0.1, 0.5), (1, 0.5)])"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A small page: its folder, its text, and the state of its widgets."""
    folder = tmp_path_factory.mktemp("site")
    cells = [
        v4.new_markdown_cell("# 99 · A page\n\n$a_b$ then *b_c*, and [04](04_the_elbo.ipynb#x)\n\n## Where *p* is"),
        v4.new_code_cell(PROLOGUE + CLIMB),
        v4.new_code_cell("elbo.level(model, 1.0)", metadata={"tags": ["product"]}),
        v4.new_code_cell("print('<b>& 3 < 4')", metadata={"jupyter": {"outputs_hidden": True}}),
        v4.new_markdown_cell("for the presenter", metadata={"slideshow": {"slide_type": "notes"}}),
        v4.new_code_cell("from vae_helpers.exercises import check\ncheck.gaussian_kl(...)"),
    ]
    path = folder / "99_a_page.ipynb"
    nbformat.write(v4.new_notebook(cells=cells), path)
    page.write(page.run(path), path, folder, title="99 A page", licence="", previous=None, next=None)
    state = json.loads(gzip.decompress((folder / "99_a_page" / "state.json.gz").read_bytes()))
    return SimpleNamespace(folder=folder, text=(folder / "99_a_page.html").read_text(encoding="utf-8"), state=state)


def books(state):
    """The flipbooks of a state."""
    return [about["state"] for about in state["state"].values() if "overlays" in json.dumps(about.get("buffers", ""))]


def test_a_page_is_what_the_notebook_says(made):
    assert "<h1" in made.text
    assert '<h2 id="where-p-is">Where <em>p</em> is</h2>' in made.text
    assert '<a href="#where-p-is">Where <em>p</em> is</a>' in made.text  # its contents
    assert "$a_b$ then <em>b_c</em>" in made.text  # no star and no underscore of a formula is Markdown
    assert 'href="04_the_elbo.html#x"' in made.text
    assert "for the presenter" not in made.text
    assert "publish" not in made.text  # nor is what was run beside its cells
    assert "&lt;b&gt;&amp; 3 &lt; 4" in made.text
    assert made.text.count('<details class="folded">') == 1


def test_what_needs_a_kernel_says_so(made):
    assert made.text.count("This cell needs a running kernel") == 1
    assert made.text.index("gaussian_kl") < made.text.index("This cell needs a running kernel")


def test_an_explorer_is_baked_and_a_product_where_its_cell_says_so(made):
    alone, product = sorted(books(made.state), key=lambda book: book["together"])
    assert [len(values) for values in alone["stops"]] == [2, 21]
    assert [len(values) for values in product["stops"]] == [11, 11]
    assert made.text.count("data-model=") == 2
    for book in (alone, product):
        assert book["says"][book["frame"]] in made.text  # the still's alt text


def test_the_state_holds_what_is_shown_and_its_links_and_nothing_else(made):
    models = made.state["state"]
    named = {name for model in models.values() for name in page._named(model)}
    shown = [name for name in models if f'data-model="{name}"' in made.text]
    assert named <= set(models)
    assert len(shown) == 2
    links = [model for model in models.values() if "LinkModel" in model["model_name"]]
    assert len(links) == 4  # a slider each
    assert set(models) == named | set(shown) | {name for name, model in models.items() if model in links}
    assert not any("png" in model["state"] for model in models.values())  # of the explorers that were baked


def test_headings_of_one_name_have_anchors_of_their_own():
    found = prose.markdown("## Again\n\n### Again\n\n## $p$ *and* q\n")
    assert [anchor for anchor in ("again", "again-2", "p-and-q") if f'id="{anchor}"' not in found] == []


def test_a_slides_smaller_headline_skips_no_level_of_the_page():
    found = prose.markdown("# One\n\n### Two\n\n### Three\n\n## Four\n\n### Five\n")
    assert re.findall(r"<h(\d)", found) == ["1", "2", "3", "2", "3"]


def test_punctuation_stays_with_a_short_formula():
    found = prose.markdown("Of $x$, ($z$) and `$y$,` and $q_\\phi(z|x)$. Not $a$ alone.\n\n$$b$$,")
    kept = re.findall(r'<span class="together">(.*?)</span>', found)
    assert kept == ["$x$,", "($z$)", r"$q_\phi(z|x)$."]
    assert "together" not in prose.markdown(f"${'x + ' * 20}y$.")


def test_a_cell_of_a_table_is_as_wide_as_it_can_be_read():
    found = prose.markdown("| a | b |\n| --- | --- |\n| 60 000 | a sentence that goes on and on, as some do |")
    assert '<td class="short">60 000</td>' in found
    assert '<td class="sentence">a sentence' in found


def stream(text, name="stdout"):
    return v4.new_output("stream", name=name, text=text)


def test_what_was_printed_in_one_breath_is_one_box():
    found = printed.joined([stream("a"), stream("b\n"), stream("c", "stderr"), stream("d"), stream("e")])
    assert [output.text for output in found] == ["ab\n", "c", "de"]


def test_sentences_wrap_and_columns_do_not():
    assert printed.html("✓ true\nx   1\n") == '<span class="said">✓ true\n</span>x   1\n'


LEAK = ["import ipywidgets\nbox = ipywidgets.IntText(1)\nbox", "box.value = 2"]


@pytest.mark.parametrize(("cells", "leaks"), [(LEAK, True), ([*LEAK, "box"], False), (LEAK[:1], False)])
def test_a_widget_shows_in_the_end_what_the_text_beside_it_says(cells, leaks, tmp_path):
    path = tmp_path / "98_leaks.ipynb"
    nbformat.write(v4.new_notebook(cells=[v4.new_code_cell(cell) for cell in cells]), path)
    if leaks:
        with pytest.raises(
            RuntimeError, match=r"98_leaks\.ipynb: a later cell has changed IntTextModel\.value of what"
        ):
            page.run(path)
    else:
        page.run(path)


def test_a_page_without_widgets_has_an_empty_state():
    assert page.state_of(v4.new_notebook(cells=[v4.new_code_cell("1")]))["state"] == {}


def test_bytes_that_are_equal_are_stored_once():
    def model(*data):
        return {"buffers": [{"path": ["x"], "data": each} for each in data]}

    found = page._bytes_once({"version": 2, "state": {"one": model("AA", "BB"), "two": model("BB"), "three": {}}})
    assert found["buffers"] == ["AA", "BB"]
    assert [each["data"] for each in found["state"]["one"]["buffers"]] == [0, 1]
    assert found["state"]["two"]["buffers"][0]["data"] == 1
    assert found["version"] == 2


def test_a_page_has_one_product_at_most():
    for path in hygiene.all_notebooks():
        cells = nbformat.read(path, as_version=4).cells
        assert sum(baking.PRODUCT in cell.metadata.get("tags", ()) for cell in cells) <= 1, path.name


def test_readme_lists_every_notebook():
    rows = building.rows((building.ROOT / "README.md").read_text(encoding="utf-8"))
    assert [row.name for row in rows] == [path.stem for path in hygiene.all_notebooks()]
    assert rows[0].minutes == "15 minutes to read"
    assert rows[3].title == "03 The KL divergence"
    assert "with the exercises" in rows[3].minutes


def test_index(tmp_path):
    (tmp_path / "static").mkdir()
    readme = (building.ROOT / "README.md").read_text(encoding="utf-8")
    building._index(tmp_path, readme, building.rows(readme))
    text = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert text.count('<span class="number">') == len(hygiene.all_notebooks())
    assert 'alt="Left, 1500 handwritten test digits' in text


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package in a cache, as npm packs it, and what is known of it."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as tar:
        for name in ("package/dist/a.js", "package/fonts/one.woff", "package/fonts/two.woff", "package/fontsize.js"):
            info = tarfile.TarInfo(name)
            info.size = len(name)
            tar.addfile(info, io.BytesIO(name.encode()))
    (tmp_path / "scope-some-1.0.tgz").write_bytes(data.getvalue())
    sha512 = base64.b64encode(hashlib.sha512(data.getvalue()).digest()).decode()
    return {"version": "1.0", "sha512": sha512, "files": {"dist/a.js": "static/b.js", "fonts/": "static/f/"}}


def test_a_package_brings_the_files_that_are_listed(package, tmp_path, monkeypatch):
    monkeypatch.setattr(packs, "listed", lambda: {"@scope/some": package})
    monkeypatch.setattr(packs, "archive", lambda name, about, archive=packs.archive: archive(name, about, tmp_path))
    packs.put(["@scope/some"], tmp_path / "out")
    files = sorted(path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*.*"))
    assert files == ["static/b.js", "static/f/one.woff", "static/f/two.woff"]
    assert (tmp_path / "out" / "static" / "b.js").read_text() == "package/dist/a.js"


def test_a_package_that_is_not_the_one_listed_is_not_used(package, tmp_path):
    with pytest.raises(RuntimeError, match=r"@scope/some 1\.0: what came has sha512 .*, not the one in packs\.toml"):
        packs.archive("@scope/some", package | {"sha512": "another"}, tmp_path)
    assert list(tmp_path.glob("*.tgz")) == []


def test_without_npm_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RuntimeError, match=r"some@1\.0 is fetched by npm, which is not installed: install Node\.js"):
        packs.archive("some", {"version": "1.0", "sha512": ""}, tmp_path / "cache")


def test_what_npm_says_is_passed_on(tmp_path, monkeypatch):
    monkeypatch.setattr(packs.shutil, "which", lambda name: name)
    failed = subprocess.CompletedProcess([], 1, stdout="", stderr="404 not found\n")
    monkeypatch.setattr(packs.subprocess, "run", lambda *_, **__: failed)
    with pytest.raises(RuntimeError, match=r"npm can't fetch some@1\.0: 404 not found"):
        packs.archive("some", {"version": "1.0", "sha512": ""}, tmp_path / "cache")
