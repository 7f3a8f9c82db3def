"""The Makefile finds a Python, builds .venv once, and begins afresh after a build that was cut off."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
GOOD = """#!/bin/sh
# A Python that can build a venv; the Python in that venv writes down what pip is asked, and fails as FAIL says.
[ "$1" = -c ] && exit 0
mkdir -p .venv/bin && echo made by $0 >> log
cat > .venv/bin/python <<'END'
#!/bin/sh
echo "$@" >> log
case "$*" in *"$FAIL"*) [ -z "$FAIL" ] || { [ -z "$KILL" ] || kill -9 $PPID; exit 1; };; esac
END
chmod +x .venv/bin/python
"""
TOO_OLD = "#!/bin/sh\necho ' python3 is 3.9.'; exit 1\n"
NO_VENV = "#!/bin/sh\necho ' python3.12 lacks venv.'; exit 1\n"
SHIM = "#!/bin/sh\necho 'no such version' >&2; exit 127\n"


@pytest.fixture
def make(tmp_path):
    """Call make in a folder that holds no more than it needs, with nothing but these Pythons on PATH."""
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("sh", "make", "sed", "mv", "touch", "mkdir", "cat", "chmod", "rm"):
        (programs / name).symlink_to(shutil.which(name))

    def call(*arguments, pythons=None, **env):
        for name, script in (pythons or {}).items():
            (programs / name).write_text(script)
            (programs / name).chmod(0o755)
        return subprocess.run(
            ["make", *arguments], cwd=tmp_path, env={"PATH": str(programs), **env}, capture_output=True, text=True
        )

    call.log = tmp_path / "log"
    return call


def asked(make):
    lines = make.log.read_text().splitlines() if make.log.exists() else []
    make.log.unlink(missing_ok=True)
    return lines


def touch(path):
    time.sleep(0.05)  # a file system's clock ticks in steps
    path.touch()


@pytest.mark.parametrize(
    ("pythons", "why"),
    [
        ({}, ""),
        ({"python3.11": SHIM}, ""),
        ({"python3": TOO_OLD}, " python3 is 3.9."),
        ({"python3.12": NO_VENV, "python3": TOO_OLD}, " python3.12 lacks venv. python3 is 3.9."),
    ],
    ids=["none", "a broken shim", "too old", "without venv"],
)
def test_one_line_says_what_to_install(make, pythons, why):
    done = make("lab", pythons=pythons)
    line, of_make = done.stderr.splitlines()
    assert line == f"Install Python 3.11 or newer with venv (Debian, Ubuntu: apt install python3-venv).{why}"
    assert of_make.startswith("make: ***")
    assert done.returncode == 2
    assert done.stdout == ""


def test_the_probe_itself(make, tmp_path):
    """The fakes above say what the true probe says: here it meets true interpreters, one of them crippled."""
    real = os.path.realpath(sys.executable)
    (tmp_path / "ensurepip.py").write_text("raise ImportError('as on Debian')")
    crippled = f'#!/bin/sh\nPYTHONPATH={tmp_path} exec {real} "$@"\n'
    pretend = "import sys; sys.version_info = (3, 9); sys.argv[1:] = ['$3']; exec('''$2''')"
    old = f'#!/bin/sh\nexec {real} -c "{pretend}"\n'
    done = make("install", pythons={"python3.11": crippled, "python3": old})
    assert done.stderr.splitlines()[0].endswith(" python3.11 lacks venv. python3 is 3.9.")


def test_the_first_that_works_is_taken_unless_one_is_named(make):
    pythons = {"python3.11": SHIM, "python3.12": GOOD, "python3": GOOD, "mine": GOOD}
    assert make("install", pythons=pythons).returncode == 0
    assert asked(make)[0].endswith("/python3.12")
    shutil.rmtree(make.log.parent / ".venv")
    assert make("install", "PYTHON=mine").returncode == 0
    assert asked(make)[0].endswith("/mine")


def test_the_second_time_nothing_is_installed(make):
    assert make("install", pythons={"python3": GOOD}).returncode == 0
    first = asked(make)
    assert any("--index-url" in line and "torch" in line for line in first)
    assert any(line.endswith("-e .") for line in first)
    again = make("-n", "lab")
    assert "jupyterlab" in again.stdout
    assert "pip" not in again.stdout
    assert make("lab").returncode == 0
    assert ["jupyterlab" in line for line in asked(make)] == [True]
    touch(make.log.parent / "constraints.txt")
    assert "pip" in make("-n", "lab").stdout


def test_a_reader_need_not_fetch_the_tools_of_the_tests(make):
    make("lab", pythons={"python3": GOOD})
    assert not any("[test]" in line for line in asked(make))
    make("test")
    lines = asked(make)
    assert "[test]" in lines[0]
    assert any("--nbval --nbval-current-env" in line for line in lines)
    assert not any("index-url" in line for line in lines)
    assert "pip" not in make("-n", "lab", "test").stdout


def test_torch_comes_from_the_default_index_where_its_own_is_out_of_reach(make):
    assert make("install", pythons={"python3": GOOD}, FAIL="--index-url").returncode == 0
    lines = [line for line in asked(make) if line.endswith("torch")]
    assert ["--index-url" in line for line in lines] == [True, False]


def test_cuda_asks_the_default_index_at_once(make):
    assert make("install", "CUDA=1", pythons={"python3": GOOD}).returncode == 0
    assert not any("--index-url" in line for line in asked(make))


def test_what_failed_in_order_is_tried_again_in_place(make):
    assert make("install", pythons={"python3": GOOD}, FAIL="-e .").returncode == 2
    asked(make)
    assert make("install").returncode == 0
    assert not any("made by" in line for line in asked(make))


@pytest.mark.parametrize("target", ["lab", "test"])
def test_what_was_cut_off_is_built_afresh(make, target):
    assert make("install", pythons={"python3": GOOD}).returncode == 0
    touch(make.log.parent / "constraints.txt")
    asked(make)
    assert make(target, FAIL="-e", KILL="1").returncode != 0
    asked(make)
    assert make(target).returncode == 0
    lines = asked(make)
    assert "made by" in lines[0]
    assert any(line.endswith("-e .") for line in lines)


def test_make_alone_lists_the_targets(make):
    done = make()
    assert done.stdout.count("\n") < 15
    assert "make lab: " in done.stdout
    assert "make test: " in done.stdout


def test_a_failure_of_either_half_fails_the_test(make):
    make("install", pythons={"python3": GOOD})
    for part in ("-m pytest", "--nbval"):
        assert make("test", FAIL=part).returncode == 2
    assert make("test").returncode == 0
    assert os.path.exists(make.log)
