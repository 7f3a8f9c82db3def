"""The scripts of other people that the site carries with it: fetched once by npm, checked, unpacked."""

import base64
import hashlib
import shutil
import subprocess
import tarfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKS = Path(__file__).with_name("packs.toml")
CACHE = ROOT / ".packs"


def listed(path: Path = PACKS) -> dict[str, dict]:
    """Name → version, integrity, and which files of the package go where."""
    return tomllib.loads(path.read_text(encoding="utf-8"))


def put(names, site: Path) -> None:
    """Copy what the packages `names` hold for a site into `site`. Raises RuntimeError where one can't be had."""
    for name in names:
        about = listed()[name]
        with tarfile.open(archive(name, about)) as tar:
            for member in tar.getmembers():
                inner = member.name.partition("/")[2]
                for wanted, target in about["files"].items():
                    if member.isfile() and (inner == wanted or (wanted.endswith("/") and inner.startswith(wanted))):
                        path = site / target / inner[len(wanted) :] if wanted.endswith("/") else site / target
                        path.parent.mkdir(parents=True, exist_ok=True)
                        path.write_bytes(tar.extractfile(member).read())


def archive(name: str, about: dict, cache: Path = CACHE) -> Path:
    """The package as npm packs it, from the cache or fetched into it; never one whose sha512 is not the one listed."""
    path = cache / f"{name.strip('@').replace('/', '-')}-{about['version']}.tgz"
    if not path.exists():
        _fetch(f"{name}@{about['version']}", cache)
    found = base64.b64encode(hashlib.sha512(path.read_bytes()).digest()).decode()
    if found != about["sha512"]:
        path.unlink()
        raise RuntimeError(f"{name} {about['version']}: what came has sha512 {found}, not the one in {PACKS.name}")
    return path


def _fetch(what: str, cache: Path) -> None:
    if shutil.which("npm") is None:
        raise RuntimeError(
            f"{what} is fetched by npm, which is not installed: install Node.js (to read, none is needed)"
        )
    cache.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        ["npm", "pack", "--silent", "--ignore-scripts", what, "--pack-destination", str(cache)],
        capture_output=True, text=True, encoding="utf-8",
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"npm can't fetch {what}: {done.stderr.strip() or 'it does not say why'}")
