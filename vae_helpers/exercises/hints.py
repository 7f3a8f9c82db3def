"""Help with an exercise, a step at a time: first a hint, then the solution with its reason."""

from IPython.display import Markdown, display

from vae_helpers.exercises.asked import Asked


def hint(exercise: Asked) -> None:
    """Show where to look, without giving the answer away: hint(check.gaussian_kl)."""
    _known("hint", exercise)
    display(Markdown(f"**A hint.** {exercise.hint}\n\nStill stuck? `solution({exercise!r})`"))


def solution(exercise: Asked) -> None:
    """Show one right answer, as lines that can be put into the page, and its reason: solution(check.gaussian_kl)."""
    _known("solution", exercise)
    display(Markdown(f"```python\n{exercise.answer.rstrip()}\n```\n\n**Why.** {exercise.reason}"))


def _known(call: str, exercise) -> None:
    if not isinstance(exercise, Asked):
        name = str(getattr(exercise, "__name__", exercise)).removeprefix("my_")
        raise TypeError(f"{call}(exercise): got {exercise!r}; pass the check itself: {call}(check.{name})")
