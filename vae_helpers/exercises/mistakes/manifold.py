"""Wrong answers to notebook 07's places of the manifold."""

import math

import torch

from vae_helpers.exercises.mistakes.mistake import Catalogue, Mistake, itself


def _flipped(z):
    return z.flip(0)


def _middle_of_bent(n):
    edges = torch.special.ndtri(torch.arange(n + 1, dtype=torch.float64) / n)
    return (edges[1:] + edges[:-1]) / 2


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
        **{_rim_name(rim): _without_rim(rim) for rim in (0.1, 0.05, 0.025, 0.02, 0.01, 0.005, 0.001)},
        Mistake(
            "the middle is taken on the plane, after bending",
            "Asked is the middle of each tile in the square. On the plane the outermost tiles go on to infinity, and "
            "have no middle.",
            "With n = 2 the strips of the square are (0, ½) and (½, 1). Where are their middles?",
        ): {"axis": _middle_of_bent},
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
