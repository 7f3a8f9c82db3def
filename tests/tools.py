"""What the tests of the mathematics and of its pictures share."""

import math
import os
import re
from contextlib import contextmanager
from pathlib import Path

import jaxtyping
import numpy as np
import pytest
import torch
from hypothesis import settings

from vae_helpers.learning import data


def f64(values):
    return torch.tensor(values, dtype=torch.float64)


def numbers(sentence):
    """The numbers with a decimal point in a sentence, whose minus signs are real ones."""
    return [float(text.replace("−", "-")) for text in re.findall(r"−?\d+\.\d+", sentence)]


def log_normal(x, mu=0.0, sigma=1.0):
    """log N(x; μ, σ²), written out: in an integral of single numbers scipy's takes a hundred times as long."""
    return -0.5 * ((x - mu) / sigma) ** 2 - np.log(sigma) - 0.5 * math.log(2 * math.pi)


def normal(x, mu=0.0, sigma=1.0):
    """N(x; μ, σ²)."""
    return np.exp(log_normal(x, mu, sigma))


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def close(found, wanted, tolerance=1e-12):
    """Equal to `tolerance`, which is relative above one; infinities equal themselves, NaN nothing."""
    found, wanted = (torch.as_tensor(value, dtype=torch.float64) for value in (found, wanted))
    return found.shape == wanted.shape and torch.allclose(found, wanted, rtol=tolerance, atol=tolerance)


def examples(count):
    """The same `count` examples in every run, however slow the machine."""
    return settings(max_examples=count, derandomize=True, deadline=None)


@contextmanager
def refused(error, *parts):
    """The block raises `error`, and its message holds every one of `parts`.

    jaxtyping steps aside meanwhile: readers run without it, and it is our own message that they must get.
    """
    enforced = jaxtyping.config.jaxtyping_disable
    jaxtyping.config.update("jaxtyping_disable", True)
    try:
        with pytest.raises(error) as raised:
            yield
    finally:
        jaxtyping.config.update("jaxtyping_disable", enforced)
    message = str(raised.value)
    assert [part for part in parts if part not in message] == [], message


def real(name: str) -> data.Dataset:
    """MNIST or Fashion-MNIST from VAE_DATA_DIR; nothing is fetched for a test, which skips where it is not there."""
    own = os.environ.get("VAE_DATA_DIR")
    if not own or not (Path(own) / name).is_dir():
        pytest.skip(f"VAE_DATA_DIR names no folder with {name}/")
    return data.load(name)
