import os
import re
import subprocess
import sys
import tomllib

import pytest

from tests.tools import refused
from vae_helpers.learning import manifest

FIELDS = {"file": "b.bin", "sha256": "00", "words": 'é "q" \\ [x]', "figures": [-1.5, 2], "seed": 0}


def test_everything_in_data_that_is_loaded_is_described_and_as_described():
    described = {
        entry["file"]: entry
        for kind in ("data", "weights", "clouds", "runs")
        for entry in manifest.entries("test", kind).values()
        if "file" in entry
    }
    kinds = (".npz", ".safetensors", ".gz")
    there = {path.relative_to(manifest.FOLDER).as_posix() for path in manifest.FOLDER.rglob("*")}
    assert {name for name in there if name.endswith(kinds) and not name.startswith("cache/")} == described.keys()
    for entry in described.values():
        assert re.fullmatch(r"[0-9a-f]{64}", entry["sha256"])
        assert manifest.content("test", entry)
        assert entry["command"].startswith("python -m vae_helpers.learning.")


def test_what_is_fetched_says_whose_it_is_and_how_it_is_known():
    fetched = {name: entry for name, entry in manifest.entries("test", "data").items() if "file" not in entry}
    assert set(fetched) == {"mnist", "fashion"}
    for name, entry in fetched.items():
        assert entry["subfolder"] == name
        assert len(entry["files"]) == len(entry["sha256s"]) == len(set(entry["sha256s"])) == 4
        assert all(re.fullmatch(r"[0-9a-f]{64}", digest) for digest in entry["sha256s"])
        assert len(entry["mirrors"]) >= 2
        assert all(re.fullmatch(r"https?://.+/", mirror) for mirror in entry["mirrors"])
        assert all(entry[field] for field in ("title", "authors", "source", "licence", "holds"))


@pytest.mark.parametrize(
    "before", ["", "# a word\n\n[data.a]\nx = 1\n", '[data.b]\nold = "[data.c]"\n\n# c\n[data.c]\ny = 2\n']
)
def test_an_entry_is_added_or_replaced_and_the_rest_stays(tmp_path, before):
    path = tmp_path / manifest.NAME
    if before:
        path.write_text(before, encoding="utf-8")
    for _ in range(2):  # the second time it replaces what the first wrote
        path.write_bytes(manifest.with_entry("test", "data", "b", FIELDS, tmp_path))
        found = tomllib.loads(path.read_text(encoding="utf-8"))["data"]
        assert found == {**tomllib.loads(before).get("data", {}), "b": FIELDS}
    assert all(comment in path.read_text(encoding="utf-8") for comment in re.findall("# .*", before))


def test_a_broken_manifest_is_reported_and_not_built_upon(tmp_path):
    (tmp_path / manifest.NAME).write_text("[data.a\n")
    with refused(ValueError, "test: ", "is no TOML", "git checkout data/MANIFEST.toml"):
        manifest.entry("test", "data", "a", tmp_path)
    with refused(ValueError, "is no TOML"):
        manifest.with_entry("test", "data", "b", FIELDS, tmp_path)


def test_a_number_that_toml_cannot_hold_is_refused(tmp_path):
    with pytest.raises(ValueError, match="not JSON compliant"):
        manifest.with_entry("test", "data", "b", {"x": float("nan")}, tmp_path)


def test_an_unknown_entry_gets_those_there_are(tmp_path):
    (tmp_path / manifest.NAME).write_text("[data.a]\nx = 1\n")
    with refused(KeyError, "load('b'): there is no such name", "'a'"):
        manifest.entry("load('b')", "data", "b", tmp_path)
    with refused(KeyError, "nothing of the kind"):
        manifest.entry("load('b')", "weights", "b", tmp_path)


