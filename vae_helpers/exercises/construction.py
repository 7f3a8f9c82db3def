"""An exercise to think about: something to find that does what is asked, where many answers are right."""

from collections.abc import Callable
from typing import NamedTuple

from vae_helpers.exercises import trial
from vae_helpers.exercises.asked import Asked
from vae_helpers.exercises.feedback import Feedback
from vae_helpers.exercises.judge import explained, told
from vae_helpers.exercises.mistakes.mistake import Mistake
from vae_helpers.exercises.trouble import Stopped
from vae_helpers.figures.picture import Picture


class Finding(NamedTuple):
    """What was computed of a learner's find: `mistake` is what it misses, None where it does what is asked."""

    mistake: Mistake | None
    lines: list[str]
    picture: Picture | None = None


class Construction(Asked):
    """`check.NAME(my_find, …)` computes what the find does and says whether that was asked; `look` gives a Feedback.

    name: the exercise's. spec: what is asked. names: of what must be passed, as the page calls them.
    judge: `judge(*values) -> Finding`; it raises `trial.Stopped` for values it can't use.
    answer: one right answer, as lines for the page. wrong: {Mistake: values that make it}, for the tests.
    first: what to do first. hint, reason: what `hint` and `solution` say.
    """

    def __init__(
        self,
        name: str,
        *,
        spec: str,
        names: tuple[str, ...],
        judge: Callable[..., Finding],
        answer: str,
        wrong: dict[Mistake, tuple],
        first: str,
        hint: str,
        reason: str,
    ):
        super().__init__(name, first, hint, reason)
        self.spec, self.names, self.judge = spec, names, judge
        self.answer, self.wrong = answer, wrong

    def look(self, *values) -> Feedback:
        """Whether `values` do what is asked. It raises nothing for wrong ones: the page goes on."""
        return self._verdict(*values)

    def _judge(self, *values) -> Feedback:
        if len(values) != len(self.names):
            raise Stopped(f"{len(values)} things came; it takes {len(self.names)}: {', '.join(self.names)}.")
        missing = [name for name, value in zip(self.names, values, strict=True) if trial.untouched(value)]
        if missing:
            raise Stopped(f"{' and '.join(missing)} still to be written (...).")
        found = self.judge(*values)
        if found.mistake is None:
            return Feedback("solved", f"{self.name}: solved.", found.lines, found.picture)
        return self._wrong(told([(found.mistake,)]), [*found.lines, *explained((found.mistake,))])
