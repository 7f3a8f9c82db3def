"""The exercises of notebook 06, but for the step: the likelihood of pixels, the loss, the weight of a mean KL."""

import functools
from fractions import Fraction

import torch
import torch.nn.functional as F

from vae_helpers.exercises import trial
from vae_helpers.exercises.construction import Construction, Finding
from vae_helpers.exercises.exercise import Exercise, Sweep
from vae_helpers.exercises.feedback import shown
from vae_helpers.exercises.mistakes import training as mistakes
from vae_helpers.exercises.mistakes.pixels import LOG_LIKELIHOOD as LOG_LIKELIHOOD_MISTAKES
from vae_helpers.exercises.probes import gaussians, normal
from vae_helpers.exercises.trial import Stopped
from vae_helpers.maths import gaussian, likelihood, losses

# ---- log p(x|z) of Bernoulli pixels ----


def log_likelihood(x, logits):
    """Σ [x log s + (1 − x) log(1 − s)] in nats, s = sigmoid(logits); x, logits [batch, pixel] -> [batch]."""
    return (x * F.logsigmoid(logits) + (1 - x) * F.logsigmoid(-logits)).sum(-1)


def _grey(batch: int, pixel: int, seed: int, dtype=torch.float64) -> torch.Tensor:
    return (1.3 * normal(batch, pixel, seed=seed).sigmoid() - 0.15).clamp(0, 1).to(dtype)  # some are 0, some 1


def _drawn(batch: int, pixel: int, seed: int, dtype=torch.float64) -> torch.Tensor:
    return (normal(batch, pixel, seed=seed) > 0).to(dtype)


def _far(batch: int, pixel: int, seed: int, dtype=torch.float64) -> torch.Tensor:
    """Logits of ±200, as a decoder that is sure of itself gives them."""
    return 200 * normal(batch, pixel, seed=seed).sign().to(dtype)


TIMID = 0.1 + 0.8 * normal(2, 6, seed=9).sigmoid()  # logits that could be taken for probabilities

LOG_LIKELIHOOD = Exercise(
    log_likelihood,
    takes={"x": "batch pixel", "logits": "batch pixel"},
    gives={"log p(x|z)": "batch"},
    probes=[
        (_grey(5, 7, seed=1), normal(5, 7, seed=2, scale=3.0)),
        (_grey(2, 6, seed=3), TIMID),
        (_drawn(3, 4, seed=4), _far(3, 4, seed=5)),
        (_drawn(4, 20, seed=6), _far(4, 20, seed=7)),  # about −2000 nats
        (_grey(1, 3, seed=8), normal(1, 3, seed=10, scale=0.1)),
        (_grey(6, 1, seed=11), normal(6, 1, seed=12, scale=10.0)),
        (_grey(5, 7, seed=13, dtype=torch.float32), normal(5, 7, seed=14, scale=3.0, dtype=torch.float32)),
        (_drawn(3, 4, seed=15, dtype=torch.float32), _far(3, 4, seed=16, dtype=torch.float32)),
    ],
    known=LOG_LIKELIHOOD_MISTAKES,
    first="Begin with one pixel of ink, x = 1, and the logit 0: a fair coin, log ½ = −0.69 nats. Then whole images.",
    hint="Two terms: x times the log of a sigmoid, and 1 − x times the log of another (1 − sigmoid(ℓ) = sigmoid(−ℓ)). "
    "F.logsigmoid takes such a log without making the probability first; F.binary_cross_entropy_with_logits does all, "
    "with the other sign, and takes the logits first.",
    reason="Given z, each pixel is a coin of its own, so the probabilities multiply and their logs add up: a sum over "
    "the pixels, never a mean. Taken from the logits, log sigmoid(−200) is −200; taken from the probability, it is the "
    "log of a rounded 0.",
    sweep=Sweep(
        "logit of a pixel of ink (two others stay)",
        torch.linspace(-8, 8, 25),
        lambda at: (
            torch.tensor([[1.0, 0.0, 0.3]], dtype=torch.float64),
            torch.tensor([[at, -2.0, 0.5]], dtype=torch.float64),
        ),
        "log p(x|z) in nats",
    ),
    gradient=("logits",),
)

# ---- the loss: −ELBO ----


def vae_loss(x, logits, mu, logvar):
    """−ELBO [batch] in nats, lower is better, logvar = log σ²; x, logits [batch, pixel], mu, logvar [batch, latent]."""
    cross_entropy = F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(-1)
    kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(-1)
    return cross_entropy + kl


