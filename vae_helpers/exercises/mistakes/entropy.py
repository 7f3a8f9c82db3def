"""Wrong answers to the entropy of a bell, the first exercise of notebook 04."""

import math

import torch

from vae_helpers.exercises.mistakes import shared
from vae_helpers.exercises.mistakes.divergence import BASE
from vae_helpers.exercises.mistakes.mistake import Catalogue, Mistake, itself, mean_last, sum_last

LOG_2PI = math.log(2 * math.pi)


def _entropy(
    logvar,
    half=0.5,
    sign=1.0,
    one=1.0,
    log_2pi=LOG_2PI,
    share=lambda logvar: 1.0,
    log=itself,
    total=sum_last,
    base=1.0,
    least=-math.inf,
):
    of_each = (one + log_2pi) * share(logvar) + log(logvar)
    return (sign * half * total(of_each) / base).clamp(min=least)


NO_ONE = Mistake(
    "the 1 is missing",
    "In log 2πeσ² stands an e, and log e is 1: the mean of (z − μ)²/σ² over what q draws.",
    "Write log 2πeσ² as a sum of logs. How many pieces are there?",
)
NO_2PI = Mistake(
    "log 2π is missing",
    "A constant cancels where two entropies are compared, but here the number itself is asked for.",
    "Write log 2πeσ² as a sum of logs. How many pieces are there?",
)
NOT_LOG_2PI = Mistake(
    "2π stands where log 2π belongs",
    "The 2π is under the log too: the log of a product is the sum of the logs of all its factors.",
    "What does the log make of 2π · e · σ²?",
)
CONSTANTS_ONCE = Mistake(
    "the constants are counted once, not once for each latent",
    "Every latent has a bell of its own, with its own ½ log 2πe.",
    "Two latents with σ = 1: the entropy of the pair is how many times that of one?",
)
HALF_LOG = Mistake(
    "log σ stands where log σ² belongs",
    "logvar is already log σ², and the ½ before the bracket makes log σ of it: yours was halved twice.",
    "By how much does the entropy fall when σ is halved? By how much does yours?",
)
HALF_ON_LOG = Mistake(
    "the ½ stands before log σ² only",
    "It halves the whole of log 2πeσ², the constants too: a bell with σ = 1 has 1.42 nats, not 2.84.",
    "What is ½ (a + b)?",
)
WHOLE_LOG = Mistake(
    "logvar counts twice as much as it should",
    "Halving σ must cost log 2 = 0.69 nats; with logvar counted twice it costs 1.39. Either the ½ stands before the "
    "constants only, or exp(logvar), which is σ² already, was squared.",
    "By how much does the entropy fall when σ is halved? By how much does yours?",
)
VARIANCE_FOR_LOG = Mistake(
    "σ² stands where log σ² belongs",
    "The entropy is made of logs. With σ² itself a very narrow bell would stop at a floor; it has none.",
    "Does logvar need a further function here?",
)
LOG_TWICE = Mistake(
    "the log of logvar is taken",
    "logvar is a log already; the log of a negative number is NaN.",
    "The name logvar stands for log σ². What is left to do to it?",
)
MINUS_ENTROPY = Mistake(
    "the sign is turned round",
    "The entropy is the mean of −log q: surprise, high for a wide bell. Yours is high for a narrow one.",
    "Name a bell whose draws surprise you a lot, and say what your line gives for it.",
)
CUT_OFF = Mistake(
    "negative values are cut off",
    "The entropy of a density may be negative: a narrow bell is higher than 1, so −log q is below 0 where it draws.",
    "How high is a bell with σ = 0.1 at its top, and what is minus the log of that?",
)

MEAN_OF_LATENTS = Mistake(
    "the mean over the latents is taken for their sum",
    "Latents drawn independently each add their own surprise, and nats add up. A mean divides by how many there are.",
    "Two latents with an entropy of 1 nat each: how many nats have they together?",
)
EACH_LATENT = Mistake(
    "the latents are not summed",
    "One number per latent came; wanted is one for all the latents of an example together.",
    "Over which axis do the latents of one example lie?",
)

ENTROPY = Catalogue(
    _entropy,
    {
        shared.HALF: {"half": 1.0},
        NO_ONE: {"one": 0.0},
        NO_2PI: {"log_2pi": 0.0},
        NOT_LOG_2PI: {"log_2pi": 2 * math.pi},
        CONSTANTS_ONCE: {"share": lambda logvar: 1.0 / logvar.shape[-1]},
        HALF_ON_LOG: {"share": lambda logvar: 2.0},
        HALF_LOG: {"log": lambda logvar: 0.5 * logvar},
        WHOLE_LOG: {"log": lambda logvar: 2 * logvar},
        VARIANCE_FOR_LOG: {"log": torch.exp},
        LOG_TWICE: {"log": torch.log},
        MINUS_ENTROPY: {"sign": -1.0},
        BASE: {"base": math.log(2)},
        CUT_OFF: {"least": 0.0},
        MEAN_OF_LATENTS: {"total": mean_last},
        EACH_LATENT: {"total": itself},
        shared.OVER_THE_BATCH: {"total": torch.sum},
    },
)
