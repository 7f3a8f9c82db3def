import dataclasses
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from tests.tools import close, examples, f64, refused
from vae_helpers.maths import derivation, gaussian, quadrature
from vae_helpers.maths.toy import ToyModel

F = {
    "linear": lambda z: 1.5 * z,
    "fold": np.square,
    "wave": lambda z: np.sin(3 * z),
    "callable": lambda z: z + np.sin(2 * z) / 3,
}


def model_of(f, noise):
    if f == "callable":
        return ToyModel(lambda z: z + torch.sin(2 * z) / 3, noise)
    return ToyModel(f, noise, slope=1.5 if f == "linear" else 1.0)


def values(model, x, mu, sigma):
    lines = derivation.kl_to_evidence(model, f64(x), f64(mu), 2 * f64(sigma).log())
    return torch.stack([line.value for line in lines])


def bounds_by_scipy(f, noise, x, mu, sigma):
    """log p(x) and L without torch: both integrals by scipy's adaptive quad."""

    def log_joint(z):
        return stats.norm._logpdf((x - F[f](z)) / noise) - math.log(noise) + stats.norm._logpdf(z)

    def over(integrand, half):
        points = np.linspace(-half, half, 49)[1:-1]
        return integrate.quad(integrand, -half, half, points=points, limit=2000, epsabs=1e-11, epsrel=1e-11)[0]

    def gained(t):
        return log_joint(mu + sigma * t) - stats.norm._logpdf(t) + math.log(sigma)

    evidence = over(lambda z: math.exp(log_joint(z)), 9)
    return math.log(evidence), over(lambda t: stats.norm._pdf(t) * gained(t), 10)


def by_scipy(*case):
    """D_KL(q ‖ posterior) = log p(x) − L."""
    log_evidence, elbo = bounds_by_scipy(*case)
    return log_evidence - elbo


@examples(60)
@given(
    st.sampled_from(list(F)), st.floats(0.1, 5), st.floats(-3, 3), st.floats(-2, 2), st.floats(-4, 4),
    st.floats(-3, 1.6).map(math.exp),
)  # fmt: skip
def test_every_line_has_the_value_of_every_other_and_of_scipy(f, noise, z, e, mu, sigma):
    x = float(F[f](z) + noise * e)
    lines = values(model_of(f, noise), x, mu, sigma)
    scale = lines.abs().max().clamp(min=1.0)
    assert lines.amax() - lines.amin() < 1e-8 * scale
    assert (lines - by_scipy(f, noise, x, mu, sigma)).abs().max() < 1e-8 * scale


@pytest.mark.parametrize("f", F)
def test_the_lines_agree_over_all_the_reach_of_the_sliders(f):
    mu, sigma = torch.meshgrid(f64([-3.0, -0.5, 0.0, 3.0]), f64([1e-3, 0.05, 0.5, 2.0, 50.0]), indexing="ij")
    lines = values(model_of(f, 0.3), 0.9, mu.tolist(), sigma.tolist())
    assert lines.shape == (5, 4, 5)
    assert ((lines.amax(0) - lines.amin(0)) / lines[0].abs().clamp(min=1.0)).max() < 1e-8
    assert (lines > -1e-9).all()


def test_at_the_posterior_of_the_linear_model_every_line_is_zero():
    model = ToyModel("linear", 0.3, slope=2.0)
    _, mu, logvar = model.closed_forms(f64(1.0))
    assert values(model, 1.0, mu.item(), (0.5 * logvar).exp().item()).abs().max() < 1e-11


class Mistaken(ToyModel):
    """Says of log p(x) 1e-4 nats too much."""

    def log_evidence(self, x):
        return super().log_evidence(x) + 1e-4


@pytest.mark.parametrize("f", ["fold", "linear"])
def test_a_wrong_evidence_parts_the_lines(f):
    lines = values(Mistaken(f, 0.3), 1.0, 0.2, 0.5)
    assert lines.amax() - lines.amin() == pytest.approx(1e-4, rel=1e-3)


def test_a_lost_share_of_q_parts_the_lines(monkeypatch):
    whole = quadrature.trapezoid
    monkeypatch.setattr(quadrature, "trapezoid", lambda values, spacing: whole(values, spacing) * (1 - 1e-4))
    lines = values(ToyModel("fold", 0.3), 1.0, 0.2, 0.5)
    assert abs(lines[1] - lines[2]) > 1e-5  # E_q[log q]: closed form against quadrature
    assert abs(lines[3] - lines[4]) > 1e-5  # E_q[log p(x)] against log p(x)


def test_a_wrong_entropy_parts_the_lines(monkeypatch):
    right = gaussian.entropy
    monkeypatch.setattr(gaussian, "entropy", lambda logvar: right(logvar) + 1e-4)
    lines = values(ToyModel("fold", 0.3), 1.0, 0.2, 0.5)
    assert lines.amax() - lines.amin() == pytest.approx(1e-4, rel=1e-3)


def test_each_line_is_written_reasoned_and_sorted_into_known_and_unknown():
    lines = derivation.kl_to_evidence(ToyModel("fold"), f64(1.0), f64([0.0, 1.0]), f64([0.0, 0.0]))
    assert len(lines) == 5
    for number, line in enumerate(lines):
        assert line.latex.startswith(derivation.D_KL if number == 0 else "= ")
        assert line.latex.count("{") == line.latex.count("}")
        assert line.latex.count(r"\left") == line.latex.count(r"\right")
        assert line.why.endswith(".")
        assert line.route
        assert line.value.shape == (2,)
        assert line.value.dtype == torch.float64
        assert derivation.Q in line.known
        for name in line.known + line.unknown:
            assert name in line.latex
    assert {line.unknown for line in lines[:2]} == {(derivation.POSTERIOR,)}
    assert {line.unknown for line in lines[2:]} == {(derivation.EVIDENCE,)}
    assert all(derivation.POSTERIOR not in line.latex for line in lines[2:])
    with pytest.raises(dataclasses.FrozenInstanceError):
        lines[0].why = "because"


def test_the_values_can_be_differentiated():
    x, mu, logvar = (f64(value).requires_grad_() for value in (0.8, 0.3, -1.0))
    gradients = []
    for line in derivation.kl_to_evidence(ToyModel("fold", 0.5), x, mu, logvar):
        gradients.append(torch.stack(torch.autograd.grad(line.value, [x, mu, logvar], retain_graph=True)))
    assert all(close(gradient, gradients[0], 1e-8) for gradient in gradients)


@pytest.mark.parametrize(
    ("x", "mu", "error", "parts"),
    [
        (1.0, f64(0.0), TypeError, ["kl_to_evidence(model, x, mu, logvar): x is float 1.0", "torch.tensor(1.0)"]),
        (f64([1.0, 2.0]), f64([0.0, 0.0]), ValueError, ["x is float64 of shape [2]", "one number", "x[0]"]),
        (f64(1.0), torch.tensor(0), TypeError, ["mu is int64 of shape []"]),
        (f64(math.nan), f64(0.0), ValueError, ["x, float64 of shape [], holds 1 NaN"]),
        (f64(-30.0), f64(0.0), ArithmeticError, ["ToyModel('fold', noise=0.3)", "at x = -30", "larger reach"]),
        (f64(320.0), f64(0.0), ArithmeticError, ["ToyModel('fold', noise=0.3)", "more nodes or more noise"]),
    ],
    ids=["number", "batch", "int", "nan", "unlikely", "narrow"],
)
def test_bad_input_is_refused(x, mu, error, parts):
    with refused(error, *parts):
        derivation.kl_to_evidence(ToyModel("fold", 0.3), x, mu, f64(0.0))
