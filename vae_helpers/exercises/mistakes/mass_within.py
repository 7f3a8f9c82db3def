"""Wrong answers to notebook 07's mass within a circle."""

import math

import torch

from vae_helpers.exercises.mistakes.mistake import Catalogue, Mistake, itself


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
            "k is doubled, not squared",
            "k · 2 and k² agree for k = 0 and k = 2 alone.",
            "How is a square written in Python? What does your line give for k = 1, and what does the page say?",
        ): {"power": lambda k: 2 * k},
        Mistake(
            "the 2 divides the whole exponential, not its exponent",
            "Yours is ½ at k = 0: half of the mass in a circle of radius 0.",
            "Which part of your line does the /2 divide? Where do you need brackets?",
        ): {"half": 1.0, "of": lambda height: 1 - height / 2},
        Mistake(
            "k² is divided by 4, not by 2",
            "Your circles hold too little: 22 % for k = 1, where 39 % belong.",
            "What is squared in your line, all of k or a part? Which exponent has the bell N(0, I) at distance r?",
        ): {"half": 0.25},
        Mistake(
            "the sign of the whole is turned round",
            "Your share falls from 0 to −1.",
            "How much lies within a very large circle?",
        ): {"unit": -1.0},
        Mistake(
            "the height of the bell is that of a line",
            "Your share goes to √(2π) = 2.51 for a large circle, and should go to 1.",
            "On the plane the height is a product of two, one for each latent. Which factor stands before it?",
        ): {"unit": math.sqrt(2 * math.pi)},
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
