"""figures.style: one colour per role, a style that touches nobody else's figures."""

import threading
from itertools import combinations

import matplotlib
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from vae_helpers.figures import style

ROLES = ("PRIOR", "LIKELIHOOD", "POSTERIOR", "Q", "EVIDENCE", "DATA", "JOINT")


def test_each_role_has_its_own_colour():
    colours = [getattr(style, role) for role in ROLES]
    assert len(set(colours)) == len(ROLES)


# Machado, Oliveira & Fernandes (2009): what an eye without the red, the green or the blue cones sees, in linear RGB.
BLIND = {
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


@pytest.mark.parametrize("eye", BLIND)
def test_the_roles_can_be_told_apart_by_every_eye(eye):
    seen = {}
    for role in ROLES:
        colour = np.array(matplotlib.colors.to_rgb(getattr(style, role)))
        linear = np.where(colour <= 0.04045, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4)
        seen[role] = np.clip(np.array(BLIND[eye]) @ linear, 0, 1) ** (1 / 2.4)
    for one, other in combinations(ROLES, 2):
        assert np.linalg.norm(seen[one] - seen[other]) > 0.1, (one, other)


def test_the_style_is_put_on_and_taken_off():
    before = dict(matplotlib.rcParams)
    with style.applied():
        assert matplotlib.rcParams["font.size"] == style.RC["font.size"]
    assert dict(matplotlib.rcParams) == before
    with pytest.raises(KeyError), style.applied():
        raise KeyError
    assert dict(matplotlib.rcParams) == before


def test_two_threads_do_not_restore_each_others_settings():
    before, seen = dict(matplotlib.rcParams), []

    @style.applied()
    def draw():
        seen.append(matplotlib.rcParams["axes.spines.top"])

    def many():
        for _ in range(30):
            draw()

    threads = [threading.Thread(target=many) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [False] * 120
    assert dict(matplotlib.rcParams) == before


def test_panels_belong_to_no_global_state():
    fig, axes = style.panels(2, width=6, height=2)
    assert isinstance(fig.canvas, FigureCanvasAgg)
    assert axes.shape == (2,)
    assert tuple(fig.get_size_inches()) == (6, 2)


def test_a_legend_above_stands_outside_the_axes():
    with style.applied():
        fig, axes = style.panels(width=6, height=2)
        axes.plot([0, 1], [0, 1], label="a curve")
        style.legend_above(axes)
        fig.canvas.draw()
    legend, inside = axes.get_legend().get_window_extent(), axes.get_window_extent()
    assert legend.y0 >= inside.y1 - 1
    assert legend.y1 <= fig.bbox.y1
