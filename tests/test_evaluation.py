import math
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import distributions

from tests.tools import refused, seeded
from vae_helpers.learning import data, evaluation, weights
from vae_helpers.learning.models import AE, VAE
from vae_helpers.maths import gaussian, likelihood

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


TWIN = AE(6, latent=2, hidden=4, seed=1).eval()


def test_an_autoencoder_has_a_reconstruction_and_no_elbo():
    x = torch.bernoulli(IMAGES, generator=seeded(7))
    wanted = distributions.Bernoulli(logits=TWIN.decoder(TWIN.encoder(x))).log_prob(x).sum(-1)
    found = evaluation.reconstruction(TWIN, IMAGES, seed=7, batch_size=7)
    assert found.mean == pytest.approx(wanted.mean().item(), abs=1e-5)
    assert found.error == pytest.approx(wanted.std().item() / math.sqrt(40), abs=1e-5)
    assert evaluation.terms(TWIN, IMAGES, seed=7) == {"reconstruction": pytest.approx(found, abs=1e-6)}
    with refused(TypeError, "evaluation.elbo", "only a VAE has an ELBO", "evaluation.reconstruction"):
        evaluation.elbo(TWIN, IMAGES)


def test_the_terms_of_a_vae_are_those_of_its_elbo():
    score = evaluation.elbo(MODEL, IMAGES, draws=2, seed=3)
    assert evaluation.terms(MODEL, IMAGES, draws=2, seed=3) == score._asdict()
    assert evaluation.reconstruction(MODEL, IMAGES, draws=2, seed=3) == score.reconstruction


def test_missed_counts_the_points_far_from_every_code():
    codes = torch.tensor([[0.0, 0.0], [3.0, 4.0]])
    z = torch.tensor([[0.0, 1.0], [3.0, 3.0], [0.0, 2.5], [10.0, 10.0]])
    assert evaluation.missed(z, codes, 1.0) == 0.5
    assert evaluation.missed(z, codes, 2.5) == 0.25
    many = torch.randn(2500, 2, generator=seeded(1))
    by_hand = sum((codes - point).norm(dim=1).min().item() > 1 for point in many) / 2500
    assert evaluation.missed(many, codes, 1.0) == pytest.approx(by_hand)


def test_missed_refuses_what_are_no_points_of_one_space():
    z = torch.zeros(4, 2)
    for bad in (torch.zeros(5, 3), torch.zeros(0, 2), torch.zeros(2)):
        with refused(ValueError, "evaluation.missed", "[draws, latent]", "[n, latent]"):
            evaluation.missed(z, bad, 1.0)
    with refused(ValueError, "distance = 0", "greater than 0"):
        evaluation.missed(z, z, 0)
    with refused(TypeError, "z is int64"):
        evaluation.missed(z.long(), z, 1.0)


def exact(model, x):
    """log p(x) on a fine grid of the plane of latents, in float64."""
    side = torch.linspace(-7, 7, 141, dtype=torch.float64)
    z = torch.cartesian_prod(side, side)
    twin = VAE(**model.config).double()
    twin.load_state_dict(model.state_dict())
    logits = twin.decoder(z)
    log_x = distributions.Bernoulli(logits=logits[None]).log_prob(x.double()[:, None]).sum(-1)
    log_prior = distributions.Normal(0.0, 1.0).log_prob(z).sum(-1)
    return ((log_x + log_prior).logsumexp(-1) + 2 * math.log(14 / 140)).detach()


def test_the_importance_sampled_log_likelihood_is_that_of_a_grid_over_the_plane():
    x = torch.bernoulli(IMAGES, generator=seeded(3))
    found = evaluation.log_likelihood(MODEL, IMAGES, k=20_000, seed=3)
    wanted = exact(MODEL, x)
    assert found.log_likelihood.mean == pytest.approx(wanted.mean().item(), abs=2e-3)
    assert found.log_likelihood.error == pytest.approx(wanted.std().item() / math.sqrt(40), rel=0.01)
    assert found.elbo.mean == pytest.approx(evaluation.elbo(MODEL, IMAGES, draws=2000, seed=3).total.mean, abs=5e-3)
    assert found.gap.mean == pytest.approx(found.log_likelihood.mean - found.elbo.mean, abs=1e-9)
    assert found.gap.mean > 3 * found.gap.error
    assert found.gap.error < found.elbo.error / 3, "paired, what makes an image hard cancels"


