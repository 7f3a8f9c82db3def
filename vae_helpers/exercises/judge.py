"""Comparing a learner's function with the reference: equal, or like which mistake, or where it first goes wrong."""

from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import combinations

import torch
from torch import Tensor

from vae_helpers.exercises import trouble
from vae_helpers.exercises.feedback import shown
from vae_helpers.exercises.mistakes.mistake import Catalogue, Mistake

ATOL, RTOL = 1e-4, 1e-5  # what a right answer in float32 may lose; mistakes differ by far more


def same(came: Sequence[Tensor], wanted: Sequence[Tensor], tolerance: float = 1.0) -> bool:
    """Equal to `tolerance` times (1e-4 + 1e-5 of the size); an infinity equals itself, and NaN equals NaN."""
    pairs = zip(came, wanted, strict=True)
    return all(
        a.shape == b.shape
        and torch.allclose(a.double(), b.double(), atol=tolerance * ATOL, rtol=tolerance * RTOL, equal_nan=True)
        for a, b in pairs
    )


def switched(family: Callable, *switches: dict) -> Callable:
    """The family with these switches thrown: a wrong answer as a function of the exercise's arguments."""
    thrown = {name: value for switch in switches for name, value in switch.items()}
    return lambda *args: family(*args, **thrown)


def suspects(catalogue: dict[Mistake, dict], most: int = 2) -> Iterator[tuple[tuple[Mistake, ...], tuple[dict, ...]]]:
    """Each mistake alone, then each two that can be made together: those that throw different switches."""
    for count in range(1, most + 1):
        for names in combinations(catalogue, count):
            switches = tuple(catalogue[name] for name in names)
            if len({key for switch in switches for key in switch}) == sum(map(len, switches)):
                yield names, switches


class Lineup:
    """All suspects of an exercise, and what each gives for each probe: computed when first asked for, then kept."""

    def __init__(self, known: Catalogue, probes: Sequence[tuple], observe: Callable, tolerance: float):
        self.known, self.probes, self.observe, self.tolerance = known, probes, observe, tolerance
        self._given: dict[tuple[tuple[Mistake, ...], int], tuple[list[Tensor], float]] = {}

    def recognised(self, came: Sequence[Sequence[Tensor]], most: int = 2) -> list[tuple[Mistake, ...]]:
        """The mistakes that give what came for every probe: all single ones that do, else all pairs (if `most` is 2).

        Several, where no probe can tell them apart.
        """
        firsts = [_first(each) for each in came]
        found: list[tuple[Mistake, ...]] = []
        for names, switches in suspects(self.known.switches, most):
            if found and len(found[0]) < len(names):
                break
            if all(self._gave(names, switches, i, *each) for i, each in enumerate(zip(came, firsts, strict=True))):
                found.append(names)
        return found

    def _gave(self, names: tuple[Mistake, ...], switches: tuple[dict, ...], i: int, came, first: float) -> bool:
        given = self.gives(names, switches, i)
        other = self._given[names, i][1]
        # Most suspects differ in their very first number: no need to look at the rest.
        if abs(first - other) > 2 * self.tolerance * (ATOL + RTOL * abs(other)):
            return False
        return same(came, given, self.tolerance)

    def plain_first(self, names: tuple[Mistake, ...]) -> tuple[Mistake, ...]:
        """Of two made at once, first the one that shows in simple numbers (the first probe), not in extreme ones."""
        right = self.gives((), (), 0)

        def hidden(mistake: Mistake) -> bool:
            return same(self.gives((mistake,), (self.known.switches[mistake],), 0), right, self.tolerance)

        return tuple(sorted(names, key=hidden))

    def gives(self, names: tuple[Mistake, ...], switches: tuple[dict, ...], i: int) -> list[Tensor]:
        """What the family with these switches thrown gives for probe i; without any, what is right."""
        if (names, i) not in self._given:
            wrong = switched(self.known.family, *switches)
            values = [value.detach() for value in self.observe(wrong, self.probes[i])]
            self._given[names, i] = values, _first(values)
        return self._given[names, i][0]


def _first(values: Sequence[Tensor]) -> float:
    """The first number of all; NaN, which is near nothing and far from nothing, where there is none."""
    return float(values[0].flatten()[0]) if values[0].numel() else float("nan")


