"""Exercises that know which mistake it is: `check.NAME(my_NAME)`, then `hint(…)` and `solution(…)` of that check."""

from vae_helpers.exercises import check
from vae_helpers.exercises.hints import hint, solution

__all__ = ["check", "hint", "solution"]
