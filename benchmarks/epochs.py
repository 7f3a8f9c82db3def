"""One epoch of training: our `fit` beside the tutorials' loop, pythae and pyro, and beside what the processor allows.

784-400-20, batch 128, 60 000 images of MNIST. The peers run with torch's default number of threads, as their users do.
"""

import multiprocessing
import os
import time
from collections.abc import Callable
from contextlib import contextmanager
from statistics import median

import psutil
import torch
from torch import Tensor
from torch.utils.data import DataLoader, TensorDataset

from benchmarks import measure, peers, report
from vae_helpers.learning import data, models, training
from vae_helpers.maths import threads as cores

LAYERS = ((peers.PIXELS, peers.HIDDEN), (peers.HIDDEN, 2 * peers.LATENT))
LAYERS += ((peers.LATENT, peers.HIDDEN), (peers.HIDDEN, peers.PIXELS))


def ours(images: Tensor, **options) -> Callable[[], float]:
    """Seconds of one epoch of `fit`, all that it does around the epoch included."""

    def run() -> float:
        model = models.VAE(peers.PIXELS, latent=peers.LATENT, hidden=peers.HIDDEN)
        return measure.seconds(lambda: training.fit(model, images, 1, batch_size=peers.BATCH, **options))

    return run


def theirs(train: Callable, counts: Tensor) -> Callable[[], float]:
    """Seconds of one epoch of a peer's trainer, by its own clock."""

    def run() -> float:
        clock = peers.Clock()
        train(counts, 1, clock)
        return clock.seconds[0]

    return run


def limit(batches: int) -> float:
    """Seconds of what no float32 epoch on one thread can do without: the matrix products, and Adam over the weights."""
    weights = [torch.randn(outputs, inputs, requires_grad=True) for inputs, outputs in LAYERS]
    for weight in weights:
        weight.grad = torch.randn_like(weight)
    inputs = [torch.randn(peers.BATCH, size) for size, _ in LAYERS]
    slopes = [torch.randn(peers.BATCH, size) for _, size in LAYERS]
    adam = torch.optim.Adam(weights, fused=True)

    @torch.no_grad()
    def epoch() -> None:
        for _ in range(batches):
            for number, (x, weight, slope) in enumerate(zip(inputs, weights, slopes, strict=True)):
                x @ weight.T
                slope.T @ x
                if number:  # nobody asks for the gradient of the pixels
                    slope @ weight
            adam.step()

    with cores.limited(1):
        return measure.seconds(epoch)


@contextmanager
def busy_neighbour():
    """Another process takes a core meanwhile, as a browser or a second notebook does."""
    neighbour = multiprocessing.get_context("spawn").Process(target=_spin, daemon=True)
    neighbour.start()
    time.sleep(1)  # until it spins
    try:
        yield
    finally:
        neighbour.kill()
        neighbour.join()


def _spin() -> None:
    while True:
        sum(range(10_000))


