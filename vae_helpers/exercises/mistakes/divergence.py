"""Wrong answers to the exercises of notebook 03."""

import torch

from vae_helpers.exercises.mistakes import shared
from vae_helpers.exercises.mistakes.mistake import Catalogue, Mistake, itself, mean_last, sum_last
from vae_helpers.maths import gaussian

# ---- D_KL of two tables ----


def _discrete(q, p, sign=1.0, swap=False, total=sum_last, own=1.0, log=torch.xlogy, base=1.0, weight=lambda q, p: q):
    q, p = (p, q) if swap else (q, p)
    return sign * total(own * log(weight(q, p), q) - log(weight(q, p), p)) / base


BASE = Mistake(
    "the logarithm is to base 2",
    "That counts bits; the course counts nats. A bit is log 2 = 0.69 nats.",
    "Which logarithm does torch.log take?",
)
ZERO_LOG_ZERO = Mistake(
    "0 · log 0 gives NaN",
    "What q never draws costs nothing, whatever its price: the term is 0. The computer multiplies 0 by −∞.",
    "Look at torch.xlogy, or at torch.where.",
)
UNWEIGHTED = Mistake(
    "the log ratios are not weighed by q",
    "An average over draws from q counts each outcome as often as q draws it.",
    "How often does q draw the outcome?",
)
WRONG_WEIGHT = Mistake(
    "the log ratios are weighed by p",
    "The average is over draws from q, and your weights are those of p.",
    "Whose name stands left of the ‖? That one draws.",
)
CROSS_ENTROPY = Mistake(
    "only p's prices are counted",
    "That is the cross-entropy: what is paid in all. The divergence is what is paid too much.",
    "What would q have paid at its own prices?",
)

DISCRETE_KL = Catalogue(
    _discrete,
    {
        shared.SIGN: {"sign": -1.0},
        shared.DIRECTION: {"swap": True},
        BASE: {"base": torch.tensor(2.0).log().item()},
        ZERO_LOG_ZERO: {"log": lambda weight, p: weight * p.log()},
        UNWEIGHTED: {"weight": lambda q, p: torch.ones_like(q)},
        WRONG_WEIGHT: {"weight": lambda q, p: p},
        CROSS_ENTROPY: {"own": 0.0},
        shared.MEAN_OVER_OUTCOMES: {"total": mean_last},
        shared.OVER_THE_BATCH: {"total": torch.sum},
    },
)

# ---- D_KL of two bells ----


def _gaussian(
    mu,
    logvar,
    half=0.5,
    sign=1.0,
    one=1.0,
    variance=torch.exp,
    log=itself,
    square=torch.square,
    total=sum_last,
    swap=False,
):
    if swap:
        return sign * half * total((1 + square(mu)) / variance(logvar) - one + log(logvar))
    return sign * half * total(square(mu) + variance(logvar) - one - log(logvar))


NOT_SQUARED = Mistake(
    "μ is not squared",
    "A bell that is shifted to the left costs as much as one shifted to the right; yours would even be paid for it.",
    "What does your line give for mu = −2?",
)
LOG_SIGMA = Mistake(
    "log σ stands where log σ² belongs",
    "logvar is already log σ². With half of it the price is not lowest at σ = 1 any more.",
    "For which σ should one latent with μ = 0 cost nothing? Put it into your line, then its neighbours.",
)
NOT_THE_LOG = Mistake(
    "logvar is taken for σ²",
    "The argument is a logarithm: −0.7 is the variance 0.5, not a negative variance.",
    "What is σ² where logvar = 0?",
)
LOGVAR_IS_SIGMA = Mistake(
    "logvar is taken for σ",
    "The argument is the logarithm of σ²: where it is 0, σ is 1.",
    "What is σ where logvar = 0? And what does your line take it for?",
)

