"""The last exercises of notebook 02: log p(x) by draws from a proposal, and a proposal that deceives."""

import math

import torch

from vae_helpers.exercises import trial
from vae_helpers.exercises.construction import Construction, Finding
from vae_helpers.exercises.exercise import Exercise
from vae_helpers.exercises.feedback import shown
from vae_helpers.exercises.mistakes import importance as mistakes
from vae_helpers.exercises.probes import normal
from vae_helpers.exercises.trial import Stopped
from vae_helpers.figures.exercise_posterior import deceived, widths
from vae_helpers.maths import gaussian, importance, posterior, toy

# ---- log p(x) by draws from a proposal ----


def importance_log_evidence(log_likelihood, log_prior, log_q):
    """log (1/k) Σ p(x|z) p(z) / q(z) over k draws z ~ q, in nats; all three [batch, draw] -> [batch]."""
    log_w = log_likelihood + log_prior - log_q
    return torch.logsumexp(log_w, -1) - math.log(log_w.shape[-1])


def drawn(batch: int, draw: int, seed: int, scale: float = 1.0, shift: float = 0.0, dtype=torch.float64) -> tuple:
    """Log-likelihood, log prior and log q of draws."""
    moved = (scale, shift), (0.7, -1.5), (0.5, -0.6)
    rows = (normal(batch, draw, seed=seed + i, scale=by, shift=to) for i, (by, to) in enumerate(moved))
    return tuple(row.to(dtype) for row in rows)


EPS = normal(1, 1000, seed=30)  # draws for the picture


def _spread(factor: float) -> tuple:
    """The linear toy at x = 1, 1000 draws from a q that is `factor` times as wide as the posterior N(0.8, 0.2)."""
    model = toy.ToyModel("linear", noise=0.5)
    sigma = torch.tensor(factor * 0.2**0.5, dtype=torch.float64)
    z = 0.8 + sigma * EPS
    log_q = -0.5 * (EPS**2 + gaussian.LOG_2PI) - sigma.log()
    return model.log_likelihood(torch.tensor(1.0), z), model.log_prior(z), log_q


def _widths(answer):
    factors = torch.linspace(0.1, 3, 25)
    args = [_spread(float(factor)) for factor in factors]
    found = [IMPORTANCE_LOG_EVIDENCE.observe(f, each)[0] for f in (answer, importance_log_evidence) for each in args]
    yours, reference = torch.cat(found).detach().double().split(len(args))
    truth = toy.ToyModel("linear", noise=0.5).log_evidence(torch.tensor(1.0)).item()
    return widths(factors, yours, reference, truth)


ROWS = drawn(4, 7, seed=91)
FAR_APART = torch.tensor([[-2000.0], [800.0], [-90.0], [-3.0]], dtype=torch.float64)
FAR_DRAWS = torch.tensor([-2600.0, -1100.0, -2400.0, -100.0, -1700.0, -2000.0, -1900.0], dtype=torch.float64)

IMPORTANCE_LOG_EVIDENCE = Exercise(
    importance_log_evidence,
    takes={"log_likelihood": "batch draw", "log_prior": "batch draw", "log_q": "batch draw"},
    gives={"log p(x)": "batch"},
    probes=[
        drawn(4, 6, seed=21, shift=-1.0),
        drawn(3, 8, seed=31, scale=4.0, shift=-6.0),
        drawn(1, 5, seed=41, shift=3.0),
        drawn(4, 1, seed=91, shift=-3.0),  # a single draw
        drawn(2, 7, seed=51, scale=3.0, shift=-2000.0),
        drawn(5, 9, seed=61, scale=3.0, shift=900.0),
        (ROWS[0] + FAR_APART + FAR_DRAWS, *ROWS[1:]),
        drawn(6, 3, seed=71, scale=2.0, shift=-150.0, dtype=torch.float32),
        drawn(3, 5, seed=81, dtype=torch.float32),
    ],
    known=mistakes.IMPORTANCE,
    first="Begin with one x and two draws, of weights w = 0.1 and 0.3: the estimate is log 0.2. Then write log w of a "
    "draw with the three logs that are given.",
    hint="The weight is p(x|z) p(z) / q(z); in logs, a sum and a difference. The average of the weights is their sum "
    "divided by k. The log of a sum is torch.logsumexp; the division by k becomes a subtraction.",
    reason="Multiply and divide the joint by q: p(x) is the average of w over draws from q, whatever q is, as long as "
    "it is above 0 where the joint is. In the picture q has the posterior's mean, and c times its spread: at c = 1 "
    "each weight is p(x), and the estimate is the truth (the dashed line) whatever was drawn. Far below 0.7, where "
    "the variance is infinite, the right line goes astray, too.",
    sweep=_widths,
)

# ---- a proposal that deceives ----