def says_nothing(came: Sequence[Sequence[Tensor]]) -> bool:
    """NaN for whatever comes in, or always the same number."""
    values = torch.cat([value.detach().flatten().double() for each in came for value in each])
    return bool(values.isnan().all() or (values == values[0]).all())


def off_on_average(draws: Tensor, wanted: Tensor) -> str:
    """Where the mean of `draws` [call, …] is not `wanted`, or too unsure to say so; empty where it is right."""
    values = draws.detach().double()
    mean, error = values.mean(0), values.std(0) / len(values) ** 0.5 + ATOL
    off = (mean - wanted).abs() / error
    off, error = (torch.where(mean == wanted, 0.0, each) for each in (off, error))  # ∞ each time, where ∞ is right
    # Of an unbiased estimate the mean square of `off` is about 1; noise around 0 that hides a bias has more.
    if ((off < 5) & (error < 0.3 * (1 + wanted.abs()))).all() and off.square().mean() < 5:
        return ""
    found, luck, right = (shown(each.flatten()[off.argmax()]) for each in (mean, error, wanted))
    return f"the mean of {len(values)} calls is {found} ± {luck}, wanted {right}."


def remarks(came: Sequence[Sequence[Tensor]], wanted: Sequence[Sequence[Tensor]]) -> list[str]:
    """What can be said of an infinity or a NaN on one side alone, and of numbers that are nearly right."""
    pairs = [(a, b) for one, other in zip(came, wanted, strict=True) for a, b in zip(one, other, strict=True)]
    pairs = [(a, b) for a, b in pairs if a.shape == b.shape]
    if any((b.isinf() & a.isfinite()).any() for a, b in pairs):
        return [
            "Somewhere the right number is infinite, and yours is finite: a small number added, a clamp, nan_to_num or "
            "a value left out hides it."
        ]
    if any((b.isfinite() & a.isnan()).any() for a, b in pairs):
        return ["Somewhere yours is NaN: of 0/0, 0 · ∞ or ∞ − ∞, or of a log, a root or an arccos outside its range."]
    if any((b.isfinite() & a.isinf()).any() for a, b in pairs):
        return ["Somewhere yours is infinite: a log of 0, a division by 0, an exp() beyond all numbers, Φ⁻¹ of 0 or 1."]
    if all(torch.allclose(a.double(), b.double(), rtol=0.02, atol=1e-3) for a, b in pairs):
        return ["Your numbers are near, and not exact: rounded, drawn by dice, or a sum of too few steps?"]
    return []


def told(found: Sequence[tuple[Mistake, ...]]) -> str:
    """“the ½ is missing”; two made at once are joined by “and also”, what nothing tells apart by “OR”."""
    return ", OR: ".join(", and also ".join(mistake.name for mistake in names) for names in found[:2]) + "."


def explained(mistakes: Sequence[Mistake]) -> list[str]:
    """Why it is wrong and where to look, of each."""
    many = len(mistakes) > 1
    alone = ["Each of the two, by itself:"] if many else []
    return [*alone, *(f"{f'{i}. ' if many else ''}{m.why} {m.hint}" for i, m in enumerate(mistakes, 1))]


def smallest(
    fails: Callable[[tuple], bool],
    args: tuple,
    takes: dict[str, str],
    keeps: Collection[str] = (),
    rounds: bool = True,
) -> tuple:
    """`args` as short and simple as still fail: axes of length 1 (not those in `keeps`), then rounded numbers."""
    axes = dict.fromkeys(axis for names in takes.values() for axis in names.split())
    for axis in (axis for axis in axes if axis not in keeps):
        size = trouble.axis_sizes(args, takes)[axis]
        shorter = ([i] for i in range(size)) if size > 1 else ()
        args = next((small for keep in shorter if fails(small := _select(args, takes, axis, keep))), args)
    for round_ in (torch.round, lambda value: torch.round(value, decimals=1)) if rounds else ():
        for place, arg in enumerate(args):
            if isinstance(arg, Tensor) and not torch.equal(arg, round_(arg)):
                simpler = (*args[:place], round_(arg), *args[place + 1 :])
                args = simpler if fails(simpler) else args
    return args


def _select(args: tuple, takes: dict[str, str], axis: str, keep: list[int]) -> tuple:
    index = torch.tensor(keep)
    return tuple(
        arg.index_select(axes.split().index(axis), index) if isinstance(arg, Tensor) and axis in axes.split() else arg
        for arg, axes in zip(args, takes.values(), strict=True)
    )
