"""Explore a trained model's plane of latents: two sliders say z, the decoder answers."""

import torch

from vae_helpers.figures import latent as pictures
from vae_helpers.figures.picture import Picture
from vae_helpers.learning.data import Dataset
from vae_helpers.learning.models import AE, VAE
from vae_helpers.maths import threads
from vae_helpers.widgets.explorer import Explorer, slider


@threads.limited()
@torch.no_grad()
def explore(model: VAE | AE, dataset: Dataset, reach: float = 3.0) -> Explorer:
    """The test images on the plane, as the means of q_φ(z|x), and the mean image of p_θ(x|z) where the sliders say.

    Of an autoencoder: its codes. The encoder is shown the grey images themselves. Raises ValueError where the latents
    are no plane, and for images of another size than the model draws.
    """
    _fits("explore", model, dataset)
    codes = model.codes(dataset.test.images)

    @torch.no_grad()
    def derive(z1: float, z2: float) -> dict:
        return {"z": (z1, z2), "image": model.decode(torch.tensor([z1, z2])).sigmoid()}

    scene = pictures.plane(codes, dataset.test.labels, dataset.shape, reach, isinstance(model, VAE))
    return Explorer(
        scene,
        derive,
        z1=slider("latent z₁", 0.0, -reach, reach, 0.05),
        z2=slider("latent z₂", 0.0, -reach, reach, 0.05),
    )


@threads.limited()
@torch.no_grad()
def atlas(model: VAE | AE, dataset: Dataset, columns: int = 15, reach: float = 2.5) -> Picture:
    """Two maps of one plane: the encoded test images, and what the decoder draws at `columns`² points of it."""
    _fits("atlas", model, dataset)
    codes = model.codes(dataset.test.images)
    edges = torch.linspace(-reach, reach, columns + 1)
    middles = (edges[1:] + edges[:-1]) / 2
    z2, z1 = torch.meshgrid(middles.flip(0), middles, indexing="ij")  # z₂ upwards, z₁ to the right
    decoded = model.decode(torch.stack([z1, z2], dim=-1).reshape(-1, 2)).sigmoid()
    return pictures.atlas(codes, dataset.test.labels, decoded, dataset.shape, reach, isinstance(model, VAE))


def _fits(call: str, model: VAE | AE, dataset: Dataset) -> None:
    latent, pixels = model.config["latent"], model.config["pixels"]
    if latent != 2:
        raise ValueError(
            f"latent.{call}(model, dataset): the model has {latent} latents and a plane has 2; "
            f"build it with {model.kind()}(…, latent=2)"
        )
    if pixels != dataset.pixels:
        raise ValueError(
            f"latent.{call}(model, dataset): {dataset.name} has images of {dataset.pixels} pixels, "
            f"and the model draws {pixels}; take the data set that it was trained on"
        )
