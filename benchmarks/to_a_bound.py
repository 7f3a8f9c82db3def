"""Seconds until the test images reach a given ELBO: what a batch, a rate, a schedule and a start are chosen by."""

import contextlib
import math
import time
from collections.abc import Callable
from statistics import mean, stdev

import torch
from torch import Tensor, nn

from benchmarks import measure, peers, report
from vae_helpers.learning import data, evaluation, models, training
from vae_helpers.maths import bounds, gaussian, likelihood

GOAL = -105.0  # nats per image of MNIST's test part, its pixels drawn black or white
MOST = 30  # epochs, after which a run is given up
TUNED = {"epochs": 3, "batch_size": 128, "learning_rate": training.cosine(3, 4e-3)}  # the fastest of the sweep


@torch.no_grad()
def elbo(networks: peers.Networks, images: Tensor) -> float:
    """The mean ELBO of a peer's networks, by the very sums that measure ours."""
    generator = torch.Generator().manual_seed(0)
    x = torch.bernoulli(images, generator=generator)
    mu, logvar = networks.encode(x)
    z = gaussian.reparameterize(mu, logvar, torch.randn(mu.shape, generator=generator))
    return bounds.elbo(likelihood.bernoulli(x, networks.logits(z)), mu, logvar).total.mean().item()


class Reached(Exception):
    """The goal is reached: this stops a trainer that cannot be asked to stop."""


def crossing(seconds: list[float], reached: list[float]) -> float:
    """When the straight line from epoch to epoch meets the goal; ∞ if it does not."""
    for number, now in enumerate(reached):
        if now >= GOAL:
            before = reached[number - 1] if number else -math.inf
            share = (GOAL - before) / (now - before) if number else 1.0
            return sum(seconds[:number]) + share * seconds[number]
    return math.inf


def theirs(train: Callable, counts: Tensor, test: Tensor) -> Callable[[], float]:
    """Seconds that a peer trains until the goal; what measuring takes is not counted."""

    def run() -> float:
        reached = []

        def seen(networks: peers.Networks) -> None:
            reached.append(elbo(networks, test))
            if reached[-1] >= GOAL:
                raise Reached

        clock = peers.Clock(seen)
        with contextlib.suppress(Reached):
            train(counts, MOST, clock)
        return crossing(clock.seconds, reached)

    return run


def ours(
    images: Tensor, test: Tensor, seed: int, start: Callable[[nn.Module], object] = lambda model: None, **options
) -> float:
    """Seconds that `fit` trains until the goal, as above."""
    model, seconds, reached = models.VAE(peers.PIXELS, peers.LATENT, peers.HIDDEN, seed), [], []
    start(model)
    timer = options.pop("timer", time.perf_counter)
    began = [timer()]

    def seen(_) -> None:
        seconds.append(timer() - began[0])
        reached.append(evaluation.elbo(model, test).total.mean)
        began[0] = timer()

    def stop() -> bool:
        return bool(reached) and reached[-1] >= GOAL

    training.fit(model, images, options.pop("epochs", MOST), seed=seed, on_epoch=seen, stop=stop, **options)
    return crossing(seconds, reached)


def race(counts: Tensor, images: Tensor, test: Tensor, rounds: int = 5) -> None:
    """Us, in three settings, and the peers."""
    settings = {"as `fit` comes": {}, "batch 128, cosine(3, 4e-3)": TUNED}
    rough = "batch 128, cosine(3, 4e-3), bfloat16, two threads"
    if report.has_bfloat16():
        settings[rough] = {**TUNED, "precision": "bfloat16", "threads": 2}
    seeds = {what: iter(range(rounds + 1)) for what in settings}
    found = measure.in_turn(
        {"tutorials' loop": theirs(peers.tutorial, counts, test), "pythae": theirs(peers.pythae, counts, test)}
        | {what: lambda what=what: ours(images, test, next(seeds[what]), **settings[what]) for what in settings},
        rounds,
    )
    says = f"""Training until the ELBO of the 10 000 test images, pixels drawn black or white, reaches {GOAL:.0f} nats;
        another seed in each round. The peers see grey pixels, as their users do, at batch {peers.BATCH} and rate
        {peers.RATE}."""

    def put(title: str, measured: list[str]) -> None:
        rows = [
            measure.row(what, found[what], peer, found[peer], asked)
            for what in measured
            for peer, asked in (("tutorials' loop", "≥ 3"), ("pythae", "≥ 2"))
        ]
        report.put(title, says, measure.HEAD, rows, ("pythae",))

    put("Seconds to a test ELBO of −105", [what for what in settings if what != rough])
    if rough in settings:
        put("Seconds to a test ELBO of −105 in bfloat16", [rough])


