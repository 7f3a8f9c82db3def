"""Wrong answers to the first exercise of notebook 05: a throw with a path."""

import torch

from vae_helpers.exercises.mistakes import shared
from vae_helpers.exercises.mistakes.mistake import Catalogue, Mistake

# ---- a throw with a path ----


def _normal(batch, latent, dtype):
    return torch.randn((batch, latent), dtype=dtype)


def _again(batch, latent, dtype):
    torch.manual_seed(1)
    return torch.randn((batch, latent), dtype=dtype)


def _centred(batch, latent, dtype):
    return 12**0.5 * (torch.rand((batch, latent), dtype=dtype) - 0.5)


def _sigma(logvar):
    return (0.5 * logvar).exp()


def _sample(
    mu,
    logvar,
    dice=_normal,
    place=lambda mu, logvar, eps: mu + _sigma(logvar) * eps,
    own=lambda mu, logvar: (mu, logvar),
):
    return place(*own(mu, logvar), dice(*mu.shape, mu.dtype)).expand(mu.shape)


ONE_FOR_THE_BATCH = Mistake(
    "one ε serves the whole batch",
    "All images of a batch then share their luck: where one z lies too far right, all do, and their errors don't "
    "cancel. Each example throws its own.",
    "How many numbers did you throw, and how many does the result hold?",
)
ONE_FOR_THE_LATENTS = Mistake(
    "one ε serves all latents of an example",
    "The z then lie on one line through μ, and not all around it: N(0, I) has a die of its own for every latent.",
    "Two latents, both with μ = 0 and σ = 1: can your z ever be (1, −1)?",
)
ONE_FOR_ALL = Mistake(
    "a single ε serves all examples and all latents",
    "Where one z lies too far right, all of them do. N(0, I) has a die of its own for every number in mu.",
    "How many numbers did you throw, and how many does the result hold?",
)
SEED_INSIDE = Mistake(
    "every call throws the same",
    "A seed is set inside, or the dice were thrown before the function was called. In training each step would see the "
    "same luck, and learn it by heart.",
    "Which line throws, and does it run in each call? Where does a seed belong, if the next call is to throw anew?",
)
SAME_FOR_ALL = Mistake(
    "there is no luck in it: every z lies as many σ from μ as any other, in every call",
    "Either ε is forgotten (μ + σ is a throw with ε = 1), or one single ε was thrown: before the function was called, "
    "or after a seed inside.",
    "Which line of yours throws, and how many numbers does it throw in each call?",
)
UNIFORM = Mistake(
    "ε is uniform between 0 and 1",
    "torch.rand throws between 0 and 1, each number as likely: never to the left of μ. Asked for is a bell around 0.",
    "torch has two functions whose names differ by one letter. What does it stand for?",
)
UNIFORM_CENTRED = Mistake(
    "ε is uniform",
    "Mean 0 and variance 1 are right, but the numbers are spread evenly and never leave ±1.73. A bell has its many in "
    "the middle and its few far out.",
    "Which share of the throws of a bell lies within one σ of the middle? And of yours?",
)
POSITIVE = Mistake(
    "ε is never negative",
    "z then never lands left of μ, and its mean is not μ any more.",
    "Which step takes the sign away: an abs(), a square?",
)
NO_DICE = Mistake(
    "there is no luck in it: z is μ",
    "Each call gives the middle of the bell. A sample lands around it, by σ or so.",
    "What must be thrown anew in each call, and where does it go in z = μ + σ ε?",
)
NO_MU = Mistake(
    "μ is missing",
    "The throws lie around 0, wherever the aim is.",
    "Where should z land when σ is almost 0?",
)
MU_STRETCHED = Mistake(
    "σ multiplies μ as well",
    "That is σ (μ + ε). The rubber band is shifted to μ, and then the shift is stretched too.",
    "Where should z land for ε = 0? And where does yours?",
)
CHANGED_PLACES = Mistake(
    "μ and σ have changed places",
    "Yours is σ + μ ε: thrown around σ, and as far as μ.",
    "Which of the two is the middle of the bell, and which its width?",
)
LOGVAR_FOR_SIGMA = Mistake(
    "logvar itself stands where σ belongs",
    "logvar is the logarithm of σ². Where it is 0, σ is 1, and your throws all land on μ.",
    "What is σ where logvar = 0?",
)
HALF_FOR_SIGMA = Mistake(
    "½ logvar stands where σ belongs",
    "½ logvar is log σ: you are one step away from σ.",
    "Which function undoes a logarithm?",
)
ROOT_OF_LOGVAR = Mistake(
    "the root is taken of logvar",
    "logvar is negative wherever σ < 1, and has no root there: NaN. The root is to be taken of σ², not of its log.",
    "How do you get from log σ² to σ²? And what does a root do to a logarithm?",
)
NO_SIGMA = Mistake(
    "σ is missing",
    "All throws spread by 1, whatever logvar says.",
    "Which argument does your line not use?",
)
HALF_OUTSIDE = Mistake(
    "the ½ stands outside exp()",
    "½ exp(logvar) is σ²/2. The ½ must reach the log: half of a log is the log of the root.",
    "What is your σ for logvar = 0? And the right one?",
)
DOUBLED = Mistake(
    "logvar is doubled where it must be halved",
    "exp(2 logvar) is σ to the fourth power.",
    "Which does a root do to a log: double it or halve it?",
)
INVERTED = Mistake(
    "1/σ stands where σ belongs",
    "Where the bell is wide, yours is narrow.",
    "What does a minus do in the exponent?",
)
NO_PATH = Mistake(
    "no gradient passes through z",
    "z has forgotten the knobs. sample(), torch.normal(mu, sigma), torch.no_grad() and "
    "detach() hand out bare numbers, and the encoder could not learn from them.",
    "Throw something that knows nothing of mu and logvar. How does z come from it and them?",
)
NO_PATH_TO_MU = Mistake(
    "no gradient arrives at mu",
    "z moves with μ one for one, but the graph between them is cut: the encoder could never learn where to aim.",
    "Did mu go through detach(), item(), data or numpy?",
)
NO_PATH_TO_LOGVAR = Mistake(
    "no gradient arrives at logvar",
    "z moves by ½ σ ε when logvar grows by one, but the graph between them is cut: σ could never be learned.",
    "Did logvar, or the σ made of it, go through detach(), item(), data or numpy?",
)

