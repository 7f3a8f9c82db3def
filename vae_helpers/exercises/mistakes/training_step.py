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
    shift=1.0,
    noise=1.0,
    sigma=lambda logvar: (0.5 * logvar).exp(),
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
    steps=1,
):
    mu, logvar = encode(model, x)
    z = latent(shift * mu + noise * sigma(logvar) * eps)
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
    for _ in range(steps):
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
    "When step() is called no gradient is there: zero_grad() has just taken it away, or backward() comes only later.",
    "Of the three calls, which must come last, and which one just before it?",
)
NO_BACKWARD = Mistake(
    "no gradient is passed back",
    "No gradient has reached the weights of the model that is given, so the optimizer can't move them.",
    "Which method of the loss fills in the gradients of all weights? (A copy of the model has weights of its own.)",
)
NO_STEP = Mistake(
    "the optimizer takes no step",
    "Nothing moves: a gradient only says which way is downhill.",
    "Who moves the weights?",
)
NO_NOISE = Mistake(
    "z is the mean μ: the noise is left out",
    "An encoder that is never shaken learns nothing about its σ but what the KL says, and the number is no bound.",
    "Where does eps come into your lines?",
)
TWO_STEPS = Mistake(
    "the optimizer steps twice",
    "The second step goes along a gradient that was measured before the first.",
    "How often should step() be called for one loss?",
)
NOISE_SUBTRACTED = Mistake(
    "the noise is subtracted",
    "−eps is as good a draw as eps, and training would succeed. Asked for is z = μ + σ eps.",
    "Which sign stands before σ eps?",
)
MU_FORGOTTEN = Mistake(
    "μ is left out of z",
    "The z of every image lies around the origin: the decoder is not told where the encoder has put this one.",
    "Where does mu come into your line for z?",
)
NOISE_ALONE = Mistake(
    "eps itself is decoded",
    "That is a draw from the prior: z has nothing to do with the image.",
    "Where do mu and logvar come into your line for z?",
)
EXCHANGED = Mistake(
    "mu and logvar are exchanged",
    "The encoder gives two things, first mu, then logvar.",
    "In which order do you take apart what encode gives?",
)
VARIANCE_GIVEN = Mistake(
    "σ² is given where log σ² is asked for",
    "The spread of z would be exp(½ σ²): never less than 1, however sure the encoder is.",
    "Is exp() taken twice on the way from logvar to σ? What does gaussian.reparameterize take?",
)
SIGMA_CUT = Mistake(
    "the reconstruction does not reach logvar: σ is cut off",
    "The encoder hears of its σ by the KL alone, and that wants σ = 1.",
    "What did σ or logvar go through in your line for z: detach(), no_grad(), item(), numpy?",
)
AVERAGED_TWICE = Mistake(
    "the mean over the batch is divided by the number of images once more",
    "The step becomes shorter, the more images there are. A mean is a step of the same size for any batch.",
    "How far would your step go for a batch twice as large?",
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
        NO_STEP: {"steps": 0},
        TWO_STEPS: {"steps": 2},
        NO_NOISE: {"noise": 0.0},
        NOISE_SUBTRACTED: {"noise": -1.0},
        MU_FORGOTTEN: {"shift": 0.0},
        NOISE_ALONE: {"shift": 0.0, "sigma": torch.ones_like},
        EXCHANGED: {"encode": lambda model, x: model.encode(x)[::-1]},
        shared.VARIANCE_FOR_SIGMA: {"sigma": torch.exp},
        VARIANCE_GIVEN: {"sigma": lambda logvar: (0.5 * logvar.exp()).exp()},
        SIGMA_CUT: {"sigma": lambda logvar: (0.5 * logvar).exp().detach()},
        training.KL_FORGOTTEN: {"beta": lambda mu: 0.0},
        training.KL_SUBTRACTED: {"beta": lambda mu: -1.0},
        shared.MEAN_OVER_PIXELS: {"per_pixel": lambda x: 1 / x.shape[-1]},
        shared.MEAN_OVER_LATENTS: {"beta": lambda mu: 1 / mu.shape[-1]},
        SUMMED: {"average": lambda loss, x: loss.sum()},
        AVERAGED_TWICE: {"average": lambda loss, x: loss.mean() / len(x)},
        AVERAGED_OVER_PIXELS: {"average": lambda loss, x: loss.mean() / x.shape[-1]},
        UPHILL: {"sign": -1.0},
        pixels.TWICE: {"squeeze": torch.sigmoid},
        ENCODER_CUT: {"encode": _encoded_apart},
        Z_CUT: {"latent": torch.Tensor.detach},
        OUTPUT_CUT: {"output": torch.Tensor.detach},
        DECODER_FROZEN: {"frozen": lambda model: model.decoder.parameters()},
    },
)
