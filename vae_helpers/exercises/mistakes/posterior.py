"""Wrong answers to the first exercises of notebook 02: Bayes' rule with bowls, and in logs on a grid."""

import math

import torch

from vae_helpers.exercises.mistakes import shared
from vae_helpers.exercises.mistakes.mistake import Catalogue, Mistake, itself

PRIOR_DIVIDED = Mistake(
    "it is divided by the prior, not multiplied with it",
    "So what comes rarely counts for more than what comes often. (In logs: the log prior is subtracted.)",
    "The die chooses the left bowl in five games of six. Should that make it more probable in your line, or less?",
)

LOGS_MULTIPLIED = Mistake(
    "the logs are multiplied",
    "The densities are multiplied, so their logs are added.",
    "What is log(a · b), written with log a and log b?",
)

# ---- two bowls ----


def _bowls(
    prior,
    likelihood,
    weigh=torch.mul,
    normal=lambda joint, likelihood: joint / joint.sum(-1, keepdim=True),
):
    return normal(weigh(prior, likelihood), likelihood)


ADDED = Mistake(
    "prior and likelihood are added, not multiplied",
    "Of the games that choose the bowl, a share gives what was seen. A share of a share is a product; only logs are "
    "added.",
    "A bowl without a single black ball: how many of its games are left after a black ball? And what does your line "
    "say?",
)
LIKELIHOOD_FORGOTTEN = Mistake(
    "the likelihood is forgotten: what comes out is the prior",
    "Whatever was seen, the answer would be what was known before.",
    "What does a black ball change in your line?",
)
PRIOR_RETURNED = Mistake(
    "the prior comes back, as one row",
    "That is what was known before anything was seen, and it is the same for every observation.",
    "Which argument says what was seen? Each of its rows wants a row of the answer.",
)
NOT_NORMALISED = Mistake(
    "it is the joint: it does not add up to 1 over the bowls",
    "p(this bowl, and what was seen) still counts the games that are thrown out: after a black ball only the black "
    "games are left.",
    "25 % and 15 % of all games are black, from the left and the right bowl. What share of the black games is left?",
)
OVER_X = Mistake(
    "it is normalised over the observations, not over the bowls",
    "A row of the answer says from which bowl one ball came, so a row adds up to 1. In yours a column does.",
    "Which axis is the bowl's? For which of the two is the posterior a distribution?",
)
OVER_ALL = Mistake(
    "all rows together add up to 1, not each of them",
    "Each row is another ball, with an answer of its own. A sum over everything mixes them.",
    "Over which axes does .sum() add when you name none?",
)
BY_THE_LIKELIHOODS = Mistake(
    "it is divided by the sum of the likelihoods alone",
    "The evidence, p(what was seen), counts each bowl as often as the die chooses it.",
    "What do the numbers of one row have to add up to, and what do yours add up to?",
)
ONLY_BELOW = Mistake(
    "the prior is in the evidence only, not above the line",
    "Each bowl's likelihood is divided by the same evidence: what the die prefers makes no difference between the "
    "bowls.",
    "Bayes' rule has a product above the line. Of which two?",
)
SOFTMAX = Mistake(
    "softmax is taken of probabilities",
    "softmax exponentiates first: it is right for logs. A bowl whose joint is 0 would keep a share.",
    "What must be done to numbers that are already shares of games, so that they add up to 1?",
)
SOMETHING_ADDED = Mistake(
    "a small number is added to the evidence",
    "Against a division by 0, perhaps; but a likelihood may be 1e-20 for every bowl, and then your number outweighs "
    "all.",
    "How large is p(x) where the ball is improbable under each bowl? It is above 0 whenever the ball can be seen at "
    "all.",
)

BOWLS = Catalogue(
    _bowls,
    {
        shared.PRIOR_FORGOTTEN: {"weigh": lambda prior, likelihood: likelihood},
        shared.PRIOR_TWICE: {"weigh": lambda prior, likelihood: prior**2 * likelihood},
        PRIOR_DIVIDED: {"weigh": lambda prior, likelihood: likelihood / prior},
        ADDED: {"weigh": torch.add},
        LIKELIHOOD_FORGOTTEN: {"weigh": lambda prior, likelihood: prior.expand_as(likelihood)},
        PRIOR_RETURNED: {"weigh": lambda prior, likelihood: prior, "normal": lambda joint, likelihood: joint},
        NOT_NORMALISED: {"normal": lambda joint, likelihood: joint},
        OVER_X: {"normal": lambda joint, likelihood: joint / joint.sum(0)},
        OVER_ALL: {"normal": lambda joint, likelihood: joint / joint.sum()},
        BY_THE_LIKELIHOODS: {"normal": lambda joint, likelihood: joint / likelihood.sum(-1, keepdim=True)},
        ONLY_BELOW: {"normal": lambda joint, likelihood: likelihood / joint.sum(-1, keepdim=True)},
        SOFTMAX: {"normal": lambda joint, likelihood: joint.softmax(-1)},
        SOMETHING_ADDED: {"normal": lambda joint, likelihood: joint / (joint.sum(-1, keepdim=True) + 1e-9)},
    },
)

# ---- the posterior on a grid, in logs ----


def _log_posterior(
    log_likelihood,
    log_prior,
    dz,
    weigh=torch.add,
    normal=lambda joint, likelihood: joint - joint.logsumexp(-1, keepdim=True),
    spacing=lambda dz: -dz.log(),
    sign=1.0,
    back=itself,
):
    return back(sign * (normal(weigh(log_likelihood, log_prior), log_likelihood) + spacing(dz)))


