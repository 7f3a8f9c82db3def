"""Wrong answers that notebooks 01 and 02 meet where a log of a sum, or of a mean, is taken of numbers given in logs."""

import math

import torch

from vae_helpers.exercises.mistakes.mistake import Mistake, itself

# ---- the right function, with its switches ----


def _mean_in_logs(total, n):
    return total - math.log(n)


def log_mean(
    logs,
    total=torch.logsumexp,
    axis=-1,
    count=lambda logs, found: logs.numel() // found.numel(),
    average=_mean_in_logs,
    sign=1.0,
    base=1.0,
    out=itself,
):
    """log (1/n) Σ exp over the last axis: `total` adds up, `average` divides by the `count`."""
    found = total(logs, axis)
    return out(sign * average(found, count(logs, found)) / base)


# ---- what stands in the place of torch.logsumexp ----


def naive(logs, axis):
    return logs.exp().sum(axis).log()


def in_double(logs, axis):
    return naive(logs.double(), axis)


def less_the_largest(logs, axis):
    return torch.logsumexp(logs, axis) - logs.amax(axis)


def largest_of_all(logs, axis):
    return naive(logs - logs.max(), axis) + logs.max()


def mean_taken_out(logs, axis):
    middle = logs.mean(axis, keepdim=True)
    return naive(logs - middle, axis) + middle.squeeze(axis)


UNDERFLOW_IN_DOUBLE = Mistake(
    "exp() is taken before adding up, in float64",
    "That helps for a while: float64 has numbers down to exp(−745) and up to exp(709). Here are logs near −2000.",
    "Could the largest log be taken out first, and added again in the end? torch.logsumexp does that.",
)
NOT_ADDED_AGAIN = Mistake(
    "the largest log was taken out, and not added again",
    "What is left is how much the others add to the largest, and no longer how large that one is.",
    "You divided all of a row by its largest. What undoes that, in logs?",
)
LARGEST_OF_ALL = Mistake(
    "the largest log of the whole table is taken out, not each row's own",
    "A row whose logs all lie 800 below those of another row is rounded to 0 just the same.",
    "Along which axis must the largest be looked for?",
)
NOT_THE_LARGEST = Mistake(
    "something else than the largest log is taken out",
    "Logs of one row may lie 1000 nats apart; what lies more than 709 above the number that you took out becomes "
    "infinite.",
    "Which number must be taken out so that no exp() is above 1?",
)
LOG_TWICE = Mistake(
    "the log is taken of numbers that are logs already",
    "What comes in are logs, mostly negative; of a negative number there is no log (NaN).",
    "Of which of your numbers is a log taken, and is that one a log already?",
)


def epsilon_added(power, to=""):
    """1e−power is added inside the log."""
    return Mistake(
        f"1e−{power} is added inside the log{to}",
        f"So your log is never below log 1e−{power} = −{power * math.log(10):.1f}, and the right one may well be.",
        "Could the largest log be taken out first, and added again in the end? torch.logsumexp does that.",
    )


def with_epsilon(epsilon):
    """The log of (mean + epsilon), times n: epsilon is added once to the mean."""

    def total(logs, axis):
        found = logs.exp().sum(axis)
        n = logs.numel() // found.numel()
        return (found / n + epsilon).log() + math.log(n)

    return total


# What both pages know of it. (In `average` and `count` their words differ.)
TOTALS = {
    UNDERFLOW_IN_DOUBLE: {"total": in_double},
    NOT_ADDED_AGAIN: {"total": less_the_largest},
    LARGEST_OF_ALL: {"total": largest_of_all},
    NOT_THE_LARGEST: {"total": mean_taken_out},
}
EPSILONS = {epsilon_added(power): {"total": with_epsilon(10.0**-power)} for power in (8, 10, 12)}

ALL_COUNTED = Mistake(
    "it is divided by how many numbers the whole table has",
    "Each row has its own mean, over its own draws.",
    "How many numbers were added up for one row?",
)
FIXED_COUNT = Mistake(
    "1000 stands where the number of draws belongs",
    "The number of draws is another one in each call.",
    "Which entry of the shape is it?",
)
COUNTS = {
    ALL_COUNTED: {"count": lambda logs, found: logs.numel()},
    FIXED_COUNT: {"count": lambda logs, found: 1000},
}
