"""Wrong answers to the exercises of notebook 01 on the log of an average; the others are in `draws`."""

import math

import torch

from vae_helpers.exercises.mistakes import shared
from vae_helpers.exercises.mistakes.mistake import Catalogue, Mistake, itself

# ---- the log of an average ----


def _mean_in_logs(total, n):
    return total - math.log(n)


def _evidence(
    log_likelihood,
    total=torch.logsumexp,
    axis=-1,
    count=lambda logs, found: logs.numel() // found.numel(),
    average=_mean_in_logs,
    sign=1.0,
    base=1.0,
    out=itself,
):
    found = total(log_likelihood, axis)
    return out(sign * average(found, count(log_likelihood, found)) / base)


def _naive(logs, axis):
    return logs.exp().sum(axis).log()


def _with(epsilon):
    """log(mean + epsilon), as a sum: epsilon is added once to the mean."""

    def total(logs, axis):
        found = logs.exp().sum(axis)
        n = logs.numel() // found.numel()
        return (found / n + epsilon).log() + math.log(n)

    return total


def _less_the_largest(logs, axis):
    return torch.logsumexp(logs, axis) - logs.amax(axis)


def _largest_of_all(logs, axis):
    return _naive(logs - logs.max(), axis) + logs.max()


UNDERFLOW_IN_DOUBLE = Mistake(
    "exp() is taken before averaging, in float64",
    "That helps for a while: float64 has numbers down to exp(−745) and up to exp(709). Here are logs near −2000.",
    "Could the largest log be taken out first, and added again in the end? torch.logsumexp does that.",
)
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
NOT_ADDED_AGAIN = Mistake(
    "the largest log was taken out, and not added again",
    "What is left is how much the others add to the best dart, and no longer how good that dart is.",
    "You divided all p(x|z) by the largest. What undoes that, in logs?",
)
LARGEST_OF_ALL = Mistake(
    "the largest log of the whole batch is taken out, not each image's own",
    "An image with darts that are all 800 nats below those of another image is rounded to 0 just the same.",
    "Along which axis must the largest be looked for?",
)


def _epsilon_added(power):
    return Mistake(
        f"1e−{power} is added inside the log",
        f"So nothing is ever below log 1e−{power} = −{power * math.log(10):.1f} nats, and an image may well be.",
        "Could the largest log be taken out first, and added again in the end? torch.logsumexp does that.",
    )


LOG_EVIDENCE = Catalogue(
    _evidence,
    {
        shared.AVERAGE_OF_LOGS: {"total": torch.sum, "average": lambda total, n: total / n},
        shared.UNDERFLOW: {"total": _naive},
        shared.NOT_DIVIDED: {"average": lambda total, n: total},
        shared.OVER_THE_BATCH: {"axis": (0, 1)},
        UNDERFLOW_IN_DOUBLE: {"total": lambda logs, axis: _naive(logs.double(), axis)},
        **{_epsilon_added(power): {"total": _with(10.0**-power)} for power in (8, 10, 12)},
        LOG_TWICE: {"total": torch.sum, "average": lambda total, n: (total / n).log()},
        SUM_OF_LOGS: {"total": torch.sum, "average": lambda total, n: total},
        THE_BEST: {"total": torch.amax, "average": lambda total, n: total},
        OUTSIDE: {"average": lambda total, n: total / n},
        N_SUBTRACTED: {"average": lambda total, n: total - n},
        LOG_N_ADDED: {"average": lambda total, n: total + math.log(n)},
        OTHER_COUNT: {"count": lambda logs, found: len(logs)},
        NEGATED: {"sign": -1.0},
        NOT_THE_LOG: {"out": torch.exp},
        BASE_2: {"base": math.log(2)},
        BASE_10: {"base": math.log(10)},
        OTHER_AXIS: {"axis": 0},
        IMAGES_AVERAGED: {"out": torch.mean},
        NOT_ADDED_AGAIN: {"total": _less_the_largest},
        LARGEST_OF_ALL: {"total": _largest_of_all},
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
    "Make some small and leave others large: only their ratios count.",
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
