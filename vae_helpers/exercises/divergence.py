"""The exercises of notebook 03: the divergence of two tables, of two bells, by draws; and one that is infinite."""

import torch

from vae_helpers.exercises.construction import Construction, Finding
from vae_helpers.exercises.exercise import Exercise, Sweep
from vae_helpers.exercises.feedback import shown
from vae_helpers.exercises.mistakes import divergence as mistakes
from vae_helpers.exercises.mistakes.divergence_by_draws import MONTE_CARLO_KL as MISTAKES_BY_DRAWS
from vae_helpers.exercises.probes import gaussians, normal
from vae_helpers.exercises.trial import Stopped, as_tensors
from vae_helpers.figures import exercise_estimates as pictures
from vae_helpers.figures.picture import Picture
from vae_helpers.maths import gaussian

# ---- D_KL of two tables ----


def discrete_kl(q, p):
    """D_KL(q ‖ p) = Σ q log(q/p) in nats, with 0 log 0 = 0; q, p [batch, outcome] -> [batch]."""
    return (torch.xlogy(q, q) - torch.xlogy(q, p)).sum(-1)


RANDOM = [normal(5, 7, seed=seed).softmax(-1) for seed in (1, 2)]
UNDRAWN = torch.tensor([[0.5, 0.2, 0.2, 0.1], [0.7, 0.0, 0.2, 0.1], [0.0, 0.0, 1.0, 0.0]], dtype=torch.float64)
EXCLUDED = torch.tensor([[0.0, 0.6, 0.4], [0.2, 0.3, 0.5]], dtype=torch.float64)  # what q draws may cost +∞
BOTH_EXCLUDE = (
    torch.tensor([[0.0, 0.3, 0.7, 0.0, 0.0]], dtype=torch.float64),
    torch.tensor([[0.0, 0.4, 0.1, 0.2, 0.3]], dtype=torch.float64),
)

DISCRETE_KL = Exercise(
    discrete_kl,
    takes={"q": "batch outcome", "p": "batch outcome"},
    gives={"D_KL": "batch"},
    probes=[
        tuple(RANDOM),
        (UNDRAWN, normal(3, 4, seed=3).softmax(-1)),
        (normal(2, 3, seed=4).softmax(-1), EXCLUDED),
        BOTH_EXCLUDE,
        tuple(table.float() for table in RANDOM),
    ],
    known=mistakes.DISCRETE_KL,
    keeps=("outcome",),
    rounds=False,
    first="Begin with one row: q = (½, ½), p = (¼, ¾). By hand it is 0.144 nats. Then write the sum for whole tables.",
    hint="What does one outcome add: how often does it come, and what is overpaid each time? A term may be 0 · log 0, "
    "which the computer calls NaN: look at torch.xlogy or torch.where.",
    reason="Each outcome comes as often as q draws it, and each time log q − log p nats too much are paid. What q "
    "never draws costs nothing; what q draws and p excludes costs +∞, and xlogy(q, 0) says so by itself. "
    "xlogy(q, q/p) would give NaN where both are 0.",
    sweep=Sweep(
        "q's share of the first outcome (p gives it 0.2)",
        torch.linspace(0, 0.7, 15),
        lambda at: (
            torch.tensor([[at, 0.3, 0.7 - at]], dtype=torch.float64),
            torch.tensor([[0.2, 0.3, 0.5]], dtype=torch.float64),
        ),
        "D_KL in nats",
    ),
)

# ---- D_KL of two bells, closed form ----


def gaussian_kl(mu, logvar):
    """D_KL(N(μ, σ²) ‖ N(0, I)) in nats, logvar = log σ²; mu, logvar [batch, latent] -> [batch]."""
    return 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(-1)


GAUSSIAN_KL = Exercise(
    gaussian_kl,
    takes={"mu": "batch latent", "logvar": "batch latent"},
    gives={"D_KL": "batch"},
    probes=[
        gaussians(5, 3, seed=3),
        gaussians(1, 4, seed=5, scale=2.0),
        gaussians(6, 1, seed=7),
        (normal(4, 20, seed=9, scale=3.0), normal(4, 20, seed=10, scale=3.0, shift=-6.0)),
        (normal(3, 2, seed=24, scale=40.0), normal(3, 2, seed=25, scale=2.0, shift=6.0)),  # far out and wide
        gaussians(5, 3, seed=11, dtype=torch.float32),
    ],
    known=mistakes.GAUSSIAN_KL,
    first="Begin with one latent, on paper: the average of log q(z) − log p(z) over z ~ q, where E[z²] = μ² + σ².",
    hint="log q has −½(log 2π + logvar + (z − μ)²/σ²), log p has −½(log 2π + z²). Subtract; then average: (z − μ)² "
    "becomes σ², and z² becomes μ² + σ².",
    reason="The two log 2π cancel. What is left under the average is ½[z² − (z − μ)²/σ² − logvar], and "
    "E[z²] = μ² + σ², E[(z − μ)²] = σ². So a latent costs ½(μ² + σ² − 1 − log σ²), and independent latents add up.",
    sweep=Sweep(
        "log σ² of one latent (the other two stay)",
        torch.linspace(-4, 2, 25),
        lambda at: (
            torch.tensor([[0.5, -1.0, 0.0]], dtype=torch.float64),
            torch.tensor([[at, -0.5, 0.3]], dtype=torch.float64),
        ),
        "D_KL in nats",
    ),
    gradient=("mu", "logvar"),
)

# ---- the same by draws ----


