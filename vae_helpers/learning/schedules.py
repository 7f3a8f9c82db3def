"""What `fit` may be told of each epoch: how much the KL weighs, and how long a step is."""

import math
from collections.abc import Callable

from vae_helpers.learning import arguments
from vae_helpers.maths import checks


def warm_up(epochs: int, beta: float = 1.0) -> Callable[[int], float]:
    """A schedule for `fit(…, beta=…)`: β rises by equal steps from β/epochs to `beta`, and stays there.

    Source: Bowman et al. (2016), arXiv 1511.06349, section 3.1.
    """
    arguments.whole("training.warm_up(epochs, beta)", "epochs", epochs)
    kl_weight("training.warm_up(epochs, beta)", beta)
    return lambda epoch: beta * min(epoch / epochs, 1.0)


def cosine(epochs: int, learning_rate: float) -> Callable[[int], float]:
    """A schedule for `fit(…, learning_rate=…)`: `learning_rate` · ½ (1 + cos(π (epoch − 1)/epochs)), falling to near 0.

    Source: Loshchilov & Hutter (2017), arXiv 1608.03983, eq. 5, without restarts.
    """
    call = "training.cosine(epochs, learning_rate)"
    arguments.whole(call, "epochs", epochs)
    checks.number(call, "learning_rate", learning_rate, positive=True)
    return lambda epoch: learning_rate * (1 + math.cos(math.pi * min(epoch - 1, epochs) / epochs)) / 2


def kl_weight(call: str, value, epoch: int = 1) -> float:
    """β of an epoch as a number. Raises TypeError, and ValueError where it is not finite or below 0."""
    found = checks.number(call, "beta", value)
    if found < 0:
        raise ValueError(f"{call}: beta = {found} in epoch {epoch}; it must be 0 or more")
    return found
