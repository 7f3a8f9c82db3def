"""Files that do not come with the course: from a folder of the reader's, the cache, or mirrors on the network.

A file is used only with the sha256 of its entry in data/MANIFEST.toml. What was fetched whole is kept, so that calling
again goes on; a part of a file is written beside its place, and thrown away.
"""

import contextlib
import logging
import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from vae_helpers.learning import manifest

# Called with the name of a file, the bytes that have come, and the bytes that will have (0: not known).
Progress = Callable[[str, int, int], object]
TIMEOUT = 20  # seconds without a byte, after which the next mirror is asked
LARGEST = 100_000_000  # bytes, after which it is asked, too: four times the largest file that the manifest lists


def contents(call: str, entry: Mapping, folder: Path, progress: Progress | None = None) -> dict[str, bytes]:
    """name → bytes of all files of the entry, checked; `call` opens the messages.

    Looked for in VAE_DATA_DIR/`subfolder`, then in the cache; what is nowhere is fetched from the entry's mirrors, one
    after the other. Raises ConnectionError, with what to put where, when none of them has it.
    """
    found, cache = at_hand(entry, folder), _cache(folder) / entry["subfolder"]
    wanted = dict(zip(entry["files"], entry["sha256s"], strict=True))
    return {
        name: content or _fetch(call, entry, name, wanted[name], cache, progress) for name, content in found.items()
    }


def at_hand(entry: Mapping, folder: Path) -> dict[str, bytes | None]:
    """name → bytes of each file of the entry that is on this machine already, whole; None for the others."""
    places = _places(entry["subfolder"], _cache(folder) / entry["subfolder"])
    return {name: _here(name, digest, places) for name, digest in zip(entry["files"], entry["sha256s"], strict=True)}


def _places(subfolder: str, cache: Path) -> list[Path]:
    own = os.environ.get("VAE_DATA_DIR")
    return [*([Path(own) / subfolder] if own else []), cache]


def _here(name: str, digest: str, places: list[Path]) -> bytes | None:
    """The file, if one of the places holds it whole."""
    for place in places:
        with contextlib.suppress(OSError):
            content = (place / name).read_bytes()
            if manifest.sha256(content) == digest:
                return content
    return None


def _cache(folder: Path) -> Path:
    """data/cache, or where that cannot be written, the user's cache."""
    cache = Path(folder) / "cache"
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=cache):
            return cache
    except OSError:
        import pooch  # here and below: a page that has its data does not wait for the tools that fetch it

        return Path(pooch.os_cache("vae-helpers"))


def _fetch(call: str, entry: Mapping, name: str, digest: str, cache: Path, progress: Progress | None) -> bytes:
    """The file from the first mirror that has it, kept in `cache`. Raises ConnectionError."""
    import pooch
    import requests

    pooch.get_logger().setLevel(logging.ERROR)  # it would write to stderr, into the page
    failures = []
    for mirror in entry["mirrors"]:
        try:
            downloader = pooch.HTTPDownloader(progressbar=_Bar(name, progress), timeout=TIMEOUT)
            # pooch writes beside, compares the sha256, and only then puts the file in its place.
            path = pooch.retrieve(mirror + name, f"sha256:{digest}", name, cache, downloader=downloader)
            return Path(path).read_bytes()
        except (requests.RequestException, ValueError, OSError) as error:
            failures.append(f"{mirror} ({_why(error)})")
    places = " or ".join(str(place) for place in _places(entry["subfolder"], cache))
    raise ConnectionError(
        f"{call}: no mirror gave {name}: {'; '.join(failures)}. Call it again when there is a network: what has come "
        f"is kept. Without one, put these files into {places}: {', '.join(entry['files'])}. Or set VAE_DATA_DIR to a "
        f"folder that holds them in {entry['subfolder']}/, before Python starts"
    )


def _why(error: Exception) -> str:
    """A failure in a few words."""
    import requests

    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"it answered {error.response.status_code}"
    if isinstance(error, requests.Timeout):
        return f"no answer for {TIMEOUT} s"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "cut off"
    if isinstance(error, requests.RequestException):
        return "out of reach"
    if isinstance(error, ValueError):
        return "not the file that was described: another sha256"
    return error.strerror or str(error)


class _Bar:
    """What pooch moves while bytes come, as a `Progress`; where they never end, it ends them."""

    def __init__(self, name: str, progress: Progress | None):
        self.name, self.progress = name, progress
        self.done = self.shown = self.total = 0

    def update(self, count: int) -> None:
        """`count` bytes more; a word a hundredth of the file, not a word a kilobyte. Raises OSError."""
        self.done = min(self.done + count, self.total) if self.total else self.done + count
        if self.done > LARGEST:
            raise OSError(f"more than {LARGEST} bytes")
        if self.progress is None:
            return
        if self.done == self.total or self.done - self.shown > self.total / 100:
            self.shown = self.done
            self.progress(self.name, self.done, self.total)

    def reset(self) -> None:
        """pooch begins again at 0, to count all bytes at once."""
        self.done = self.shown = 0

    def close(self) -> None:
        """Nothing is held open."""
