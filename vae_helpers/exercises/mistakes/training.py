"""Wrong answers to the exercises of notebook 06: the loss, and the weight of a mean KL."""

import torch

from vae_helpers.exercises.mistakes import divergence, pixels, shared
from vae_helpers.exercises.mistakes.mistake import Catalogue, Mistake, itself, mean_last, sum_last

# ---- the loss: −ELBO ----


def _vae_loss(
    x,
    logits,
    mu,
    logvar,
    sign=1.0,
    weight=lambda x: 1.0,
    of_pixels=sum_last,
    of_latents=sum_last,
    whole=lambda loss, x: loss,
    half=0.5,
    one=1.0,
    variance=torch.exp,
    log=itself,
    square=torch.square,
    own=1.0,
    **switches,
):
    cross_entropy = -pixels.log_likelihood(x, logits, total=of_pixels, **switches)
    kl = of_latents(half * (square(mu) + variance(logvar) - one - log(logvar)))
    return whole(sign * (own * cross_entropy + weight(x) * kl), x)


BOUND_FOR_LOSS = Mistake(
    "that is the ELBO itself, not the loss",
    "An optimizer goes downhill: it would make the ELBO lower and lower. The loss is the other way up.",
    "Is your number higher or lower when the model is better? And which of the two does an optimizer look for?",
)
KL_SUBTRACTED = Mistake(
    "the KL is subtracted from the loss",
    "In a loss, bad things are added. Yours rewards an encoder for going far from the prior. (In the ELBO, which is "
    "the other way up, the KL is subtracted.)",
    "Write the ELBO, then a minus before the whole of it: which sign has each of the two terms?",
)
LOG_FOR_CROSS_ENTROPY = Mistake(
    "the log-likelihood is added where the cross-entropy belongs",
    "log p(x|z) is better when it is higher, the KL when it is lower: added up they are neither.",
    "Which sign must log p(x|z) have in something that is to become small?",
)
KL_FORGOTTEN = Mistake(
    "the KL is forgotten",
    "What is left asks for reconstruction alone. Nothing keeps the encoder near the prior, and it bounds no log p(x).",
    "The ELBO has two terms: which of mu and logvar did you use?",
)
CROSS_ENTROPY_FORGOTTEN = Mistake(
    "the cross-entropy is forgotten",
    "The KL alone is lowest for an encoder that says nothing.",
    "Where is the image in your loss?",
)
AVERAGED_CROSS_ENTROPY = Mistake(
    "the cross-entropy is averaged over all pixels of the whole batch",
    "That is torch's default. The average pixel of the batch is added to each image's KL, which then weighs D times "
    "too much, for D pixels.",
    "What does reduction= say when you leave it out? And which axes should be summed, which kept?",
)
SUMMED_CROSS_ENTROPY = Mistake(
    "the cross-entropy of the whole batch is added to the KL of each image",
    "Every image would pay for the pixels of all images.",
    "reduction='sum' sums over both axes. Which one should stay?",
)
AVERAGED_KL = Mistake(
    "the KL is averaged over the batch, the cross-entropy is not",
    "Every image would pay the average KL instead of its own.",
    "Which of your two terms has the axis “batch” still in it?",
)
SUMMED_KL = Mistake(
    "the KL of the whole batch is added to each image",
    "Every image would pay for the latents of all images.",
    "torch.sum without dim= sums over both axes. Which one should stay?",
)
SIGMA_GIVEN = Mistake(
    "σ stands where log σ² belongs, in both places of the KL",
    "What is called logvar in the KL is log σ². Yours puts σ there, and takes exp() of it once more.",
    "What does gaussian.kl take: mu and what else? And what is done to logvar before it comes there?",
)
LOG_SIGMA_TAKEN = Mistake(
    "logvar is taken for log σ",
    "If it were log σ, the variance would be exp(2 · logvar). But logvar is the log of σ² already.",
    "Which function takes logvar back to the variance?",
)
SIGN_OF_LOG = Mistake(
    "the log of the variance is added in the KL, and must be subtracted",
    "A narrow bell costs −½ log σ². With your sign it is paid for being narrow, without limit.",
    "Let σ go to 0: should the KL go up or down? And yours?",
)
PER_PIXEL = Mistake(
    "the loss is divided by the number of pixels",
    "That is nats per pixel; asked are nats per image. (Both terms are divided alike: β is right, the unit is not.)",
    "Two pixels that cost 1 nat each: what does the image cost?",
)
ONE_NUMBER = Mistake(
    "all is divided by batch · pixels",
    "One number came, nats per pixel. Each image keeps its own number, in nats per image.",
    "Which axes does .mean() take when you name none?",
)
BATCH_AVERAGED = Mistake(
    "it is averaged over the batch",
    "That is what the training step does, one line later. Here each image keeps its number.",
    "Which of your reductions names no axis?",
)
BOTH_AVERAGED = Mistake(
    "it is bce.mean() + kl.mean(): both are averaged over all there is",
    "An average pixel is added to an average latent. Wanted is one number for each image, and in it the sum of its "
    "pixels and the sum of its latents.",
    "An image of twice as many pixels: how many nats more should it cost? And which axes does .mean() take?",
)
PIXELS_AVERAGED = Mistake(
    "it is bce.mean() + kl.sum(1).mean(): only the pixels are averaged",
    "One number came, not one for each image, and in it the average pixel stands beside the whole KL: a hidden β = D, "
    "for D pixels.",
    "Which axes does .mean() take when you name none? And what does torch's function do when you name no reduction?",
)
TIMES_PIXELS = Mistake(
    "the KL is multiplied by the number of pixels",
    "That is a hidden β = D, for D pixels: a nat of KL must earn D nats of reconstruction. It falls silent.",
    "A nat is a nat: which weight do the two terms have in the ELBO?",
)
OVER_PIXELS = Mistake(
    "the KL is divided by the number of pixels",
    "That is a hidden β = 1/D, for D pixels: beside a cross-entropy that is summed, the KL is nearly free.",
    "If one term is a sum over its axis, what must the other be?",
)

