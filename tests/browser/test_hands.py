"""What benchmarks/hands.py times is what it says."""

import pytest

from benchmarks import hands

pytestmark = [pytest.mark.browser, pytest.mark.long]


def test_a_press_is_timed_until_its_picture_is_painted(chromium):
    with hands.reading(chromium, ["from vae_helpers.widgets import bayes\nbayes.games_table()"]) as reader:
        assert hands.presses(reader, 0, "input[type=range]")() > 0
