import math

import pytest
import torch
from scipy import integrate, stats

from tests.tools import close, f64, refused
from vae_helpers.maths import posterior
from vae_helpers.maths.toy import ToyModel

FOLD = ToyModel("fold", 0.3)


def by_scipy(f):
    return sum(integrate.quad(f, a, b, epsabs=1e-12, limit=200)[0] for a, b in ((-9, -1), (-1, 0), (0, 1), (1, 9)))


@pytest.mark.parametrize("x", [-0.5, 0.3, 1.0, 2.0])
def test_mean_and_spread_of_the_fold(x):
    def joint(z):
        return stats.norm.pdf(x, z * z, 0.3) * stats.norm.pdf(z)

    variance = by_scipy(lambda z: z * z * joint(z)) / by_scipy(joint)
    mean, spread = posterior.moments(FOLD, f64(x))
    assert abs(mean.item()) < 1e-12
    assert spread.item() == pytest.approx(math.sqrt(variance), abs=1e-8)


def test_mean_and_spread_of_the_line_are_the_closed_form_for_a_batch():
    model, x = ToyModel("linear", 0.5, slope=-1.3), f64([[-2.0, 0.0], [0.4, 3.0]])
    _, mu, logvar = model.closed_forms(x)
    mean, spread = posterior.moments(model, x)
    assert close(mean, mu, 1e-9)
    assert close(spread, (0.5 * logvar).exp(), 1e-9)


def test_the_right_half_alone():
    def joint(z):
        return stats.norm.pdf(2, z * z, 0.3) * stats.norm.pdf(z)

    mass, first, second = (integrate.quad(lambda z, k=k: z**k * joint(z), 0, 9, points=[1, 2])[0] for k in (0, 1, 2))
    mean, spread = posterior.moments(FOLD, f64(2.0), above=0.0)
    assert mean.item() == pytest.approx(first / mass, abs=1e-7)
    assert spread.item() == pytest.approx(math.sqrt(second / mass - (first / mass) ** 2), abs=1e-7)


@pytest.mark.parametrize("noise", [0.2, 0.3, 0.6, 1.0])
@pytest.mark.parametrize("x", [-0.5, 0.04, 0.5, 1.0, 2.5])
def test_the_fold_has_two_peaks_from_half_the_noise_squared(x, noise):
    found, inside = posterior.peaks(ToyModel("fold", noise), f64(x)), x - noise**2 / 2
    if abs(inside) > 1e-9:
        wanted = [-math.sqrt(inside), math.sqrt(inside)] if inside > 0 else [0.0]
        assert close(found, f64(wanted), 1e-4)


def test_faint_peaks_are_left_out_on_demand():
    wave = ToyModel("wave", 0.1)
    assert len(posterior.peaks(wave, f64(0.5), 1e-6)) > len(posterior.peaks(wave, f64(0.5), 0.5)) >= 1


@pytest.mark.parametrize("x", [0.25, 1.0, 2.0])
def test_the_area_of_the_likelihood(x):
    area = by_scipy(lambda z: stats.norm.pdf(x, z * z, 0.3))
    assert posterior.likelihood_area(FOLD, f64(x)).item() == pytest.approx(area, abs=1e-8)


def test_the_area_of_the_likelihood_of_a_line_is_one_over_its_slope_and_of_a_wave_infinite():
    assert close(posterior.likelihood_area(ToyModel("linear", 0.3, slope=-2.5), f64([0.0, 1.0])), f64([0.4, 0.4]), 1e-9)
    assert posterior.likelihood_area(ToyModel("wave", 0.3), f64(0.5)).item() == math.inf


@pytest.mark.parametrize(
    ("call", "error", "parts"),
    [
        (lambda: posterior.moments(FOLD, 1.0), TypeError, ["posterior.moments(model, x): x is float 1.0"]),
        (lambda: posterior.moments(ToyModel("fold", 0.03), f64(3.0)), ArithmeticError, ["more nodes"]),
        (lambda: posterior.moments(FOLD, f64(1.0), 0.0), ArithmeticError, ["not apart at z = 0", "take an x"]),
        (lambda: posterior.peaks(FOLD, f64([1.0, 2.0])), ValueError, ["posterior.peaks(model, x)", "x[0]"]),
        (lambda: posterior.likelihood_area(FOLD, f64(math.nan)), ValueError, ["posterior.likelihood_area", "NaN"]),
        (lambda: posterior.likelihood_area(ToyModel("fold", 0.01), f64(4.0)), ArithmeticError, ["more nodes"]),
    ],
)
def test_bad_input_is_refused(call, error, parts):
    with refused(error, *parts):
        call()


def test_float32_is_taken():
    assert posterior.moments(FOLD, torch.tensor(1.0)).spread.dtype == torch.float64
