"""Mirrors that fail in every manner: no wrong file is used, the next mirror is asked, the message says what to do."""

import contextlib
import http.server
import random
import socket
import struct
import threading

import pooch
import pytest

from tests.test_download import FILES, NAMES, cached, describe
from tests.tools import refused
from vae_helpers.learning import data, download

SAID = {
    "truncates": "cut off",
    "stalls": "",  # before the first byte, or in the midst
    "answers 403": "it answered 403",
    "answers 500": "it answered 500",
    "sends wrong bytes": "another sha256",
    "never ends": "more than 100000 bytes",
    "dies midway": "",  # as the machine at the other end sees it: cut off, or out of reach
}


class Impatient(pooch.HTTPDownloader):
    """Waits a moment where nothing will ever come, and long where something will, however busy this machine is."""

    def __call__(self, url, *rest, **options):
        self.kwargs["timeout"] = 0.05 if "/stalls/" in url else 60
        return super().__call__(url, *rest, **options)


class Mirror(http.server.BaseHTTPRequestHandler):
    """/good/ gives each file; another manner spoils one of them, at a place, that `server.spoil(name)` chose."""

    def do_GET(self):
        _, manner, name = self.path.replace("%20", " ").split("/")
        content, server = FILES[name], self.server
        server.asked.append((manner, name))
        if manner == "good" or name != server.name:
            return self.answer(content)
        at = server.at % len(content)
        if manner.startswith("answers"):
            return self.send_error(int(manner.split()[1]))
        if manner == "sends wrong bytes":
            return self.answer(content[:at] + bytes([content[at] ^ server.bits]) + content[at + 1 :])
        if manner == "never ends":
            return self.pour(content)
        if manner == "stalls" and server.bits % 2:
            return server.over.wait()
        self.answer(content[:at], len(content))
        if manner == "stalls":
            server.over.wait()
        if manner == "dies midway":  # no farewell: the connection is reset
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return None

    def answer(self, content, length=None):
        self.send_response(200)
        self.send_header("Content-Length", str(len(content) if length is None else length))
        self.end_headers()
        self.wfile.write(content)
        self.wfile.flush()

    def pour(self, content):
        """Bytes upon bytes, until nobody takes them."""
        self.send_response(200)
        self.end_headers()
        with contextlib.suppress(ConnectionError):
            while not self.server.over.is_set():
                self.wfile.write(content)

    def log_message(self, *_):
        pass


@pytest.fixture
def server(monkeypatch):
    monkeypatch.delenv("VAE_DATA_DIR", raising=False)
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(pooch, "HTTPDownloader", Impatient)
    monkeypatch.setattr(download, "LARGEST", 100_000)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Mirror)
    server.daemon_threads = True
    server.asked, server.over, server.url = [], threading.Event(), f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.over.set()
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("manner", SAID)
def test_a_mirror_that_fails_costs_nothing_but_its_turn(manner, server, tmp_path, rounds, record):
    count, chance, wanted = rounds(50, 3), random.Random(manner), None
    for number in range(count):
        folder = tmp_path / str(number)
        server.name, server.at, server.bits = chance.choice(NAMES), chance.randrange(1 << 20), chance.randrange(1, 256)
        describe(folder, server, manner)
        before = NAMES[: NAMES.index(server.name)]
        with refused(ConnectionError, "data.load('mnist')", f"/{manner}/ (", SAID[manner], "VAE_DATA_DIR", *NAMES):
            data.load("mnist", folder)
        assert cached(folder) == sorted(before), "what came whole is kept, and nothing else"
        server.asked.clear()
        describe(folder, server, manner, "good")
        found = data.load("mnist", folder)
        assert server.asked.count(("good", server.name)) == 1, "the next mirror"
        assert cached(folder) == sorted(NAMES)
        assert all((folder / "cache" / "mnist" / name).read_bytes() == FILES[name] for name in NAMES)
        wanted = wanted or found.sha256
        assert (found.sha256, len(found.train), len(found.test)) == (wanted, 30, 20)
    record(
        f"downloads: a mirror that {manner}",
        f"{count} files, spoiled at random places",
        "refused with what to do; no part and no wrong file kept; the next mirror gave it",
    )
