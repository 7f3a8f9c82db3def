"""learning.noise: the luck in an encoder's gradient, against a model whose gradients are known."""

import math

import pytest
import torch

from tests.tools import refused, seeded
from vae_helpers.learning import data, noise
from vae_helpers.learning.models import VAE

IMAGES = torch.bernoulli(data.load("digits").train.images[:20], generator=seeded())


def a_model(slope, sigma):
    """One pixel, one latent: logits slope · SiLU′s line, μ = 0 for every image, σ given; the last layers do it all."""
    model = VAE(1, latent=1, hidden=2)
    with torch.no_grad():
        for layer in (model.encoder[0], model.encoder[2], model.decoder[0], model.decoder[2]):
            layer.weight.zero_()
            layer.bias.zero_()
        model.encoder[2].bias[1] = 2 * math.log(sigma)
        model.decoder[0].weight[:, 0] = torch.tensor([1.0, -1.0])
        model.decoder[2].weight[0] = slope * torch.tensor([1.0, -1.0])  # SiLU(z) − SiLU(−z) = z: the logit is slope · z
    return model


def test_a_model_with_known_gradients():
    """x = 1 and x = 0: d log p(x|z)/dz = slope (x − sigmoid(slope z)), whose luck is that of the sigmoid alone."""
    slope, sigma = 2.0, 0.5
    found = noise.of_encoder(a_model(slope, sigma), torch.tensor([[0.0], [1.0]]).repeat(1000, 1), seeded(), rolls=100)
    eps = torch.randn(1_000_000, generator=seeded(1), dtype=torch.float64)
    ink = torch.sigmoid(slope * sigma * eps)
    assert found.luck == pytest.approx(slope**2 * ink.var().item(), rel=0.05)
    assert found.between == pytest.approx(slope**2 / 4, rel=0.02)  # half of them lie one slope away from the others
    votes = [value * eps / sigma for value in (ink.log(), (1 - ink).log())]
    assert found.votes == pytest.approx(sum(vote.var().item() for vote in votes) / 2, rel=0.05)
    centred = [(value - value.mean()) * eps / sigma for value in (ink.log(), (1 - ink).log())]
    assert found.votes_with_baseline == pytest.approx(sum(vote.var().item() for vote in centred) / 2, rel=0.05)


def test_the_same_seed_gives_the_same_and_the_model_is_left_alone():
    model = VAE(64, latent=2)
    before = [weight.clone() for weight in model.parameters()]
    assert noise.of_encoder(model, IMAGES, seeded(), 5) == noise.of_encoder(model, IMAGES, seeded(), 5)
    assert all(torch.equal(old, new) for old, new in zip(before, model.parameters(), strict=True))
    assert all(weight.grad is None for weight in model.parameters())


def test_bad_input_is_refused():
    model = VAE(64, latent=2)
    with refused(ValueError, "noise.of_encoder", "shape [20, 63]"):
        noise.of_encoder(model, IMAGES[:, 1:], seeded())
    with refused(ValueError, "noise.of_encoder", "rolls = 1", "at least 2"):
        noise.of_encoder(model, IMAGES, seeded(), rolls=1)
    with refused(ValueError, "noise.of_encoder", "1 image", "at least 2"):
        noise.of_encoder(model, IMAGES[:1], seeded())