def test_one_sample_gives_the_elbo_and_more_rise_towards_log_p():
    trained = weights.load("digits-2d")
    images = data.load("digits").test.images
    found = [evaluation.log_likelihood(trained, images, k) for k in (1, 10, 1000)]
    assert abs(found[0].gap.mean) < 4 * found[0].gap.error
    assert found[0].log_likelihood.mean < found[1].log_likelihood.mean < found[2].log_likelihood.mean
    few = evaluation.log_likelihood(trained, images[:20], 1000)
    x = torch.bernoulli(images[:20], generator=seeded(0))
    assert few.log_likelihood.mean == pytest.approx(exact(trained, x).mean().item(), abs=0.02)


def test_in_bfloat16_the_layers_are_rough_and_nothing_else():
    trained, images = weights.load("digits-2d"), data.load("digits").test.images
    fine, rough = (evaluation.log_likelihood(trained, images, 100, precision=name) for name in ("float32", "bfloat16"))
    assert fine != rough
    assert rough.log_likelihood.mean == pytest.approx(fine.log_likelihood.mean, abs=0.02)
    assert rough.gap.mean == pytest.approx(fine.gap.mean, abs=0.02)
    assert evaluation.log_likelihood(trained, images, 100) == fine, "and float32 is back"


def test_the_draws_do_not_depend_on_blocks_and_memory_stays_small(monkeypatch):
    largest, decode = [], VAE.decode
    monkeypatch.setattr(VAE, "decode", lambda self, z: largest.append(z.shape[:-1].numel()) or decode(self, z))
    images = torch.rand(250, 6, generator=seeded(1))
    whole, again = (evaluation.log_likelihood(MODEL, images, k=1050) for _ in range(2))
    assert whole == again
    assert max(largest) == evaluation.SAMPLES * evaluation.IMAGES
    same = pytest.approx(whole.log_likelihood.mean, rel=1e-6)  # the draws are; matrices of another shape round anew
    assert evaluation.log_likelihood(MODEL, images, k=1050, threads=2).log_likelihood.mean == same
    for samples in (20, 7):
        largest.clear()
        monkeypatch.setattr(evaluation, "PIXELS", samples * evaluation.IMAGES * 6)
        first, again = (evaluation.log_likelihood(MODEL, images, k=1050) for _ in range(2))
        assert first == again
        assert max(largest) == samples * evaluation.IMAGES
        assert evaluation.log_likelihood(MODEL, images, k=1050, threads=2) == first
        assert first.log_likelihood.mean == same
    assert evaluation.log_likelihood(MODEL, images, k=1050, seed=1) != first
    alone = evaluation.log_likelihood(MODEL, IMAGES[:1], k=10)
    assert math.isfinite(alone.gap.mean)
    assert math.isnan(alone.gap.error)


