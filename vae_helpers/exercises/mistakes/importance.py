"""Wrong answers to notebook 02's exercises on importance sampling."""

import math

import torch

from vae_helpers.exercises.mistakes import logs, shared
from vae_helpers.exercises.mistakes.bowls import PRIOR_DIVIDED
from vae_helpers.exercises.mistakes.mistake import Catalogue, Mistake
from vae_helpers.exercises.mistakes.posterior import LOGS_MULTIPLIED, NO_LOG

# ---- log p(x) by draws from a proposal ----


def _weight(likelihood, prior, q):
    return likelihood + prior + q


def _importance(
    log_likelihood,
    log_prior,
    log_q,
    prior=1.0,
    q=-1.0,
    likelihood=1.0,
    weigh=_weight,
    shares=lambda log_w, log_ratio: log_w,
    **how,
):
    terms = likelihood * log_likelihood, prior * log_prior, q * log_q
    return logs.log_mean(shares(weigh(*terms), terms[1] + terms[2]), **how)  # log w, and log p(z)/q(z)


RATIO_INVERTED = Mistake(
    "the ratio p(z)/q(z) is upside down",
    "A z that q draws too often must count less, and one that it draws too rarely must count more. Yours do the "
    "opposite.",
    "q draws some z twice as often as the prior would. By which factor must each of these draws be weighed?",
)
WEIGHT_INVERTED = Mistake(
    "the weight is upside down: q(z) / p(x, z)",
    "In your average a draw counts for more, the worse it explains x.",
    "p(x) is the area under the joint. Multiply and divide it by q, under the integral: which of the two makes the "
    "draws?",
)
Q_FORGOTTEN = Mistake(
    "the proposal q is forgotten",
    "That averages the joint over places which q has chosen. q crowds its draws where it likes, and nobody corrects "
    "it.",
    "Add up 1/q for draws from q: more draws fall where q is high. What makes up for that?",
)
Q_ADDED = Mistake(
    "the log of q is added, not subtracted",
    "The weight is divided by q(z): whatever q draws often counts less for each draw.",
    "Is q(z) above or below the line in w?",
)
LIKELIHOOD_FORGOTTEN = Mistake(
    "the likelihood is forgotten",
    "Your average is right for the area under the prior, which is 1, whatever x is.",
    "Where in your line does x come in?",
)
SELF_NORMALISED = Mistake(
    "the ratios p(z)/q(z) are made to sum to one",
    "That is another estimate: right with very many draws, biased with few. p and q have area 1 already, so dividing "
    "by the number of draws is enough.",
    "By what do you divide the sum of the weights, and by what does an average divide?",
)
WEIGHTS_NORMALISED = Mistake(
    "the weights are divided by their own sum",
    "Then their average is 1/k whatever x is. The sum that you divide by is the very thing that was asked for.",
    "What would your line give for quite another x?",
)
ZERO = Mistake(
    "it is 0 whatever x is",
    "So it comes out if the weights are divided by their own sum: they add up to 1, and log 1 = 0. The sum that you "
    "divide by would be the very thing that was asked for.",
    "What would your line give for quite another x, and why?",
)
LARGEST = Mistake(
    "the largest weight is taken for the average",
    "The largest helps to keep exp() within reach. After that the sum over all draws, and their number, are still due.",
    "What does your line give when a hundred draws have the same weight, and what when one has it and 99 have nothing?",
)
DIVIDED_BY_THE_BATCH = Mistake(
    "the sum over the draws is divided by the number of examples",
    "An average divides by how many numbers were added up: the draws. len(…) and shape[0] count the rows.",
    "Which entry of log_w.shape is the number of draws?",
)
LOG_DIVIDED = Mistake(
    "the log is divided by k, not the sum",
    "The 1/k of the average stands inside the log. Outside, the log of a factor is a term.",
    "What is log(a/k), written with log a and log k?",
)
LOG_K_ADDED = Mistake(
    "log k is added where it must be subtracted",
    "So the sum is multiplied by k, not divided.",
    "An average is never larger than its largest term. Is yours?",
)
K_SUBTRACTED = Mistake(
    "k is subtracted, not log k",
    "Inside the log the sum is divided by k. Outside, that becomes a subtraction of a log.",
    "What is log(a/k), written with log a and log k?",
)
OVER_THE_EXAMPLES = Mistake(
    "it is averaged over the examples, not over the draws",
    "One number per draw came. Each x has an evidence of its own; its draws are what is averaged.",
    "Which axis holds the draws?",
)

