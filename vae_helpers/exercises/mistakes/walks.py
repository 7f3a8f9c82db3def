"""Wrong answers to the walks of notebook 07: straight, and along the sphere."""

import torch
from torch.nn.functional import normalize

from vae_helpers.exercises.mistakes.mistake import Catalogue, Mistake, itself

REVERSED = Mistake(
    "the walk is reversed: t stands on the start",
    "At t = 0 yours is at the end, and at t = 1 at the start.",
    "Put t = 0 into your line. Where should you be?",
)
CLIPPED = Mistake(
    "t is held between 0 and 1",
    "The walk goes on: t = 1.5 is half a walk beyond the end, t = −0.5 half a walk before the start.",
    "What does your function give for t = 1 and for t = 2? Should the two be one place?",
)
PACES = {
    REVERSED: {"pace": lambda t: 1 - t},
    CLIPPED: {"pace": lambda t: t.clamp(0, 1)},
    Mistake(
        "t is squared on the way",
        "Both ends are right. But a quarter of the time must be a quarter of the way, and yours has gone a sixteenth.",
        "Where is your walk at t = ¼?",
    ): {"pace": torch.square},
    Mistake(
        "the pace is not even: slow at both ends, fast in the middle",
        "Start, middle and end are right, and that was all they were tested on. Equal steps of t must be equal steps.",
        "Where is your walk at t = ¼?",
    ): {"pace": lambda t: t**2 * (3 - 2 * t)},
    Mistake(
        "the values of t are not used, only how many there are",
        "Your steps are even ones from 0 to 1. The caller chooses t: it may hold 0.1 and 0.9 alone, or 2.",
        "What should come for t = [0.5], a single step?",
    ): {"pace": lambda t: torch.linspace(0, 1, len(t), dtype=t.dtype)},
}

# ---- straight ----


def _walk(start, end, t, pace=itself, base=lambda start, end: start, direction=1.0, fade=1.0, scale=1.0, turned=itself):
    t = pace(t)[:, None]
    return turned(scale * (base(start, end) + direction * t * (end - fade * start)))


WALK = Catalogue(
    _walk,
    {
        **PACES,
        Mistake(
            "the difference is taken the wrong way round",
            "Yours begins at the start, and walks away from the end.",
            "From 2 to 6: is the way to go 6 − 2 or 2 − 6?",
        ): {"direction": -1.0},
        Mistake(
            "the start is forgotten",
            "Direction and length are right, but your walk begins at the origin.",
            "Where are you at t = 0?",
        ): {"base": lambda start, end: torch.zeros_like(start)},
        Mistake(
            "it begins at the end",
            "Direction and length are right, but the walk sets out where it should arrive.",
            "Where are you at t = 0?",
        ): {"base": lambda start, end: end},
        Mistake(
            "the start does not fade out",
            "At t = 1 yours is at start + end: all of the end has come, and nothing of the start has gone.",
            "How much of the start should be left at t = 1?",
        ): {"fade": 0.0},
        Mistake(
            "only the end is there, and nothing of the start",
            "t · end is a walk from the origin to the end.",
            "Where are you at t = 0?",
        ): {"base": lambda start, end: torch.zeros_like(start), "fade": 0.0},
        Mistake(
            "both ends are weighed with t",
            "At t = 0 yours is at the origin, at t = 1 at start + end. What comes to the one must go from the other.",
            "How much of the start should be left at t = 1?",
        ): {"base": lambda start, end: torch.zeros_like(start), "fade": -1.0},
        Mistake(
            "the result is halved",
            "The two weights, 1 − t and t, already sum to one: there is nothing left to divide by.",
            "Where are you at t = 0, and how far is that from the start?",
        ): {"scale": 0.5},
        Mistake(
            "steps and latents have changed places",
            "Yours is [latent, step]. Each step is a latent for the decoder, and the decoder takes a row for each.",
            "Which of the two needs the new axis, t or start? On which side of its own axis?",
        ): {"turned": lambda walk: walk.T},
    },
)

# ---- along the sphere ----


def _unit(latent):
    return normalize(latent, dim=-1)


def _mixed(a, b, t, angle, over):
    return (1 - t) * a + t * b


def _turned(a, b, t, angle, over):
    return (torch.sin((1 - t) * angle) * a + torch.sin(t * angle) * b) / over(angle)


def _even(start, end, t):
    return (1 - t) * start.norm() + t * end.norm()


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
):
    t = pace(t)[:, None]
    return length(start, end, t) * turned(unit(start), unit(end), t, angle(cosine(start, end)), over)


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
            "The way is right and the pace is not: equal steps on the straight line are small angles near the ends and "
            "large ones in the middle.",
            "Start and end at a right angle: which angle has your walk turned at t = ¼?",
        ): {**CHORD, "unit": itself},
        Mistake(
            "the straight walk between the two directions is only stretched back to the sphere",
            "The way is right and the pace is not: equal steps on the straight line are small angles near the ends and "
            "large ones in the middle.",
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
            "The direction is right. But a draw in 20 latents is about 4.4 long, and hardly ever 1.",
            "How long is your z at t = 0, and how long is the start?",
        ): {"length": _one},
        Mistake(
            "every z is as long as the start",
            "The direction is right. If the end is longer, the walk must become longer on the way, and yours never "
            "arrives.",
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
