"""The drawn data set: its factors are what its images show."""

import math

import pytest
import torch

from vae_helpers.learning import data, shapes

SHAPES = data.load("shapes")
MIDDLES = torch.arange(shapes.SIDE) + 0.5


def one(**changes):
    known = {"x": 8.0, "y": 8.0, "size": 4.0, "angle": 0.0, "kind": 0, **changes}
    kind = torch.tensor([known.pop("kind")])
    counts = shapes.draw(**{key: torch.tensor([v], dtype=torch.float64) for key, v in known.items()}, kind=kind)
    return counts[0].reshape(shapes.SIDE, shapes.SIDE).double() / shapes.LEVELS


def test_it_says_what_it_is_and_is_the_same_each_time():
    assert repr(SHAPES) == "shapes: 5000 training and 1000 test images of 16 × 16 pixels"
    assert SHAPES.classes == ("ellipse", "rectangle", "triangle")
    again = data.load("shapes")
    assert again.sha256 == SHAPES.sha256
    assert torch.equal(again.test.counts, SHAPES.test.counts)
    assert not torch.equal(shapes.factors(10, seed=1)["x"], shapes.factors(10, seed=0)["x"])


def test_it_is_drawn_without_network(monkeypatch):
    monkeypatch.setattr("socket.socket.connect", lambda *_: pytest.fail("it asks the network"))
    assert len(data.load("shapes").train) == 5000


def test_the_factors_stand_beside_the_labels_and_cover_their_ranges():
    for split in (SHAPES.train, SHAPES.test):
        assert list(split.factors) == ["x", "y", "size", "angle", "kind"]
        assert all(len(values) == len(split) for values in split.factors.values())
        assert torch.equal(split.labels, split.factors["kind"])
        assert split.labels.bincount().min() > 0.3 * len(split)
    for name, low, high in (("x", 4.5, 11.5), ("y", 4.5, 11.5), ("size", 2.5, 4.5), ("angle", 0, math.pi)):
        values = SHAPES.train.factors[name]
        assert low <= values.min() < low + 0.01 * (high - low)
        assert high - 0.01 * (high - low) < values.max() <= high
    stacked = torch.stack([values.double() for values in SHAPES.train.factors.values()])
    assert (torch.corrcoef(stacked) - torch.eye(5)).abs().max() < 0.05, "each is drawn independently"
    assert data.load("digits").train.factors == {}


def test_the_middle_of_the_ink_is_where_the_factors_say():
    ink = SHAPES.train.images.reshape(-1, 16, 16).double()
    mass = ink.sum((1, 2))
    x, y = (ink.sum(1) @ MIDDLES.double()) / mass, (ink.sum(2) @ MIDDLES.double()) / mass
    round_ones = SHAPES.train.labels < 2
    factors = SHAPES.train.factors
    assert (x - factors["x"])[round_ones].abs().max() < 0.2
    assert (y - factors["y"])[round_ones].abs().max() < 0.2


def test_the_ink_is_the_area_of_the_shape():
    size = SHAPES.train.factors["size"]
    area = {0: math.pi / 2 * size**2, 1: 1.8 * 0.8 * size**2, 2: 0.5 * 1.6 * 1.2 * size**2}
    ink = SHAPES.train.images.double().sum(1)
    for kind, wanted in area.items():
        chosen = SHAPES.train.labels == kind
        assert (ink / wanted)[chosen].mean().item() == pytest.approx(1, abs=0.005)
        assert (ink / wanted - 1)[chosen].abs().max() < 0.12


def test_the_angle_turns_the_long_side_clockwise_and_the_triangle_has_a_tip():
    flat, steep, down = one(), one(angle=math.pi / 2), one(angle=math.pi / 4)
    assert torch.equal(steep, flat.T)
    assert flat[8].sum() > 1.8 * flat[:, 8].sum()
    assert down[10, 10] > 0.9, "a quarter turn down and to the right"
    assert down[10, 5] < 0.1
    tip = one(kind=2)
    assert tip[:, 5].sum() > 3 * tip[:, 11].sum()


def test_nothing_leaves_the_image():
    for kind, area in enumerate((math.pi / 2, 1.8 * 0.8, 0.5 * 1.6 * 1.2)):
        for angle in (0.0, 1.0, math.pi / 2, 3.1):
            biggest = one(x=4.5, y=11.5, size=4.5, angle=angle, kind=kind)
            assert biggest.sum().item() == pytest.approx(area * 4.5**2, rel=0.05)
