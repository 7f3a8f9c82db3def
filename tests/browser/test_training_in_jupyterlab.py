"""Stop and Resume under a hand: Stop while the cell still runs, Resume beside the page, and nothing is lost."""

import re

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.long]
CELLS = [
    """
from vae_helpers.learning import data, models, training
from vae_helpers.widgets.training import Training

few = data.load("digits").train.images[:256]  # two batches
model = models.VAE(64, latent=2, hidden=8)
run = Training(model, few, epochs=100_000)
run
""",
    "'waits for a hand'",
    "run.train()",
    "twin = models.VAE(64, latent=2, hidden=8)\n"
    "training.fit(twin, few, epochs=100_000, stop=lambda seen=iter(range(10**9)): next(seen) == 2 * len(run.history))\n"
    "all((one == other).all().item() for one, other in zip(model.parameters(), twin.parameters()))",
]


@pytest.fixture(scope="module")
def page(read):
    return read("training.ipynb", *CELLS)


def epochs(page):
    said = page.page.locator("figure.vae-picture img").get_attribute("alt")
    return int(re.match(r"Epoch (\d+) of 100000: ELBO −\d", said)[1])


def finished(page, number):
    page.until(
        "n => /\\d/.test(document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')[n].innerText)", number, seconds=60
    )


def beyond(page, reached):
    page.until(
        "n => +(/^Epoch (\\d+)/.exec(document.querySelector('figure.vae-picture img').alt) || [0, 0])[1] > n", reached
    )


def test_stop_answers_while_the_cell_runs_and_resume_goes_on_without_loss(page):
    page.idle()
    page.run_cell(0)
    finished(page, 0)
    stop, resume = (page.page.get_by_role("button", name=name, exact=True) for name in ("Stop", "Resume"))
    stop.wait_for()
    assert stop.is_disabled()
    assert resume.is_disabled()

    page.run_cell(2)
    beyond(page, 5)  # the curves grow while the cell runs
    stop.click()
    finished(page, 2)
    assert "stopped after epoch" in page.cell(2).inner_text()
    page.until("!document.querySelectorAll('.jupyter-button')[1].disabled")
    reached = epochs(page)

    resume.press("Enter")  # by the keyboard, beside the page
    beyond(page, reached)
    page.run_cell(1)
    finished(page, 1)
    stop.press("Enter")
    page.until("!document.querySelectorAll('.jupyter-button')[1].disabled")
    assert epochs(page) > reached

    page.run_cell(3)
    finished(page, 3)
    assert "True" in page.cell(3).locator(".jp-OutputArea-output").inner_text()
    assert page.broken() == []
