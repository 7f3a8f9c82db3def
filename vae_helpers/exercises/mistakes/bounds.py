"""Wrong answers to the exercises of notebook 04 that are about bounds."""

import math

import torch

from vae_helpers.exercises.mistakes import shared
from vae_helpers.exercises.mistakes.divergence import (
    FOURTH_POWER,
    LOG_SIGMA,
    LOG_TURNED,
    LOGVAR_IS_LOG_SIGMA,
    NO_LOG,
    NO_MU,
    NO_WIDTH,
    NOT_SQUARED,
)
from vae_helpers.exercises.mistakes.mistake import Catalogue, Mistake, itself, mean_last, sum_last

# ---- the level, by draws ----


def _elbo(
    log_likelihood,
    mu,
    logvar,
    average=mean_last,
    minus=1.0,
    beta=1.0,
    share=lambda log_likelihood: 1,
    half=0.5,
    one=1.0,
    variance=torch.exp,
    log=itself,
    square=torch.square,
    total=sum_last,
    times=lambda log_likelihood: 1,
    swap=False,
    sign=1.0,
    over=itself,
):
    mu, logvar = (logvar, mu) if swap else (mu, logvar)
    price = half * total(square(mu) + variance(logvar) - one - log(logvar))
    level = average(log_likelihood) - minus * beta * price / share(log_likelihood)
    return sign * over(times(log_likelihood) * level)


def _draws(log_likelihood):
    return log_likelihood.shape[-1]


NO_PRICE = Mistake(
    "the KL is forgotten",
    "That is the reconstruction alone. It is no bound: a narrow q on a z that explains x well lifts it above log p(x).",
    "What keeps q from shrinking to a point? It must stand in your line.",
)
PRICE_TWICE = Mistake(
    "the KL counts twice",
    "It must be subtracted once. Either its ½ is missing, or it was multiplied by 2.",
    "A bell with μ = 1 and σ = 1 costs half a nat. What does your line charge for it?",
)
PRICE_HALVED = Mistake(
    "only half of the KL is subtracted",
    "With half the price the result is no bound any more. (gaussian.kl has its ½ already.)",
    "A bell with μ = 1 and σ = 1 costs half a nat. What does your line charge for it?",
)
PRICE_PER_DRAW = Mistake(
    "the KL is divided by the number of draws too",
    "The KL is no average over these draws: it is exact, and the same for one draw and for a thousand.",
    "With ten times as many draws, what should happen to the reconstruction? And to the KL?",
)
HALF_LOGVAR = Mistake(
    "the KL is taken with ½ logvar (log σ) in the place of logvar",
    "logvar is log σ², and gaussian.kl wants just that: it takes the exponent and the log itself.",
    "What does gaussian.kl call its second argument?",
)
SIGMA_GIVEN = Mistake(
    "the KL is taken with exp(½ logvar) (σ) in the place of logvar",
    "gaussian.kl wants log σ²: it takes the exponent itself.",
    "What does gaussian.kl call its second argument?",
)
VARIANCE_GIVEN = Mistake(
    "the KL is taken with exp(logvar) (σ²) in the place of logvar",
    "gaussian.kl wants log σ²: it takes the exponent itself.",
    "What does gaussian.kl call its second argument?",
)
SWAPPED = Mistake(
    "mu and logvar have changed places in the KL",
    "The mean was read as a log of a variance, and the log of the variance as a mean.",
    "In which order does gaussian.kl take its two arguments?",
)
LOSS = Mistake(
    "the sign of the whole is turned round",
    "That is −L, the loss that a training loop lowers. Asked for is the level itself: higher is better.",
    "An image that is explained better: does your number rise or fall?",
)
LOSS_AS_RECONSTRUCTION = Mistake(
    "the reconstruction has the wrong sign",
    "log p(x|z) is to be high. Only a loss turns it round, and then it turns the price round too.",
    "An image that is explained better: does your number rise or fall?",
)
LOG_OF_AVERAGE = Mistake(
    "the log of the average likelihood is taken for the average of the logs",
    "By Jensen it is larger, and minus the KL it can lie above log p(x). The importance-weighted bound also takes the "
    "log last, but it averages whole weights p(x, z)/q(z); this is neither that bound nor the ELBO.",
    "Which comes first in E[log p(x|z)]: the log or the average?",
)
LOG_OF_ROUNDED = Mistake(
    "exp() is taken first, and the log of the average after it",
    "The average is over the logs as they came; nothing needs exp(). And exp(−2000) is rounded to 0, whose log is −∞.",
    "Which comes first in E[log p(x|z)]: the log or the average?",
)
ONE_DRAW = Mistake(
    "only the first draw is used",
    "One draw is right on average, but all of them are there, and their mean scatters less.",
    "Along which axis do the draws of an image lie?",
)
AVERAGE_OF_ALL = Mistake(
    "the log-likelihoods are averaged over the images too",
    "Every image then gets the same reconstruction. Each has draws of its own.",
    "Which axes does each .mean() in your line take? One that names none takes all.",
)
PRICE_OF_ALL = Mistake(
    "the KL is summed over the images too",
    "Every image then pays for all of them. Each has a q of its own.",
    "Which axes does your last .sum() take? (gaussian.kl has summed over the latents already.)",
)
PRICE_AVERAGED = Mistake(
    "the KL is averaged over the images",
    "Every image then pays the same. Each has a q of its own.",
    "gaussian.kl gives one number for each image. What does .mean() leave of them?",
)
SUM_OF_DRAWS = Mistake(
    "the draws are summed, not averaged",
    "With twice as many draws the reconstruction would be twice as large, and the price not.",
    "What should happen to the number when somebody draws ten times as often?",
)
LEVELS_SUMMED = Mistake(
    "the levels of the draws are summed, not averaged",
    "Each draw gives an estimate of the same number, L. With twice as many draws yours would be twice as large.",
    "What should happen to the number when somebody draws ten times as often?",
)

