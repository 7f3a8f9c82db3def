"""data.load where files must come from somewhere: a folder, the cache, mirrors good and bad."""

import gzip
import http.server
import os
import shutil
import struct
import threading
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.tools import real, refused
from vae_helpers.learning import data, download, manifest
from vae_helpers.widgets.download import Download

NAMES = [f"{part}-{kind}-ubyte.gz" for part in ("train", "t10k") for kind in ("images-idx3", "labels-idx1")]


def idx(values):
    """A uint8 array as the bytes of a gzipped idx file."""
    header = bytes([0, 0, 8, values.ndim]) + struct.pack(f">{values.ndim}I", *values.shape)
    return gzip.compress(header + values.tobytes(), mtime=0)


def small():
    generator = np.random.default_rng(0)
    found = {}
    for part, count in (("train", 30), ("t10k", 20)):
        found[f"{part}-images-idx3-ubyte.gz"] = idx(generator.integers(0, 256, (count, 28, 28), np.uint8))
        found[f"{part}-labels-idx1-ubyte.gz"] = idx(generator.integers(0, 10, count, np.uint8))
    return found


FILES = small()


class Mirror(http.server.BaseHTTPRequestHandler):
    """/good/ works; /cut/ stops half-way, /short/ hides it; /forbidden/: 403; /wrong/ changes a byte; /page/: HTML."""

    def do_GET(self):
        _, manner, name = self.path.split("/")
        content = FILES[name]
        self.server.asked.append((manner, name))
        sent = {
            "cut": content[: len(content) // 2],
            "short": content[: len(content) // 2],
            "wrong": content[:-1] + bytes([content[-1] ^ 1]),
            "page": b"<html>moved</html>",
        }.get(manner, content)
        self.send_response(403 if manner == "forbidden" else 200)
        self.send_header("Content-Length", str(len(content if manner == "cut" else sent)))
        self.end_headers()
        self.wfile.write(sent)

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Mirror)
    server.asked, server.url = [], f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A data/ of its own, whose `mnist` is small; `mirrors` are named by what they do."""
    monkeypatch.delenv("VAE_DATA_DIR", raising=False)
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "data"


def describe(folder, server, *manners):
    folder.mkdir(exist_ok=True)
    fields = {
        "subfolder": "mnist",
        "files": NAMES,
        "sha256s": [manifest.sha256(FILES[name]) for name in NAMES],
        "mirrors": [f"{server.url}/{manner}/" for manner in manners],
    }
    (folder / manifest.NAME).write_bytes(manifest.with_entry("test", "data", "mnist", fields, folder))


def cached(folder):
    return sorted(path.name for path in (folder / "cache" / "mnist").iterdir())


def test_a_mirror_that_works_is_asked_once(folder, server, capfd):
    describe(folder, server, "good")
    seen = []
    found = data.load("mnist", folder, progress=lambda *word: seen.append(word))
    assert repr(found) == "mnist: 30 training and 20 test images of 28 × 28 pixels"
    images = np.frombuffer(gzip.decompress(FILES[NAMES[0]]), np.uint8, offset=16).reshape(30, 784).copy()
    assert np.array_equal(found.train.counts.numpy(), images)
    assert torch.equal(found.train.images, torch.from_numpy(images).float() / 255)
    assert found.test.labels.tolist() == list(gzip.decompress(FILES[NAMES[3]])[8:])
    assert found.classes[7] == "7"
    whole = [name for name, done, total in seen if done == total == len(FILES[name])]
    assert list(dict.fromkeys(whole)) == NAMES
    assert all(0 <= done <= total for _, done, total in seen)
    assert cached(folder) == sorted(NAMES)
    server.asked.clear()
    again = data.load("mnist", folder)
    assert again.sha256 == found.sha256
    assert server.asked == [], "what is in the cache is not fetched"
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("manner", "said"),
    [
        ("cut", "cut off"),
        ("short", "another sha256"),
        ("forbidden", "it answered 403"),
        ("wrong", "another sha256"),
        ("page", "another sha256"),
    ],
)
def test_a_mirror_that_fails_hands_over_to_the_next_and_alone_is_refused(folder, server, manner, said):
    describe(folder, server, manner)
    with refused(ConnectionError, "data.load('mnist')", f"/{manner}/ (", said, "VAE_DATA_DIR", *NAMES):
        data.load("mnist", folder)
    assert cached(folder) == [], "nothing half or wrong is kept"
    describe(folder, server, manner, "good")
    assert len(data.load("mnist", folder).train) == 30


def test_no_network_says_which_files_go_where_and_then_they_are_used(folder, server):
    describe(folder, server, "good")
    server.shutdown()
    server.server_close()
    place = folder / "cache" / "mnist"
    with refused(ConnectionError, "out of reach", str(place), "Call it again", *NAMES):
        data.load("mnist", folder)
    for name in NAMES:
        (place / name).write_bytes(FILES[name])
    assert len(data.load("mnist", folder).test) == 20


def test_what_has_come_is_kept_and_calling_again_goes_on(folder, server, monkeypatch):
    describe(folder, server, "good")
    missing = FILES[NAMES[3]]
    monkeypatch.setitem(FILES, NAMES[3], missing[:-3])
    with refused(ConnectionError, NAMES[3]):
        data.load("mnist", folder)
    assert cached(folder) == sorted(NAMES[:3])
    monkeypatch.setitem(FILES, NAMES[3], missing)
    server.asked.clear()
    assert len(data.load("mnist", folder).test) == 20
    assert server.asked == [("good", NAMES[3])]


def test_an_interruption_leaves_no_part_of_a_file(folder, server):
    describe(folder, server, "good")

    def interrupts(name, done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        data.load("mnist", folder, progress=interrupts)
    assert cached(folder) == []


def test_a_spoiled_file_in_the_cache_is_fetched_anew(folder, server):
    describe(folder, server, "good")
    data.load("mnist", folder)
    for spoiled in (b"", FILES[NAMES[0]][:-1], FILES[NAMES[1]]):
        (folder / "cache" / "mnist" / NAMES[0]).write_bytes(spoiled)
        assert len(data.load("mnist", folder).train) == 30
        assert (folder / "cache" / "mnist" / NAMES[0]).read_bytes() == FILES[NAMES[0]]


def test_the_readers_own_folder_comes_first_and_is_never_written(folder, server, tmp_path, monkeypatch):
    describe(folder, server, "forbidden")
    own = tmp_path / "own"
    (own / "mnist").mkdir(parents=True)
    for name in NAMES:
        (own / "mnist" / name).write_bytes(FILES[name])
    monkeypatch.setenv("VAE_DATA_DIR", str(own))
    assert len(data.load("mnist", folder).train) == 30
    assert server.asked == []
    (own / "mnist" / NAMES[2]).write_bytes(b"spoiled")
    with refused(ConnectionError, NAMES[2], str(own / "mnist"), "403"):
        data.load("mnist", folder)
    describe(folder, server, "good")
    assert len(data.load("mnist", folder).test) == 20
    assert (own / "mnist" / NAMES[2]).read_bytes() == b"spoiled"
    assert cached(folder) == [NAMES[2]]


def test_where_data_cannot_be_written_the_users_cache_is_taken(folder, server, tmp_path, monkeypatch):
    describe(folder, server, "good")
    (folder / "cache").write_text("a file where a folder should be, as good as read-only")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("pooch.os_cache", lambda name: tmp_path / "home" / name)
    assert len(data.load("mnist", folder).train) == 30
    assert sorted(path.name for path in (tmp_path / "home" / "vae-helpers" / "mnist").iterdir()) == sorted(NAMES)


def test_files_of_another_kind_are_refused_even_where_their_sha256_fits(folder, server, monkeypatch):
    whole = FILES[NAMES[0]]
    for spoiled in (b"no gzip", idx(np.zeros((3, 8, 8), np.uint8)), idx(np.zeros(5, np.uint8)), gzip.compress(b"")):
        monkeypatch.setitem(FILES, NAMES[0], spoiled)
        describe(folder, server, "good")
        with refused(ValueError, "data.load('mnist')", "train files are no images and labels"):
            data.load("mnist", folder)
    monkeypatch.setitem(FILES, NAMES[0], whole)


@pytest.mark.parametrize("labels", [np.zeros(29, np.uint8), np.full(30, 10, np.uint8)])
def test_labels_that_are_not_those_of_the_images_are_refused(folder, server, monkeypatch, labels):
    monkeypatch.setitem(FILES, NAMES[1], idx(labels))
    describe(folder, server, "good")
    with refused(ValueError, "data.load('mnist')", "train files do not belong together", "30 images", "0 to 9"):
        data.load("mnist", folder)


def test_a_file_that_unpacks_to_far_more_than_any_of_them_is_refused(folder, server, monkeypatch):
    monkeypatch.setattr(data, "MOST", 10_000)  # of 30 images: 23 536
    describe(folder, server, "good")
    with refused(ValueError, "data.load('mnist')", "train", "unpacks to more than 10000 bytes"):
        data.load("mnist", folder)


def test_the_widget_follows_and_reads_the_same_always():
    widget = Download()
    before = repr(widget)
    widget("train", 500_000, 10_000_000)
    assert (widget.bar.value, widget.bar.max, widget.words.value) == (500_000, 10_000_000, "train: 0.5 of 10.0 MB")
    widget("train", 10_000_000, 10_000_000)
    assert widget.bar.bar_style == "success"
    widget("train", 500_000, 0)
    assert widget.words.value == "train: 0.5 MB"
    assert repr(widget) == before


def test_the_bar_does_not_speak_for_every_kilobyte():
    words = []
    bar = download._Bar("a", lambda *word: words.append(word))
    bar.total = 10_000_000
    for _ in range(9766):
        bar.update(1024)
    bar.reset()
    bar.update(bar.total)
    assert 90 < len(words) < 110
    assert words[-1] == ("a", 10_000_000, 10_000_000)


def test_what_is_at_hand_is_loaded_and_nothing_is_fetched(folder, server):
    describe(folder, server, "good")
    assert data.at_hand("mnist", folder) is None
    assert server.asked == []
    data.load("mnist", folder)
    server.asked.clear()
    assert len(data.at_hand("mnist", folder).test) == 20
    (folder / "cache" / "mnist" / NAMES[2]).write_bytes(b"cut")
    assert data.at_hand("mnist", folder) is None
    assert server.asked == []
    assert data.at_hand("digits").name == "digits"
    with refused(KeyError, "nothing", "'mnist'"):
        data.at_hand("nothing")


@pytest.mark.mnist
@pytest.mark.parametrize(
    ("name", "ink", "first"), [("mnist", 0.1307, [5, 0, 4, 1, 9]), ("fashion", 0.2860, [9, 0, 0, 3, 0])]
)
def test_the_real_files_are_what_everybody_means_by_them(name, ink, first):
    found = real(name)
    assert (len(found.train), len(found.test), found.shape) == (60_000, 10_000, (28, 28))
    assert found.train.labels[:5].tolist() == first
    assert found.train.images.mean().item() == pytest.approx(ink, abs=1e-4)
    assert found.train.counts.max() == 255
    assert len(found.classes) == 10


@pytest.mark.mnist
def test_one_spoiled_byte_of_the_real_files_is_noticed(tmp_path, monkeypatch):
    real("mnist")
    shutil.copytree(Path(os.environ["VAE_DATA_DIR"]) / "mnist", tmp_path / "mnist", copy_function=shutil.copyfile)
    path = tmp_path / "mnist" / "t10k-labels-idx1-ubyte.gz"
    path.chmod(0o644)
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    monkeypatch.setenv("VAE_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(download, "_fetch", lambda call, entry, name, *_: pytest.fail(f"asks for {name}"))
    with pytest.raises(pytest.fail.Exception, match="asks for t10k-labels"):
        download.contents("test", manifest.entry("test", "data", "mnist"), tmp_path / "empty")
