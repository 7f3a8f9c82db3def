"""Wrong answers to the level of a data set, the third exercise of notebook 04."""

import torch

from vae_helpers.exercises.mistakes.mistake import Catalogue, Mistake, itself


def _dataset_elbo(bounds, n, scale=lambda n, size: n / size, total=torch.sum, sign=1.0):
    return sign * scale(n, len(bounds)) * total(bounds)


N_FORGOTTEN = Mistake(
    "it is the mean per image: n is forgotten",
    "Asked for is the sum over all n images of the data set. The mean is what the training loops of the course show.",
    "If every image had the bound −1, what would the sum over all n be?",
)
NOT_SCALED = Mistake(
    "the sum over the minibatch is not scaled up",
    "It stands for the few images that are in it; the others are missing.",
    "If every image had the bound −1, what would the sum over all n be? And over the minibatch?",
)
DIVIDED_TWICE = Mistake(
    "it is divided by the size of the minibatch twice",
    "A mean has been divided already, and n/B divides once more.",
    "If every image had the bound −1, what would the sum over all n be? And what is yours?",
)
UPSIDE_DOWN = Mistake(
    "the factor stands upside down",
    "The minibatch is smaller than the data set, so its sum must grow.",
    "Ten images out of 1000: is the factor 100 or a hundredth?",
)
NOT_DIVIDED = Mistake(
    "it is multiplied by n, but not divided by the size of the minibatch",
    "Twice as many images in the minibatch would make your estimate twice as large.",
    "If every image had the bound −1, what would the sum over all n be? And what is yours?",
)
WHOLE_FACTOR = Mistake(
    "the factor is rounded down to a whole number",
    "// and int() drop what is behind the point: 1000 // 7 is 142, not 142.86, and estimates come out too near to 0.",
    "Which of / and // gives 2.5 for 5 and 2?",
)
LOSS_OF_ALL = Mistake(
    "the sign is turned round",
    "That is a loss, to be lowered. The sum of the levels is asked for: bounds below 0 add up to a number below 0.",
    "Two bounds of −1: what is their sum?",
)
NOT_ADDED = Mistake(
    "the images are not added up",
    "One number for each image came; wanted is one for the whole data set.",
    "What does the Σ over the images leave of the axis of images?",
)

DATASET_ELBO = Catalogue(
    _dataset_elbo,
    {
        N_FORGOTTEN: {"scale": lambda n, size: 1 / size},
        NOT_SCALED: {"scale": lambda n, size: 1.0},
        DIVIDED_TWICE: {"scale": lambda n, size: n / size**2},
        UPSIDE_DOWN: {"scale": lambda n, size: size / n},
        NOT_DIVIDED: {"scale": lambda n, size: n},
        WHOLE_FACTOR: {"scale": lambda n, size: n // size},
        LOSS_OF_ALL: {"sign": -1.0},
        NOT_ADDED: {"total": itself},
    },
)
