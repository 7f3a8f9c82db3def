"""learning.ink: strokes become images as MNIST's were made."""

import math

import pytest
import torch

from tests.tools import close, real, refused
from vae_helpers.learning import ink

LINE = [[[0.5, 0.2], [0.5, 0.8]]]


def spread(image, shape=(28, 28)):
    """First and last row, first and last column with ink."""
    rows, columns = image.reshape(shape).nonzero().T
    return rows.min().item(), rows.max().item(), columns.min().item(), columns.max().item()


def middle(image, shape=(28, 28)):
    image = image.reshape(shape).double()
    return [((image.sum(1 - axis) * torch.arange(shape[axis])).sum() / image.sum()).item() for axis in (0, 1)]


def test_the_longer_side_fills_the_box_and_the_mass_is_in_the_middle():
    for strokes in [*ink.EXAMPLES.values(), LINE]:
        image = ink.image(strokes)
        top, bottom, left, right = spread(image)
        assert max(bottom - top, right - left) + 1 == 20
        assert all(13.5 <= axis < 14.5 for axis in middle(image))


def test_where_and_how_large_it_was_drawn_does_not_matter():
    for strokes in ink.EXAMPLES.values():
        moved = [[[0.1 + 0.5 * x, 0.4 + 0.5 * y] for x, y in stroke] for stroke in strokes]
        assert (ink.image(moved) - ink.image(strokes)).abs().max() <= 1 / 255


def test_a_line_is_as_wide_as_the_pen():
    image = ink.image(LINE).reshape(28, 28)
    wide = 2 * ink.PEN * 20
    assert close(image[10:18].sum(1), [wide] * 8, 1 / 100)
    assert torch.equal(image, image.flip(1))


def test_a_dot_stays_a_dot_and_nothing_is_paper():
    dot = ink.image([[[0.9, 0.1]]])
    assert close(dot.sum(), math.pi * (20 * ink.PEN) ** 2, 0.1)
    assert torch.equal(dot, ink.image([[[0.2, 0.2], [0.2, 0.2]]]))
    assert ink.image([]).tolist() == [0] * 784


def test_it_is_counted_in_255_steps():
    counts = 255 * ink.image(ink.EXAMPLES[8])
    assert close(counts, counts.round(), 1e-5)
    assert len(counts.round().unique()) > 50


def test_other_shapes_and_a_box_that_fills_them():
    image = ink.image(ink.EXAMPLES[3], (8, 8), box=1.0)
    assert spread(image, (8, 8))[:2] == (0, 7)
    assert spread(ink.image(ink.EXAMPLES[3], (14, 40)), (14, 40))[0] >= 1
    assert ink.image(LINE, (1, 1)).shape == (1,)


@pytest.mark.mnist
def test_our_drawings_are_made_as_mnists_images_are():
    images = real("mnist").test.images
    assert all(13.5 <= axis < 14.5 for image in images[:100] for axis in middle(image))
    ours = torch.stack([ink.image(strokes) for strokes in ink.EXAMPLES.values()]).mean()
    assert 0.85 < (ours / images.mean()).item() < 1.15


def test_ten_examples_within_the_square():
    assert list(ink.EXAMPLES) == list(range(10))
    points = [number for strokes in ink.EXAMPLES.values() for stroke in strokes for point in stroke for number in point]
    assert 0 <= min(points) <= max(points) <= 1


def test_a_curve_goes_through_its_points():
    points = [[0.1, 0.1], [0.5, 0.2], [0.4, 0.9]]
    assert ink.smooth(points, 4)[::4] == points
    assert len(ink.smooth(points, 4)) == 9


@pytest.mark.parametrize("strokes", [[[]], [[[0.5]]], [[[0.5, math.nan]]], [[0.5, 0.5]], 3, [[["a", 0]]], [None]])
def test_what_are_no_strokes_is_refused(strokes):
    with refused(ValueError, "ink.image(strokes, shape, box)", "a list of points [x, y]", "[[[0.5, 0.1], [0.5, 0.9]]]"):
        ink.image(strokes)
