"""Who imports whom in vae_helpers, read from the source without importing it."""

import ast
import graphlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# The table of the house: a floor may import itself, page, png, and these. The package itself ("") does no work.
FLOORS = {
    "": set(),
    "page": set(),
    "png": set(),
    "maths": set(),
    "learning": {"maths"},
    "figures": set(),
    "widgets": {"maths", "learning", "figures"},
    "exercises": {"maths", "learning", "figures", "widgets"},
}
MOST_LINES = 250
BANNED = ("pickle", "dill", "joblib", "torch.load", "matplotlib.pyplot", "matplotlib.pylab", "pylab")


def floor_of(module):
    return module.partition(".")[2].partition(".")[0]


def faults(imports):
    """What is wrong in {module: the modules it imports}; our modules are those that are keys."""
    found = []
    for module, targets in imports.items():
        floor = floor_of(module)
        if floor not in FLOORS:
            found.append(f"{module} lives on no floor of the table")
            continue
        for target in sorted(targets):
            ours = target.split(".")[0] == "vae_helpers"
            if ours and floor_of(target) not in FLOORS[floor] | {floor, "page", "png"}:
                found.append(f"{module} may not import {target}")
            if target.split(".")[0] == "matplotlib" and floor != "figures":
                found.append(f"{module} may not import {target}: figures alone knows matplotlib")
            if any(target == name or target.startswith(f"{name}.") for name in BANNED):
                found.append(f"{module} may not use {target}")
            if target.endswith(".*"):
                found.append(f"{module} has a star import: {target}")
    try:
        graphlib.TopologicalSorter({m: t & imports.keys() - {m} for m, t in imports.items()}).prepare()
    except graphlib.CycleError as error:
        found.append("a circle: " + " → ".join(error.args[1]))
    return found


def imports_of(tree, module, is_package, ours):
    """All that a module imports, wherever in it, and each dotted name of it such as torch.load."""
    package = module.split(".") if is_package else module.split(".")[:-1]
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            source = ".".join(base + ([node.module] if node.module else []))
            for alias in node.names:
                # Of our own, `from package import name` means the module of that name if there is one.
                name = f"{source}.{alias.name}"
                found.add(source if source in ours and name not in ours and alias.name != "*" else name)
        elif isinstance(node, ast.Attribute) and ast.unparse(node) in BANNED:
            found.add(ast.unparse(node))
    return found


def name_of(path):
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


FILES = sorted((ROOT / "vae_helpers").rglob("*.py"))
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in FILES}


def test_the_house_keeps_to_the_table():
    ours = {name_of(path) for path in FILES}
    assert {"vae_helpers", "vae_helpers.page"} <= ours
    names = {name_of(path): path for path in FILES}
    assert faults({m: imports_of(TREES[p], m, p.name == "__init__.py", ours) for m, p in names.items()}) == []


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_module_is_short(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES


def work_in(tree):
    """The statements of an __init__.py that do more than name what is there."""
    names = [n for n in tree.body if isinstance(n, ast.Assign) and ast.unparse(n.targets[0]) == "__all__"]
    docstring = tree.body[:1] if ast.get_docstring(tree) is not None else []
    imports = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    return [ast.unparse(node) for node in tree.body if node not in names + docstring + imports]


@pytest.mark.parametrize("path", [path for path in FILES if path.name == "__init__.py"], ids=name_of)
def test_an_init_does_no_work(path):
    assert work_in(TREES[path]) == []


# ---- and each of these can fail ----


@pytest.mark.parametrize(
    ("source", "module", "fault"),
    [
        ("import vae_helpers.learning.data", "vae_helpers.maths.toy", "may not import vae_helpers.learning"),
        ("from ..maths import gaussian", "vae_helpers.figures.kl", "may not import vae_helpers.maths"),
        ("from ..widgets.pad import Pad", "vae_helpers.learning.data", "may not import vae_helpers.widgets"),
        ("from .maths import gaussian", "vae_helpers.page", "may not import vae_helpers.maths.gaussian"),
        ("def f():\n    import matplotlib.figure", "vae_helpers.widgets.pad", "alone knows matplotlib"),
        ("from matplotlib import pyplot", "vae_helpers.figures.kl", "may not use matplotlib.pyplot"),
        ("import matplotlib.pyplot as plt", "vae_helpers.figures.kl", "may not use matplotlib.pyplot"),
        ("import torch\ntorch.load('x')", "vae_helpers.learning.weights", "may not use torch.load"),
        ("from torch import load", "vae_helpers.learning.weights", "may not use torch.load"),
        ("import pickle", "vae_helpers.learning.weights", "may not use pickle"),
        ("from .gaussian import *", "vae_helpers.maths.toy", "star import"),
        ("from . import gaussian", "vae_helpers.cellar.wine", "lives on no floor"),
        ("from .toy import f", "vae_helpers.maths.gaussian", "a circle"),
    ],
)
def test_a_fault_is_seen(source, module, fault):
    ours = {"vae_helpers.maths.gaussian", "vae_helpers.maths.toy", "vae_helpers.widgets.pad", module}
    imports = {"vae_helpers.maths.toy": {"vae_helpers.maths.gaussian"}}
    imports[module] = imports_of(ast.parse(source), module, False, ours)
    assert any(fault in line for line in faults(imports))


def test_what_is_allowed_is_no_fault():
    ours = {"vae_helpers.maths", "vae_helpers.maths.gaussian", "vae_helpers.maths.toy", "vae_helpers.page"}
    source = "import torch\nfrom vae_helpers.maths import gaussian\nfrom ..page import claim\ntorch.tensor(1)"
    found = imports_of(ast.parse(source), "vae_helpers.maths.toy", False, ours)
    assert found == {"torch", "vae_helpers.maths.gaussian", "vae_helpers.page"}
    assert faults({"vae_helpers.maths.toy": found, "vae_helpers.maths.gaussian": {"torch"}}) == []


def test_work_in_an_init_is_seen():
    assert work_in(ast.parse('"""What."""\nfrom . import a\n__all__ = ["a"]\nprint(1)')) == ["print(1)"]
