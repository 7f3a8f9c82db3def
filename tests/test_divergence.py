import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from tests.tools import close, examples, f64, log_normal, refused, seeded
from vae_helpers.maths import divergence, gaussian
from vae_helpers.maths.toy import ToyModel

MU, SIGMA, NOISE, SLOPE = st.floats(-3, 3), st.floats(0.01, 5), st.floats(0.1, 5), st.floats(-3, 3)
FOLD, ONE = ToyModel("fold", 0.3), f64(1.0)


def q_of(mu, sigma):
    return f64(mu), 2 * f64(sigma).log()


def pair(mu, logvar):
    """The same q as `gaussian` wants it: with an axis of dimensions."""
    return mu[..., None], logvar[..., None]


def posterior(model, x):
    return model.closed_forms(x)[1:]


def by_scipy(integrand, low=-12.0, high=12.0, peaks=()):
    points = sorted({low + (high - low) * i / 48 for i in range(1, 48)} | set(peaks))
    return integrate.quad(integrand, low, high, points=points, limit=1000, epsabs=1e-12, epsrel=1e-12)[0]


P = {
    "logistic": (lambda z: -z - 2 * torch.log1p((-z).exp()), stats.logistic.logpdf),
    "cauchy": (lambda z: -math.log(math.pi) - torch.log1p(z.square()), stats.cauchy.logpdf),
    "normal": (torch.distributions.Normal(f64(0.5), f64(2.0)).log_prob, stats.norm(0.5, 2.0).logpdf),
}


@pytest.mark.parametrize("name", P)
@pytest.mark.parametrize(("mu", "sigma"), [(0.0, 1.0), (1.0, 0.2), (-3.0, 2.5)])
def test_kl_is_the_integral_by_scipy(name, mu, sigma):
    ours, theirs = P[name]
    q = stats.norm(mu, sigma)
    wanted = by_scipy(lambda t: np.exp(log_normal(t)) * (q.logpdf(mu + sigma * t) - theirs(mu + sigma * t)))
    assert close(divergence.kl(ours, *q_of(mu, sigma)), wanted, 1e-9)
    z = np.linspace(-2, 2, 7)
    assert close(divergence.overpayment(ours, f64(z), *q_of(mu, sigma)), q.logpdf(z) - theirs(z))


@pytest.mark.parametrize("f", ["fold", "wave", "linear"])
def test_both_directions_are_the_integrals_by_scipy(f):
    x, mu, sigma = 0.8, 0.4, 0.6
    model, q = ToyModel(f, 0.3), stats.norm(mu, sigma)
    mean = {"fold": np.square, "wave": lambda z: np.sin(3 * z), "linear": lambda z: z}[f]

    def log_joint(z):
        return log_normal(x, mean(z), 0.3) + log_normal(z)

    log_evidence = math.log(by_scipy(lambda z: math.exp(log_joint(z))))
    reverse = by_scipy(lambda z: q.pdf(z) * (q.logpdf(z) - log_joint(z) + log_evidence), mu - 7, mu + 7)
    forward = by_scipy(lambda z: math.exp(log_joint(z) - log_evidence) * (log_joint(z) - log_evidence - q.logpdf(z)))
    assert close(divergence.reverse(model, f64(x), *q_of(mu, sigma)), reverse, 1e-9)
    assert close(divergence.forward(model, f64(x), *q_of(mu, sigma)), forward, 1e-9)


@examples(60)
@given(SLOPE, NOISE, st.floats(-4, 4), MU, SIGMA)
def test_the_linear_model_has_both_directions_in_closed_form(slope, noise, off, mu, sigma):
    model, x, q = ToyModel("linear", noise, slope), f64(off * math.hypot(slope, noise)), q_of(mu, sigma)
    p = posterior(model, x)
    assert close(divergence.reverse(model, x, *q), gaussian.kl_between(*pair(*q), *pair(*p)), 1e-9)
    assert close(divergence.forward(model, x, *q), gaussian.kl_between(*pair(*p), *pair(*q)), 1e-9)
    assert abs(divergence.reverse(model, x, *p)) < 1e-10
    assert abs(divergence.forward(model, x, *p)) < 1e-10


@examples(60)
@given(st.sampled_from(["linear", "fold", "wave"]), NOISE, MU, st.floats(-2, 2), MU, SIGMA)
def test_no_direction_is_negative_and_a_bell_is_never_a_posterior_with_two_peaks(f, noise, z, e, mu, sigma):
    model = ToyModel(f, noise)
    x = model.f(f64(z)) + noise * e
    reverse, forward = (way(model, x, *q_of(mu, sigma)) for way in (divergence.reverse, divergence.forward))
    assert min(reverse, forward) >= -1e-12
    if f == "fold" and noise < 1 and x > 1:
        assert min(reverse, forward) > 0.01


def test_a_batch_of_q_gives_a_batch():
    mu, logvar = q_of([[-1.0, 0.0, 1.0]], [[0.2, 0.5, 0.2]])
    for way in (divergence.reverse, divergence.forward):
        found = way(FOLD, ONE, mu, logvar)
        assert found.shape == (1, 3)
        assert close(found[0, 1], way(FOLD, ONE, mu[0, 1], logvar[0, 1]))
        assert close(found[0, 0], found[0, 2], 1e-10)  # the posterior is symmetric
        assert way(FOLD, ONE, f64([]), f64([])).shape == (0,)


