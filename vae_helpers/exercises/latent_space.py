"""The exercises of notebook 07, but for the bells: two walks, the mass within a circle, the manifold's places."""

import torch

from vae_helpers.exercises import trial
from vae_helpers.exercises.exercise import Exercise, Sweep
from vae_helpers.exercises.mistakes import walks
from vae_helpers.exercises.mistakes.manifold import MANIFOLD as MANIFOLD_MISTAKES
from vae_helpers.exercises.mistakes.mass_within import MASS_WITHIN as MASS_MISTAKES
from vae_helpers.exercises.mistakes.sphere_walk import SPHERE_WALK as SPHERE_MISTAKES
from vae_helpers.exercises.probes import normal
from vae_helpers.exercises.trial import Stopped
from vae_helpers.figures import exercise_latent_space as pictures
from vae_helpers.figures import images
from vae_helpers.learning import weights


def numbers(*values: float | int) -> torch.Tensor:
    """A float64 tensor of these."""
    return torch.tensor(values, dtype=torch.float64)


# ---- the straight walk ----


def walk(start, end, t):
    """z(t) = (1 − t) start + t end, also beyond the ends; start, end [latent], t [step] -> [step, latent]."""
    return (1 - t[:, None]) * start + t[:, None] * end


def _decoded(answer):
    """What mnist-2d's decoder draws along the learner's walk, from the code of a 0 to that of a 1 and beyond."""
    model, cloud = weights.load("mnist-2d"), weights.cloud("mnist-2d")
    ends = [cloud.codes[cloud.labels == digit][0] for digit in (0, 1)]
    (way,) = WALK.observe(answer, (*ends, torch.linspace(-0.2, 1.2, 15)))
    with torch.no_grad():
        drawn = model.decode(way.float()).sigmoid()
    return images.grid(drawn, cloud.shape, columns=15, what="images on your walk, t = −0.2 to 1.2, from a 0 to a 1")


LATENTS = {"start": "latent", "end": "latent", "t": "step"}
WALK = Exercise(
    walk,
    takes=LATENTS,
    gives={"z": "step latent"},
    probes=[
        (numbers(2, -1, 0.5), numbers(6, 3, -1.5), numbers(0.25, 0.6, 1.5, -0.5)),
        (normal(3, seed=1), normal(3, seed=2), numbers(0.7)),
        (normal(1, seed=3), normal(1, seed=4), numbers(0.9, 0.1, 0.3)),
        (normal(20, seed=5, scale=30.0), normal(20, seed=6, scale=0.01), normal(7, seed=7)),
        (normal(5, seed=21, scale=20.0), normal(5, seed=22, scale=300.0), numbers(-7, 8.5, 12)),  # far beyond the ends
        *[tuple(normal(size, seed=8 + i, dtype=torch.float32) for i, size in enumerate((4, 4, 6)))],
    ],
    known=walks.WALK,
    first="Begin with one latent, from 2 to 6: where are you at t = 0, at t = ¼, at t = 1? Then the same for all "
    "latents and all t at once.",
    hint="Both ends are weighed, and the weights sum to 1. t[:, None] has the shape [step, 1]: beside a latent of "
    "shape [latent], torch makes [step, latent] of it.",
    reason="At t = 0 all of the start is there and nothing of the end, at t = 1 the other way round, and equal steps "
    "of t are equal steps of z. start + t (end − start) is the same, and so is torch.lerp.",
    sweep=_decoded,
)

# ---- the mass within a circle ----


def mass_within(k):
    """The share of a two-dimensional N(0, I) that lies within the circle of radius k; k [radius] -> [radius]."""
    return 1 - torch.exp(-(k**2) / 2)


MASS_WITHIN = Exercise(
    mass_within,
    takes={"k": "radius"},
    gives={"share": "radius"},
    probes=[
        (numbers(1, 2, 0.3),),
        (normal(6, seed=12).abs(),),
        (numbers(1.4),),
        (numbers(0, 0.05, 5, 40, 0.7),),
        (normal(4, seed=13, dtype=torch.float32).abs(),),
    ],
    known=MASS_MISTAKES,
    first="You know two values from the page: 39 % within k = 1, and 86 % within k = 2. Cut the circle into thin rings "
    "round the origin: how large is one, and how high does the bell stand on it?",
    hint="At distance r the bell is exp(−r²/2)/2π high, and a ring of radius r and width dr has the area 2πr dr. Their "
    "product is r exp(−r²/2) dr. Of which function is that the slope? Add up from 0 to k.",
    reason="A ring at distance r holds r exp(−r²/2) dr, which is the slope of −exp(−r²/2). From 0 to k that adds up to "
    "1 − exp(−k²/2): 0.393, 0.865 and 0.989 for k = 1, 2, 3. On a line there is no such r, and the "
    "integral has no form without erf.",
    sweep=Sweep("k", torch.linspace(0, 3, 16), lambda at: (numbers(at),), "share within the circle"),
)

# ---- the places of the manifold ----


def manifold(n):
    """Where the middles of n × n equal tiles go: z = Φ⁻¹(u); n -> [row, column, latent], first row at the top."""
    z = torch.special.ndtri((torch.arange(n) + 0.5) / n)
    return torch.stack([z.expand(n, n), z.flip(0)[:, None].expand(n, n)], dim=-1)


