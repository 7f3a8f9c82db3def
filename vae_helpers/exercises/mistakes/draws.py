"""Wrong answers to the exercises of notebook 01 that draw, or count the draws."""

import torch

from vae_helpers.exercises.mistakes.mistake import Catalogue, Mistake, itself

# ---- ancestral sampling ----


def _sample(
    z, e, noise, decoder=torch.square, spread=lambda s: s, sign=1.0, dice=lambda z, e: e, before=0.0, join=torch.add
):
    error = sign * spread(noise) * dice(z, e)
    return join(decoder(z + before * error), (1 - before) * error)


NOISELESS = Mistake(
    "the noise is forgotten",
    "z² is where x lies on average, the grey picture. The last step of ancestral sampling is a draw, too.",
    "Which of the three arguments does your line not use?",
)
VARIANCE = Mistake(
    "s² stands where s belongs",
    "e has spread 1, so s · e has spread s; s² · e is far too quiet where s is small.",
    "If e = 1, how far from z² should x land?",
)
ROOT = Mistake(
    "√s stands where s belongs",
    "noise is already the spread s, not the variance s²: no root has to be taken.",
    "If e = 1 and s = 0.25, how far from z² should x land?",
)
UNSCALED = Mistake(
    "e is added at full size",
    "e has spread 1; the noise of this toy has spread s.",
    "Which of the three arguments says how large the noise is?",
)
HALF_FIXED = Mistake(
    "½ stands where noise belongs",
    "The page's toy had noise ½. Here the noise is an argument, and another number in each call.",
    "What should your line give for another noise?",
)
BEFORE = Mistake(
    "the noise is added to z, before the decoder",
    "So the noise is squared, too. The recipe is z, then the decoder, then the noise on what the decoder made.",
    "Which step comes last in the recipe?",
)
UNDECODED = Mistake(
    "the decoder is forgotten",
    "That is the toy of the page, x = z + s·e, with x around z itself. Here the decoder squares.",
    "Around which x should the draws of z = −2 lie?",
)
DOUBLED = Mistake(
    "z is doubled, not squared",
    "2z and z² agree at z = 0 and z = 2 only, and z² is never negative.",
    "What does your line give for z = −1 and no noise?",
)
SUBTRACTED = Mistake(
    "the noise is subtracted, not added",
    "As a crowd such draws are as good: −e comes as often as e. But these numbers are asked for, each with its own e.",
    "If e is positive, does x lie above z² or below?",
)
MULTIPLIED = Mistake(
    "the noise is multiplied, not added",
    "Where z is 0 nothing would be left of the noise, and x would be as often negative as positive.",
    "For z = 0: how far do the draws x of the toy spread?",
)
NO_DRAW = Mistake(
    "s itself is added, the same for every draw",
    "That shifts all x upwards together. Noise is up for one draw and down for the next; how far and where, says e.",
    "Which of the three arguments does your line not use?",
)
SAME_DICE = Mistake(
    "z is used as its own noise",
    "Two draws are needed, one for z and one for the noise; who knows z must not know the noise.",
    "Which of the three arguments does your line not use?",
)

ANCESTRAL_SAMPLE = Catalogue(
    _sample,
    {
        NOISELESS: {"dice": lambda z, e: 0 * e},
        VARIANCE: {"spread": lambda s: s**2},
        ROOT: {"spread": lambda s: s**0.5},
        UNSCALED: {"spread": lambda s: 1.0},
        HALF_FIXED: {"spread": lambda s: 0.5},
        BEFORE: {"before": 1.0},
        UNDECODED: {"decoder": itself},
        DOUBLED: {"decoder": lambda z: 2 * z},
        SUBTRACTED: {"sign": -1.0},
        MULTIPLIED: {"join": torch.mul},
        NO_DRAW: {"dice": lambda z, e: torch.ones_like(e)},
        SAME_DICE: {"dice": lambda z, e: z},
    },
)

# ---- how many draws ----


def _draws(
    ratio,
    dim,
    relative_error,
    base=itself,
    power=torch.pow,
    one=1.0,
    error=torch.square,
    share=torch.div,
    out=itself,
    whole=itself,
):
    return whole(out(share(power(base(ratio), dim) - one, error(relative_error))))


