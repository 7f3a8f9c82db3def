"""Train the models that come with the course: `make weights`, or `python -m vae_helpers.learning.make_weights`.

On the processor where they were made, a second run gives the same files, bit for bit.
"""

from pathlib import Path

from vae_helpers.learning import data, manifest, training, weights
from vae_helpers.learning.models import VAE

COMMAND = "python -m vae_helpers.learning.make_weights"
SEED = 0


def digits_2d(folder: Path = manifest.FOLDER, epochs: int = 600) -> Path:
    """A VAE with a plane of latents, trained on `digits` for 10 s; in `folder`, as weights.save does."""
    digits = data.load("digits")
    model = VAE(digits.pixels, latent=2, seed=SEED)
    training.fit(model, digits.train.images, epochs, batch_size=128, learning_rate=2e-3, seed=SEED)
    return weights.save(model, "digits-2d", digits, COMMAND, SEED, folder)


if __name__ == "__main__":
    print(f"wrote {digits_2d()}")
