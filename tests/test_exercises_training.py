"""Training a step: what the generic tests of exercises can't reach, because it is observed by what it does."""

from fractions import Fraction

import pytest
import torch
import torch.nn.functional as F

from vae_helpers.exercises import check
from vae_helpers.exercises.training import SIZES, averaged
from vae_helpers.maths import losses


def loss_of(model, x, eps):
    mu, logvar = model.encode(x)
    logits = model.decode(mu + (logvar / 2).exp() * eps)
    pixels = F.binary_cross_entropy_with_logits(logits, x, reduction="sum") / len(x)
    return pixels + 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1).mean()


def plain(model, optimizer, x, eps):
    loss = loss_of(model, x, eps)
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
    slopes = torch.autograd.grad(loss_of(model, x, eps), weights)
    for weight, slope in zip(weights, slopes, strict=True):
        weight.grad = slope
    optimizer.step()


@pytest.mark.parametrize("step", [plain, forgets_at_the_end, without_backward])
def test_a_step_in_other_words_is_right(step):
    assert check.training_step.look(step).state == "solved"


def noise_of_its_own(model, optimizer, x, eps):
    plain(model, optimizer, x, torch.randn_like(eps))


def freezes(model, optimizer, x, eps):
    model.decoder.requires_grad_(False)
    plain(model, optimizer, x, eps)


def without_a_graph(model, optimizer, x, eps):
    with torch.no_grad():
        loss = loss_of(model, x, eps)
    loss.backward()


def no_mean(model, optimizer, x, eps):
    loss = loss_of(model, x, eps).expand(len(x))
    loss.backward()


def by_elbo(model, optimizer, x, eps):
    loss = -model.elbo(x, eps).total.mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


def steps_too_early(model, optimizer, x, eps):
    loss = loss_of(model, x, eps)
    optimizer.zero_grad()
    optimizer.step()
    loss.backward()


def changes_x(model, optimizer, x, eps):
    plain(model, optimizer, x.mul_(0.5), eps)


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (noise_of_its_own, "it draws noise of its own"),
        (freezes, "leaves weights that ask for no gradient"),
        (without_a_graph, "Nothing joins what is differentiated to what it is differentiated by"),
        (no_mean, "backward() and grad() start from one number"),
        (by_elbo, "it calls model.elbo"),
        (steps_too_early, "the gradient is thrown away before the step"),
        (changes_x, "your function changes its argument x"),
        (lambda model, optimizer: optimizer.step(), "can't be called with (model, optimizer, x, eps)"),
        (lambda model, optimizer, x, eps: 1, "no gradient is passed back, and also the optimizer takes no step"),
    ],
)
def test_what_stops_a_step_is_said(step, said):
    verdict = check.training_step.look(step)
    assert verdict.state == "wrong"
    assert said in repr(verdict)


def test_only_an_encoder_that_goes_astray_is_told_so():
    def wrong(model, optimizer, x, eps):
        plain(model, optimizer, x, eps)
        with torch.no_grad():
            next(model.encoder.parameters()).add_(0.01)

    assert "(the decoder is right) step 1, how the encoder's weights changed" in repr(check.training_step.look(wrong))


@pytest.mark.parametrize(
    "weight",
    [
        lambda pixels, latents: Fraction(latents, pixels),
        lambda pixels, latents: torch.ones(latents).sum() / pixels,
        lambda pixels, latents: [latents / pixels],
    ],
)
def test_a_weight_in_other_words_is_right(weight):
    assert check.kl_weight.look(weight).state == "solved"


def test_a_weight_that_is_no_number_is_told_so():
    assert "wanted a number" in check.kl_weight.look(lambda pixels, latents: "1/32").head


def test_what_is_nothing_but_nan_is_no_known_mistake():
    verdict = check.vae_loss.look(lambda x, logits, mu, logvar: torch.full_like(mu[:, 0], torch.nan))
    assert "not as any mistake does" in verdict.head


def test_the_reason_for_the_weight_of_a_mean_is_so():
    x, logits, mu, logvar = given = losses.example(3, 64, 2)
    theirs = F.binary_cross_entropy_with_logits(logits, x) + (0.5 * (mu**2 + logvar.exp() - 1 - logvar)).mean()
    assert torch.isclose(averaged(1.0)(*given), theirs)
    assert losses.beta(averaged(1.0), *given) == pytest.approx(32)
    for pixels, latents in SIZES:
        given = losses.example(3, pixels, latents)
        assert losses.beta(averaged(0.7), *given) == pytest.approx(0.7 * pixels / latents)
