import contextlib
import errno
import inspect
import math
import os
import tempfile
from pathlib import Path

import pytest
import safetensors.torch
import torch

from tests.tools import refused, seeded
from vae_helpers.learning import checkpoint, data, evaluation, training
from vae_helpers.learning.models import AE, VAE

DIGITS = data.load("digits")
FEW = DIGITS.train.images[:256]  # two batches


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
    kept = "elbo, reconstruction, kl, test_elbo, test_reconstruction, test_kl"
    assert repr(history) == f"History of 50 of 50 epochs: {kept}, in nats per image"


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
    (TypeError, {"images": (16 * FEW).byte()}, ("images is uint8 of shape [256, 64]", "train.images")),
    (TypeError, {"images": FEW.numpy()}, ("images is ndarray", "tensor")),
    (ValueError, {"images": 16 * FEW}, ("from 0 to 16", "[0, 1]")),
    (ValueError, {"images": FEW[:, :10]}, ("[256, 10]", "[n, 64]")),
    (ValueError, {"images": FEW[0]}, ("[64]", "[n, 64]")),
    (ValueError, {"images": FEW[:0]}, ("[0, 64]",)),
    (ValueError, {"images": FEW.where(FEW < 1, torch.nan)}, ("NaN",)),
    (TypeError, {"images": FEW.double()}, ("float64", "float32")),
    (ValueError, {"test_images": FEW[:, :10]}, ("test_images has shape [256, 10]",)),
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


def test_the_twin_is_trained_by_the_same_call_on_the_same_images_and_coins():
    seen = {}
    for kind in (VAE, AE):
        model, seen[kind] = kind(64, latent=2), []
        objective = model.objective
        model.objective = lambda x, eps, into=seen[kind], call=objective: into.append(x) or call(x, eps)
        history = training.fit(model, FEW, 3, seed=5, test_images=DIGITS.test.images)
        del model.objective
    images = {kind: [x for x in met if len(x) < 200] for kind, met in seen.items()}  # without the test's 299
    assert len(images[VAE]) == 6
    assert all(torch.equal(one, other) for one, other in zip(*images.values(), strict=True))
    assert repr(history) == "History of 3 of 3 epochs: reconstruction, test_reconstruction, in nats per image"
    assert history.reconstruction[-1] > history.reconstruction[0]
    assert (history.elbo, history.kl, len(history)) == ([], [], 3)


def test_beta_weighs_the_price_and_the_history_keeps_the_elbo():
    model, twin = VAE(64, latent=2), VAE(64, latent=2)
    history = training.fit(model, FEW, 1, batch_size=256, beta=0.25)
    generator = seeded(0)
    x = torch.bernoulli(FEW[torch.randperm(256, generator=generator)], generator=generator)
    bound = twin.elbo(x, torch.randn(256, 2, generator=generator))
    optimizer = torch.optim.Adam(twin.parameters(), lr=3e-3)
    (0.25 * bound.kl - bound.reconstruction).mean().backward()
    optimizer.step()
    assert history.elbo == [pytest.approx(bound.total.mean().item(), abs=1e-5)]
    assert history.beta == [0.25]
    for found, wanted in zip(model.parameters(), twin.parameters(), strict=True):
        assert torch.allclose(found, wanted, atol=1e-5)


def test_a_schedule_is_asked_for_each_epoch():
    history = training.fit(VAE(64, latent=2), FEW, 4, beta=training.warm_up(2, 0.5))
    assert history.beta == [0.25, 0.5, 0.5, 0.5]
    constant = [training.fit(VAE(64, latent=2), FEW, 2, beta=beta) for beta in (1.0, lambda epoch: 1)]
    assert constant[0] == constant[1] == training.fit(VAE(64, latent=2), FEW, 2)


