"""maths.derivation: both routes to the ELBO and the price of a bell, line by line, against scipy."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.distributions import Normal, kl_divergence

from tests.test_derivation import F, Mistaken, bounds_by_scipy, model_of
from tests.tools import close, examples, f64, refused
from vae_helpers.maths import bounds, derivation, gaussian
from vae_helpers.maths.toy import ToyModel

ROUTES = {"elbo_from_kl": derivation.elbo_from_kl, "elbo_from_jensen": derivation.elbo_from_jensen}
CASES = (
    st.sampled_from(list(F)), st.floats(0.1, 5), st.floats(-3, 3), st.floats(-2, 2), st.floats(-4, 4),
    st.floats(-3, 1.6).map(math.exp),
)  # fmt: skip


def values(route, model, x, mu, sigma):
    lines = route(model, f64(x), f64(mu), 2 * f64(sigma).log())
    return torch.stack([line.value for line in lines])


@examples(40)
@given(*CASES)
def test_every_line_has_the_value_that_scipy_gives_it(f, noise, z, e, mu, sigma):
    x = float(F[f](z) + noise * e)
    log_evidence, elbo = bounds_by_scipy(f, noise, x, mu, sigma)
    model, tolerance = model_of(f, noise), 1e-8 * max(1.0, abs(elbo), abs(log_evidence))
    assert (values(derivation.elbo_from_kl, model, x, mu, sigma) - elbo).abs().max() < tolerance
    found = values(derivation.elbo_from_jensen, model, x, mu, sigma)
    assert (found - f64([log_evidence, log_evidence, elbo, elbo])).abs().max() < tolerance


@pytest.mark.parametrize("f", F)
def test_the_lines_agree_over_all_the_reach_of_the_sliders(f):
    mu, sigma = torch.meshgrid(f64([-3.0, -0.5, 0.0, 3.0]), f64([1e-3, 0.05, 0.5, 2.0, 50.0]), indexing="ij")
    first = values(derivation.elbo_from_kl, model_of(f, 0.3), 0.9, mu.tolist(), sigma.tolist())
    second = values(derivation.elbo_from_jensen, model_of(f, 0.3), 0.9, mu.tolist(), sigma.tolist())
    assert first.shape == (5, 4, 5)
    assert second.shape == (4, 4, 5)
    scale = first[0].abs().clamp(min=1.0)
    assert ((first - second[-1]) / scale).abs().max() < 1e-8
    assert (second[:2] - second[0, 0, 0]).abs().max() < 1e-8  # log p(x) knows nothing of q
    assert (second[1] >= second[2] - 1e-9 * scale).all()


def test_what_the_inequality_gives_up_is_the_divergence():
    x, mu, logvar = f64(1.0), f64([0.5, 0.94, -2.0]), f64([-1.4, -3.7, 0.3])
    model = ToyModel("fold", 0.3)
    jensen, kl = derivation.elbo_from_jensen(model, x, mu, logvar), derivation.kl_to_evidence(model, x, mu, logvar)
    assert close(jensen[1].value - jensen[2].value, kl[0].value, 1e-9)


def test_at_the_posterior_of_the_linear_model_nothing_is_given_up():
    model = ToyModel("linear", 0.3, slope=2.0)
    log_evidence, mu, logvar = model.closed_forms(f64(1.0))
    for route in ROUTES.values():
        for line in route(model, f64(1.0), mu, logvar):
            assert close(line.value, log_evidence, 1e-9)


@pytest.mark.parametrize("f", ["fold", "linear"])
def test_a_wrong_evidence_parts_the_lines(f):
    lines = values(derivation.elbo_from_kl, Mistaken(f, 0.3), 1.0, 0.2, 0.5)
    assert (lines[0] - lines[1]).item() == pytest.approx(1e-4, rel=1e-3)
    assert lines[1:].amax() - lines[1:].amin() < 1e-9  # no other line looks at log p(x)


@pytest.mark.parametrize(("name", "wrong"), [("entropy", 2), ("kl", 4)])
def test_a_wrong_closed_form_parts_the_lines(monkeypatch, name, wrong):
    right = getattr(gaussian, name)
    monkeypatch.setattr(gaussian, name, lambda *given: right(*given) + 1e-4)
    lines = values(derivation.elbo_from_kl, ToyModel("fold", 0.3), 1.0, 0.2, 0.5)
    assert [i for i in range(5) if abs(lines[i] - lines[1]) > 5e-5] == [wrong]


@examples(60)
@given(st.floats(-4, 4), st.floats(-4, 1.6).map(math.exp))
def test_every_line_of_the_price_is_the_divergence_of_torch(mu, sigma):
    wanted = kl_divergence(Normal(f64(mu), f64(sigma)), Normal(f64(0.0), f64(1.0)))
    for line in derivation.gaussian_kl(f64(mu), 2 * f64(sigma).log()):
        assert close(line.value, wanted, 1e-8)


def test_the_price_has_one_value_a_bell():
    mu, logvar = f64([[0.0], [1.0]]), f64([0.0, -2.0, 1.0])
    lines = derivation.gaussian_kl(mu, logvar)
    assert {line.value.shape for line in lines} == {(2, 3)}
    assert close(lines[-1].value, bounds.of_toy(ToyModel("fold"), f64(1.0), mu, logvar).kl)


@pytest.mark.parametrize(
    ("lines", "relations", "network"),
    [
        (derivation.elbo_from_kl(ToyModel("fold"), f64(1.0), f64([0.0, 1.0]), f64(0.0)), "=====", range(1, 5)),
        (derivation.elbo_from_jensen(ToyModel("fold"), f64(1.0), f64([0.0, 1.0]), f64(0.0)), "==≥=", range(2, 4)),
        (derivation.gaussian_kl(f64([0.0, 1.0]), f64(0.0)), "=====", range(5)),
    ],
    ids=[*ROUTES, "gaussian_kl"],
)
def test_each_line_is_written_reasoned_and_sorted_into_known_and_unknown(lines, relations, network):
    assert "".join(line.relation for line in lines) == relations
    for number, line in enumerate(lines):
        assert line.latex.startswith(r"\ge ") if line.relation == "≥" else number == 0 or line.latex.startswith("= ")
        assert line.latex.count("{") == line.latex.count("}")
        assert line.latex.count(r"\left") == line.latex.count(r"\right")
        assert line.why.endswith(".")
        assert line.route
        assert (line.value.shape, line.value.dtype) == ((2,), torch.float64)
        assert (line.unknown == ()) == (number in network)  # the last lines hold nothing that a network can't compute
        for name in line.unknown:
            assert name in line.latex


def test_the_values_can_be_differentiated():
    x, mu, logvar = (f64(value).requires_grad_() for value in (0.8, 0.3, -1.0))
    model = ToyModel("fold", 0.5)
    elbo = [*derivation.elbo_from_kl(model, x, mu, logvar), *derivation.elbo_from_jensen(model, x, mu, logvar)[2:]]
    slopes = [torch.stack(torch.autograd.grad(line.value, [mu, logvar], retain_graph=True)) for line in elbo]
    assert all(close(slope, slopes[0], 1e-8) for slope in slopes)
    price = derivation.gaussian_kl(mu, logvar)
    slopes = [torch.stack(torch.autograd.grad(line.value, [mu, logvar], retain_graph=True)) for line in price]
    assert all(close(slope, f64([0.3, 0.5 * (math.exp(-1) - 1)]), 1e-8) for slope in slopes)


@pytest.mark.parametrize("name", ROUTES)
@pytest.mark.parametrize(
    ("x", "mu", "error", "parts"),
    [
        (1.0, f64(0.0), TypeError, ["x is float 1.0", "torch.tensor(1.0)"]),
        (f64([1.0, 2.0]), f64([0.0, 0.0]), ValueError, ["x is float64 of shape [2]", "one number", "x[0]"]),
        (f64(1.0), torch.tensor(0), TypeError, ["mu is int64 of shape []"]),
        (f64(math.nan), f64(0.0), ValueError, ["holds 1 NaN"]),
        (f64(-30.0), f64(0.0), ArithmeticError, ["ToyModel('fold', noise=0.3)", "at x = -30", "larger reach"]),
    ],
    ids=["number", "batch", "int", "nan", "unlikely"],
)
def test_bad_input_is_refused(name, x, mu, error, parts):
    with refused(error, *parts):
        ROUTES[name](ToyModel("fold", 0.3), x, mu, f64(0.0))


@pytest.mark.parametrize(
    ("mu", "logvar", "error", "parts"),
    [
        (0.0, f64(0.0), TypeError, ["derivation.gaussian_kl", "mu is float 0.0"]),
        (f64([0.0, 1.0]), f64([0.0, 1.0, 2.0]), ValueError, ["derivation.gaussian_kl", "mu [2], logvar [3]"]),
        (f64(0.0), f64(math.nan), ValueError, ["derivation.gaussian_kl", "logvar, float64 of shape [], holds 1 NaN"]),
    ],
    ids=["number", "shapes", "nan"],
)
def test_a_bad_bell_is_refused(mu, logvar, error, parts):
    with refused(error, *parts):
        derivation.gaussian_kl(mu, logvar)