NOT_BY_DZ = Mistake(
    "the shares add up to 1, not the area",
    "A share belongs to a whole step of the grid; a density is share per unit of z. On a finer grid your numbers would "
    "sink, and the curve would not.",
    "How wide is the piece of z that one node stands for?",
)
DZ_SIGN = Mistake(
    "the sign of log dz is turned round",
    "You multiply the shares by dz. A density is share per width.",
    "If a step is ½ wide and holds half of all, how high is the density there: ¼ or 1?",
)
DZ_ITSELF = Mistake(
    "dz stands where log dz belongs",
    "All else in your line is a log. Under a log, dividing by dz is subtracting its log: exp(a − dz) is not exp(a)/dz.",
    "By which factor does exp of your line change when 0.1 is subtracted, and by which should dz = 0.1 change it?",
)
NO_EVIDENCE = Mistake(
    "it is the log joint: nothing is normalised",
    "Its area is p(x), not 1: the evidence is still in it.",
    "Which term of Bayes' rule stands below the line, and how do you get it from a grid?",
)
OVER_X_IN_LOGS = Mistake(
    "it is normalised over x, not over z",
    "The posterior is a density over z, for each x another one. In yours the x of the batch share one area.",
    "Which axis of log_likelihood is z's?",
)
ALL_IN_LOGS = Mistake(
    "the whole table has area 1, not each of its rows",
    "Each row is another x, with an evidence of its own.",
    "How many evidences does your line compute, and how many x are there?",
)
LIKELIHOOD_NORMALISED = Mistake(
    "the likelihood is normalised, and not the product",
    "Afterwards the prior makes the area another one. The evidence is the area under the joint, which has both.",
    "Of which curve is p(x) the area? And at which step of your lines does the prior come in?",
)
MEAN_OVER_NODES = Mistake(
    "the mean over the nodes is taken for their sum",
    "The area is a sum of strips. A mean divides by the number of nodes, and that depends on where the grid ends.",
    "If somebody adds nodes far out, where there is nothing, does p(x) change?",
)
SUM_OF_LOGS = Mistake(
    "the sum of the logs is taken for the log of the sum",
    "A sum of logs is the log of a product. p(x) adds the joint up, not its logs.",
    "What do you get from log ¼ and log ¾ if you add them, and what from log(¼ + ¾)?",
)
DIVIDED_LOGS = Mistake(
    "the logs are divided where they must be subtracted",
    "Bayes' rule divides densities. The log of a quotient is a difference of logs.",
    "What is log(a/b), written with log a and log b?",
)
ROUNDED_TO_NOTHING = Mistake(
    "exp() is taken before dividing, and 0/0 (or ∞/∞) is what is left",
    "exp(−2000) is not 0, but the computer has no number as small; exp(900) is too large for it. Divided by each other "
    "they give NaN.",
    "Dividing is subtracting in logs: can it be done before any exp()? torch.logsumexp does one piece of it.",
)
LOG_OF_SOFTMAX = Mistake(
    "far from the peak it says −∞: shares are taken, then their logs",
    "A share below 1e-300 is rounded to 0, and its log, perhaps −1500 nats, is lost. Whoever stays in logs keeps it.",
    "Is there a way without leaving the logs? You need the log of the sum only.",
)
NO_LOG = Mistake(
    "it is not the log",
    "Your number is exp of what is asked: all that the course adds up and subtracts are logs.",
    "What does the name of the function begin with?",
)

LOG_POSTERIOR = Catalogue(
    _log_posterior,
    {
        shared.PRIOR_FORGOTTEN: {"weigh": lambda likelihood, prior: likelihood},
        shared.PRIOR_TWICE: {"weigh": lambda likelihood, prior: likelihood + 2 * prior},
        PRIOR_DIVIDED: {"weigh": torch.sub},
        LOGS_MULTIPLIED: {"weigh": torch.mul},
        NOT_BY_DZ: {"spacing": torch.zeros_like},
        DZ_SIGN: {"spacing": torch.log},
        DZ_ITSELF: {"spacing": torch.neg},
        NO_EVIDENCE: {"normal": lambda joint, likelihood: joint, "spacing": torch.zeros_like},
        OVER_X_IN_LOGS: {"normal": lambda joint, likelihood: joint - joint.logsumexp(0)},
        ALL_IN_LOGS: {"normal": lambda joint, likelihood: joint - joint.logsumexp((0, 1))},
        LIKELIHOOD_NORMALISED: {"normal": lambda joint, likelihood: joint - likelihood.logsumexp(-1, keepdim=True)},
        MEAN_OVER_NODES: {
            "normal": lambda joint, likelihood: joint - joint.logsumexp(-1, keepdim=True) + math.log(joint.shape[-1])
        },
        SUM_OF_LOGS: {"normal": lambda joint, likelihood: joint - joint.sum(-1, keepdim=True)},
        DIVIDED_LOGS: {"normal": lambda joint, likelihood: joint / joint.sum(-1, keepdim=True)},
        shared.UNDERFLOW: {"normal": lambda joint, likelihood: joint - joint.exp().sum(-1, keepdim=True).log()},
        ROUNDED_TO_NOTHING: {
            "normal": lambda joint, likelihood: (joint.exp() / joint.exp().sum(-1, keepdim=True)).log()
        },
        LOG_OF_SOFTMAX: {"normal": lambda joint, likelihood: joint.softmax(-1).log()},
        NO_LOG: {"back": torch.exp},
        shared.SIGN: {"sign": -1.0},
    },
)
