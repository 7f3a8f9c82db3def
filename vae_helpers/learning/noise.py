"""How much luck is in the gradient that an encoder learns from, when each image gets one ε."""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from vae_helpers.learning import arguments
from vae_helpers.learning.models import VAE
from vae_helpers.maths import bounds, gaussian, likelihood, threads


class Noise(NamedTuple):
    """Variances of the gradient of one image's ELBO by its μ, from one ε; in nats² per unit² of μ, means over latents.

    `luck`: between draws of ε, for one and the same image, along the path z = μ + σε. `between`: between the images'
    exact gradients. `votes`: luck with the score function in place of the path; `votes_with_baseline`: with the
    image's own mean of log p(x|z) taken off.
    """

    luck: float
    between: float
    votes: float
    votes_with_baseline: float


@threads.limited()
def of_encoder(model: VAE, images: Float[Tensor, "n pixels"], generator: torch.Generator, rolls: int = 100) -> Noise:
    """The four variances, measured over `images` (pixels 0 or 1) with `rolls` draws of ε for each of them.

    The price D_KL is in closed form and has no luck. Raises TypeError and ValueError for its arguments.
    """
    call = "noise.of_encoder(model, images, generator, rolls)"
    arguments.images(call, "images", images, model.config["pixels"])
    arguments.whole(call, "rolls", rolls, least=2)
    if len(images) < 2:
        raise ValueError(f"{call}: got {len(images)} image; it takes at least 2 to see how they differ")
    mu, logvar = (value.detach().requires_grad_() for value in model.encode(images))
    # Tensors that are filled: what outlives a roll would lie between the rolls, and split the memory.
    pulled, scores = torch.empty(2, rolls, *mu.shape, dtype=torch.float64)
    value = torch.empty(rolls, len(images), dtype=torch.float64)
    for roll in range(rolls):
        eps = torch.randn(mu.shape, generator=generator)
        explained = likelihood.bernoulli(images, model.decode(gaussian.reparameterize(mu, logvar, eps)))
        pulled[roll] = torch.autograd.grad(bounds.elbo(explained, mu, logvar).total.sum(), mu)[0]
        scores[roll] = (eps * torch.exp(-0.5 * logvar)).detach()  # the score ε/σ
        value[roll] = explained.detach()
    luck = pulled.var(0).mean()
    return Noise(
        luck.item(),
        # The means over `rolls` draws still have that part of the luck; it is taken off.
        (pulled.mean(0).var(0).mean() - luck / rolls).item(),
        (value[..., None] * scores).var(0).mean().item(),
        # With the factor it is the mean of the other draws that is taken off: unbiased.
        ((value - value.mean(0))[..., None] * scores * rolls / (rolls - 1)).var(0).mean().item(),
    )
