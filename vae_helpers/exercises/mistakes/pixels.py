"""Wrong answers to log p(x|z) of Bernoulli pixels, as notebook 06 asks for it."""

from functools import partial

import torch
import torch.nn.functional as F

from vae_helpers.exercises.mistakes import shared
from vae_helpers.exercises.mistakes.mistake import Catalogue, Mistake, itself, mean_last, sum_last

# The logs of p and of 1 − p, p = sigmoid(logit): as they should be taken, and in ways that lose them.


def _exact(logits):
    return F.logsigmoid(logits), F.logsigmoid(-logits)


def _of_logits(logits):
    return logits.log(), (1 - logits).log()


def _rounded(logits, keep=itself):
    return keep(logits.sigmoid()).log(), keep(1 - logits.sigmoid()).log()


def _added(logits, eps):
    return _rounded(logits, lambda p: p + eps)


def _clamped(logits, eps):
    p = logits.sigmoid().clamp(eps, 1 - eps)
    return p.log(), (1 - p).log()


def _clamped_by_torch(logits):
    return _clamped(logits, torch.finfo(logits.dtype).eps)


def _cut_at_100(logits):
    return tuple(log.clamp(min=-100.0) for log in _rounded(logits))


def _without_nan(logits):
    return tuple(log.nan_to_num() for log in _rounded(logits))


def _overflowing(x, logits):
    return x * logits - (1 + logits.exp()).log()


def _xlogy(x, logits):
    return torch.xlogy(x, logits.sigmoid()) + torch.xlogy(1 - x, 1 - logits.sigmoid())


def _squares(x, logits):
    return -(x - logits.sigmoid()).square()


def _classes(x, logits):
    return x * logits.log_softmax(-1)


def _pixels(x, logits, squeeze=itself, grey=itself, logs=_exact, ink=1.0, paper=1.0, swap=False, pixel=None):
    x, logits = (logits, x) if swap else (grey(x), squeeze(logits))
    if pixel is not None:
        return pixel(x, logits)
    of_ink, of_paper = logs(logits)
    return ink * x * of_ink + paper * (1 - x) * of_paper


def log_likelihood(x, logits, sign=1.0, total=sum_last, **switches):
    """Right without switches."""
    return sign * total(_pixels(x, logits, **switches))


LOSS_FOR_LOG = Mistake(
    "the sign is turned round: that is the cross-entropy, a loss",
    "A log-probability is never above 0, and higher is better. Losses have the other sign: lower is better.",
    "What is the log of a probability of ½: more than 0, or less?",
)
LOGITS_FOR_PROBABILITIES = Mistake(
    "the logits are taken for probabilities",
    "A logit is any number, −3 and 200 too; −3 has no log.",
    "Which function makes a probability of a logit?",
)
TWICE = Mistake(
    "sigmoid is taken twice",
    "The function you call takes the sigmoid itself. Taken again, no probability is below 0.5 or above 0.73.",
    "Does your function ask for logits or for probabilities? What does it do first?",
)
EXCHANGED = Mistake(
    "x and the logits are exchanged",
    "The image is taken for the decoder's answer, and the answer for the image.",
    "In which order does your function take its two arguments?",
)
INK_FOR_PAPER = Mistake(
    "ink is taken for paper",
    "x = 1 is ink, and sigmoid(logit) is the probability of ink. Yours praises the decoder that draws the negative.",
    "One pixel of ink, logit 5: a good answer or a bad one? And what does your line give?",
)
PAPER_FORGOTTEN = Mistake(
    "only the pixels of ink are counted",
    "Whoever draws all black would be perfect. A pixel of paper has its probability too, 1 − sigmoid(logit).",
    "What does your line give for x = 0, whatever the logit?",
)
INK_EVERYWHERE = Mistake(
    "paper is given the probability of ink",
    "Both of your terms hold the same log. A pixel of paper has the probability 1 − sigmoid(logit).",
    "A decoder that is sure of ink: should x = 0 be as probable as x = 1?",
)
PAPER_SUBTRACTED = Mistake(
    "the term of paper has the wrong sign",
    "Both logs are below 0 and both lower the sum. Yours becomes higher where paper was given little probability.",
    "A pixel of paper, logit 5: should it raise log p(x|z) or lower it?",
)
OVERFLOW = Mistake(
    "exp() is too large for the computer in log(1 + exp(logit))",
    "The formula is right. But in float32 exp(200) is infinite, and so is its log; log(1 + exp(200)) is nearly 200.",
    "torch has log(1 + exp(·)) as one function that does not overflow: softplus.",
)
ROUNDED_GREY = Mistake(
    "grey pixels are rounded to black or white",
    "A pixel of 0.3 is ink three times out of ten: both of its terms count, the one by 0.3, the other by 0.7.",
    "What do your two terms weigh for x = 0.3?",
)
SQUARES = Mistake(
    "squared errors stand where logs of probabilities belong",
    "A decoder that was sure of the wrong colour pays 1. By the log it would pay without limit.",
    "How probable was the pixel that came? The answer wants the log of that.",
)
CLASSES = Mistake(
    "the pixels are taken for classes of which one is right",
    "cross_entropy and log_softmax let the pixels share one probability. Each pixel here has a coin of its own.",
    "May two pixels both be ink, each with probability 0.9?",
)
PIXELS_AVERAGED = Mistake(
    shared.MEAN_OVER_PIXELS.name,
    "All pixels together make the image probable: their probabilities multiply, so their logs add up.",
    shared.MEAN_OVER_PIXELS.hint,
)
PIXELS_NOT_SUMMED = Mistake(
    "the pixels are not summed",
    "One number per pixel came; wanted is one for each image.",
    "The image is probable if all of its pixels together are. Which axis holds them?",
)
EVERYTHING_AVERAGED = Mistake(
    "the mean over pixels and batch is taken",
    "One number for all came, that of an average pixel; wanted is the sum of the pixels, for each image.",
    "What does your function do when you don't name a reduction? Look for reduction= in its documentation.",
)
LOG_OF_ROUNDED = Mistake(
    "the log of a rounded 0 is taken, and NaN comes",
    "The computer rounds sigmoid(200) to 1 and sigmoid(−200) to 0 or nearly; then log 0 = −∞, and 0 · ∞ is NaN.",
    "Never make the probability: is there a function that gives the log of a sigmoid, or one that is given logits?",
)
STILL_INFINITE = Mistake(
    "the log of a rounded 0 is taken, and −∞ comes",
    "The computer rounds sigmoid(200) to 1. For a pixel of paper that is log(1 − 1) = −∞, and −200 is right. (xlogy, "
    "nansum or a product mend 0 · log 0, and nothing else.)",
    LOG_OF_ROUNDED.hint,
)
HIDDEN = Mistake(
    "nan_to_num hides the log of a rounded 0",
    "It makes 0 of a NaN and a huge number of −∞. The −200 that is right for such a pixel was lost before.",
    LOG_OF_ROUNDED.hint,
)
HIDDEN_IN_THE_SUM = Mistake(
    "nan_to_num hides the log of a rounded 0 in the sum",
    "Where one pixel is NaN, the image is given 0, the log of a sure thing.",
    LOG_OF_ROUNDED.hint,
)
CUT = "A pixel that is wrong by a logit of 200 costs 200 nats. Yours costs"
LESS = "Is there a function that takes logits, so that no probability need be made at all?"
CUT_AT_100 = Mistake(
    "a pixel costs 100 nats at most (F.binary_cross_entropy of probabilities)",
    f"{CUT} 100, because a rounded 0 has lost its log, and torch then says −100.",
    LESS,
)
CLAMPED_BY_TORCH = Mistake(
    "the probabilities are clamped (Bernoulli(probs=…) does it)",
    f"{CUT} 36, or 16 in float32, because torch moves the probability away from 0 and from 1.",
    "Bernoulli can be given something else than probs.",
)