VAE_LOSS = Catalogue(
    _vae_loss,
    {
        BOUND_FOR_LOSS: {"sign": -1.0},
        KL_SUBTRACTED: {"weight": lambda x: -1.0},
        LOG_FOR_CROSS_ENTROPY: {"own": -1.0},
        KL_FORGOTTEN: {"weight": lambda x: 0.0},
        CROSS_ENTROPY_FORGOTTEN: {"own": 0.0},
        shared.MEAN_OVER_PIXELS: {"of_pixels": mean_last},
        AVERAGED_CROSS_ENTROPY: {"of_pixels": torch.mean},
        SUMMED_CROSS_ENTROPY: {"of_pixels": torch.sum},
        shared.MEAN_OVER_LATENTS: {"of_latents": mean_last},
        AVERAGED_KL: {"of_latents": lambda kl: kl.sum(-1).mean()},
        SUMMED_KL: {"of_latents": torch.sum},
        PER_PIXEL: {"whole": lambda loss, x: loss / x.shape[-1]},
        ONE_NUMBER: {"whole": lambda loss, x: loss.sum() / x.numel()},
        BATCH_AVERAGED: {"whole": lambda loss, x: loss.mean()},
        shared.OVER_THE_BATCH: {"whole": lambda loss, x: loss.sum()},
        BOTH_AVERAGED: {"of_pixels": mean_last, "of_latents": mean_last, "whole": lambda loss, x: loss.mean()},
        PIXELS_AVERAGED: {"of_pixels": mean_last, "whole": lambda loss, x: loss.mean()},
        TIMES_PIXELS: {"weight": lambda x: x.shape[-1]},
        OVER_PIXELS: {"weight": lambda x: 1 / x.shape[-1]},
        shared.HALF: {"half": 1.0},
        shared.ONE: {"one": 0.0},
        shared.SIGMA_FOR_VARIANCE: {"variance": lambda logvar: (0.5 * logvar).exp()},
        shared.LOGVAR_FOR_VARIANCE: {"variance": itself},
        divergence.LOG_SIGMA: {"log": lambda logvar: 0.5 * logvar},
        divergence.NOT_SQUARED: {"square": itself},
        SIGMA_GIVEN: {"variance": lambda v: (0.5 * v).exp().exp(), "log": lambda v: (0.5 * v).exp()},
        LOG_SIGMA_TAKEN: {"variance": lambda v: (2 * v).exp(), "log": lambda v: 2 * v},
        SIGN_OF_LOG: {"log": torch.neg},
        **pixels.PIXEL_MISTAKES,
    },
)

