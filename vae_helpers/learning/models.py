"""The variational autoencoder: an encoder q_φ(z|x), a decoder p_θ(x|z), and the prior N(0, I) between them."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from vae_helpers.learning import arguments
from vae_helpers.maths import bounds, checks, gaussian, likelihood


class VAE(nn.Module):
    """One hidden layer each way: pixels → hidden → (μ, log σ²) of q_φ(z|x), and z → hidden → logits of p_θ(x|z).

    The activation is SiLU, h·sigmoid(h): smooth, so that integrals over z converge fast. `seed` alone decides the first
    weights, and the caller's random numbers stay as they were. Raises TypeError and ValueError for sizes below 1.
    Source: Kingma & Welling (2014), arXiv 1312.6114, appendix C (there with tanh).
    """

    def __init__(self, pixels: int, latent: int, hidden: int = 128, seed: int = 0):
        call = "VAE(pixels, latent, hidden, seed)"
        self.config = {"pixels": pixels, "latent": latent, "hidden": hidden}
        for name, size in self.config.items():
            arguments.whole(call, name, size, least=1)
        arguments.whole(call, "seed", seed, least=0)
        super().__init__()
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(seed)
            self.encoder = nn.Sequential(nn.Linear(pixels, hidden), nn.SiLU(), nn.Linear(hidden, 2 * latent))
            self.decoder = nn.Sequential(nn.Linear(latent, hidden), nn.SiLU(), nn.Linear(hidden, pixels))

    def encode(
        self, x: Float[Tensor, "*batch pixels"]
    ) -> tuple[Float[Tensor, "*batch latent"], Float[Tensor, "*batch latent"]]:
        """mu, logvar of q_φ(z|x) = N(μ, σ²), with logvar = log σ². Raises TypeError and ValueError."""
        self._check("encode(x)", "x", x, "pixels")
        mu, logvar = self.encoder(x).chunk(2, dim=-1)
        return mu, logvar

    def decode(self, z: Float[Tensor, "*batch latent"]) -> Float[Tensor, "*batch pixels"]:
        """The logits of p_θ(x|z): a pixel is ink with probability sigmoid(logit). Raises TypeError and ValueError."""
        self._check("decode(z)", "z", z, "latent")
        return self.decoder(z)

    def elbo(self, x: Float[Tensor, "*batch pixels"], eps: Float[Tensor, "*batch latent"]) -> bounds.Bound:
        """The ELBO of each x and its two terms, in nats, from one z = μ + σ ⊙ ε an image. x is 0 or 1; ε ~ N(0, I)."""
        mu, logvar = self.encode(x)
        z = gaussian.reparameterize(mu, logvar, eps)
        logits = self.decode(z)
        return bounds.elbo(likelihood.bernoulli(x, logits), mu, logvar)

    def _check(self, call: str, name: str, value: Tensor, axis: str) -> None:
        checks.tensors(f"VAE.{call}", **{name: value})
        weights = self.decoder[0].weight
        if value.shape[-1:] != (self.config[axis],):
            raise ValueError(
                f"VAE.{call}: {name} has shape {list(value.shape)}; its last axis must hold the {self.config[axis]} "
                f"{axis} of this model: [batch, {self.config[axis]}]"
            )
        if value.dtype != weights.dtype:
            raise TypeError(
                f"VAE.{call}: {name} is {checks.describe(value)}, the model's weights are "
                f"{checks.describe(weights).split()[0]}; convert one of them, as in {name}.to(torch.float32)"
            )

    def __repr__(self) -> str:
        pixels, latent, hidden = self.config.values()
        return f"VAE: encoder {pixels} → {hidden} → 2 × {latent}, decoder {latent} → {hidden} → {pixels}"
