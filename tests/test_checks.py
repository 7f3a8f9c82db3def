import contextlib
import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from tests.tools import refused
from vae_helpers.maths import checks

ONE, NAN = torch.tensor(1.0), torch.tensor([0.0, math.nan, math.nan])


def test_what_a_message_says_of_a_value():
    assert checks.describe(torch.zeros(2, 3)) == "float32 of shape [2, 3]"
    assert checks.describe(torch.tensor(1)) == "int64 of shape []"
    assert checks.describe("a") == "str 'a'"


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_good_tensors_pass(dtype):
    checks.tensors("f(x, y)", x=torch.zeros(2, 3, dtype=dtype), y=torch.full((3,), math.inf, dtype=dtype))
    checks.tensors("f(x)", x=torch.zeros(0, 3, dtype=dtype))


@pytest.mark.parametrize(
    ("named", "error", "parts"),
    [
        ({"x": 1.0}, TypeError, ["f(x, y): x is float 1.0", "torch.tensor(1.0)"]),
        ({"x": ONE, "y": torch.ones(2).int()}, TypeError, ["y is int32 of shape [2]", "floating point"]),
        ({"x": ONE.to(torch.complex64)}, TypeError, ["x is complex64 of shape []"]),
        ({"x": np.ones(2)}, TypeError, ["x is ndarray"]),
        ({"x": ONE, "y": NAN}, ValueError, ["y, float32 of shape [3], holds 2 NaN", "0/0"]),
        ({"x": torch.ones(2), "y": torch.ones(3)}, ValueError, ["x [2], y [3]", "equal or broadcast"]),
    ],
    ids=str,
)
def test_bad_tensors_are_refused(named, error, parts):
    with refused(error, "f(x, y)", *parts):
        checks.tensors("f(x, y)", **named)


def test_within_only_shapes_no_number_is_looked_at_and_other_threads_go_on_looking():
    with contextlib.suppress(KeyError), checks.only_shapes():
        checks.tensors("f(x)", x=NAN)
        checks.pixels("f(x)", torch.tensor([-1.0, 2.0]))
        with refused(ValueError, "x [2], y [3]"):
            checks.tensors("f(x, y)", x=torch.ones(2), y=torch.ones(3))
        with refused(TypeError, "x is float 1.0"):
            checks.pixels("f(x)", 1.0)
        with ThreadPoolExecutor(1) as other, refused(ValueError, "holds 2 NaN"):
            other.submit(checks.tensors, "f(x)", x=NAN).result()
        raise KeyError
    with refused(ValueError, "holds 2 NaN"):
        checks.tensors("f(x)", x=NAN)


def test_a_batch_is_not_one_number():
    checks.single("f(x)", x=ONE)
    with refused(ValueError, "f(x): x is float32 of shape [1]", "shape []", "x[0]"):
        checks.single("f(x)", x=torch.ones(1))


def test_a_function_must_give_one_number_per_z():
    z = torch.linspace(0.0, 1.0, 5)
    assert checks.elementwise("f(g)", "g", z.square(), z) is not z
    with refused(ValueError, "f(g): g(z) is float32 of shape []", "shape [5]", "z[..., None]"):
        checks.elementwise("f(g)", "g", z.sum(), z)
    with refused(TypeError, "g(z) is float 0.5"):
        checks.elementwise("f(g)", "g", 0.5, z)
    with refused(ValueError, "g(z)", "holds 5 NaN"):
        checks.elementwise("f(g)", "g", z * math.nan, z)


@pytest.mark.parametrize("value", [2, 2.0, np.float32(2), torch.tensor(2), torch.tensor([2.0])], ids=repr)
def test_a_number_is_a_float(value):
    assert checks.number("f(s)", "s", value) == 2.0


@pytest.mark.parametrize(
    ("value", "error", "part"),
    [
        ("two", TypeError, "s is str 'two'; it must be one number"),
        (None, TypeError, "s is NoneType None"),
        (1j, TypeError, "s is complex 1j"),
        (10**400, TypeError, "it must be one number"),
        (torch.ones(2), TypeError, "s is float32 of shape [2]"),
        (torch.ones((), requires_grad=True), TypeError, "gradient, which would be lost here; pass s.item()"),
        (math.nan, ValueError, "s = nan; it must be finite"),
        (-math.inf, ValueError, "s = -inf; it must be finite"),
        (0, ValueError, "s = 0.0; it must be greater than 0"),
        (torch.tensor(-1.5), ValueError, "s = -1.5; it must be greater than 0"),
    ],
    ids=str,
)
def test_what_is_no_positive_number_is_refused(value, error, part):
    with refused(error, "f(s): ", part):
        checks.number("f(s)", "s", value, positive=True)


def test_a_negative_number_is_a_number():
    assert checks.number("f(s)", "s", -1) == -1.0


def test_pixels_lie_between_0_and_1():
    checks.pixels("f(x)", torch.tensor([0.0, 0.5, 1.0]))
    checks.pixels("f(x)", torch.zeros(0, 64))
    with refused(ValueError, "float32 of shape [2], runs from 0 to 255", "[0, 1]", "divided by that largest value"):
        checks.pixels("f(x)", torch.tensor([0.0, 255.0]))
    with refused(ValueError, "runs from -0.1 to 1"):
        checks.pixels("f(x)", torch.tensor([-0.1, 1.0]))
    with refused(TypeError, "x is uint8 of shape [2]"):
        checks.pixels("f(x)", torch.zeros(2, dtype=torch.uint8))
