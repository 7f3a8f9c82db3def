"""Trained models where the best that training could reach is known: by a closed form, or by quadrature."""

import math

import pytest
import torch
from torch import nn
from torch.distributions import MultivariateNormal

from tests.tools import seeded
from vae_helpers.learning import evaluation, training
from vae_helpers.learning.models import VAE
from vae_helpers.maths import bounds, gaussian, likelihood


class LinearVAE(nn.Module):
    """Linear both ways, with a Gaussian likelihood of learned σ: probabilistic PCA, if it is trained well."""

    def __init__(self, pixels, latent):
        super().__init__()
        torch.manual_seed(0)
        self.encoder, self.decoder = nn.Linear(pixels, latent), nn.Linear(latent, pixels)
        self.logvar, self.log_sigma = nn.Parameter(torch.zeros(latent)), nn.Parameter(torch.zeros(()))

    def elbo(self, x, eps):
        mu, logvar = self.encoder(x), self.logvar.expand(len(x), -1)
        z = gaussian.reparameterize(mu, logvar, eps)
        return bounds.elbo(likelihood.gaussian(x, self.decoder(z), self.log_sigma.exp()), mu, logvar)

    def marginal(self):
        """p(x) = N(x; b, A Aᵀ + σ² I)."""
        weight, variance = self.decoder.weight, (2 * self.log_sigma).exp()
        return MultivariateNormal(self.decoder.bias, weight @ weight.T + variance * torch.eye(len(weight)))


@pytest.fixture(scope="module")
def ppca():
    """Data, the two largest and the mean of the other eigenvalues of their covariance, and a trained linear VAE."""
    chance = seeded(1)
    x = torch.randn(2000, 2, generator=chance) * torch.tensor([2.0, 1.2]) @ torch.randn(2, 6, generator=chance)
    x = x + 0.5 * torch.randn(2000, 6, generator=chance) + 1
    model = LinearVAE(6, 2)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02, fused=True)
    decay = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 1500)
    for _ in range(1500):
        optimizer.zero_grad()
        (-model.elbo(x, torch.randn(2000, 2, generator=chance)).total.mean()).backward()
        optimizer.step()
        decay.step()
    return x, model.requires_grad_(False)


def test_a_linear_vae_reaches_the_likelihood_of_probabilistic_pca(ppca):
    """max log p = −½ [D log 2π + Σ log λᵢ + (D − d) log σ² + D], σ² the mean of the eigenvalues left out.

    Source: Tipping & Bishop (1999), eq. 7 and 8; Lucas et al. (2019), arXiv 1911.02469.
    """
    x, model = ppca
    values = torch.linalg.eigvalsh(x.T.cov(correction=0)).flip(0)
    best = -0.5 * (6 * math.log(2 * math.pi) + values[:2].log().sum() + 4 * values[2:].mean().log() + 6)
    assert best - 0.05 < model.marginal().log_prob(x).mean() <= best + 1e-4
    assert model.log_sigma.exp().square() == pytest.approx(values[2:].mean().item(), rel=0.03)


def test_it_finds_the_subspace_and_its_bound_closes(ppca):
    x, model = ppca
    _, vectors = torch.linalg.eigh(x.T.cov())
    found, _ = torch.linalg.qr(model.decoder.weight)
    cosines = torch.linalg.svdvals(found.T @ vectors[:, -2:])
    eps = torch.randn(100, 2000, 2, generator=seeded(2))
    bound = torch.stack([model.elbo(x, each).total.mean() for each in eps]).mean()
    assert cosines.min() > 0.999  # of the angles between the two planes
    assert model.marginal().log_prob(x).mean() - bound == pytest.approx(
        0, abs=0.05
    )  # its posterior is a bell with that one σ


def test_fit_brings_the_bells_of_a_small_world_to_the_best_that_quadrature_finds():
    """Four pictures of two pixels: the encoder is a table, so that nothing but training keeps it from the best bell."""
    pictures = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    counts = torch.tensor([50, 10, 10, 30])
    world = pictures.repeat_interleave(counts, dim=0)
    model = VAE(2, latent=2, hidden=32, seed=0)
    epochs = 250
    training.fit(model, world, epochs, batch_size=50, learning_rate=training.cosine(epochs, 0.01))
    shares = (counts / counts.sum()).tolist()
    gaps = [evaluation.gap(model, picture) for picture in pictures]
    best = sum(share * math.log(share) for share in shares)  # no model of these pictures gives them more
    assert best - 0.02 < sum(share * gap.log_evidence for share, gap in zip(shares, gaps, strict=True)) < best
    assert best - 0.03 < sum(share * gap.reached for share, gap in zip(shares, gaps, strict=True)) < best
    assert all(0 <= gap.amortization < 0.02 for gap in gaps)