NOT_SQUARED = Mistake(
    "the relative error is not squared",
    "(R^D − 1)/n is a variance, an average of squares: 10 % off is the variance 0.01.",
    "Half the error: how many times as many draws does that take? And by your line?",
)
ONE_FORGOTTEN = Mistake(
    "the −1 is missing",
    "With R = 1 all darts find the same height, and one is as good as all: the variance is 0. Yours is not.",
    "What is left of your numerator if R = 1?",
)
TIMES = Mistake(
    "R is multiplied by D where it must be raised to the power D",
    "Every dimension multiplies by R once more: for three of them it is R · R · R.",
    "By which factor does n grow from 1 dimension to 2? Look at the table of the page.",
)
DIM_ROOT = Mistake(
    "the D-th root of R is taken, not the power D",
    "So the number would fall with every dimension.",
    "In which direction does n go when D grows?",
)
SWAPPED = Mistake(
    "R and D are swapped in the power (D^R)",
    "R comes in once for each dimension: D says how often it is a factor.",
    "Which of the two is the factor, and which is how often it comes?",
)
NO_DIM = Mistake(
    "the dimensions are not used",
    "That is the number for one dimension; each further one multiplies by R.",
    "Which of the three arguments does your line not use?",
)
INSIDE = Mistake(
    "1 is subtracted before the power is taken, (R − 1)^D",
    "The mean squares are what multiplies: R^D. From that, 1 is subtracted once, in the end.",
    "Put R = 3 and D = 2 into both, by hand.",
)
ADDED_UP = Mistake(
    "the variances of the dimensions are added, D · (R − 1)",
    "Variances add up for a sum. p(x|z) is a product over the dimensions, and of a product the mean squares multiply.",
    "Is p(x|z) in two dimensions the sum or the product of its two factors?",
)
ROOT_TAKEN = Mistake(
    "a square root is taken",
    "A root turns a variance into a spread; a number of draws needs none.",
    "Four times as many draws halve the error. And by your line?",
)
INVERTED = Mistake(
    "it is upside down",
    "A smaller error takes more draws, and so do more dimensions.",
    "Solve (R^D − 1)/n = error² for n: on which side does n end?",
)
TIMES_ERROR = Mistake(
    "it is multiplied by the squared error, not divided",
    "So more exact estimates would take fewer draws.",
    "Half the error: should n rise or fall?",
)
IN_THE_EXPONENT = Mistake(
    "1 is subtracted in the exponent, R^(D − 1)",
    "R^D − 1 is first the power, then minus 1, as in 3² − 1 = 8.",
    "Put R = 3 and D = 2 into both, by hand.",
)
NO_BRACKETS = Mistake(
    "only the 1 is divided by the squared error: brackets are missing",
    "a − b / c divides first and subtracts then. The whole of R^D − 1 is to be divided.",
    "What does 9 − 1 / 4 give in Python, and what should it give here?",
)
TOO_LATE = Mistake(
    "1 is subtracted after the division",
    "It belongs to the variance of one draw, R^D − 1, and is divided with it.",
    "Solve (R^D − 1)/n = error² for n: where does the −1 end?",
)
R_FIXED = Mistake(
    "2.378 stands where ratio belongs",
    "That was the toy of the page. Here R is an argument, another number in each case.",
    "Which of the three arguments does your line not use?",
)
ERROR_FIXED = Mistake(
    "0.1 stands where relative_error belongs",
    "The page wanted 10 %, and 0.01 is its square. Here the error is an argument, another number in each case.",
    "Which of the three arguments does your line not use?",
)
BIAS_RULE = Mistake(
    "it is half as large as it should be",
    "The ½ belongs to the rule for the bias of the log. The relative variance has none.",
    "Which equation does the docstring give?",
)


def _rounded(how):
    return Mistake(
        f"it is rounded{how}",
        "To throw them you must round, but asked for is the solution of the equation, with its decimals.",
        "Leave the number as the equation gives it.",
    )


DRAWS_NEEDED = Catalogue(
    _draws,
    {
        NOT_SQUARED: {"error": itself},
        ONE_FORGOTTEN: {"one": 0.0},
        TIMES: {"power": torch.mul},
        DIM_ROOT: {"power": lambda ratio, dim: ratio ** (1 / dim)},
        SWAPPED: {"power": lambda ratio, dim: dim**ratio},
        NO_DIM: {"power": lambda ratio, dim: ratio},
        INSIDE: {"power": lambda ratio, dim: (ratio - 1) ** dim, "one": 0.0},
        ADDED_UP: {"power": lambda ratio, dim: dim * (ratio - 1), "one": 0.0},
        ROOT_TAKEN: {"out": torch.sqrt},
        INVERTED: {"out": torch.reciprocal},
        TIMES_ERROR: {"share": torch.mul},
        IN_THE_EXPONENT: {"power": lambda ratio, dim: ratio ** (dim - 1), "one": 0.0},
        NO_BRACKETS: {"share": lambda less_one, error: less_one + 1 - 1 / error},
        TOO_LATE: {"share": lambda less_one, error: (less_one + 1) / error - 1},
        R_FIXED: {"base": lambda ratio: torch.full_like(ratio, 2.378)},
        ERROR_FIXED: {"error": lambda error: torch.full_like(error, 0.01)},
        BIAS_RULE: {"whole": lambda n: n / 2},
        _rounded(" up"): {"whole": torch.ceil},
        _rounded(" down"): {"whole": torch.floor},
        _rounded(" to the nearest whole number"): {"whole": torch.round},
    },
)
