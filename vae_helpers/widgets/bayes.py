"""Notebook 02's explorers: bowls that are counted, a row of bowls, and Bayes' rule over the line and the plane."""

import functools
import math

import torch
from torch import Tensor

from vae_helpers.figures import bayes as pictures
from vae_helpers.figures import bowls
from vae_helpers.maths import divergence, posterior
from vae_helpers.maths.toy import ToyModel
from vae_helpers.widgets.divergence import GRID, f64, gaussian_parameters
from vae_helpers.widgets.explorer import Explorer, slider, stops

NEAR = 0.05  # a game counts as having given x if its ball is within this


def games_table(faces: int = 5, black_left: int = 3, black_right: int = 9) -> Explorer:
    """All sixty games of two bowls, counted: the die's faces and the black balls are sliders."""

    def derive(faces: float, black_left: float, black_right: float) -> dict:
        return {"faces_left": round(faces), "black_left": round(black_left), "black_right": round(black_right)}

    return Explorer(
        bowls.table(), derive,
        faces=slider("faces for left", faces, 1, 5, 1),
        black_left=slider("black, left", black_left, 0, 10, 1),
        black_right=slider("black, right", black_right, 1, 10, 1),
    )  # fmt: skip


def row_of_bowls(model: ToyModel, x: float | Tensor) -> Explorer:
    """The toy on few bowls or many: prior, what gave x, and the posterior as shares of it."""
    x_seen = f64(x)

    def derive(bowls: float) -> dict:
        z = torch.linspace(-3, 3, round(bowls), dtype=torch.float64)
        prior, likelihood = model.log_prior(z).exp(), model.log_likelihood(x_seen, z).exp()
        return {"z": z.numpy(), "prior": prior.numpy(), "likelihood": likelihood.numpy(), "x": x_seen.item()}

    return Explorer(bowls.row(NEAR), derive, bowls=stops("bowls", 7, [7, 9, 13, 17, 25, 49, 97]))


def five_curves(f: str, low: float = -0.5, high: float = 2.5) -> Explorer:
    """Prior, likelihood, joint, posterior over z, evidence over x, while x and the noise of the toy `f` move."""
    xs, least, most = torch.linspace(low, high, 76, dtype=torch.float64), 0.25, 1.0

    @functools.lru_cache(maxsize=32)
    def at_noise(noise: float) -> tuple[ToyModel, Tensor]:
        model = ToyModel(f, noise, reach=10.0, nodes=1001)  # exact enough for a curve, in a quarter of the time
        return model, model.log_evidence(xs).exp()

    def derive(x: float, noise: float) -> dict:
        model, curve = at_noise(noise)
        at = f64(x)
        mean, spread = posterior.moments(model, at)
        return {
            "x": x,
            "noise": noise,
            "log_likelihood": model.log_likelihood(at, GRID).numpy(),
            "p": model.log_posterior(GRID, at).exp().numpy(),
            "curve": curve.numpy(),
            "at": model.log_evidence(at).exp().item(),
            "lik_area": posterior.likelihood_area(model, at).item(),
            "moments": (mean.item(), spread.item()),
            "peaks": posterior.peaks(model, at, faintest=0.05).tolist(),  # those that an eye finds
        }

    sharpest, curve = at_noise(least)  # more noise makes every curve lower
    joint = sharpest.log_joint(xs[:, None], GRID)
    tops = {
        "likelihood": 1 / (math.sqrt(2 * math.pi) * least),
        "joint": joint.exp().max().item(),
        "posterior": (joint - curve.log()[:, None]).exp().max().item(),
        "evidence": curve.max().item(),
    }
    scene = pictures.five(GRID.numpy(), sharpest.log_prior(GRID).exp().numpy(), xs.numpy(), tops)
    return Explorer(
        scene, derive,
        x=slider("observed x", 1.0, low, high), noise=slider("noise s", 0.3, least, most),
    )  # fmt: skip


def read_off(model: ToyModel, low: float = -0.5, high: float = 2.5, games: int = 40_000) -> Explorer:
    """The plane of (z, x): one row read as the encoder does, one column as the decoder does."""
    xs = torch.linspace(low, high, 301, dtype=torch.float64)
    played = model.sample(games, torch.Generator().manual_seed(0))

    def derive(x: float, z: float) -> dict:
        at_x, at_z = f64(x), f64(z)
        mean, spread = posterior.moments(model, at_x)
        return {
            "at_x": x,
            "at_z": z,
            "p_z": model.log_posterior(GRID, at_x).exp().numpy(),
            "p_x": model.log_likelihood(xs, at_z).exp().numpy(),
            "moments": (mean.item(), spread.item()),
            "decoded": (model.f(at_z).item(), model.noise),
        }

    highest = model.log_posterior(GRID, torch.linspace(low, high, 31, dtype=torch.float64)[:, None]).exp().max().item()
    tops = (highest, 1 / (math.sqrt(2 * math.pi) * model.noise))
    scene = pictures.read_off([axis.numpy() for axis in played], GRID.numpy(), xs.numpy(), tops, NEAR)
    return Explorer(
        scene, derive, x=slider("row x", 0.25, low + 2 * NEAR, high - 2 * NEAR), z=slider("column z", 0.5, -1.5, 1.5)
    )


def first_guess(model: ToyModel, x: float | Tensor) -> Explorer:
    """A bell over the posterior, moved by its parameters φ = (μ, log σ)."""
    x_seen = f64(x)

    def derive(mu: float, log_sigma: float) -> dict:
        q = divergence.log_q(GRID, *gaussian_parameters(mu, math.exp(log_sigma))).exp().numpy()
        return {"q": q, "mu": mu, "log_sigma": log_sigma}

    scene = bowls.first_guess(GRID.numpy(), model.log_posterior(GRID, x_seen).exp().numpy())
    return Explorer(
        scene, derive,
        mu=slider("mean μ", 0.0, -2.0, 2.0), log_sigma=slider("log σ", 0.0, -2.3, 0.5),
    )  # fmt: skip
