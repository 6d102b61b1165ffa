"""The matrix's axes in the colours of importance, where channels stand in that order."""

import numpy as np

from tests.viewer.studio.test_weighing import answered, many, seen_state
from tests.viewer.views.test_sample_views import ready
from viewer.gl.theme import DARK
from viewer.state.orders import OrderChoice
from viewer.views.matrix.marks import _Edge, _importance_below, _importance_left
from viewer.views.matrix.resolve import importance_of, importance_words
from viewer.views.pen import Pen
from viewer.views.shades import shades_of
from viewer.visuals.overlay import Overlay

VALUES = np.array([2.0, 6.0, 1.0, 4.0, 5.0, 3.0])


def ordered(state):
    return state.with_part("orders", choice=OrderChoice("importance"))


def test_only_layers_in_the_order_of_importance_have_it_on_their_axes():
    state = seen_state()
    facts = answered(ordered(state), ready(), VALUES, layer=None)
    assert importance_of(state, facts, ["conv2"]) == {}
    found = importance_of(ordered(state), facts, ["conv1", "conv2", "fc"])
    assert list(found) == ["conv1", "conv2"] and (found["conv2"].values == VALUES).all()
    only = {"conv2": found["conv2"]}
    assert importance_words(only) == "along the axes: importance, 0 to 6, over 12 samples"
    assert importance_words({}) == ""


def test_an_estimate_on_the_axes_is_said():
    state = ordered(seen_state())
    facts = answered(state, many(500), VALUES, layer=None, few=200)
    assert importance_words(importance_of(state, facts, ["conv2"])).endswith("200 of 500 samples")


def test_bands_stand_beside_their_cells_in_sight():
    state = ordered(seen_state())
    weighed = importance_of(state, answered(state, ready(), VALUES, layer=None), ["conv2"])["conv2"]
    overlay = Overlay()
    edge = _Edge(Pen(overlay, 1.0, DARK), np.array([1, 4, 3]), 0, 20.0, {})
    edge.begins, edge.limits, edge.matrix_edge = 90.0, (100.0, 200.0), 50.0
    _importance_left(edge, weighed)
    _importance_below(edge, weighed)
    _importance_left(edge, None)
    (left, colours), (below, _) = overlay._shapes
    rows = left.reshape(3, 6, 2)
    assert rows[:, :, 0].min() == 46 and rows[:, :, 0].max() == 49
    assert rows[:, :, 1].min(1).tolist() == [100, 110, 130]
    assert rows[:, :, 1].max(1).tolist() == [110, 130, 150]
    assert below.reshape(3, 6, 2)[:, :, 1].min() == 51
    wanted = np.rint(255 * shades_of(VALUES, DARK)[[1, 4, 3]])
    assert np.array_equal(colours.reshape(3, 6, 4)[:, 0, :3], wanted)
