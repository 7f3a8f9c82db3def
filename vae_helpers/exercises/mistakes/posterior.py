"""Wrong answers to notebook 02's exercise on the posterior in logs, on a grid."""

import math

import torch

from vae_helpers.exercises.mistakes import logs, shared
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

# ---- the posterior on a grid, in logs ----


def _log_posterior(
    log_likelihood,
    log_prior,
    dz,
    weigh=torch.add,
    of=lambda joint, likelihood: joint,
    total=torch.logsumexp,
    axis=-1,
    count=lambda logs, found: 1,
    epsilon=torch.zeros_like,
    normal=lambda joint, found, dz: joint - found,
    spacing=lambda dz: -dz.log(),
    sign=1.0,
    back=itself,
):
    joint = weigh(log_likelihood, log_prior)
    added = of(joint, log_likelihood)
    found = total(added, axis)
    found = torch.logaddexp(found, epsilon(dz).log()) - math.log(count(added, found))
    found = found.unsqueeze(-1) if axis == -1 else found
    return back(sign * (normal(joint, found, dz) + spacing(dz)))


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
DIVIDED_BY_LOG_EVIDENCE = Mistake(
    "it is divided by log p(x), which must be subtracted",
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
DZ_OUTSIDE = Mistake(
    "the log of the sum is multiplied by dz",
    "dz is a factor of the sum, inside the log. Outside, it is a term of its own.",
    "log(a · dz) = log a … what?",
)
DIVIDED_BY_DZ = Mistake(
    "the logs are divided by dz",
    "The density is divided by dz. In its log that is another operation.",
    "log(a / dz) = log a … what?",
)
EVIDENCE_NOT_LOGGED = Mistake(
    "p(x) is subtracted, not log p(x)",
    "All else in your line is a log.",
    "In logs, what does a division by p(x) become?",
)
ONLY_BY_DZ = Mistake(
    "it is divided by dz, but not by the sum",
    "So its area is still not 1.",
    "What must the densities of one row, times dz, add up to?",
)
BY_THE_LARGEST = Mistake(
    "the largest is subtracted, not the log of the sum",
    "So every peak is 1 high, however wide the curve is.",
    "What must be 1: the height or the area?",
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
        logs.LOG_TWICE: {"weigh": lambda likelihood, prior: likelihood + prior.log()},
        NOT_BY_DZ: {"spacing": torch.zeros_like},
        DZ_SIGN: {"spacing": torch.log},
        DZ_ITSELF: {"spacing": torch.neg},
        DZ_OUTSIDE: {"normal": lambda joint, found, dz: joint - found * dz, "spacing": torch.zeros_like},
        DIVIDED_BY_DZ: {"normal": lambda joint, found, dz: (joint - found) / dz, "spacing": torch.zeros_like},
        NO_EVIDENCE: {"normal": lambda joint, found, dz: joint, "spacing": torch.zeros_like},
        ONLY_BY_DZ: {"normal": lambda joint, found, dz: joint},
        EVIDENCE_NOT_LOGGED: {
            "normal": lambda joint, found, dz: joint - found.exp() * dz,
            "spacing": torch.zeros_like,
        },
        BY_THE_LARGEST: {"total": torch.amax, "spacing": torch.zeros_like},
        OVER_X_IN_LOGS: {"axis": 0},
        ALL_IN_LOGS: {"axis": (0, 1)},
        LIKELIHOOD_NORMALISED: {"of": lambda joint, likelihood: likelihood},
        MEAN_OVER_NODES: {"count": lambda added, found: added.numel() // found.numel()},
        SUM_OF_LOGS: {"total": torch.sum, "count": lambda added, found: 1},
        DIVIDED_LOGS: {"normal": lambda joint, found, dz: joint / found},
        DIVIDED_BY_LOG_EVIDENCE: {
            "normal": lambda joint, found, dz: joint / (found + dz.log()),
            "spacing": torch.zeros_like,
        },
        shared.UNDERFLOW: {"total": logs.naive},
        **logs.TOTALS,
        **{
            logs.epsilon_added(power, " of p(x)"): {
                "total": logs.naive,
                "epsilon": lambda dz, power=power: 10.0**-power / dz,
            }
            for power in (8, 10, 12)
        },
        **{
            logs.epsilon_added(power, " of the sum"): {
                "total": logs.naive,
                "epsilon": lambda dz, power=power: torch.full_like(dz, 10.0**-power),
            }
            for power in (8, 10, 12)
        },
        ROUNDED_TO_NOTHING: {"normal": lambda joint, found, dz: (joint.exp() / found.exp()).log()},
        LOG_OF_SOFTMAX: {"normal": lambda joint, found, dz: joint.softmax(-1).log()},
        NO_LOG: {"back": torch.exp},
        shared.SIGN: {"sign": -1.0},
    },
)
