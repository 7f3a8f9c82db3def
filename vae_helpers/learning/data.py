"""The data sets of the course: images as rows of pixels, with labels, split into training and test.

Grey values are counted (uint8 in memory) and handed out as float32 in [0, 1].
"""

import dataclasses
import gzip
import io
import math
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, Int64, UInt8
from torch import Tensor

from vae_helpers.learning import download, manifest, shapes


@dataclasses.dataclass(frozen=True, eq=False)
class Split:
    """Part of a data set: `counts`, grey values 0 … `levels`, and the digit, or class, that each image shows.

    `factors` are what an image was drawn from, each [n], where that is known (`shapes`): x, y, size, angle, kind.
    """

    counts: UInt8[Tensor, "n pixels"]
    labels: Int64[Tensor, " n"]
    levels: int
    factors: Mapping[str, Tensor] = dataclasses.field(default_factory=dict)

    @property
    def images(self) -> Float[Tensor, "n pixels"]:
        """The grey values divided by `levels`: float32, 0 is paper and 1 is ink. A new tensor at each call."""
        return self.counts.float() / self.levels

    def __len__(self) -> int:
        return len(self.counts)

    def __repr__(self) -> str:
        return f"{len(self)} images of {self.counts.shape[1]} pixels"


@dataclasses.dataclass(frozen=True, eq=False)
class Dataset:
    """Images of one `shape` (rows, columns), split once and for all; `sha256` is that of what they are from.

    That is the file, or all files one after the other, or the images themselves where they are drawn here. `classes`
    are the names of the labels 0, 1, …
    """

    name: str
    shape: tuple[int, int]
    train: Split
    test: Split
    sha256: str
    classes: tuple[str, ...] = tuple("0123456789")

    @property
    def pixels(self) -> int:
        """Pixels an image: rows × columns."""
        return self.shape[0] * self.shape[1]

    def __repr__(self) -> str:
        rows, columns = self.shape
        return f"{self.name}: {len(self.train)} training and {len(self.test)} test images of {rows} × {columns} pixels"


