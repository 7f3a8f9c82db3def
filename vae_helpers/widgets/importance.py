"""Notebook 02's explorers of importance sampling: the repair over many dimensions, and the estimate that deceives."""

import functools
import math
from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from vae_helpers.figures import importance as pictures
from vae_helpers.figures.picture import Picture
from vae_helpers.maths import bounds, gaussian, importance, posterior
from vae_helpers.maths.importance import Gaussian, Mixture
from vae_helpers.maths.toy import LinearGaussian, ToyModel
from vae_helpers.widgets.divergence import GRID, f64
from vae_helpers.widgets.explorer import Explorer, slider, stops

DIMS = range(1, 21)


def widened(model: LinearGaussian, x: Tensor, factor: float) -> Gaussian:
    """The linear toy's posterior, `factor` times as wide: a proposal that is nearly right (right at 1)."""
    mu, logvar = model.posterior(x)
    return Gaussian(mu, logvar + 2 * math.log(factor))


def repair(noise: float = 0.5, x: float = 1.0, n: int = 1000, repeats: int = 40) -> Explorer:
    """Many estimates of log p(x) on D linear copies: draws from the prior beside draws from a widened posterior."""

    def copies(dim: int) -> tuple[LinearGaussian, Tensor]:
        return LinearGaussian(dim, noise=noise), torch.full((dim,), x, dtype=torch.float64)

    @functools.lru_cache(1)  # thrown once for all widths of one D
    def dice(dim: int) -> Tensor:
        return torch.randn(n * repeats, dim, generator=torch.Generator().manual_seed(dim), dtype=torch.float64)

    def errors(dim: int, proposal: Gaussian) -> np.ndarray:
        model, seen = copies(dim)
        z = gaussian.reparameterize(proposal.mu, proposal.logvar, dice(dim))
        weights = bounds.log_weights(model.log_likelihood(seen, z), z, proposal.mu, proposal.logvar)
        found = importance.estimate(weights.reshape(repeats, n)).log_evidence
        return (found - model.log_evidence(seen)).numpy()

    @functools.lru_cache
    def from_prior(dim: int) -> np.ndarray:
        return errors(dim, importance.standard(dim))

    def derive(dim: float, width: float) -> dict:
        dim = round(dim)
        return {
            "dim": dim,
            "width": width,
            "from_prior": from_prior(dim),
            "from_q": errors(dim, widened(*copies(dim), width)),
            "on_paper": [
                importance.relative_variance(widened(model, seen, width), *model.posterior(seen)).item()
                for model, seen in map(copies, DIMS)
            ],
        }

    on_paper_prior = [model.relative_variance(seen).item() for model, seen in map(copies, DIMS)]
    return Explorer(
        pictures.repair(list(DIMS), on_paper_prior), derive,
        dim=stops("dimension D", 5, [1, 2, 5, 10, 20]), width=slider("width of q", 1.2, 0.5, 2.0, 0.05),
    )  # fmt: skip


def insured(part: Gaussian, share: float) -> Mixture:
    """The proposal `part`, with a share of the draws from the prior."""
    return Mixture((part, importance.standard(1)), (1 - share, share))


def density(proposal: Gaussian | Mixture) -> np.ndarray:
    """q on the pages' grid of z."""
    return proposal.log_prob(GRID[:, None]).exp().numpy()


def candidates(model: ToyModel, x: float | Tensor, factor: float = 1.2) -> dict[str, Gaussian | Mixture]:
    """Five proposals for a posterior of two mirrored peaks: the narrow parts are `factor` times as wide as one peak."""
    mean, spread = posterior.moments(model, f64(x), above=0.0)
    right, left = importance.bell(mean, factor * spread), importance.bell(-mean, factor * spread)
    prior = importance.standard(1)
    return {
        "prior": prior,
        "one wide bell": importance.bell(*posterior.moments(model, f64(x))),
        "one peak": right,
        "two peaks": Mixture((right, left), (0.5, 0.5)),
        "two peaks, 10 % prior": Mixture((right, left, prior), (0.45, 0.45, 0.1)),
    }


def proposals(model: ToyModel, x: float | Tensor, named: Mapping[str, Gaussian | Mixture]) -> Picture:
    """Each proposal, by name, over the posterior at x."""
    p = model.log_posterior(GRID, f64(x)).exp().numpy()
    return pictures.proposals(GRID.numpy(), p, [(name, density(proposal)) for name, proposal in named.items()])


def running(model: ToyModel, x: float | Tensor, part: Gaussian, n: int = 100_000) -> Explorer:
    """The estimate of p(x) while draws come in, from `part` and, as insurance, a share of the prior."""
    x_seen = f64(x)
    log_evidence = model.log_evidence(x_seen)
    kept = np.unique(np.geomspace(10, n, 300).astype(int))

    def derive(percent: float, again: float) -> dict:
        proposal = insured(part, percent / 100)
        found = importance.running(importance.of_toy(model, x_seen, proposal, n, seed=round(again)))
        return {
            "q": density(proposal),
            "share": percent / 100,
            "draws": kept,
            "ratio": (found.log_evidence - log_evidence).exp().numpy()[kept - 2],
            "error": found.relative_error.numpy()[kept - 2],
        }

    p = model.log_posterior(GRID, x_seen).exp().numpy()
    scene = pictures.running(GRID.numpy(), p, n, 1.1 * max(p.max(), density(part).max()))
    return Explorer(
        scene, derive,
        percent=stops("% from the prior", 0, [0, 0.03, 0.1, 1, 10, 50, 100]),
        again=slider("drawing number", 1, 1, 20, 1),
    )  # fmt: skip
