"""Trained models on disk: safetensors in float16, never pickle, each with an entry in data/MANIFEST.toml.

The entry says how the model was made and what it reaches, and holds the sha256 without which nothing is loaded. The
same words stand inside the file (key `made`), so that a copy of it still says what it is.
"""

import json
import re
from pathlib import Path

import safetensors.torch
import torch
from safetensors import SafetensorError

from vae_helpers.learning import evaluation, manifest
from vae_helpers.learning.data import Dataset
from vae_helpers.learning.models import AE, KINDS, VAE


def save(model: VAE | AE, name: str, dataset: Dataset, command: str, seed: int, folder: Path = manifest.FOLDER) -> Path:
    """Store `model` as `folder`/weights/`name`.safetensors and describe it in `folder`/MANIFEST.toml.

    float16 keeps three digits of each weight, so the figures written down are those of the rounded model, on the test
    images of `dataset`. `command` and `seed` say how it was made. Returns the path. Raises ValueError (name, weights
    that are not finite in float16) and OSError (a folder that cannot be written); `model` is never changed.
    """
    call = f"weights.save(model, {name!r}, …)"
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", name):
        raise ValueError(f"{call}: a name is made of a–z, 0–9 and hyphens, as in 'digits-2d'")
    halves = {key: weight.detach().half().contiguous() for key, weight in model.state_dict().items()}
    if wrong := [key for key, weight in halves.items() if not weight.isfinite().all()]:
        raise ValueError(
            f"{call}: {', '.join(wrong)} is not finite in float16 (largest 65504); was the training diverging?"
        )
    reached = evaluation.terms(_build(model.kind(), model.config, halves), dataset.test.images, draws=100)
    made = {
        "file": f"weights/{name}.safetensors",
        "model": model.kind(),
        "command": command,
        "seed": seed,
        "data": dataset.name,
        "data_sha256": dataset.sha256,
        **model.config,
        # [mean, standard error], to the digits that another processor gives too
        **{f"test_{term}": [round(figure, 2) for figure in measure] for term, measure in reached.items()},
    }
    content = safetensors.torch.save(halves, metadata={"made": json.dumps(made)})
    entry = {**made, "sha256": manifest.sha256(content)}
    folder = Path(folder)
    path = folder / entry["file"]
    text = manifest.with_entry(call, "weights", name, entry, folder)
    manifest.write(call, {path: content, folder / manifest.NAME: text})
    return path


def load(name: str, folder: Path = manifest.FOLDER) -> VAE | AE:
    """The model stored as `name`, in float32, of the class it had.

    Raises KeyError (no such entry; the message lists those there are), FileNotFoundError (no such file) and ValueError
    (not the file that was described, or not weights of the model that its entry describes).
    """
    call = f"weights.load({name!r})"
    entry = manifest.entry(call, "weights", name, folder)
    content = manifest.content(call, entry, folder)
    try:
        config = {key: entry[key] for key in ("pixels", "latent", "hidden")}
        return _build(entry["model"], config, safetensors.torch.load(content))
    except (SafetensorError, KeyError, TypeError, RuntimeError, ValueError) as error:
        why = " ".join(str(error).split())
        raise ValueError(f"{call}: {entry['file']} does not hold the model that its entry describes: {why}") from None


def _build(kind: str, config: dict[str, int], weights: dict[str, torch.Tensor]) -> VAE | AE:
    model = KINDS[kind](**config)
    model.load_state_dict(weights)  # copies into float32
    return model.eval()
