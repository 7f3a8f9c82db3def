"""Train the models that come with the course: `make weights`, or `python -m vae_helpers.learning.make_weights NAME …`.

On the processor where they were made, a second run gives the same files, bit for bit. The digits take a minute; MNIST,
with 5000 importance samples for each of its 10 000 test images, an hour on one core.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from vae_helpers.learning import data, manifest, recording, training, weights
from vae_helpers.learning.models import AE, VAE

COMMAND = "python -m vae_helpers.learning.make_weights"
SEED = 0
BATCH, LEARNING_RATE = 128, 2e-3
CODES = 80_000  # numbers of a cloud: all 10 000 test images on a plane, 4000 of them in 20 latents
KEEP = (0, 1, 2, 3, 5, 8, 12, 20, 32, 50, 75, 100)  # half as many again each time: a plane unfolds early


class Recipe(NamedTuple):
    """How a model is built and trained. `falling`: its learning rate falls along a cosine; `keep`: epochs recorded."""

    model: type[VAE] | type[AE]
    data: str
    latent: int
    hidden: int | Sequence[int]
    epochs: int
    falling: bool
    keep: Sequence[int] = ()


RECIPES = {
    "digits-2d": Recipe(VAE, "digits", latent=2, hidden=128, epochs=600, falling=False),
    "digits-2d-ae": Recipe(AE, "digits", latent=2, hidden=128, epochs=600, falling=False),
    "mnist-2d": Recipe(VAE, "mnist", latent=2, hidden=[350, 200], epochs=100, falling=True, keep=KEEP),
    "mnist-2d-ae": Recipe(AE, "mnist", latent=2, hidden=[350, 200], epochs=100, falling=True),
    "mnist-20d": Recipe(VAE, "mnist", latent=20, hidden=[400, 400], epochs=100, falling=True),
}


def make(name: str, folder: Path = manifest.FOLDER, epochs: int | None = None, k: int = 5000) -> Path:
    """Train the model called `name` and store it in `folder`, with the codes of its test images, and with a recording
    of its run where the recipe keeps epochs. A twin AE gets the images of its VAE in the same order, with the same
    coins for their pixels.

    `epochs` and `k` importance samples are for tests. Raises KeyError (no such recipe) and what `data.load` raises.
    """
    recipe = RECIPES[name]
    dataset, epochs = data.load(recipe.data), epochs or recipe.epochs
    model = recipe.model(dataset.pixels, latent=recipe.latent, hidden=recipe.hidden, seed=SEED)
    rate = training.cosine(epochs, LEARNING_RATE) if recipe.falling else LEARNING_RATE
    images, keep = dataset.train.images, recipe.keep
    history = training.fit(model, images, epochs, batch_size=BATCH, learning_rate=rate, seed=SEED, keep=keep)
    command = f"{COMMAND} {name}"
    path = weights.save(model, name, dataset, command=command, seed=SEED, epochs=epochs, k=k, folder=folder)
    weights.save_cloud(name, dataset, command=command, most=CODES // recipe.latent, folder=folder)
    if recipe.keep:
        run = recording.of(history, dataset)
        recording.save(run, name, dataset, command=command, seed=SEED, folder=folder)
    return path


if __name__ == "__main__":
    for name in sys.argv[1:] or RECIPES:
        print(f"wrote {make(name)}", flush=True)
