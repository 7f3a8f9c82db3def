"""Wrong answers to two exercises of notebook 05: what one sample says of a gradient, along its path or as a vote."""

import torch

from vae_helpers.exercises.mistakes import shared
from vae_helpers.exercises.mistakes.mistake import Catalogue, Mistake, itself


def _landed(mu, sigma, eps):
    return mu + sigma * eps


def _slope(f, z):
    at = z.detach().requires_grad_()
    return torch.autograd.grad(f(at).sum(), at)[0]


def _value(f, z):
    return f(z)


# ---- the slope along the path ----


def _pathwise(
    f,
    mu,
    sigma,
    eps,
    place=_landed,
    rate=_slope,
    by_mu=lambda sigma, eps: 1.0,
    by_sigma=lambda sigma, eps: eps,
    swap=False,
    sign=1.0,
    give=itself,
):
    slope = sign * rate(f, place(mu, sigma, eps))
    found = give(slope * by_mu(sigma, eps)), give(slope * by_sigma(sigma, eps))
    return found[::-1] if swap else found


ONLY_SQUARE = Mistake(
    "it is right for f(z) = z² only",
    "f may be any function: a cosine, an exponential, one that nobody has written down for you.",
    "Does the argument f appear in your lines?",
)
AT_MU = Mistake(
    "the slope is taken at μ",
    "The throw lies at z = μ + σε, and f is as steep as it is there, not at the middle of the bell.",
    "Where is the throw when f is asked for its slope?",
)
AT_EPS = Mistake(
    "f is taken at ε",
    "ε is the mark on the rubber band; the throw lands at z = μ + σε, and f must be asked there.",
    "For μ = 3 and ε = 0: where does the throw land?",
)
ROOT_OF_SIGMA = Mistake(
    "sigma is taken for a variance",
    "A root was drawn of it. Here sigma is σ itself, the spread, ready for z.",
    "How far from μ does the throw land for ε = 1?",
)
SQUARE_OF_SIGMA = Mistake(
    "σ² stands where σ belongs",
    "z lies σε away from μ, not σ²ε.",
    "How far from μ does the throw land for ε = 1?",
)
SIGMA_IS_LOGVAR = Mistake(
    "sigma is taken for log σ²",
    "In the first exercise σ had to be made of logvar. Here it comes ready made.",
    "How far from μ does the throw land for ε = 1?",
)
NO_EPS = Mistake(
    "ε is forgotten in the slope by σ",
    "When σ grows, a throw moves by its own ε: the outer ones farther, the left ones to the left. By μ all move alike.",
    "How fast does z = μ + σε move when only σ is turned?",
)
SIGMA_AGAIN = Mistake(
    "σ is multiplied in once more, by σ",
    "∂z/∂σ is ε: σε = z − μ is where the throw is, not how fast it moves when σ is turned.",
    "Write z = μ + σε and differentiate by σ on paper.",
)
BY_EPS = Mistake(
    "the first is the slope by ε",
    "f′(z) σ says how fast f changes when the die is turned. The knob μ moves z one for one.",
    "By which of the three letters in z = μ + σε did you differentiate?",
)
VALUE_FOR_SLOPE = Mistake(
    "f itself stands where its slope belongs",
    "The path asks how fast the cost changes where the throw is, not how high it is.",
    "What must autograd be asked for?",
)
VOTES_FOR_PATH = Mistake(
    "these are the votes of the score function",
    "They are right on average too, but they never look at f′. Asked for is the slope along the path.",
    "Which of the two ways moves the throws, and which reweighs them?",
)
SWAPPED = Mistake(
    "the two have changed places",
    "First comes the one by μ, then the one by σ.",
    "In which order does the docstring name them?",
)
SLOPE_OF_MEAN = Mistake(
    "each is divided by the number of samples",
    "The slope of a mean belongs to all samples together, 1/n of it to each. Asked for is each sample's own.",
    "What do you call backward on, or differentiate: a mean or a sum?",
)
AVERAGED = Mistake(
    "the samples are averaged",
    "One number came for all samples. Here each keeps its own estimate, so that one can see how much they differ.",
    "How many numbers should come for 1000 samples?",
)


