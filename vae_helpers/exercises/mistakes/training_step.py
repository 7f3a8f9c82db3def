"""Wrong answers to notebook 06's step of training."""

import torch
import torch.nn.functional as F

from vae_helpers.exercises.mistakes import pixels, shared, training
from vae_helpers.exercises.mistakes.mistake import Catalogue, Mistake, itself


def _training_step(
    model,
    optimizer,
    x,
    eps,
    encode=lambda model, x: model.encode(x),
    noise=1.0,
    spread=0.5,
    latent=itself,
    output=itself,
    squeeze=itself,
    per_pixel=lambda x: 1.0,
    beta=lambda mu: 1.0,
    average=lambda loss, x: loss.mean(),
    sign=1.0,
    forget="before",
    backward=True,
    frozen=lambda model: [],
    step=True,
):
    mu, logvar = encode(model, x)
    z = latent(mu + noise * (spread * logvar).exp() * eps)
    logits = squeeze(output(model.decode(z)))
    cross_entropy = F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(-1)
    kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(-1)
    loss = sign * average(cross_entropy * per_pixel(x) + beta(mu) * kl, x)
    if forget == "before":
        optimizer.zero_grad()
    if backward and loss.requires_grad:
        loss.backward()
    if forget == "between":
        optimizer.zero_grad()
    for weight in frozen(model):
        weight.grad = None
    if step:
        optimizer.step()


def _encoded_apart(model, x):
    with torch.no_grad():
        return model.encode(x)


NOT_FORGOTTEN = Mistake(
    "the last gradient is not forgotten",
    "backward() adds to the gradients that are there. Your second step goes along the gradients of both batches.",
    "What must be done to the old gradients before new ones are passed back?",
)
FORGOTTEN_TOO_LATE = Mistake(
    "the gradient is thrown away before the step",
    "zero_grad() stands between backward() and step(): the optimizer finds no gradient, and nothing moves.",
    "In which order: pass back, forget, step?",
)
NO_BACKWARD = Mistake(
    "no gradient is passed back",
    "The loss is computed, and nobody asks for its slope: the optimizer finds no gradient, and nothing moves.",
    "Which method of the loss fills in the gradients of all weights?",
)
NO_STEP = Mistake(
    "the optimizer takes no step",
    "The gradients are there, and nothing moves: a gradient says only which way is downhill.",
    "Who moves the weights?",
)
NO_NOISE = Mistake(
    "z is the mean μ: the noise is left out",
    "An encoder that is never shaken learns nothing about its σ but what the KL says, and the number is no bound.",
    "Where does eps come into your lines?",
)
SUMMED = Mistake(
    "the loss is summed over the batch",
    "The step becomes larger with the number of images. A mean is a step of the same size for any batch.",
    "How far would your step go for a batch twice as large?",
)
AVERAGED_OVER_PIXELS = Mistake(
    "the mean over the batch is divided by the pixels too",
    "Both terms have shrunk alike, so β is still 1, but the step is shorter, the more pixels there are. Asked are nats "
    "per image.",
    "Which axes should be summed, and which one averaged?",
)
UPHILL = Mistake(
    "the step goes the wrong way: the ELBO falls",
    "An optimizer goes downhill. Given the ELBO, it makes it lower.",
    "Is what you call backward() on to become larger or smaller?",
)
ENCODER_CUT = Mistake(
    "only the decoder learns: the encoder's answer is cut off",
    "Between the encoder's weights and the loss the graph is cut, so neither term can tell the encoder anything.",
    "What did mu and logvar go through: detach(), no_grad(), item(), numpy?",
)
Z_CUT = Mistake(
    "the reconstruction does not reach the encoder: z is cut off",
    "The decoder learns, and the encoder hears the KL alone: it will learn to say nothing.",
    "That a gradient may pass through the draw is the whole trick of notebook 05. What stops it in your line for z?",
)
OUTPUT_CUT = Mistake(
    "the decoder's answer is cut off",
    "The reconstruction is counted in the loss, but has no slope: the decoder does not move, the encoder hears the KL "
    "alone.",
    "What did the logits go through: detach(), no_grad(), item(), numpy?",
)
DECODER_FROZEN = Mistake(
    "only the encoder learns",
    "The gradient passes through the decoder to the encoder, but the decoder's own weights don't move.",
    "Whose weights does θ name, and whose φ? Training moves both.",
)

TRAINING_STEP = Catalogue(
    _training_step,
    {
        NOT_FORGOTTEN: {"forget": "never"},
        FORGOTTEN_TOO_LATE: {"forget": "between"},
        NO_BACKWARD: {"backward": False},
        NO_STEP: {"step": False},
        NO_NOISE: {"noise": 0.0},
        shared.VARIANCE_FOR_SIGMA: {"spread": 1.0},
        training.KL_FORGOTTEN: {"beta": lambda mu: 0.0},
        training.KL_SUBTRACTED: {"beta": lambda mu: -1.0},
        shared.MEAN_OVER_PIXELS: {"per_pixel": lambda x: 1 / x.shape[-1]},
        shared.MEAN_OVER_LATENTS: {"beta": lambda mu: 1 / mu.shape[-1]},
        SUMMED: {"average": lambda loss, x: loss.sum()},
        AVERAGED_OVER_PIXELS: {"average": lambda loss, x: loss.mean() / x.shape[-1]},
        UPHILL: {"sign": -1.0},
        pixels.TWICE: {"squeeze": torch.sigmoid},
        ENCODER_CUT: {"encode": _encoded_apart},
        Z_CUT: {"latent": torch.Tensor.detach},
        OUTPUT_CUT: {"output": torch.Tensor.detach},
        DECODER_FROZEN: {"frozen": lambda model: model.decoder.parameters()},
    },
)