def _places(function, probe) -> list[torch.Tensor]:
    """The first and the second latent of every place, each [row, column]."""
    dice = torch.get_rng_state()
    (z,), (n,) = trial.outputs(function, probe, {"n": ""}, {"z": ""}), probe
    if not torch.equal(dice, torch.get_rng_state()):
        raise Stopped("it throws dice.", "The middle of a tile is one place, and needs no luck.")
    if list(z.shape) != [n, n, 2]:
        told = {
            (n * n, 2): "Yours is one long list of places. Keep the rows apart: it is a picture of places.",
            (2, n, n): "The latent is the last axis: torch.stack(…, dim=-1).",
            (n, 2): "That is one place for each strip. Every row has all columns: torch.meshgrid, or expand(n, n).",
            (n,): "That is one axis. A place has a z₁ and a z₂, and every row has all columns.",
        }
        raise Stopped(
            f"for n = {n} your function gives the shape {list(z.shape)}; wanted {[n, n, 2]} (row, column, latent).",
            *[line for shape, line in told.items() if shape == tuple(z.shape)],
        )
    return [z[..., 0], z[..., 1]]


MANIFOLD = Exercise(
    manifold,
    takes={"n": ""},
    gives={"z[:, :, 0]": "", "z[:, :, 1]": ""},
    probes=[(3,), (4,), (7,), (12,)],
    known=MANIFOLD_MISTAKES,
    first="Begin with n = 2, one axis: the strips of the square are (0, ½) and (½, 1). Where are their two middles u, "
    "and which z does Φ⁻¹ (torch.special.ndtri) give for them? Then make rows and columns of it.",
    hint="Strip i of n reaches from i/n to (i + 1)/n. Φ⁻¹ of the middles are n numbers that rise. In every row they "
    "run across as first latent; the second latent is one number for each row, the largest on top: flip(0).",
    reason="Each strip holds 1/n of the prior, and its middle has half of that on either side: so no place is at "
    "infinity, and equal tiles of paper are equal shares of the prior. For n = 12 the outermost places are at ±1.73; "
    "the columns are 0.21 apart in the middle and 0.58 at the rim.",
    sweep=lambda answer: pictures.places(
        *(torch.stack(_places(function, (12,)), -1).detach().double() for function in (answer, manifold))
    ),
    observe=_places,
)

# ---- the walk along the sphere ----


def sphere_walk(start, end, t):
    """Direction and norm change evenly, also beyond the ends; start, end [latent], t [step] -> [step, latent]."""
    t, a, b = t[:, None], start / start.norm(), end / end.norm()
    angle = torch.arccos(a @ b)
    direction = (torch.sin((1 - t) * angle) * a + torch.sin(t * angle) * b) / torch.sin(angle)
    return ((1 - t) * start.norm() + t * end.norm()) * direction


DRAWS = normal(20, seed=14), normal(20, seed=15)


def _norms(answer):
    t = torch.linspace(0, 1, 17, dtype=torch.float64)
    found = [SPHERE_WALK.observe(function, (*DRAWS, t))[0] for function in (answer, sphere_walk, walk)]
    return pictures.norms(t, *(z.detach().double().norm(dim=1) for z in found))


SPHERE_WALK = Exercise(
    sphere_walk,
    takes=LATENTS,
    gives={"z": "step latent"},
    probes=[
        (numbers(1, 2, 2), numbers(2, -6, 3), numbers(0.25, 0.5, 0.9, 0.1)),  # norms 3 and 7
        (*DRAWS, numbers(0.3)),
        (numbers(0.3, 0.1), numbers(-0.2, 0.5), numbers(0.7, -0.2, 1.3)),
        (normal(4, seed=16, scale=20.0), normal(4, seed=17, scale=0.5), numbers(0.2, 0.4, 0.6, 0.7, 0.8)),
        (numbers(30, 10, -20), numbers(-15, 5, 37), numbers(6.4, -5.3, 2)),  # far beyond the ends; norms 37 and 40
        (*[normal(4, seed=seed, dtype=torch.float32) for seed in (18, 19)], numbers(0.1, 0.3, 0.6, 0.7, 0.8).float()),
    ],
    known=SPHERE_MISTAKES,
    keeps=("latent",),
    rounds=False,
    first="Two things, one after the other. The norm: an ordinary walk from |start| to |end|. The direction: what is "
    "the angle between start/|start| and end/|end|, and which part of it has been turned at t?",
    hint="For two directions a and b with angle ω, cos ω = a · b. The direction turned by t ω is a mixture of a and b, "
    "with weights that are sines over sin ω. b has none at t = 0 and all at t = 1: which angle stands in its sine? And "
    "for a, what is left to turn?",
    reason="The weights are 1 and 0 at t = 0, 0 and 1 at t = 1, and the mixture is always 1 long: so it stays on the "
    "circle through a and b, and its angle from a is t ω. Times a norm that changes evenly. Mixed with weights 1 − t "
    "and t, it would leave the shell: two draws in 20 latents are 4.4 long, their half-way point 3.1.",
    sweep=_norms,
)
