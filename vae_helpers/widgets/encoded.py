"""What a model says of one image: numbers, a sentence and a picture, over the cloud of a LatentPad."""

import torch
from jaxtyping import Float
from torch import Tensor

from vae_helpers.figures import drawing as pictures
from vae_helpers.figures import words
from vae_helpers.figures.picture import Picture, still
from vae_helpers.learning.models import AE
from vae_helpers.maths import threads
from vae_helpers.widgets.latent_pad import LatentPad


@threads.limited()
@torch.no_grad()
def posterior(
    pad: LatentPad, image: Float[Tensor, " pixels"]
) -> tuple[Float[Tensor, " latent"], Float[Tensor, " latent"] | None]:
    """mu and sigma of q(z|x) for x = `image`; of an autoencoder the code and None."""
    said = pad.network.encode(image.to(pad.network.decoder[0].weight.dtype))
    return (said, None) if isinstance(pad.network, AE) else (said[0], (said[1] / 2).exp())


def says(pad: LatentPad, subject: str, image: Float[Tensor, " pixels"]) -> str:
    """Where `image` is encoded and what is near, with the numbers of the latents shown."""
    mu, sigma = posterior(pad, image)
    place, spread = (
        None if part is None else ", ".join(words.number(part[axis].item(), digits) for axis in pad.axes)
        for part, digits in ((mu, 2), (sigma, 3))
    )
    where = f"the code ({place})" if spread is None else f"μ = ({place}), σ = ({spread})"
    shown = "" if pad.latents == 2 else f" (two of {pad.latents} latents)"
    return f"{subject} is encoded at {where}{shown}; the nearest 5 codes show {', '.join(pad.classes_near(mu))}."


@threads.limited()
@torch.no_grad()
def picture(pad: LatentPad, image: Float[Tensor, " pixels"], subject: str) -> Picture:
    """`image`, its place on the plane, its reconstruction, and the nearest five as decoded from their codes."""
    (mu, sigma), decode = posterior(pad, image), pad.network.decode
    plane = {"mu": pad.cloud[:, pad.axes], "labels": pad.labels, "reach": pad.reach, "prior": pad._prior}
    return pictures.encoded(
        image, tuple(pad._shape), plane | {"shown": tuple(pad.axes)},
        mu[pad.axes], None if sigma is None else sigma[pad.axes],
        decode(mu).sigmoid(), decode(pad.cloud[pad.nearest_to(mu)].to(mu.dtype)).sigmoid(), says(pad, subject, image),
    )  # fmt: skip


def with_still(bundle: dict, pad: LatentPad, image: Float[Tensor, " pixels"], subject: str) -> tuple[dict, dict]:
    """A mime bundle and its metadata, with `picture` for where nothing runs."""
    shown, hint = picture(pad, image, subject), "Run this cell to draw."
    bundle = bundle | {"image/png": still(shown.png, hint, shown.says)}
    return bundle, {"image/png": {"alt": f"{shown.says} {hint}", "width": shown.width}}
