"""The first exercises of notebook 02: Bayes' rule with bowls, and in logs on a grid."""

import torch

from vae_helpers.exercises.exercise import Exercise
from vae_helpers.exercises.mistakes import bowls as on_bowls
from vae_helpers.exercises.mistakes import posterior as mistakes
from vae_helpers.exercises.probes import normal
from vae_helpers.figures import exercise as pictures
from vae_helpers.figures.exercise_posterior import after_a_black_ball
from vae_helpers.maths import gaussian, toy

# ---- Bayes' rule with bowls ----


def bowls(prior, likelihood):
    """p(bowl | seen), as shares; prior [bowl], likelihood p(seen | bowl) [batch, bowl] -> [batch, bowl]."""
    joint = prior * likelihood
    return joint / joint.sum(-1, keepdim=True)


def table(batch: int, bowl: int, seed: int, scale: float = 1.0, dtype: torch.dtype = torch.float64) -> tuple:
    """A prior over the bowls, and what each of them gives, times `scale`."""
    shares = normal(batch, bowl, seed=seed + 1, scale=1.5).sigmoid()
    return normal(bowl, seed=seed).softmax(-1).to(dtype), (scale * shares).to(dtype)


def _shares(answer):
    before = torch.linspace(0, 1, 21, dtype=torch.float64)
    each = [(torch.stack([at, 1 - at]), torch.tensor([[0.3, 0.9]]).double()) for at in before]
    yours, reference = (torch.stack([BOWLS.observe(f, args)[0][0, 0] for args in each]) for f in (answer, bowls))
    return after_a_black_ball(before, yours.detach().double(), reference)


BOWLS = Exercise(
    bowls,
    takes={"prior": "bowl", "likelihood": "batch bowl"},
    gives={"posterior": "batch bowl"},
    probes=[
        table(4, 3, seed=1),
        (torch.tensor([0.7, 0.2, 0.1]).double(), torch.tensor([[0.0, 0.4, 0.9], [0.5, 0.0, 0.0]]).double()),
        table(1, 5, seed=3),
        table(3, 2, seed=5, scale=9.0),  # densities may be above 1
        table(2, 7, seed=7, scale=1e-25),
        table(5, 4, seed=9, dtype=torch.float32),
    ],
    known=on_bowls.BOWLS,
    keeps=("bowl",),
    rounds=False,
    first="Begin with the two bowls of this page: prior (5/6, 1/6), and p(black | bowl) = (0.3, 0.9). Multiply; what "
    "must (0.25, 0.15) be divided by to add up to 1? Then write it for many rows.",
    hint="Two lines: the joint, bowl by bowl, then the joint divided by the sum of its row. So that the sums still "
    "fit the rows, add them up with keepdim=True.",
    reason="The joint is the share of all games with this bowl and what was seen; the sum of its row is the evidence. "
    "Dividing throws out the games that did not give it: 0.25 and 0.15 become 62.5 % and 37.5 %. The picture: after a "
    "black ball the left bowl, which has few of them, is always less probable than before (the dashed line), unless "
    "the die leaves no choice.",
    sweep=_shares,
)

# ---- the posterior on a grid, in logs ----


def log_posterior(log_likelihood, log_prior, dz):
    """log p(z|x), Σ p(z|x) dz = 1, in nats; log_likelihood [batch, node], log_prior [node], dz [] -> [batch, node]."""
    log_joint = log_likelihood + log_prior
    log_evidence = torch.logsumexp(log_joint, -1, keepdim=True) + dz.log()
    return log_joint - log_evidence


def grid(
    batch: int,
    node: int,
    dz: float,
    seed: int,
    scale: float = 1.0,
    shift: float = 0.0,
    dtype: torch.dtype = torch.float64,
) -> tuple:
    """Log-likelihoods that have died out at both ends, the log prior there, and the step of the grid."""
    z = dz * (torch.arange(node, dtype=torch.float64) - 0.45 * node)
    log_prior = (-0.5 * (z**2 + gaussian.LOG_2PI)).round(decimals=2)
    log_likelihood = normal(batch, node, seed=seed, scale=scale, shift=shift).round(decimals=1)
    log_likelihood[:, [0, -1]] -= 25 + 3 * scale
    return log_likelihood.to(dtype), log_prior.to(dtype), torch.tensor(dz, dtype=dtype)


FOLD, SEEN = toy.ToyModel("fold", noise=0.3), torch.tensor(1.0).double()
NODES = torch.linspace(-2, 2, 41, dtype=torch.float64)


def _curve(answer):
    args = FOLD.log_likelihood(SEEN, NODES)[None], FOLD.log_prior(NODES), NODES[1] - NODES[0]
    yours, reference = (LOG_POSTERIOR.observe(f, args)[0][0].detach().double().exp() for f in (answer, log_posterior))
    return pictures.beside(NODES, yours, reference, "z, for x = z² + 0.3 e seen as 1", "density of z")


PEAKED = grid(3, 6, dz=0.1, seed=19)
LOW = grid(2, 8, dz=0.5, seed=14, scale=2.0, shift=-2000.0)
LOW_AND_HIGH = LOW[0] + torch.tensor([[0.0], [2800.0]]), *LOW[1:]

LOG_POSTERIOR = Exercise(
    log_posterior,
    takes={"log_likelihood": "batch node", "log_prior": "node", "dz": ""},
    gives={"log density": "batch node"},
    probes=[
        grid(3, 4, dz=0.6, seed=11),
        grid(3, 9, dz=0.25, seed=12, scale=3.0, shift=-4.0),
        grid(1, 6, dz=1.7, seed=13, shift=2.0),
        (PEAKED[0], PEAKED[1] + 4, PEAKED[2]),  # the density of a prior may be above 1
        LOW,
        LOW_AND_HIGH,
        grid(5, 6, dz=0.8, seed=15, scale=2.0, shift=900.0),  # a density may be that large
        grid(2, 5, dz=1.2, seed=16, scale=800.0),  # one node holds all
        grid(4, 7, dz=0.4, seed=17, shift=-150.0, dtype=torch.float32),
        grid(5, 8, dz=0.7, seed=18, dtype=torch.float32),
    ],
    known=mistakes.LOG_POSTERIOR,
    keeps=("node",),
    rounds=False,
    first="Begin on paper, with two nodes ½ apart, where the joint is 0.3 and 0.1. Its area is 0.4 · ½ = 0.2: what "
    "are the two densities? (1.5 and 0.5.) Then do it with the logs of all these numbers.",
    hint="Bayes' rule in logs has three terms, two of which are given. The third, log p(x), is the log of the joint's "
    "area, Σ p(x|z) p(z) dz, one number for each row: torch.logsumexp over the nodes, with keepdim=True. And dz? A "
    "factor dz inside the sum is what, outside the log?",
    reason="log p(z|x) = log p(x|z) + log p(z) − log p(x), and p(x) is the area under the joint: the sum over the "
    "nodes times dz. logsumexp takes the largest log out before it exponentiates, so nothing is rounded to 0 however "
    "improbable x is. In the picture the answer may exceed 1: a density's area is 1, not its height.",
    sweep=_curve,
)
