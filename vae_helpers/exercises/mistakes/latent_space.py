"""Wrong answers to the exercises of notebook 07 (its walks have a module of their own)."""

import math

import torch

from vae_helpers.exercises.mistakes.mistake import Catalogue, Mistake, itself

# ---- the mass within a circle ----


def _mass(k, half=0.5, power=torch.square, of=lambda height: 1 - height, unit=1.0, instead=None):
    if instead is not None:
        return unit * instead(k)
    return unit * of(torch.exp(-half * power(k)))


def _line(k):
    return torch.erf(k / math.sqrt(2))


MASS_WITHIN = Catalogue(
    _mass,
    {
        Mistake(
            "that is the share on a line",
            "68 % and 95 % are for one latent: all z₁ between −k and k, however far out z₂ is. A strip, not a circle.",
            "Which places of the strip |z₁| < k lie outside the circle?",
        ): {"instead": _line},
        Mistake(
            "that is the share of a square, not of a circle",
            "The share on a line, squared, is for |z₁| < k and |z₂| < k at once. Its corners lie outside the circle.",
            "How far from the origin is the corner of your square?",
        ): {"instead": lambda k: _line(k) ** 2},
        Mistake(
            "the ½ is missing in the exponent",
            "Yours is the share within √2 k: 63 % where 39 % belong.",
            "Which exponent has the bell N(0, I) at distance r?",
        ): {"half": 1.0},
        Mistake(
            "the exponent has the wrong sign",
            "exp(+k²/2) is above 1, and your share is negative.",
            "Does a bell become higher or lower outwards?",
        ): {"half": -0.5},
        Mistake(
            "that is the mass outside the circle",
            "Yours is all at k = 0 and falls to 0: what is left over.",
            "How much lies within a circle of radius 0?",
        ): {"of": itself},
        Mistake(
            "k is not squared",
            "The bell falls with the square of the distance.",
            "What is the share within 2σ on the page, and what does your line give?",
        ): {"power": itself},
        Mistake(
            "that is the height of the bell at distance k",
            "A density, exp(−k²/2)/2π, is no share. To be a share it must be added up over all of the circle.",
            "How large is a ring of radius r and width dr? Add up height times area from 0 to k.",
        ): {"instead": lambda k: torch.exp(-(k**2) / 2) / (2 * math.pi)},
        Mistake(
            "that is the density of the distance, not yet added up",
            "k exp(−k²/2) says how much mass a ring of radius k holds, for a width of 1. Asked for is all within.",
            "Which function has this as its slope?",
        ): {"instead": lambda k: k * torch.exp(-(k**2) / 2)},
        Mistake(
            "the rings are not longer further out",
            "You have added up heights along a radius. But the ring at distance r is 2πr long: outer ones count more.",
            "Your share for a large k is above 1. Which factor is missing in the sum over r?",
        ): {"instead": lambda k: math.sqrt(math.pi / 2) * _line(k)},
        Mistake(
            "the bell is taken for flat",
            "The area of the circle times the height in the middle is k²/2: right for tiny circles, above 1 for k = 2.",
            "How high is the bell at the rim of the circle?",
        ): {"instead": lambda k: k**2 / 2},
        Mistake(
            "that is the share to the left of k on a line",
            "Φ(k) counts all z₁ below k, also those far to the left: it is ½ at k = 0.",
            "How much lies within a circle of radius 0?",
        ): {"instead": torch.special.ndtr},
        Mistake(
            "it is in percent",
            "Asked for is a share, from 0 to 1.",
            "What should come for a very large circle?",
        ): {"unit": 100.0},
    },
)

# ---- the places of the manifold ----


def _flipped(z):
    return z.flip(0)


def _even_steps(reach):
    return {"axis": lambda n: torch.linspace(-reach, reach, n, dtype=torch.float64)}


def _even_name(reach):
    return Mistake(
        f"the places are equal distances apart, from −{reach} to {reach}",
        "Equal distances are not equal mass: your corners get as much paper as the middle, and the prior hardly goes "
        "there.",
        "Begin in the square, with u. What takes a share u of the prior to its z?",
    )


def _without_rim(rim):
    return {"grid": lambda i, n: rim + (1 - 2 * rim) * i / (n - 1)}


def _rim_name(rim):
    return Mistake(
        f"the rim of the square is cut off, at {rim} and {1 - rim}",
        "That avoids 0 and 1, but it is a choice: how far out you draw does not depend on how many strips there are.",
        "Where is the middle of the first of n equal strips?",
    )


def _manifold(
    n,
    grid=lambda i, n: (i + 0.5) / n,
    bend=torch.special.ndtri,
    axis=None,
    across=itself,
    down=_flipped,
    order=itself,
):
    z = axis(n) if axis else bend(grid(torch.arange(n, dtype=torch.float64), n))
    second, first = torch.meshgrid(down(z), across(z), indexing="ij")
    return order(torch.stack([first, second], -1))


