"""The benchmarks: who runs when, what is written, and the smallest piece of each. No time is asserted."""

import pytest

from benchmarks import imports, kernel, pages, report, sliders
from benchmarks.measure import HEAD, in_turn, ratio, row


def test_every_candidate_runs_in_every_round_and_every_second_round_goes_backwards():
    ran = []

    def candidate(name):
        return lambda: ran.append(name) or float(len(ran))

    found = in_turn({"ours": candidate("ours"), "peer": candidate("peer")}, rounds=3)
    assert ran == ["ours", "peer", "ours", "peer", "peer", "ours", "ours", "peer"]
    assert found == {"ours": [3.0, 6.0, 7.0], "peer": [4.0, 5.0, 8.0]}  # the first calls do not count


def test_a_ratio_is_taken_round_by_round():
    assert ratio([2.0, 30.0, 8.0], [1.0, 10.0, 2.0]) == (3.0, 2.0, 4.0)
    cells = row("what", [1.0, 10.0, 2.0], "peer", [2.0, 30.0, 8.0], "≥ 2", "ms")
    assert len(cells) == len(HEAD)
    assert cells == ["what", "2 ms", "peer", "8 ms", "3 (2 – 4)", "3", "≥ 2"]


@pytest.mark.parametrize(("flags", "rough"), [("fpu avx2 fma", False), ("fpu avx512_bf16 amx_bf16 amx_tile", True)])
def test_bfloat16_is_measured_where_the_processor_multiplies_in_it(flags, rough, monkeypatch):
    monkeypatch.setattr(report, "_processor", lambda: {"model name": "Some Processor", "flags": flags})
    assert report.has_bfloat16() is rough
    assert "Some Processor" in report.machine()
    assert ("AMX" in report.machine()) is rough


def test_a_section_is_replaced_and_the_others_stay(tmp_path, monkeypatch):
    monkeypatch.setattr(report, "PATH", tmp_path / "RESULTS.md")
    for title, value in (("One", 1), ("Two", 2), ("Three", 3), ("Two", 22)):
        report.put(title, "says", ("what", "value"), [(title, value)])
    text = report.PATH.read_text(encoding="utf-8")
    assert text.startswith(report.BEGIN)
    assert [line for line in text.splitlines() if line.startswith("## ")] == ["## One", "## Two", "## Three"]
    assert "| Two | 22 |" in text
    assert "| Two | 2 |" not in text
    assert "| Three | 3 |" in text
    assert "Python" in text


def test_an_explorer_and_its_twin_are_timed_in_a_real_kernel():
    with kernel.started() as running:
        running.run(sliders.PREPARE)
        running.run("from vae_helpers.widgets import bayes\nbayes.games_table()")
        found = running.value("twins.all_times(1)")
        assert list(found) == ["bowls.table"]
        assert {name: len(values) for name, values in found["bowls.table"].items()} == {"ours": 1, "twin": 1}
        assert len(sliders.milliseconds("what", found["bowls.table"], "≥ 8")) == len(HEAD)
        with pytest.raises(RuntimeError, match="no picture comes of"):
            running.run("twins._shows(lambda: None)")
        digit = running.value("twins.digit_times(1)")
        assert all(min(values) > 0 for found in digit.values() for values in found.values())
        assert running.megabytes > running.own_megabytes > 0
        with pytest.raises(RuntimeError, match="ZeroDivisionError"):
            running.run("1 / 0")


def test_every_module_of_a_floor_is_imported():
    assert imports.modules("maths").startswith("import vae_helpers.maths.aggregate, ")
    assert all(seconds > 0 for seconds in imports.spent("import vae_helpers.page"))


def test_a_row_of_a_page_tells_its_medians_and_their_spread():
    assert pages.line("page", [(1.0, 300.0, 200.0), (3.0, 320.0, 210.0), (2.0, 310.0, 220.0)], "≤ 360 MB") == [
        "page", "2 (1 – 3) s", "310 (300 – 320) MB", "210 (200 – 220) MB", "3", "≤ 360 MB",
    ]  # fmt: skip
    asked = [pages.asked(page) for page in kernel.NOTEBOOKS]
    assert [number for number, most in enumerate(asked) if most == "≤ 550 MB"] == [0, 1, 7]
    assert set(asked) == {"≤ 360 MB", "≤ 550 MB"}
