"""The wrong answers that learners give, by name.

A `Mistake` is the name (what was done, as one would say it aloud), why it is wrong, and where to look: a hint that does
not give the line away. What it computes is a switch: a family is the right function whose keyword arguments, thrown one
by one, give the wrong ones. So two mistakes made at once are both switches, and need no entry of their own.
"""

from collections.abc import Callable
from typing import NamedTuple

from torch import Tensor


class Mistake(NamedTuple):
    """A wrong answer with a name; `name` completes “not yet: …”."""

    name: str
    why: str
    hint: str


class Catalogue(NamedTuple):
    """The wrong answers to one exercise: `family(*arguments, **switches)`, right without switches, and each mistake's.

    Two whose switches have different names can be made together, and are recognised together.
    """

    family: Callable
    switches: dict[Mistake, dict]


# What many families switch: how the last axis is reduced.


def sum_last(values: Tensor) -> Tensor:
    """Σ over the last axis."""
    return values.sum(-1)


def mean_last(values: Tensor) -> Tensor:
    """The mean over the last axis."""
    return values.mean(-1)


def itself(values: Tensor) -> Tensor:
    """Nothing is done."""
    return values
