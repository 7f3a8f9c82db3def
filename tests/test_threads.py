import pytest
import torch

from tests.tools import f64
from vae_helpers.maths import divergence, threads
from vae_helpers.maths.toy import ToyModel


@pytest.fixture(autouse=True)
def two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def test_a_block_runs_on_one_thread_and_gives_the_setting_back():
    with threads.limited():
        assert torch.get_num_threads() == 1
        with threads.limited(3):
            assert torch.get_num_threads() == 3
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == 2


def test_an_error_gives_the_setting_back():
    with pytest.raises(ZeroDivisionError), threads.limited():
        raise ZeroDivisionError
    with pytest.raises(RuntimeError), threads.limited(0):
        pass
    assert torch.get_num_threads() == 2


def test_a_decorated_function_does_so_at_each_call():
    @threads.limited()
    def count():
        """How many."""
        return torch.get_num_threads()

    assert [count(), torch.get_num_threads(), count(), torch.get_num_threads()] == [1, 2, 1, 2]
    assert count.__doc__ == "How many."


def test_the_descent_runs_on_one_thread():
    seen = set()

    def f(z):
        seen.add(torch.get_num_threads())
        return z

    model = ToyModel(f, 0.5)
    seen.clear()
    divergence.descend(model, f64(1.0), f64(0.0), f64(0.0), steps=1)
    assert seen == {1}
    assert torch.get_num_threads() == 2
