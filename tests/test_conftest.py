"""What takes minutes waits for continuous integration, and there a test that matters may not be skipped."""

from pathlib import Path

pytest_plugins = ["pytester"]
CONFTEST = (Path(__file__).parent / "conftest.py").read_text(encoding="utf-8")
SKIPS = """
import pytest
def test_unmarked(): pytest.skip("why not")
@pytest.mark.browser
def test_browser(): pytest.skip("no Chromium")
@pytest.mark.mnist
@pytest.mark.skipif(True, reason="no MNIST")
def test_mnist(): pass
@pytest.mark.network
@pytest.mark.xfail
def test_that_is_expected_to_fail(): assert 0
"""
LONG = """
import pytest
@pytest.mark.long
@pytest.mark.browser
def test_long(): pass
@pytest.mark.long
def test_long_and_skipped(): pytest.skip("why not")
def test_short(): pass
"""
MARKERS = "[pytest]\nmarkers =\n  browser: b\n  mnist: m\n  network: n\n  long: l\n"


def test_a_skip_that_matters_is_a_failure_there_and_only_there(pytester, monkeypatch):
    pytester.makeconftest(CONFTEST)
    pytester.makeini(MARKERS)
    pytester.makepyfile(SKIPS)
    monkeypatch.delenv("VAE_CI", raising=False)
    pytester.runpytest_inprocess().assert_outcomes(skipped=3, xfailed=1)
    monkeypatch.setenv("VAE_CI", "1")
    result = pytester.runpytest_inprocess()
    result.assert_outcomes(skipped=1, failed=1, errors=1, xfailed=1)
    result.stdout.fnmatch_lines(["a browser test may not be skipped here. *no Chromium"])
    result.stdout.fnmatch_lines(["a mnist test may not be skipped here. *no MNIST"])


def test_a_long_test_runs_there_and_only_there(pytester, monkeypatch):
    pytester.makeconftest(CONFTEST)
    pytester.makeini(MARKERS)
    pytester.makepyfile(LONG)
    monkeypatch.delenv("VAE_CI", raising=False)
    result = pytester.runpytest_inprocess("-ra")
    result.assert_outcomes(passed=1, skipped=2)
    result.stdout.fnmatch_lines(["SKIPPED * it takes minutes; VAE_CI=1 asks for it"])
    monkeypatch.setenv("VAE_CI", "1")
    result = pytester.runpytest_inprocess()
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["a long test may not be skipped here. *why not"])
