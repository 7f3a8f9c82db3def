"""Wrong answers to the third exercise of notebook 05: what one throw says of a gradient, as a vote."""

import torch

from vae_helpers.exercises.mistakes import pathwise as along
from vae_helpers.exercises.mistakes.mistake import Catalogue, Mistake, itself


def _no_path(f, z, log_q):
    return 0.0


def _score(
    f,
    mu,
    sigma,
    eps,
    place=along.landed,
    cost=lambda f, z, mu, sigma, eps: f(z),
    middle=1.0,
    power=2,
    distance=lambda sigma, eps: eps,
    one=1.0,
    outer=1,
    votes=lambda by_mu, by_sigma, log_q, sigma: (by_mu, by_sigma),
    path=_no_path,
    swap=False,
    sign=1.0,
    give=itself,
):
    z = place(mu, sigma, eps)
    off = (z - mu) / sigma  # ε, where the place is right
    by_mu = (z - middle * mu) / sigma**power
    by_sigma = (distance(sigma, off) ** 2 - one) / sigma**outer
    log_q = -0.5 * off**2 - (sigma * (2 * torch.pi) ** 0.5).log()
    by_mu, by_sigma = votes(by_mu, by_sigma, log_q, sigma)
    price, moved = sign * cost(f, z, mu, sigma, eps), sign * path(f, z, log_q)
    found = give(price * by_mu + moved), give(price * by_sigma + moved * eps)
    return found[::-1] if swap else found


PATH_FOR_VOTES = Mistake(
    "this is the pathwise gradient",
    "It is right on average too, but asks f for its slope. The votes only need its values.",
    "Which of the two ways still works for a game that is won or lost?",
)
NOT_DIVIDED_BY_VARIANCE = Mistake(
    "by μ one division by σ is missing",
    "The score is (z − μ)/σ². Since z − μ = σε, that is ε/σ: neither ε nor (z − μ)/σ.",
    "What is z − μ in terms of ε? Which power of σ is left?",
)
NOT_DIVIDED = Mistake(
    "by μ the division by σ² is missing",
    "In a narrow bell a small step of μ makes many throws much more likely: the score grows when σ shrinks.",
    "Differentiate −(z − μ)²/2σ² by μ on paper.",
)
DIVIDED_AGAIN = Mistake(
    "by μ it is divided by σ once too often",
    "(z − μ)/σ² and ε/σ are the same number; ε/σ² is a mixture of the two.",
    "What is left of (z − μ)/σ² when z − μ = σε is put in?",
)
HALF_LEFT = Mistake(
    "by μ a ½ is left over",
    "The exponent is −(z − μ)²/2σ². Its square, differentiated, brings a 2, which cancels the one below.",
    "Differentiate −(z − μ)²/2 by μ on paper.",
)
DIVIDED_AGAIN_BY_SIGMA = Mistake(
    "by σ it is divided by σ once too often",
    "(z − μ)²/σ³ − 1/σ and (ε² − 1)/σ are the same number. With ε only one σ is left to divide by.",
    "What is left of (z − μ)²/σ³ when z − μ = σε is put in?",
)
DISTANCE_FOR_EPS = Mistake(
    "by σ, z − μ stands where ε belongs",
    "The square in (ε² − 1)/σ is of the die, which is (z − μ)/σ.",
    "For σ = 10 and ε = 1: what is z − μ, and which of the two is squared?",
)
ONE_DIVIDED = Mistake(
    "by σ only the 1 is divided by σ",
    "Python divides before it subtracts, unless brackets hold the difference together.",
    "What is divided in your line, and what in the formula?",
)
SQUARE_DIVIDED = Mistake(
    "by σ only the square is divided by σ",
    "Python divides before it subtracts, unless brackets hold the difference together.",
    "What is divided in your line, and what in the formula?",
)
NOT_DIVIDED_BY_SIGMA = Mistake(
    "by σ the division by σ is missing",
    "log q contains −(z − μ)²/2σ² − log σ. Each of the two, differentiated by σ, leaves a σ in the denominator.",
    "What is the slope of log σ?",
)
ONE_FORGOTTEN = Mistake(
    "by σ the −1 is missing",
    "A wider bell is lower too: the −log σ in log q. Without its slope the scores don't average to 0.",
    "What is the mean of ε², and what must the mean of a score be?",
)
MU_TURNED = Mistake(
    "by μ the sign is turned round",
    "A throw to the right of μ comes more often when μ grows: its score by μ is above 0.",
    "Which is it in your line: z − μ or μ − z?",
)
SIGMA_TURNED = Mistake(
    "by σ the sign is turned round",
    "A throw far out, with ε = 3, comes more often when the bell gets wider: its score by σ is above 0.",
    "What does your line give for ε = 3, and what for ε = 0?",
)
SIGN = Mistake(
    "the sign is turned round",
    "A vote is the cost times the score, without a minus. The minus comes later, in the step down.",
    "A costly throw to the right of μ: does turning μ up make more of it, or less?",
)
SLOPE_FOR_VALUE = Mistake(
    "the slope of f is weighed, not f",
    "A vote asks what the throw costs, and never looks at f′: it works where f has none.",
    "With what does the page multiply the score?",
)
OWN_BASELINE = Mistake(
    "a baseline made of the same throws is subtracted",
    "Each throw is in the mean that judges it, so a part of its vote is lost.",
    "With one throw alone, what is left of its vote?",
)
COST_AT_MU = Mistake(
    "f is taken at μ",
    "All throws would cost the same. Each costs what f says where it landed, at z = μ + σε.",
    "Does your cost differ from throw to throw?",
)
F_FORGOTTEN = Mistake(
    "f is missing: these are the bare scores",
    "All throws vote with the same weight, whatever they cost, and the votes average to 0.",
    "With what does each throw weigh its score?",
)
Z_FOR_DISTANCE = Mistake(
    "z stands where z − μ belongs",
    "A throw votes by the side of μ on which it lies. Yours asks on which side of 0.",
    "What should a throw that lands exactly on μ vote?",
)
LOG_Q = Mistake(
    "log q itself stands where its slope belongs",
    "The score says by which share q(z) grows when a knob is turned; log q only says how high it is.",
    "By which two letters must log q be differentiated?",
)
MOVES_ALONG = Mistake(
    "z moves along while log q is differentiated",
    "The votes hold z still and turn the knobs of the bell. Where z goes with them, the bell moves under it, and by μ "
    "nothing changes.",
    "What did the page do to the throws before it asked autograd for the scores?",
)
MOVES_UNDER_BOTH = Mistake(
    "z moves along while cost times log q is differentiated",
    "The votes hold z still and turn the knobs of the bell. Here z hangs on mu and sigma, so autograd also follows the "
    "cost along its path, and moves the bell with the throw.",
    "What did the page do to the throws before it asked autograd for the scores?",
)