WHOLE = {"prior": 1.0, "q": -1.0, "likelihood": 1.0}  # a product knows no term that is left out or turned round

IMPORTANCE = Catalogue(
    _importance,
    {
        RATIO_INVERTED: {"prior": -1.0, "q": 1.0},
        WEIGHT_INVERTED: {"prior": -1.0, "q": 1.0, "likelihood": -1.0},
        Q_FORGOTTEN: {"q": 0.0},
        Q_ADDED: {"q": 1.0},
        shared.PRIOR_FORGOTTEN: {"prior": 0.0},
        shared.PRIOR_TWICE: {"prior": 2.0},
        PRIOR_DIVIDED: {"prior": -1.0},
        LOGS_MULTIPLIED: {"weigh": lambda likelihood, prior, q: -likelihood * prior / q, **WHOLE},
        logs.LOG_TWICE: {"weigh": lambda likelihood, prior, q: likelihood + prior.log() + q, **WHOLE},
        LIKELIHOOD_FORGOTTEN: {"likelihood": 0.0},
        shared.AVERAGE_OF_LOGS: {"total": torch.sum, "average": lambda total, k: total / k},
        shared.UNDERFLOW: {"total": logs.naive},
        **logs.TOTALS,
        **logs.EPSILONS,
        **logs.COUNTS,
        shared.NOT_DIVIDED: {"average": lambda total, k: total},
        SELF_NORMALISED: {
            "shares": lambda log_w, log_ratio: log_w - log_ratio.logsumexp(-1, keepdim=True),
            "average": lambda total, k: total,
            "likelihood": 1.0,
        },
        WEIGHTS_NORMALISED: {"shares": lambda log_w, log_ratio: log_w.log_softmax(-1), "total": torch.logsumexp},
        ZERO: {"shares": lambda log_w, log_ratio: 0 * log_w, "average": lambda total, k: 0 * total},
        DIVIDED_BY_THE_BATCH: {"count": lambda log_w, found: len(log_w)},
        LOG_DIVIDED: {"average": lambda total, k: total / k},
        LOG_K_ADDED: {"average": lambda total, k: total + math.log(k)},
        K_SUBTRACTED: {"average": lambda total, k: total - k},
        LARGEST: {"total": torch.amax, "average": lambda total, k: total},
        shared.OVER_THE_BATCH: {"axis": (0, 1)},
        OVER_THE_EXAMPLES: {"axis": 0},
        NO_LOG: {"out": torch.exp},
        shared.SIGN: {"sign": -1.0},
    },
)

# ---- a proposal that deceives ----

COVERS = Mistake(
    "it is honest: it draws at both peaks",
    "What it estimates is right, within a few times the error that it reports.",
    "What must a proposal do with one of the peaks, so that its draws never tell?",
)
FEW_NEAR = Mistake(
    "few of its draws come near one of the peaks, or near both",
    "So a few heavy weights decide: the runs contradict each other, and their reports warn.",
    "A deceiver leaves one peak out altogether. Where must it stand to be excellent on the other?",
)
MISSES_BOTH = Mistake(
    "it misses both peaks",
    "Hardly a draw falls on a peak. The one that comes nearest decides all, the runs contradict each other, and the "
    "reports warn.",
    "Where does z² = x − s²/2 put the peaks? A deceiver stands well on one of them.",
)
TOO_NARROW = Mistake(
    "it is too narrow for its own peak",
    "σ² is less than half of the peak's variance: on paper the variance of the weights is infinite. Draws from its rim "
    "have huge weights, and give it away in some runs or in all.",
    "By the same factor, what does less harm: too narrow or too wide?",
)
TOO_WIDE = Mistake(
    "it is too wide for one peak",
    "Many of its draws fall where the posterior is not, so the weights differ and the report is not small; and a stray "
    "draw may find the other peak.",
    "A report is small when the weights are alike. How wide is the peak, and how wide are you?",
)
OFF_CENTRE = Mistake(
    "it stands beside a peak, and its report warns",
    "Only its rim finds the peak: a few heavy weights decide, and they show in the reported error.",
    "Where does z² = x − s²/2 put the peak, and where do you stand?",
)
