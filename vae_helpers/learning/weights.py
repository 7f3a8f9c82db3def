"""Trained models on disk, and what their encoders say of the test images: safetensors in float16, never pickle.

Each has an entry in data/MANIFEST.toml: how it was made, what it reaches, and the sha256 without which nothing is
loaded. The same words stand inside the file (key `made`), so that a copy of it still says what it is.
"""

from pathlib import Path
from typing import NamedTuple

import safetensors.torch
import torch
from jaxtyping import Float, Int64
from torch import Tensor

from vae_helpers.learning import evaluation, manifest
from vae_helpers.learning.data import Dataset
from vae_helpers.learning.models import AE, KINDS, VAE


def save(
    model: VAE | AE,
    name: str,
    dataset: Dataset,
    *,
    command: str,
    seed: int,
    epochs: int,
    k: int = 5000,
    folder: Path = manifest.FOLDER,
) -> Path:
    """Store `model` as `folder`/weights/`name`.safetensors and describe it in `folder`/MANIFEST.toml.

    float16 keeps three digits of each weight, so the figures written down are those of the rounded model, on the test
    images of `dataset`: the terms of what it climbs, and for a VAE log p(x) from `k` importance samples an image.
    `command`, `seed` and `epochs` say how it was made. Returns the path. Raises ValueError (name, weights that are not
    finite in float16) and OSError (a folder that cannot be written); `model` is never changed.
    """
    call = f"weights.save(model, {name!r}, …)"
    halves = _halves(call, name, model.state_dict())
    made = {
        "model": model.kind(),
        "command": command,
        "seed": seed,
        "epochs": epochs,
        "data": dataset.name,
        "data_sha256": dataset.sha256,
        **model.config,
        **_reached(_build(model.kind(), model.config, halves), dataset.test.images, k),
    }
    return manifest.store(call, "weights", name, made, halves, folder)


def _halves(call: str, name: str, tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    manifest.named(call, name)
    halves = {key: tensor.detach().half().contiguous() for key, tensor in tensors.items()}
    if wrong := [key for key, tensor in halves.items() if not tensor.isfinite().all()]:
        raise ValueError(
            f"{call}: {', '.join(wrong)} is not finite in float16 (largest 65504); was the training diverging?"
        )
    return halves


def _reached(model: VAE | AE, images: torch.Tensor, k: int) -> dict:
    """[mean, standard error] of each figure on the test images, to the digits that another processor gives too."""
    reached = evaluation.terms(model, images, draws=max(1, 30_000 // len(images)))
    if isinstance(model, VAE):
        reached["log_likelihood"] = evaluation.log_likelihood(model, images, k).log_likelihood
    figures = {f"test_{term}": [round(figure, 2) for figure in measure] for term, measure in reached.items()}
    return figures | ({"k": k} if isinstance(model, VAE) else {})


def load(name: str, folder: Path = manifest.FOLDER) -> VAE | AE:
    """The model stored as `name`, in float32, of the class it had.

    Raises KeyError (no such entry; the message lists those there are), FileNotFoundError (no such file) and ValueError
    (not the file that was described, or not weights of the model that its entry describes).
    """
    call = f"weights.load({name!r})"
    entry = manifest.entry(call, "weights", name, folder)
    content = manifest.content(call, entry, folder)
    with manifest.read_as(call, entry, "does not hold the model that its entry describes"):
        config = {key: entry[key] for key in ("pixels", "latent", "hidden")}
        return _build(entry["model"], config, safetensors.torch.load(content))


class Cloud(NamedTuple):
    """What an encoder says of the test images: a code each (of a VAE the mean μ of q, with logvar), and the label.

    `shape` is that of an image (rows, columns), `classes` are the names of the labels 0, 1, … and `data` is the name of
    the data set.
    """

    codes: Float[Tensor, "n latent"]
    logvar: Float[Tensor, "n latent"] | None
    labels: Int64[Tensor, " n"]
    shape: tuple[int, int]
    classes: tuple[str, ...]
    data: str


@torch.no_grad()
def save_cloud(
    name: str, dataset: Dataset, *, command: str, most: int = 10_000, folder: Path = manifest.FOLDER
) -> Path:
    """Store in `folder`/clouds/ what the model stored as `name` says of the first `most` test images of `dataset`.

    No image is stored: who has not fetched the data set sees its test images as the decoder draws them from their
    codes. Returns the path. Raises what `load` raises, ValueError (images of another size) and OSError.
    """
    call = f"weights.save_cloud({name!r}, …)"
    model = load(name, folder)
    said = model.encode(dataset.test.images[:most])
    codes, logvar = said if isinstance(model, VAE) else (said, None)
    tensors = _halves(call, name, {"codes": codes} | ({} if logvar is None else {"logvar": logvar}))
    tensors["labels"] = dataset.test.labels[:most].to(torch.uint8)
    made = {
        "command": command,
        "weights": name,
        "data": dataset.name,
        "data_sha256": dataset.sha256,
        "images": len(codes),
        "shape": list(dataset.shape),
        "classes": list(dataset.classes),
    }
    return manifest.store(call, "clouds", name, made, tensors, folder)


def cloud(name: str, folder: Path = manifest.FOLDER) -> Cloud:
    """What the encoder of the model stored as `name` says of the test images, in float32. Raises what `load` raises."""
    call = f"weights.cloud({name!r})"
    entry = manifest.entry(call, "clouds", name, folder)
    content = manifest.content(call, entry, folder)
    with manifest.read_as(call, entry, "holds no codes and labels"):
        found = safetensors.torch.load(content)
        codes, labels, logvar = found["codes"], found["labels"], found.get("logvar")
        about = manifest.labelled(entry, codes, labels)
        if logvar is not None and not (logvar.shape == codes.shape and logvar.isfinite().all()):
            raise ValueError("its logvar is not a finite number for each of its codes")
        return Cloud(
            codes.float(), None if logvar is None else logvar.float(), labels.long(), data=entry["data"], **about
        )


def _build(kind: str, config: dict[str, int], weights: dict[str, torch.Tensor]) -> VAE | AE:
    with torch.device("meta"):  # what the entry describes is compared before any memory is taken for it
        wanted = {key: list(weight.shape) for key, weight in KINDS[kind](**config).state_dict().items()}
    found = {key: list(weight.shape) for key, weight in weights.items()}
    if differ := sorted(key for key in wanted | found if wanted.get(key) != found.get(key)):
        raise ValueError("; ".join(f"{key} is {found.get(key)}, wanted {wanted.get(key)}" for key in differ[:3]))
    if wrong := [
        key for key, weight in weights.items() if not (weight.is_floating_point() and weight.isfinite().all())
    ]:
        raise ValueError(f"{', '.join(wrong)} holds what is no finite number")
    model = KINDS[kind](**config)
    model.load_state_dict(weights)  # copies into float32
    return model.eval()
