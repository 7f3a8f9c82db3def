import itertools
import math

import pytest
import torch
import torch.nn.functional as F
from torch.distributions import Bernoulli

from tests.tools import close, f64, refused, seeded
from vae_helpers.maths import likelihood

LOGITS = 3 * torch.randn(5, 4, generator=seeded(), dtype=torch.float64)


def test_bernoulli_is_that_of_torch_distributions():
    x = (torch.rand(5, 4, generator=seeded(1)) < 0.5).double()
    assert close(likelihood.bernoulli(x, LOGITS), Bernoulli(logits=LOGITS).log_prob(x).sum(-1))


def test_on_grey_pixels_it_is_the_cross_entropy():
    x = torch.rand(5, 4, generator=seeded(1), dtype=torch.float64)
    wanted = -F.binary_cross_entropy_with_logits(LOGITS, x, reduction="none").sum(-1)
    assert close(likelihood.bernoulli(x, LOGITS), wanted)


def test_the_probabilities_of_all_images_sum_to_one():
    images = f64(list(itertools.product([0.0, 1.0], repeat=4)))
    assert likelihood.bernoulli(images, LOGITS[0]).exp().sum().item() == pytest.approx(1, abs=1e-14)


@pytest.mark.parametrize("logit", [-1000.0, -50.0, -20.5, 0.0, 20.5, 39.0, 1000.0])
def test_extreme_logits_keep_their_digits(logit):
    for pixel in (0.0, 1.0):
        against = -logit if pixel else logit  # log p = −log(1 + exp(against))
        wanted = -max(against, 0.0) - math.log1p(math.exp(-abs(logit)))
        found = likelihood.bernoulli(f64([pixel]), f64([logit])).item()
        assert found == pytest.approx(wanted, abs=1e-14)


def test_the_gradient_is_that_of_finite_differences():
    x = torch.rand(5, 4, generator=seeded(1), dtype=torch.float64)
    logits = LOGITS.clone().requires_grad_()
    assert torch.autograd.gradcheck(lambda logits: likelihood.bernoulli(x, logits), [logits])


@pytest.mark.parametrize(
    ("x", "logits", "error", "parts"),
    [
        (torch.full((2, 3), 255.0), torch.zeros(2, 3), ValueError, ["255", "[0, 1]"]),
        (torch.full((2, 3), -0.5), torch.zeros(2, 3), ValueError, ["from -0.5 to -0.5", "[0, 1]"]),
        (torch.zeros(2, 3), torch.zeros(2, 4), ValueError, ["x [2, 3], logits [2, 4]"]),
        (torch.zeros(2, 3).byte(), torch.zeros(2, 3), TypeError, ["x is uint8 of shape [2, 3]"]),
        (torch.zeros(2, 3), torch.full((2, 3), math.nan), ValueError, ["logits", "holds 6 NaN"]),
    ],
    ids=["grey", "negative", "shapes", "uint8", "nan"],
)
def test_bad_input_is_refused(x, logits, error, parts):
    with refused(error, "likelihood.bernoulli(x, logits)", *parts):
        likelihood.bernoulli(x, logits)
