import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.tools import close, examples, f64, refused, seeded
from vae_helpers.maths import bounds, gaussian
from vae_helpers.maths.toy import ToyModel

X, MU, SIGMA, NOISE = st.floats(-3, 3), st.floats(-4, 4), st.floats(0.01, 5), st.floats(0.1, 5)


def mean_log_likelihood(mean_square_error, noise):
    return -0.5 * math.log(2 * math.pi * noise**2) - mean_square_error / (2 * noise**2)


def elbo(log_likelihood, mu, sigma):
    return bounds.elbo(f64(log_likelihood), f64([mu]), f64([2 * math.log(sigma)]))


def linear_elbo(x, slope, noise, mu, sigma):
    return elbo(mean_log_likelihood((x - slope * mu) ** 2 + (slope * sigma) ** 2, noise), mu, sigma)


def fold_elbo(x, noise, mu, sigma):
    mean_square_error = x**2 - 2 * x * (mu**2 + sigma**2) + mu**4 + 6 * mu**2 * sigma**2 + 3 * sigma**4
    return elbo(mean_log_likelihood(mean_square_error, noise), mu, sigma)


@examples(100)
@given(X, MU, SIGMA, NOISE, st.floats(-2, 2))
def test_the_elbo_of_the_linear_toy_lies_below_log_p_by_the_divergence(x, mu, sigma, noise, slope):
    log_evidence, mu_post, logvar_post = ToyModel("linear", noise, slope).closed_forms(f64(x))
    bound = linear_elbo(x, slope, noise, mu, sigma).total
    scale = max(1.0, abs(bound.item()))
    assert bound <= log_evidence + 1e-12 * scale
    gap = gaussian.kl_between(f64([mu]), f64([2 * math.log(sigma)]), mu_post[None], logvar_post[None])
    assert abs(log_evidence - bound - gap) < 1e-10 * scale
    touching = linear_elbo(x, slope, noise, mu_post.item(), (0.5 * logvar_post).exp().item()).total
    assert touching.item() == pytest.approx(log_evidence.item(), abs=1e-11, rel=1e-11)


@examples(50)
@given(st.floats(-0.5, 6), MU, SIGMA, NOISE)
def test_the_elbo_of_the_folded_toy_lies_strictly_below_log_p(x, mu, sigma, noise):
    assert fold_elbo(x, noise, mu, sigma).total < ToyModel("fold", noise).log_evidence(f64(x))


def test_the_terms_are_named_and_add_up():
    log_likelihood = torch.tensor([-100.0, -90.0])
    mu, logvar = torch.randn(2, 2, 3, generator=seeded())
    bound = bounds.elbo(log_likelihood, mu, logvar)
    assert bound._fields == ("total", "reconstruction", "kl")
    assert torch.equal(bound.reconstruction, log_likelihood)
    assert torch.equal(bound.kl, gaussian.kl(mu, logvar))
    assert torch.equal(bound.total, log_likelihood - bound.kl)
    assert bounds.elbo(torch.zeros(0), torch.zeros(0, 3), torch.zeros(0, 3)).total.shape == (0,)


def test_a_better_bound_may_come_with_a_worse_model():
    """x = a z + ½ e, x = 1, q = N(½, 0.3²): the figures of a to move from 1 to 1.47."""
    found = [linear_elbo(1.0, slope, 0.5, 0.5, 0.3).total.item() for slope in (1.0, 1.47)]
    assert found == pytest.approx([-1.780, -1.629], abs=5e-4)
    evidence = [ToyModel("linear", 0.5, slope).log_evidence(f64(1.0)).item() for slope in (1.0, 1.47)]
    assert evidence == pytest.approx([-1.431, -1.566], abs=5e-4)


def test_single_draws_of_the_likelihood_are_right_on_average():
    model, mu, sigma = ToyModel("fold", 0.5), 0.8, 0.3
    eps = torch.randn(40_000, 1, generator=seeded(), dtype=torch.float64)
    mus, logvars = f64([[mu]]).expand(40_000, 1), f64([[2 * math.log(sigma)]]).expand(40_000, 1)
    z = gaussian.reparameterize(mus, logvars, eps).squeeze(-1)
    drawn = bounds.elbo(model.log_likelihood(f64(1.0), z), mus, logvars).total
    exact = fold_elbo(1.0, 0.5, mu, sigma).total.item()
    assert drawn.mean().item() == pytest.approx(exact, abs=4 * drawn.std().item() / 200)


