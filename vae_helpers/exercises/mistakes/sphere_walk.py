"""Wrong answers to notebook 07's walk along the sphere."""

import torch
from torch.nn.functional import normalize

from vae_helpers.exercises.mistakes.mistake import Catalogue, Mistake, itself
from vae_helpers.exercises.mistakes.walks import PACES, TRANSPOSED


def _unit(latent):
    return normalize(latent, dim=-1)


def _mixed(a, b, t, angle, over):
    return (1 - t) * a + t * b


def _turned(a, b, t, angle, over):
    return (torch.sin((1 - t) * angle) * a + torch.sin(t * angle) * b) / over(angle)


def _even(start, end, t):
    return (1 - t) * start.norm() + t * end.norm()


def _at_a_right_angle(a, b, t, angle, over):
    return torch.cos(t * angle) * a + torch.sin(t * angle) * b


def _one(start, end, t):
    return 1.0


def _sphere(
    start,
    end,
    t,
    pace=itself,
    unit=_unit,
    cosine=lambda start, end: _unit(start) @ _unit(end),
    angle=torch.arccos,
    turned=_turned,
    over=torch.sin,
    length=_even,
    order=itself,
):
    t = pace(t)[:, None]
    return order(length(start, end, t) * turned(unit(start), unit(end), t, angle(cosine(start, end)), over))


CHORD = {"turned": lambda *of: _unit(_mixed(*of))}
SPHERE_WALK = Catalogue(
    _sphere,
    {
        **PACES,
        Mistake(
            "that is the straight walk",
            "It takes the short cut through the ball: in the middle it is nearer to the origin than both ends.",
            "How long is your z at t = ½, and how long are the ends?",
        ): {"turned": _mixed, "unit": itself, "length": _one},
        Mistake(
            "the straight walk is only stretched back to the sphere",
            "The pace is not even: equal steps on the straight line are no equal angles. They are largest where the "
            "line is nearest to the origin.",
            "Start and end at a right angle: which angle has your walk turned at t = ¼?",
        ): {**CHORD, "unit": itself},
        Mistake(
            "the straight walk between the two directions is only stretched back to the sphere",
            "The pace is not even: equal steps on the straight line are no equal angles. They are largest where the "
            "line is nearest to the origin.",
            "Start and end at a right angle: which angle has your walk turned at t = ¼?",
        ): CHORD,
        Mistake(
            "that is the straight walk, stretched to length 1",
            "Its directions lie on the right circle. But equal steps on the straight line are no equal angles, and the "
            "length of start and end is lost.",
            "How long is your z at t = 0, and how long is the start?",
        ): {**CHORD, "unit": itself, "length": _one},
        Mistake(
            "the two directions are mixed, not turned",
            "(1 − t) and t are the shares of a straight way: between the ends yours is shorter than 1.",
            "How long is the half-way point of two directions at a right angle? Which functions draw a circle?",
        ): {"turned": _mixed},
        Mistake(
            "the norm is lost: every z has length 1",
            "A draw in 20 latents is about 4.4 long, and hardly ever 1.",
            "How long is your z at t = 0, and how long is the start?",
        ): {"length": _one},
        Mistake(
            "every z is as long as the start",
            "If the end is longer, the walk must become longer on the way, and yours never arrives.",
            "How long is your z at t = 1, and how long is the end?",
        ): {"length": lambda start, end, t: start.norm()},
        Mistake(
            "every z is as long as start and end on average",
            "Half-way that is right. But at t = 0 z must be as long as the start, and at t = 1 as the end.",
            "How long is your z at t = 0, and how long is the start?",
        ): {"length": lambda start, end, t: (start.norm() + end.norm()) / 2},
        Mistake(
            "the sines weigh start and end themselves, not their directions",
            "Where both are of one length that is the same. Else the longer one draws: the direction does not turn "
            "evenly, and the norm does not change evenly.",
            "Start of length 1, end of length 10, at a right angle: which of the two is your half-way point nearer to?",
        ): {"unit": itself, "length": _one},
        Mistake(
            "the product start · end is taken for the cosine",
            "That product is |start| |end| times the cosine, and above 1 no angle has it: arccos says NaN.",
            "What must the lengths of two vectors be, if their product is the cosine?",
        ): {"cosine": lambda start, end: start @ end},
        Mistake(
            "the products are not summed: an angle for each latent",
            "a * b multiplies latent by latent. The cosine of the angle between two directions is one number.",
            "How many angles are there between two directions? What must be done to the products?",
        ): {"cosine": lambda start, end: _unit(start) * _unit(end)},
        Mistake(
            "the end's direction is used as if it stood at a right angle to the start's",
            "cos(t ω) a + sin(t ω) b turns a to b only if they stand at a right angle. Else it is not 1 long, and not "
            "at b for t = 1.",
            "Put t = 1 into your line: what stands before a?",
        ): {"turned": _at_a_right_angle},
        Mistake(
            "the norms are exchanged",
            "At t = 0 yours is as long as the end, and at t = 1 as long as the start.",
            "How long is your z at t = 0, and how long is the start?",
        ): {"length": lambda start, end, t: _even(end, start, t)},
        TRANSPOSED: {"order": torch.t},
        Mistake(
            "the cosine is taken for the angle",
            "The product of two directions is the cosine of the angle between them: 0 at a right angle, where π/2 is "
            "asked for.",
            "Which function takes a cosine back to its angle?",
        ): {"angle": itself},
        Mistake(
            "the angle is in degrees",
            "torch.sin takes radians: sin(90) is 0.89, sin(π/2) is 1.",
            "In which unit does torch.arccos answer?",
        ): {"angle": lambda cosine: torch.rad2deg(torch.arccos(cosine))},
        Mistake(
            "arcsin stands where arccos belongs",
            "The product of two directions is a cosine: 1 where they are the same, and there the angle is 0.",
            "Which angle has your line for two directions that are the same?",
        ): {"angle": torch.arcsin},
        Mistake(
            "it is not divided by the sine of the whole angle",
            "At t = 1 the weight of the end must be 1, and yours is sin(angle).",
            "Put t = 1 into your line: what stands before the end's direction?",
        ): {"over": torch.ones_like},
    },
)
