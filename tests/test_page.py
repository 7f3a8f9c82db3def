import functools
import importlib.util
import shutil

import numpy as np
import pytest
import torch

from tests.tools import refused
from vae_helpers import page
from vae_helpers.maths import divergence, gaussian, toy
from vae_helpers.page import claim, show_source

TRUE = [True, torch.tensor(True), torch.ones(2, 3, dtype=torch.bool), np.array([True, True]), np.bool_(True)]


@pytest.mark.parametrize("holds", TRUE, ids=str)
def test_a_claim_that_holds_prints_its_sentence_alone(holds, capsys):
    assert claim("D_KL ≥ 0", holds) is None
    assert capsys.readouterr() == ("✓ D_KL ≥ 0\n", "")


@pytest.mark.parametrize(
    ("holds", "error", "parts"),
    [
        (False, AssertionError, ["does not hold", "D_KL ≥ 0"]),
        (torch.tensor([[True, False], [True, False]]), AssertionError, ["2 of 4 cases", "first: 1", "D_KL ≥ 0"]),
        (np.array([True, True, False]), AssertionError, ["1 of 3 cases", "first: 2"]),
        (torch.zeros(0, dtype=torch.bool), AssertionError, ["nothing was checked", "D_KL ≥ 0"]),
        (torch.tensor([0.3, 1.0]), TypeError, ["numbers (torch.float32)", "x >= 0"]),
        (np.array([1, 1]), TypeError, ["numbers (int64)", "x >= 0"]),
        (1, TypeError, ["got 1", "True or False"]),
        (None, TypeError, ["got None", "True or False"]),
        ([True], TypeError, ["got [True]", "boolean tensor"]),
    ],
    ids=str,
)
def test_a_claim_that_does_not_hold_raises_and_prints_nothing(holds, error, parts, capsys):
    with refused(error, *parts):
        claim("D_KL ≥ 0", holds)
    assert capsys.readouterr().out == ""


def documented(x):
    """The first line.

    The rest, which a page does not need.
    """
    return x + 1  # a comment stays


def bare(x):
    return x


@functools.cache
def wrapped(x):
    """One line."""
    return x


def test_the_source_is_the_code_with_one_line_of_its_docstring():
    shown = '# test_page.py\ndef documented(x):\n    """The first line."""\n    return x + 1  # a comment stays'
    assert repr(show_source(documented)) == shown
    assert show_source(documented)._repr_markdown_() == f"```python\n{shown}\n```"


@pytest.mark.parametrize(
    ("thing", "lines"),
    [
        (bare, ["# test_page.py", "def bare(x):", "    return x"]),
        (wrapped, ["# test_page.py", "@functools.cache", "def wrapped(x):", '    """One line."""', "    return x"]),
        (gaussian.kl, ["# vae_helpers/maths/gaussian.py", "def kl("]),
        (divergence.descend, ["# vae_helpers/maths/divergence.py", "@threads.limited()"]),
        (divergence.Areas, ["# vae_helpers/maths/divergence.py", "class Areas(NamedTuple):"]),
        (toy.ToyModel.log_joint, ["# vae_helpers/maths/toy.py", "def log_joint("]),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_the_source_opens_with_its_file(thing, lines):
    text = repr(show_source(thing))
    assert text.startswith(lines[0] + "\n")
    assert all(line in text for line in lines)


def test_the_source_says_the_same_in_a_clone_called_vae_helpers(tmp_path):
    copy = tmp_path / "vae_helpers" / "vae_helpers" / "page.py"
    copy.parent.mkdir(parents=True)
    shutil.copy(page.__file__, copy)
    spec = importlib.util.spec_from_file_location("copied_page", copy)
    copied = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(copied)
    assert repr(copied.show_source(copied.claim)).startswith("# vae_helpers/page.py\ndef claim(")


@pytest.mark.parametrize("thing", [len, 3, torch.ones(1), torch, lambda x: x, functools.partial(bare, 1)])
def test_what_has_no_source_is_refused(thing):
    with refused(TypeError, "show_source", "no Python source", "made by def, or a class"):
        show_source(thing)