PATHWISE = Catalogue(
    _pathwise,
    {
        AT_MU: {"place": lambda mu, sigma, eps: mu},
        AT_EPS: {"place": lambda mu, sigma, eps: eps},
        ROOT_OF_SIGMA: {"place": lambda mu, sigma, eps: mu + sigma.sqrt() * eps},
        SQUARE_OF_SIGMA: {"place": lambda mu, sigma, eps: mu + sigma**2 * eps},
        SIGMA_IS_LOGVAR: {"place": lambda mu, sigma, eps: mu + (0.5 * sigma).exp() * eps},
        NO_EPS: {"by_sigma": lambda sigma, eps: 1.0},
        SIGMA_AGAIN: {"by_sigma": lambda sigma, eps: sigma * eps},
        BY_EPS: {"by_mu": lambda sigma, eps: sigma},
        ONLY_SQUARE: {"rate": lambda f, z: 2 * z},
        VALUE_FOR_SLOPE: {"rate": _value},
        VOTES_FOR_PATH: {
            "rate": _value,
            "by_mu": lambda sigma, eps: eps / sigma,
            "by_sigma": lambda sigma, eps: (eps**2 - 1) / sigma,
        },
        SWAPPED: {"swap": True},
        shared.SIGN: {"sign": -1.0},
        SLOPE_OF_MEAN: {"give": lambda values: values / len(values)},
        AVERAGED: {"give": torch.mean},
    },
)

# ---- votes ----


def _score(
    f,
    mu,
    sigma,
    eps,
    cost=lambda f, mu, sigma, eps: f(_landed(mu, sigma, eps)),
    middle=1.0,
    power=2,
    one=1.0,
    outer=1,
    votes=lambda by_mu, by_sigma, log_q, sigma: (by_mu, by_sigma),
    swap=False,
    sign=1.0,
    give=itself,
):
    z = _landed(mu, sigma, eps)
    by_mu = (z - middle * mu) / sigma**power
    by_sigma = (eps**2 - one) / sigma**outer
    log_q = -0.5 * eps**2 - (sigma * (2 * torch.pi) ** 0.5).log()
    by_mu, by_sigma = votes(by_mu, by_sigma, log_q, sigma)
    price = sign * cost(f, mu, sigma, eps)
    found = give(price * by_mu), give(price * by_sigma)
    return found[::-1] if swap else found


PATH_FOR_VOTES = Mistake(
    "this is the pathwise gradient",
    "It is right on average too, but asks f for its slope. The votes only need its values.",
    "Which of the two ways still works for a game that is won or lost?",
)
NOT_DIVIDED_BY_VARIANCE = Mistake(
    "by μ it is divided by σ where it must be σ²",
    "The exponent of the bell has (z − μ)²/2σ², and its slope by μ is (z − μ)/σ²: that is ε/σ, not ε.",
    "What is z − μ in terms of ε? Which power of σ is left?",
)
NOT_DIVIDED = Mistake(
    "by μ the division by σ² is missing",
    "In a narrow bell a small step of μ makes many throws much more likely: the score grows when σ shrinks.",
    "Differentiate −(z − μ)²/2σ² by μ on paper.",
)
NOT_DIVIDED_BY_SIGMA = Mistake(
    "by σ the division by σ is missing",
    "log q contains −(z − μ)²/2σ² − log σ. Each of the two, differentiated by σ, leaves a σ below the line.",
    "What is the slope of log σ?",
)
ONE_FORGOTTEN = Mistake(
    "by σ the −1 is missing",
    "A wider bell is lower too: the −log σ in log q. Without its slope the scores don't average to 0.",
    "What is the mean of ε², and what must the mean of a score be?",
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

SCORE = Catalogue(
    _score,
    {
        PATH_FOR_VOTES: {
            "cost": lambda f, mu, sigma, eps: _slope(f, _landed(mu, sigma, eps)),
            "votes": lambda by_mu, by_sigma, log_q, sigma: (1.0, by_mu * sigma),
        },
        AT_EPS: {"cost": lambda f, mu, sigma, eps: f(eps)},
        COST_AT_MU: {"cost": lambda f, mu, sigma, eps: f(mu)},
        ONLY_SQUARE: {"cost": lambda f, mu, sigma, eps: _landed(mu, sigma, eps) ** 2},
        F_FORGOTTEN: {"cost": lambda f, mu, sigma, eps: torch.ones_like(eps)},
        NOT_DIVIDED_BY_VARIANCE: {"power": 1},
        NOT_DIVIDED: {"power": 0},
        NOT_DIVIDED_BY_SIGMA: {"outer": 0},
        ONE_FORGOTTEN: {"one": 0.0},
        Z_FOR_DISTANCE: {"middle": 0.0},
        LOG_Q: {"votes": lambda by_mu, by_sigma, log_q, sigma: (log_q, log_q)},
        MOVES_ALONG: {"votes": lambda by_mu, by_sigma, log_q, sigma: (0 * sigma, -1 / sigma)},
        SWAPPED: {"swap": True},
        shared.SIGN: {"sign": -1.0},
        AVERAGED: {"give": torch.mean},
    },
)
