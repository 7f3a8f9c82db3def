"""log p(x) by importance sampling: our `log_likelihood` beside pythae's `get_nll`, for one and the same model."""

import multiprocessing
from statistics import mean, stdev

import torch
from torch import Tensor, nn

from benchmarks import measure, peers, report
from tests.campaign.spoiling import status
from vae_helpers.learning import data, evaluation, models, weights

FEW, SEEDS = 500, 40  # for the values, which scatter more than the seconds


def twin(model: models.VAE) -> nn.Module:
    """pythae's VAE with the layers of `model`."""

    class Same(peers.Networks):
        def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
            return model.encode(x)

        def logits(self, z: Tensor) -> Tensor:
            return model.decode(z)

    return peers.pythae_vae(Same()).eval()


def beside_pythae(model: models.VAE, images: Tensor, k: int, rounds: int = 5) -> None:
    """Seconds and values. pythae's `get_nll` returns +log p(x), despite its name; it draws no pixels: x is given."""
    x = torch.bernoulli(images, generator=torch.Generator().manual_seed(0))
    other = twin(model)

    def ours(k: int, seed: int = 0, **how) -> float:  # x is black and white: no seed draws it anew
        return evaluation.log_likelihood(model, x, k, seed, **how).log_likelihood.mean

    @torch.no_grad()
    def pythae(k: int) -> float:
        return float(other.get_nll(x.view(-1, 1, 28, 28), n_samples=k))

    ways = {"one thread": {}, "two threads": {"threads": 2}}
    rough = "two threads, bfloat16"
    if report.has_bfloat16():
        ways[rough] = {"threads": 2, "precision": "bfloat16"}
    found = measure.in_turn(
        {way: lambda how=how: measure.seconds(lambda: ours(k, **how)) for way, how in ways.items()}
        | {"pythae": lambda: measure.seconds(lambda: pythae(k))},
        rounds,
    )

    name = f"pythae's `get_nll`, {torch.get_num_threads()} threads"
    theirs = [pythae(FEW) for _ in range(SEEDS)]

    def put(title: str, measured: list[str], **how) -> None:
        rows = [measure.row(way, found[way], name, found["pythae"], "≥ 5") for way in measured]
        values = {"ours": [ours(FEW, seed, **how) for seed in range(SEEDS)], "pythae": theirs}
        both = ", ".join(f"{who} {mean(drawn):.3f} ± {stdev(drawn) / SEEDS**0.5:.3f}" for who, drawn in values.items())
        says = f"""log p(x) of {len(x)} test images of MNIST, {k} samples each, under the course's `mnist-20d`. The
            values, in nats, for {FEW} samples each, over {SEEDS} draws of them all: {both}."""
        report.put(title, says, measure.HEAD, rows, ("pythae",))

    put("log p(x) by importance sampling", ["one thread", "two threads"])
    if rough in ways:
        put("log p(x) in bfloat16", [rough], precision="bfloat16")


def memory() -> None:
    """What `log_likelihood` needs at its peak beside its images, for few samples and for many."""
    rows = []
    for n, k in ((100, 100), (100, 5000), (10_000, 100)):
        with multiprocessing.get_context("spawn").Pool(1) as fresh:
            rows.append([f"{n} images, k = {k}", f"{fresh.apply(_peak, (n, k)):.0f} MB"])
    says = """By how much the peak of a fresh process rises during a call: blocks of fixed size are filled anew, k and
        images only queue. Of 10 000 images the black and white ones alone are 31 MB."""
    report.put("Memory of `log_likelihood`", says, ("call", "peak"), rows)


def _peak(n: int, k: int) -> float:
    """In MB, where Linux counts it. Images of noise: reading MNIST has a peak of its own."""
    model, images = weights.load("mnist-20d"), torch.rand(n, 784, generator=torch.Generator().manual_seed(0))
    evaluation.log_likelihood(model, images[:1], 1)  # what the first call imports
    before = status("VmHWM:")
    evaluation.log_likelihood(model, images, k)
    return (status("VmHWM:") - before) / 2**20


def run() -> None:
    """Some ten minutes."""
    images, model = data.load("mnist").test.images, weights.load("mnist-20d")
    memory()
    beside_pythae(model, images[:100], k=5000)
