"""The first exercise of notebook 05: a throw with a path, judged by what its dice do."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from vae_helpers.exercises import trial, trouble
from vae_helpers.exercises.exercise import Exercise
from vae_helpers.exercises.mistakes import reparameterization as mistakes
from vae_helpers.exercises.probes import normal
from vae_helpers.figures import exercise_reparameterization as pictures
from vae_helpers.figures.picture import Picture


def sample(mu, logvar):
    """z = μ + σ ε, ε ~ N(0, I) thrown here, logvar = log σ²; mu, logvar [batch, latent] -> [batch, latent]."""
    eps = torch.randn_like(mu)
    return mu + (0.5 * logvar).exp() * eps


TAKES = {"mu": "batch latent", "logvar": "batch latent"}
GIVES = {"z": "batch latent"}
MEASURED = {
    "share of examples with the ε of another": "",
    "share of latents with the ε of another": "",
    "share of a second call that is like the first": "",
    "mean of (z − μ)/σ": "",
    "spread of (z − μ)/σ": "",
    "share of (z − μ)/σ between −1 and 1": "",
    "slope of z by mu": "",
    "slope of z by logvar, divided by ½ (z − μ)": "",
    "share of z within 6 σ of μ, where μ = 2 and σ = 0.0001": "",
}
THROWS = 40_000  # of a call, of which there are two: a spread of 1 is then known to 0.003


def _measured(function: Callable, probe: tuple) -> list[Tensor]:
    """MEASURED of two calls with the probe's rows many times over, and with its first latent once more at the end."""
    trouble.check_shapes(trial.outputs(function, probe, TAKES, GIVES), probe, TAKES, GIVES)
    copies = THROWS // (probe[0].numel() + len(probe[0]))
    args = tuple(torch.cat([arg, arg[:, :1]], -1).repeat(copies, 1) for arg in probe)
    with trial.silent(), trial.seeded():
        z, by_mu, by_logvar = _thrown(function, args)
        again, *_ = _thrown(function, args)
        narrow, *_ = _thrown(function, (torch.full_like(args[0], 2.0), torch.full_like(args[1], 2 * math.log(1e-4))))
    mu, logvar = args
    moved = z != mu  # where z is μ there is no luck to share
    many = len(probe[0])  # rows later the same row comes again
    shared = [
        (z[many:] == z[:-many]) & moved[many:],
        (z[:, 0] == z[:, -1]) & moved[:, 0],
        (z == again) & moved,
    ]
    found = [share.double().mean() for share in shared]
    eps = torch.stack([z - mu, again - mu]) / (0.5 * logvar).exp()
    luck = torch.stack([eps.mean(), eps.std(), (eps.abs() < 1).double().mean()])
    if found[0] > 0.5:  # a single throw says nothing of the bell it came from
        luck = torch.zeros_like(luck)
    if found[1] > 0.5:  # fewer throws than they seem: known less well
        luck = luck.round(decimals=1)
    near = ((narrow - 2).abs() < 6e-4).double().mean()  # here a little too much of μ shows, and a little beside it
    slope = torch.where(moved, by_logvar / (0.5 * (z - mu)), 0.0).median()
    return [value.round(decimals=2) for value in (*found, *luck, by_mu.mean(), slope, near)]


def _thrown(function: Callable, args: tuple) -> list[Tensor]:
    """z, and the slopes of its sum by mu and by logvar, 0 where there are none."""
    leaves = []

    def recorded(*copies):
        leaves[:] = copies
        return function(*copies)

    found = trial.outputs(recorded, tuple(arg.clone().requires_grad_() for arg in args), TAKES, GIVES)
    trouble.check_shapes(found, args, TAKES, GIVES)
    slopes = [None, None]
    if found[0].requires_grad:
        try:
            slopes = torch.autograd.grad(found[0].sum(), leaves, allow_unused=True)
        except RuntimeError as error:
            said = str(error).partition("\n")[0]
            raise trial.Stopped("autograd can't go back through your z.", f"Python says: {said}") from None
    slopes = [torch.zeros_like(arg) if slope is None else slope for slope, arg in zip(slopes, args, strict=True)]
    return [value.detach() for value in (*found, *slopes)]


def _heap(answer: Callable) -> Picture:
    mu, sigma = 1.3, 0.4
    args = torch.full((4000, 1), mu), torch.full((4000, 1), sigma).log() * 2
    (z,) = trial.outputs(answer, args, TAKES, GIVES)
    return pictures.heap(z.detach().double().flatten(), mu, sigma)


_mu = normal(5, 3, seed=1, scale=1.5, shift=1.0)
_logvar = torch.tensor(  # both sides of 0, and never far: that keeps the numbers above precise
    [[-1.3, 0.9, -0.6], [0.5, -1.1, 1.2], [1.4, -0.8, 0.7], [-0.5, 1.1, -1.4], [0.8, -0.9, -1.2]], dtype=torch.float64
)

SAMPLE = Exercise(
    sample,
    takes=TAKES,
    gives=MEASURED,
    probes=[
        (_mu.float(), _logvar.float()),
        (_mu, _logvar),
        (torch.tensor([[-2.0]]).double(), torch.tensor([[0.7]]).double()),
    ],
    known=mistakes.SAMPLE,
    first="Begin with σ: what must be done to logvar = log σ²? Then throw one ε for every number in mu, and put the "
    "three together.",
    hint="Two lines. The first throws ε, one for each number in mu, and uses the values of neither mu nor logvar. The "
    "second is the formula, with log σ = ½ logvar. Only ε comes from dice, so autograd finds its way back by itself.",
    reason="ε knows nothing of mu and logvar, so what is between them and z is plain arithmetic: z moves by 1 with μ, "
    "by ε with σ, and by ½ σ ε with logvar. −ε would do as well as ε, since the bell has two equal sides. "
    "Normal(mu, sigma).rsample() is the same in one word.",
    sweep=_heap,
    observe=_measured,
    tolerance=250.0,
)
