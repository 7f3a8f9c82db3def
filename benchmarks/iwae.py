"""The table of Burda, Grosse & Salakhutdinov (2016), arXiv 1509.00519, trained again: `python -m benchmarks.iwae`.

One stochastic layer: 784-200-200-50 and back with tanh, batch 20, Adam with ε = 1e-4, their rates: 3^i epochs at
1e-3 · 10^(−i/7), i = 0 … 7, 3280 in all. A row trains for `--seconds` of one processor core, an hour unless told, over
as many calls as it is given: each goes on where the last one was stopped.
"""

import argparse
import json
import time
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn

from benchmarks import report
from benchmarks.to_a_bound import xavier
from vae_helpers.learning import checkpoint, data, evaluation
from vae_helpers.learning.adam import Adam
from vae_helpers.learning.history import History
from vae_helpers.learning.models import VAE
from vae_helpers.maths import bounds, gaussian, likelihood

EPOCHS, BATCH = 3280, 20
RUNS, FOUND = Path(__file__).with_name("runs"), Path(__file__).with_name("iwae.json")  # runs/ is git-ignored


class Row(NamedTuple):
    """What is trained: k samples of the bound `climbs`, pixels drawn anew at each sight or once; and what they got."""

    climbs: str
    k: int
    pixels: str
    published: str

    @property
    def name(self) -> str:
        return f"{self.climbs}-{self.k}-{self.pixels}".lower()


ROWS = [
    Row("VAE", 1, "sampled", "86.76 (19)"), Row("VAE", 5, "sampled", "86.47 (20)"),
    Row("VAE", 50, "sampled", "86.35 (20)"), Row("IWAE", 5, "sampled", "85.54 (22)"),
    Row("IWAE", 50, "sampled", "84.78 (25)"), Row("VAE", 1, "fixed", "88.71"), Row("VAE", 5, "fixed", "88.83"),
    Row("VAE", 50, "fixed", "89.05"), Row("IWAE", 5, "fixed", "87.63"), Row("IWAE", 50, "fixed", "87.10"),
]  # fmt: skip


def network() -> VAE:
    """Ours, with tanh where SiLU stands, and Glorot's start."""
    model = VAE(784, latent=50, hidden=[200, 200])
    for layers in (model.encoder, model.decoder):
        for number, layer in enumerate(layers):
            if isinstance(layer, nn.SiLU):
                layers[number] = nn.Tanh()
    torch.manual_seed(0)
    xavier(model)
    return model


def rate(epoch: int) -> float:
    """The learning rate of epoch 1, 2, …"""
    stage = next(i for i in range(8) if epoch <= (3 ** (i + 1) - 1) // 2)
    return 1e-3 * 10 ** (-stage / 7)


def climbed(model: VAE, x: Tensor, k: int, climbs: str, generator: torch.Generator) -> Tensor:
    """The mean of k estimates of the ELBO (their eq. 3), or L_k (their eq. 8), of each image."""
    mu, logvar = model.encode(x)
    z = gaussian.reparameterize(mu, logvar, torch.randn(k, *mu.shape, generator=generator))
    weights = bounds.log_weights(likelihood.bernoulli(x, model.decode(z)), z, mu, logvar)
    return weights.mean(0) if climbs == "VAE" else bounds.iwae(weights.T)


def train(row: Row, images: Tensor, seconds: float) -> tuple[VAE, History, float]:
    """Go on where the last call stopped, until the seconds of all calls are over, or all epochs done. Last: seconds."""
    path, settings = RUNS / row.name, {"row": row.name, "batch": BATCH}
    clock = path.with_suffix(".seconds")  # of the processor, so that a busy machine costs no epochs
    model, generator, history = network(), torch.Generator().manual_seed(0), History(EPOCHS, settings=settings)
    fixed = torch.bernoulli(images, generator=torch.Generator().manual_seed(1)) if row.pixels == "fixed" else None
    adam = Adam(model.parameters(), eps=1e-4)
    if path.exists():
        checkpoint.restore(checkpoint.load(path), model, adam, generator, history)
    spent = float(clock.read_text()) if clock.exists() else 0.0
    begun = time.process_time() - spent
    while len(history) < EPOCHS and spent < seconds:
        stride, total = rate(len(history) + 1), 0.0
        for chosen in torch.randperm(len(images), generator=generator).split(BATCH):
            x = torch.bernoulli(images[chosen], generator=generator) if fixed is None else fixed[chosen]
            bound = climbed(model, x, row.k, row.climbs, generator)
            (-bound.mean()).backward()
            adam.step(stride)
            total += bound.detach().sum().item()
        history.record(reconstruction=total / len(images))  # the list by which a History counts its epochs
        checkpoint.save(checkpoint.take(model, adam, generator, history), path)
        spent = time.process_time() - begun
        clock.write_text(f"{spent}\n")
    return model, history, spent


def figures(model: VAE, images: Tensor, k: int) -> dict:
    """log p(x) by k samples, its error over the images, and the number of active units."""
    found = evaluation.log_likelihood(model, images, k).log_likelihood
    return {"log p": found.mean, "error": found.error, "active": len(evaluation.active_units(model, images)), "k": k}


def table() -> None:
    """RESULTS.md's section from all rows that were ever run."""
    found = json.loads(FOUND.read_text()) if FOUND.exists() else {}
    rows = []
    for row in ROWS:
        one = found.get(row.name)
        ours = f"{-one['log p']:.2f} ± {one['error']:.2f} ({one['active']})" if one else "not run"
        epochs = f"{one['epochs']} of {EPOCHS}" if one else ""
        hours = f"{one['seconds'] / 3600:.1f}" if one else ""
        where = one["machine"] if one else ""
        rows.append([row.climbs, row.k, row.pixels, ours, epochs, hours, where, row.published])
    says = """Test −log p(x) in nats by importance sampling with 5000 draws, over all 10 000 images, and in brackets
        the active units; the published figures are those of the paper's tables 1 and 3, after all epochs. Hours are
        those of one processor core in training; a slower one gets less far. Fixed pixels are drawn once by us: the
        file the paper used draws others."""
    report.put("VAE and IWAE beside the published table", says,
               ("climbs", "k", "pixels", "ours", "epochs", "hours", "on", "published"), rows)  # fmt: skip


def main() -> None:
    """`python -m benchmarks.iwae --seconds 3600 iwae-5-sampled …`: these rows, or all."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--seconds", type=float, default=3600)
    parser.add_argument("rows", nargs="*", default=[row.name for row in ROWS])
    asked, dataset = parser.parse_args(), data.load("mnist")
    RUNS.mkdir(exist_ok=True)
    torch.set_num_threads(1)
    for row in (row for row in ROWS if row.name in asked.rows):
        model, history, spent = train(row, dataset.train.images, asked.seconds)
        reached = {"epochs": len(history), "seconds": spent, "machine": report.machine()}
        reached |= figures(model, dataset.test.images, k=5000)
        known = json.loads(FOUND.read_text()) if FOUND.exists() else {}
        known[row.name] = reached  # read just now: rows may be trained side by side
        FOUND.write_text(json.dumps(known, indent=1) + "\n")
        table()


if __name__ == "__main__":
    main()
