"""What only the exercises of notebook 07 have: places compared by a special observer, and numbers named in texts."""

import pytest
import torch

from vae_helpers.exercises import check
from vae_helpers.exercises.latent_space import manifold, mass_within, numbers, walk
from vae_helpers.exercises.telling_bells import prices
from vae_helpers.maths import plane


def places(n, change=lambda z: z):
    return change(manifold(n))


@pytest.mark.parametrize(
    "change",
    [
        torch.zeros_like,
        torch.round,
        lambda z: 1.01 * z,
        lambda z: z + 0.01,
        lambda z: torch.full_like(z, torch.nan),
        lambda z: None,
        lambda z: "text",
        lambda z: z[..., None],
        lambda z: z if len(z) == 3 else 0 * z,
    ],
)
def test_places_that_only_look_right_are_refused(change):
    assert check.manifold.look(lambda n: places(n, change)).state == "wrong"


@pytest.mark.parametrize("change", [torch.Tensor.double, torch.Tensor.numpy, torch.Tensor.tolist])
def test_places_in_another_form_are_right(change):
    assert check.manifold.look(lambda n: places(n, change)).state == "solved"


def test_the_places_are_those_of_the_page():
    assert check.manifold.look(lambda n: plane.places(plane.knots(n)[1::2]).reshape(n, n, 2)).state == "solved"


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda z: z.flatten(0, 1), "one long list"),
        (lambda z: z.movedim(-1, 0), "last axis"),
        (lambda z: z[0], "one place for each strip"),
        (lambda z: z[0, :, 0], "one axis"),
    ],
)
def test_a_wrong_shape_of_the_places_is_explained(change, word):
    assert word in repr(check.manifold.look(lambda n: places(n, change)))


def test_a_number_among_the_arguments_is_named():
    assert "n = 3" in repr(check.manifold.look(lambda n: n / 0))


def test_places_need_no_dice():
    assert "it throws dice" in check.manifold.look(lambda n: torch.randn(n, n, 2).sort(1).values).head


@pytest.mark.parametrize("exercise", [check.walk, check.sphere_walk])
def test_a_walk_goes_on_as_far_as_one_likes(exercise):
    for wrong in (
        lambda start, end, t: exercise.reference(start, end, t.clamp(-4, 4)),
        lambda start, end, t: exercise.reference(start, end.clamp(-10, 10), t),
    ):
        assert exercise.look(wrong).state == "wrong"


def test_the_numbers_in_the_reasons_are_so():
    z = manifold(12)[0, :, 0]
    assert torch.stack([z[-1], z[6] - z[5], z[1] - z[0]]).round(decimals=2).tolist() == pytest.approx(
        [1.73, 0.21, 0.58]
    )
    assert mass_within(numbers(1, 2, 3)).round(decimals=3).tolist() == [0.393, 0.865, 0.989]
    kl, told = prices(numbers(-1.35, -0.45, 0.45, 1.35), numbers(*[0.27] * 4))
    assert round(kl.item(), 2) == 1.35
    assert told > 1.2


def test_no_four_bells_that_tell_cost_less_than_the_reason_says():
    bells = torch.tensor([[-1.3, -0.35, 0.35, 1.3], [-1.0, -1.5, -1.5, -1.0]], dtype=torch.float64).requires_grad_()
    climb = torch.optim.LBFGS([bells], max_iter=200, line_search_fn="strong_wolfe")

    def cost():
        climb.zero_grad()
        kl, told = prices(bells[0], bells[1].exp())
        (loss := kl + 1000 * (1.2 - told).clamp(min=0) ** 2).backward()
        return loss

    climb.step(cost)
    kl, told = prices(bells[0], bells[1].exp())
    assert round(kl.item(), 2) == 1.28
    assert abs(told.item() - 1.2) < 0.001


@pytest.mark.parametrize("answer", [([-1.5, -0.5, 0.5, 1.5], [0.3] * 4), ([-1.15, -0.32, 0.32, 1.15], [0.2] * 4)])
def test_other_bells_tell_too(answer):
    assert check.telling_bells.look(*answer).state == "solved"


@pytest.mark.parametrize(
    "values",
    [
        ([1e300, 0, 1, 2], [1] * 4),
        ([10**400] * 4, [1] * 4),
        ([1, 2, 3, 4], [0, 1, 1, 1]),
        ([1, 2, 3, 4], [1e-9] * 4),
        ([1, 2, 3], [1] * 4),
        ([1, 2, 3, torch.nan], [1] * 4),
        ([1, 2, 3, 4], ...),
    ],
)
def test_bells_that_are_none_are_refused(values):
    assert check.telling_bells.look(*values).state == "wrong"


@pytest.mark.parametrize(
    ("bells", "said"),
    [
        (([0] * 4, [0.1] * 4), "1.808 = 0.000 + 1.808 nats"),
        (([-6, -2, 2, 6], [3] * 4), "z tells too little, and the bells cost too much"),
        (([-0.05, -0.02, 0.02, 0.05], [0.01] * 4), "z tells too little, and the bells cost too much"),
        ((None, [1] * 4), "wanted a list of four numbers"),
    ],
)
def test_of_bells_all_is_said_that_they_miss(bells, said):
    assert said in repr(check.telling_bells.look(*bells))


def test_the_straight_walk_is_no_walk_along_the_sphere():
    assert "that is the straight walk" in check.sphere_walk.look(walk).head
