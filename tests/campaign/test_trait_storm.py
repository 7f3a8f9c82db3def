"""Traits set as fast as they come from two threads while a training runs: right pictures, no lock-up, no leak."""

import random
import threading
from pathlib import Path

import torch

from tests.test_every_explorer import BUILD
from vae_helpers.learning import data, training
from vae_helpers.learning.models import VAE
from vae_helpers.widgets import (
    bayes,
    course,
    distribution,
    divergence,
    elbo,
    importance,
    latent_pad,
    latent_space,
    monte_carlo,
    reparameterization,
    time_machine,
)
from vae_helpers.widgets.flipbook import stops_of
from vae_helpers.widgets.training import Training

DIGITS = data.load("digits")
# One explorer of each room.
KINDS = [bayes.five_curves, course.symbols, distribution.two_scores, divergence.jensen, elbo.theta, importance.repair,
         latent_space.shell, monte_carlo.board, reparameterization.throws]  # fmt: skip
MEGA = 1 << 20


def resident() -> int:
    """Bytes that this process holds now; 0 where the system does not say."""
    path = Path("/proc/self/statm")
    return int(path.read_text().split()[1]) * 4096 if path.exists() else 0


def positions(control):
    """A few values that the control takes: its ends, and between."""
    if hasattr(control, "options"):
        return [option[1] if isinstance(option, tuple) else option for option in control.options]
    return stops_of(control, 5)


def moves(explorers, pads, chance):
    """Endless (object, trait, value): what a hand that never rests would set."""
    while True:
        if chance.random() < 0.2:
            yield chance.choice([
                (pads[0], "t", chance.random()), (pads[0], "path", chance.choice(["straight", "sphere"])),
                (pads[0], "manifold", chance.random() < 0.5), (pads[1], "epoch", chance.uniform(0, 100)),
            ])  # fmt: skip
        else:
            control = chance.choice(list(chance.choice(explorers).controls.values()))
            yield control, "value", chance.choice(positions(control))


class Storm(threading.Thread):
    """Sets `count` traits, one after the other, from the first epoch of `machine` on; the last to end stops it."""

    running, door = 0, threading.Lock()

    def __init__(self, seed, count, machine, explorers, pads):
        super().__init__(daemon=True)
        self.moves, self.count, self.machine = moves(explorers, pads, random.Random(seed)), count, machine
        self.begin, self.done, self.failure, self.sizes = threading.Event(), 0, None, []
        machine.stop.observe(lambda change: change["new"] or self.begin.set(), "disabled")  # Stop is alive: it trains
        Storm.running += 1

    def run(self):
        try:
            self.begin.wait()
            while self.done < self.count:
                widget, trait, value = next(self.moves)
                setattr(widget, trait, value)
                self.done += 1
                if self.done in (self.count // 2, self.count):
                    self.sizes.append(resident())
        except Exception as error:
            self.failure = error
        finally:
            with Storm.door:
                Storm.running -= 1
                if Storm.running == 0:
                    self.machine.stop.click()


def test_a_storm_of_changes_during_a_training(rounds, record):
    count, images = rounds(10_000, 60), DIGITS.train.images[: rounds(512, 64)]
    build = [BUILD[kind][0] for kind in KINDS[: rounds(len(KINDS), 3)]]
    explorers, before = [make() for make in build], torch.get_num_threads()
    pads = [latent_pad.stored("digits-2d"), time_machine.stored("mnist-2d")]
    machine = Training(VAE(64, latent=2), images, 1_000_000)
    storms = [Storm(seed, count // 2, machine, explorers, pads) for seed in (0, 1)]
    trained = []
    threads = [*storms, threading.Thread(target=lambda: trained.append(machine.train()), daemon=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(600)
    machine.stop.click()  # of no use but where a storm is stuck: then the training must not go on for ever
    assert not any(thread.is_alive() for thread in threads), "a deadlock"
    (history,) = trained
    assert [storm.failure for storm in storms] == [None, None]
    assert sum(storm.done for storm in storms) == count
    for make, explorer in zip(build, explorers, strict=True):
        fresh = make()
        for name, control in fresh.controls.items():
            control.value = explorer.controls[name].value
        assert explorer.failure is None
        assert (explorer.view.error, explorer.view.says) == ("", fresh.view.says)
        assert explorer.view.png == fresh.view.png, "the picture of the last values"
    twin = VAE(64, latent=2)
    assert training.fit(twin, images, max(1, len(history))).elbo[: len(history)] == history.elbo
    if len(history):
        assert all(torch.equal(*pair) for pair in zip(twin.parameters(), machine.model.parameters(), strict=True))
    assert torch.get_num_threads() == before
    grown = max(storm.sizes[1] - storm.sizes[0] for storm in storms)
    assert grown < 48 * MEGA, f"{grown / MEGA:.0f} MB more after the second half"
    record(
        "a storm of trait changes during a training",
        f"{count} changes from two threads on {len(explorers)} explorers, a latent pad and a time machine",
        "no exception, no deadlock; each picture byte for byte that of a fresh explorer at the last values; "
        f"the training of {len(history)} epochs bit for bit as without; memory flat: {grown / MEGA:.0f} MB more "
        "after the second half",
    )