MANIFOLD = Catalogue(
    _manifold,
    {
        **{_even_name(reach): _even_steps(float(reach)) for reach in (2, 3, 4)},
        Mistake(
            "u is the left edge of each strip, not its middle",
            "The first strip begins at u = 0, and Φ⁻¹(0) is −∞: no decoder draws that.",
            "With n = 2 the strips are (0, ½) and (½, 1). Where are their middles?",
        ): {"grid": lambda i, n: i / n},
        Mistake(
            "u is the right edge of each strip, not its middle",
            "The last strip ends at u = 1, and Φ⁻¹(1) is +∞: no decoder draws that.",
            "With n = 2 the strips are (0, ½) and (½, 1). Where are their middles?",
        ): {"grid": lambda i, n: (i + 1) / n},
        Mistake(
            "u runs from 0 to 1, both included",
            "Φ⁻¹(0) is −∞ and Φ⁻¹(1) is +∞: the outermost places are at no place at all.",
            "With n = 2 the strips are (0, ½) and (½, 1). Where are their middles?",
        ): {"grid": lambda i, n: i / (n - 1)},
        Mistake(
            "u is (i + 1)/(n + 1)",
            "That avoids 0 and 1, but it cuts the square into n + 1 parts: yours are no middles of n equal strips.",
            "With n = 2 the strips are (0, ½) and (½, 1). Where are their middles?",
        ): {"grid": lambda i, n: (i + 1) / (n + 1)},
        **{_rim_name(rim): _without_rim(rim) for rim in (0.05, 0.01)},
        Mistake(
            "Φ stands where Φ⁻¹ belongs",
            "Φ takes a z to its share u. You have a u and want the z: yours all lie between 0.5 and 0.84.",
            "Which of the two answers with numbers from −∞ to ∞?",
        ): {"bend": torch.special.ndtr},
        Mistake(
            "the square is not bent",
            "Your places are the u themselves: between 0 and 1, a small square beside the middle of the plane.",
            "Where on a line does half of the prior lie on either side? And where is your u = ½?",
        ): {"bend": itself},
        Mistake(
            "the logit stands where Φ⁻¹ belongs",
            "log u/(1 − u) has the same shape, but it belongs to another bell, the logistic one: your places lie 1.6 "
            "times as far out, and more at the rim.",
            "Which function undoes Φ? torch.special has it under the name ndtri.",
        ): {"bend": torch.logit},
        Mistake(
            "a factor √2 is missing",
            "erf is written with exp(−t²), the bell with exp(−z²/2): z is √2 times t.",
            "Φ(1) is 0.841. What does your line make of u = 0.841?",
        ): {"bend": lambda u: torch.erfinv(2 * u - 1)},
        Mistake(
            "u is put into erfinv as it is",
            "erf runs from −1 to 1 and u from 0 to 1: all your z are positive.",
            "What must be done to u, so that ½ becomes 0 and 1 stays 1?",
        ): {"bend": lambda u: math.sqrt(2) * torch.erfinv(u)},
        Mistake(
            "the rows are upside down",
            "The picture's first row is its top, and there the second latent is largest. Yours begins at the bottom.",
            "Which z₂ has your row 0?",
        ): {"down": itself},
        Mistake(
            "the columns are mirrored",
            "The first latent must become larger to the right.",
            "Which z₁ has your column 0?",
        ): {"across": _flipped},
        Mistake(
            "the two latents have changed places",
            "In yours z[:, :, 0] changes from row to row. The first latent runs across, the second upwards.",
            "Along which axis of the picture should z[:, :, 0] stay the same?",
        ): {"order": lambda z: z.flip(-1)},
        Mistake(
            "the first latent runs down the rows, the second along them",
            "That is what torch.meshgrid(z, z, indexing='ij') gives. In a picture of the plane the first latent runs "
            "across and the second upwards.",
            "Which z₁ have the places of your row 0? And should row 0 have the largest z₂ or the smallest?",
        ): {"order": lambda z: z.flip(-1), "down": itself},
        Mistake(
            "rows and columns have changed places",
            "Your picture is mirrored along its diagonal: the first latent runs down, the second falls to the right.",
            "Along which axis of the picture should z[:, :, 0] stay the same?",
        ): {"order": lambda z: z.transpose(0, 1)},
    },
)

# ---- four bells that tell ----

SAME = Mistake(
    "z tells nothing about the image",
    "All four bells are nearly the same: that is cheap, and whoever sees z can only guess which image it was.",
    "Where could the four stand, so that a z under one is hardly under another?",
)
OVERLAP = Mistake(
    "z tells too little: the bells overlap",
    "A z from one bell often lies under its neighbour too.",
    "Two things separate bells, farther apart or narrower. What does each cost?",
)
TOO_FAR = Mistake(
    "z tells enough, but too dearly: the bells stand too far out",
    "A bell at μ pays ½ μ², and that grows fast. There is room nearer to the middle.",
    "Half as far apart and half as wide they tell just as much. What becomes of the mean KL?",
)
TOO_NARROW = Mistake(
    "z tells enough, but too dearly: the bells are too narrow",
    "A bell pays −log σ, 0.69 nats for each halving. Yours say z more precisely than four images need.",
    "How wide may a bell be, before it reaches its neighbour? And could the neighbours give it more room?",
)