def test_the_rate_of_an_epoch_is_that_of_its_schedule():
    fall = training.cosine(4, 3e-3)
    assert [fall(epoch) for epoch in (1, 3, 5)] == pytest.approx([3e-3, 1.5e-3, 0.0])
    first, second = VAE(64, latent=2), VAE(64, latent=2)
    training.fit(first, FEW, 2, learning_rate=lambda epoch: 3e-3 if epoch == 1 else 1e-3)
    halfway = training.fit(second, FEW, 1, learning_rate=3e-3).checkpoint
    assert not same(weights_of(first), weights_of(second))
    training.fit(second, FEW, 2, learning_rate=lambda epoch: 3e-3 / (1, 3)[epoch - 1], resume=halfway)
    assert same(weights_of(first), weights_of(second))
    with refused(ValueError, "training.fit", "learning_rate = 0"):
        training.fit(second, FEW, 6, learning_rate=training.cosine(4, 3e-3))
    with refused(ValueError, "training.cosine", "learning_rate = -1"):
        training.cosine(4, -1.0)


def test_more_beta_buys_less():
    kl = [training.fit(VAE(64, latent=2), DIGITS.train.images, 12, beta=beta).kl[-1] for beta in (0.1, 1.0, 64.0)]
    assert kl[0] > kl[1] + 1
    assert kl[2] < 0.05, "at 64 the encoder is silent"


OPTIONS = {
    "batch_size": 100,
    "learning_rate": training.cosine(6, 3e-3),
    "seed": 4,
    "test_images": DIGITS.test.images[:50],
}


@pytest.mark.parametrize("kind", [VAE, AE])
@pytest.mark.parametrize("on_disk", [False, True])
def test_stopped_and_resumed_it_is_bit_for_bit_as_if_nothing_had_been(kind, on_disk, tmp_path):
    beta = {"beta": training.warm_up(4)} if kind is VAE else {}
    whole, halved = kind(64, latent=2, seed=1), kind(64, latent=2, seed=1)
    wanted = training.fit(whole, FEW, 6, **beta, **OPTIONS)
    asked, path = iter(range(1000)), tmp_path / "half.safetensors"
    stopped = training.fit(halved, FEW, 6, stop=lambda: next(asked) == 7, checkpoint=path, **beta, **OPTIONS)
    assert (len(stopped), stopped.planned) == (2, 6), "three batches an epoch: in the midst of the third"
    assert repr(stopped).endswith("; stopped after epoch 2, whose weights the model has")
    fresh = kind(64, latent=2, seed=9) if on_disk else halved  # what the model holds is overwritten
    torch.manual_seed(123)
    before = torch.get_rng_state()
    found = training.fit(fresh, FEW, 6, resume=path if on_disk else stopped.checkpoint, **beta, **OPTIONS)
    assert torch.equal(torch.get_rng_state(), before)
    assert found == wanted
    assert found.stopped == ""
    assert same(weights_of(fresh), weights_of(whole))
    first, second = found.checkpoint, wanted.checkpoint
    assert torch.equal(first.generator, second.generator)
    assert all(
        torch.equal(first.moments[i][name], second.moments[i][name])
        for i in second.moments
        for name in second.moments[i]
    )
    assert list(first.moments) == list(second.moments)


def test_every_number_of_halves_gives_the_same_whole(tmp_path):
    wanted, path = VAE(64, latent=2), tmp_path / "c"
    history = training.fit(wanted, FEW, 5)
    model, reached = VAE(64, latent=2), None
    for epoch in range(1, 6):
        reached = training.fit(model, FEW, epoch, checkpoint=path, resume=reached and path)
    assert reached == history
    assert same(weights_of(model), weights_of(wanted))
    again = training.fit(model, FEW, 5, resume=path)
    assert again == history, "there is nothing left to do"
    assert [p.name for p in tmp_path.iterdir()] == ["c"], "nothing half-written lies about"