IN_THE_SCORE = "in the cost and in z − μ"

SCORE = Catalogue(
    _score,
    {
        PATH_FOR_VOTES: {
            "cost": lambda f, z, mu, sigma, eps: along.slope(f, z),
            "votes": lambda by_mu, by_sigma, log_q, sigma: (1.0, by_mu * sigma),
        },
        along.AT_EPS: {"cost": lambda f, z, mu, sigma, eps: f(eps)},
        COST_AT_MU: {"cost": lambda f, z, mu, sigma, eps: f(mu)},
        along.ONLY_SQUARE: {"cost": lambda f, z, mu, sigma, eps: z**2},
        SLOPE_FOR_VALUE: {"cost": lambda f, z, mu, sigma, eps: along.slope(f, z)},
        OWN_BASELINE: {"cost": lambda f, z, mu, sigma, eps: f(z) - f(z).mean()},
        along.SQUARE_OF_SIGMA: {"cost": lambda f, z, mu, sigma, eps: f(mu + sigma**2 * eps)},
        along.SIGMA_IS_LOGVAR: {"cost": lambda f, z, mu, sigma, eps: f(mu + (0.5 * sigma).exp() * eps)},
        along.throughout(along.SQUARE_OF_SIGMA, IN_THE_SCORE): {"place": lambda mu, sigma, eps: mu + sigma**2 * eps},
        along.throughout(along.SIGMA_IS_LOGVAR, IN_THE_SCORE): {
            "place": lambda mu, sigma, eps: mu + (0.5 * sigma).exp() * eps
        },
        F_FORGOTTEN: {"cost": lambda f, z, mu, sigma, eps: torch.ones_like(eps)},
        NOT_DIVIDED_BY_VARIANCE: {"power": 1},
        NOT_DIVIDED: {"power": 0},
        DIVIDED_AGAIN: {"power": 3},
        HALF_LEFT: {"votes": lambda by_mu, by_sigma, log_q, sigma: (0.5 * by_mu, by_sigma)},
        NOT_DIVIDED_BY_SIGMA: {"outer": 0},
        DIVIDED_AGAIN_BY_SIGMA: {"outer": 2},
        DISTANCE_FOR_EPS: {"distance": lambda sigma, eps: sigma * eps},
        ONE_DIVIDED: {"votes": lambda by_mu, by_sigma, log_q, sigma: (by_mu, sigma * by_sigma + 1 - 1 / sigma)},
        SQUARE_DIVIDED: {"votes": lambda by_mu, by_sigma, log_q, sigma: (by_mu, by_sigma + 1 / sigma - 1)},
        MU_TURNED: {"votes": lambda by_mu, by_sigma, log_q, sigma: (-by_mu, by_sigma)},
        SIGMA_TURNED: {"votes": lambda by_mu, by_sigma, log_q, sigma: (by_mu, -by_sigma)},
        ONE_FORGOTTEN: {"one": 0.0},
        Z_FOR_DISTANCE: {"middle": 0.0},
        LOG_Q: {"votes": lambda by_mu, by_sigma, log_q, sigma: (log_q, log_q)},
        MOVES_ALONG: {"votes": lambda by_mu, by_sigma, log_q, sigma: (0 * sigma, -1 / sigma)},
        MOVES_UNDER_BOTH: {
            "votes": lambda by_mu, by_sigma, log_q, sigma: (0 * sigma, -1 / sigma),
            "path": lambda f, z, log_q: along.slope(f, z) * log_q,
        },
        along.SWAPPED: {"swap": True},
        SIGN: {"sign": -1.0},
        along.SLOPE_OF_MEAN: {"give": lambda values: values / len(values)},
        along.AVERAGED: {"give": torch.mean},
    },
)