def test_it_is_infinite_where_q_draws_what_p_excludes():
    flat = torch.distributions.Uniform(f64(-2.0), f64(2.0), validate_args=False)
    assert divergence.kl(flat.log_prob, *q_of(0.0, 0.5)) == math.inf
    inside = divergence.kl(flat.log_prob, *q_of(0.0, 0.1))
    assert inside.item() == pytest.approx(math.log(4) - 0.5 * math.log(2 * math.pi * math.e * 0.01))


def test_a_posterior_that_vanishes_exactly_counts_for_nothing():
    steep = ToyModel(lambda z: z.square().exp(), 1.0)  # log p(x|z) = −∞ from |z| = 19 on
    assert math.isfinite(divergence.forward(steep, ONE, *q_of(0.0, 1.0)))


@pytest.mark.parametrize("mu", [-1.0, 0.5])
def test_areas_are_the_two_signs_of_the_integrand(mu):
    q = q_of(mu, 0.5)
    over, saved = divergence.areas(lambda z: FOLD.log_posterior(z, ONE), *q)
    assert close(over - saved, divergence.reverse(FOLD, ONE, *q))
    log_evidence = FOLD.log_evidence(ONE).item()

    def integrand(t):
        z = mu + 0.5 * t
        log_p = log_normal(1, z * z, 0.3) + log_normal(z) - log_evidence
        return np.exp(log_normal(t)) * (log_normal(z, mu, 0.5) - log_p)

    assert over.item() == pytest.approx(by_scipy(lambda t: max(integrand(t), 0.0)), abs=1e-4)
    assert saved.item() == pytest.approx(by_scipy(lambda t: max(-integrand(t), 0.0)), abs=1e-4)


def test_the_mean_of_draws_is_unbiased_and_knows_its_error():
    q, exact = q_of(0.3, 0.5), divergence.reverse(FOLD, ONE, *q_of(0.3, 0.5)).item()
    estimates = [
        divergence.monte_carlo(lambda z: FOLD.log_posterior(z, ONE), *q, 400, seeded(seed)) for seed in range(200)
    ]
    off = f64([(e.mean.item() - exact) / e.standard_error.item() for e in estimates])
    assert abs(off.mean().item()) < 0.3
    assert 0.8 < off.std().item() < 1.25
    first = estimates[0]
    assert first.draws.shape == (400,)
    assert first.standard_error.item() == pytest.approx(stats.sem(first.draws.numpy()))
    again = divergence.monte_carlo(lambda z: FOLD.log_posterior(z, ONE), *q, 400, seeded(0))
    assert torch.equal(again.draws, first.draws)


@pytest.mark.parametrize("f", ["linear", "fold", "wave"])
def test_the_descent_goes_down_from_anywhere(f):
    mu, sigma = torch.meshgrid(f64([-5.0, 0.0, 0.3, 2.0]), f64([0.001, 0.3, 5.0, 50.0]), indexing="ij")
    model = ToyModel(f, 0.3)
    way = divergence.descend(model, ONE, mu, 2 * sigma.log(), steps=120)
    assert way.kl.shape == way.mu.shape == way.logvar.shape == (121, 4, 4)
    assert torch.equal(way.mu[0], mu)
    assert (way.kl[1:] <= way.kl[:-1]).all()
    assert close(way.kl[60], divergence.reverse(model, ONE, way.mu[60], way.logvar[60]), 1e-9)
    at = [value[-1, 2].clone().requires_grad_() for value in (way.mu, way.logvar)]  # the starts near the middle
    slopes = torch.autograd.grad(divergence.reverse(model, ONE, *at).sum(), at)
    assert all(slope.abs().max() < 1e-3 for slope in slopes)
    if f == "linear":
        mu_post, logvar_post = posterior(model, ONE)
        assert close(way.mu[-1], mu_post.expand(4, 4), 1e-6)
        assert close(way.logvar[-1], logvar_post.expand(4, 4), 1e-6)


def test_the_descent_takes_a_batch_of_x_and_keeps_no_graph():
    x, mu, logvar = f64([0.5, 2.0]), torch.zeros((), requires_grad=True), torch.zeros(())
    way = divergence.descend(FOLD, x, mu, logvar, steps=3)
    assert way.kl.shape == (4, 2)
    assert not way.kl.requires_grad
    assert close(way.kl[:, 1], divergence.descend(FOLD, x[1], mu, logvar, steps=3).kl)