def test_a_checkpoint_does_not_change_while_training_goes_on():
    model, kept = VAE(64, latent=2), []
    training.fit(model, FEW, 3, on_epoch=lambda history: kept.append(history.checkpoint))
    assert [len(taken) for taken in kept] == [1, 2, 3]
    one = VAE(64, latent=2)
    training.fit(one, FEW, 1)
    assert same(kept[0].weights, weights_of(one))
    assert repr(kept[0]) == "Checkpoint after 1 epochs"


def test_an_interruption_between_two_lines_keeps_weights_and_history_together(monkeypatch):
    take, taken = checkpoint.take, iter(range(10))

    def interrupted(*state):
        if next(taken) == 3:  # 0 is before the first epoch
            raise KeyboardInterrupt
        return take(*state)

    monkeypatch.setattr(checkpoint, "take", interrupted)
    model, two = VAE(64, latent=2), VAE(64, latent=2)
    history = training.fit(model, FEW, 5)
    monkeypatch.undo()
    assert len(history) == len(history.elbo) == len(history.beta) == 2
    training.fit(two, FEW, 2)
    assert same(weights_of(model), weights_of(two))


def test_a_checkpoint_of_another_training_is_refused_by_what_differs(tmp_path):
    model, path = VAE(64, latent=2), tmp_path / "c"
    training.fit(model, FEW, 2, checkpoint=path)
    before = weights_of(model)
    for other, part in (
        ({"learning_rate": 0.1}, "learning_rate is 0.1, there 0.003"),
        ({"batch_size": 3}, "batch_size is 3, there 128"),
        ({"beta": 4}, "beta is 4.0, there 1.0"),
        ({"seed": 3}, "seed is 3, there 0"),
        ({"images": FEW[1:]}, "images is [255, 64]"),
        ({"images": FEW.flip(0)}, "images is [256, 64]"),
        ({"test_images": FEW}, "test_images is [256, 64]"),
        ({"model": AE(64, latent=2)}, "model is AE, there VAE"),
        ({"model": VAE(64, latent=3)}, "latent is 3, there 2"),
    ):
        with refused(ValueError, "training.fit", "another training", part):
            training.fit(**{"model": model, "images": FEW, "epochs": 3, **other}, resume=path)
    with refused(ValueError, "epochs = 1 in all", "2 already"):
        training.fit(model, FEW, 1, resume=path)
    assert same(weights_of(model), before)


KEEP = (0, 1, 3, 6, 99)  # an epoch that never comes is not kept


@pytest.mark.parametrize("kind", [VAE, AE])
def test_the_weights_of_some_epochs_are_kept_and_change_nothing(kind):
    model, twin, seen = kind(64, latent=2), kind(64, latent=2), {0: weights_of(kind(64, latent=2))}
    history = training.fit(
        model, FEW, 6, keep=KEEP, on_epoch=lambda history: seen.update({len(history): weights_of(model)})
    )
    assert list(history.kept) == [0, 1, 3, 6]
    assert all(same(weights, seen[epoch]) for epoch, weights in history.kept.items())
    plain = training.fit(twin, FEW, 6)
    assert plain == history
    assert plain.kept == training.History(planned=6).kept == {}
    assert same(weights_of(twin), weights_of(model))
    with torch.no_grad():
        next(model.parameters()).zero_()
    assert same(history.kept[6], seen[6]), "a copy"


def test_a_training_that_goes_on_keeps_what_it_had_kept_and_from_a_file_what_comes(tmp_path):
    whole, halved, path = VAE(64, latent=2), VAE(64, latent=2), tmp_path / "c"
    wanted, asked = training.fit(whole, FEW, 6, keep=KEEP), iter(range(1000))
    stopped = training.fit(halved, FEW, 6, keep=KEEP, stop=lambda: next(asked) == 7, checkpoint=path)
    assert (len(stopped), list(stopped.kept)) == (3, [0, 1, 3])
    found = training.fit(halved, FEW, 6, keep=KEEP, resume=stopped.checkpoint)
    assert (list(found.kept), list(stopped.kept)) == ([0, 1, 3, 6], [0, 1, 3])
    assert all(same(weights, wanted.kept[epoch]) for epoch, weights in found.kept.items())
    assert list(training.fit(halved, FEW, 6, keep=KEEP, resume=path).kept) == [3, 6]


