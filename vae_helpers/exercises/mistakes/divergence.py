"""Wrong answers to the exercises of notebook 03, except the one by draws."""

import torch

from vae_helpers.exercises.mistakes import shared
from vae_helpers.exercises.mistakes.mistake import Catalogue, Mistake, itself, mean_last, sum_last

SIGN = Mistake(
    "the sign is turned round",
    "What is overpaid is log q − log p, and on average that is never negative.",
    "Take a q that is far from p: with which sign must the number come out, and with which does yours?",
)

# ---- D_KL of two tables ----


def _discrete(
    q,
    p,
    sign=1.0,
    swap=False,
    total=sum_last,
    own=True,
    log=torch.xlogy,
    base=1.0,
    weight=lambda q, p: q,
    charged=itself,
    hole=0.0,
):
    q, p = (p, q) if swap else (q, p)
    often = weight(q, p)
    overpaid = -log(charged(often), p)
    if own:
        overpaid = overpaid + log(often, q) + torch.where((q == 0) & (p == 0), hole, 0.0)
    return sign * total(overpaid) / base


BASE = Mistake(
    "the logarithm is to base 2",
    "That counts bits; the course counts nats. A bit is log 2 = 0.69 nats.",
    "Which logarithm does torch.log take?",
)
ZERO_LOG_ZERO = Mistake(
    "0 · log 0 gives NaN",
    "A term with weight 0 is 0, whatever its log. The computer multiplies 0 by an infinite log.",
    "Look at torch.xlogy, or at torch.where.",
)
BOTH_ZERO = Mistake(
    "where q and p are both 0 it gives NaN",
    "Your line meets 0/0 there, or 0 · log 0: both are NaN to the computer. What q never draws costs nothing.",
    "Look at torch.xlogy for each of the two logs, or at torch.where.",
)
UNWEIGHTED = Mistake(
    "the log ratios are not weighed by q",
    "An average over draws from q counts each outcome as often as q draws it.",
    "How often does q draw the outcome?",
)
UNWEIGHTED_WHERE = Mistake(
    "the log ratios are not weighed by q (outcomes with q = 0 are left out, and that is right)",
    "An average over draws from q counts each outcome as often as q draws it.",
    "How often does q draw the outcome?",
)
PRICE_UNWEIGHTED = Mistake(
    "log q is weighed by q, and log p is not",
    "Each time q draws an outcome, the difference of both logs is paid: q multiplies the whole difference.",
    "Where do the brackets open and close in your line?",
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
        SIGN: {"sign": -1.0},
        shared.DIRECTION: {"swap": True},
        BASE: {"base": torch.tensor(2.0).log().item()},
        UNWEIGHTED: {"weight": lambda q, p: torch.ones_like(q)},
        UNWEIGHTED_WHERE: {"weight": lambda q, p: (q > 0).to(q)},
        WRONG_WEIGHT: {"weight": lambda q, p: p},
        PRICE_UNWEIGHTED: {"charged": torch.ones_like},
        CROSS_ENTROPY: {"own": False},
        shared.MEAN_OVER_OUTCOMES: {"total": mean_last},
        shared.OVER_THE_BATCH: {"total": torch.sum},
        ZERO_LOG_ZERO: {"log": lambda weight, p: weight * p.log()},
        BOTH_ZERO: {"hole": torch.nan},
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
LOGVAR_IS_LOG_SIGMA = Mistake(
    "logvar is taken for log σ",
    "logvar is log σ², so exp(logvar) is σ² already, and nothing must be squared or doubled.",
    "For logvar = 2 log 3, what is σ²? And what is it in your line?",
)
FOURTH_POWER = Mistake(
    "σ⁴ stands where σ² belongs",
    "exp(logvar) is σ² already.",
    "Which square is one too many?",
)
LOG_TURNED = Mistake(
    "log σ² has the wrong sign",
    "The narrower a bell is, the more −log σ² must cost.",
    "Do the brackets in your line turn the sign of logvar? And should they?",
)
NO_MU = Mistake(
    "μ is forgotten",
    "Bells in different places would all cost the same.",
    "What does your line give for mu = 3, and what for mu = 0?",
)
NO_LOG = Mistake(
    "log σ² is forgotten",
    "With −log σ² a bell costs more and more as it is narrowed to a point. Without it there is no such price.",
    "What becomes of log q(z) at the top of a very narrow bell? Where does that stand in your line?",
)
NO_WIDTH = Mistake(
    "σ is forgotten",
    "All bells with the same μ would cost the same, however narrow or wide.",
    "Which terms of the formula hold logvar?",
)
VARIANCE_FOR_LOG = Mistake(
    "σ² stands where log σ² belongs",
    "The formula has σ² once and log σ² once: in yours the two cancel, or σ² stands twice.",
    "Which of the two is logvar itself?",
)

GAUSSIAN_KL = Catalogue(
    _gaussian,
    {
        shared.HALF: {"half": 1.0},
        shared.ONE: {"one": 0.0},
        SIGN: {"sign": -1.0},
        shared.DIRECTION: {"swap": True},
        shared.SIGMA_FOR_VARIANCE: {"variance": lambda logvar: (0.5 * logvar).exp()},
        shared.LOGVAR_FOR_VARIANCE: {"variance": itself},
        LOG_SIGMA: {"log": lambda logvar: 0.5 * logvar},
        NOT_THE_LOG: {"variance": itself, "log": torch.log},
        LOGVAR_IS_SIGMA: {"variance": torch.square, "log": lambda logvar: logvar.square().log()},
        LOGVAR_IS_LOG_SIGMA: {"variance": lambda logvar: (2 * logvar).exp(), "log": lambda logvar: 2 * logvar},
        FOURTH_POWER: {"variance": lambda logvar: (2 * logvar).exp()},
        LOG_TURNED: {"log": torch.neg},
        NO_LOG: {"log": torch.zeros_like},
        NO_WIDTH: {"variance": torch.ones_like, "log": torch.zeros_like},
        VARIANCE_FOR_LOG: {"log": torch.exp},
        NOT_SQUARED: {"square": itself},
        NO_MU: {"square": torch.zeros_like},
        shared.MEAN_OVER_LATENTS: {"total": mean_last},
        shared.NOT_SUMMED: {"total": itself},
        shared.OVER_THE_BATCH: {"total": torch.sum},
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
