"""Notebook 04's explorers: the level L under log p(x), what it is made of, and what moves when it is climbed."""

import math
from collections.abc import Sequence
from itertools import accumulate, combinations, pairwise

import torch
from torch import Tensor

from vae_helpers.figures import climb as climbs
from vae_helpers.figures import elbo as pictures
from vae_helpers.figures.picture import Picture
from vae_helpers.maths import bounds, checks, derivation, divergence, gaussian, quadrature
from vae_helpers.maths.toy import ToyModel
from vae_helpers.widgets.derivation import Derivation
from vae_helpers.widgets.divergence import GRID, bell, f64, gaussian_parameters, guess_sliders
from vae_helpers.widgets.explorer import Explorer
from vae_helpers.widgets.slider import slider, stops

two_levels = pictures.two_levels
SPREADS = (0.01, 0.014, 0.02, 0.03, 0.04, 0.06, 0.08, 0.11, 0.15, 0.2, 0.28, 0.4, 0.55)
STEPS = 40


def level(model: ToyModel, x: float | int | Tensor, mu: float | int = 0.5, sigma: float | int = 0.5) -> Explorer:
    """The level L, the gap above it and the line at log p(x), while q moves."""
    x_seen = f64(x)
    log_evidence = model.log_evidence(x_seen).item()

    def derive(mu: float | int, sigma: float | int) -> dict:
        q = gaussian_parameters(mu, sigma)
        # Neither is made from the other: L never sees the posterior, and D_KL has log p(x) from other nodes.
        gap = derivation.kl_to_evidence(model, x_seen, *q)[0].value.item()
        elbo = bounds.of_toy(model, x_seen, *q).total.item()
        return {"q": bell(*q), "mu": mu, "sigma": sigma, "elbo": elbo, "kl": gap}

    density = model.log_posterior(GRID, x_seen).exp().numpy()
    return Explorer(pictures.level(GRID.numpy(), density, log_evidence), derive, **guess_sliders(mu, sigma))


def jensen(model: ToyModel, x: float | int | Tensor) -> Explorer:
    """The log of the mean weight beside the mean of the log weights, while q moves."""
    x_seen = f64(x)
    eps = torch.special.ndtri((torch.arange(30, dtype=torch.float64) + 0.5) / 30)  # one draw from each 30th of q

    def derive(mu: float | int, sigma: float | int) -> dict:
        q = gaussian_parameters(mu, sigma)
        z = gaussian.reparameterize(*q, eps)
        return {
            "q": bell(*q),
            "mu": mu,
            "sigma": sigma,
            "log_weights": (model.log_joint(x_seen, z) - divergence.log_q(z, *q)).numpy(),
            "elbo": bounds.of_toy(model, x_seen, *q).total.item(),
        }

    density = model.log_posterior(GRID, x_seen).exp().numpy()
    scene = pictures.jensen(GRID.numpy(), density, model.log_evidence(x_seen).item())
    return Explorer(scene, derive, **guess_sliders(0.2, 0.6))


def terms(model: ToyModel, x: float | int | Tensor) -> Explorer:
    """L as reconstruction minus price, while q moves between prior and likelihood."""
    x_seen = f64(x)
    log_evidence = model.log_evidence(x_seen).item()

    def derive(mu: float | int, sigma: float | int) -> dict:
        q = gaussian_parameters(mu, sigma)
        bound = bounds.of_toy(model, x_seen, *q)
        return {
            "q": bell(*q),
            "mu": mu,
            "sigma": sigma,
            "reconstruction": bound.reconstruction.item(),
            "paid": bound.kl.item(),
            "kl": log_evidence - bound.total.item(),
        }

    prior, likelihood = model.log_prior(GRID).exp(), model.log_likelihood(x_seen, GRID).exp()
    scene = pictures.terms(GRID.numpy(), prior.numpy(), likelihood.numpy(), log_evidence)
    return Explorer(scene, derive, **guess_sliders(0.7, 0.3))


def price_lines() -> Derivation:
    """D_KL(q ‖ N(0, 1)) to its closed form, line by line, with q over the prior."""
    standard = ToyModel("linear")  # only its prior is used
    z = torch.linspace(-6, 6, 1201, dtype=torch.float64)
    scene = pictures.over_prior(z.numpy(), standard.log_prior(z).exp().numpy())
    return Derivation(
        standard, 0.0, lambda _model, _x, mu, logvar: derivation.gaussian_kl(mu, logvar),
        scene, z, **guess_sliders(0.0, 1.0, widest=2.2),
    )  # fmt: skip