@pytest.mark.parametrize(
    ("error", "keep", "part"),
    [(TypeError, 3, "keep is int 3; wanted numbers of epochs"), (TypeError, "12", "keep is str '1'"),
     (TypeError, [1.5], "keep is float 1.5"), (ValueError, [0, -1], "keep = -1"), (ValueError, [True], "keep = True"),
     (TypeError, iter([1]), "wanted numbers of epochs, as in keep=(0, 1, 2, 5)")],
)  # fmt: skip
def test_what_names_no_epochs_to_keep_is_refused(error, keep, part):
    model = VAE(64, latent=2)
    before = weights_of(model)
    with refused(error, "training.fit", part):
        training.fit(model, FEW, 3, keep=keep)
    assert same(weights_of(model), before)


def test_a_file_that_is_no_checkpoint_is_refused(tmp_path):
    model, path = VAE(64, latent=2), tmp_path / "c"
    with refused(FileNotFoundError, "training.fit", "there is no file", "checkpoint=path"):
        training.fit(model, FEW, 3, resume=path)
    training.fit(model, FEW, 1, checkpoint=path)
    whole = path.read_bytes()
    for spoiled in (whole[:-1], whole[:100], b"", b"\x80\x04pickle"):
        path.write_bytes(spoiled)
        with refused(ValueError, "training.fit", "is no checkpoint of a training"):
            training.fit(model, FEW, 3, resume=path)
    (tmp_path / "weights").write_bytes(safetensors.torch.save({"a": torch.zeros(1)}))
    with refused(ValueError, "is no checkpoint of a training"):
        training.fit(model, FEW, 3, resume=tmp_path / "weights")


