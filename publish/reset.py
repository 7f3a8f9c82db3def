"""`python -m publish.reset`: the notebooks as they were committed; what was changed is moved to mine/DATE/ first."""

import datetime
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]


def git(root: Path, *arguments: str) -> str:
    """What git says. Raises RuntimeError with git's own words where it can't."""
    try:
        done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True, encoding="utf-8")
    except FileNotFoundError:
        raise RuntimeError("git is not installed") from None
    if done.returncode:
        raise RuntimeError(done.stderr.strip().partition("\n")[0] or f"git {arguments[0]} failed")
    return done.stdout


def reset(root: Path = ROOT, today: datetime.date | None = None) -> str:
    """Move every changed notebook to mine/DATE/ and put the committed one in its place; say what was done.

    A notebook that git does not know is the reader's own, and stays. Raises RuntimeError (no git, no clone).
    """
    git(root, "rev-parse", "--verify", "--quiet", "HEAD")
    listed = git(root, "diff", "--name-only", "-z", "HEAD", "--", ":(glob)notebooks/*.ipynb")
    changed = [root / name for name in listed.split("\0") if name]
    if not changed:
        return "notebooks/ is as it was committed: nothing to do."
    mine = keep([path for path in changed if path.exists()], root / "mine", today)
    git(root, "restore", "--source=HEAD", "--staged", "--worktree", "--", *map(str, changed))
    names = ", ".join(path.name for path in changed)
    kept = f" What you had changed is in {mine.relative_to(root).as_posix()}/." if mine else ""
    return f"As it was committed again: {names}.{kept}"


def keep(paths: Sequence[Path], within: Path, today: datetime.date | None = None) -> Path | None:
    """Move files to a new folder with the day's name; that folder, or None where there is nothing to move."""
    if not paths:
        return None
    folder = _new_folder(within, today or datetime.date.today())
    folder.mkdir(parents=True)
    for path in paths:
        path.replace(folder / path.name)
    return folder


def _new_folder(within: Path, day: datetime.date) -> Path:
    """mine/2026-03-01, or mine/2026-03-01_2 where that exists: nothing that was kept is overwritten."""
    folder, count = within / day.isoformat(), 1
    while folder.exists():
        count += 1
        folder = within / f"{day.isoformat()}_{count}"
    return folder


def main() -> None:
    try:
        print(reset())
    except RuntimeError as error:
        sys.exit(f"make reset needs a git clone of the course: {error}. Without one, unpack the course afresh.")


if __name__ == "__main__":
    main()
