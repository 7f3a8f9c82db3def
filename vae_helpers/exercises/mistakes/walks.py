"""Wrong answers to notebook 07's straight walk, and what both walks share."""

import torch

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
        "the walk is a whole length behind",
        "At t = 1 yours is only at the start, and at t = 0 a whole walk before it.",
        "Put t = 0 and t = 1 into your line. Where should you be?",
    ): {"pace": lambda t: t - 1},
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


def _walk(
    start,
    end,
    t,
    pace=itself,
    base=lambda start, end: start,
    direction=1.0,
    arrive=1.0,
    fade=1.0,
    scale=1.0,
    order=itself,
):
    t = pace(t)[:, None]
    return order(scale * (base(start, end) + direction * t * (arrive * end - fade * start)))


TRANSPOSED = Mistake(
    "steps and latents have changed places",
    "Yours is [latent, step]. Each step is a latent for the decoder, and the decoder takes a row for each.",
    "Which of the two needs the new axis, t or start? On which side of its own axis?",
)
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
            "the start is not weighed: a bracket is missing",
            "1 − t · start is 1 − (t · start). At t = 0 yours is at 1 in every latent, wherever the start is.",
            "What is to be multiplied by the start: t, or all of 1 − t?",
        ): {"base": lambda start, end: torch.ones_like(start)},
        Mistake(
            "the start grows on the way: its weight is 1 + t",
            "At t = 1 yours is at end + 2 start. What comes to the one must go from the other.",
            "How much of the start should be left at t = 1?",
        ): {"fade": -1.0},
        Mistake(
            "only the start is there, and nothing of the end",
            "(1 − t) · start is a walk from the start to the origin.",
            "Where are you at t = 1?",
        ): {"arrive": 0.0},
        TRANSPOSED: {"order": torch.t},
    },
)
