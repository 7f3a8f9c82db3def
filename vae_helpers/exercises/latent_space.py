"""The exercises of notebook 07: two walks, the mass within a circle, the manifold's places; four bells that tell."""

import math

import torch

from vae_helpers.exercises import trial
from vae_helpers.exercises.construction import Construction, Finding
from vae_helpers.exercises.exercise import Exercise, Sweep
from vae_helpers.exercises.feedback import shown
from vae_helpers.exercises.mistakes import latent_space as mistakes
from vae_helpers.exercises.mistakes import walks
from vae_helpers.exercises.probes import normal
from vae_helpers.exercises.trial import Stopped, as_tensors
from vae_helpers.figures import exercise_latent_space as pictures
from vae_helpers.maths import gaussian


def numbers(*values: float | int) -> torch.Tensor:
    """A float64 tensor of these."""
    return torch.tensor(values, dtype=torch.float64)


# ---- the straight walk ----


def walk(start, end, t):
    """z(t) = (1 − t) start + t end, also beyond the ends; start, end [latent], t [step] -> [step, latent]."""
    return (1 - t[:, None]) * start + t[:, None] * end


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
        *[tuple(normal(size, seed=8 + i, dtype=torch.float32) for i, size in enumerate((4, 4, 6)))],
    ],
    known=walks.WALK,
    first="Begin with one latent, from 2 to 6: where are you at t = 0, at t = ¼, at t = 1? Then the same for all "
    "latents and all t at once.",
    hint="Both ends are weighed, and the weights sum to 1. t[:, None] has the shape [step, 1]: beside a latent of "
    "shape [latent], torch makes [step, latent] of it.",
    reason="At t = 0 all of the start is there and nothing of the end, at t = 1 the other way round, and equal steps "
    "of t are equal steps of z. start + t (end − start) is the same, and so is torch.lerp.",
    sweep=Sweep(
        "t",
        torch.linspace(-0.5, 1.5, 17),
        lambda at: (numbers(2, -1, 0.5), numbers(6, 3, -1.5), numbers(at)),
        "first latent (2 to 6)",
    ),
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
    known=mistakes.MASS_WITHIN,
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
    (z,), (n,) = trial.outputs(function, probe, {"n": ""}, {"z": ""}), probe
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
    known=mistakes.MANIFOLD,
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
    """The walk whose direction and norm change evenly; start, end [latent], t [step] -> [step, latent]."""
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
        (*[normal(4, seed=seed, dtype=torch.float32) for seed in (18, 19)], numbers(0.1, 0.3, 0.6, 0.7, 0.8).float()),
    ],
    known=walks.SPHERE_WALK,
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

# ---- four bells that tell ----

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


def _telling_bells(mu, sigma) -> Finding:
    mu, sigma = (as_tensors(v, {name: ""})[0].detach().double() for name, v in (("my_mu", mu), ("my_sigma", sigma)))
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
        f"    {kl:.3f} = {told:.3f} + {abs(kl - told):.3f} nats",
        f"Of the mean KL the places cost {places:.3f}, the widths {kl - places:.3f}. Wanted: I(x; z) at least {LEAST}, "
        f"mean KL at most {MOST}.",
    ]
    if told < LEAST:
        return Finding(mistakes.SAME if told < 0.1 else mistakes.OVERLAP, lines)
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
