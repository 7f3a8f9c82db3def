"""The data sets of the course: images as rows of pixels, with labels, split into training and test.

Grey values are counted (uint8 in memory) and handed out as float32 in [0, 1].
"""

import dataclasses
import io
import zipfile
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, Int64, UInt8
from torch import Tensor

from vae_helpers.learning import manifest


@dataclasses.dataclass(frozen=True, eq=False)
class Split:
    """Part of a data set: `counts`, grey values 0 … `levels`, and the digit, or class, that each image shows."""

    counts: UInt8[Tensor, "n pixels"]
    labels: Int64[Tensor, " n"]
    levels: int

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
    """Images of one `shape` (rows, columns), split once and for all; `sha256` is that of the file they are from."""

    name: str
    shape: tuple[int, int]
    train: Split
    test: Split
    sha256: str

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
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            counts, labels = torch.from_numpy(file["images"]), torch.from_numpy(file["labels"]).long()
    except (ValueError, KeyError, zipfile.BadZipFile) as error:
        raise ValueError(f"data.load('digits'): the file holds no images and labels ({error})") from None
    test = torch.arange(len(counts)) % 6 == 5
    train_part, test_part = (Split(counts[part], labels[part], levels=16) for part in (~test, test))
    return Dataset("digits", (8, 8), train_part, test_part, sha256)


# name → how the bytes of its file become a Dataset.
READERS = {"digits": _digits}


def load(name: str, folder: Path = manifest.FOLDER) -> Dataset:
    """The data set `name`: `digits`, 1797 handwritten digits of 8 × 8 pixels in 17 grey values (UCI, 1998).

    Raises KeyError (unknown name), FileNotFoundError (no data/ beside the package) and ValueError (another sha256).
    """
    call = f"data.load({name!r})"
    if name not in READERS:
        raise manifest.Unknown(f"{call}: there is no such data set; the course has {', '.join(map(repr, READERS))}")
    entry = manifest.entry(call, "data", name, folder)
    return READERS[name](manifest.content(call, entry, folder), entry["sha256"])