def test_files_are_written_all_or_none(tmp_path, monkeypatch):
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_bytes(b"before")
    manifest.write("test", {old: b"after", new: b"n"})
    assert (old.read_bytes(), new.read_bytes()) == (b"after", b"n")

    write = type(old).write_bytes

    def full(path, data):
        if "new" in path.name:
            write(path, data[:1])
            raise OSError(28, "No space left on device", str(path))
        return write(path, data)

    monkeypatch.setattr(type(old), "write_bytes", full)
    with refused(OSError, "test: cannot write", "new", "No space left", "Nothing is lost", "folder=…"):
        manifest.write("test", {old: b"never", new: b"never"})
    assert (old.read_bytes(), new.read_bytes()) == (b"after", b"n")
    assert sorted(tmp_path.iterdir()) == [new, old]


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with refused(OSError, "test: cannot write", "Nothing is lost"):
        manifest.write("test", {tmp_path / "file" / "x": b""})


@pytest.mark.parametrize("text", ["x = " + "[" * 100_000, "x = " + "9" * 5000, "\ufeffx = \x00"])
def test_what_toml_itself_stumbles_over_is_reported_too(tmp_path, text):
    (tmp_path / manifest.NAME).write_text(text, encoding="utf-8")
    with refused(ValueError, "test: ", "is no TOML", "git checkout data/MANIFEST.toml"):
        manifest.entries("test", "data", tmp_path)


@pytest.mark.parametrize("text", ["data = 3", "[data]\na = 3", "[[data]]\n[[data.a]]"])
def test_what_is_no_table_is_no_entry(tmp_path, text):
    (tmp_path / manifest.NAME).write_text(text)
    with refused(ValueError, "test: ", manifest.NAME, "holds no tables [data.NAME]", "git checkout"):
        manifest.entry("test", "data", "a", tmp_path)


FILES = {"subfolder": "s", "files": ["a"], "sha256s": ["0"], "mirrors": []}


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"x": 1}, "lacks subfolder, files, sha256s, mirrors"),
        ({"file": "a"}, "lacks sha256"),
        ({"file": 3, "sha256": ""}, "has file = 3, which should be a text"),
        ({**FILES, "files": "a"}, "has files = 'a', which should be texts"),
        ({**FILES, "mirrors": [1]}, "has mirrors = [1], which should be texts"),
        ({**FILES, "sha256s": []}, "has 1 files and 0 sha256s"),
        ({**FILES, "files": ["/etc/passwd"]}, "names '/etc/passwd', which is no place in a folder"),
        ({"file": "weights/../../x", "sha256": ""}, "no place in a folder"),
        ({"file": "a\0b", "sha256": ""}, "no place in a folder"),
        ({"file": "", "sha256": ""}, "no place in a folder"),
    ],
)
def test_an_entry_that_does_not_say_which_files_it_means_is_refused(tmp_path, fields, fault):
    (tmp_path / manifest.NAME).write_bytes(manifest.with_entry("test", "data", "a", fields, tmp_path))
    with refused(ValueError, "test: [data.a] in ", manifest.NAME, fault, "git checkout data/MANIFEST.toml"):
        manifest.entry("test", "data", "a", tmp_path)


def test_an_entry_of_the_other_kind_is_refused(tmp_path):
    for kind, fields in (("weights", FILES), ("data", {"file": "a", "sha256": "0"})):
        (tmp_path / manifest.NAME).write_bytes(manifest.with_entry("test", kind, "a", fields, tmp_path))
    with refused(ValueError, "[weights.a]", "lacks file, sha256"):
        manifest.entry("test", "weights", "a", tmp_path)
    with refused(ValueError, "[data.a]", "lacks subfolder"):
        manifest.entry("test", "data", "a", tmp_path, fetched=True)
    assert manifest.entry("test", "data", "a", tmp_path)["file"] == "a"


def test_what_a_killed_writer_left_is_swept_and_what_one_that_writes_holds_is_not(tmp_path):
    path = tmp_path / "checkpoint[1]"
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    left, alive = (tmp_path / f".{path.name}.{pid}.part" for pid in (gone.pid, os.getppid()))
    others = [
        tmp_path / f".other.{gone.pid}.part",
        tmp_path / f".{path.name}.mine.part",
        tmp_path / f".{path.name}.0.part",
    ]
    for part in (left, alive, *others):
        part.write_bytes(b"half")
    manifest.write("test", {path: b"whole"})
    assert sorted(tmp_path.iterdir()) == sorted([path, alive, *others])
