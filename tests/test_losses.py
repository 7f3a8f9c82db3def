"""The hidden β of common losses, against what can be read from their formulas and from the ELBO itself."""

import math

import pytest
import torch
from torch import distributions

from tests.tools import refused
from vae_helpers.maths import losses

B, D, LATENT = 12, 20, 3
GIVEN = losses.example(B, D, LATENT)

READ = {  # REFERENCES: a·BCE_sum + b·KL_sum: b/a
    "(bce.sum() + kl.sum()) / batch": 1,
    "bce.sum() + kl.sum()": 1,
    "bce.sum() + 4 * kl.sum()": 4,
    "bce.mean() + kl.sum(1).mean()": D,
    "bce.mean() + kl.mean()": D / LATENT,
    "bce.sum() + kl.sum(1).mean()": 1 / B,
    "bce.mean() + kl.sum() / (batch * pixels)": 1,
}
NOISE = {  # a·SSE + b·KL: σ² = b/2a
    "0.5 * se.sum(1).mean() + kl.sum(1).mean()": 1,
    "se.sum(1).mean() + kl.sum(1).mean()": 0.5,
    "se.mean() + kl.sum(1).mean()": D / 2,
}


def test_every_loss_has_its_beta_or_its_variance():
    assert {code: losses.beta(loss, *GIVEN) for code, loss in losses.CROSS_ENTROPY.items()} == pytest.approx(READ)
    assert {code: losses.variance(loss, *GIVEN) for code, loss in losses.SQUARED_ERROR.items()} == pytest.approx(NOISE)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_answer_does_not_depend_on_the_example(seed):
    for code, loss in losses.CROSS_ENTROPY.items():
        assert losses.beta(loss, *losses.example(B, D, LATENT, seed)) == pytest.approx(READ[code])


def price(mu, logvar):
    q = distributions.Normal(mu, (0.5 * logvar).exp())
    return distributions.kl_divergence(q, distributions.Normal(0.0, 1.0)).sum(1)


@pytest.mark.parametrize("code", list(READ))
def test_the_loss_is_minus_the_beta_elbo_times_a_number(code):
    x, logits, mu, logvar = GIVEN
    reconstruction = distributions.Bernoulli(logits=logits).log_prob(x).sum(1)
    objective = (reconstruction - READ[code] * price(mu, logvar)).mean()
    scale = losses.CROSS_ENTROPY[code](*GIVEN) / -objective
    # the same scale must fit a second decoder
    other = torch.zeros_like(logits)
    second = (distributions.Bernoulli(logits=other).log_prob(x).sum(1) - READ[code] * price(mu, logvar)).mean()
    assert losses.CROSS_ENTROPY[code](x, other, mu, logvar).item() == pytest.approx(-(scale * second).item())
    assert scale > 0


@pytest.mark.parametrize("code", list(NOISE))
def test_squared_error_is_a_gaussian_elbo_but_for_a_constant(code):
    lost = []
    for seed in range(4):
        x, logits, mu, logvar = losses.example(B, D, LATENT, seed)
        pixels = distributions.Normal(logits.sigmoid(), math.sqrt(NOISE[code]))
        elbo = (pixels.log_prob(x).sum(1) - price(mu, logvar)).mean()
        lost.append((losses.SQUARED_ERROR[code](x, logits, mu, logvar) + elbo).item())
    assert lost == pytest.approx([-0.5 * D * math.log(2 * math.pi * NOISE[code])] * 4)


def test_bad_input_is_refused():
    x, logits, mu, logvar = GIVEN
    loss = losses.CROSS_ENTROPY["bce.mean() + kl.mean()"]
    with refused(ValueError, "losses.rates", "x [12, 20], logits [12, 19]"):
        losses.beta(loss, x, logits[:, 1:], mu, logvar)
    with refused(ValueError, "losses.rates", "mu", "NaN"):
        losses.beta(loss, x, logits, mu * torch.nan, logvar)