def squeeze(model: ToyModel, x: float | int | Tensor, mu: float | int) -> Explorer:
    """E_q[log p(x, z)], q's entropy and their sum, while q at a fixed mean gets narrower."""
    x_seen = f64(x)
    fine = torch.logspace(math.log10(SPREADS[0]), math.log10(SPREADS[-1]), 200, dtype=torch.float64)
    sigmas = torch.cat([fine, f64(SPREADS)]).unique()
    logvar = 2 * sigmas.log()
    entropy = gaussian.entropy(logvar[:, None])
    energy = bounds.of_toy(model, x_seen, f64(mu), logvar).total - entropy

    def derive(sigma: float | int) -> dict:
        return {"q": bell(*gaussian_parameters(mu, sigma)), "at": sigma}

    density, log_evidence = model.log_posterior(GRID, x_seen).exp(), model.log_evidence(x_seen).item()
    scene = pictures.squeeze(
        GRID.numpy(), density.numpy(), sigmas.numpy(), energy.numpy(), entropy.numpy(), log_evidence
    )
    return Explorer(scene, derive, sigma=stops("spread σ of q", 0.28, SPREADS))


def outputs(model: ToyModel, x: float | int | Tensor, mu: float | int, sigma: float | int) -> Picture:
    """Densities of two outputs: from z ~ prior, and from z ~ q, the guess that was made for this x."""
    q, x_seen = gaussian_parameters(mu, sigma), f64(x)
    xs = torch.linspace(-1, 4, 501, dtype=torch.float64)
    call = "elbo.outputs(model, x, mu, sigma)"
    many = [logvar.expand(len(xs)) for logvar in q]
    returned = quadrature.gaussian_mean(call, lambda z: model.log_likelihood(xs[:, None], z).exp(), *many)
    return pictures.outputs(xs.numpy(), model.log_evidence(xs).exp().numpy(), returned.numpy(), x_seen.item())


def climb(model: ToyModel, x: float | int | Tensor, starts: Sequence[tuple[float | int, float | int]]) -> Explorer:
    """The surface of L over (μ, log σ) and the way up from each start (mean, spread), step by step."""
    x_seen = f64(x)
    log_evidence = model.log_evidence(x_seen)
    mus = torch.linspace(-2, 2, 101, dtype=torch.float64)
    sigmas = torch.logspace(math.log10(0.08), math.log10(1.2), 61, dtype=torch.float64)
    surface = bounds.of_toy(model, x_seen, mus, 2 * sigmas.log()[:, None]).total
    begin = f64(starts)
    ways = divergence.descend(model, x_seen, begin[:, 0], 2 * begin[:, 1].log(), STEPS, stride=0.1)

    def derive(start: float | int, steps: float | int) -> dict:
        so_far = slice(round(steps) + 1), round(start) - 1
        ended = slice(round(start) if round(steps) == STEPS else 0)  # the later starts' ends are not given away
        path = [ways.mu[so_far], (0.5 * ways.logvar[so_far]).exp(), log_evidence - ways.kl[so_far]]
        path += [ways.mu[-1, ended], (0.5 * ways.logvar[-1, ended]).exp()]
        names = "path_mu", "path_sigma", "elbo", "ends_mu", "ends_sigma"
        return dict(zip(names, (values.numpy() for values in path), strict=True))

    scene = climbs.climb(mus.numpy(), sigmas.numpy(), surface.numpy(), log_evidence.item(), STEPS)
    return Explorer(
        scene, derive,
        start=stops("start number", 1, range(1, len(starts) + 1)), steps=slider("steps", 0, 0, STEPS, 1),
    )  # fmt: skip


def _lines(noise: float | int, slopes: Tensor) -> list[ToyModel]:
    """The straight toy, once for each slope."""
    return [ToyModel("linear", noise, slope) for slope in slopes.tolist()]


