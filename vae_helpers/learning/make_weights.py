"""Train the models that come with the course: `make weights`, or `python -m vae_helpers.learning.make_weights`.

On the processor where they were made, a second run gives the same files, bit for bit.
"""

from pathlib import Path

from vae_helpers.learning import data, manifest, training, weights
from vae_helpers.learning.models import AE, VAE

COMMAND = "python -m vae_helpers.learning.make_weights"
SEED = 0


def digits_2d(folder: Path = manifest.FOLDER, epochs: int = 600) -> Path:
    """A VAE with a plane of latents, trained on `digits` for 10 s; in `folder`, as weights.save does."""
    return _digits(VAE, "digits-2d", folder, epochs)


def digits_ae_2d(folder: Path = manifest.FOLDER, epochs: int = 600) -> Path:
    """Its twin, an AE of the same size, on the same images, in the same order, with the same coins for their pixels."""
    return _digits(AE, "digits-ae-2d", folder, epochs)


def _digits(model_class: type[VAE] | type[AE], name: str, folder: Path, epochs: int) -> Path:
    digits = data.load("digits")
    model = model_class(digits.pixels, latent=2, seed=SEED)
    training.fit(model, digits.train.images, epochs, batch_size=128, learning_rate=2e-3, seed=SEED)
    return weights.save(model, name, digits, COMMAND, SEED, folder)


if __name__ == "__main__":
    for recipe in (digits_2d, digits_ae_2d):
        print(f"wrote {recipe()}")
