"""Every page of the course, opened and run in JupyterLab; every explorer and every pad on it moved once."""

import pytest

from tests import hygiene

pytestmark = [pytest.mark.browser, pytest.mark.long]
WITH_THEIR_OWN_FILE = ("03_the_kl_divergence.ipynb", "04_the_elbo.ipynb")
NAMES = [path.name for path in hygiene.all_notebooks() if path.name not in WITH_THEIR_OWN_FILE]


@pytest.mark.parametrize("name", NAMES)
def test_a_page_shows_stills_then_runs_and_everything_moves(read, name):
    page = read(name)
    assert page.broken() == []
    assert page.pictures == []  # no widget is left in a stored page
    page.run_all()
    assert page.move_every_explorer() + page.move_every_pad() > 0
    assert page.broken() == []