VAE_LOSS = Exercise(
    vae_loss,
    takes={"x": "batch pixel", "logits": "batch pixel", "mu": "batch latent", "logvar": "batch latent"},
    gives={"loss": "batch"},
    probes=[
        (_grey(5, 7, seed=21), normal(5, 7, seed=22, scale=2.0), *gaussians(5, 3, seed=23)),
        (_drawn(2, 6, seed=25), TIMID, *gaussians(2, 4, seed=26, scale=2.0)),
        (_drawn(3, 5, seed=28), _far(3, 5, seed=29), *gaussians(3, 2, seed=30)),
        (
            _drawn(3, 5, seed=43, dtype=torch.float32),
            _far(3, 5, seed=44, dtype=torch.float32),
            *gaussians(3, 2, seed=45, dtype=torch.float32),
        ),
        (_grey(1, 3, seed=32), normal(1, 3, seed=33, scale=0.1), *gaussians(1, 4, seed=34, scale=0.1)),
        (_grey(6, 2, seed=36), normal(6, 2, seed=37, scale=5.0), *gaussians(6, 1, seed=38)),
        (
            _grey(5, 7, seed=40, dtype=torch.float32),
            normal(5, 7, seed=41, dtype=torch.float32),
            *gaussians(5, 3, seed=42, dtype=torch.float32),
        ),
    ],
    known=mistakes.VAE_LOSS,
    first="Two numbers for each image, both in nats: the cross-entropy of its pixels, and the KL of its latents. Write "
    "them one below the other; then: which sign does each have in something that is to become small?",
    hint="Cross-entropy: F.binary_cross_entropy_with_logits(logits, x, reduction='none'), or likelihood.bernoulli with "
    "its sign turned round. KL: exercise 2 of notebook 03, or gaussian.kl. Each is summed over its own axis, and the "
    "batch stays.",
    reason="The ELBO is reconstruction − KL, and higher is better. The loss is its negative: cross-entropy + KL. Both "
    "are sums in nats, and a nat of the one is worth a nat of the other; a mean in one of them changes the rate, and "
    "that is a hidden β.",
    sweep=Sweep(
        "log σ² of one latent (all else stays)",
        torch.linspace(-5, 3, 25),
        lambda at: (
            torch.tensor([[1.0, 0.0, 0.3, 1.0, 0.0]], dtype=torch.float64),
            torch.tensor([[2.0, -2.0, 0.5, 0.2, 1.0]], dtype=torch.float64),
            torch.tensor([[0.5, -1.0, 0.0]], dtype=torch.float64),
            torch.tensor([[at, -0.5, 0.3]], dtype=torch.float64),
        ),
        "loss in nats",
    ),
    gradient=("logits", "mu", "logvar"),
)

# ---- the weight of a mean KL beside a mean cross-entropy ----

SIZES = ((64, 2), (784, 20), (12, 5))  # pixels and latents: of this page, of MNIST, and any other


def averaged(w: float):
    """bce.mean() + w · kl.mean(), each mean over all there is, as a loss of (x, logits, mu, logvar)."""

    def loss(x, logits, mu, logvar):
        kl = gaussian.kl(mu, logvar)
        return -likelihood.bernoulli(x, logits).mean() / x.shape[-1] + w * kl.mean() / mu.shape[-1]

    return loss


def _kl_weight(weight) -> Finding:
    if not callable(weight):
        raise Stopped(
            "my_weight is no function.", "It takes pixels and latents and returns w: check.kl_weight(my_weight)."
        )
    weights = [_weight(weight, *size) for size in SIZES]
    betas = [losses.beta(averaged(w), *losses.example(3, *size)) for size, w in zip(SIZES, weights, strict=True)]
    lines = [
        f"    {pixels} pixels, {latents} latents: w = {shown(w)}, and the loss has β = {shown(beta)}"
        for (pixels, latents), w, beta in zip(SIZES, weights, betas, strict=True)
    ]
    right = [abs(beta - 1) < 1e-3 for beta in betas]
    return Finding(None if all(right) else _missed(weights, any(right)), lines)


def _missed(weights: list[float], sometimes: bool) -> mistakes.Mistake:
    for mistake, wrong in mistakes.KL_WEIGHT.items():
        if all(abs(w - wrong(*size)) <= 1e-3 * abs(wrong(*size)) for size, w in zip(SIZES, weights, strict=True)):
            return mistake
    return mistakes.ONE_SIZE if sometimes else mistakes.NOT_ONE


def _weight(weight, pixels: int, latents: int) -> float:
    """What it gives for these sizes, as one finite number. Raises Stopped."""

    @functools.wraps(weight)
    def number(*sizes):
        found = weight(*sizes)
        return float(found) if isinstance(found, Fraction) else found

    try:
        (found,) = trial.outputs(number, (pixels, latents), {"pixels": "", "latents": ""}, {"w": ""})
    except Stopped as stop:
        raise Stopped(stop.head.replace("a tensor of numbers", "a number"), *stop.lines) from None
    if found.numel() != 1 or not found.isfinite().all():
        raise Stopped(f"w is no number for {pixels} pixels and {latents} latents.", "One finite number is asked for.")
    return float(found)


KL_WEIGHT = Construction(
    "kl_weight",
    spec="a function of pixels and latents: the w with which bce.mean() + w * kl.mean() has β = 1",
    names=("my_weight",),
    judge=_kl_weight,
    answer="def my_weight(pixels, latents):\n    return latents / pixels",
    wrong={
        **{mistake: (wrong,) for mistake, wrong in mistakes.KL_WEIGHT.items()},
        mistakes.ONE_SIZE: (lambda pixels, latents: 1 / 32,),
        mistakes.NOT_ONE: (lambda pixels, latents: 0.5,),
    },
    first="What is bce.mean(), said with the sum over the pixels of one image? And kl.mean(), with the sum over its "
    "latents?",
    hint="The mean over the pixels is (sum over the pixels) / pixels; the mean over the latents likewise. Multiply the "
    "whole loss by the number of pixels: that changes its scale, not its β. What stands before the sum of the KL?",
    reason="The cross-entropy has lost a factor of pixels, the KL one of latents. Times pixels, the loss is bce.sum() "
    "+ w · pixels/latents · kl.sum() for each image, so β = w · pixels/latents, and that is 1 for w = latents/pixels: "
    "here 2/64 = 0.031. Without w (w = 1) β would be 32, as the page has measured.",
)
