"""Wrong answers to notebook 02's first exercise, Bayes' rule with bowls."""

import torch

from vae_helpers.exercises.mistakes.mistake import Catalogue, Mistake, itself


def _bowls(
    prior,
    likelihood,
    weigh=torch.mul,
    normal=lambda joint, likelihood: joint / joint.sum(-1, keepdim=True),
    back=itself,
):
    return back(normal(weigh(prior, likelihood), likelihood))


PRIOR_FORGOTTEN = Mistake(
    "the prior is forgotten",
    "The likelihood alone says how well a bowl explains the ball, not how often the die chooses that bowl.",
    "A bowl full of black balls that the die hardly ever chooses: what holds it back in your line?",
)
PRIOR_TWICE = Mistake(
    "the prior is counted twice",
    "Each bowl may be weighed by the prior once: you have multiplied by it where it was already in.",
    "How often is the die thrown in one game?",
)
PRIOR_DIVIDED = Mistake(
    "it is divided by the prior, not multiplied with it",
    "So what comes rarely counts for more than what comes often.",
    "The die chooses the left bowl in five games of six. Should that make it more probable in your line, or less?",
)
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
LIKELIHOOD_ITSELF = Mistake(
    "it is the likelihood, as it came",
    "It says how often each bowl gives what was seen. Asked for is how probable it is that each bowl stands behind it.",
    "Which argument does your line not use? And what must a row add up to?",
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
NO_BRACKETS = Mistake(
    "brackets are missing below the line",
    "Python goes from left to right: a / b * c is (a / b) * c. Yours divides by the prior alone, and multiplies with "
    "the rest.",
    "What does 8 / 2 * 4 give in Python, and what should it give here?",
)
MEAN = Mistake(
    "it is divided by the mean of the row, not by its sum",
    "With two bowls your shares come out twice as large, with five bowls five times as large.",
    "What does a row of yours add up to?",
)
SOFTMAX = Mistake(
    "softmax is taken of probabilities",
    "softmax exponentiates first: it is right for logs. A bowl whose joint is 0 would keep a share.",
    "What must be done to numbers that are already shares of games, so that they add up to 1?",
)
KEPT_FROM_0 = Mistake(
    "the evidence is kept away from 0 by a small number",
    "Against a division by 0, perhaps (F.normalize does so for you). But a likelihood may be 1e-20 for every bowl, and "
    "then the small number outweighs all.",
    "How large is p(x) where the ball is improbable under each bowl? It is above 0 whenever the ball can be seen at "
    "all.",
)
LOGS = Mistake(
    "it is the log of the shares",
    "Asked for are the shares themselves: from 0 to 1, and a row adds up to 1.",
    "What takes a log back to its number?",
)


def _rounded(decimals):
    return Mistake(
        f"it is rounded to {decimals} decimals",
        "Then a row need not add up to 1, and a small share becomes 0.",
        "Leave the shares as Bayes' rule gives them.",
    )


BOWLS = Catalogue(
    _bowls,
    {
        PRIOR_FORGOTTEN: {"weigh": lambda prior, likelihood: likelihood},
        PRIOR_TWICE: {"weigh": lambda prior, likelihood: prior**2 * likelihood},
        PRIOR_DIVIDED: {"weigh": lambda prior, likelihood: likelihood / prior},
        ADDED: {"weigh": torch.add},
        LIKELIHOOD_FORGOTTEN: {"weigh": lambda prior, likelihood: prior.expand_as(likelihood)},
        PRIOR_RETURNED: {"weigh": lambda prior, likelihood: prior, "normal": lambda joint, likelihood: joint},
        LIKELIHOOD_ITSELF: {"weigh": lambda prior, likelihood: likelihood, "normal": lambda joint, likelihood: joint},
        NOT_NORMALISED: {"normal": lambda joint, likelihood: joint},
        OVER_X: {"normal": lambda joint, likelihood: joint / joint.sum(0)},
        OVER_ALL: {"normal": lambda joint, likelihood: joint / joint.sum()},
        BY_THE_LIKELIHOODS: {"normal": lambda joint, likelihood: joint / likelihood.sum(-1, keepdim=True)},
        ONLY_BELOW: {
            "weigh": torch.mul,
            "normal": lambda joint, likelihood: likelihood / joint.sum(-1, keepdim=True),
        },
        NO_BRACKETS: {
            "weigh": torch.mul,
            "normal": lambda joint, likelihood: likelihood * likelihood.sum(-1, keepdim=True),
        },
        MEAN: {"normal": lambda joint, likelihood: joint / joint.mean(-1, keepdim=True)},
        SOFTMAX: {"normal": lambda joint, likelihood: joint.softmax(-1)},
        KEPT_FROM_0: {"normal": lambda joint, likelihood: joint / (joint.sum(-1, keepdim=True) + 1e-9)},
        LOGS: {"back": torch.log},
        **{_rounded(n): {"back": lambda shares, n=n: shares.round(decimals=n)} for n in (2, 3)},
    },
)
