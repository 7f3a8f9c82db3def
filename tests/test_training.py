import inspect
import math

import pytest
import torch

from tests.tools import refused, seeded
from vae_helpers.learning import data, evaluation, training
from vae_helpers.learning.models import VAE

DIGITS = data.load("digits")
FEW = DIGITS.train.images[:128]


def weights_of(model):
    return {key: weight.clone() for key, weight in model.state_dict().items()}


def same(first, second):
    return all(torch.equal(first[key], second[key]) for key in first)


@pytest.fixture(scope="module")
def trained():
    model = VAE(DIGITS.pixels, latent=2)
    history = training.fit(model, DIGITS.train.images, 50, test_images=DIGITS.test.images)
    return model, history


def test_digits_reach_their_figure(trained):
    model, history = trained
    score = evaluation.elbo(model, DIGITS.test.images, draws=20)
    assert -26.0 < score.total.mean < -24.5
    assert history.test_elbo[-1] == pytest.approx(score.total.mean, abs=0.3)
    assert history.elbo[-1] > history.elbo[0] + 5
    assert history.kl[-1] > history.kl[0]


def test_the_history_adds_up(trained):
    _, history = trained
    assert len(history) == len(history.test_elbo) == 50
    for elbo, reconstruction, kl in zip(history.elbo, history.reconstruction, history.kl, strict=True):
        assert elbo == pytest.approx(reconstruction - kl, abs=1e-4)
        assert kl >= 0
    assert repr(history) == "History of 50 of 50 epochs: elbo, reconstruction, kl, test_elbo, in nats per image"


def test_it_is_gradient_ascent_on_the_mean_elbo_by_adam():
    """One epoch written out with the plain Adam of its paper; fit's fused one takes the same steps."""
    generator = seeded(5)
    model, twin = VAE(64, latent=2, seed=1), VAE(64, latent=2, seed=1)
    first, second = ([torch.zeros_like(weight) for weight in twin.parameters()] for _ in range(2))
    totals = []
    for step, chosen in enumerate(torch.randperm(len(FEW), generator=generator).split(50), start=1):
        x = torch.bernoulli(FEW[chosen], generator=generator)
        bound = twin.elbo(x, torch.randn(len(x), 2, generator=generator))
        totals.append(bound.total.detach())
        gradients = torch.autograd.grad(-bound.total.mean(), list(twin.parameters()))
        with torch.no_grad():
            for weight, gradient, m, v in zip(twin.parameters(), gradients, first, second, strict=True):
                m.mul_(0.9).add_(gradient, alpha=0.1)
                v.mul_(0.999).add_(gradient.square(), alpha=0.001)
                weight -= 0.003 * (m / (1 - 0.9**step)) / ((v / (1 - 0.999**step)).sqrt() + 1e-8)
    history = training.fit(model, FEW, 1, batch_size=50, learning_rate=0.003, seed=5)
    assert history.elbo[0] == pytest.approx(torch.cat(totals).mean().item(), abs=1e-4)
    for found, wanted in zip(model.parameters(), twin.parameters(), strict=True):
        assert torch.allclose(found, wanted, atol=1e-5)


def test_the_same_seed_gives_the_same_bits_and_leaves_the_callers_draws_alone():
    torch.manual_seed(0)
    before = torch.get_rng_state()
    models = [VAE(64, latent=2) for _ in range(3)]
    one, two, other = (training.fit(m, FEW, 2, seed=seed) for m, seed in zip(models, (0, 0, 1), strict=True))
    assert torch.equal(torch.get_rng_state(), before)
    assert same(weights_of(models[0]), weights_of(models[1]))
    assert one == two
    assert one != other


def test_it_prints_nothing_and_calls_back_after_each_epoch(capfd):
    seen = []
    training.fit(VAE(64, latent=2), FEW, 3, on_epoch=lambda history: seen.append((len(history), history.planned)))
    assert seen == [(1, 3), (2, 3), (3, 3)]
    assert capfd.readouterr() == ("", "")


def test_one_thread_while_it_runs_and_the_callers_number_after_even_an_error():
    seen = []

    def fails(_):
        seen.append(torch.get_num_threads())
        raise RuntimeError("a widget is broken")

    torch.set_num_threads(2)
    try:
        model = VAE(64, latent=2)
        with pytest.raises(RuntimeError, match="a widget is broken"):
            training.fit(model, FEW, 3, on_epoch=fails)
        assert (seen, torch.get_num_threads()) == ([1], 2)
    finally:
        torch.set_num_threads(1)
    assert not model.training
    twin = VAE(64, latent=2)
    training.fit(twin, FEW, 1)
    assert same(weights_of(model), weights_of(twin)), "the epoch that was done is kept"


