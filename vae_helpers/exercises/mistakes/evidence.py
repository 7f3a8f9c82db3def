"""Wrong answers to the exercises of notebook 01 on the log of an average; the others are in `draws`."""

import math

import torch

from vae_helpers.exercises.mistakes import logs, shared
from vae_helpers.exercises.mistakes.mistake import Catalogue, Mistake

# ---- the log of an average ----

LOG_TWICE = Mistake(
    "the log is taken of numbers that are logs already",
    "What comes in is log p(x|z), mostly negative; of a negative number there is no log (NaN).",
    "How do you get from log p(x|z) back to p(x|z), before you average?",
)
SUM_OF_LOGS = Mistake(
    "the logs are summed",
    "A sum of logs is the log of a product. The darts are alternatives: their p(x|z) are averaged.",
    "Which comes first in log (1/n) Σ p(x|z): the log or the sum?",
)
THE_BEST = Mistake(
    "the best draw is taken for the average",
    "All darts count, those that missed, too: each adds its p(x|z), and all share the n.",
    "Two darts, of which one finds p(x|z) = 1 and the other hardly anything: what is their mean?",
)
OUTSIDE = Mistake(
    "it is divided by n outside the log",
    "log(sum)/n is the log of the n-th root of the sum. The sum itself must be divided, inside the log.",
    "log(a/n) = log a … what?",
)
N_SUBTRACTED = Mistake(
    "n is subtracted, not log n",
    "Inside the log the sum is divided by n. Outside, that becomes a subtraction of a log.",
    "log(a/n) = log a … what?",
)
LOG_N_ADDED = Mistake(
    "log n is added where it must be subtracted",
    "So the sum is multiplied by n, not divided.",
    "An average is never larger than its largest term. Is yours?",
)
OTHER_COUNT = Mistake(
    "it is divided by the number of images, not of draws",
    "len() and shape[0] give the length of the first axis, which here is the batch.",
    "Along which axis do the draws lie, and how long is it?",
)
NEGATED = Mistake(
    "the sign is turned round: that is −log p(x)",
    "A training may minimise −log p(x); asked for is log p(x), where higher is better.",
    "Is log 0.1 positive or negative?",
)
NOT_THE_LOG = Mistake(
    "the probability is returned, not its log",
    "Of most images p(x) is so small that the computer rounds it to 0. Its log is an ordinary number.",
    "What is the last step from p(x) to nats?",
)
BASE_2 = Mistake(
    "the logarithm is to base 2",
    "That counts bits; the course counts nats. A bit is log 2 = 0.69 nats.",
    "Which logarithm does torch.log take?",
)
BASE_10 = Mistake(
    "the logarithm is to base 10",
    "The course counts in nats, the natural logarithm: a factor of 10 is 2.3 nats.",
    "Which logarithm does torch.log take?",
)
OTHER_AXIS = Mistake(
    "it is averaged over the batch, not over the draws",
    "The rows are different images, the columns are the darts: each image has its own mean over its darts.",
    "Which axis of [batch, draw] must be gone in the end?",
)
IMAGES_AVERAGED = Mistake(
    "the images are averaged into one number",
    "Each image keeps its own log p(x). The mean over images is a score of the model, and comes later.",
    "How many numbers should come back for five images?",
)
LOG_EVIDENCE = Catalogue(
    logs.log_mean,
    {
        shared.AVERAGE_OF_LOGS: {"total": torch.sum, "average": lambda total, n: total / n},
        shared.UNDERFLOW: {"total": logs.naive},
        shared.NOT_DIVIDED: {"average": lambda total, n: total},
        shared.OVER_THE_BATCH: {"axis": (0, 1)},
        **logs.TOTALS,
        **logs.EPSILONS,
        **logs.COUNTS,
        LOG_TWICE: {"total": torch.sum, "average": lambda total, n: (total / n).log()},
        SUM_OF_LOGS: {"total": torch.sum, "average": lambda total, n: total},
        THE_BEST: {"total": torch.amax, "average": lambda total, n: total},
        OUTSIDE: {"average": lambda total, n: total / n},
        N_SUBTRACTED: {"average": lambda total, n: total - n},
        LOG_N_ADDED: {"average": lambda total, n: total + math.log(n)},
        OTHER_COUNT: {"count": lambda table, found: len(table)},
        NEGATED: {"sign": -1.0},
        NOT_THE_LOG: {"out": torch.exp},
        BASE_2: {"base": math.log(2)},
        BASE_10: {"base": math.log(10)},
        OTHER_AXIS: {"axis": 0},
        IMAGES_AVERAGED: {"out": torch.mean},
    },
)

# ---- two darts, and the log too low ----

EQUAL = Mistake(
    "all four are equal",
    "Then every pair has the mean of all, and nothing is ever too low. Multiplying all by one number changes nothing.",
    "What must be so for two darts to find less than the mean?",
)
ALL_SMALL = Mistake(
    "they are all small, but not different enough",
    "Multiplying all by one number moves every log by the same amount, that of the true mean, too.",
    "Multiply all four by 1000: what changes in the last of the three lines?",
)
TOO_ALIKE = Mistake(
    "they are not different enough",
    "The log is too low on average, as always, but by less than 1 nat.",
    "Which pairs pull the average of the logs down, and how could there be more of them, or lower ones?",
)
ZERO = Mistake(
    "a height of 0 makes the average −∞",
    "Two darts that both find 0 have the log −∞, and no other pair can make up for it. Asked for is a finite number.",
    "A very small height instead of 0: how low does it pull the average?",
)
