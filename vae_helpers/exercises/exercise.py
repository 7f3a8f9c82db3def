"""An exercise: a function to write. It knows the right answer, and wrong ones by name."""

import functools
import inspect
import textwrap
from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from vae_helpers.exercises import judge, trial, trouble
from vae_helpers.exercises.asked import Asked
from vae_helpers.exercises.feedback import Feedback, shown, side_by_side
from vae_helpers.exercises.mistakes.mistake import Catalogue
from vae_helpers.exercises.mistakes.shared import DETACHED, NO_GRADIENT
from vae_helpers.exercises.slopes import slopes
from vae_helpers.exercises.trouble import Stopped
from vae_helpers.figures import exercise as pictures
from vae_helpers.figures.picture import Picture

CALLS = 64  # of an answer that throws dice of its own, to see whether it is right on average


class Sweep(NamedTuple):
    """The picture of a solved exercise: one knob moved along a line, the first number of the first output over it."""

    label: str  # the x axis, the knob's name
    knob: Tensor
    args: Callable[[float], tuple]  # the function's arguments at a value of the knob
    shows: str  # the y axis, with its unit


class Exercise(Asked):
    """`check.NAME(my_NAME)` shows what is right or wrong with a function; `look` gives the same as a Feedback.

    reference: the answer as `solution` shows it. Its name is the exercise's, its docstring what is asked.
    takes, gives: the axes of each argument and of each output: {"mu": "batch latent"}, {"kl": "batch"}.
    probes: arguments on which an answer must be right, of sizes that no two axes share.
    known: the mistakes it recognises, and each two of them that can be made together.
    first: what to do first. hint, reason: what `hint` and `solution` say.
    gradient: the arguments by which the answer is differentiated; asked: an answer without a gradient is wrong.
    keeps: axes that are not shortened in the search for the smallest failing input; rounds: whether numbers are rounded
        in it, which probabilities that sum to one can't be.
    observe: `observe(function, probe)`, what is compared where that is more than what the function returns; then
        `gives` names its tensors, and nothing is shortened. tolerance: how much more than rounding they may differ.
    """

    def __init__(
        self,
        reference: Callable,
        *,
        takes: dict[str, str],
        gives: dict[str, str],
        probes: Sequence[tuple],
        known: Catalogue,
        first: str,
        hint: str,
        reason: str,
        sweep: Sweep | Callable[[Callable], Picture],
        gradient: Sequence[str] = (),
        asked: bool = False,
        keeps: Sequence[str] = (),
        rounds: bool = True,
        observe: Callable[[Callable, tuple], list[Tensor]] | None = None,
        tolerance: float = 1.0,
    ):
        super().__init__(reference.__name__, first, hint, reason)
        self.reference, self.takes, self.gives = reference, takes, gives
        self.probes, self.known = list(probes), known
        self.sweep, self.gradient, self.asked = sweep, tuple(gradient), asked
        self.keeps, self.rounds = frozenset(keeps), rounds
        self.special, self.tolerance = observe, tolerance
        self.lineup = judge.Lineup(known, self.probes, self.observe, tolerance)

    @property
    def spec(self) -> str:
        """What is asked, as the stub in the page says it."""
        return inspect.getdoc(self.reference)

    @property
    def answer(self) -> str:
        """The reference as a learner would write it into the page."""
        source = textwrap.dedent(inspect.getsource(self.reference))
        return source.replace(f"def {self.name}(", f"def my_{self.name}(", 1)

    def look(self, answer) -> Feedback:
        """What is right or wrong with `answer`. It raises nothing for a wrong one: the page goes on."""
        return self._verdict(answer)

    def observe(self, function: Callable, probe: tuple) -> list[Tensor]:
        """What is compared: what `function` gives for the arguments `probe`. Raises Stopped where it gives nothing."""
        if self.special:
            return self.special(function, probe)
        return trial.outputs(function, probe, self.takes, self.gives)

    def _same(self, came: Sequence[Tensor], wanted: Sequence[Tensor]) -> bool:
        return judge.same(came, wanted, self.tolerance)

    def _judge(self, answer) -> Feedback:
        if not callable(answer):
            raise Stopped(f"pass the function itself, not what it gives: {self!r}(my_{self.name}).")
        came = [self.observe(answer, self.probes[0])]  # what the function prints is seen once
        with trial.silent():
            if not self._same(self.observe(answer, self.probes[0]), came[0]):
                return self._random(answer)
            came += [self.observe(answer, probe) for probe in self.probes[1:]]
            if all(
                self._same(each, self.observe(self.reference, p)) for each, p in zip(came, self.probes, strict=True)
            ):
                return self._differentiated(answer)
            return self._named(answer, came)

    # ---- a wrong answer ----

    def _named(self, answer: Callable, came: list[list[Tensor]]) -> Feedback:
        # What is 0 whatever comes in is no trace of two mistakes; weights that never move are.
        found = self.lineup.recognised(came, most=1 if judge.says_nothing(came) and not self.special else 2)
        if found:
            found[0] = self.lineup.plain_first(found[0])
            return self._wrong(judge.told(found), [*self._beside(answer), *judge.explained(found[0])])
        if not self.special:
            for probe, each in zip(self.probes, came, strict=True):
                trouble.check_shapes(each, probe, self.takes, self.gives)
            with trial.without_seeds():
                again = [self.observe(answer, self.probes[0]) for _ in range(2)]
                if not self._same(*again):
                    return self._random(answer)  # only a seed of its own made it the same each time
        wanted = [self.observe(self.reference, probe) for probe in self.probes]
        lines = [*self._beside(answer), *judge.remarks(came, wanted)]
        return self._wrong("the numbers differ, and not as any mistake does that is known here.", lines)

    def _beside(self, answer: Callable) -> list[str]:
        """The smallest input on which `answer` differs, what came, and what was wanted."""

        def both(args: tuple) -> tuple[list[Tensor], list[Tensor]]:
            return self.observe(answer, args), self.observe(self.reference, args)

        def differs(args: tuple, visibly: bool = False) -> bool:
            try:
                came, wanted = both(args)
            except Stopped:
                return False
            if self._same(came, wanted):
                return False
            return not visibly or any(_plain(a) != _plain(b) for a, b in zip(came, wanted, strict=True))

        fails = functools.partial(differs, visibly=True)  # 1.068 beside [1.068] would puzzle
        args = next(filter(fails, self.probes), None)
        if args is None:
            fails, args = differs, next(filter(differs, self.probes), self.probes[0])
        if not self.special:
            args = judge.smallest(fails, args, self.takes, self.keeps, self.rounds)
        given = zip(self.takes, args, strict=True) if not self.special else ()
        for name, came, wanted in zip(self.gives, *both(args), strict=True):
            if not self._same([came], [wanted]):
                return [*(f"    {named} = {shown(arg)}" for named, arg in given), *side_by_side(name, came, wanted)]
        return ["The same input gave another answer the next time: does your function remember its calls?"]

    # ---- an answer with dice of its own ----

    def _random(self, answer: Callable) -> Feedback:
        """Two calls with the same arguments gave two answers: is it right on average?"""
        twice = "Two calls with the same arguments gave two different answers: it throws dice of its own."
        for name in (name for name in self.takes if name in ("e", "eps")):
            given = f"The dice are thrown already: they are the argument {name}."
            return self._wrong("it throws dice of its own.", [twice, given])
        for probe in self.probes[:4]:
            many = []
            for _ in range(CALLS):
                many.append([value.detach() for value in self.observe(answer, probe)])
                if not self.special:
                    trouble.check_shapes(many[-1], probe, self.takes, self.gives)
            for name, wanted, *draws in zip(self.gives, self.observe(self.reference, probe), *many, strict=True):
                if off := judge.off_on_average(torch.stack(draws), wanted):
                    return self._wrong("it is not the same twice.", [twice, f"{name}: {off}"])
        right = f"The mean of {CALLS} calls is right, within its error. But asked for is a number without luck in it."
        return Feedback("another form", f"{self.name}: right, but not the form asked for.", [twice, right])

    # ---- the right numbers ----

    def _differentiated(self, answer: Callable) -> Feedback:
        """The numbers are right: so must be their slopes, if they have any."""
        for probe in self.probes if self.gradient else ():
            wanted, came = (
                slopes(function, probe, self.takes, self.gives, self.gradient) for function in (self.reference, answer)
            )
            if came is None and self.asked:
                return self._wrong(judge.told([(NO_GRADIENT,)]), judge.explained((NO_GRADIENT,)))
            if came is None:
                lines = ["Torch can't differentiate through it, so no network could learn from it; that was not asked."]
                return Feedback("solved", f"{self.name}: solved.", lines, self._picture(answer))
            for name, a, b in zip(self.gradient, came, wanted, strict=True):
                if not judge.same([a], [b], 10.0):
                    worst = (a - b).abs().nan_to_num(torch.inf).argmax()
                    pair = f"yours {shown(a.flatten()[worst])}, wanted {shown(b.flatten()[worst])}"
                    lines = [f"    a slope by {name}: {pair}", *judge.explained((DETACHED,))]
                    if self.asked:
                        return self._wrong(judge.told([(DETACHED,)]), lines)
                    return Feedback("another form", f"{self.name}: {DETACHED.name}.", lines)
        return Feedback("solved", f"{self.name}: solved.", [], self._picture(answer))

    def _picture(self, answer: Callable) -> Picture:
        try:
            return self._drawn(answer)
        except Stopped:
            raise
        except Exception:
            raise Stopped(
                "it is right for short inputs, but not for those of the picture.",
                f"The picture calls it with {trouble.shapes(self.sweep.args(float(self.sweep.knob[0])), self.takes)}."
                if isinstance(self.sweep, Sweep)
                else "The picture calls it with longer ones.",
            ) from None

    def _drawn(self, answer: Callable) -> Picture:
        if not isinstance(self.sweep, Sweep):
            return self.sweep(answer)
        sweep = self.sweep

        def curve(function: Callable) -> Tensor:
            values = [self.observe(function, sweep.args(float(at)))[0] for at in sweep.knob]
            return torch.stack([value.detach().double().flatten()[0] for value in values])

        return pictures.beside(sweep.knob, curve(answer), curve(self.reference), sweep.label, sweep.shows)


def _plain(value: Tensor) -> str:
    """The numbers as a reader sees them, whatever their brackets."""
    return shown(value).replace("[", "").replace("]", "")
