"""maths.aggregate: bells against the prior, by closed forms, by brute force, and the sum by three routes."""

import math

import pytest
import torch

from tests.tools import close, f64, refused, seeded
from vae_helpers.learning import weights
from vae_helpers.maths import aggregate, gaussian

ZERO = f64([0.0, 0.0])


def some(count=40, seed=0):
    """Bells here and there, no two alike."""
    draws = torch.randn(2, count, 2, generator=seeded(seed), dtype=torch.float64)
    return draws[0], 0.4 * draws[1] - 3.0


def slow_log_prob(z, mu, logvar):
    each = torch.stack([gaussian.log_prob(z, *bell) for bell in zip(mu, logvar, strict=True)])
    return each.logsumexp(0) - math.log(len(mu))


@pytest.mark.parametrize("bell", [([0.0, 0.0], [0.0, 0.0]), ([0.7, -1.2], [-2.0, 0.3]), ([9.0, 0.0], [-5.0, -5.0])])
def test_one_bell_has_the_divergence_of_the_closed_form(bell):
    mu, logvar = (f64([part]) for part in bell)
    found = aggregate.on_plane(mu, logvar)
    assert close(found.divergence, gaussian.kl(mu, logvar)[0], 1e-6)


def test_bells_that_fill_the_prior_leave_nothing():
    """Draws of N(0, 1 − σ²) with bells of σ make the prior again, as N grows; one bell of the prior does at once."""
    assert aggregate.on_plane(f64([[0.0, 0.0]]), f64([[0.0, 0.0]])).thin(2) == 0.0
    sigma, parts = 0.8, []
    for count in (50, 5000):
        mu = math.sqrt(1 - sigma**2) * torch.randn(count, 2, generator=seeded(), dtype=torch.float64)
        parts.append(aggregate.on_plane(mu, torch.full_like(mu, 2 * math.log(sigma))).divergence)
    assert parts[1] < 2e-3 < parts[0]


def test_two_bells_far_apart_tell_one_bit():
    mu, logvar = f64([[-3.0, 0.0], [3.0, 0.0]]), f64([[-3.0, -3.0]] * 2)
    bells, told = aggregate.on_plane(mu, logvar), aggregate.information(mu, logvar, seeded())
    assert close(told.mean, math.log(2), 1e-9)
    assert told.error < 1e-9
    assert close(bells.divergence + math.log(2), gaussian.kl(mu, logvar).mean(), 1e-4)


