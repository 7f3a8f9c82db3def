"""Training a step: what the generic tests of exercises can't reach, because it is observed by what it does."""

import pytest
import torch
import torch.nn.functional as F

from vae_helpers.exercises import check
from vae_helpers.exercises.training import SIZES, averaged
from vae_helpers.maths import losses


def by_elbo(model, optimizer, x, eps):
    loss = -model.elbo(x, eps).total.mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss


def forgets_at_the_end(model, optimizer, x, eps):
    model.eval()  # there is no dropout that it could switch off
    mu, logvar = model.encode(x)
    logits = model.decode(mu + (logvar / 2).exp() * eps)
    pixels = F.binary_cross_entropy_with_logits(logits, x, reduction="sum") / len(x)
    pixels.backward(retain_graph=True)  # the two terms one after the other
    (0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1).mean()).backward()
    optimizer.step()
    model.zero_grad(set_to_none=False)


def without_backward(model, optimizer, x, eps):
    weights = list(model.parameters())
    slopes = torch.autograd.grad(-model.elbo(x, eps).total.mean(), weights)
    for weight, slope in zip(weights, slopes, strict=True):
        weight.grad = slope
    optimizer.step()


@pytest.mark.parametrize("step", [by_elbo, forgets_at_the_end, without_backward])
def test_a_step_in_other_words_is_right(step):
    assert check.training_step.look(step).state == "solved"


def noise_of_its_own(model, optimizer, x, eps):
    by_elbo(model, optimizer, x, torch.randn_like(eps))


def freezes(model, optimizer, x, eps):
    model.decoder.requires_grad_(False)
    by_elbo(model, optimizer, x, eps)


def without_a_graph(model, optimizer, x, eps):
    with torch.no_grad():
        loss = -model.elbo(x, eps).total.mean()
    loss.backward()


def no_mean(model, optimizer, x, eps):
    (-model.elbo(x, eps).total).backward()


def changes_x(model, optimizer, x, eps):
    by_elbo(model, optimizer, x.mul_(0.5), eps)


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (noise_of_its_own, "it draws noise of its own"),
        (freezes, "leaves weights that ask for no gradient"),
        (without_a_graph, "Nothing joins what is differentiated to what it is differentiated by"),
        (no_mean, "backward() and grad() start from one number"),
        (changes_x, "your function changes its argument x"),
        (lambda model, optimizer: optimizer.step(), "can't be called with (model, optimizer, x, eps)"),
        (lambda model, optimizer, x, eps: 1, "no gradient is passed back, and also the optimizer takes no step"),
    ],
)
def test_what_stops_a_step_is_said(step, said):
    verdict = check.training_step.look(step)
    assert verdict.state == "wrong"
    assert said in repr(verdict)


def test_the_reason_for_the_weight_of_a_mean_is_so():
    x, logits, mu, logvar = given = losses.example(3, 64, 2)
    theirs = F.binary_cross_entropy_with_logits(logits, x) + (0.5 * (mu**2 + logvar.exp() - 1 - logvar)).mean()
    assert torch.isclose(averaged(1.0)(*given), theirs)
    assert losses.beta(averaged(1.0), *given) == pytest.approx(32)
    for pixels, latents in SIZES:
        given = losses.example(3, pixels, latents)
        assert losses.beta(averaged(0.7), *given) == pytest.approx(0.7 * pixels / latents)
