"""log p(x) by importance sampling: our `log_likelihood` beside pythae's `get_nll`, for one and the same model."""

from statistics import mean, stdev

import psutil
import torch
from torch import Tensor, nn

from benchmarks import measure, peers, report
from vae_helpers.learning import data, evaluation, models, weights


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
    other, values = twin(model), {"ours": [], "pythae": []}

    def ours(threads: int) -> float:
        seed = len(values["ours"])  # black and white pixels stay what they are, whatever the seed
        return measure.seconds(
            lambda: values["ours"].append(evaluation.log_likelihood(model, x, k, seed, threads).log_likelihood.mean)
        )

    @torch.no_grad()
    def pythae() -> float:
        return measure.seconds(lambda: values["pythae"].append(other.get_nll(x.view(-1, 1, 28, 28), n_samples=k)))

    found = measure.in_turn({"one": lambda: ours(1), "two": lambda: ours(2), "pythae": pythae}, rounds)
    name = f"pythae's `get_nll`, {torch.get_num_threads()} threads"
    rows = [
        measure.row(f"{n} thread{s}", found[n], name, found["pythae"], "≥ 5") for n, s in (("one", ""), ("two", "s"))
    ]
    both = ", ".join(
        f"{who} {mean(drawn):.3f} ± {stdev(drawn) / len(drawn) ** 0.5:.3f}" for who, drawn in values.items()
    )
    says = f"""log p(x) of {len(x)} test images of MNIST, {k} samples each, under the course's `mnist-20d`. The
        values, in nats, with the error that the draws make: {both}."""
    report.put("log p(x) by importance sampling", says, measure.HEAD, rows, ("pythae",))


def memory(model: models.VAE, images: Tensor) -> None:
    """What `log_likelihood` needs beside its images, for few samples and for many."""
    process, rows = psutil.Process(), []
    for n, k in ((100, 100), (100, 5000), (len(images), 20)):
        before = process.memory_info().rss
        evaluation.log_likelihood(model, images[:n], k)
        rows.append([f"{n} images, k = {k}", f"{(process.memory_info().rss - before) / 2**20:.0f} MB"])
    says = (
        "What the process has grown by after each call: blocks of fixed size are filled anew, k and images only queue."
    )
    report.put("Memory of `log_likelihood`", says, ("call", "grown by"), rows)


def run() -> None:
    """Some five minutes."""
    images, model = data.load("mnist").test.images, weights.load("mnist-20d")
    memory(model, images)
    beside_pythae(model, images[:50], k=5000)