def _linears(model: nn.Module):
    return (layer for layer in model.modules() if isinstance(layer, nn.Linear))


def xavier(model: nn.Module) -> None:
    """Glorot's start."""
    for layer in _linears(model):
        nn.init.xavier_uniform_(layer.weight)
        nn.init.zeros_(layer.bias)


def he(model: nn.Module) -> None:
    """He's start."""
    for layer in _linears(model):
        nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
        nn.init.zeros_(layer.bias)


def sweep(images: Tensor, test: Tensor, seeds: int = 3) -> None:
    """Processor seconds to the goal over batches, rates, schedules and starts; the mean over seeds, and its error."""
    settings = {
        f"batch {batch}, {rate:g}": {"batch_size": batch, "learning_rate": rate, "epochs": 8}
        for batch in (64, 128, 256)
        for rate in (1e-3, 2e-3, 3e-3, 4e-3, 6e-3)
    }
    for epochs in (3, 4):
        settings[f"batch 128, cosine({epochs}, 4e-3)"] = {
            "batch_size": 128, "learning_rate": training.cosine(epochs, 4e-3), "epochs": epochs,
        }  # fmt: skip
    for start in (xavier, he):
        settings[f"batch 128, 4e-3, {start.__name__}"] = {
            "batch_size": 128, "learning_rate": 4e-3, "epochs": 8, "start": start,
        }  # fmt: skip
    rows = []
    for name, options in settings.items():
        found = [ours(images, test, seed, timer=time.process_time, **options) for seed in range(seeds)]
        whole = [value for value in found if math.isfinite(value)]
        missed = f"; {len(found) - len(whole)} of {seeds} did not" if len(whole) < len(found) else ""
        error = f" ± {stdev(whole) / len(whole) ** 0.5:.1f}" if len(whole) > 1 else ""
        rows.append([name, (f"{mean(whole):.1f} s{error}" if whole else "none") + missed])
        print(rows[-1], flush=True)
    says = f"""Processor seconds of one thread until the test ELBO is {GOAL:.0f}, within 8 epochs; mean over {seeds}
        seeds."""
    report.put("Batch, rate, schedule and start, by that measure", says, ("setting", "to −105"), rows)


def roughness(images: Tensor, test: Tensor, seeds: int = 5) -> None:
    """What bfloat16 costs in the test ELBO of the race: the same seeds in both, the differences' mean and error."""
    reached = {"float32": [], "bfloat16": []}
    for precision, values in reached.items():
        for seed in range(seeds):
            model = models.VAE(peers.PIXELS, peers.LATENT, peers.HIDDEN, seed)
            training.fit(model, images, **TUNED, threads=2, seed=seed, precision=precision)
            values.append(evaluation.elbo(model, test).total.mean)
    apart = [rough - fine for fine, rough in zip(*reached.values(), strict=True)]
    rows = [[name, f"{mean(values):.2f} ± {stdev(values) / seeds**0.5:.2f}"] for name, values in reached.items()]
    rows.append(["the difference, seed by seed", f"{mean(apart):+.2f} ± {stdev(apart) / seeds**0.5:.2f}"])
    says = (
        f"The ELBO of the test images, in nats, after the race's {TUNED['epochs']} epochs; two threads, {seeds} seeds."
    )
    report.put("What bfloat16 costs", says, ("precision", "test ELBO"), rows)


def run() -> None:
    """The race and the sweep: half an hour."""
    dataset = data.load("mnist")
    counts, images, test = dataset.train.counts, dataset.train.images, dataset.test.images
    race(counts, images, test)
    sweep(images, test)
    if report.has_bfloat16():
        roughness(images, test)