def test_a_short_stride_keeps_to_the_slope_and_a_long_one_changes_nothing():
    mu, logvar = f64([1.6, -1.5, 0.6]), 2 * f64([0.9, 0.3, 1.0]).log()
    leaps = divergence.descend(FOLD, ONE, mu, logvar, steps=20)
    assert all(
        torch.equal(a, b) for a, b in zip(leaps, divergence.descend(FOLD, ONE, mu, logvar, 20, 1e9), strict=True)
    )
    way = divergence.descend(FOLD, ONE, mu, logvar, steps=60, stride=0.1)
    by_mu, by_logvar = way.mu.diff(dim=0) / (0.5 * way.logvar[:-1]).exp(), way.logvar.diff(dim=0)
    assert (by_mu.square() + by_logvar.square() / 2).sqrt().max() < 0.1 + 1e-9
    assert (way.kl.diff(dim=0) <= 0).all()
    assert close(way.mu[-1], f64([0.937, -0.937, 0.0]), 5e-3)  # each on its own side; a leap crosses
    assert leaps.mu[-1, 1] > 0
    at = [value.clone().requires_grad_() for value in (mu, logvar)]
    slopes = torch.autograd.grad(divergence.reverse(FOLD, ONE, *at).sum(), at)
    first = way.mu[1] - mu, way.logvar[1] - logvar
    downhill = -slopes[0] * logvar.exp(), -2 * slopes[1]
    assert close(first[0] * downhill[1], first[1] * downhill[0], 1e-6)  # same direction


def test_both_directions_can_be_differentiated():
    x, mu, logvar, theta = (f64(value).requires_grad_() for value in (0.8, 0.3, -1.0, 1.2))
    for way in (divergence.reverse, divergence.forward):
        assert torch.autograd.gradcheck(
            lambda x, mu, logvar, theta, way=way: way(ToyModel(lambda z: theta * z.sin(), 0.5), x, mu, logvar),
            [x, mu, logvar, theta],
        )


def test_more_nodes_help_where_the_posterior_is_narrow():
    finer = [ToyModel("fold", 0.03, nodes=nodes) for nodes in (8001, 16001)]
    assert close(*(divergence.forward(model, f64(3.0), *q_of(0.3, 1.0)) for model in finer), 1e-10)


# ---- refusals ----


def normal(z):
    return gaussian.log_prob(z, torch.zeros(1), torch.zeros(1))


Q, THREE = q_of(0.0, 1.0), f64([1.0, 1.0, 1.0])
REVERSE, FORWARD = "divergence.reverse(model, x, mu, logvar)", "divergence.forward(model, x, mu, logvar)"


@pytest.mark.parametrize(
    ("call", "error", "parts"),
    [
        (lambda: divergence.kl(normal, *Q), ValueError, ["log_p(z)", "shape []", "shape [1601]", "z[..., None]"]),
        (lambda: divergence.kl(torch.log, *Q), ValueError, ["log_p(z)", "NaN"]),
        (lambda: divergence.kl(torch.sin, 0.0, Q[1]), TypeError, ["kl(log_p, mu, logvar): mu is float 0.0"]),
        (lambda: divergence.kl(torch.sin, Q[0], 2 * f64(-1.0).log()), ValueError, ["logvar", "1 NaN"]),
        (lambda: divergence.kl(lambda z: -z.abs(), *q_of(0.1, 1.0)), ArithmeticError, ["too rough", "smaller sigma"]),
        (lambda: divergence.kl(lambda z: -z.exp(), *q_of(0.0, 9.0)), ArithmeticError, ["12 sigma", "smaller sigma"]),
        (lambda: divergence.reverse(FOLD, THREE, THREE, THREE), ValueError, [REVERSE, "x is", "[3]", "x[0]"]),
        (lambda: divergence.reverse(FOLD, THREE[:, None], THREE[:, None], THREE[:, None]), ValueError, ["x[0]"]),
        (lambda: divergence.reverse(FOLD, torch.tensor(1), *Q), TypeError, [REVERSE, "x is int64"]),
        (lambda: divergence.reverse(FOLD, f64(320.0), *Q), ArithmeticError, ["ToyModel('fold'", "more nodes"]),
        (lambda: divergence.forward(FOLD, THREE, THREE, THREE), ValueError, [FORWARD, "x is", "[3]", "x[0]"]),
        (lambda: divergence.forward(ToyModel("fold", 0.03), f64(3.0), *Q), ArithmeticError, [FORWARD, "more nodes"]),
        (lambda: divergence.forward(FOLD, 1.0, *Q), TypeError, [FORWARD, "x is float 1.0"]),
        (lambda: divergence.descend(FOLD, 1.0, *Q), TypeError, ["descend(model, x, mu, logvar)", "x is float 1.0"]),
        (lambda: divergence.descend(FOLD, ONE, *Q, stride=0.0), ValueError, ["stride = 0.0", "greater than 0"]),
        (lambda: divergence.descend(FOLD, THREE, THREE[:2], Q[1]), ValueError, ["x [3], mu [2], logvar []"]),
        (lambda: divergence.monte_carlo(normal, *Q, 9, seeded()), ValueError, ["log_p(z)", "shape [9]"]),
        (lambda: divergence.monte_carlo(torch.sin, *Q, 1, seeded()), ValueError, ["n = 1", "at least 2 draws"]),
        (lambda: divergence.monte_carlo(torch.sin, THREE, THREE, 3, seeded()), ValueError, ["mu is", "mu[0]"]),
    ],
)
def test_bad_input_is_refused(call, error, parts):
    with refused(error, *parts):
        call()
