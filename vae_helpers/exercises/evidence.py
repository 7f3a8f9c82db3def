"""The exercises of notebook 01: a draw by the recipe, how many draws an estimate takes, its log, which is too low."""

import math

import torch

from vae_helpers.exercises.construction import Construction, Finding
from vae_helpers.exercises.exercise import Exercise, Sweep
from vae_helpers.exercises.feedback import shown
from vae_helpers.exercises.mistakes import draws, evidence
from vae_helpers.exercises.probes import normal
from vae_helpers.exercises.trial import Stopped, as_tensors
from vae_helpers.figures import exercise_evidence as pictures
from vae_helpers.figures.words import number

# ---- ancestral sampling ----


def ancestral_sample(z, e, noise):
    """x = z² + s·e: z, e ~ N(0, 1) [batch, draw], noise the number s > 0 -> [batch, draw]."""
    return z**2 + noise * e


def _cloud(answer):
    z, e = normal(1, 1000, seed=31), normal(1, 1000, seed=32)
    (x,) = ANCESTRAL_SAMPLE.observe(answer, (z, e, 0.3))
    return pictures.cloud(z[0], x.detach().double()[0], z[0] ** 2, 0.3)


ANCESTRAL_SAMPLE = Exercise(
    ancestral_sample,
    takes={"z": "batch draw", "e": "batch draw", "noise": ""},
    gives={"x": "batch draw"},
    probes=[
        (normal(4, 3, seed=33), normal(4, 3, seed=34), 0.3),
        (normal(1, 5, seed=35), normal(1, 5, seed=36), 2.0),
        (normal(6, 1, seed=37, scale=30.0), normal(6, 1, seed=38, scale=3.0), 20.0),
        (normal(2, 7, seed=39, dtype=torch.float32), normal(2, 7, seed=40, dtype=torch.float32), 0.7),
    ],
    known=draws.ANCESTRAL_SAMPLE,
    first="Begin with one draw, by hand: z = −2, e = 1, s = 0.3. The decoder makes 4 of z; the noise adds 0.3.",
    hint="Follow the arrows: z is drawn already. Let the decoder square it; that is where x lies on average. Then add "
    "the noise: e has spread 1, and the noise must have spread s.",
    reason="First z, then x given z. The decoder says where x lies on average, z², and the last step is a draw around "
    "it: s · e is a draw from N(0, s²). Without it you would show the mean, as the grey digits did.",
    sweep=_cloud,
)

# ---- how many draws ----


def draws_needed(ratio, dim, relative_error):
    """n with (R^D − 1)/n = (relative error)², not rounded; ratio R, dim D, relative_error, each [case] -> [case]."""
    return (ratio**dim - 1) / relative_error**2


DIMS = torch.arange(1, 21).double()


def _cost(answer):
    cases = torch.full_like(DIMS, 2.3783), DIMS, torch.full_like(DIMS, 0.1)
    (yours,) = DRAWS_NEEDED.observe(answer, cases)
    return pictures.cost(DIMS, yours.detach().double(), draws_needed(*cases), 0.1)


def _cases(*cases: tuple[float, float, float], dtype=torch.float64):
    return tuple(torch.tensor(each, dtype=dtype) for each in zip(*cases, strict=True))


DRAWS_NEEDED = Exercise(
    draws_needed,
    takes={"ratio": "case", "dim": "case", "relative_error": "case"},
    gives={"n": "case"},
    probes=[
        _cases((3.0, 2.0, 0.5), (2.378, 1.0, 0.1), (1.5, 4.0, 0.2), (1.1, 10.0, 2.0)),
        _cases((2.378, 20.0, 0.1), (2.378, 5.0, 0.1), (1.02, 50.0, 0.01)),
        _cases((2.0, 3.0, 0.3)),
        _cases((7.5, 6.0, 0.7), (1.0, 8.0, 0.1)),  # R = 1: all draws are alike, and the variance is 0
        _cases(
            (2.5, 3.0, 0.2), (1.6, 7.0, 0.4), (4.0, 2.0, 1.5), (1.3, 5.0, 0.6), (3.1, 1.0, 0.9), dtype=torch.float32
        ),
    ],
    known=draws.DRAWS_NEEDED,
    rounds=False,
    first="Begin with R = 3, two dimensions and an error of ½, by hand: the variance of one draw is 9 − 1 = 8, "
    "and it must come down to ¼.",
    hint="Write the equation down as the docstring has it, and solve it for n: multiply both sides by n, then divide "
    "by the squared error. In Python R^D is ratio**dim.",
    reason="One draw has the relative variance R^D − 1, and n draws divide it by n. Typically 10 % off means that the "
    "variance is 0.1² = 0.01. For R = 2.378 that takes 138 draws in one dimension and over 3 billion in twenty: half "
    "the error costs a factor of 4, one more dimension about a factor of R.",
    sweep=_cost,
)

# ---- the log of an average ----


def log_evidence(log_likelihood):
    """log p(x) ≈ log (1/n) Σ p(x|z) over n draws z ~ p(z), in nats; log p(x|z) [batch, draw] -> [batch]."""
    n = log_likelihood.shape[-1]
    return torch.logsumexp(log_likelihood, dim=-1) - math.log(n)


