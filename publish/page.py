"""A notebook as a page of the site: run once more, its widgets made to live without a kernel, its state in a file."""

import base64
import gzip
import io
import json
import os
import re
from pathlib import Path

import jinja2
import nbformat
from markupsafe import Markup
from nbclient import NotebookClient
from nbconvert.filters import Highlight2HTML
from PIL import Image

from publish import baking, printed, steady
from publish.prose import Renderer, markdown

ROOT = Path(__file__).parents[1]
TEMPLATES = Path(__file__).with_name("templates")
VIEW = "application/vnd.jupyter.widget-view+json"
STATE = "application/vnd.jupyter.widget-state+json"
NEEDS_KERNEL = re.compile(r"\bcheck\.\w+\(|\bhint\(")
WIDE = 700  # a picture this wide keeps a width at which it can be read, and scrolls in a narrow window


def run(path: Path) -> nbformat.NotebookNode:
    """The notebook with the outputs of a kernel in which `baking` is at work, and the state of its widgets.

    Raises RuntimeError where a later cell changes what an earlier one shows: the text beside it speaks of what it was.
    """
    notebook = nbformat.read(path, as_version=4)
    cells = []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            product = baking.PRODUCT in cell.metadata.get("tags", ())
            hidden = nbformat.v4.new_code_cell(f"from publish import baking; baking.begin({product})")
            cells.append(hidden)
        cells.append(cell)
    wanted, notebook.cells = notebook.cells, cells
    env = os.environ | {"PYTHONPATH": str(ROOT), "JUPYTER_PREFER_ENV_PATH": "1", "OMP_NUM_THREADS": "1"}
    client = NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(path.parent)}})
    watch = steady.Watch(client)
    client.on_cell_executed = watch.cell
    client.execute(env=env)
    if moved := watch.moved():
        raise RuntimeError(f"{path.name}: {moved[0]}")
    notebook.cells = wanted
    return notebook


def state_of(notebook) -> dict:
    """The state of the widgets that the page shows, and of the links between them."""
    whole = _whole_state(notebook)
    models, wanted = whole["state"], set()
    waiting = [output.data[VIEW]["model_id"] for output in _outputs(notebook) if VIEW in output.get("data", {})]
    while waiting:
        if (model := waiting.pop()) not in wanted:
            wanted.add(model)
            waiting += _named(models[model])
    links = {name for name, about in models.items() if "LinkModel" in about["model_name"]}
    wanted |= {name for name in links if wanted >= set(_named(models[name]))}
    return {**whole, "state": {name: about for name, about in models.items() if name in wanted}}


def _whole_state(notebook) -> dict:
    """The state of all widgets that were made; of a page without any, none."""
    none = {"version_major": 2, "version_minor": 0, "state": {}}
    return notebook.metadata.get("widgets", {}).get(STATE, none)


def _bytes_once(state: dict) -> dict:
    """The same with each of its buffers once, in a list: two pads may hold one decoder. site.js puts them back."""
    known: dict[str, int] = {}
    for model in state["state"].values():
        for buffer in model.get("buffers", ()):
            buffer["data"] = known.setdefault(buffer["data"], len(known))
    return {**state, "buffers": list(known)}


def _named(model: dict) -> list[str]:
    """The models that a model names in its state."""
    return re.findall(r"IPY_MODEL_(\w+)", json.dumps(model["state"]))


def _outputs(notebook):
    return (output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs)


def write(notebook, path: Path, site: Path, **about) -> None:
    """The page of a notebook that has run, with its pictures and its widgets' state, into `site`.

    `about` is what the template says of the page and of those beside it.
    """
    name, models = path.stem, _whole_state(notebook)["state"]
    pictures = site / name
    pictures.mkdir(parents=True, exist_ok=True)
    for output in _outputs(notebook):
        if "still" in output.get("metadata", {}):
            _finish(output, models)
    state = state_of(notebook)
    (pictures / "state.json.gz").write_bytes(gzip.compress(json.dumps(_bytes_once(state)).encode(), mtime=0))
    renderer = Renderer()
    cells = [_cell(cell, number, renderer, pictures) for number, cell in enumerate(notebook.cells)]
    text = templates().get_template("page.html").render(
        cells=[cell for cell in cells if cell], headings=renderer.headings,
        name=name, lives=bool(state["state"]), **about,
    )  # fmt: skip
    (site / f"{name}.html").write_text(text, encoding="utf-8")


def _finish(output, models: dict) -> None:
    """The last picture of a view that a kernel drew in, and its sentence."""
    view = models[output.metadata["still"]]
    png = next(buffer["data"] for buffer in view["buffers"] if buffer["path"] == ["png"])
    output.data = {"image/png": png}
    about = {"alt": view["state"]["says"], "width": view["state"]["width"], "buttons": "Stop and Resume"}
    output.metadata = {"image/png": about}


def templates() -> jinja2.Environment:
    return jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True)


def _cell(cell, number: int, renderer: Renderer, pictures: Path) -> dict | None:
    """What the template shows of a cell; None of one that is the presenter's."""
    if cell.metadata.get("slideshow", {}).get("slide_type") == "notes":
        return None
    if cell.cell_type == "markdown":
        return {"kind": "markdown", "html": markdown(cell.source, renderer)}
    return {
        "kind": "code",
        "html": Markup(Highlight2HTML()(cell.source)),
        "folded": cell.metadata.get("jupyter", {}).get("outputs_hidden", False),
        "needs_kernel": bool(NEEDS_KERNEL.search(cell.source)),
        "outputs": list(_shown(cell.outputs, number, renderer, pictures)),
    }


def _shown(outputs, number: int, renderer: Renderer, pictures: Path):
    """The outputs of a cell, each as what is richest in it; a caption that only repeats an alt text goes with it."""
    captions = set()
    for k, output in enumerate(printed.joined(outputs)):
        data, about = output.get("data", {}), output.get("metadata", {})
        if output.output_type == "stream":
            yield {"kind": "text", "text": printed.html(output.text)}
        elif VIEW in data or "image/png" in data:
            shown = {"kind": "picture", "model": data.get(VIEW, {}).get("model_id")}
            if "image/png" in data:
                path = pictures / f"{number}-{k}.webp"
                Image.open(io.BytesIO(base64.b64decode(data["image/png"]))).save(path, lossless=True, method=4)
                shown |= about.get("image/png", {}) | {"src": f"{pictures.name}/{path.name}"}
                shown["wide"] = shown.get("width", 0) >= WIDE
                captions.add(f"<em>{shown.get('alt')}</em>")
            elif "text/markdown" in data:
                shown["html"] = markdown(data["text/markdown"], renderer)
            yield shown
        elif "text/html" in data:
            if data["text/html"] not in captions:
                yield {"kind": "html", "html": Markup(data["text/html"])}
        elif "text/markdown" in data:
            yield {"kind": "html", "html": markdown(data["text/markdown"], renderer)}
        else:
            yield {"kind": "text", "text": printed.html(data["text/plain"])}
