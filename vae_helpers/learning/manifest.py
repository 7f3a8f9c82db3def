"""The course's own folder `data/`: MANIFEST.toml names each file that is loaded, with its source and sha256.

Nothing is read that does not have its sha256, and nothing is written in place: first beside, then renamed.
"""

import contextlib
import glob
import hashlib
import json
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor

# The package is used from a clone (pip install -e .), so data/ lies beside it.
FOLDER = Path(__file__).resolve().parents[2] / "data"
NAME = "MANIFEST.toml"
RESTORE = f"`git checkout data/{NAME}` restores it"


def entries(call: str, kind: str, folder: Path = FOLDER) -> dict[str, dict]:
    """name → entry of all [kind.name] tables; `call` opens the messages. Raises FileNotFoundError and ValueError."""
    path = Path(folder) / NAME
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8")).get(kind, {})
    except FileNotFoundError:
        raise FileNotFoundError(
            f"{call}: there is no {NAME} in {path.parent}. The course is used from its clone, which holds the "
            f"folder data/: in the clone run `make install` (or `pip install -e .`), and choose that kernel"
        ) from None
    except (ValueError, RecursionError) as error:  # a number of 5000 digits, a thousand brackets
        raise ValueError(f"{call}: {path} is no TOML ({error}); {RESTORE}") from None
    if not isinstance(found, dict) or not all(isinstance(fields, dict) for fields in found.values()):
        raise ValueError(f"{call}: {path} holds no tables [{kind}.NAME]; {RESTORE}")
    return found


def entry(call: str, kind: str, name: str, folder: Path = FOLDER, fetched: bool | None = None) -> dict:
    """The entry [kind.name]. Raises KeyError, with the names there are, ValueError, and what `entries` raises.

    It describes one file that comes with the course, or where `fetched` several that do not; None: data of either kind.
    """
    known = entries(call, kind, folder)
    if name not in known:
        there = ", ".join(map(repr, known)) or "nothing of the kind"
        raise Unknown(f"{call}: there is no such name; {Path(folder) / NAME} holds {there}")
    if fetched is None:
        fetched = kind == "data" and "file" not in known[name]
    if fault := _fault(known[name], fetched):
        raise ValueError(f"{call}: [{kind}.{name}] in {Path(folder) / NAME} {fault}; {RESTORE}")
    return known[name]


def _fault(entry: Mapping, fetched: bool) -> str:
    """What keeps an entry from saying which files it means; "" if nothing does."""
    lists = ("files", "sha256s", "mirrors")
    needed = ("subfolder", *lists) if fetched else ("file", "sha256")
    if missing := [field for field in needed if field not in entry]:
        return f"lacks {', '.join(missing)}"
    for field in needed:
        values = entry[field] if field in lists else [entry[field]]
        if not _list_of(str, values):
            return f"has {field} = {entry[field]!r:.50}, which should be {'texts' if field in lists else 'a text'}"
    if fetched and len(entry["files"]) != len(entry["sha256s"]):
        return f"has {len(entry['files'])} files and {len(entry['sha256s'])} sha256s"
    for name in (entry["subfolder"], *entry["files"]) if fetched else (entry["file"],):
        if not name or "\0" in name or Path(name).is_absolute() or ".." in Path(name).parts:
            return f"names {name!r:.50}, which is no place in a folder"
    return ""


class Unknown(KeyError):
    """A KeyError whose message is shown as it was written (KeyError itself shows its repr)."""

    __str__ = Exception.__str__


def content(call: str, entry: Mapping, folder: Path = FOLDER) -> bytes:
    """The bytes of the entry's file, checked. Raises FileNotFoundError and ValueError (another sha256)."""
    path = Path(folder) / entry["file"]
    restore = f"`git checkout data/{entry['file']}` restores a file that came with the course"
    try:
        found = path.read_bytes()
    except FileNotFoundError:
        there = sorted(p.name for p in path.parent.glob(f"*{path.suffix}")) if path.parent.is_dir() else []
        raise FileNotFoundError(
            f"{call}: {path} is missing; in {path.parent} there is {', '.join(there) or 'no such file'}. {restore}"
        ) from None
    digest = sha256(found)
    if digest != entry["sha256"]:
        raise ValueError(
            f"{call}: {path} ({len(found)} bytes) is not the file that {NAME} describes, and is not used: "
            f"its sha256 begins with {digest[:12]}, wanted {entry['sha256'][:12]}. {restore}"
        )
    return found


@contextlib.contextmanager
def read_as(call: str, entry: Mapping, refusal: str) -> Iterator[None]:
    """The block reads the content of the entry's file; what it stumbles over is a ValueError with this `refusal`."""
    try:
        yield
    except (SafetensorError, KeyError, TypeError, RuntimeError, ValueError) as error:
        why = " ".join(str(error).split())
        raise ValueError(f"{call}: {entry['file']} {refusal}: {why}") from None


