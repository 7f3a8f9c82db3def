"""environment.yml, constraints.txt and pyproject.toml say the same."""

import tomllib
from pathlib import Path

import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
# The others are called the same.
CONDA_NAMES = {"torch": "pytorch-cpu", "matplotlib": "matplotlib-base", "isal": "python-isal"}


def ranges(lines):
    requirements = [Requirement(line) for line in lines]
    return {canonicalize_name(r.name): r.specifier for r in requirements}


def conda():
    listed = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    return [x for x in listed if isinstance(x, str)], [x for x in listed if isinstance(x, dict)]


def test_conda_gets_what_pip_gets():
    wanted = {CONDA_NAMES.get(name, name): spec for name, spec in ranges(PROJECT["dependencies"]).items()}
    plain, by_pip = conda()
    got = ranges(line for line in plain if not line.startswith("python="))
    assert got.pop("pip") == SpecifierSet()
    assert got == wanted
    assert by_pip == [{"pip": ["-e ."]}]


def test_the_python_of_conda_is_one_of_ours():
    (version,) = [line.removeprefix("python=") for line in conda()[0] if line.startswith("python=")]
    assert version in SpecifierSet(PROJECT["requires-python"])


def test_every_dependency_is_pinned_within_its_range():
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    pins = ranges(line for line in text.splitlines() if not line.startswith("#"))
    optional = PROJECT["optional-dependencies"]
    direct = ranges(PROJECT["dependencies"] + optional["test"] + optional["bench"])
    assert direct.keys() <= pins.keys()
    for name, pin in pins.items():
        (exact,) = pin
        assert exact.operator == "==", name
        assert "+" not in exact.version, f"{name}: a local build exists on one index only"
        assert exact.version in direct.get(name, SpecifierSet()), name
