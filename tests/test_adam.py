"""learning.adam: torch's own optimizer, bit for bit, and without torch's compiler."""

import subprocess
import sys

import torch

from vae_helpers.learning.adam import Adam

CLIMB = """
import sys
from vae_helpers.learning import data, evaluation, models, training
model, images = models.VAE(64, latent=2, hidden=4), data.load("digits").train.images[:64]
training.fit(model, images, epochs=2)
evaluation.gap(model, images[0].round())
print([name for name in ("torch._dynamo", "sympy") if name in sys.modules])
"""


def steps(optimizer, parameters, step):
    """The parameters after twenty steps at changing rates on a bowl that is ten times steeper each way."""
    for number in range(20):
        bowl = sum((10**power * each.square()).sum() for power, each in enumerate(parameters))
        for parameter, slope in zip(parameters, torch.autograd.grad(bowl, parameters), strict=True):
            parameter.grad = slope
        step(optimizer, 0.1 / (1 + number))
    return parameters


def parameters():
    generator = torch.Generator().manual_seed(0)
    return [torch.randn(*shape, generator=generator).requires_grad_() for shape in ((3, 40), (40,), (1,))]


def by_torch(optimizer, rate):
    optimizer.param_groups[0]["lr"] = rate
    optimizer.step()


def test_it_takes_the_steps_of_torchs_own():
    for eps in (1e-8, 1e-2):
        mine, theirs = parameters(), parameters()
        steps(Adam(mine, eps=eps), mine, Adam.step)
        steps(torch.optim.Adam(theirs, eps=eps, fused=True), theirs, by_torch)
        assert not torch.equal(mine[0], parameters()[0])
        assert all(torch.equal(*pair) for pair in zip(mine, theirs, strict=True))


def test_neither_a_training_nor_the_best_bell_of_a_gap_imports_a_compiler():
    ran = subprocess.run([sys.executable, "-c", CLIMB], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