ELBO = Catalogue(
    _elbo,
    {
        shared.KL_ADDED: {"minus": -1.0},
        NO_PRICE: {"beta": 0.0},
        PRICE_HALVED: {"beta": 0.5},
        PRICE_TWICE: {"half": 1.0},
        PRICE_PER_DRAW: {"share": _draws},
        PRICE_OF_ALL: {"total": torch.sum},
        PRICE_AVERAGED: {"total": lambda each: each.sum(-1).mean()},
        LOSS: {"sign": -1.0},
        LOSS_AS_RECONSTRUCTION: {"average": lambda logs: -logs.mean(-1)},
        SUM_OF_DRAWS: {"average": sum_last},
        LOG_OF_AVERAGE: {"average": lambda logs: torch.logsumexp(logs, -1) - math.log(logs.shape[-1])},
        LOG_OF_ROUNDED: {"average": lambda logs: logs.exp().mean(-1).log()},
        ONE_DRAW: {"average": lambda logs: logs[..., 0]},
        AVERAGE_OF_ALL: {"average": torch.mean},
        LEVELS_SUMMED: {"times": _draws},
        shared.ONE: {"one": 0.0},
        shared.SIGMA_FOR_VARIANCE: {"variance": lambda logvar: (0.5 * logvar).exp()},
        shared.LOGVAR_FOR_VARIANCE: {"variance": itself},
        LOG_SIGMA: {"log": lambda logvar: 0.5 * logvar},
        LOGVAR_IS_LOG_SIGMA: {"variance": lambda logvar: (2 * logvar).exp(), "log": lambda logvar: 2 * logvar},
        FOURTH_POWER: {"variance": lambda logvar: (2 * logvar).exp()},
        LOG_TURNED: {"log": torch.neg},
        NO_LOG: {"log": torch.zeros_like},
        NO_WIDTH: {"variance": torch.ones_like, "log": torch.zeros_like},
        NOT_SQUARED: {"square": itself},
        NO_MU: {"square": torch.zeros_like},
        HALF_LOGVAR: {"variance": lambda logvar: (0.5 * logvar).exp(), "log": lambda logvar: 0.5 * logvar},
        SIGMA_GIVEN: {"variance": lambda v: (0.5 * v).exp().exp(), "log": lambda v: (0.5 * v).exp()},
        VARIANCE_GIVEN: {"variance": lambda logvar: logvar.exp().exp(), "log": torch.exp},
        SWAPPED: {"swap": True},
        shared.MEAN_OVER_LATENTS: {"total": mean_last},
        shared.OVER_THE_BATCH: {"over": torch.mean},
    },
)

# ---- Ada's step, the other way ----

NEAR_POSTERIOR = Mistake(
    "this q is so near the posterior of the first model that no step can do it",
    "The level never passes the line. Where the gap is below 0.1, a level 0.05 higher leaves the line no room to fall "
    "by 0.05.",
    "Which bell would be a bad guess for the first model?",
)
TOO_LITTLE = Mistake(
    "the two do not move by 0.05 nats each",
    "Asked for is a rise of the level by 0.05 nats at least, and a fall of the line by as much.",
    "Which of the two moves too little? The line moves faster far from its top; the level, where q fits worst.",
)
BOTH_RISE = Mistake(
    "both rise",
    "Guess and model now explain x better together. That is what training hopes for; here the line must fall.",
    "At which slope is the line highest? On which side of it does a smaller slope make it fall?",
)
BOTH_FALL = Mistake(
    "both fall",
    "The new model finds x less probable, and the gap does not shrink by enough to lift the level.",
    "Look at the gap. If it shrinks, try other ends for the step, with this q. If it grows: which bell would like the "
    "new slope better?",
)
WRONG_WAY = Mistake(
    "the level falls and the line rises",
    "That is a step to a better model, which the level hides: your q fits the new one less well.",
    "On which side of its top does the line fall when the slope gets smaller? And which bell wants a small slope?",
)
STEEPER = Mistake(
    "the new slope is not the smaller one",
    "A step to a larger slope is Ada's own. Here my_a_after must be smaller than my_a_before.",
    "Ada began to the right of the top of the line. Where must you begin? And which bell wants a small slope?",
)