def one_epoch(counts: Tensor, images: Tensor, rounds: int = 5) -> None:
    """The table of one epoch, float32 and bfloat16."""
    candidates = {
        "tutorials' loop": theirs(peers.tutorial, counts),
        "pythae": theirs(peers.pythae, counts),
        "pyro": theirs(peers.pyro, counts),
        "float32": ours(images),
        "limit": lambda: limit(-(-len(images) // peers.BATCH)),
    }
    if report.has_bfloat16():
        candidates["bfloat16"] = ours(images, precision="bfloat16", threads=2)
    found = measure.in_turn(candidates, rounds)

    def beside(ours: str, what: str, least: tuple[str, str, str]) -> list[list[str]]:
        return [
            measure.row(what, found[ours], f"{peer}, {torch.get_num_threads()} threads", found[peer], asked)
            for peer, asked in zip(("tutorials' loop", "pythae", "pyro"), least, strict=True)
        ]

    rows = beside("float32", "float32, one thread", ("≥ 2.1", "≥ 1.3", "≥ 1.5"))
    rows.append(
        measure.row(
            "float32, one thread", found["float32"], "the processor's limit, one thread", found["limit"], "≥ 0.5"
        )
    )
    says = f"""{len(images)} images of MNIST, {peers.PIXELS}-{peers.HIDDEN}-{peers.LATENT}, batch {peers.BATCH}. Ours
        draws each pixel black or white anew each time, which the peers do not."""
    limits = "The limit: the matrix products of an epoch, and Adam over the weights, nothing else."
    report.put("One epoch", f"{says} {limits}", measure.HEAD, rows, ("pythae", "pyro-ppl", "numpy"))
    if "bfloat16" in found:
        rows = beside("bfloat16", "bfloat16, two threads", ("≥ 3.5", "≥ 2.2", "≥ 2.5"))
        report.put("One epoch in bfloat16", says, measure.HEAD, rows, ("pythae", "pyro-ppl", "numpy"))


def digits(epochs: int = 50, rounds: int = 5) -> None:
    """50 epochs of the digits, beside a DataLoader over the same tensors."""
    images = data.load("digits").train.images
    pairs = TensorDataset(images, torch.zeros(len(images)))

    def theirs() -> float:
        clock = peers.Clock()
        loader = DataLoader(pairs, batch_size=peers.BATCH, shuffle=True)
        peers.loop(loader, peers.Networks(64, 128, 2), epochs, clock)
        return sum(clock.seconds)

    def ours() -> float:
        model = models.VAE(64, latent=2, hidden=128)
        return measure.seconds(lambda: training.fit(model, images, epochs, batch_size=peers.BATCH))

    found = measure.in_turn({"ours": ours, "theirs": theirs}, rounds)
    name = f"tutorials' loop, {torch.get_num_threads()} threads"
    rows = [measure.row(f"{epochs} epochs, one thread", found["ours"], name, found["theirs"], "≥ 1.7")]
    says = (
        f"{len(images)} digits of 8 × 8, 64-128-2, batch {peers.BATCH}; the DataLoader stacks tensors that are ready."
    )
    report.put("The digits", says, measure.HEAD, rows)


def neighbours(images: Tensor, rounds: int = 5) -> None:
    """How much slower an epoch gets where another program takes a core."""

    def beside(call: Callable[[], float]) -> Callable[[], float]:
        def run() -> float:
            with busy_neighbour():
                return call()

        return run

    one, two = ours(images, threads=1), ours(images, threads=2)
    found = measure.in_turn({"one": one, "one, busy": beside(one), "two": two, "two, busy": beside(two)}, rounds)
    rows = [
        measure.row(f"{what} with a busy neighbour", found[f"{name}, busy"], "alone", found[name], asked)
        for name, what, asked in (("one", "one thread (ours)", "> 0.67"), ("two", "two threads", ""))
    ]
    says = f"""`fit` on {len(images)} images while another process takes one of the cores, beside the same without it:
        why one thread is the default."""
    report.put("A busy neighbour", says, measure.HEAD, rows)


def sizes(images: Tensor, rounds: int = 5) -> None:
    """Seconds per image from a thousand images to a quarter of a million."""
    numbers = (1_000, 10_000, 60_000, 240_000)
    grown = {number: images.repeat(-(-number // len(images)), 1)[:number] for number in numbers}
    found = measure.in_turn({str(number): ours(part) for number, part in grown.items()}, rounds)
    base = [seconds / 60_000 for seconds in found["60000"]]
    rows = []
    for number in numbers:
        each = [seconds / number for seconds in found[str(number)]]
        micro = ([1e6 * value for value in values] for values in (each, base))
        rows.append(measure.row(f"an image of {number}", next(micro), "an image of 60000", next(micro), "≈ 1", "µs"))
    says = "One epoch of `fit`, the seconds divided by the number of images: they should not depend on it."
    report.put("From a thousand images to a quarter of a million", says, measure.HEAD, rows)


def memory(images: Tensor, epochs: int = 40) -> None:
    """What the process holds after the early epochs and after the late ones."""
    process, held = psutil.Process(os.getpid()), []
    model = models.VAE(peers.PIXELS, latent=peers.LATENT, hidden=peers.HIDDEN)
    training.fit(
        model, images[:4000], epochs, batch_size=peers.BATCH, on_epoch=lambda _: held.append(process.memory_info().rss)
    )
    quarter = epochs // 4
    early, late = (median(part) / 2**20 for part in (held[quarter : 2 * quarter], held[-quarter:]))
    rows = [[f"epochs {quarter + 1} to {2 * quarter}", f"{early:.1f} MB"]]
    rows += [[f"epochs {epochs - quarter + 1} to {epochs}", f"{late:.1f} MB"], ["grown by", f"{late - early:.1f} MB"]]
    report.put("Memory over epochs", f"The process that trains, {epochs} epochs of 4000 images: its median.",
               ("when", "resident"), rows)  # fmt: skip


def run() -> None:
    """All of it: some ten minutes."""
    dataset = data.load("mnist")
    counts, images = dataset.train.counts, dataset.train.images
    one_epoch(counts, images)
    digits()
    neighbours(images[:20_000])
    sizes(images)
    memory(images)
