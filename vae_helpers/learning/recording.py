"""What a run looked like at some of its epochs: where the images lay on the plane, and what the decoder drew over it.

`training.fit(…, keep=(0, 1, 2, 5, 10))` keeps the weights, `of` looks at them; `save` and `load` put a recording into
data/runs/, with an entry in data/MANIFEST.toml.
"""

import dataclasses
from pathlib import Path

import safetensors.torch
import torch
from jaxtyping import Float, Int64
from torch import Tensor

from vae_helpers import png
from vae_helpers.learning import arguments, evaluation, manifest
from vae_helpers.learning.data import Dataset
from vae_helpers.learning.history import History
from vae_helpers.learning.models import AE, KINDS, VAE
from vae_helpers.maths import plane, threads

LEVELS = 16  # greys of a frame: a third of the bytes that 256 would take, and the eye hardly sees it


@dataclasses.dataclass(frozen=True, eq=False)
class Recording:
    """The moments of a run with 2 latents: after `epochs`, of `trained` in all; epoch 0 is before the first.

    `codes` [moment, image, latent] of test images with their `labels`, as numbers of `classes`. Each of `frames` is a
    PNG, white paper and black ink, of side + 1 rows of images, each with a seam of one pixel at its right and below it:
    first side × side decoded over the plane from top left, with a prior each for the same share of it, without one (an
    AE) evenly over ±reach; then those that are reconstructed from the codes number `shown`. `figures` are those of the
    test images, one number a moment: `elbo`, `reconstruction` and `kl`, of an AE `reconstruction` alone. ±`reach` holds
    99 % of the numbers in the codes.
    """

    epochs: tuple[int, ...]
    trained: int
    codes: Float[Tensor, "moments n 2"]
    labels: Int64[Tensor, " n"]
    frames: tuple[bytes, ...]
    shown: tuple[int, ...]
    figures: dict[str, list[float]]
    side: int
    reach: float
    prior: bool
    shape: tuple[int, int]
    classes: tuple[str, ...]

    def __repr__(self) -> str:
        kept = ", ".join(map(str, self.epochs))
        return f"Recording of {len(self.labels)} images after epochs {kept} of {self.trained}"


