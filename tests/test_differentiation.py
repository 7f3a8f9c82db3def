import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.tools import close, examples, f64, refused
from vae_helpers.maths import differentiation, objectives
from vae_helpers.maths.gradients import Gradient
from vae_helpers.maths.toy import ToyModel

BOTH = [differentiation.pathwise, differentiation.score_function]
FOLD = ToyModel("fold", 0.3)
FUNCTIONS = {
    "square": torch.square,
    "fourth": lambda z: z**4 - 3 * z,
    "sine": torch.sin,
    "wave": objectives.WAVE,
    "log joint": lambda z: FOLD.log_joint(f64(1.0), z),
}


@pytest.mark.parametrize("derive", BOTH)
@pytest.mark.parametrize("name", FUNCTIONS)
@examples(12)
@given(st.floats(-2, 2), st.floats(0.1, 1.5))
def test_all_lines_agree(derive, name, mu, sigma):
    steps = derive(FUNCTIONS[name], f64(mu), f64(sigma))
    scale = max(1.0, max(value.abs().item() for value in steps[-1].value))
    assert len(steps) == 4
    assert differentiation.disagreement(steps) < 1e-8 * scale


@pytest.mark.parametrize("objective", [objectives.SQUARE, objectives.WAVE])
def test_the_two_derivations_start_alike_and_end_at_the_exact_gradient(objective):
    at = f64(0.4), f64(0.7)
    first, second = (derive(objective, *at) for derive in BOTH)
    assert first[0].latex == second[0].latex
    exact = torch.stack(objective.gradient(*at))
    for step in first + second:
        assert close(torch.stack(step.value), exact, 1e-9)


@pytest.mark.parametrize("derive", BOTH)
def test_every_line_has_a_formula_a_reason_and_a_route_of_its_own(derive):
    steps = derive(torch.square, f64(1.0), f64(0.5))
    assert len({step.route for step in steps}) == 4
    assert all(step.why.endswith((".", ")")) for step in steps)
    assert all(step.latex.count("{") == step.latex.count("}") for step in steps)
    assert all(step.latex.startswith("=") for step in steps[1:])


def test_disagreement_is_the_largest_of_both_knobs():
    steps = [
        differentiation.Step("", "", Gradient(f64(1.0), f64(by_sigma)), "") for by_sigma in (2.0, 2.5, 1.75)
    ]  # fmt: skip
    assert differentiation.disagreement(steps) == 0.75


@pytest.mark.parametrize("derive", BOTH)
def test_a_constant_has_gradient_zero(derive):
    assert differentiation.disagreement(derive(torch.ones_like, f64(0.3), f64(0.8))) < 1e-9


@pytest.mark.parametrize("derive", BOTH)
def test_bad_input_is_refused(derive):
    call = f"differentiation.{derive.__name__}(f, mu, sigma)"
    with refused(ValueError, call, "sigma = 0"):
        derive(torch.square, f64(1.0), f64(0.0))
    with refused(ValueError, call, "mu", "[]"):
        derive(torch.square, f64([1.0, 2.0]), f64(1.0))
    with refused(TypeError, call, "sigma is float"):
        derive(torch.square, f64(1.0), 1.0)
    with refused(ArithmeticError, "too rough"):
        derive(objectives.STEP, f64(0.3), f64(1.0))