def theta(x: float | int | Tensor, noise: float | int, mu: float | int, sigma: float | int) -> Explorer:
    """L and log p(x) of the straight toy as its slope moves and q does not."""
    x_seen, q = f64(x), gaussian_parameters(mu, sigma)
    slopes = torch.linspace(0.2, 2, 181, dtype=torch.float64)
    lines = _lines(noise, slopes)
    elbo = torch.stack([bounds.of_toy(model, x_seen, *q).total for model in lines])
    evidence = torch.stack([model.log_evidence(x_seen) for model in lines])

    def derive(a: float | int) -> dict:
        model = ToyModel("linear", noise, a)
        return {"at": a, "posterior": model.log_posterior(GRID, x_seen).exp().numpy()}

    scene = climbs.theta(GRID.numpy(), bell(*q), slopes.numpy(), elbo.numpy(), evidence.numpy())
    return Explorer(scene, derive, a=slider("slope a", 0.4, 0.2, 2.0))


def best_slope(x: Tensor, mu: Tensor, logvar: Tensor) -> Tensor:
    """The a that maximises E_q[log N(x; a z, s²)] whatever s: x E_q[z] / E_q[z²] = x μ / (μ² + σ²)."""
    return x * mu / (mu.square() + logvar.exp())


def turns(x: float | int | Tensor, noise: float | int, slope: float | int, rounds: int = 6) -> Explorer:
    """EM on the straight toy, half a round at a time: q becomes the posterior, then the slope climbs L."""
    x_seen, slopes = f64(x), torch.linspace(0.2, 1.2, 51, dtype=torch.float64)
    lines = _lines(noise, slopes)
    q = ToyModel("linear", noise, slope).closed_forms(x_seen)[1:]
    states = [(slope, q)]
    for _ in range(rounds):
        states.append((best_slope(x_seen, *q).item(), q))
        q = ToyModel("linear", noise, states[-1][0]).closed_forms(x_seen)[1:]
        states.append((states[-1][0], q))
    models = [ToyModel("linear", noise, a) for a, _ in states]
    curves = {q: torch.stack([bounds.of_toy(m, x_seen, *q).total for m in lines]).numpy() for _, q in states}
    way = [[states[0]]]  # each turn's piece of it: a turn by a goes along the curve
    for (before, _), (after, q) in pairwise(states):
        way.append([(a, q) for a in torch.linspace(before, after, 9 if after != before else 1).tolist()])
    steps = [(a, bounds.of_toy(ToyModel("linear", noise, a), x_seen, *q).total.item()) for turn in way for a, q in turn]
    reached = list(accumulate(len(turn) for turn in way))

    def derive(turn: float | int) -> dict:
        now = round(turn)
        model, (_, q) = models[now], states[now]
        return {
            "q": bell(*q),
            "posterior": model.log_posterior(GRID, x_seen).exp().numpy(),
            "curve": curves[q],
            "way_slopes": f64(steps)[: reached[now], 0].numpy(),
            "way_levels": f64(steps)[: reached[now], 1].numpy(),
            "done": now,
            "evidence": model.log_evidence(x_seen).item(),
        }

    evidence = torch.stack([model.log_evidence(x_seen) for model in lines])
    scene = climbs.turns(GRID.numpy(), slopes.numpy(), evidence.numpy())
    return Explorer(scene, derive, turn=slider("turns taken", 0, 0, 2 * rounds, 1))


def batch_estimates(levels: Tensor, size: int) -> Tensor:
    """N/B times the sum over the batch, for every minibatch of B = `size` out of the N numbers in `levels`."""
    every = torch.tensor(list(combinations(range(len(levels)), size)))
    return len(levels) / size * levels[every].sum(-1)


def minibatches(levels: Tensor) -> Explorer:
    """Every possible minibatch of a small data set: estimates of Σₙ L(xₙ), by size."""
    checks.tensors("elbo.minibatches(levels)", levels=levels)
    total, one = levels.sum().item(), batch_estimates(levels, 1)
    width = (one.max() - one.min()).item() / 24
    below, above = (math.ceil(abs(end.item() - total) / width) + 1.5 for end in (one.min(), one.max()))
    bins = total + width * torch.arange(-below, above + 0.5, dtype=torch.float64)  # the sum is the middle of one
    scene = climbs.minibatches(total, len(levels), bins.numpy())

    def derive(size: float | int) -> dict:
        return {"estimates": batch_estimates(levels, round(size)).numpy(), "size": round(size)}

    return Explorer(scene, derive, size=slider("size of a minibatch", 1, 1, len(levels), 1))
