"""Files spoiled by chance and on purpose, and a fence around whoever reads them."""

import copy
import functools
import gzip
import json
import pickle
import resource
import struct
from contextlib import contextmanager
from pathlib import Path

from hypothesis import strategies as st

MEGA = 1 << 20
GIANT = (0, 1, (1 << 31) - 1, 1 << 31, (1 << 32) - 1, 1 << 40, (1 << 63) - 1, (1 << 64) - 1)


class Payload:
    """Unpickled, it would write a file: `mark` there is how code that ran is known."""

    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return Path.write_text, (Path(self.mark), "run")


@st.composite
def flipped(draw, content):
    """Some bytes are others."""
    spoiled = bytearray(content)
    for _ in range(draw(st.integers(1, 8))):
        spoiled[draw(st.integers(0, len(content) - 1))] = draw(st.integers(0, 255))
    return bytes(spoiled)


@st.composite
def header_flipped(draw, content):
    """A byte of the beginning, where lengths and names stand, is another."""
    at = draw(st.integers(0, min(len(content), 600) - 1))
    return content[:at] + bytes([draw(st.integers(0, 255))]) + content[at + 1 :]


@st.composite
def cut(draw, content):
    """The end, the beginning, or a piece within is missing; or twice there."""
    first, second = sorted(draw(st.tuples(*[st.integers(0, len(content))] * 2)))
    return draw(st.sampled_from([content[:first], content[second:], content[:first] + content[second:],
                                 content[:second] + content[first:]]))  # fmt: skip


@st.composite
def spliced(draw, content):
    """A giant length, or a text of chance, somewhere near the beginning."""
    at = draw(st.integers(0, min(len(content), 400)))
    number = draw(st.sampled_from(GIANT))
    lengths = [struct.pack("<Q", number), struct.pack(">I", number % (1 << 32)), str(number).encode()]
    piece = draw(st.sampled_from(lengths) | st.binary(max_size=40))
    return content[:at] + piece + content[at + draw(st.sampled_from([0, len(piece)])) :]


@functools.cache
def bomb(count):
    """A gzip of a megabyte or so that unpacks to `count` images, each 784 bytes of paper."""
    return gzip.compress(bytes([0, 0, 8, 3]) + struct.pack(">3I", count, 28, 28) + bytes(784 * count), 1, mtime=0)


def foreign(mark):
    """What is no such file at all: nothing, chance, pickles, text, a gzip that unpacks to 157 MB."""
    pickles = [pickle.dumps(Payload(mark), protocol) for protocol in (0, 2, 5)]
    return st.sampled_from([b"", b"{}", b"[" * 100_000, *pickles, bomb(200_000)]) | st.binary(max_size=200)


NUMBERS = [True, -1, 0, 3, 10**12, 1 << 63, 1e308, float("nan")]
TEXTS = ["", "x", "F64", "BF16", "I8", "U8", "../../../x"]
LISTS = [[], [-1], [0, 4], [1 << 40, 1 << 40], [[]], [0.5], [0.5, 0.5, 0.5], ["a"], list("abc")]
VALUES = [None, {}, {"x": 1}, *NUMBERS, *TEXTS, *LISTS]


def places(tree, path=()):
    """The path of each value of a JSON tree, of tables and lists too."""
    items = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    return [path, *(place for key, value in items for place in places(value, (*path, key)))][not path :]


@st.composite
def meant(draw, tree):
    """A JSON tree of which one to three values are others, are gone, or have another name."""
    tree = json.loads(json.dumps(tree))
    for _ in range(draw(st.integers(1, 3))):
        if not (there := places(tree)):
            break
        *path, last = draw(st.sampled_from(there))
        within = tree
        for key in path:
            within = within[key]
        how = draw(st.sampled_from(["other", "other", "gone", "renamed"]))
        if how == "other":
            within[last] = copy.deepcopy(draw(st.sampled_from(VALUES)))
        elif isinstance(within, dict):
            value = within.pop(last)
            if how == "renamed":
                name = draw(
                    st.sampled_from([*within, "record", "keep", "kept", "__class__", "weights/x", "moments/x/y"])
                )
                within[name] = value
    return tree


@st.composite
def retold(draw, content, about=None):
    """A safetensors file whose header, or the JSON in its key `about`, is well-formed and says something else."""
    end = 8 + struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8:end])
    if about and draw(st.booleans()):
        header["__metadata__"][about] = json.dumps(draw(meant(json.loads(header["__metadata__"][about]))))
    else:
        header = draw(meant(header))
    said = json.dumps(header).encode()
    return struct.pack("<Q", len(said)) + said + content[end:]


@st.composite
def rewritten(draw, text):
    """TOML of which a few lines have another value, or are gone."""
    lines = text.decode().splitlines()
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(lines) - 1))
        key, equals, _ = lines[at].partition(" = ")
        value = draw(
            st.sampled_from([json.dumps(value) for value in VALUES if value is not None] + ["nan", "1979-05-27"])
        )
        lines[at] = draw(st.sampled_from([f"{key} = {value}" if equals else "", ""]))
    return "\n".join(lines).encode()


def spoiled(content, mark, *more):
    """`content` in one of these manners, and `more`."""
    manners = (flipped, header_flipped, cut, spliced)
    return st.one_of(*more, *(manner(content) for manner in manners), foreign(mark))


def status(field: str) -> int:
    """Bytes, as Linux counts them for this process: "VmRSS:" now, "VmHWM:" at the peak."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field)) * 1024


@contextmanager
def fenced(most: int = 256 * MEGA):
    """The block may use `most` bytes more than there were; what asks for far more meets MemoryError."""
    if not Path("/proc/self/clear_refs").exists():  # only Linux tells a process its peak
        yield
        return
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    before = status("VmRSS:")
    limits = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (status("VmSize:") + 16 * most, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, limits)
    grown = status("VmHWM:") - before
    assert grown < most, f"{grown / MEGA:.0f} MB more at its peak"