def test_an_interruption_in_mid_epoch_keeps_the_last_whole_epoch(monkeypatch):
    model, kept = VAE(64, latent=2), []
    steps = iter(range(100))
    elbo = model.elbo

    def interrupted(x, eps):
        if next(steps) == 5:  # two batches an epoch: in the midst of the third
            raise KeyboardInterrupt
        return elbo(x, eps)

    monkeypatch.setattr(model, "elbo", interrupted)
    history = training.fit(model, FEW, 9, on_epoch=lambda _: kept.append(weights_of(model)))
    assert len(history) == 2
    assert repr(history).endswith("; interrupted by hand after epoch 2, whose weights the model has")
    assert same(weights_of(model), kept[-1])


@pytest.mark.parametrize("learning_rate", [10.0, 1e6, 1e20, 1e37])
def test_a_training_that_diverges_says_so_and_keeps_the_last_good_epoch(learning_rate):
    model = VAE(64, latent=2)
    training.fit(model, FEW, 2)
    good = weights_of(model)
    with refused(training.Diverged, "training.fit", f"learning_rate = {learning_rate}", "smaller learning_rate"):
        training.fit(model, FEW, 50, learning_rate=learning_rate)
    assert same(weights_of(model), good)
    assert math.isfinite(evaluation.elbo(model, FEW).total.mean)


def test_a_divergence_after_good_epochs_brings_their_history(monkeypatch):
    model = VAE(64, latent=2)
    elbo = model.elbo

    def overflows(history):
        monkeypatch.setattr(model, "elbo", lambda x, eps: type(elbo(x, eps))(*(1e39 * t for t in elbo(x, eps))))

    with pytest.raises(training.Diverged) as raised:
        training.fit(model, FEW, 5, on_epoch=overflows)
    assert len(raised.value.history) == 1
    assert "in epoch 2" in str(raised.value)


BAD = [
    (TypeError, {"images": (16 * FEW).byte()}, ("images is uint8 of shape [128, 64]", "train.images")),
    (TypeError, {"images": FEW.numpy()}, ("images is ndarray", "tensor")),
    (ValueError, {"images": 16 * FEW}, ("from 0 to 16", "[0, 1]")),
    (ValueError, {"images": FEW[:, :10]}, ("[128, 10]", "[n, 64]")),
    (ValueError, {"images": FEW[0]}, ("[64]", "[n, 64]")),
    (ValueError, {"images": FEW[:0]}, ("[0, 64]",)),
    (ValueError, {"images": FEW.where(FEW < 1, torch.nan)}, ("NaN",)),
    (TypeError, {"images": FEW.double()}, ("float64", "float32")),
    (ValueError, {"test_images": FEW[:, :10]}, ("test_images has shape [128, 10]",)),
    (ValueError, {"epochs": 0}, ("epochs = 0", "at least 1")),
    (TypeError, {"epochs": 1.5}, ("epochs is float 1.5",)),
    (ValueError, {"batch_size": -1}, ("batch_size = -1",)),
    (ValueError, {"threads": 0}, ("threads = 0",)),
    (ValueError, {"seed": -1}, ("seed = -1",)),
    (ValueError, {"learning_rate": 0.0}, ("learning_rate = 0.0", "greater than 0")),
    (ValueError, {"learning_rate": math.nan}, ("learning_rate = nan",)),
]


@pytest.mark.parametrize(("error", "bad", "parts"), BAD, ids=[str(parts[0]) for *_, parts in BAD])
def test_bad_input_is_refused_and_changes_nothing(error, bad, parts):
    model = VAE(64, latent=2)
    before = weights_of(model)
    with refused(error, *parts):
        training.fit(model, **{"images": FEW, "epochs": 1, **bad})
    assert same(weights_of(model), before)


def test_the_arguments_after_epochs_are_named():
    kinds = {name: parameter.kind.name for name, parameter in inspect.signature(training.fit).parameters.items()}
    assert [name for name, kind in kinds.items() if kind == "POSITIONAL_OR_KEYWORD"] == ["model", "images", "epochs"]