def monte_carlo_kl(mu, logvar, eps):
    """D_KL(N(μ, σ²) ‖ N(0, I)) estimated by draws from q; eps ~ N(0, 1) [draw, batch, latent] -> [batch]."""
    z = mu + (0.5 * logvar).exp() * eps
    log_q = gaussian.log_prob(z, mu, logvar)
    log_p = gaussian.log_prob(z, torch.zeros_like(mu), torch.zeros_like(mu))
    return (log_q - log_p).mean(0)


def _over_logvar(answer) -> Picture:
    """50 draws, the same at every place: the estimate is not the exact number, but goes along with it."""
    knob = torch.linspace(-4, 2, 25).double()
    mu, others = torch.tensor([[[0.5, -1.0, 0.0]], [[0.0, -0.5, 0.3]]], dtype=torch.float64)
    logvars = [others + at * torch.tensor([1.0, 0.0, 0.0]) for at in knob]
    eps = normal(50, 1, 3, seed=23)

    def curve(function):
        return torch.cat([MONTE_CARLO_KL.observe(function, (mu, logvar, eps))[0].detach() for logvar in logvars])

    exact = torch.cat([gaussian.kl(mu, logvar) for logvar in logvars])
    curves = curve(answer), curve(monte_carlo_kl), exact
    return pictures.beside_exact(knob, *curves, "log σ² of one latent, 50 draws", "estimate in nats", "exact")


MONTE_CARLO_KL = Exercise(
    monte_carlo_kl,
    takes={"mu": "batch latent", "logvar": "batch latent", "eps": "draw batch latent"},
    gives={"estimate": "batch"},
    probes=[
        (*gaussians(5, 3, seed=13), normal(7, 5, 3, seed=14)),
        (*gaussians(6, 3, seed=15, scale=0.1), normal(2, 6, 3, seed=16)),  # near p: most estimates are negative
        (*gaussians(4, 1, seed=17), normal(9, 4, 1, seed=18)),
        (*gaussians(1, 2, seed=19, scale=2.0), normal(5, 1, 2, seed=20)),
        (normal(3, 2, seed=26, scale=12.0), normal(3, 2, seed=27, shift=-8.0), normal(4, 3, 2, seed=28)),  # log q > 0
        (*gaussians(5, 3, seed=21, dtype=torch.float32), normal(7, 5, 3, seed=22, dtype=torch.float32)),
    ],
    known=MISTAKES_BY_DRAWS,
    first="Begin with z: where does the draw ε land, if the bell has mean mu and spread σ? It has the shape of eps.",
    hint="Three lines: z from mu, logvar and eps; log q(z) − log p(z), both by gaussian.log_prob (which mu and which "
    "logvar has the standard bell?); the mean over dim=0, the draws.",
    reason="q draws (z = μ + σε), the log ratio is what each draw overpays, and the mean over the draws is right on "
    "average. It may be negative; the divergence is not. With twice as many draws it does not grow, it becomes surer.",
    sweep=_over_logvar,
    gradient=("mu", "logvar"),
)

# ---- infinite one way ----


def _table(name: str, value) -> torch.Tensor:
    try:
        return as_tensors(value, {name: ""})[0].double()
    except Stopped:
        raise Stopped(f"{name} is a {type(value).__name__}; wanted a list of numbers.") from None


def _one_way_infinite(q, p) -> Finding:
    tables = [_table("my_q", q), _table("my_p", p)]
    for name, table in zip("qp", tables, strict=True):
        fits = table.dim() == 1 and len(table) == len(tables[0])
        if not fits or not ((table >= 0).all() and (table.sum() - 1).abs() <= 1e-6):  # of a NaN neither is true
            raise Stopped(
                f"my_{name} is no list of probabilities, one for each outcome.",
                f"    my_{name} = {shown(table)}",
                "Probabilities are not negative and sum to 1; both lists are of the same length.",
            )
    there, back = discrete_kl(*tables).item(), discrete_kl(*tables[::-1]).item()
    lines = [f"    D_KL(q ‖ p) = {shown(there)} nats", f"    D_KL(p ‖ q) = {shown(back)} nats"]
    if there < torch.inf:
        return Finding(mistakes.OTHER_WAY if back == torch.inf else mistakes.FINITE, lines)
    return Finding(mistakes.BOTH_INFINITE if back == torch.inf else None, lines)


ONE_WAY_INFINITE = Construction(
    "one_way_infinite",
    spec="two lists of probabilities, q and p, with D_KL(q ‖ p) infinite and D_KL(p ‖ q) finite",
    names=("my_q", "my_p"),
    judge=_one_way_infinite,
    answer="my_q = [0.5, 0.5]\nmy_p = [1.0, 0.0]",
    wrong={
        mistakes.FINITE: ([0.5, 0.5], [1 - 1e-12, 1e-12]),
        mistakes.BOTH_INFINITE: ([0.0, 1.0], [1.0, 0.0]),
        mistakes.OTHER_WAY: ([1.0, 0.0], [0.5, 0.5]),
    },
    first="Two outcomes are enough. Begin with q = [½, ½]: what would p have to say to make q pay without limit?",
    hint="A price is −log p. For which p is it infinite? And then p, when it draws, must find only finite prices.",
    reason="q draws the second outcome half of the time, and p gives it probability 0: its price is infinite. p itself "
    "draws only the first, which q prices at log 2 = 0.69 nats. So a q fitted with q on the left keeps away from where "
    "p is 0.",
)
