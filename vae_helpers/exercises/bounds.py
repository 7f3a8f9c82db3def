"""The exercises of notebook 04: the entropy of a bell, the level by draws, over a data set; and Ada's step."""

import math

import torch

from vae_helpers.exercises.construction import Construction, Finding
from vae_helpers.exercises.exercise import Exercise, Sweep
from vae_helpers.exercises.feedback import shown
from vae_helpers.exercises.mistakes import bounds as mistakes
from vae_helpers.exercises.mistakes.dataset_elbo import DATASET_ELBO as DATASET_MISTAKES
from vae_helpers.exercises.mistakes.entropy import ENTROPY as ENTROPY_MISTAKES
from vae_helpers.exercises.probes import gaussians, normal
from vae_helpers.exercises.trial import Stopped, as_tensors
from vae_helpers.figures import exercise_bounds as pictures
from vae_helpers.figures.exercise_estimates import beside_exact
from vae_helpers.figures.picture import Picture
from vae_helpers.maths import bounds as levels
from vae_helpers.maths import gaussian
from vae_helpers.maths.toy import ToyModel

# ---- the entropy of a bell ----


def entropy(logvar):
    """H(q) = −E_q[log q(z)] in nats for q = N(μ, σ²), logvar = log σ²; logvar [batch, latent] -> [batch]."""
    return 0.5 * (1 + math.log(2 * math.pi) + logvar).sum(-1)


ENTROPY = Exercise(
    entropy,
    takes={"logvar": "batch latent"},
    gives={"entropy": "batch"},
    probes=[
        (normal(5, 3, seed=31, shift=-0.4),),
        (normal(1, 4, seed=32, scale=2.0),),
        (normal(6, 1, seed=33, shift=-1.0),),
        (normal(4, 20, seed=34, scale=3.0, shift=-6.0),),  # narrow bells: all four are negative
        (normal(2, 3, seed=35, shift=5.0),),  # wide ones, all logs positive
        (normal(5, 3, seed=36, dtype=torch.float32),),
    ],
    known=ENTROPY_MISTAKES,
    first="Begin with one latent and σ = 1, where logvar = 0: by hand the entropy is ½ log 2πe = 1.42 nats. Which line "
    "gives that, and goes on for other spreads?",
    hint="For one latent the page has ½ log(2πeσ²). Write the log of the product as a sum of logs: one piece is "
    "logvar, one is a plain number. Then add up over the latents, the pieces that are no tensor too.",
    reason="log q(z) is −½[log 2π + log σ² + (z − μ)²/σ²]. Over what q draws, the mean of (z − μ)² is σ², so the last "
    "piece becomes 1, whatever μ is. Turn the sign, and add up independent latents. One latent has an entropy below 0 "
    "where σ < 0.242.",
    sweep=Sweep(
        "log₂ σ of one latent: one less is half the spread",
        torch.linspace(-5, 2, 15),
        lambda at: (torch.tensor([[2 * math.log(2) * at]], dtype=torch.float64),),
        "entropy in nats",
    ),
    gradient=("logvar",),
)

# ---- the level, by draws ----


def elbo(log_likelihood, mu, logvar):
    """L = E_q[log p(x|z)] − D_KL(q ‖ N(0, I)) in nats; [batch, draw], [batch, latent], [batch, latent] -> [batch]."""
    return log_likelihood.mean(-1) - gaussian.kl(mu, logvar)


FOLDED, SEEN = ToyModel("fold", noise=0.3), torch.tensor(1.0)  # the page's


def _over_sigma(log_sigma: float) -> tuple:
    """400 draws of a bell with mean 0.94, and how well each explains x = 1 under the folded toy."""
    mu, logvar = torch.tensor([[0.94], [2 * log_sigma]], dtype=torch.float64)
    z = gaussian.reparameterize(mu, logvar, normal(400, seed=37))
    return FOLDED.log_likelihood(SEEN, z)[None], mu[None], logvar[None]