SAMPLE = Catalogue(
    _sample,
    {
        ONE_FOR_THE_BATCH: {"dice": lambda batch, latent, dtype: _normal(1, latent, dtype)},
        ONE_FOR_THE_LATENTS: {"dice": lambda batch, latent, dtype: _normal(batch, 1, dtype)},
        ONE_FOR_ALL: {"dice": lambda batch, latent, dtype: _normal(1, 1, dtype)},
        SEED_INSIDE: {"dice": _again},
        SAME_FOR_ALL: {"dice": lambda batch, latent, dtype: torch.ones((batch, latent), dtype=dtype)},
        UNIFORM: {"dice": lambda batch, latent, dtype: torch.rand((batch, latent), dtype=dtype)},
        UNIFORM_CENTRED: {"dice": _centred},
        POSITIVE: {"dice": lambda *shape: _normal(*shape).abs()},
        shared.VARIANCE_FOR_SIGMA: {"place": lambda mu, logvar, eps: mu + logvar.exp() * eps},
        HALF_OUTSIDE: {"place": lambda mu, logvar, eps: mu + 0.5 * logvar.exp() * eps},
        DOUBLED: {"place": lambda mu, logvar, eps: mu + (2 * logvar).exp() * eps},
        INVERTED: {"place": lambda mu, logvar, eps: mu + (-0.5 * logvar).exp() * eps},
        NO_SIGMA: {"place": lambda mu, logvar, eps: mu + eps},
        LOGVAR_FOR_SIGMA: {"place": lambda mu, logvar, eps: mu + logvar * eps},
        HALF_FOR_SIGMA: {"place": lambda mu, logvar, eps: mu + 0.5 * logvar * eps},
        ROOT_OF_LOGVAR: {"place": lambda mu, logvar, eps: mu + logvar.sqrt() * eps},
        NO_DICE: {"place": lambda mu, logvar, eps: mu},
        NO_MU: {"place": lambda mu, logvar, eps: _sigma(logvar) * eps},
        MU_STRETCHED: {"place": lambda mu, logvar, eps: _sigma(logvar) * (mu + eps)},
        CHANGED_PLACES: {"place": lambda mu, logvar, eps: _sigma(logvar) + mu * eps},
        NO_PATH: {"own": lambda mu, logvar: (mu.detach(), logvar.detach())},
        NO_PATH_TO_MU: {"own": lambda mu, logvar: (mu.detach(), logvar)},
        NO_PATH_TO_LOGVAR: {"own": lambda mu, logvar: (mu, logvar.detach())},
    },
)