PEAK = """
import torch
from tests.campaign.spoiling import MEGA, status
from vae_helpers.learning import evaluation, weights
model, images = weights.load("mnist-2d"), torch.rand({images}, 784)
evaluation.log_likelihood(model, images[:100], 100)
before = status("VmHWM:")
evaluation.log_likelihood(model, images, {k})
print((status("VmHWM:") - before) // MEGA)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells a process its peak")
@pytest.mark.parametrize(("images", "k"), [(100, 2000), (1500, 100)])
def test_twenty_times_the_samples_or_images_take_hardly_more_memory(images, k):
    ran = subprocess.run(
        [sys.executable, "-c", PEAK.format(images=images, k=k)], capture_output=True, text=True, check=True
    )
    assert int(ran.stdout) < 60, "MB; what outlives a block of samples splits the memory that the next one needs"


def test_how_a_likelihood_reads():
    said = repr(
        evaluation.Likelihood(*(evaluation.Measure(*pair) for pair in ((-24.3, 0.2), (-24.6, 0.2), (0.3, 0.02))))
    )
    assert said == "log p(x) −24.30 ± 0.20 nats per image, 0.30 ± 0.02 above the ELBO −24.60 ± 0.20"


def test_bad_input_to_the_log_likelihood_is_refused():
    with refused(TypeError, "evaluation.log_likelihood", "only a VAE gives a probability"):
        evaluation.log_likelihood(TWIN, IMAGES)
    with refused(ValueError, "evaluation.log_likelihood", "k = 0", "at least 1"):
        evaluation.log_likelihood(MODEL, IMAGES, k=0)
    with refused(ValueError, "evaluation.log_likelihood", "precision = 'half'", "'float32' or 'bfloat16'"):
        evaluation.log_likelihood(MODEL, IMAGES, precision="half")
    with refused(ValueError, "evaluation.log_likelihood", "[n, 6]"):
        evaluation.log_likelihood(MODEL, IMAGES[:, :5])
    with refused(ValueError, "seed = -1"):
        evaluation.log_likelihood(MODEL, IMAGES, seed=-1)


# ---- active units ----


def test_active_units_are_those_whose_mean_moves_with_the_image():
    model, images = VAE(64, latent=4, seed=3), data.load("digits").test.images
    with torch.no_grad():
        last = model.encoder[-1]
        last.weight[2], last.bias[2] = 0, 5.0  # always the same mean: silent, however far from 0
        last.weight[0] *= 100
    means = model.codes(torch.bernoulli(images, generator=seeded(0))).detach().double()
    wanted = [unit for unit in range(4) if means[:, unit].numpy().var(ddof=1) > 0.01]
    assert evaluation.active_units(model, images) == wanted
    assert 0 in wanted
    assert 2 not in wanted
    assert evaluation.active_units(model, images, threshold=1e9) == []


def test_a_trained_plane_uses_both_its_latents():
    assert evaluation.active_units(weights.load("digits-2d"), data.load("digits").test.images) == [0, 1]


def test_bad_input_to_the_active_units_is_refused():
    with refused(TypeError, "evaluation.active_units", "only a VAE"):
        evaluation.active_units(TWIN, IMAGES)
    with refused(ValueError, "evaluation.active_units", "two or more"):
        evaluation.active_units(MODEL, IMAGES[:1])
    with refused(ValueError, "evaluation.active_units", "threshold"):
        evaluation.active_units(MODEL, IMAGES, threshold=0.0)


# ---- the gap of one image ----


def test_the_joint_is_likelihood_and_prior_in_float64():
    model, x = weights.load("digits-2d"), torch.bernoulli(data.load("digits").test.images[0], generator=seeded())
    z = torch.randn(5, 2, generator=seeded(1), dtype=torch.float64)
    found = evaluation.log_joint(model, x)(z)
    assert found.dtype == torch.float64
    wanted = likelihood.bernoulli(x, model.decode(z.float())) + gaussian.log_prob(z, torch.zeros(2), torch.zeros(2))
    assert torch.allclose(found, wanted.double(), atol=1e-4)
    assert next(model.parameters()).dtype == torch.float32


def test_the_gap_of_an_image_is_that_of_importance_sampling():
    model, x = weights.load("digits-2d"), torch.bernoulli(data.load("digits").test.images[:3], generator=seeded())
    for image in x:
        found = evaluation.gap(model, image)
        sampled = evaluation.log_likelihood(model, image[None], k=20_000)
        assert abs(sampled.log_likelihood.mean - found.log_evidence) < 0.1
        assert abs(sampled.elbo.mean - found.reached) < 0.1


def test_a_gap_that_cannot_be_is_refused():
    model = weights.load("digits-2d")
    with refused(ValueError, "evaluation.log_joint(model, x)", "[2, 64]", "images[0]"):
        evaluation.log_joint(model, torch.zeros(2, 64))
    with refused(ValueError, "evaluation.log_joint(model, x)", "grey pixels", "torch.bernoulli(x)"):
        evaluation.gap(model, torch.full((64,), 0.5))
    with refused(ValueError, "evaluation.gap(model, x)", "3 latents"):
        evaluation.gap(VAE(64, latent=3), torch.zeros(64))
    with refused(TypeError, "evaluation.log_joint(model, x)", "only a VAE"):
        evaluation.gap(weights.load("digits-2d-ae"), torch.zeros(64))