ELBO = Exercise(
    elbo,
    takes={"log_likelihood": "batch draw", "mu": "batch latent", "logvar": "batch latent"},
    gives={"L": "batch"},
    probes=[
        (normal(5, 7, seed=41, scale=2.0, shift=-3.0), *gaussians(5, 3, seed=42)),
        (normal(4, 6, seed=44, scale=9.0, shift=-2000.0), *gaussians(4, 20, seed=45, scale=0.5)),  # an image
        (normal(1, 9, seed=47, scale=2.0, shift=25.0), *gaussians(1, 4, seed=48, scale=0.5)),  # a density above 1
        (normal(3, 5, seed=49), *gaussians(3, 2, seed=58, scale=6.0)),  # far out and wide
        (normal(6, 3, seed=50, shift=-1.0), *gaussians(6, 1, seed=51)),
        (normal(2, 1, seed=53, shift=-1.0), *gaussians(2, 4, seed=54)),  # a single draw
        (
            normal(5, 7, seed=56, shift=-200.0, dtype=torch.float32),
            *gaussians(5, 3, seed=57, dtype=torch.float32),
        ),
    ],
    known=mistakes.ELBO,
    first="Begin by hand: one image, two draws that give log p(x|z) = −2 and −4, one latent with μ = 1 and σ = 1. The "
    "mean is −3, the price is half a nat: L = −3.5.",
    hint="Two pieces, each with one number for every image. The reconstruction: which axis of log_likelihood must go, "
    "and does it go by a sum or by a mean? The price: gaussian.kl(mu, logvar) is that of 03's second exercise.",
    reason="Over draws from q, E_q[log p(x|z)] becomes a mean: right on average, and surer with more draws. The KL to "
    "the prior needs no draws: for bells it is known exactly, so it is subtracted once, whatever their number. A VAE "
    "does just this, mostly with a single draw.",
    sweep=Sweep(
        "log σ of a bell with mean 0.94, 400 draws, on the folded toy",
        torch.linspace(-4, -1, 25),
        _over_sigma,
        "L in nats",
    ),
    gradient=("log_likelihood", "mu", "logvar"),
)

# ---- over a data set ----


def dataset_elbo(bounds, n):
    """Σᵢ L(xᵢ) in nats over all n images, estimated by a minibatch: bounds [image], n a number -> one number."""
    return n / len(bounds) * bounds.sum()


IMAGES = normal(500, seed=61, scale=3.0, shift=-2.0)


def _over_size(answer) -> Picture:
    """Minibatches of the first B images, up to all of them."""
    sizes, n = torch.arange(20, 501, 20), len(IMAGES)

    def curve(function):
        found = [DATASET_ELBO.observe(function, (IMAGES[:size], n))[0].detach() for size in sizes.tolist()]
        return torch.stack(found)

    curves = curve(answer), curve(dataset_elbo), IMAGES.sum().expand(len(sizes))
    label = "B, the size of a minibatch of the first images of 500"
    return beside_exact(sizes, *curves, label, "estimate in nats", "the sum over all 500")


DATASET_ELBO = Exercise(
    dataset_elbo,
    takes={"bounds": "image", "n": ""},
    gives={"estimate": ""},
    probes=[
        (normal(7, seed=62), 10),
        (normal(5, seed=63, scale=30.0, shift=-2000.0), 60000),
        (normal(1, seed=64, shift=-0.5), 3),
        (normal(4, seed=65, shift=2.0), 4),  # the whole data set: its sum
        (normal(3, seed=66, dtype=torch.float32), 8),
    ],
    known=DATASET_MISTAKES,
    first="Begin by hand: a data set of n = 10 images, a minibatch of two with the bounds −1 and −3. All ten together "
    "are then estimated at −20 nats.",
    hint="The page has a formula with N and B. N is n here; B is not passed: it is how many numbers bounds holds.",
    reason="Over all minibatches of a size B each image turns up equally often, in B/n of them. Times n/B each counts "
    "once, as in the full sum: unbiased, for every B. A small minibatch only scatters more. n · bounds.mean() is the "
    "same number.",
    sweep=_over_size,
    gradient=("bounds",),
)

# ---- Ada's step, the other way ----

LEAST = 0.05  # nats
LIMITS = {"mu": (-10, 10), "sigma": (0.01, 10), "a_before": (0, 10), "a_after": (0, 10)}


