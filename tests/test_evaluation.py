import math

import pytest
import torch
from torch import distributions

from tests.tools import refused, seeded
from vae_helpers.learning import evaluation
from vae_helpers.learning.models import VAE

MODEL = VAE(6, latent=2, hidden=4, seed=1).eval()
IMAGES = torch.rand(40, 6, generator=seeded(0))


def test_the_figures_are_those_of_torch_distributions_on_the_same_draws():
    generator = seeded(7)
    x = torch.bernoulli(IMAGES, generator=generator)
    mu, logvar = MODEL.encoder(x).chunk(2, dim=-1)
    q = distributions.Normal(mu, (0.5 * logvar).exp())
    kl = distributions.kl_divergence(q, distributions.Normal(0.0, 1.0)).sum(-1)
    reconstruction = 0
    for _ in range(3):
        z = q.loc + q.scale * torch.randn(40, 2, generator=generator)
        reconstruction = reconstruction + distributions.Bernoulli(logits=MODEL.decoder(z)).log_prob(x).sum(-1) / 3
    score = evaluation.elbo(MODEL, IMAGES, draws=3, seed=7)
    for found, wanted in zip(score, (reconstruction - kl, reconstruction, kl), strict=True):
        assert found.mean == pytest.approx(wanted.mean().item(), abs=1e-5)
        assert found.error == pytest.approx(wanted.std().item() / math.sqrt(40), abs=1e-5)


def test_the_same_seed_is_the_same_test_whatever_the_batch_size():
    torch.manual_seed(3)
    before = torch.get_rng_state()
    scores = [evaluation.elbo(MODEL, IMAGES, batch_size=size) for size in (1, 7, 40, 1000)]
    assert torch.equal(torch.get_rng_state(), before)
    for score in scores:
        assert score.total.mean == pytest.approx(scores[0].total.mean, abs=1e-5)
    assert evaluation.elbo(MODEL, IMAGES, seed=1) != scores[0]


def test_the_standard_error_is_the_spread_of_the_mean_over_other_images():
    images = torch.rand(400 * 50, 6, generator=seeded(4))
    scores = [evaluation.elbo(MODEL, part, seed=seed).total for seed, part in enumerate(images.split(50))]
    means, errors = torch.tensor(scores).T
    assert means.std().item() == pytest.approx(errors.mean().item(), rel=0.1)


def test_more_draws_of_z_move_the_mean_little_and_only_the_noise_of_z():
    one, many = evaluation.elbo(MODEL, IMAGES, draws=1), evaluation.elbo(MODEL, IMAGES, draws=200)
    assert one.kl == many.kl
    assert abs(one.total.mean - many.total.mean) < 0.2


def test_it_takes_no_gradient_and_restores_the_threads():
    torch.set_num_threads(2)
    try:
        evaluation.elbo(MODEL, IMAGES)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(1)
    assert all(weight.grad is None for weight in MODEL.parameters())


def test_how_a_score_reads():
    score = evaluation.Score(*(evaluation.Measure(mean, 0.25) for mean in (-25.3, -23.2, 2.1)))
    assert repr(score) == "ELBO −25.30 ± 0.25 nats per image: reconstruction −23.20 ± 0.25, KL 2.10 ± 0.25"


def test_one_image_has_a_mean_and_an_unknown_error():
    score = evaluation.elbo(MODEL, IMAGES[:1])
    assert math.isfinite(score.total.mean)
    assert math.isnan(score.total.error)


def test_bad_input_is_refused():
    with refused(TypeError, "evaluation.elbo", "images is uint8", "[0, 1]"):
        evaluation.elbo(MODEL, IMAGES.byte())
    with refused(ValueError, "evaluation.elbo", "[n, 6]"):
        evaluation.elbo(MODEL, IMAGES[:, :5])
    with refused(ValueError, "draws = 0"):
        evaluation.elbo(MODEL, IMAGES, draws=0)
    with refused(ValueError, "batch_size = 0"):
        evaluation.elbo(MODEL, IMAGES, batch_size=0)
    with refused(TypeError, "seed is str 'x'"):
        evaluation.elbo(MODEL, IMAGES, seed="x")