# ---- the weight of a mean KL beside a mean cross-entropy ----

NO_WEIGHT = Mistake(
    "the weight is 1, as in bce.mean() + kl.mean()",
    "The two means are taken over different numbers of things, so they undo each other only where these are equal.",
    "By what was the cross-entropy divided, and by what the KL?",
)
INVERSE = Mistake(
    "the weight is upside down",
    "The cross-entropy was made smaller by more than the KL: so the KL must be made smaller too, and yours grows.",
    "Which of the two terms was divided by the larger number?",
)
LATENTS_FORGOTTEN = Mistake(
    "the latents are forgotten",
    "1/pixels would be right if the KL were summed over its latents. It is averaged.",
    "What must a mean be multiplied by to become the sum?",
)
PIXELS_FORGOTTEN = Mistake(
    "the pixels are forgotten",
    "Your weight makes a sum of the KL. The cross-entropy beside it is still a mean.",
    "By what must everything be divided so that the first term is a mean over the pixels?",
)
TIMES = Mistake(
    "the KL is made larger by the number of pixels",
    "That would be needed if the KL were the one that is divided by the pixels.",
    "Multiply the whole of bce.mean() + w · kl.mean() by the number of pixels: what does it say then?",
)
ONE_OVER_LATENTS = Mistake(
    "the KL is divided by the latents once more",
    "Its mean was already divided by them.",
    "What must a mean be multiplied by to become the sum?",
)
BOTH_MULTIPLIED = Mistake(
    "pixels and latents are multiplied",
    "The one mean has lost a factor, and so has the other: what counts is how many times more the one has lost.",
    "What is w where there are as many latents as pixels?",
)
DIVIDED_BY_BOTH = Mistake(
    "it is divided by the pixels and by the latents",
    "The mean of the KL was already divided by the latents.",
    "What must a mean be multiplied by to become the sum?",
)
NOTHING = Mistake(
    "the weight is 0, and the KL counts for nothing",
    "In the ELBO each nat of KL costs a nat. (If your line divides with //: that drops the fraction.)",
    "What does your line give for 64 pixels and 2 latents, and what should w be more than?",
)
ONE_SIZE = Mistake(
    "it is right for some sizes only",
    "The weight must follow pixels and latents; a number that suits one model is a hidden β in the next.",
    "Which of its two arguments does your line use?",
)
NOT_ONE = Mistake(
    "the loss is no ELBO: its β is not 1",
    "β is what a nat of KL must earn in nats of reconstruction. In the ELBO that is 1.",
    "Write both means as sums, divided by something. Then multiply the whole by the number of pixels.",
)

# Each weight of a learner, as a function of pixels and latents.
KL_WEIGHT = {
    NO_WEIGHT: lambda pixels, latents: 1.0,
    INVERSE: lambda pixels, latents: pixels / latents,
    LATENTS_FORGOTTEN: lambda pixels, latents: 1 / pixels,
    PIXELS_FORGOTTEN: lambda pixels, latents: latents,
    TIMES: lambda pixels, latents: pixels,
    ONE_OVER_LATENTS: lambda pixels, latents: 1 / latents,
    BOTH_MULTIPLIED: lambda pixels, latents: pixels * latents,
    DIVIDED_BY_BOTH: lambda pixels, latents: 1 / (pixels * latents),
    NOTHING: lambda pixels, latents: 0.0,
}
