"""The exercise of notebook 06 that trains: one step, observed by what it does to the weights of both networks."""

import functools
from collections.abc import Callable

import torch
from torch import Tensor

from vae_helpers.exercises import judge, trial
from vae_helpers.exercises.exercise import Exercise
from vae_helpers.exercises.mistakes.training_step import TRAINING_STEP as MISTAKES
from vae_helpers.exercises.probes import normal
from vae_helpers.exercises.trial import Stopped
from vae_helpers.figures import exercise as pictures
from vae_helpers.figures.picture import Picture
from vae_helpers.learning import data, models
from vae_helpers.maths import gaussian, likelihood


def training_step(model, optimizer, x, eps):
    """One step down the mean loss, −ELBO in nats, with z = μ + σ eps; x [batch, pixel], eps [batch, latent]."""
    mu, logvar = model.encode(x)
    z = mu + (0.5 * logvar).exp() * eps
    elbo = likelihood.bernoulli(x, model.decode(z)) - gaussian.kl(mu, logvar)
    loss = -elbo.mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


TAKES = {"model": "", "optimizer": "", "x": "batch pixel", "eps": "batch latent"}
GIVES = {
    "did a gradient arrive, did the optimizer step (1: yes)": "",
    "step 1, how the decoder's weights changed": "",
    "(the decoder is right) step 1, how the encoder's weights changed": "",
    "(step 1 is right) step 2, how the decoder's weights changed": "",
    "(all else is right) step 2, how the encoder's weights changed": "",
}


def _step(function: Callable, *args) -> None:
    """Call it, whatever it returns. Raises Stopped: an exception in it, arguments changed."""

    @functools.wraps(function)
    def step(*args):
        function(*args)
        return torch.zeros(())

    trial.outputs(step, args, TAKES, {"": ""})


def _networks(model: models.VAE) -> list[Tensor]:
    """The weights of the decoder, and those of the encoder, each in one row."""
    return [
        torch.cat([weight.detach().flatten() for weight in network.parameters()])
        for network in (model.decoder, model.encoder)
    ]


def _observe(function: Callable, probe: tuple) -> list[Tensor]:
    """What two steps do to a small model, as GIVES names it. Raises Stopped."""
    dice = torch.get_rng_state()
    found = _two_steps(function, probe)
    if not torch.equal(dice, torch.get_rng_state()) and not judge.same(found, _two_steps(function, probe)):
        raise Stopped(
            "it draws noise of its own.",
            "The same call twice gave two different steps. The noise is given, so that both can be compared: eps has a "
            "draw from N(0, 1) for each image and latent.",
        )
    return found


def _two_steps(function: Callable, probe: tuple) -> list[Tensor]:
    sizes, batches = probe
    model = models.VAE(*sizes, seed=1)
    with torch.no_grad():
        for weight in model.parameters():
            weight *= 2  # the first weights are so small that all images look alike to them
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    arrived, stepped, changes, called = [], [], [], []
    model.elbo = model.objective = lambda *given: called.append(True) or models.VAE.elbo(model, *given)
    for weight in model.parameters():
        weight.register_hook(lambda gradient: arrived.append(True))
    optimizer.register_step_post_hook(lambda *_: stepped.append(True))
    for x, eps in batches:
        before = _networks(model)
        _step(function, model, optimizer, x, eps)
        if called:
            raise Stopped("it calls model.elbo.", "Here its lines are to be written: encode, z, decode, the loss.")
        if not all(weight.requires_grad for weight in model.parameters()):
            raise Stopped(
                "it leaves weights that ask for no gradient.", "requires_grad is switched off: they won't learn again."
            )
        changes += [after - old for after, old in zip(_networks(model), before, strict=True)]
    # Where something moved, it does not matter how.
    moved = any(change.any() for change in changes)
    return [torch.tensor([moved or bool(arrived), moved or bool(stepped)]).float(), *changes]


def _batches(pixels: int, latent: int, *sizes: int, seed: int, grey: bool = False) -> list[tuple[Tensor, Tensor]]:
    noise = [normal(size, pixels + latent, seed=seed + i, dtype=torch.float32) for i, size in enumerate(sizes)]
    return [
        (each[:, :pixels].sigmoid() if grey else (each[:, :pixels] > 0).float(), each[:, pixels:]) for each in noise
    ]


@torch.no_grad()
def _loss(model: models.VAE, x: Tensor, eps: Tensor) -> Tensor:
    return -model.elbo(x, eps).total.mean()


def _descent(function: Callable, steps: int = 30) -> Tensor:
    """The loss before, between and after steps of Adam on the digits of the page, each measured on one batch."""
    generator = torch.Generator().manual_seed(0)
    images = torch.bernoulli(data.load("digits").train.images, generator=generator)
    model = models.VAE(images.shape[1], latent=2, seed=0)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.004)
    measured = images[:64], torch.randn(64, 2, generator=generator)
    reached = [_loss(model, *measured)]
    for x in images[64:].split(40)[:steps]:
        _step(function, model, optimizer, x, torch.randn(len(x), 2, generator=generator))
        reached.append(_loss(model, *measured))
    return torch.stack(reached)


def _picture(answer: Callable) -> Picture:
    yours, reference = _descent(answer), _descent(training_step)
    return pictures.beside(torch.arange(len(yours)), yours, reference, "step", "loss in nats per image")


TRAINING_STEP = Exercise(
    training_step,
    takes=TAKES,
    gives=GIVES,
    probes=[
        ((5, 3, 4), _batches(5, 3, 6, 7, seed=51)),
        ((7, 2, 5), _batches(7, 2, 1, 4, seed=61)),
        ((4, 1, 6), _batches(4, 1, 5, 3, seed=71, grey=True)),
    ],
    known=MISTAKES,
    first="Begin with the numbers, before anything moves: from x to mu and logvar, from these and eps to z, from z to "
    "the logits, and the loss of each image. Then make one number of it, and go a step down.",
    hint="Four lines up to the loss: model.encode, z, model.decode, and the mean of your loss over the batch. Then "
    "three calls: one forgets the old gradients, one finds the new ones, one moves the weights. Two of them are "
    "methods of the optimizer, one is the loss's. You may use my_vae_loss, or likelihood.bernoulli and gaussian.kl.",
    reason="One loss contains both networks, so one gradient moves both: the encoder's part comes back through z = μ + "
    "σ eps, which is why eps is drawn outside. backward() adds to the gradients that are there, so the old ones are "
    "forgotten first; that may also be done at the end of a step, but not between backward() and step().",
    sweep=_picture,
    observe=_observe,
)
