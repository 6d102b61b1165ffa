"""The strongest units of filters: windows and graph agree, and a slow backward pass with both."""

import numpy as np
import pytest

from engine.attribution.top_filters import FilterProjector
from engine.errors import InputError


@pytest.fixture(scope="module")
def plain(peers):
    peer = peers("plain")
    return peer, FilterProjector(peer.explainer)


@pytest.mark.parametrize("method", ["deconvnet", "guided", "gradient"])
def test_windows_are_the_graph(plain, method):
    peer, projector = plain
    assert not projector.reasons
    by_windows = projector.project(peer.x, method=method, share=0.8, by="windows")
    by_graph = projector.project(peer.x, method=method, share=0.8, by="graph")
    assert list(by_windows) == ["n0", "n2", "n5"]
    for name, fast in by_windows.items():
        slow = by_graph[name]
        assert (fast.by, slow.by) == ("windows", "graph")
        assert np.allclose(fast.maxima, slow.maxima)
        assert sorted(map(tuple, fast.units)) == sorted(map(tuple, slow.units))
        for channel in np.unique(slow.units[:, 0]):
            a, b = (each.pictures.whole(peer.x.shape[1:], channel) for each in (fast, slow))
            assert np.abs(a - b).max() <= 1e-5 * np.abs(b).max()


def test_one_unit_is_the_gradient_of_that_unit_times_its_activation(plain):
    peer, projector = plain
    found = projector.project(peer.x, ["n5"], method="guided", share=1.0, by="windows")["n5"]
    channel, row, column = found.units[0]
    target = f"n5:{channel}@{row},{column}"
    alone = peer.explainer.attribute(peer.x, "guided", target)
    whole = found.pictures.whole(peer.x.shape[1:], channel)
    scale = np.abs(whole).max()
    assert np.allclose(whole, alone.values[0] * found.values[0], atol=1e-5 * scale)
    top = peer.explainer.attribute(peer.x, "guided", f"n5:{channel}", top_units=1.0)
    assert np.allclose(whole, top.values[0], atol=1e-5 * scale)
    assert top.score == pytest.approx(found.values[0], rel=1e-5)


def test_known_forward_pass_and_chosen_filters(plain):
    peer, projector = plain
    every = projector.project(peer.x, ["n2"])["n2"]
    some = projector.project(peer.x, ["n2"], channels={"n2": [1, 3]})["n2"]
    assert set(some.units[:, 0]) <= {1, 3} and np.array_equal(some.maxima, every.maxima)
    for channel in (1, 3):
        a, b = (each.pictures.whole(peer.x.shape[1:], channel) for each in (every, some))
        assert np.array_equal(a, b)
    other = projector.project(-peer.x, ["n2"])["n2"]
    assert not np.array_equal(other.maxima, every.maxima)


def test_layers_behind_a_residual_sum_go_by_the_graph(peers):
    peer = peers("residual")
    projector = FilterProjector(peer.explainer, ["n0", "b0"])
    assert list(projector.reasons) == ["b0"] and "Add" in projector.reasons["b0"]
    found = projector.project(peer.x, share=0.9)
    assert (found["n0"].by, found["b0"].by) == ("windows", "graph")
    assert found["b0"].pictures.values[0].shape == (24, 24, 3)
    with pytest.raises(InputError, match="no plain chain"):
        projector.project(peer.x, by="windows")
    with pytest.raises(InputError, match="'lrp'"):
        projector.project(peer.x, method="lrp")


@pytest.mark.parametrize("method", ["deconvnet", "guided"])
def test_patches_are_the_graph(peers, method):
    peer = peers("residual")
    projector = FilterProjector(peer.explainer, ["a3", "b3"])
    fast = projector.project(peer.x, ["a3"], method=method, share=0.95, by="patches")["a3"]
    slow = projector.project(peer.x, ["a3"], method=method, share=0.95, by="graph")["a3"]
    assert (fast.by, slow.by) == ("patches", "graph") and np.array_equal(fast.units, slow.units)
    for box in fast.pictures.box:
        assert (box[2:] - box[:2] < 24).all()
    for channel in np.unique(slow.units[:, 0]):
        a, b = (each.pictures.whole(peer.x.shape[1:], channel) for each in (fast, slow))
        assert np.abs(a - b).max() <= 1e-5 * np.abs(b).max()
    projector.close()
    with pytest.raises(InputError, match="as large as the picture"):
        projector.project(peer.x, ["b3"], by="patches")
