"""Notebook 01's second half: naive Monte Carlo for p(x) on D copies of the linear toy, where p(x) is known."""

import math
from functools import lru_cache

import torch
from torch import Tensor

from vae_helpers.figures import monte_carlo as pictures
from vae_helpers.figures.picture import Picture
from vae_helpers.maths import monte_carlo, threads
from vae_helpers.maths.toy import LinearGaussian
from vae_helpers.widgets.explorer import Explorer, slider, stops

X = 1.0  # the x that was seen, in every dimension
NS, DIMS = [1, 10, 100, 1000, 10_000], [1, 2, 3, 5, 10, 20]
WITHIN = 2.0  # noise spreads: a dart hits where it would explain every coordinate of x within that many
CARRIERS = 10
REPEATS = 200  # estimates of each kind
BIAS_DIMS, BIAS_NS, BIAS_DRAWS = (1, 5, 10), (1, 10, 100, 1000), 10**6


def seen(dim: int) -> Tensor:
    """x in `dim` dimensions: 1 everywhere."""
    return torch.full((dim,), X, dtype=torch.float64)


def line(model: LinearGaussian) -> Explorer:
    """Darts on a line: z from the prior, as high as p(x|z); their mean height estimates p(x)."""
    x, z = seen(1), torch.linspace(-3.5, 3.5, 281, dtype=torch.float64)

    def derive(n: float, again: float) -> dict:
        at = torch.randn(NS[-1], generator=torch.Generator().manual_seed(round(again)), dtype=torch.float64)[: round(n)]
        return {"at": at.numpy(), "height": model.log_likelihood(x, at[:, None]).exp().numpy()}

    curves = model.log_prior(z[:, None]).exp(), model.log_likelihood(x, z[:, None]).exp()
    scene = pictures.line(z.numpy(), *(curve.numpy() for curve in curves), model.log_evidence(x).exp().item(), NS[-1])
    return Explorer(scene, derive, n=stops("darts n", NS[0], NS), again=slider("throw number", 1, 1, 20, 1))


def chance(model: LinearGaussian) -> float:
    """Of one coordinate of a dart to hit: P(|x − slope · z| ≤ 2 · noise), z ~ N(0, 1)."""
    edges = [(X + sign * WITHIN * model.noise) / abs(model.slope) for sign in (1, -1)]
    high, low = (0.5 * math.erfc(-edge / math.sqrt(2)) for edge in edges)
    return high - low


def board(noise: float = 0.5) -> Explorer:
    """Darts in D dimensions, two of which are drawn: those that hit the likelihood, and what each carries."""
    models = {dim: LinearGaussian(dim, noise=noise) for dim in DIMS if dim > 1}

    @lru_cache(maxsize=4)
    def thrown(again: int) -> Tensor:
        generator = torch.Generator().manual_seed(again)
        return torch.randn(NS[-1], DIMS[-1], generator=generator, dtype=torch.float64)

    def derive(n: float, dim: float, again: float) -> dict:
        z, model = thrown(round(again))[: round(n), : round(dim)], models[round(dim)]
        hits = ((seen(model.dim) - model.slope * z).abs() <= WITHIN * noise).all(-1)
        shares = torch.softmax(model.log_likelihood(seen(model.dim), z), 0).topk(CARRIERS).values
        return {"z": z.numpy(), "hits": hits.numpy(), "shares": shares.numpy()}

    scene = pictures.board((X, X, WITHIN * noise), chance(LinearGaussian(1, noise=noise)), CARRIERS)
    return Explorer(
        scene,
        derive,
        n=stops("darts n", 100, [n for n in NS if n >= CARRIERS]),
        dim=stops("dimensions D", 2, list(models)),
        again=slider("throw number", 1, 1, 20, 1),
    )


def estimates(noise: float = 0.5) -> Tensor:
    """log p̂ − log p for each D of DIMS and n of NS, REPEATS times: [dims, ns, repeats]. Some seconds, once."""
    return _estimates(noise)


@lru_cache(maxsize=2)
@threads.limited()
def _estimates(noise: float) -> Tensor:
    copy = LinearGaussian(1, noise=noise)
    exact = torch.stack([LinearGaussian(dim, noise=noise).log_evidence(seen(dim)) for dim in DIMS])
    found = monte_carlo.ladder(copy, X, DIMS, NS, REPEATS, torch.Generator().manual_seed(0))
    return found - exact[:, None, None]


def relative_variances(noise: float = 0.5) -> Tensor:
    """(R^D − 1)/n for each D of DIMS and n of NS, in closed form: [dims, ns]."""
    of_one = [LinearGaussian(dim, noise=noise).relative_variance(seen(dim)) for dim in DIMS]
    return torch.stack(of_one)[:, None] / torch.tensor(NS, dtype=torch.float64)


def spread(noise: float = 0.5) -> Explorer:
    """Samples × dimension → the spread of the estimate of log p(x); its relative variance beside the closed form."""
    off = estimates(noise)
    measured = monte_carlo.relative_variance(off)
    scene = pictures.spread(DIMS, NS, relative_variances(noise).numpy(), measured.numpy())

    def derive(n: float, dim: float) -> dict:
        i, j = DIMS.index(round(dim)), NS.index(round(n))
        return {"i": i, "j": j, "off": off[i, j].numpy()}

    return Explorer(scene, derive, n=stops("draws n", 1000, NS), dim=stops("dimensions D", 1, DIMS))


@lru_cache(maxsize=1)
@threads.limited()
def measured_bias() -> monte_carlo.Bias:
    """E[log p̂] − log p for D = 1, 5, 10 and n = 1, 10, 100, 1000, [3, 4], with its error; a second or two, once."""
    exact = torch.stack([LinearGaussian(dim).log_evidence(seen(dim)) for dim in BIAS_DIMS])
    found = []
    for n in BIAS_NS:
        generator = torch.Generator().manual_seed(n)
        estimated = monte_carlo.ladder(LinearGaussian(1), X, BIAS_DIMS, [n], BIAS_DRAWS // n, generator)[:, 0]
        found.append(monte_carlo.bias_of_log(estimated - exact[:, None]))
    return monte_carlo.Bias(*(torch.stack(values, -1) for values in zip(*found, strict=True)))


def bias() -> Picture:
    """How much too low log p̂ is on average, over n, beside the rule (R^D − 1)/2n.

    Where it can't be told from 0 (within 3 standard errors) nothing is drawn.
    """
    mean, error = measured_bias()
    short = torch.where(-mean > 3 * error, -mean, math.nan)
    of_one = torch.stack([LinearGaussian(dim).relative_variance(seen(dim)) for dim in BIAS_DIMS])
    rules = of_one[:, None] / (2 * torch.tensor(BIAS_NS, dtype=torch.float64))
    rows = zip(BIAS_DIMS, *(value.numpy() for value in (short, error, rules)), strict=True)
    return pictures.bias(BIAS_NS, list(rows))
