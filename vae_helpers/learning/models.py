"""The variational autoencoder and its twin: two networks with a plane, or a space, of latents between them.

`VAE` is a model of the distribution: an encoder q_φ(z|x), a decoder p_θ(x|z), and the prior N(0, I). `AE` has the same
layers and no prior. Both are called alike: `encode`, `decode`, `codes`, and `objective`, which `training.fit` climbs.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from vae_helpers.learning import arguments
from vae_helpers.maths import bounds, checks, gaussian, likelihood


class Reconstruction(NamedTuple):
    """What an autoencoder climbs, of shape [batch], in nats: log p(x | its code), and no bound on anything."""

    reconstruction: Tensor


class _Networks(nn.Module):
    """pixels → hidden → `per_latent` numbers a latent, and z → hidden → logits of p_θ(x|z); `seed` alone decides them.

    `hidden` is the size of the hidden layer, or a list of sizes, from the pixels' side. The activation is SiLU,
    h·sigmoid(h): smooth, so that integrals over z converge fast. The caller's random numbers stay as they were.
    Raises TypeError and ValueError for sizes below 1.
    """

    per_latent: int

    def __init__(self, pixels: int, latent: int, hidden: int | Sequence[int] = 128, seed: int = 0):
        call = f"{self.kind()}(pixels, latent, hidden, seed)"
        layers = list(hidden) if isinstance(hidden, list | tuple) else [hidden]
        for name, sizes in {"pixels": [pixels], "latent": [latent], "hidden": layers or [0]}.items():
            for size in sizes:
                arguments.whole(call, name, size, least=1)
        arguments.whole(call, "seed", seed, least=0)
        self.config = {"pixels": pixels, "latent": latent, "hidden": layers if len(layers) > 1 else layers[0]}
        super().__init__()
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(seed)
            self.encoder = _layers(pixels, *layers, self.per_latent * latent)
            self.decoder = _layers(latent, *reversed(layers), pixels)

    @classmethod
    def kind(cls) -> str:
        """`VAE` or `AE`."""
        return cls.__name__

    def decode(self, z: Float[Tensor, "*batch latent"]) -> Float[Tensor, "*batch pixels"]:
        """The logits of p_θ(x|z): a pixel is ink with probability sigmoid(logit). Raises TypeError and ValueError."""
        self._check("decode(z)", "z", z, "latent")
        return _through(self.decoder, z)

    def _check(self, call: str, name: str, value: Tensor, axis: str) -> None:
        checks.tensors(f"{self.kind()}.{call}", **{name: value})
        weights = self.decoder[0].weight
        if value.shape[-1:] != (self.config[axis],):
            raise ValueError(
                f"{self.kind()}.{call}: {name} has shape {list(value.shape)}; its last axis must hold the "
                f"{self.config[axis]} {axis} of this model: [batch, {self.config[axis]}]"
            )
        if value.dtype != weights.dtype:
            raise TypeError(
                f"{self.kind()}.{call}: {name} is {checks.describe(value)}, the model's weights are "
                f"{checks.describe(weights).split()[0]}; convert one of them, as in {name}.to(torch.float32)"
            )

    def __repr__(self) -> str:
        pixels, latent, hidden = self.config.values()
        layers = hidden if isinstance(hidden, list) else [hidden]
        codes = f"{self.per_latent} × {latent}" if self.per_latent > 1 else latent
        encoder, decoder = (
            " → ".join(map(str, sizes)) for sizes in ([pixels, *layers, codes], [latent, *layers[::-1], pixels])
        )
        return f"{self.kind()}: encoder {encoder}, decoder {decoder}"


def _layers(*sizes: int) -> nn.Sequential:
    """Linear maps from each size to the next, with SiLU between them."""
    layers = [layer for pair in pairwise(sizes) for layer in (nn.Linear(*pair), nn.SiLU())]
    return nn.Sequential(*layers[:-1])


def _through(layers: nn.Sequential, x: Tensor) -> Tensor:
    """`layers(x)` in the type of x: in `fit`'s bfloat16 the layers alone are rough, not the sums over their results."""
    return layers(x).to(x.dtype)


class VAE(_Networks):
    """One hidden layer each way: pixels → hidden → (μ, log σ²) of q_φ(z|x), and z → hidden → logits of p_θ(x|z).

    `hidden` may also be a list of sizes, from the pixels' side. The activation is SiLU, h·sigmoid(h): smooth, so that
    integrals over z converge fast. `seed` alone decides the first weights, and the caller's random numbers stay as they
    were. Raises TypeError and ValueError for sizes below 1.
    Source: Kingma & Welling (2014), arXiv 1312.6114, appendix C (there with tanh).
    """

    per_latent = 2  # μ and log σ²

    def encode(
        self, x: Float[Tensor, "*batch pixels"]
    ) -> tuple[Float[Tensor, "*batch latent"], Float[Tensor, "*batch latent"]]:
        """mu, logvar of q_φ(z|x) = N(μ, σ²), with logvar = log σ². Raises TypeError and ValueError."""
        self._check("encode(x)", "x", x, "pixels")
        mu, logvar = _through(self.encoder, x).chunk(2, dim=-1)
        return mu, logvar

    def codes(self, x: Float[Tensor, "*batch pixels"]) -> Float[Tensor, "*batch latent"]:
        """One point for each x: the mean μ of q_φ(z|x)."""
        return self.encode(x)[0]

    def elbo(self, x: Float[Tensor, "*batch pixels"], eps: Float[Tensor, "*batch latent"]) -> bounds.Bound:
        """The ELBO of each x and its two terms, in nats, from one z = μ + σ ⊙ ε an image. x is 0 or 1; ε ~ N(0, I)."""
        mu, logvar = self.encode(x)
        z = gaussian.reparameterize(mu, logvar, eps)
        logits = self.decode(z)
        return bounds.elbo(likelihood.bernoulli(x, logits), mu, logvar)

    def objective(self, x: Float[Tensor, "*batch pixels"], eps: Float[Tensor, "*batch latent"]) -> bounds.Bound:
        """What training climbs: the ELBO."""
        return self.elbo(x, eps)


class AE(_Networks):
    """An autoencoder with the layers of `VAE`: x → hidden → code z → hidden → logits. No prior, no noise, no KL.

    It is trained to reconstruct and has no ELBO: what it reaches is log p(x | code of x), which bounds nothing.
    Raises TypeError and ValueError for sizes below 1. Source: Hinton & Salakhutdinov (2006), Science 313.
    """

    per_latent = 1

    def encode(self, x: Float[Tensor, "*batch pixels"]) -> Float[Tensor, "*batch latent"]:
        """The code z of each x: a point, where a VAE gives a Gaussian. Raises TypeError and ValueError."""
        self._check("encode(x)", "x", x, "pixels")
        return _through(self.encoder, x)

    def codes(self, x: Float[Tensor, "*batch pixels"]) -> Float[Tensor, "*batch latent"]:
        """One point for each x: `encode(x)` itself."""
        return self.encode(x)

    def objective(
        self, x: Float[Tensor, "*batch pixels"], eps: Float[Tensor, "*batch latent"] | None = None
    ) -> Reconstruction:
        """What training climbs: log p(x | z) at the code z of x, in nats. `eps`, a VAE's noise, is not used."""
        return Reconstruction(likelihood.bernoulli(x, self.decode(self.encode(x))))


# name → class, as the manifest writes it.
KINDS = {model.kind(): model for model in (VAE, AE)}
