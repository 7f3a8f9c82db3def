"""The exercise of notebook 07 to think about: four bells that tell which image they belong to."""

import math

import torch

from vae_helpers.exercises.construction import Construction, Finding
from vae_helpers.exercises.feedback import shown
from vae_helpers.exercises.mistakes import telling_bells as mistakes
from vae_helpers.exercises.trial import Stopped, as_tensors
from vae_helpers.figures import exercise_latent_space as pictures
from vae_helpers.maths import gaussian

LEAST, MOST = 1.2, 1.5  # nats: of I(x; z), at most log 4 = 1.39, and of the mean KL
EPS = torch.linspace(-8.5, 8.5, 1501, dtype=torch.float64)


def prices(mu: torch.Tensor, sigma: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The mean KL of these bells to N(0, 1) and I(x; z), in nats: a sum over 1501 places of each bell."""
    logvar = 2 * sigma.log()
    z = mu[:, None] + sigma[:, None] * EPS  # [bell, place]
    each = gaussian.log_prob(z[..., None, None], mu[:, None], logvar[:, None])  # [bell, place, bell]
    own = gaussian.log_prob(EPS[:, None], torch.zeros(1).double(), torch.zeros(1).double())
    told = own - 0.5 * logvar[:, None] - (torch.logsumexp(each, -1) - math.log(len(mu)))
    share = own.softmax(0)
    return gaussian.kl(mu[:, None], logvar[:, None]).mean(), (told @ share).mean()


def _nats(value: float) -> str:
    return f"{round(value, 3) + 0.0:.3f}".replace("-", "−")  # + 0.0: there is no −0 here


def _numbers(name: str, value) -> torch.Tensor:
    try:
        return as_tensors(value, {name: ""})[0].detach().double()
    except Stopped as stop:
        raise Stopped(stop.head.replace("a tensor of numbers", "a list of four numbers"), *stop.lines) from None


def _telling_bells(mu, sigma) -> Finding:
    mu, sigma = _numbers("my_mu", mu), _numbers("my_sigma", sigma)
    for name, value in (("my_mu", mu), ("my_sigma", sigma)):
        if value.shape != (4,) or not value.isfinite().all():
            raise Stopped(f"{name} must be four numbers, one for each image.", f"    {name} = {shown(value)}")
    if (sigma <= 0).any():
        raise Stopped("a width must be above 0.", f"    my_sigma = {shown(sigma)}")
    if mu.abs().max() > 1000 or sigma.min() < 1e-3 or sigma.max() > 1000:
        raise Stopped(
            "these bells are too far out, too wide or too narrow to be added up here.",
            "Take places between −1000 and 1000 and widths between 0.001 and 1000: the prior is N(0, 1).",
        )
    kl, told = (value.item() for value in prices(mu, sigma))
    places = 0.5 * mu.square().mean().item()
    lines = [
        "    mean KL = I(x; z) + D_KL(q(z) ‖ p(z))",
        f"    {_nats(kl)} = {_nats(told)} + {_nats(kl - told)} nats",
        f"Of the mean KL the places cost {_nats(places)}, the widths {_nats(kl - places)}. Wanted: I(x; z) at least "
        f"{LEAST}, mean KL at most {MOST}.",
    ]
    if told < LEAST:
        overlap = mistakes.OVERLAP_AND_DEAR if kl > MOST else mistakes.OVERLAP
        return Finding(mistakes.SAME if told < 0.1 else overlap, lines)
    if kl > MOST:
        far = (mu.square() + sigma.square()).mean() > 1.5  # E[z²] of all bells; the prior's is 1
        return Finding(mistakes.TOO_FAR if far else mistakes.TOO_NARROW, lines)
    z = torch.linspace(-3, 3, 301, dtype=torch.float64)[:, None]
    each = [gaussian.log_prob(z, *pair).exp() for pair in zip(mu[:, None], 2 * sigma.log()[:, None], strict=True)]
    prior = gaussian.log_prob(z, torch.zeros(1).double(), torch.zeros(1).double()).exp()
    return Finding(None, lines, pictures.bells(z[:, 0], torch.stack(each), prior))


TELLING_BELLS = Construction(
    "telling_bells",
    spec="the places my_mu and widths my_sigma of four bells, with I(x; z) at least 1.2 and a mean KL of at most 1.5 "
    "nats",
    names=("my_mu", "my_sigma"),
    judge=_telling_bells,
    answer="my_mu = [-1.25, -0.33, 0.33, 1.25]\nmy_sigma = [0.36, 0.18, 0.18, 0.36]",
    wrong={
        mistakes.SAME: ([0, 0, 0, 0], [1, 1, 1, 1]),
        mistakes.OVERLAP: ([-1.5, -0.5, 0.5, 1.5], [0.5] * 4),
        mistakes.OVERLAP_AND_DEAR: ([-6, -2, 2, 6], [3] * 4),
        mistakes.TOO_FAR: ([-3, -1, 1, 3], [0.5] * 4),
        mistakes.TOO_NARROW: ([-0.3, -0.1, 0.1, 0.3], [0.05] * 4),
    },
    first="Begin with four equal bells in a row, [-3, -1, 1, 3] with widths 0.5, and read the three numbers. Which of "
    "them is too large? Then move one thing at a time.",
    hint="The mean KL can't be less than I(x; z). What lies above it is the bells against the prior: so let the four "
    "together fill the prior, a quarter each. Exercise 3 knows where four quarters have their middles. The outer two "
    "have more room than the inner ones.",
    reason="Mean KL = I(x; z) + D_KL(q(z) ‖ p(z)): 1.2 nats must be paid for what z tells, and only the rest can be "
    "saved. Four bells that share out the prior cost hardly more: the cheapest four with I(x; z) = 1.2 cost 1.28 nats, "
    "four of one width at equal distances 1.35. Far-apart bells pay ½ μ², narrow ones −log σ, both for nothing.",
)
