"""What all exercises share: a name, what to do first, help, and a verdict that never stops the page."""

from collections.abc import Sequence

from vae_helpers.exercises import trial
from vae_helpers.exercises.feedback import Feedback
from vae_helpers.exercises.trouble import Stopped


class Asked:
    """`check.NAME(…)` shows a verdict on what is passed; `look` gives it as a Feedback.

    name: the exercise's. first: what to do first. hint, reason: what `hint` and `solution` say.
    """

    def __init__(self, name: str, first: str, hint: str, reason: str):
        self.name, self.first, self.hint, self.reason = name, first, hint, reason

    def __repr__(self) -> str:
        return f"check.{self.name}"

    def __call__(self, *passed) -> None:
        """Show what is right or wrong with it."""
        self.look(*passed).show()

    def _verdict(self, *passed) -> Feedback:
        """What `_judge(*passed)` says. It raises nothing for a wrong answer: the page goes on."""
        if all(trial.untouched(each) for each in passed):
            return Feedback("not attempted", f"{self.name}: not attempted yet.", [self.first])
        try:
            with trial.seeded():
                return self._judge(*passed)
        except Stopped as stop:
            return self._wrong(stop.head, stop.lines)

    def _wrong(self, what: str, lines: Sequence[str] = ()) -> Feedback:
        return Feedback("wrong", f"{self.name}, not yet: {what}", [*lines, f"A hint: `hint({self!r})`"])
