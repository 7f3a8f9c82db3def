"""Running a learner's function: what it gave, as tensors, or what stopped it, in the exercise's own terms.

Every trial is seeded, and leaves the random numbers of torch, numpy and Python and their settings where they were.
Arguments are copies, and a function that changes them is told so.
"""

import contextlib
import dis
import inspect
import random
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from unittest import mock

import numpy as np
import torch
from IPython.utils.capture import capture_output
from torch import Tensor

from vae_helpers.exercises.trouble import Stopped, stopped


def untouched(answer) -> bool:
    """Is it `...`, or a function of which nothing but the name and the docstring is written?"""
    if answer is ...:
        return True
    if not inspect.isroutine(answer):
        return False
    code = getattr(inspect.unwrap(answer), "__code__", None)
    if code is None:
        return False
    steps = {step.opname for step in dis.get_instructions(code)}
    nothing = {"RESUME", "NOP", "LOAD_CONST", "RETURN_VALUE", "RETURN_CONST", "COPY_FREE_VARS"}
    return steps <= nothing and all(value in (None, ..., answer.__doc__) for value in code.co_consts)


@contextlib.contextmanager
def seeded(seed: int = 0) -> Iterator[None]:
    """The same random numbers inside, whatever was drawn before; outside nothing has moved, whatever a function set."""
    dice = np.random.get_state(), random.getstate()  # noqa: NPY002 - what a learner's np.random.randn draws from
    modes = torch.get_default_dtype(), torch.get_num_threads()
    with (
        torch.random.fork_rng(devices=[]),
        torch.inference_mode(False),
        torch.enable_grad(),
        np.errstate(),
        warnings.catch_warnings(),
        contextlib.redirect_stdout(sys.stdout),
    ):
        torch.manual_seed(seed)
        np.random.seed(seed)  # noqa: NPY002
        random.seed(seed)
        try:
            yield
        finally:
            np.random.set_state(dice[0])  # noqa: NPY002
            random.setstate(dice[1])
            torch.set_default_dtype(modes[0])
            if torch.get_num_threads() != modes[1]:
                torch.set_num_threads(modes[1])


@contextlib.contextmanager
def without_seeds() -> Iterator[None]:
    """A function that sets a seed throws other dice each time all the same."""
    with contextlib.ExitStack() as stack:
        for module, name in ((torch, "manual_seed"), (np.random, "seed"), (random, "seed")):
            stack.enter_context(mock.patch.object(module, name, return_value=None))
        yield


def silent():
    """What the function prints and displays was seen in its first trial; the others would show it fifty times."""
    return capture_output()


def outputs(answer: Callable, args: tuple, takes: Mapping[str, str], gives: Mapping[str, str]) -> list[Tensor]:
    """What `answer(*args)` gives: one tensor for each name in `gives`, in the learner's own dtype.

    Raises Stopped: an exception in the learner's code, nothing returned, changed arguments, not numbers, wrong shape.
    """
    copies = tuple(_copy(arg) for arg in args)
    try:
        found = answer(*copies)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # exit() too
        raise stopped(error, answer, args, takes) from None
    if found is None:
        raise Stopped("your function returns nothing (None).", "Does its last line begin with return?")
    changed = [name for name, a, b in zip(takes, args, copies, strict=True) if not _same(a, b)]
    if changed:
        raise Stopped(
            f"your function changes its argument {changed[0]}.",
            "Whoever called it would find other numbers there afterwards. Make a new tensor: x = x + 1, not x += 1; "
            "exp(), not exp_(); or x = x.clone() before you write into it.",
        )
    return as_tensors(found, gives)


def as_tensors(found, gives: Mapping[str, str]) -> list[Tensor]:
    """What came, as one tensor for each name in `gives`: of numbers, arrays and lists too. Raises Stopped."""
    if len(gives) > 1:
        if not isinstance(found, tuple | list) or len(found) != len(gives):
            came = f"{len(found)} things" if isinstance(found, tuple | list) else f"one {type(found).__name__}"
            raise Stopped(f"your function returns {came}; wanted {len(gives)}: return {', '.join(gives)}.")
        parts = list(found)
    elif isinstance(found, tuple) and len(found) == 1:
        one = "A comma after what it returns? torch.autograd.grad gives a tuple, too: take its entry [0]."
        raise Stopped("your function returns a tuple of one thing.", one)
    elif isinstance(found, tuple) and any(isinstance(part, Tensor) and part.dim() for part in found):
        pair = type(found).__module__ == "torch.return_types"
        raise Stopped(
            f"your function returns {len(found)} things; wanted one: {next(iter(gives))}.",
            *(["max over an axis gives two things, values and where they stand: take .values."] if pair else []),
        )
    else:
        parts = [found]
    return [_as_tensor(part, name) for part, name in zip(parts, gives, strict=True)]


def _as_tensor(value, name: str) -> Tensor:
    try:
        if isinstance(value, list | tuple) and any(isinstance(entry, Tensor) for entry in value):
            value = torch.stack([torch.as_tensor(entry) for entry in value])
        if isinstance(value, list | tuple | np.ndarray | np.generic):
            value = np.array(value)  # a copy: it may be read-only, reversed, or of another byte order
            value = value.astype(float) if value.dtype.kind == "f" else value
        tensor = torch.as_tensor(value)
        tensor = tensor.to_dense() if tensor.layout is not torch.strided else tensor.clone()
        if tensor.is_nested or tensor.is_quantized or tensor.is_meta:
            raise TypeError
    except Exception:
        raise Stopped(f"{name} is a {type(value).__name__}; wanted a tensor of numbers.") from None
    if tensor.is_complex() or tensor.dtype == torch.bool:
        raise Stopped(f"{name} is a tensor of {str(tensor.dtype).removeprefix('torch.')}; wanted real numbers.")
    return tensor


def _copy(arg):
    return arg.detach().clone().requires_grad_(arg.requires_grad) if isinstance(arg, Tensor) else arg


def _same(before, after) -> bool:
    return not isinstance(before, Tensor) or (
        before.shape == after.shape and torch.equal(before.nan_to_num(), after.nan_to_num())
    )