def _digits(content: bytes, sha256: str) -> Dataset:
    """Every sixth image (number 5, 11, 17, … counted from 0) is test.

    The UCI file goes from writer to writer, so both parts hold all of them: the test asks about new images, not about
    new hands.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            if sum(part.file_size for part in parts.infolist()) > MOST:
                raise ValueError(f"it unpacks to more than {MOST} bytes")
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            counts, labels = torch.from_numpy(file["images"]), torch.from_numpy(file["labels"])
        if counts.dtype != torch.uint8 or counts.shape[1:] != (64,) or labels.shape != counts.shape[:1]:
            raise ValueError("wanted uint8 images of 64 pixels, with a label for each")
        if len(counts) < 6 or counts.max() > 16 or not 0 <= labels.min() <= labels.max() <= 9:
            raise ValueError("wanted greys up to 16, and labels up to 9")
    except Exception as error:  # zipfile and numpy have a dozen names for a spoiled file
        raise ValueError(f"data.load('digits'): the file holds no images and labels ({error})") from None
    test = torch.arange(len(counts)) % 6 == 5
    train_part, test_part = (Split(counts[part], labels[part].long(), levels=16) for part in (~test, test))
    return Dataset("digits", (8, 8), train_part, test_part, sha256)


MOST = 1 << 26  # bytes that a file may hold unpacked; MNIST's largest has 47 million


def _idx(content: bytes, *shape: int) -> Tensor:
    """The bytes of a gzipped idx file as a uint8 tensor [n, *shape]. Raises ValueError. Source: LeCun et al., MNIST."""
    with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
        raw = file.read(MOST + 1)
    if len(raw) > MOST:
        raise ValueError(f"it unpacks to more than {MOST} bytes")
    axes = len(shape) + 1
    begin = 4 + 4 * axes
    sizes = [int.from_bytes(raw[4 * i : 4 * i + 4], "big") for i in range(1, axes + 1)]
    if raw[:4] != bytes([0, 0, 8, axes]) or tuple(sizes[1:]) != shape or len(raw) != begin + math.prod(sizes):
        raise ValueError(f"it holds no bytes of shape [n{''.join(f', {size}' for size in shape)}]")
    return torch.from_numpy(np.frombuffer(raw, np.uint8, offset=begin).reshape(sizes).copy())


def _fetched(name: str, found: Mapping[str, bytes], entry: Mapping) -> Dataset:
    """MNIST and its like: their own split, 60 000 and 10 000 images of 28 × 28 pixels."""
    splits = []
    for part in ("train", "t10k"):
        try:
            counts = _idx(found[f"{part}-images-idx3-ubyte.gz"], 28, 28).flatten(1)
            labels = _idx(found[f"{part}-labels-idx1-ubyte.gz"]).long()
        except (KeyError, OSError, EOFError, zlib.error, ValueError) as error:
            raise ValueError(f"data.load({name!r}): the {part} files are no images and labels ({error})") from None
        if not 0 < len(counts) == len(labels) or labels.max() >= len(NAMES[name]):
            raise ValueError(
                f"data.load({name!r}): the {part} files do not belong together: {len(counts)} images, {len(labels)} "
                f"labels; wanted a label from 0 to {len(NAMES[name]) - 1} for each image"
            )
        splits.append(Split(counts, labels, levels=255))
    sha256 = manifest.sha256("".join(entry["sha256s"]).encode())
    return Dataset(name, (28, 28), *splits, sha256, NAMES[name])


def _shapes() -> Dataset:
    """Six thousand shapes, drawn in a fraction of a second; the first 5000 are for training."""
    factors = shapes.factors(shapes.TRAIN + shapes.TEST)
    counts = shapes.draw(**factors)
    cut = shapes.TRAIN
    splits = [
        Split(counts[part], factors["kind"][part], shapes.LEVELS, {name: f[part] for name, f in factors.items()})
        for part in (slice(cut), slice(cut, None))
    ]
    sha256 = manifest.sha256(counts.numpy().tobytes())
    return Dataset("shapes", (shapes.SIDE, shapes.SIDE), *splits, sha256, shapes.KINDS)


FASHION = ("T-shirt", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot")
NAMES = {"digits": (), "shapes": shapes.KINDS, "mnist": tuple("0123456789"), "fashion": FASHION}


def load(name: str, folder: Path = manifest.FOLDER, progress: download.Progress | None = None) -> Dataset:
    """The data set `name`.

    `digits`: 1797 handwritten digits of 8 × 8 pixels in 17 grey values (UCI, 1998). `shapes`: 6000 ellipses, rectangles
    and triangles of 16 × 16 pixels, drawn here, with their factors. `mnist`, `fashion`: 70 000 digits, or pieces of
    clothing, of 28 × 28 pixels, from VAE_DATA_DIR, or fetched once (12 and 31 MB); `progress(file, bytes, of)` is
    called meanwhile, for instance a widgets.download.Download().

    Raises KeyError (unknown name), FileNotFoundError (no data/ beside the package), ValueError (another sha256) and
    ConnectionError (no network; the message says which files to put where).
    """
    call = f"data.load({name!r})"
    if name not in NAMES:
        raise manifest.Unknown(f"{call}: there is no such data set; the course has {', '.join(map(repr, NAMES))}")
    if name == "shapes":
        return _shapes()
    entry = manifest.entry(call, "data", name, folder, fetched=name != "digits")
    if name == "digits":
        return _digits(manifest.content(call, entry, folder), entry["sha256"])
    return _fetched(name, download.contents(call, entry, folder, progress), entry)


def at_hand(name: str, folder: Path = manifest.FOLDER) -> Dataset | None:
    """`load(name)` if nothing must be fetched for it, else None. Raises what `load` raises."""
    if name not in ("mnist", "fashion"):
        return load(name, folder)
    entry = manifest.entry(f"data.at_hand({name!r})", "data", name, folder, fetched=True)
    found = download.at_hand(entry, folder)
    return None if None in found.values() else _fetched(name, found, entry)
