import math

import numpy as np
import pytest
import torch
from scipy import integrate, stats

from tests.tools import close, f64, refused, seeded
from vae_helpers.maths.toy import ToyModel


def bent(z):
    return z + torch.sin(z)


NUMPY = {"linear": lambda z: z, "fold": np.square, "wave": lambda z: np.sin(3 * z), bent: lambda z: z + np.sin(z)}
every_f = pytest.mark.parametrize("f", NUMPY, ids=lambda f: getattr(f, "__name__", f))


def joint(f, noise, x):
    """p(x|z) p(z) as a function of z, by scipy."""
    return lambda z: stats.norm.pdf(x, NUMPY[f](z), noise) * stats.norm.pdf(z)


def over_z(integrand):
    return integrate.quad(integrand, -9, 9, points=np.linspace(-8, 8, 33), limit=1000, epsabs=1e-14, epsrel=1e-12)[0]


@every_f
def test_the_parts_are_normal_densities(f):
    model, x, z = ToyModel(f, 0.4), f64([0.3, -1.0, 2.0]), f64([0.5, -2.0, 0.0])
    assert close(model.log_prior(z), stats.norm.logpdf(z))
    assert close(model.log_likelihood(x, z), stats.norm.logpdf(x, NUMPY[f](z.numpy()), 0.4))
    assert close(model.log_joint(x, z), model.log_likelihood(x, z) + model.log_prior(z))
    assert model.log_joint(x[:, None], z).shape == (3, 3)


@every_f
@pytest.mark.parametrize("noise", [0.1, 0.3, 2.0])
def test_the_evidence_is_the_integral_by_scipy_and_on_other_nodes(f, noise):
    model, x = ToyModel(f, noise), f64([[-0.2], [0.9], [2.5]])
    if f == "wave" and noise == 0.1:
        x = x.clamp(max=1.2)
    found = model.log_evidence(x)
    assert close(found, [[math.log(over_z(joint(f, noise, one.item())))] for one in x], 1e-10)
    assert close(model.log_evidence_again(x), found, 1e-11)


@pytest.mark.parametrize(("slope", "noise"), [(1.0, 0.3), (-2.0, 0.5), (0.0, 1.0), (0.1, 5.0)])
def test_the_linear_model_has_the_closed_forms_of_the_normal(slope, noise):
    model, x = ToyModel("linear", noise, slope), f64([-2.0, 0.0, 0.7, 3.0])
    log_evidence, mu, logvar = model.closed_forms(x)
    assert close(log_evidence, stats.norm.logpdf(x, 0, math.hypot(slope, noise)))
    assert close(model.log_evidence(x), log_evidence, 1e-11)
    z = torch.linspace(-2, 2, 9, dtype=torch.float64)[:, None]
    assert close(model.log_posterior(z, x), stats.norm.logpdf(z, mu, (0.5 * logvar).exp()), 1e-10)


@every_f
def test_the_posterior_integrates_to_one(f):
    model = ToyModel(f, 0.3)
    z = torch.linspace(-9, 9, 6001, dtype=torch.float64)
    for x in (0.1, 1.1):
        assert integrate.simpson(model.log_posterior(z, f64(x)).exp(), x=z) == pytest.approx(1, abs=1e-9)


@every_f
def test_samples_follow_the_prior_and_the_evidence(f):
    z, x = ToyModel(f, 0.3).sample(4000, seeded(1))
    assert z.shape == x.shape == (4000,)
    assert stats.kstest(z.numpy(), stats.norm.cdf).pvalue > 0.01
    nodes = np.linspace(-8, 8, 801)

    def cdf(values):  # ∫ Φ((x − f(z)) / s) p(z) dz
        below = stats.norm.cdf((np.atleast_1d(values)[:, None] - NUMPY[f](nodes)) / 0.3)
        return (below * stats.norm.pdf(nodes)).sum(-1) * (nodes[1] - nodes[0])

    assert stats.kstest(x.numpy(), cdf).pvalue > 0.01
    residual = (x.numpy() - NUMPY[f](z.numpy())) / 0.3
    assert stats.kstest(residual, stats.norm.cdf).pvalue > 0.01
    again = ToyModel(f, 0.3).sample(4000, seeded(1))
    assert torch.equal(again[0], z)
    assert torch.equal(again[1], x)