def test_the_lattice_holds_the_density_of_a_slow_sum():
    mu, logvar = some()
    found = aggregate.on_plane(mu, logvar)
    at = [(10, 20), (len(found.z1) // 2, len(found.z2) // 2), (len(found.z1) // 3, len(found.z2) // 2)]
    z = torch.stack([torch.stack([found.z1[i], found.z2[j]]) for i, j in at])
    assert close(torch.stack([found.log_density[i, j] for i, j in at]).exp(), slow_log_prob(z, mu, logvar).exp(), 1e-9)
    step = (found.z1[1] - found.z1[0]) * (found.z2[1] - found.z2[0])
    assert close(found.log_density.exp().sum() * step, 1.0, 1e-4)
    assert found.log_ratio.shape == found.log_density.shape


def test_the_log_of_the_sum_is_that_of_a_slow_sum_in_any_number_of_latents():
    for latents in (1, 2, 7):
        mu = torch.randn(30, latents, generator=seeded(1), dtype=torch.float64)
        logvar = torch.randn(30, latents, generator=seeded(2), dtype=torch.float64) - 2
        z = 4 * torch.randn(50, latents, generator=seeded(3), dtype=torch.float64)
        assert close(aggregate.log_prob(z, mu, logvar), slow_log_prob(z, mu, logvar), 1e-9)
    far = f64([[60.0, -40.0]])
    assert close(aggregate.log_prob(far, *some()), slow_log_prob(far, *some()), 1e-9)  # −∞ would be the density's log


def test_parts_of_a_sum_change_nothing(monkeypatch):
    mu, logvar = some()
    z = torch.randn(30, 2, generator=seeded(5), dtype=torch.float64)
    whole = aggregate.on_plane(mu, logvar).divergence, aggregate.log_prob(z, mu, logvar)
    monkeypatch.setattr(aggregate, "NUMBERS_AT_ONCE", 3000)
    assert close(aggregate.on_plane(mu, logvar).divergence, whole[0], 1e-12)
    assert close(aggregate.log_prob(z, mu, logvar), whole[1], 1e-12)


def test_the_information_of_a_few_bells_by_nodes_of_their_own():
    mu, logvar = some(12)
    line = torch.arange(-8, 8.1, 0.1, dtype=torch.float64)
    t = torch.cartesian_prod(line, line)
    weight = gaussian.log_prob(t, ZERO, ZERO).softmax(0)
    exact = torch.stack(
        [
            (weight * (gaussian.log_prob(z, *bell) - slow_log_prob(z, mu, logvar))).sum()
            for bell in zip(mu, logvar, strict=True)
            for z in [gaussian.reparameterize(*bell, t)]
        ]
    ).mean()
    bells = aggregate.on_plane(mu, logvar)
    assert close(exact + bells.divergence, gaussian.kl(mu, logvar).mean(), 1e-4)
    told = aggregate.information(mu, logvar, seeded(), draws=20_000)
    assert abs(told.mean - exact) < 4 * told.error
    assert told.mean < math.log(12)


def test_on_the_stored_clouds_the_three_parts_add_up():
    for name in ("digits-2d", "mnist-2d"):
        cloud = weights.cloud(name)
        price = gaussian.kl(cloud.codes.double(), cloud.logvar.double()).mean()
        bells = aggregate.on_plane(cloud.codes, cloud.logvar)
        told = aggregate.information(cloud.codes, cloud.logvar, seeded(1), draws=2000)
        assert abs(price - told.mean - bells.divergence) < 4 * told.error


def test_thin_is_the_share_of_the_prior_that_draws_meet():
    mu, logvar = some()
    found = aggregate.on_plane(mu, logvar)
    z = torch.randn(20_000, 2, generator=seeded(7), dtype=torch.float64)
    ratio = slow_log_prob(z, mu, logvar) - gaussian.log_prob(z, ZERO, ZERO)
    assert abs(found.thin(10) - (ratio < -math.log(10)).double().mean()) < 0.02
    assert found.thin(2) > found.thin(10)


def test_where_codes_are_spread_as_the_prior_a_disc_holds_what_it_promises():
    codes = torch.randn(100_000, 2, generator=seeded(8), dtype=torch.float64)
    z = torch.randn(400, 2, generator=seeded(9), dtype=torch.float64)
    z = z[z.norm(dim=1) < 2]
    counts = aggregate.met(z, codes, promised=20).double()
    assert abs(counts.mean() - 20) < 1
    assert abs(counts.std() - 20**0.5) < 1  # Poisson
    assert (aggregate.met(f64([[1.0, 1.0]]), f64([[1.0, 1.0], [5.0, 5.0]]), promised=0.1) == 1).all()


def test_what_is_no_cloud_of_bells_is_refused():
    mu, logvar = some()
    with refused(ValueError, "aggregate.on_plane", "[40, 2]", "[39, 2]"):
        aggregate.on_plane(mu, logvar[1:])
    with refused(ValueError, "aggregate.on_plane", "3 latents", "a plane"):
        aggregate.on_plane(torch.zeros(4, 3), torch.zeros(4, 3))
    with refused(ValueError, "aggregate.log_prob", "z has shape [2]", "[m, 2]"):
        aggregate.log_prob(ZERO, mu, logvar)
    with refused(ValueError, "aggregate.information", "draws = 1", "at least 2"):
        aggregate.information(mu, logvar, seeded(), draws=1)
    with refused(ValueError, "aggregate.met", "codes has shape [40, 3]"):
        aggregate.met(mu, torch.zeros(40, 3))
    with refused(ValueError, "Aggregate.thin(factor)", "greater than 0"):
        aggregate.on_plane(mu, logvar).thin(0)
    with refused(ArithmeticError, "aggregate.on_plane", "narrowest σ is 1.0e-04"):
        aggregate.on_plane(mu, torch.full_like(mu, 2 * math.log(1e-4)))
    with refused(TypeError, "aggregate.on_plane", "floating point"):
        aggregate.on_plane(torch.zeros(4, 2, dtype=torch.long), torch.zeros(4, 2))