def _floor(name: str, eps: float) -> Mistake:
    cost = f"{-torch.tensor(eps).log():.0f}"
    return Mistake(name, f"{CUT} {cost}, whatever the decoder said, and at that floor there is no gradient.", LESS)


ADDED = {
    eps: _floor(f"a small number, 1e{place}, is added to keep the log from 0", eps)
    for place, eps in ((place, 10.0**place) for place in (-5, -6, -7, -8, -9, -10, -12))
}
CLAMPED = {
    eps: _floor(f"the probabilities are clamped at 1e{place}", eps)
    for place, eps in ((place, 10.0**place) for place in (-5, -6, -7))
}

PIXEL_MISTAKES = {
    LOGITS_FOR_PROBABILITIES: {"logs": _of_logits},
    TWICE: {"squeeze": torch.sigmoid},
    EXCHANGED: {"swap": True},
    INK_FOR_PAPER: {"squeeze": torch.neg},
    PAPER_FORGOTTEN: {"paper": 0.0},
    PAPER_SUBTRACTED: {"paper": -1.0},
    INK_EVERYWHERE: {"logs": lambda logits: (F.logsigmoid(logits), F.logsigmoid(logits))},
    OVERFLOW: {"pixel": _overflowing},
    ROUNDED_GREY: {"grey": torch.round},
    SQUARES: {"pixel": _squares},
    CLASSES: {"pixel": _classes},
    LOG_OF_ROUNDED: {"logs": _rounded},
    STILL_INFINITE: {"pixel": _xlogy},
    HIDDEN: {"logs": _without_nan},
    CUT_AT_100: {"logs": _cut_at_100},
}

LOG_LIKELIHOOD = Catalogue(
    log_likelihood,
    {
        LOSS_FOR_LOG: {"sign": -1.0},
        PIXELS_AVERAGED: {"total": mean_last},
        PIXELS_NOT_SUMMED: {"total": itself},
        EVERYTHING_AVERAGED: {"total": torch.mean},
        shared.OVER_THE_BATCH: {"total": torch.sum},
        **PIXEL_MISTAKES,
        HIDDEN_IN_THE_SUM: {"logs": _rounded, "total": lambda logs: logs.sum(-1).nan_to_num()},
        CLAMPED_BY_TORCH: {"logs": _clamped_by_torch},
        **{mistake: {"logs": partial(_added, eps=eps)} for eps, mistake in ADDED.items()},
        **{mistake: {"logs": partial(_clamped, eps=eps)} for eps, mistake in CLAMPED.items()},
    },
)
