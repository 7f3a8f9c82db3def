"""One thread for small tensors: a second one gains little on an idle machine and loses much on a busy one."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def limited(threads: int = 1) -> Iterator[None]:
    """Run the block, or the decorated function, on `threads` threads; restore the caller's setting, errors or not."""
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)
