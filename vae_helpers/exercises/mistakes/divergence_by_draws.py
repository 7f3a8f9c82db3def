"""Wrong answers to the divergence by draws, the third exercise of notebook 03."""

import torch

from vae_helpers.exercises.mistakes import shared
from vae_helpers.exercises.mistakes.divergence import SIGN
from vae_helpers.exercises.mistakes.mistake import Catalogue, Mistake, itself
from vae_helpers.maths import gaussian


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
    own=itself,
    prior=0.0,
    at=lambda z, eps: z,
    exact=False,
):
    if exact:
        return sign * gaussian.kl(mu, logvar)
    z = place(mu, (spread * logvar).exp(), eps)
    zero = torch.zeros_like(mu)
    log_q = half * gaussian.log_prob(z, mu, own(logvar))
    log_p = half * gaussian.log_prob(at(z, eps), zero, zero + prior)
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
NOT_STRETCHED = Mistake(
    "the draws are moved, but not stretched",
    "They scatter by 1 around μ. A draw from q scatters by σ.",
    "Where does logvar stand in your line for z?",
)
NOT_MOVED = Mistake(
    "the draws are stretched, but not moved",
    "They scatter around 0. A draw from q scatters around μ.",
    "Where does mu stand in your line for z?",
)
MOVED_FIRST = Mistake(
    "the draws are moved before they are stretched",
    "So μ is stretched too: they scatter around μσ, not around μ.",
    "Where does ε = 0 land? Where should it?",
)
LOGVAR_FOR_SIGMA = Mistake(
    "log σ² stands where σ belongs",
    "logvar may be negative, or 0 where σ is 1.",
    "Which function takes logvar to σ?",
)
SIGMA_GIVEN = Mistake(
    "gaussian.log_prob is given σ in the place of logvar",
    "It wants log σ², and takes the exponent itself.",
    "What does gaussian.log_prob call its third argument?",
)
VARIANCE_GIVEN = SIGMA_GIVEN._replace(name="gaussian.log_prob is given σ² in the place of logvar")
HALF_GIVEN = SIGMA_GIVEN._replace(name="gaussian.log_prob is given ½ logvar (log σ) in the place of logvar")
PRIOR_ONE = Mistake(
    "1 stands where the logvar of p belongs",
    "With logvar = 1 that bell has σ² = 2.72. p is the standard bell.",
    "What is logvar where σ = 1?",
)
PRIOR_AT_NOISE = Mistake(
    "log p is taken at ε, not at z",
    "What was drawn is z, and both prices are those of z.",
    "At which point does log q stand in your line, and at which log p?",
)
ONE_DRAW = Mistake(
    "only the first draw is used",
    "One draw is right on average, but all of them are there, and their mean scatters less.",
    "Along which axis of eps do the draws lie?",
)
EXACT = Mistake(
    "it is the exact divergence: the draws are not used",
    "The number is right, but not what is asked: the estimate from these draws, which may miss it.",
    "What does your line do with eps?",
)

MONTE_CARLO_KL = Catalogue(
    _monte_carlo,
    {
        SIGN: {"sign": -1.0},
        shared.DIRECTION: {"sign": -1.0, "place": lambda mu, sigma, eps: eps},
        FROM_P: {"place": lambda mu, sigma, eps: eps},
        NO_DRAW: {"place": lambda mu, sigma, eps: mu + 0 * eps},
        NOT_STRETCHED: {"place": lambda mu, sigma, eps: mu + eps},
        NOT_MOVED: {"place": lambda mu, sigma, eps: sigma * eps},
        MOVED_FIRST: {"place": lambda mu, sigma, eps: sigma * (mu + eps)},
        LOGVAR_FOR_SIGMA: {"place": lambda mu, sigma, eps: mu + 2 * sigma.log() * eps},
        shared.VARIANCE_FOR_SIGMA: {"spread": 1.0},
        SIGMA_GIVEN: {"own": lambda logvar: (0.5 * logvar).exp()},
        VARIANCE_GIVEN: {"own": torch.exp},
        HALF_GIVEN: {"own": lambda logvar: 0.5 * logvar},
        PRIOR_ONE: {"prior": 1.0},
        PRIOR_AT_NOISE: {"at": lambda z, eps: eps},
        TWICE_WEIGHTED: {"weight": 1.0},
        CLIPPED: {"least": 0.0},
        LOG_OF_MEAN: {"average": lambda ratio: ratio.exp().mean(0).log()},
        ONE_DRAW: {"average": lambda ratio: ratio[0]},
        EXACT: {"exact": True},
        shared.SUM_OVER_DRAWS: {"average": lambda ratio: ratio.sum(0)},
        shared.OVER_THE_BATCH: {"average": torch.mean},
        shared.MEAN_OVER_LATENTS: {"latents": lambda mu: mu.shape[-1]},
        shared.HALF: {"half": 2.0},
    },
)
