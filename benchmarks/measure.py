"""Times that can be compared: the candidates run in turn, round after round.

A machine's speed moves by itself (neighbours, heat), and moves all candidates of a round alike; so each round gives one
ratio, and what is reported is the median of the ratios and their spread. Seconds are told beside them for orientation.
"""

import gc
import time
from collections.abc import Callable
from statistics import median
from typing import NamedTuple


def seconds(call: Callable[[], object]) -> float:
    """How long one call takes, with the garbage of the one before taken away first."""
    gc.collect()
    begin = time.perf_counter()
    call()
    return time.perf_counter() - begin


def in_turn(candidates: dict[str, Callable[[], float]], rounds: int = 5) -> dict[str, list[float]]:
    """What each candidate returns (seconds, say) in each of the `rounds`, after a first call that does not count.

    Every second round goes backwards, so that nobody always runs behind the same neighbour.
    """
    for candidate in candidates.values():
        candidate()
    found = {name: [] for name in candidates}
    for number in range(rounds):
        for name in list(candidates)[:: (-1) ** number]:
            found[name].append(candidates[name]())
    return found


class Ratio(NamedTuple):
    """The peer's figure over ours, round by round: the median, the least and the most."""

    median: float
    least: float
    most: float

    def __str__(self) -> str:
        return f"{self.median:.3g} ({self.least:.3g} – {self.most:.3g})"


def ratio(peer: list[float], ours: list[float]) -> Ratio:
    """How many times what ours takes the peer takes, in the same round."""
    ratios = sorted(theirs / own for theirs, own in zip(peer, ours, strict=True))
    return Ratio(median(ratios), ratios[0], ratios[-1])


HEAD = ("what", "ours", "beside", "takes", "ratio (least – most)", "rounds", "asked")


def row(what: str, ours: list[float], name: str, peer: list[float], asked: str = "", unit: str = "s") -> list[str]:
    """A line under HEAD: our median, the peer's, their ratio; `asked` as in "≥ 2.1"."""
    times = [f"{median(values):.3g} {unit}" for values in (ours, peer)]
    return [what, times[0], name, times[1], str(ratio(peer, ours)), str(len(ours)), asked]
