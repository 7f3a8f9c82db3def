"""Wrong answers to the second exercise of notebook 05: what one throw says of a gradient, along its path."""

import torch

from vae_helpers.exercises.mistakes.mistake import Catalogue, Mistake, itself


def landed(mu, sigma, eps):
    return mu + sigma * eps


def slope(f, z):
    at = z.detach().requires_grad_()
    return torch.autograd.grad(f(at).sum(), at)[0]


def _value(f, z):
    return f(z)


def _pathwise(
    f,
    mu,
    sigma,
    eps,
    place=landed,
    rate=slope,
    by_mu=lambda sigma, eps: 1.0,
    by_sigma=lambda z, sigma, eps: eps,
    swap=False,
    sign=1.0,
    give=itself,
):
    z = place(mu, sigma, eps)
    steep = sign * rate(f, z)
    found = give(steep * by_mu(sigma, eps)), give(steep * by_sigma(z, sigma, eps))
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
    "A root is taken of it. Here sigma is σ itself, the spread, ready for z.",
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
SIGMA_FOR_EPS = Mistake(
    "by σ, σ stands where ε belongs",
    "When σ grows by a little, the throw moves by ε times as much, however wide the bell is already.",
    "Write z = μ + σε and differentiate by σ on paper: which letter is left?",
)
Z_FOR_EPS = Mistake(
    "by σ, z stands where ε belongs",
    "z is where the throw lies, ε how fast it moves when σ grows: with μ = 100 and ε = 0 it does not move at all.",
    "Write z = μ + σε and differentiate by σ on paper: which letter is left?",
)
MINUS_EPS = Mistake(
    "by σ the sign is turned round",
    "When σ grows, a throw to the right of μ moves to the right: ∂z/∂σ is ε, with its own sign.",
    "Which way does a throw with ε = 2 move when the bell gets wider?",
)
MINUS_SIGMA = Mistake(
    "f is taken at μ − σε",
    "The dice are given: with this one the throw lands at μ + σε, on the other side of μ.",
    "For μ = 0, σ = 1 and ε = 2: where does the throw land?",
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
SIGN = Mistake(
    "the sign is turned round",
    "These are the slopes themselves: they point uphill. The minus comes later, in the step down.",
    "f(z) = z² at z = 1: does the cost rise or fall when μ grows?",
)
TWICE = Mistake(
    "both are twice as large as they should be",
    "A factor 2 too many; or backward() ran twice: .grad adds up what each of its calls brings.",
    "How often does your function ask autograd, and what stands in .grad before the second time?",
)
SLOPE_OF_MEAN = Mistake(
    "each is divided by the number of throws",
    "The slope of a mean belongs to all throws together, 1/n of it to each. Asked for is each throw's own.",
    "What is differentiated: a mean or a sum? In a sum no throw hears of the others.",
)
AVERAGED = Mistake(
    "the throws are averaged",
    "One and the same number came for all throws. Here each keeps its own estimate, so that one sees how they differ.",
    "How many different numbers should come for 1000 throws?",
)


def throughout(mistake: Mistake, where: str) -> Mistake:
    """The same mistake, made in a second place too."""
    return mistake._replace(name=f"{mistake.name}, {where}")


IN_ITS_SLOPE = "in z and in its slope by σ"


PATHWISE = Catalogue(
    _pathwise,
    {
        AT_MU: {"place": lambda mu, sigma, eps: mu},
        AT_EPS: {"place": lambda mu, sigma, eps: eps},
        ROOT_OF_SIGMA: {"place": lambda mu, sigma, eps: mu + sigma.sqrt() * eps},
        SQUARE_OF_SIGMA: {"place": lambda mu, sigma, eps: mu + sigma**2 * eps},
        SIGMA_IS_LOGVAR: {"place": lambda mu, sigma, eps: mu + (0.5 * sigma).exp() * eps},
        MINUS_SIGMA: {"place": lambda mu, sigma, eps: mu - sigma * eps},
        throughout(ROOT_OF_SIGMA, IN_ITS_SLOPE): {
            "place": lambda mu, sigma, eps: mu + sigma.sqrt() * eps,
            "by_sigma": lambda z, sigma, eps: 0.5 / sigma.sqrt() * eps,
        },
        throughout(SQUARE_OF_SIGMA, IN_ITS_SLOPE): {
            "place": lambda mu, sigma, eps: mu + sigma**2 * eps,
            "by_sigma": lambda z, sigma, eps: 2 * sigma * eps,
        },
        throughout(SIGMA_IS_LOGVAR, IN_ITS_SLOPE): {
            "place": lambda mu, sigma, eps: mu + (0.5 * sigma).exp() * eps,
            "by_sigma": lambda z, sigma, eps: 0.5 * (0.5 * sigma).exp() * eps,
        },
        NO_EPS: {"by_sigma": lambda z, sigma, eps: 1.0},
        SIGMA_FOR_EPS: {"by_sigma": lambda z, sigma, eps: sigma},
        Z_FOR_EPS: {"by_sigma": lambda z, sigma, eps: z},
        MINUS_EPS: {"by_sigma": lambda z, sigma, eps: -eps},
        SIGMA_AGAIN: {"by_sigma": lambda z, sigma, eps: sigma * eps},
        BY_EPS: {"by_mu": lambda sigma, eps: sigma},
        ONLY_SQUARE: {"rate": lambda f, z: 2 * z},
        VALUE_FOR_SLOPE: {"rate": _value},
        VOTES_FOR_PATH: {
            "rate": _value,
            "by_mu": lambda sigma, eps: eps / sigma,
            "by_sigma": lambda z, sigma, eps: (eps**2 - 1) / sigma,
        },
        SWAPPED: {"swap": True},
        SIGN: {"sign": -1.0},
        TWICE: {"sign": 2.0},
        SLOPE_OF_MEAN: {"give": lambda values: values / len(values)},
        AVERAGED: {"give": torch.mean},
    },
)