@threads.limited()
@torch.no_grad()
def of(history: History, dataset: Dataset, most: int = 1000, side: int = 12) -> Recording:
    """Look at the weights that `history` kept: with the first `most` test images, and `side`² tiles over the plane.

    The model is built anew from the history's settings: whatever was trained since is not touched. Of each class the
    first image is reconstructed (`side` of them at most). Digits take a fifth of a second for 40 moments, MNIST 5 s for
    12. Raises ValueError where no weights were kept, the latents are no plane, or the images have another size.
    """
    call = "recording.of(history, dataset)"
    model = _model(call, history, dataset)
    arguments.whole(call, "most", most)
    arguments.whole(call, "side", side)
    images, labels = dataset.test.images, dataset.test.labels[:most]
    prior, first = isinstance(model, VAE), [(labels == label).nonzero()[:1, 0] for label in labels.unique()]
    shown = torch.cat(first)[:side]

    epochs, codes, figures = sorted(history.kept), [], []
    for epoch in epochs:
        model.load_state_dict(history.kept[epoch])
        # Before float16, in which they are stored, sent and shown.
        codes.append(model.codes(images[:most]).half().float())
        figures.append({term: round(measure.mean, 2) for term, measure in evaluation.terms(model, images).items()})
    codes = torch.stack(codes)
    if not codes.isfinite().all():
        raise ValueError(f"{call}: codes are not finite in float16 (largest 65504); was the training diverging?")

    reach = torch.quantile(codes.abs().flatten()[:: max(1, codes.numel() // 1_000_000)], 0.99).item()
    reach = max(3.0 if prior else 0.5, -(-reach // 0.5) * 0.5)
    middles = plane.knots(side, None if prior else reach)[1::2].float()
    places, frames = plane.places(middles), []
    for epoch, moment in zip(epochs, codes, strict=True):
        model.load_state_dict(history.kept[epoch])
        frames.append(_frame(model.decode(torch.cat([places, moment[shown]])).sigmoid(), side, dataset.shape))
    return Recording(
        tuple(epochs), len(history), codes, labels, tuple(frames), tuple(shown.tolist()),
        {"elbo" if term == "total" else term: [each[term] for each in figures] for term in figures[0]},
        side, reach, prior, dataset.shape, dataset.classes,
    )  # fmt: skip


def _model(call: str, history: History, dataset: Dataset) -> VAE | AE:
    """A model as the one whose weights were kept. Raises ValueError."""
    if not history.kept:
        raise ValueError(
            f"{call}: the history kept no weights of its {len(history)} epochs; say which when you train, as in "
            f"training.fit(…, keep=(0, 1, 2, 5, 10)), where 0 is before the first"
        )
    kind, *sizes = (history.settings[name] for name in ("model", "pixels", "latent", "hidden"))
    pixels, latent, _ = sizes
    if latent != 2:
        raise ValueError(f"{call}: the model has {latent} latents and a plane has 2; build it with {kind}(…, latent=2)")
    if pixels != dataset.pixels:
        raise ValueError(
            f"{call}: {dataset.name} has images of {dataset.pixels} pixels, and the model draws {pixels}; take the "
            f"data set that it was trained on"
        )
    return KINDS[kind](*sizes).eval()


def _frame(images: Tensor, side: int, shape: tuple[int, int]) -> bytes:
    """Images [side² + shown, pixels], `side` a row, as one PNG; seams and places that are left over stay paper."""
    rows, columns = shape
    ink = torch.zeros(side * (side + 1), rows + 1, columns + 1)
    ink[: len(images), :-1, :-1] = images.reshape(-1, *shape)
    lines = ink.reshape(side + 1, side, rows + 1, columns + 1).transpose(1, 2).reshape((side + 1) * (rows + 1), -1)
    greys = ((LEVELS - 1) * (1 - lines)).round() * (255 // (LEVELS - 1))
    return png.encode(greys.to(torch.uint8).numpy(), small=True)


def save(
    recording: Recording, name: str, dataset: Dataset, *, command: str, seed: int, folder: Path = manifest.FOLDER
) -> Path:
    """Store it as `folder`/runs/`name`.safetensors, described in `folder`/MANIFEST.toml: no image of `dataset`.

    `command` and `seed` say how it was made. Returns the path. Raises ValueError (name) and OSError.
    """
    made = {
        "command": command,
        "seed": seed,
        "data": dataset.name,
        "data_sha256": dataset.sha256,
        **{field: getattr(recording, field) for field in ABOUT},
        **{f"test_{term}": values for term, values in recording.figures.items()},
    }
    tensors = {
        "codes": recording.codes.half(),
        "labels": recording.labels.to(torch.uint8),
        "frames": torch.frombuffer(bytearray(b"".join(recording.frames)), dtype=torch.uint8),
        "sizes": torch.tensor([len(frame) for frame in recording.frames]),
    }
    return manifest.store(f"recording.save(recording, {name!r}, …)", "runs", name, made, tensors, folder)


ABOUT = ("epochs", "trained", "shown", "side", "reach", "prior", "shape", "classes")  # as they stand in the manifest


def load(name: str, folder: Path = manifest.FOLDER) -> Recording:
    """The recording stored as `name`, as "mnist-2d": codes and pictures, no weights, and no data set is needed.

    Raises KeyError (no such entry; the message lists those there are), FileNotFoundError (no such file) and ValueError
    (not the file that was described, or not a recording).
    """
    call = f"recording.load({name!r})"
    entry = manifest.entry(call, "runs", name, folder)
    content = manifest.content(call, entry, folder)
    with manifest.read_as(call, entry, "holds no recording of a run"):
        found = safetensors.torch.load(content)
        frames = tuple(bytes(frame.numpy()) for frame in found["frames"].split(found["sizes"].tolist()))
        codes, labels = found["codes"], found["labels"]
        about = {field: tuple(entry[field]) if isinstance(entry[field], list) else entry[field] for field in ABOUT}
        about |= manifest.labelled(entry, codes, labels)
        figures = {term.removeprefix("test_"): entry[term] for term in entry if term.startswith("test_")}
        moments = len(about["epochs"])
        lists = {"codes": codes, "frames": frames} | figures
        if wrong := [name for name, values in lists.items() if len(values) != moments]:
            raise ValueError(f"{', '.join(wrong)}: not one for each of {moments} moments")
        if codes.shape[2:] != (2,) or not all(frame.startswith(png.SIGNATURE) for frame in frames):
            raise ValueError("its codes are on no plane, or its frames no PNGs")
        return Recording(codes=codes.float(), labels=labels.long(), frames=frames, figures=figures, **about)