def test_moments_of_the_folded_samples():
    _, x = ToyModel("fold", 0.5).sample(100_000, seeded())  # E x = 1, Var x = 2 + s²
    assert x.mean().item() == pytest.approx(1, abs=4 * (2.25 / 1e5) ** 0.5)
    assert x.var().item() == pytest.approx(2.25, rel=0.05)


def test_everything_can_be_differentiated():
    x, z, theta = (f64(value).requires_grad_() for value in (0.8, 0.3, 1.3))

    def bend(theta):
        return ToyModel(lambda z: theta * z + torch.sin(z), 0.4)

    assert torch.autograd.gradcheck(lambda x, theta: bend(theta).log_evidence(x), [x, theta])
    assert torch.autograd.gradcheck(lambda z, x, theta: bend(theta).log_posterior(z, x), [z, x, theta])
    slope = torch.autograd.grad(ToyModel(lambda z: theta * z, 0.5).log_evidence(x), theta)[0].item()
    variance = 1.3**2 + 0.5**2  # ∂/∂a log N(x; 0, a² + s²)
    assert slope == pytest.approx(1.3 * (0.8**2 / variance - 1) / variance)


def test_shapes_and_dtypes():
    model = ToyModel("fold", 0.3)
    assert model.log_evidence(torch.ones(2, 3)).dtype == torch.float64
    for shape in ((), (0,), (2, 3)):
        assert model.log_evidence(torch.ones(shape)).shape == shape
        assert model.log_posterior(torch.zeros(shape), torch.tensor(1.0)).shape == shape


# ---- it refuses where it must, the remedy it names works, and where it need not it does not ----


@pytest.mark.parametrize("noise", [0.1, 0.3, 1.0, 5.0])
@every_f
def test_likely_data_are_never_refused(f, noise):
    model = ToyModel(f, noise)
    _, x = model.sample(200, seeded())
    assert close(model.log_evidence(x), model.log_evidence_again(x), 1e-10)


NARROW = ["halving the spacing", "take more nodes or more noise"]
FAR = ["log p(x) is only", "z outside -20 … 20", "larger reach, more noise or a likelier x"]


@pytest.mark.parametrize(
    ("f", "noise", "x", "parts", "remedies"),
    [
        ("fold", 0.02, 2.0, NARROW, [{"nodes": 16001}, {"noise": 0.05}]),
        ("wave", 0.02, 0.0, NARROW, [{"nodes": 16001}, {"noise": 0.05}]),
        ("linear", 1e-4, 0.3, NARROW, [{"noise": 0.02}]),
        ("linear", 0.3, 30.0, ["at x = 30", *FAR], [{"reach": 40.0}, {"noise": 5.0}]),
        ("fold", 0.3, -10.0, ["at x = -10", *FAR], [{"reach": 40.0}, {"noise": 1.0}]),
        ("fold", 0.3, math.inf, ["at x = inf", *FAR], []),
    ],
)
def test_an_integral_that_is_not_accurate_is_refused(f, noise, x, parts, remedies):
    for evidence in (ToyModel(f, noise).log_evidence, ToyModel(f, noise).log_evidence_again):
        if evidence.__name__ == "log_evidence" or parts is not NARROW:
            with refused(ArithmeticError, f"ToyModel({f!r}, noise={noise:g}", "log_evidence(x)", *parts):
                evidence(f64([1.0, x]))
    for remedy in remedies:
        cured = ToyModel(f, **{"noise": noise, **remedy})
        assert close(cured.log_evidence(f64(x)), cured.log_evidence_again(f64(x)), 1e-9)


