"""Write data/digits.npz anew: `python -m vae_helpers.learning.export_digits` (needs scikit-learn, a test dependency).

The course loads the small file, because importing scikit-learn takes a second and 75 MB.
"""

import io
from pathlib import Path

import numpy as np

from vae_helpers.learning import manifest

COMMAND = "python -m vae_helpers.learning.export_digits"


def export(folder: Path = manifest.FOLDER) -> Path:
    """scikit-learn's `load_digits` as uint8 `images` [1797, 64] and `labels` [1797], with its entry in the manifest."""
    try:
        from sklearn.datasets import load_digits
    except ImportError:
        raise ImportError(f"{COMMAND}: scikit-learn is not installed; pip install -e '.[test]' brings it") from None
    digits = load_digits()
    counts, labels = digits.data.astype(np.uint8), digits.target.astype(np.uint8)
    if not (np.array_equal(counts, digits.data) and counts.max() == 16):
        raise ValueError(f"{COMMAND}: scikit-learn's digits are no longer whole numbers from 0 to 16")
    file = io.BytesIO()
    np.savez_compressed(file, images=counts, labels=labels)
    content = file.getvalue()
    fields = {
        "file": "digits.npz",
        "sha256": manifest.sha256(content),
        "holds": "images: uint8 [1797, 64], 8 × 8 grey values 0 … 16, row by row; labels: uint8 [1797], 0 … 9",
        "title": "Optical Recognition of Handwritten Digits",
        "authors": "E. Alpaydin and C. Kaynak, 1998",
        "source": "https://doi.org/10.24432/C50P49",
        "licence": "CC BY 4.0",
        "changes": "its test part, as scikit-learn distributes it (load_digits), with floats made uint8 again",
        "command": COMMAND,
    }
    path = Path(folder) / fields["file"]
    text = manifest.with_entry(COMMAND, "data", "digits", fields, folder)
    manifest.write(COMMAND, {path: content, Path(folder) / manifest.NAME: text})
    return path


if __name__ == "__main__":
    print(f"wrote {export()}")