GAUSSIAN_KL = Catalogue(
    _gaussian,
    {
        shared.HALF: {"half": 1.0},
        shared.ONE: {"one": 0.0},
        shared.SIGN: {"sign": -1.0},
        shared.DIRECTION: {"swap": True},
        shared.SIGMA_FOR_VARIANCE: {"variance": lambda logvar: (0.5 * logvar).exp()},
        shared.LOGVAR_FOR_VARIANCE: {"variance": itself},
        LOG_SIGMA: {"log": lambda logvar: 0.5 * logvar},
        NOT_THE_LOG: {"variance": itself, "log": torch.log},
        LOGVAR_IS_SIGMA: {"variance": torch.square, "log": lambda logvar: logvar.square().log()},
        NOT_SQUARED: {"square": itself},
        shared.MEAN_OVER_LATENTS: {"total": mean_last},
        shared.NOT_SUMMED: {"total": itself},
        shared.OVER_THE_BATCH: {"total": torch.sum},
    },
)

# ---- the same by draws ----


def _monte_carlo(
    mu,
    logvar,
    eps,
    place=lambda mu, sigma, eps: mu + sigma * eps,
    spread=0.5,
    sign=1.0,
    weight=0.0,
    average=lambda ratio: ratio.mean(0),
    latents=lambda mu: 1,
    half=1.0,
    least=-torch.inf,
):
    z = place(mu, (spread * logvar).exp(), eps)
    zero = torch.zeros_like(mu)
    log_q, log_p = (half * gaussian.log_prob(z, *of) for of in ((mu, logvar), (zero, zero)))
    ratio = sign * (log_q - log_p) * torch.exp(weight * log_q)
    return average(ratio).clamp(min=least) / latents(mu)


FROM_P = Mistake(
    "the draws come from p, not from q",
    "An average over q needs draws from q. Over draws from p this one is minus the divergence in the other direction.",
    "Which bell does z = ε come from?",
)
TWICE_WEIGHTED = Mistake(
    "the draws are weighed by q once more",
    "A draw from q already comes as often as q says. Weights are for a sum over all z; over draws they count q twice.",
    "In how many of 1000 draws does a likely z turn up? Does it need a further weight?",
)
CLIPPED = Mistake(
    "negative estimates are cut off",
    "The divergence is never negative, but an estimate may be. Cut at 0, the estimates are too large on average.",
    "If true value and luck are 0.01 ± 0.1, which estimates should come, and what is their mean?",
)
LOG_OF_MEAN = Mistake(
    "the log of an average is taken for the average of logs",
    "The divergence is an average of log ratios. The log of the average ratio is another number, and never smaller.",
    "Which comes first in E[log(q/p)]: the log or the average?",
)
NO_DRAW = Mistake(
    "z is the mean of q at every draw",
    "Without ε all draws are the same, and (z − μ)² is 0 instead of σ² on average.",
    "How much do your z differ from draw to draw?",
)

MONTE_CARLO_KL = Catalogue(
    _monte_carlo,
    {
        shared.SIGN: {"sign": -1.0},
        FROM_P: {"place": lambda mu, sigma, eps: eps},
        NO_DRAW: {"place": lambda mu, sigma, eps: mu + 0 * eps},
        shared.VARIANCE_FOR_SIGMA: {"spread": 1.0},
        TWICE_WEIGHTED: {"weight": 1.0},
        CLIPPED: {"least": 0.0},
        LOG_OF_MEAN: {"average": lambda ratio: ratio.exp().mean(0).log()},
        shared.SUM_OVER_DRAWS: {"average": lambda ratio: ratio.sum(0)},
        shared.OVER_THE_BATCH: {"average": torch.mean},
        shared.MEAN_OVER_LATENTS: {"latents": lambda mu: mu.shape[-1]},
        shared.HALF: {"half": 2.0},
    },
)

# ---- infinite one way ----

FINITE = Mistake(
    "both are finite",
    "A tiny probability is dear, but its price is finite. Only an outcome that is excluded costs infinitely much.",
    "Which number must stand in p where q draws?",
)
BOTH_INFINITE = Mistake(
    "both are infinite",
    "Each of your two excludes something that the other draws.",
    "Let one of the two exclude nothing at all.",
)
OTHER_WAY = Mistake(
    "it is infinite the other way round",
    "Your D_KL(p ‖ q) is infinite, and D_KL(q ‖ p) is not.",
    "The one on the left draws. Which of the two must find a price of +∞?",
)