def labelled(entry: Mapping, codes: Tensor, labels: Tensor) -> dict[str, tuple]:
    """`shape` and `classes` of an entry whose file holds codes [..., n, latent] with labels [n]. Raises ValueError."""
    shape, classes = entry["shape"], entry["classes"]
    if not (_list_of(int, shape) and len(shape) == 2 and min(shape) > 0):
        raise ValueError(f"shape = {shape!r:.50} is no height and width")
    if not _list_of(str, classes):
        raise ValueError(f"classes = {classes!r:.50} are no names")
    if not (codes.is_floating_point() and codes.isfinite().all()):
        raise ValueError("its codes are no finite numbers")
    if labels.dtype != torch.uint8 or labels.shape != codes.shape[-2:-1] or (labels >= len(classes)).any():
        raise ValueError("its labels are not one of the classes for each code")
    return {"shape": tuple(shape), "classes": tuple(classes)}


def _list_of(kind: type, values) -> bool:
    return isinstance(values, list) and all(type(value) is kind for value in values)  # True is no 1


def sha256(content: bytes) -> str:
    """The digest as the manifest writes it: 64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def with_entry(call: str, kind: str, name: str, fields: Mapping, folder: Path = FOLDER) -> bytes:
    """The manifest with the table [kind.name] put in, or replaced; everything else stays as it is written.

    A value is a string, a finite number, a boolean or a list of these: their JSON is TOML too.
    """
    path, text = Path(folder) / NAME, ""
    if path.exists():
        entries(call, kind, folder)  # a broken manifest is reported, not built upon
        text = path.read_text(encoding="utf-8")
    rows = [f"{key} = {json.dumps(value, ensure_ascii=False, allow_nan=False)}\n" for key, value in fields.items()]
    table = f"[{kind}.{name}]\n{''.join(rows)}"
    old = re.compile(rf"^\[{re.escape(kind)}\.{re.escape(name)}\]\n(?:(?![\[#]).*\n?)*", re.MULTILINE)
    if old.search(text):
        text = old.sub(lambda found: table + "\n" * (found[0].endswith("\n\n")), text, count=1)
    else:
        text = f"{text.rstrip()}\n\n{table}" if text.strip() else table
    return text.encode()


def named(call: str, name: str) -> str:
    """`name`, if it can be that of a file and of an entry. Raises ValueError."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", name):
        raise ValueError(f"{call}: a name is made of a–z, 0–9 and hyphens, as in 'digits-2d'")
    return name


def store(call: str, kind: str, name: str, made: Mapping, tensors: Mapping[str, Tensor], folder: Path = FOLDER) -> Path:
    """Write `tensors` to `folder`/`kind`/`name`.safetensors, with the entry [kind.name], which the file holds too.

    `made` says how they were made. Returns the path. Raises ValueError (name, a broken manifest) and OSError.
    """
    made = {"file": f"{kind}/{named(call, name)}.safetensors", **made}
    content = safetensors.torch.save(dict(tensors), metadata={"made": json.dumps(made)})
    entry = {**made, "sha256": sha256(content)}
    folder = Path(folder)
    path = folder / entry["file"]
    text = with_entry(call, kind, name, entry, folder)
    write(call, {path: content, folder / NAME: text})
    return path


def write(call: str, files: Mapping[Path, bytes], instead: str = "a folder that you may write in, folder=…") -> None:
    """Write all `files`, or none: each beside its place, and only when all are there they are renamed.

    What a killed process left half-written beside them is thrown away. Raises OSError, with what to do, where the
    folder cannot be written.
    """
    beside = {path: path.with_name(f".{path.name}.{os.getpid()}.part") for path in files}
    try:
        for path, data in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            _sweep(path)
            beside[path].write_bytes(data)
        for path, part in beside.items():
            os.replace(part, path)
    except OSError as error:
        raise OSError(
            f"{call}: cannot write {path} ({error.strerror or error}). Nothing is lost, on disk or in memory: "
            f"call it again with {instead}"
        ) from error
    finally:
        for part in beside.values():
            with contextlib.suppress(OSError):  # no such folder: then there is no such file either
                part.unlink(missing_ok=True)


def _sweep(path: Path) -> None:
    """Remove the parts of `path` whose writer is gone; another that is writing now keeps its own."""
    for part in path.parent.glob(f".{glob.escape(path.name)}.*.part"):
        pid = part.name.split(".")[-2]
        if re.fullmatch(r"[1-9]\d{0,8}", pid) and not _runs(int(pid)):
            with contextlib.suppress(OSError):
                part.unlink()


def _runs(pid: int) -> bool:
    """Whether there is such a process; on Windows, where asking would end it, always."""
    if os.name != "posix":
        return True
    try:
        os.kill(pid, 0)  # no signal: it asks
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