def test_the_gradient_is_that_of_finite_differences():
    inputs = [torch.randn(shape, generator=seeded(), dtype=torch.float64) for shape in ((2,), (2, 3), (2, 3))]
    assert torch.autograd.gradcheck(lambda *args: bounds.elbo(*args).total, [t.requires_grad_() for t in inputs])
    assert close(bounds.elbo(*inputs).total.detach(), (inputs[0] - gaussian.kl(*inputs[1:])).detach())


@pytest.mark.parametrize(
    ("log_likelihood", "error", "parts"),
    [
        (torch.zeros(2, 64), ValueError, ["log_likelihood has shape [2, 64]", "[2]", "sum it over pixels"]),
        (torch.tensor(0.0), ValueError, ["log_likelihood has shape []", "one number per example, [2]"]),
        (torch.full((2,), math.nan), ValueError, ["log_likelihood", "holds 2 NaN"]),
        (-1.5, TypeError, ["log_likelihood is float -1.5"]),
    ],
    ids=["pixels", "mean", "nan", "number"],
)
def test_bad_input_is_refused(log_likelihood, error, parts):
    with refused(error, "bounds.elbo(log_likelihood, mu, logvar)", *parts):
        bounds.elbo(log_likelihood, torch.zeros(2, 3), torch.zeros(2, 3))


# ---- of the toy ----


@examples(60)
@given(X, MU, SIGMA, NOISE, st.floats(-2, 2))
def test_the_elbo_of_the_toy_is_the_closed_form_of_the_linear_model(x, mu, sigma, noise, slope):
    found = bounds.of_toy(ToyModel("linear", noise, slope), f64(x), f64(mu), 2 * f64(sigma).log())
    wanted = linear_elbo(x, slope, noise, mu, sigma)
    for one, other in zip(found, wanted, strict=True):
        assert close(one, other, 1e-9)


@examples(60)
@given(st.floats(-0.5, 6), MU, SIGMA, NOISE)
def test_the_elbo_of_the_toy_is_the_closed_form_of_the_folded_model(x, mu, sigma, noise):
    found = bounds.of_toy(ToyModel("fold", noise), f64(x), f64(mu), 2 * f64(sigma).log())
    for one, other in zip(found, fold_elbo(x, noise, mu, sigma), strict=True):
        assert close(one, other, 1e-9)


def test_one_bound_for_each_q_and_a_gradient_for_both_its_parameters():
    model, x = ToyModel("fold", 0.3), torch.tensor(1.0)  # as a page has it: float32
    mu, logvar = f64([[0.5], [0.9]]), f64([-1.0, -3.0, 0.0])
    found = bounds.of_toy(model, x, mu, logvar)
    assert {part.shape for part in found} == {(2, 3)}
    assert found.total.dtype == torch.float64
    one = bounds.of_toy(model, x, f64(0.9), f64(-3.0)).total
    assert close(found.total[1, 1], one)
    inputs = [f64([0.5, 0.9]).requires_grad_(), f64([-1.0, -2.0]).requires_grad_()]
    assert torch.autograd.gradcheck(lambda *q: bounds.of_toy(model, x.double(), *q).total, inputs, atol=1e-6)


def test_the_slope_of_the_model_has_a_gradient_too():
    """At the posterior it is that of log p(x) itself, elsewhere it may even have the other sign."""
    slopes = {}
    for name, (mu, logvar) in {"hers": (0.5, 2 * math.log(0.3)), "posterior": (0.8, math.log(0.2))}.items():
        a = f64(1.0).requires_grad_()
        model = ToyModel(lambda z, a=a: a * z, 0.5)
        (slopes[name],) = torch.autograd.grad(bounds.of_toy(model, f64(1.0), f64(mu), f64(logvar)).total, a)
        (line,) = torch.autograd.grad(model.log_evidence(f64(1.0)), a)
    assert slopes["hers"].item() == pytest.approx(0.64, abs=1e-9)  # [(x − aμ) μ − a σ²] / s²
    assert line.item() == pytest.approx(-0.16, abs=1e-9)  # a (x² − v) / v², v = a² + s²
    assert slopes["posterior"].item() == pytest.approx(line.item(), abs=1e-9)


# ---- importance-weighted ----


def log_weights(n, k, mu=0.5, sigma=0.5, generator=None):
    model, logvar = ToyModel("fold", 0.3), 2 * math.log(sigma)
    z = mu + sigma * torch.randn(n, k, generator=generator or seeded(), dtype=torch.float64)
    return model.log_joint(f64(1.0), z) - gaussian.log_prob(z[..., None], f64([mu]), f64([logvar]))


def test_one_weight_is_the_elbo_and_many_are_the_log_of_their_mean():
    weights = f64([[0.0, math.log(3)], [-1000.0, -1000.0], [800.0, 700.0]])
    assert close(bounds.iwae(weights), f64([math.log(2), -1000.0, 800.0 - math.log(2)]))
    assert torch.equal(bounds.iwae(weights[:, :1]), weights[:, 0])
    assert bounds.iwae(f64([-math.inf, 0.0])).item() == pytest.approx(-math.log(2))


