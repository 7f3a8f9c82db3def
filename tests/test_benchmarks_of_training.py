"""The benchmarks of training measure what they say: small forms of each, no time asserted."""

import math

import pytest
import torch

from benchmarks import epochs, iwae, peers, to_a_bound
from tests.tools import seeded
from vae_helpers.learning import data, evaluation, models
from vae_helpers.maths import bounds

GREY = data.load("digits").train.images[:8]
COUNTS = torch.randint(0, 256, (256, 784), dtype=torch.uint8, generator=seeded(0))
COUNTS[:, 100:] = 0  # a page, nearly empty: easy to learn something of


@pytest.mark.parametrize("peer", ["tutorial", "pythae", "pyro"])
def test_a_peer_trains_the_networks_that_it_hands_over(peer, monkeypatch):
    if peer != "tutorial":
        pytest.importorskip(peer, reason="make bench installs it")
    seen = []
    clock = peers.Clock(lambda networks: seen.append(to_a_bound.elbo(networks, COUNTS.float() / 255)))
    torch.manual_seed(0)
    getattr(peers, peer)(COUNTS, 3, clock)
    assert len(clock.seconds) == len(seen) == 3
    assert seen[2] > seen[0] + 1, "the networks that are measured are those that learn"


def test_the_peers_elbo_is_ours():
    """Our networks' weights in a peer's layers, with our activation: one and the same figure."""
    model, networks = models.VAE(784, latent=20, hidden=400), peers.Networks()
    networks.encode, networks.logits = model.encode, model.decode
    images = COUNTS.float() / 255
    assert to_a_bound.elbo(networks, images) == pytest.approx(evaluation.elbo(model, images).total.mean, abs=1e-3)


def test_where_the_goal_is_crossed():
    assert to_a_bound.crossing([2.0, 2.0, 4.0], [-120.0, -110.0, -100.0]) == pytest.approx(2 + 2 + 2)
    assert to_a_bound.crossing([2.0], [-100.0]) == 2.0
    assert to_a_bound.crossing([2.0, 2.0], [-120.0, -110.0]) == math.inf
    assert to_a_bound.crossing([], []) == math.inf


def test_our_way_to_the_goal_starts_anew_with_each_seed(monkeypatch):
    monkeypatch.setattr(to_a_bound, "GOAL", -450.0)
    images = data.load("digits").train.images[:200].repeat(1, 13)[:, :784]
    found = [to_a_bound.ours(images, images, seed, batch_size=20, epochs=6) for seed in (0, 1)]
    assert all(math.isfinite(seconds) for seconds in found)


def test_the_limit_and_our_epoch_are_times():
    assert epochs.limit(2) > 0
    assert epochs.ours(COUNTS.float() / 255)() > 0


def test_the_rates_of_the_table_are_those_of_the_paper():
    assert [iwae.rate(epoch) for epoch in (1, 2, 4, 5, 13, 14)] == pytest.approx(
        [1e-3, 1e-3 * 10 ** (-1 / 7), 1e-3 * 10 ** (-1 / 7), 1e-3 * 10 ** (-2 / 7), 1e-3 * 10 ** (-2 / 7),
         1e-3 * 10 ** (-3 / 7)]
    )  # fmt: skip
    assert iwae.rate(iwae.EPOCHS) == pytest.approx(1e-4)
    assert sum(3**i for i in range(8)) == iwae.EPOCHS


def test_what_is_climbed_is_the_elbo_for_one_sample_and_more_for_more():
    model = models.VAE(64, latent=2)
    x = torch.bernoulli(GREY, generator=seeded(1))
    one = [iwae.climbed(model, x, 1, climbs, seeded(2)) for climbs in ("VAE", "IWAE")]
    assert torch.allclose(*one)
    many = [iwae.climbed(model, x, 200, climbs, seeded(2)) for climbs in ("VAE", "IWAE")]
    assert (many[1] > many[0]).all(), "Jensen's inequality, draw by draw"
    mu, logvar = model.encode(x)
    eps = torch.randn(200, *mu.shape, generator=seeded(2))
    exact = torch.stack([model.elbo(x, noise).reconstruction for noise in eps]).mean(0)
    assert torch.allclose(many[0], bounds.elbo(exact, mu, logvar).total, atol=0.5), "its KL by draws"


def test_a_row_goes_on_where_it_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr(iwae, "RUNS", tmp_path)
    row = iwae.ROWS[3]
    images = COUNTS.float()[:40] / 255
    first, history, spent = iwae.train(row, images, seconds=1e-9)
    assert len(history) == 1
    monkeypatch.setattr(iwae, "EPOCHS", 3)
    assert len(iwae.train(row, images, seconds=spent / 2)[1]) == 1, "its seconds are over"
    again, history, all_spent = iwae.train(row, images, seconds=60)
    assert len(history) == 3
    assert all_spent > spent
    assert not torch.equal(first.encoder[0].weight, again.encoder[0].weight)
    for file in tmp_path.iterdir():
        file.unlink()
    whole, *_ = iwae.train(row, images, seconds=60)
    assert torch.equal(whole.encoder[0].weight, again.encoder[0].weight), "as if nothing had been"
