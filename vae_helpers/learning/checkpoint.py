"""A training that can go on: weights, optimizer, random numbers and history after a whole epoch.

On disk it is one safetensors file with a JSON header, never pickle, written beside its place and renamed.
"""

import dataclasses
import json
import os
from collections.abc import Collection
from pathlib import Path

import safetensors.torch
import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from vae_helpers.learning import manifest
from vae_helpers.learning.adam import Adam
from vae_helpers.learning.history import History


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Checkpoint:
    """Everything that the next epoch depends on, as copies; `figures`, `settings` and `kept` as in History.

    What is kept of earlier epochs stays in memory: a file holds the last weights alone.
    """

    weights: dict[str, Tensor]
    moments: dict[int, dict[str, Tensor]]  # Adam's, by the number of the parameter
    generator: Tensor
    figures: dict[str, list[float]]
    settings: dict
    kept: dict[int, dict[str, Tensor]] = dataclasses.field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.figures.get("reconstruction", ()))

    def __repr__(self) -> str:
        return f"Checkpoint after {len(self)} epochs"


def take(
    model, optimizer: Adam, generator: torch.Generator, history: History, keep: Collection[int] = frozenset()
) -> Checkpoint:
    """The state of a training now, which later epochs do not change; its weights are kept if `keep` names the epoch."""
    weights, epoch = _copied(model.state_dict()), len(history)
    return Checkpoint(
        weights,
        {number: _copied(moments) for number, moments in optimizer.moments.items()},
        generator.get_state(),
        {name: list(values) for name, values in history.figures.items()},
        history.settings,
        history.kept | ({epoch: weights} if epoch in keep else {}),
    )


def _copied(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {key: tensor.clone() for key, tensor in tensors.items()}  # deepcopy takes a sixth of an epoch of digits


def restore(checkpoint: Checkpoint, model, optimizer: Adam, generator: torch.Generator, history: History) -> None:
    """Put model, optimizer, random numbers and history where they were. Raises ValueError, and then moves nothing."""
    wanted, found = ({key: t.shape for key, t in each.items()} for each in (model.state_dict(), checkpoint.weights))
    shapes = [moments["exp_avg"].shape for moments in checkpoint.moments.values()]
    if wanted != found or shapes != [weight.shape for weight in model.parameters()]:
        raise ValueError("training.fit(…, resume=…): the checkpoint's tensors are not those of this model")
    model.load_state_dict(checkpoint.weights)
    optimizer.moments = {number: _copied(each) for number, each in checkpoint.moments.items()}
    generator.set_state(checkpoint.generator)
    for name, values in checkpoint.figures.items():
        setattr(history, name, list(values))
    history.checkpoint = checkpoint


def refuse_another(call: str, path: str | Path, settings: dict) -> None:
    """Raises FileExistsError where `path` is a file, but no checkpoint of the training with these settings.

    So two trainings that are told the same path do not overwrite each other in turn.
    """
    if not os.path.isfile(path):  # nor where its folder may not be entered: whoever writes there will say so
        return
    instead = "give checkpoint= another path"
    try:
        with _opened(path) as file:
            found = json.loads(file.metadata()["checkpoint"])["settings"]
        other = ", ".join(name for name in settings if found.get(name) != settings[name])
        what = other and f"the checkpoint of another training ({other})"
        if other == "first_weights":  # most often the same cell, run again
            instead += ", or resume= this one, too, to go on from it"
    except OSError as error:
        what = f"a file that cannot be read ({error.strerror or error})"
    except (SafetensorError, KeyError, TypeError, ValueError, AttributeError):
        what = "no checkpoint of a training"
    if what:
        raise FileExistsError(f"{call}: {path} is {what}, and is left as it is: {instead}.")


def save(checkpoint: Checkpoint, path: str | Path, call: str = "checkpoint.save(checkpoint, path)") -> Path:
    """Write it to `path`, all or nothing. Raises OSError where it cannot be written, or is another's file."""
    refuse_another(call, path, checkpoint.settings)
    tensors = {f"weights/{key}": weight for key, weight in checkpoint.weights.items()}
    for number, moments in checkpoint.moments.items():
        tensors |= {f"moments/{number}/{key}": value for key, value in moments.items()}
    tensors["generator"] = checkpoint.generator
    about = json.dumps({"figures": checkpoint.figures, "settings": checkpoint.settings})
    content = safetensors.torch.save({key: t.contiguous() for key, t in tensors.items()}, {"checkpoint": about})
    manifest.write(call, {Path(path): content}, "a path that you may write to")
    return Path(path)


def _opened(path: str | Path):
    """The file, open. Raises OSError as `open` does: safetensors calls whatever it cannot open a file not found."""
    open(path, "rb").close()
    return safe_open(path, "pt")


def load(path: str | Path, call: str = "checkpoint.load(path)") -> Checkpoint:
    """What `save` wrote. Raises FileNotFoundError, and ValueError where the file is another, or cut."""
    try:
        with _opened(path) as file:
            about = json.loads(file.metadata()["checkpoint"])
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
        weights, moments = {}, {}
        for key, tensor in tensors.items():
            kind, _, rest = key.partition("/")
            if kind == "weights":
                weights[rest] = tensor
            elif kind == "moments":
                number, _, name = rest.partition("/")
                moments.setdefault(int(number), {})[name] = tensor
        # Adam counts its parameters from 0: the order of the file is not theirs.
        found = Checkpoint(weights, dict(sorted(moments.items())), tensors["generator"], **about)
        _check(found)
        return found
    except FileNotFoundError:
        raise FileNotFoundError(
            f"{call}: there is no file {path}. A training writes one after each epoch where it is told to: "
            f"training.fit(…, checkpoint=path)"
        ) from None
    except (SafetensorError, KeyError, TypeError, ValueError, RuntimeError, OSError) as error:  # RecursionError too
        raise ValueError(f"{call}: {path} is no checkpoint of a training ({' '.join(str(error).split())})") from None


def _check(found: Checkpoint) -> None:
    """What training would stumble over later. Raises ValueError, TypeError and RuntimeError."""
    known = {field.name for field in dataclasses.fields(History) if field.default_factory is list}
    if not isinstance(found.figures, dict) or not isinstance(found.settings, dict) or found.kept:
        raise ValueError("its figures and settings are no tables")
    lists = [figures for name, figures in found.figures.items() if name in known and isinstance(figures, list)]
    if len(lists) < len(found.figures) or len({len(figures) for figures in lists}) > 1:
        raise ValueError("its figures are not one number an epoch")
    if not all(type(figure) in (int, float) for figures in lists for figure in figures):
        raise ValueError("its figures are no numbers")
    torch.Generator().set_state(found.generator)
    if list(found.moments) != list(range(len(found.weights))):
        raise ValueError("its moments are not those of its weights")
    for moments in found.moments.values():
        if moments.keys() != {"step", "exp_avg", "exp_avg_sq"} or moments["step"].numel() != 1:
            raise ValueError("its moments are not Adam's")
        if moments["exp_avg"].shape != moments["exp_avg_sq"].shape:
            raise ValueError("its moments differ in shape")
    tensors = [*found.weights.values(), *(tensor for moments in found.moments.values() for tensor in moments.values())]
    if not all(tensor.is_floating_point() for tensor in tensors):
        raise ValueError("its tensors are no real numbers")