def test_on_average_the_bound_rises_with_k_from_the_elbo_and_stays_below_log_p():
    exact = bounds.of_toy(ToyModel("fold", 0.3), f64(1.0), f64(0.5), 2 * f64(0.5).log()).total.item()
    line = ToyModel("fold", 0.3).log_evidence(f64(1.0)).item()
    reached = []
    for k in (1, 5, 50, 500):
        found = bounds.iwae(log_weights(20_000, k)) if k < 500 else bounds.iwae(log_weights(2000, k))
        reached.append((found.mean().item(), found.std().item() / len(found) ** 0.5))
    assert reached[0][0] == pytest.approx(exact, abs=4 * reached[0][1])
    means = [mean for mean, _ in reached]
    assert means == sorted(means)
    assert all(mean - 4 * error < line for mean, error in reached)
    assert line - means[-1] < 0.1


def test_where_q_is_the_posterior_every_k_gives_log_p():
    model = ToyModel("linear", 0.5)
    line, mu, logvar = model.closed_forms(f64(1.0))
    z = torch.randn(7, 3, generator=seeded(), dtype=torch.float64)
    weights = model.log_joint(f64(1.0), z) - gaussian.log_prob(z[..., None], mu[None], logvar[None])
    assert close(bounds.iwae(weights), line.expand(7))


@pytest.mark.parametrize(
    ("call", "error", "parts"),
    [
        (lambda: bounds.iwae(torch.zeros(3, 0)), ValueError, ["bounds.iwae(log_weights)", "[3, 0]", "k ≥ 1"]),
        (lambda: bounds.iwae(torch.tensor(1.0)), ValueError, ["bounds.iwae(log_weights)", "shape []"]),
        (lambda: bounds.iwae(torch.tensor([math.nan])), ValueError, ["log_weights", "holds 1 NaN"]),
        (lambda: bounds.iwae([0.0]), TypeError, ["log_weights is list [0.0]"]),
        (lambda: bounds.of_toy(ToyModel(), 1.0, f64(0.0), f64(0.0)), TypeError, ["of_toy", "x is float 1.0"]),
        (lambda: bounds.of_toy(ToyModel(), f64([1.0, 2.0]), f64(0.0), f64(0.0)), ValueError, ["x is", "[2]", "x[0]"]),
        (lambda: bounds.of_toy(ToyModel(), f64(1.0), f64(math.nan), f64(0.0)), ValueError, ["mu", "holds 1 NaN"]),
        (
            lambda: bounds.of_toy(ToyModel(torch.abs), f64(1.0), f64(0.1), f64(0.0)),
            ArithmeticError,
            ["of_toy", "rough"],
        ),
    ],
    ids=["no weights", "one number", "nan", "list", "x a number", "many x", "mu nan", "rough"],
)
def test_bad_input_to_the_other_bounds_is_refused(call, error, parts):
    with refused(error, *parts):
        call()


def test_log_weights_average_to_the_elbo_and_their_iwae_lies_between_it_and_log_p():
    x = torch.tensor([[0.7]], dtype=torch.float64)  # = z + ½ e
    mu, logvar = torch.tensor([[0.1]], dtype=torch.float64), torch.tensor([[-0.5]], dtype=torch.float64)
    eps = torch.randn(200_000, 1, 1, generator=seeded(0), dtype=torch.float64)
    z = gaussian.reparameterize(mu, logvar, eps)
    log_x = gaussian.log_prob(x, z, torch.full_like(z, 2 * math.log(0.5)))
    found = bounds.log_weights(log_x, z, mu, logvar)
    # E_q[log p(x|z)] = log N(x; μ, s²) − σ²/2s², by hand.
    expected = gaussian.log_prob(x, mu, torch.full_like(mu, 2 * math.log(0.5))) - math.exp(-0.5) / (2 * 0.25)
    elbo = bounds.elbo(expected, mu, logvar).total.item()
    assert found.mean().item() == pytest.approx(elbo, abs=5 * found.std().item() / len(found) ** 0.5)
    exact = math.log(1 / math.sqrt(2 * math.pi * 1.25)) - 0.49 / 2.5
    assert elbo < bounds.iwae(found.view(-1, 5)).mean().item() < exact
    assert bounds.iwae(found.T).item() == pytest.approx(exact, abs=0.01)
    with refused(ValueError, "bounds.log_weights", "one number a draw"):
        bounds.log_weights(log_x[..., None], z, mu, logvar)
