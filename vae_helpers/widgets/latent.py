"""Two maps of a trained model's plane of latents; to walk on it there is `latent_pad`."""

import torch

from vae_helpers.figures import latent as pictures
from vae_helpers.figures.picture import Picture
from vae_helpers.learning.data import Dataset
from vae_helpers.learning.models import AE, VAE
from vae_helpers.maths import plane, threads


@threads.limited()
@torch.no_grad()
def atlas(model: VAE | AE, dataset: Dataset, columns: int = 15, reach: float = 2.5) -> Picture:
    """Two maps of one plane: the encoded test images, and what the decoder draws at `columns`² points of it.

    The encoder is shown the grey images themselves. Raises ValueError where the latents are no plane, and for images of
    another size than the model draws.
    """
    _fits(model, dataset)
    codes = model.codes(dataset.test.images)
    edges = torch.linspace(-reach, reach, columns + 1)
    middles = (edges[1:] + edges[:-1]) / 2
    decoded = model.decode(plane.places(middles)).sigmoid()
    return pictures.atlas(codes, dataset.test.labels, decoded, dataset.shape, reach, isinstance(model, VAE))


def _fits(model: VAE | AE, dataset: Dataset) -> None:
    latent, pixels = model.config["latent"], model.config["pixels"]
    if latent != 2:
        raise ValueError(
            f"latent.atlas(model, dataset): the model has {latent} latents and a plane has 2; "
            f"build it with {model.kind()}(…, latent=2)"
        )
    if pixels != dataset.pixels:
        raise ValueError(
            f"latent.atlas(model, dataset): {dataset.name} has images of {dataset.pixels} pixels, "
            f"and the model draws {pixels}; take the data set that it was trained on"
        )
