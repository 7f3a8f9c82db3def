"""A training interrupted, stopped, left alone or restarted: what it had reached is there, and it goes on from there."""

import random
import sys
import threading
import time

import pytest
import torch
from jupyter_client.manager import KernelManager

from vae_helpers.learning import data, training
from vae_helpers.learning.models import VAE
from vae_helpers.widgets.training import Training

FEW = data.load("digits").train.images[:64]
EPOCHS, TOTAL = 1_000_000, 20
BEGIN = """
from vae_helpers.learning import checkpoint, data, training
from vae_helpers.learning.models import VAE
few, seen = data.load("digits").train.images[:128], []
def say(history):
    seen.append(len(history)); print(len(history), flush=True)
def same(path):
    "What was reached is bit for bit what an undisturbed training has after so many epochs."
    twin = VAE(64, latent=2)
    wanted = training.fit(twin, few, len(history))
    return wanted.elbo == history.elbo and all(map(lambda a, b: a.equal(b), twin.parameters(), model.parameters()))
"""


def wait(until):
    while not until():
        time.sleep(0.002)


class Kernel:
    """A kernel and its client; `run` waits for a cell, `start` does not."""

    def __init__(self, folder):
        self.manager = KernelManager(kernel_name="python3")
        self.manager.kernel_cmd = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        self.manager.start_kernel(cwd=str(folder), extra_arguments=["--log-level=ERROR"])
        self.connect()

    def connect(self):
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=120)

    def start(self, code):
        return self.client.execute(code)

    def outputs(self, request):
        """What a cell prints, piece by piece, until it has ended; raises what it raised."""
        while True:
            message = self.client.get_iopub_msg(timeout=120)
            if message["parent_header"].get("msg_id") != request:
                continue
            content = message["content"]
            assert message["msg_type"] != "error", "\n".join(content.get("traceback", []))
            if message["msg_type"] == "stream":
                yield content["text"]
            if content.get("execution_state") == "idle":
                return

    def epochs(self, request):
        """The epochs that a training prints, as they come; a piece of its output may end in the midst of a line."""
        text = ""
        for piece in self.outputs(request):
            *lines, text = (text + piece).split("\n")
            yield from map(int, lines)

    def run(self, code):
        return "".join(self.outputs(self.start(code)))

    def restart(self):
        self.client.stop_channels()
        self.manager.restart_kernel(now=True)
        self.connect()

    def close(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


@pytest.fixture(scope="module")
def kernel(tmp_path_factory):
    kernel = Kernel(tmp_path_factory.mktemp("kernel"))
    kernel.run(PATH := f"import sys; sys.path[:0] = {sys.path!r}")
    kernel.first = PATH
    yield kernel
    kernel.close()


def test_the_kernels_button_and_a_restart(kernel, rounds, record):
    """Interrupted after some epochs, then restarted in the midst: the file goes on from where it was."""
    chance, restarts, interrupts = random.Random(0), rounds(10, 1), rounds(5, 1)
    for number in range(restarts):
        kernel.run(kernel.first + BEGIN)
        for _ in range(interrupts):
            kernel.run("model = VAE(64, latent=2); seen.clear()")
            request = kernel.start(f"history = training.fit(model, few, {EPOCHS}, on_epoch=say)")
            wanted = chance.randrange(1, 6)
            for epoch in kernel.epochs(request):
                if epoch >= wanted:
                    kernel.manager.interrupt_kernel()
                    wanted += 1000  # Python drops an interruption that meets it in a weakref's callback
            assert kernel.run("print(len(history) >= 1, same(history), history.stopped[:11])").split() == [
                "True", "True", "interrupted"]  # fmt: skip
        file = f"checkpoint-{number}"
        kernel.run("model = VAE(64, latent=2)")
        request = kernel.start(f"training.fit(model, few, {EPOCHS}, on_epoch=say, checkpoint={file!r})")
        reached = next(kernel.epochs(request))
        kernel.restart()
        kernel.run(kernel.first + BEGIN)
        kernel.run(f"model, kept = VAE(64, latent=2, seed=5), checkpoint.load({file!r})")
        kernel.run(f"history = training.fit(model, few, len(kept) + 2, resume={file!r})")
        found = kernel.run("print(len(kept), len(history) - len(kept), same(history))").split()
        assert int(found[0]) >= reached
        assert found[1:] == ["2", "True"]
    record(
        "the kernel's ■",
        f"{restarts * interrupts} interruptions",
        "history and weights of the last whole epoch, bit for bit",
    )
    record("a restart of the kernel", f"{restarts} restarts in the midst", "the checkpoint goes on, bit for bit")


def test_nobody_looks_on(kernel, rounds, record):
    """The tab is closed: nobody hears the kernel. The training ends by itself, and who comes back finds it."""
    count = rounds(10, 1)
    kernel.run(kernel.first + BEGIN)
    for _ in range(count):
        request = kernel.start("model = VAE(64, latent=2); history = training.fit(model, few, 12, on_epoch=say)")
        next(kernel.epochs(request))
        kernel.client.stop_channels()
        kernel.connect()
        assert kernel.run("print(len(history), same(history))").split() == ["12", "True"]
    record("a closed tab (no client)", f"{count} times in the midst", "training ends by itself; all of it is there")


def press_stop(view):
    view.stop.click()


def close(view):
    for widget in (view.stop, view.resume, *view.children, view):
        widget.close()


@pytest.mark.parametrize(("how", "act"), [("Stop is pressed", press_stop), ("its comms are closed", close)])
def test_a_hand_on_the_view_loses_nothing(how, act, rounds, record):
    count, chance = rounds(100, 3), random.Random(how)
    whole = VAE(64, latent=2, hidden=16)
    wanted = training.fit(whole, FEW, TOTAL)
    for _ in range(count):
        model, moment = VAE(64, latent=2, hidden=16), chance.randrange(10)
        view = Training(model, FEW, TOTAL)
        thread = threading.Thread(target=view.train)
        thread.start()
        wait(lambda: (not view.stop.disabled and len(view.history) >= moment) or not thread.is_alive())  # noqa: B023
        act(view)
        thread.join()
        assert moment <= len(view.history) <= TOTAL
        assert view.history.elbo == wanted.elbo[: len(view.history)], "what was reached is there"
        assert view.train() == wanted, "and goes on"
        assert all(torch.equal(*pair) for pair in zip(whole.parameters(), model.parameters(), strict=True))
        close(view)  # ipywidgets holds every widget that is open, and this one its figure
    record(
        f"the view of a training: {how}",
        f"{count} times in the midst",
        "what was reached is there and goes on, bit for bit",
    )