def test_a_narrow_peak_between_the_nodes_is_not_overlooked():
    for x in np.linspace(0.9, 1.1, 41):
        with refused(ArithmeticError, *NARROW):
            ToyModel("linear", 1e-4).log_evidence(f64(x))


# ---- arguments ----


@pytest.mark.parametrize(
    ("arguments", "error", "parts"),
    [
        ({"f": "parabola"}, ValueError, ["ToyModel('parabola', …)", "linear, fold, wave"]),
        ({"f": 3}, TypeError, ["f is int 3", "linear, fold, wave, or callable"]),
        ({"f": torch.sum}, ValueError, ["ToyModel(sum, …): f(z) is float64 of shape []", "shape [8001]"]),
        ({"f": torch.log}, ValueError, ["f(z), float64 of shape [8001], holds", "NaN"]),
        ({"f": lambda z: 1.0}, TypeError, ["f(z) is float 1.0"]),
        ({"f": lambda z: z.float()}, TypeError, ["f(z) is float32", "must return float64"]),
        ({"f": lambda z: z.round().long()}, TypeError, ["f(z) is int64"]),
        ({"f": lambda z: z * 1j}, TypeError, ["f(z) is complex128"]),
        ({"noise": 0.0}, ValueError, ["ToyModel('fold', …): noise = 0.0", "greater than 0"]),
        ({"noise": -0.3}, ValueError, ["noise = -0.3", "greater than 0"]),
        ({"noise": math.nan}, ValueError, ["noise = nan", "finite"]),
        ({"noise": torch.ones(2)}, TypeError, ["noise is float32 of shape [2]", "one number"]),
        ({"slope": 2.0}, ValueError, ["slope = 2.0", "'linear' only"]),
        ({"f": "linear", "slope": torch.ones((), requires_grad=True)}, TypeError, ["slope", "gradient"]),
        ({"reach": 5.0}, ValueError, ["reach = 5.0", "1e-12 of the prior outside", "at least 8"]),
        ({"nodes": 4000}, ValueError, ["nodes = 4000", "odd whole number"]),
        ({"nodes": 801.0}, ValueError, ["nodes = 801.0", "odd whole number"]),
    ],
)
def test_a_model_that_cannot_be_is_refused(arguments, error, parts):
    with refused(error, *parts):
        ToyModel(**arguments)


@pytest.mark.parametrize(
    ("call", "error", "parts"),
    [
        (lambda m: m.log_evidence(1.0), TypeError, ["x is float 1.0", "torch.tensor(1.0)"]),
        (lambda m: m.log_prior(torch.tensor(1)), TypeError, ["log_prior(z): z is int64"]),
        (lambda m: m.log_joint(torch.ones(2), torch.ones(3)), ValueError, ["x [2], z [3]"]),
        (lambda m: m.log_posterior(torch.ones(2), torch.tensor(math.nan)), ValueError, ["x", "1 NaN"]),
        (lambda m: m.closed_forms(torch.ones(2)), ValueError, ["closed_forms(x)", "'linear' only"]),
    ],
)
def test_bad_input_is_refused(call, error, parts):
    with refused(error, "ToyModel('fold', noise=0.3)", *parts):
        call(ToyModel("fold", 0.3))


def test_a_function_called_linear_is_not_the_linear_model():
    def linear(z):
        return 2 * z

    model = ToyModel(linear, 0.5)
    assert close(model.log_evidence(f64(1.0)), ToyModel("linear", 0.5, slope=2.0).closed_forms(f64(1.0))[0], 1e-11)
    with refused(ValueError, "ToyModel(linear, noise=0.5).closed_forms(x)"):
        model.closed_forms(f64(1.0))


def test_a_model_says_what_it_is():
    assert repr(ToyModel("linear", 0.25, slope=2.0)) == "ToyModel('linear', noise=0.25, slope=2)"
    assert repr(ToyModel(torch.tanh, 0.3)) == "ToyModel(tanh, noise=0.3)"