TWO_PEAKS, AT = toy.ToyModel("fold", noise=0.5), torch.tensor(3.0).double()
RUNS, DRAWS = 20, 1000
SMALL, WRONG, OFTEN = 0.05, 0.6, 18  # reported error, nats that the estimate is off, and in how many of the runs


def _number(value, name: str) -> float:
    try:
        (found,) = trial.as_tensors(value, {name: ""})
    except Stopped:
        raise Stopped(f"{name} must be one number, such as 1.5.") from None
    if found.numel() != 1 or not found.isfinite().all() or found.abs().max() > 1000:
        raise Stopped(f"{name} must be one number between −1000 and 1000; it is {shown(found)}.")
    return float(value if isinstance(value, float) else found.item())  # a tensor of a float would round it


def _deceptive(mu, sigma) -> Finding:
    mu, sigma = _number(mu, "my_mu"), _number(sigma, "my_sigma")
    if sigma < 1e-6:
        raise Stopped(
            f"my_sigma = {sigma:.4g} is no spread to draw with.",
            "σ is the bell's spread: above 0, and here at least 1e-6. (A spread of 0 would always draw the same z.)",
        )
    q, truth = importance.bell(mu, sigma), TWO_PEAKS.log_evidence(AT).item()
    log_w = torch.stack([importance.of_toy(TWO_PEAKS, AT, q, DRAWS, seed) for seed in range(RUNS)])
    found = importance.estimate(log_w)
    said, errors = found.log_evidence, found.relative_error
    fooled = int(((errors < SMALL) & ((said - truth).abs() > WRONG)).sum())
    lines = [
        f"    {RUNS} runs of {DRAWS} draws say log p(x) = {shown(said.min())} to {shown(said.max())} nats",
        f"    they report an error of {100 * errors.min():.1f} % to {100 * errors.max():.1f} %",
        f"    in truth log p(x) = {shown(truth)} nats; deceived in {fooled} of {RUNS} runs",
    ]
    if fooled >= OFTEN:
        z = torch.linspace(-4, 4, 801, dtype=torch.float64)
        curves = (TWO_PEAKS.log_posterior(z, AT).exp(), q.log_prob(z[:, None]).exp())
        return Finding(None, lines, deceived(*(a.numpy() for a in (z, *curves, said, errors)), truth))
    off = ((said - truth).expm1() / ((said - truth).exp() * errors)).abs()  # of p, in errors that were reported
    return Finding(_missed(mu, sigma, off), lines)


def _missed(mu: float, sigma: float, off: torch.Tensor):
    """What keeps a proposal from deceiving, by how many of its draws fall within two spreads of each peak."""
    mean, spread = posterior.moments(TWO_PEAKS, AT, above=0.0)
    q = torch.distributions.Normal(torch.tensor(mu).double(), sigma)
    found = [DRAWS * (q.cdf(peak + 2 * spread) - q.cdf(peak - 2 * spread)) >= 1 for peak in (mean, -mean)]
    if all(found):
        return mistakes.COVERS if (off < 4).all() else mistakes.FEW_NEAR
    if not any(found):
        return mistakes.MISSES_BOTH
    if sigma**2 < spread**2 / 2:
        return mistakes.TOO_NARROW
    return mistakes.TOO_WIDE if sigma > 3.5 * spread else mistakes.OFF_CENTRE


DECEPTIVE_PROPOSAL = Construction(
    "deceptive_proposal",
    spec="mean and spread of a proposal N(μ, σ²), for the square at x = 3 with noise 0.5, whose 1000 draws report an "
    "error below 5 % while log p(x) is missed by more than 0.6 nats",
    names=("my_mu", "my_sigma"),
    judge=_deceptive,
    answer="my_mu = (3 - 0.5**2 / 2) ** 0.5  # on one of the two peaks\nmy_sigma = 0.2",
    wrong={
        mistakes.COVERS: (0.0, 1.5),
        mistakes.FEW_NEAR: (0.0, 0.5),
        mistakes.MISSES_BOTH: (0.0, 0.2),
        mistakes.TOO_NARROW: (1.68, 0.05),
        mistakes.TOO_WIDE: (1.7, 0.8),
        mistakes.OFF_CENTRE: (2.2, 0.2),
    },
    first="Where are the two peaks? z² = x − s²/2, with x = 3 and s = 0.5. Then put a bell somewhere, and read what it "
    "reports.",
    hint="What a proposal never draws does not show in its weights. Let it miss something large, so that log p(x) is "
    "off by log 2, and be excellent everywhere else, so that its weights are all alike.",
    reason="On one peak, and a little wider than it, all weights are much alike, so the report is about 1 %; "
    "the other peak, where half of p(x) is, gets no draw. All runs agree, and all lose log 2 = 0.69 nats. Neither "
    "more draws of this q nor other seeds would show it: only a q that looks elsewhere can.",
)