def _number(name: str, value) -> torch.Tensor:
    low, high = LIMITS[name]
    try:
        number = as_tensors(value, {name: ""})[0].detach().double()
    except Stopped:
        raise Stopped(f"my_{name} is a {type(value).__name__}; wanted one number.") from None
    if number.numel() != 1 or not low - 1e-6 <= number.item() <= high + 1e-6:  # a float32 may end a little outside
        given = f"    my_{name} = {shown(number)}"
        raise Stopped(f"my_{name} must be one number from {low} to {high}.".replace("-", "−"), given)
    return number.reshape(())


def _changed(name: str, before: torch.Tensor, after: torch.Tensor) -> str:
    return f"    {name}: {before:.3f} → {after:.3f} nats ({after - before:+.3f})".replace("-", "−")


def _adas_step(mu, sigma, a_before, a_after) -> Finding:
    mu, sigma, *ends = (_number(*pair) for pair in zip(LIMITS, (mu, sigma, a_before, a_after), strict=True))
    bell = mu, 2 * sigma.log()

    def at(slope: float) -> tuple[torch.Tensor, torch.Tensor]:
        model = ToyModel("linear", noise=0.5, slope=slope)  # the page's, whose slope is θ
        return levels.of_toy(model, SEEN, *bell).total, model.log_evidence(SEEN)

    ends = [end.item() for end in ends]
    level, line = map(torch.stack, zip(*map(at, ends), strict=True))
    lines = [_changed("level", *level), _changed("log p(x)", *line), _changed("gap", *(line - level))]
    if mistake := _missed(level, line, ends):
        return Finding(mistake, lines)
    slopes = torch.linspace(min(ends) - 0.2, max(ends) + 0.2, 61).double()
    curves = map(torch.stack, zip(*map(at, slopes.tolist()), strict=True))
    return Finding(None, lines, pictures.step(slopes, *curves, level.tolist(), line.tolist(), ends))


def _missed(level: torch.Tensor, line: torch.Tensor, ends: list[float]):
    rise, lift = level.diff().item(), line.diff().item()
    if ends[1] >= ends[0]:
        return mistakes.STEEPER
    if rise >= LEAST and lift <= -LEAST:
        return None
    if line[0] - level[0] < 2 * LEAST:
        return mistakes.NEAR_POSTERIOR
    if max(abs(rise), abs(lift)) < LEAST or (rise > 0 >= lift):
        return mistakes.TOO_LITTLE
    if rise > 0:
        return mistakes.BOTH_RISE
    return mistakes.BOTH_FALL if lift <= 0 else mistakes.WRONG_WAY


ADAS_STEP = Construction(
    "adas_step",
    spec="a bell q and two slopes, the second smaller: the level rises and log p(x) falls, by 0.05 nats each",
    names=("my_mu", "my_sigma", "my_a_before", "my_a_after"),
    judge=_adas_step,
    answer="my_mu, my_sigma = 1.0, 1.0\nmy_a_before, my_a_after = 0.9, 0.5",
    wrong={
        mistakes.NEAR_POSTERIOR: (0.8, 0.45, 1.0, 0.5),
        mistakes.TOO_LITTLE: (1.0, 1.0, 0.9, 0.8),
        mistakes.BOTH_RISE: (0.5, 1.0, 2.0, 1.0),
        mistakes.BOTH_FALL: (0.5, 0.3, 0.8, 0.4),
        mistakes.WRONG_WAY: (0.5, 0.1, 2.0, 1.0),
        mistakes.STEEPER: (0.5, 0.3, 1.0, 1.47),
    },
    first="Begin with the line alone: at which slope is log p(x) highest, and where does a step to a smaller slope "
    "make it fall? Then choose q.",
    hint="The line is highest at a = 0.87, so begin there or just above, and go well below. Now the level must like "
    "the small slope: which z, times a small a, meet x = 1? Let q draw such z, or z so scattered that a large "
    "slope throws many of them far off. explore.theta(x, noise=0.5, mu=…, sigma=…) shows both curves.",
    reason="At a = 0.9 this wide bell draws many z that the slope throws far past x = 1; at a = 0.5 they land nearer, "
    "and the level rises by 0.64 nats. The line falls by 0.15: the smaller slope is a worse model. The gap pays for "
    "both: it shrinks by 0.79, because the posterior of the flatter model is wider, more like this q.",
)
