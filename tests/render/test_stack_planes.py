"""The planes of the slices, drawn in the stack while the slices can be seen."""

import numpy as np
import pytest

from tests.render.test_stack_view import bench, differs  # noqa: F401
from viewer.gl.theme import DARK, rgb

pytestmark = pytest.mark.gl


def accented(pixels):
    """How many pixels have the accent's colour."""
    accent = np.array(rgb(DARK.accent)) * 255
    return int((np.abs(pixels[..., :3].astype(int) - accent) < 30).all(-1).sum())


def test_planes_are_there_with_the_slices_and_move_with_the_cut(bench):  # noqa: F811
    bench.give("focus.layer", {"layer": "conv1"})
    bench.give("window.choose", {"layout": "Standard"})
    bench.give("window.only", {"pane": "stack"})
    without = bench.picture()
    bench.give("window.only", {"pane": None})
    bench.give("window.choose", {"layout": "Orders"})
    middle = bench.picture()
    assert accented(middle) > accented(without) + 100
    bench.give("slices.cut", {"row": 0.1, "column": 0.9, "channel": 1})
    assert differs(bench.picture(), middle) > 100
