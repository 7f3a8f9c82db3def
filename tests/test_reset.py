"""make reset: changed notebooks are kept in mine/, the committed ones are back, a reader's own stay."""

import datetime
import subprocess

import pytest

from publish.reset import reset

DAY = datetime.date(2026, 3, 1)


@pytest.fixture
def clone(tmp_path):
    def git(*arguments):
        identity = ["-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", "-C", str(tmp_path), *identity, *arguments], check=True, capture_output=True)

    (tmp_path / "notebooks").mkdir()
    for name in ("01_one.ipynb", "02_two.ipynb", "03_drei_ä.ipynb"):
        (tmp_path / "notebooks" / name).write_text(f"committed {name}", encoding="utf-8")
    (tmp_path / "README.md").write_text("committed")
    git("init", "-q")
    git("add", "-A")
    git("commit", "-qm", "all")
    return tmp_path


def notebooks(clone):
    return {path.name: path.read_text(encoding="utf-8") for path in sorted((clone / "notebooks").glob("*.ipynb"))}


def test_untouched_nothing_happens(clone):
    assert "nothing to do" in reset(clone, DAY)
    assert not (clone / "mine").exists()


def test_changed_ones_are_kept_and_put_back(clone):
    wanted = notebooks(clone)
    (clone / "notebooks" / "01_one.ipynb").write_text("mine")
    (clone / "notebooks" / "03_drei_ä.ipynb").write_text("mine too")
    (clone / "README.md").write_text("changed")
    said = reset(clone, DAY)
    assert notebooks(clone) == wanted
    assert (clone / "mine" / "2026-03-01" / "01_one.ipynb").read_text() == "mine"
    assert (clone / "mine" / "2026-03-01" / "03_drei_ä.ipynb").read_text() == "mine too"
    assert (clone / "README.md").read_text() == "changed"  # only notebooks are put back
    assert "01_one.ipynb" in said
    assert "mine/2026-03-01/" in said
    assert "nothing to do" in reset(clone, DAY)


def test_a_second_time_on_one_day_overwrites_nothing(clone):
    for text in ("first", "second"):
        (clone / "notebooks" / "01_one.ipynb").write_text(text)
        reset(clone, DAY)
    kept = [(clone / "mine" / folder / "01_one.ipynb").read_text() for folder in ("2026-03-01", "2026-03-01_2")]
    assert kept == ["first", "second"]


def test_deleted_and_staged_ones_come_back_and_own_ones_stay(clone):
    wanted = notebooks(clone)
    (clone / "notebooks" / "02_two.ipynb").unlink()
    (clone / "notebooks" / "01_one.ipynb").write_text("staged")
    subprocess.run(["git", "-C", str(clone), "add", "-A"], check=True)
    own = clone / "notebooks" / "my_notes.ipynb"
    own.write_text("own")
    reset(clone, DAY)
    assert notebooks(clone) == {**wanted, "my_notes.ipynb": "own"}


def test_without_a_clone_it_says_so(tmp_path):
    with pytest.raises(RuntimeError, match=r"(?i)not a git repository"):
        reset(tmp_path, DAY)