@contextlib.contextmanager
def a_disk_that_is_full(monkeypatch):
    """No file can be written, as where no space is left."""

    def no_space(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", no_space)
        yield


@pytest.mark.parametrize("why", ["full", "no folder"])
def test_where_the_checkpoint_cannot_be_written_one_warning_comes_and_training_goes_on(why, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("a file where a folder should be")
    model, twin, path = VAE(64, latent=2), VAE(64, latent=2), tmp_path / ("c" if why == "full" else "file/c")
    disk = a_disk_that_is_full(monkeypatch) if why == "full" else contextlib.nullcontext()
    with disk, pytest.warns(UserWarning, match=r"training\.fit.* is not written .*training goes on") as warned:
        history = training.fit(model, FEW, 3, checkpoint=path)
    assert len(warned) == 1
    assert history == training.fit(twin, FEW, 3)
    assert same(weights_of(model), weights_of(twin))
    assert [p.name for p in tmp_path.iterdir()] == ["file"], "no part of a file lies about"


@pytest.fixture
def locked():
    """A folder for a test that locks it. To root every folder is open: root becomes nobody meanwhile."""
    if not hasattr(os, "geteuid"):
        pytest.skip("Windows has other locks")
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        root = os.geteuid() == 0
        if root:
            os.chown(folder, 65534, -1)
            os.seteuid(65534)
        try:
            yield Path(folder)
        finally:
            os.chmod(folder, 0o755)
            if root:
                os.seteuid(0)


@pytest.mark.parametrize("mode", [0o555, 0o000])
def test_a_folder_that_is_read_only_or_may_not_be_entered_costs_a_warning(mode, locked):
    path = locked / "c"
    training.fit(VAE(64, latent=2), FEW, 1, checkpoint=path)
    locked.chmod(mode)
    with pytest.warns(UserWarning, match=r"Permission denied.*training goes on") as warned:
        history = training.fit(VAE(64, latent=2), FEW, 3, checkpoint=path)
    assert len(warned) == 1
    assert history == training.fit(VAE(64, latent=2), FEW, 3)
    locked.chmod(0o755)
    assert len(checkpoint.load(path)) == 1
    assert os.listdir(locked) == ["c"]


def test_a_file_that_may_not_be_read_is_said_to_be_that(locked):
    path = locked / "c"
    training.fit(VAE(64, latent=2), FEW, 1, checkpoint=path)
    path.chmod(0)
    with refused(FileExistsError, "training.fit", "a file that cannot be read (Permission denied)"):
        training.fit(VAE(64, latent=2), FEW, 3, checkpoint=path)
    with refused(ValueError, "training.fit", "Permission denied"):
        training.fit(VAE(64, latent=2), FEW, 3, resume=path)


def test_a_disk_that_was_full_for_a_while_gets_the_next_checkpoint(tmp_path, monkeypatch):
    model, path, full = VAE(64, latent=2), tmp_path / "c", contextlib.ExitStack()
    training.fit(model, FEW, 1, checkpoint=path)
    full.enter_context(a_disk_that_is_full(monkeypatch))
    with pytest.warns(UserWarning, match="No space left"):
        training.fit(
            model,
            FEW,
            4,
            resume=path,
            checkpoint=path,
            on_epoch=lambda history: full.close() if len(history) == 3 else 0,
        )
    assert len(checkpoint.load(path)) == 4


@pytest.mark.parametrize(
    ("other", "said"),
    [({"seed": 1}, "seed"), ({"batch_size": 32}, "batch_size"), ({"images": FEW[1:]}, "images"),
     ({"precision": "bfloat16"}, "precision"), ({"beta": 4}, "beta, second_epoch"),
     ({"beta": training.warm_up(2, 2.0)}, "second_epoch"),
     ({"learning_rate": training.cosine(9, 3e-3)}, "second_epoch"),
     ({"model": VAE(64, latent=2, seed=7)}, "first_weights")],
)  # fmt: skip
def test_two_trainings_do_not_share_a_file(other, said, tmp_path):
    path = tmp_path / "c"
    training.fit(VAE(64, latent=2), FEW, 2, checkpoint=path)
    before = path.read_bytes()
    fresh = {"model": VAE(64, latent=2), "images": FEW, "epochs": 3, **other}
    weights = weights_of(fresh["model"])
    with refused(FileExistsError, "training.fit", f"another training ({said})", "give checkpoint= another path"):
        training.fit(**fresh, checkpoint=path)
    assert path.read_bytes() == before
    assert same(weights_of(fresh["model"]), weights)
    training.fit(VAE(64, latent=2), FEW, 1, checkpoint=path)  # the same training from its beginning may


def test_a_cell_that_is_run_again_is_told_how_to_go_on(tmp_path):
    model, path = VAE(64, latent=2), tmp_path / "c"
    training.fit(model, FEW, 2, checkpoint=path)
    with refused(FileExistsError, "another training (first_weights)", "or resume= this one, too"):
        training.fit(model, FEW, 2, checkpoint=path)
    assert len(training.fit(model, FEW, 3, checkpoint=path, resume=path)) == 3


def test_a_training_that_goes_on_elsewhere_and_further_stays_the_one_that_it_was(tmp_path):
    path, rate = tmp_path / "c", {"learning_rate": training.cosine(2, 3e-3)}
    training.fit(VAE(64, latent=2), FEW, 2, checkpoint=path, **rate)
    later = {"learning_rate": training.cosine(4, 3e-3)}
    training.fit(VAE(64, latent=2, seed=9), FEW, 4, resume=path, checkpoint=path, **later)
    assert len(checkpoint.load(path)) == 4


def test_two_trainings_at_once_do_not_mix_in_a_file(tmp_path):
    path = tmp_path / "c"

    def meanwhile(history):
        if len(history) == 1:
            path.unlink()
            training.fit(VAE(64, latent=2), FEW, 1, seed=5, checkpoint=path)

    with pytest.warns(UserWarning, match="the checkpoint of another training \\(seed\\)"):
        training.fit(VAE(64, latent=2), FEW, 3, checkpoint=path, on_epoch=meanwhile)
    assert checkpoint.load(path).settings["seed"] == 5


def test_a_file_of_another_kind_is_not_overwritten(tmp_path):
    path = tmp_path / "thesis.txt"
    path.write_text("years of work")
    with refused(FileExistsError, "training.fit", "no checkpoint of a training"):
        training.fit(VAE(64, latent=2), FEW, 3, checkpoint=path)
    assert path.read_text() == "years of work"


class Spoiled(VAE):
    """A VAE whose objective goes wrong in one batch, in one term, or only in its slope."""

    wrong, when, seen = "kl", 5, 0

    def objective(self, x, eps):
        found = super().objective(x, eps)
        self.seen += 1
        if self.seen != self.when:
            return found
        if self.wrong == "gradient":  # the square root of 0 is 0, its slope has no bound
            return found._replace(total=found.total + (found.total - found.total).sqrt())
        if self.wrong == "weights":
            with torch.no_grad():
                next(self.parameters())[0] = math.nan
            return super().objective(x, eps)
        spoiled = found._replace(**{self.wrong: getattr(found, self.wrong) * math.inf})
        return spoiled._replace(total=spoiled.reconstruction - spoiled.kl)


SAID = {
    "kl": "the KL reached inf",
    "reconstruction": "the reconstruction reached -inf",
    "gradient": "the gradient is not finite",
    "weights": "the reconstruction reached nan and the KL reached nan",
}


@pytest.mark.parametrize(("wrong", "said"), SAID.items())
def test_where_it_blows_up_batch_and_term_are_named_and_the_last_good_weights_are_back(wrong, said):
    model, good = Spoiled(64, latent=2), VAE(64, latent=2)
    model.wrong = wrong
    training.fit(good, FEW, 2)
    with refused(
        training.Diverged, "training.fit", "diverged in epoch 3", f"in batch 1 {said}", "smaller learning_rate"
    ):
        training.fit(model, FEW, 4)
    assert same(weights_of(model), weights_of(good))


@pytest.mark.parametrize("kind", [VAE, AE])
def test_bfloat16_is_rough_where_it_should_be_and_repeatable(kind, tmp_path):
    fine, rough, again, path = *(kind(64, latent=2) for _ in range(3)), tmp_path / "c"
    wanted = training.fit(fine, FEW, 4)
    found = training.fit(rough, FEW, 4, precision="bfloat16")
    assert found != wanted
    assert found.reconstruction == pytest.approx(wanted.reconstruction, abs=0.3)  # of some 40 nats
    assert {weight.dtype for weight in rough.parameters()} == {torch.float32}
    training.fit(again, FEW, 2, precision="bfloat16", checkpoint=path)
    assert training.fit(again, FEW, 4, precision="bfloat16", resume=path) == found
    assert same(weights_of(again), weights_of(rough))
    with refused(ValueError, "precision is float32, there bfloat16"):
        training.fit(again, FEW, 4, resume=path)
    with refused(ValueError, "precision = 'half'", "'float32' or 'bfloat16'"):
        training.fit(again, FEW, 4, precision="half")


@pytest.mark.parametrize(
    ("error", "beta", "part"),
    [(ValueError, -1, "beta = -1.0"), (TypeError, "x", "beta is str"), (ValueError, math.nan, "finite"),
     (ValueError, lambda epoch: 2 - epoch, "beta = -1.0 in epoch 3")],
)  # fmt: skip
def test_a_bad_beta_is_refused(error, beta, part):
    with refused(error, "training.fit", part):
        training.fit(VAE(64, latent=2), FEW, 3, beta=beta)


def test_an_autoencoder_has_no_beta():
    with refused(ValueError, "training.fit", "an AE has no KL", "leave beta out"):
        training.fit(AE(64, latent=2), FEW, 3, beta=0.5)
    with refused(ValueError, "training.warm_up", "epochs = 0"):
        training.warm_up(0)
