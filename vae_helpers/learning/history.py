"""What a training did, epoch by epoch."""

import dataclasses


@dataclasses.dataclass(repr=False)
class History:
    """What each epoch reached, in nats per image: one number an epoch in each list.

    `elbo` = `reconstruction` − `kl` are averages over the training images while the weights still moved, and `beta` is
    the weight that the KL had in what was climbed; the `test_…` are of the test images after the epoch, if `fit` was
    given any. An AE has a `reconstruction` and nothing else: its other lists stay empty. `stopped` says why there are
    fewer epochs than `planned`; `settings` holds what `fit` was called with; and `checkpoint`, which takes no part in
    ==, is what `fit(…, resume=…)` goes on from. `kept[epoch]` are the weights after the epochs of `fit(…, keep=…)`.
    """

    planned: int
    elbo: list[float] = dataclasses.field(default_factory=list)
    reconstruction: list[float] = dataclasses.field(default_factory=list)
    kl: list[float] = dataclasses.field(default_factory=list)
    beta: list[float] = dataclasses.field(default_factory=list)
    test_elbo: list[float] = dataclasses.field(default_factory=list)
    test_reconstruction: list[float] = dataclasses.field(default_factory=list)
    test_kl: list[float] = dataclasses.field(default_factory=list)
    stopped: str = ""
    settings: dict = dataclasses.field(default_factory=dict)
    checkpoint: object = dataclasses.field(default=None, compare=False)

    @property
    def kept(self) -> dict[int, dict]:
        """Epoch → the weights after it, as in `model.state_dict()`; 0 is before the first."""
        return {} if self.checkpoint is None else self.checkpoint.kept

    @property
    def figures(self) -> dict[str, list[float]]:
        """The lists that hold something: name → one number an epoch."""
        return {name: value for name, value in vars(self).items() if isinstance(value, list) and value}

    def record(self, **figures: float) -> None:
        """Add one epoch: name of the list → its number."""
        for name, figure in figures.items():
            getattr(self, name).append(figure)

    def keep(self, epochs: int) -> None:
        """Forget all after the first `epochs`."""
        for values in self.figures.values():
            del values[epochs:]

    def __len__(self) -> int:
        return len(self.reconstruction)

    def __repr__(self) -> str:
        kept = ", ".join(name for name in self.figures if name != "beta")
        reached = f"History of {len(self)} of {self.planned} epochs"
        reached += f": {kept}, in nats per image" if kept else ""
        return f"{reached}; {self.stopped}" if self.stopped else reached