FAR_APART = torch.tensor([[-2000.0], [800.0], [-90.0], [-3.0]], dtype=torch.float64)  # images
FAR_DARTS = torch.tensor([-2600.0, -1100.0, -2400.0, -100.0, -1900.0], dtype=torch.float64)  # of one image

LOG_EVIDENCE = Exercise(
    log_evidence,
    takes={"log_likelihood": "batch draw"},
    gives={"log p(x)": "batch"},
    probes=[
        (normal(3, 2, seed=41, scale=2.0, shift=-3.0),),
        (normal(3, 8, seed=42, scale=3.0, shift=-2000.0),),
        (normal(4, 6, seed=43, scale=2.0) + FAR_APART,),
        (normal(2, 5, seed=47) + FAR_DARTS,),
        (normal(1, 9, seed=44, shift=0.5),),
        (normal(7, 1, seed=45, scale=4.0, shift=-10.0),),
        (normal(5, 3, seed=46, scale=2.0, shift=-150.0, dtype=torch.float32),),
    ],
    known=evidence.LOG_EVIDENCE,
    first="Begin with one image and two darts that find p(x|z) = 0.1 and 0.3. Their mean is 0.2, and log 0.2 = −1.61. "
    "What you are given are the logs, −2.30 and −1.20.",
    hint="exp, mean, log is the right idea, but exp(−2000) is 0 to a computer. torch.logsumexp(…, dim=-1) gives the "
    "log of the sum of the exp's without that. An average is a sum divided by n: what is that in logs?",
    reason="log (1/n) Σ p(x|z) = log Σ exp(log p(x|z)) − log n. logsumexp takes the largest log out of the sum first "
    "and adds it again in the end, so that the largest term is exp(0) = 1, and nothing that matters is rounded to 0.",
    sweep=Sweep(
        "log p(x|z) of a third dart, beside −5 and −4",
        torch.linspace(-12, 4, 17),
        lambda at: (torch.tensor([[-5.0, -4.0, at]], dtype=torch.float64),),
        "log p̂(x) in nats",
    ),
    gradient=("log_likelihood",),
)

# ---- too low on average ----


def _log_biased_low(heights) -> Finding:
    four = "wanted are four numbers in a list, such as [0.1, 0.2, 0.3, 0.4]."
    try:
        found = as_tensors(heights, {"my_heights": ""})[0].detach().double()
    except Stopped:
        raise Stopped(four) from None
    if found.shape != (4,):
        raise Stopped(four, f"    my_heights = {shown(found)}")
    if not found.isfinite().all() or (found < 0).any():
        raise Stopped(
            "a height must be a finite number above 0.",
            f"    my_heights = {shown(found)}",
            "They are p(x|z) themselves, not their logs.",
        )
    if (found == 0).any():
        return Finding(evidence.ZERO, [f"    my_heights = {shown(found)}"])
    logs = found.log()  # huge and tiny heights, too: everything stays in logs
    log_true = (logs.logsumexp(0) - math.log(4)).item()
    log_means = (torch.logaddexp(logs[:, None], logs[None, :]) - math.log(2)).flatten()
    average = log_means.mean().item()
    lines = [
        f"    the log of the true mean:                       {number(log_true, 3)} nats",
        f"    the log of the mean of two, over the 16 pairs:  {number(average, 3)} nats on average",
        f"    too low by:                                     {number(log_true - average, 3)} nats",
    ]
    if log_true - average >= 1 - 1e-9:
        return Finding(None, lines, pictures.pairs(log_means, log_true))
    if logs.max() - logs.min() < 1e-9:
        return Finding(evidence.EQUAL, lines)
    return Finding(evidence.ALL_SMALL if found.max() <= 0.01 else evidence.TOO_ALIKE, lines)


LOG_BIASED_LOW = Construction(
    "log_biased_low",
    spec="four heights above 0 for which the log of the mean of two darts is on average at least 1 nat too low",
    names=("my_heights",),
    judge=_log_biased_low,
    answer="my_heights = [0.01, 0.01, 0.01, 1.0]",
    wrong={
        evidence.EQUAL: ([0.25, 0.25, 0.25, 0.25],),
        evidence.ALL_SMALL: ([0.0001, 0.0001, 0.0001, 0.001],),
        evidence.TOO_ALIKE: ([0.1, 0.2, 0.3, 0.4],),
        evidence.ZERO: ([0.0, 0.0, 0.0, 1.0],),
    },
    first="Begin with the case of the page, half of the truth or one and a half of it: [0.5, 0.5, 1.5, 1.5]. "
    "How many of the 16 pairs find two low ones, and what is the log of their mean?",
    hint="Only a pair that finds no high one is far too low. How many of the four must be low, and how low, so that "
    "such pairs decide the average?",
    reason="The true mean is 0.2575, its log −1.36. Of the 16 pairs 9 find two low ones (log 0.01 = −4.61), 6 find "
    "the high one once (log 0.505 = −0.68), and one finds it twice (0). On average that is −2.85, 1.49 nats too low. "
    "The mean of two darts itself is right on average: only its log is biased, and the more so, the more darts miss.",
)
