"""Axioms of the graph's layout: nothing overlaps, wires go deeper and miss blocks, chains stand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.viewer.views.network_graphs import FAMILIES, chain, random_layers
from viewer.views.network.build import SIZES, curve, graph_of
from viewer.views.network.layout import longest_paths

FOLDINGS = ("none", "all")


def pieces(graph):
    """Points on every wire's pieces, float[M, 17, 2]."""
    ends = np.concatenate([graph.curves, graph.lanes])
    return np.stack([curve(ends, share) for share in np.linspace(0, 1, 17)], 1)


def check(graph):
    sizes = np.array(graph.sizes.block)
    centre, rank = graph.centre, graph.layout.rank
    assert np.isfinite(centre).all()
    for row in np.unique(rank):
        across = np.sort(centre[rank == row, 0])
        assert (np.diff(across) >= sizes[0]).all(), "two blocks of a row overlap"
    for node, sources in enumerate(graph.sources):
        for source in sources:
            assert rank[source] < rank[node] and source < node
    assert (np.diff(centre[np.argsort(rank, kind="stable"), 1]) >= 0).all()
    check_wires(graph)


def check_wires(graph):
    half = np.array(graph.sizes.block) / 2 - 0.01
    points = pieces(graph)
    if not len(points):
        return
    assert (np.diff(points[..., 1]) >= -1e-3).all(), "a wire turns back"
    places = points.reshape(-1, 1, 2)
    rows = np.round(places[..., 1] / graph.sizes.row - 0.5).astype(int)[:, 0]
    for row in np.unique(rows):
        blocks = graph.centre[graph.layout.rank == row]
        inside = (np.abs(places[rows == row] - blocks) < half).all(-1)
        assert not inside.any(), "a wire runs through a block"
    ends = np.concatenate([graph.curves, graph.lanes])
    inside = (ends[:, 0] >= graph.low[0]) & (ends[:, 0] <= graph.high[0])
    assert inside.all()


@pytest.mark.parametrize("orientation", SIZES)
@pytest.mark.parametrize("folding", FOLDINGS)
@pytest.mark.parametrize("family", FAMILIES)
def test_families(family, folding, orientation):
    graph = graph_of(FAMILIES[family], folding, (), orientation)
    check(graph)
    assert set(graph.node_of) == {layer.name for layer in FAMILIES[family]}


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), count=st.integers(0, 60), folding=st.sampled_from(FOLDINGS))
def test_any_graph(seed, count, folding):
    layers = random_layers(np.random.default_rng(seed), count)
    check(graph_of(layers, folding, (), "down"))


def test_rows_are_depths_where_nothing_is_folded():
    for layers in FAMILIES.values():
        graph = graph_of(layers, "none", (), "down")
        depths = [layers[node.members[0]].depth if node.members else 0 for node in graph.nodes]
        assert graph.layout.rank.tolist() == depths


def test_a_chain_is_straight_and_reads_like_a_list():
    graph = graph_of(chain(20), "none", (), "down")
    assert np.ptp(graph.centre[:, 0]) == 0
    assert (np.diff(graph.centre[:, 1]) == graph.sizes.row).all()
    assert not len(graph.lanes) and np.ptp(graph.curves[:, [0, 2]]) == 0


def test_the_longest_path_of_a_residual_network_is_straight():
    graph = graph_of(FAMILIES["resnet"], "none", (), "down")
    names = [node.name for node in graph.nodes]
    trunk = [index for index, name in enumerate(names) if not name.endswith("down")]
    assert np.ptp(graph.centre[trunk, 0]) == 0


def test_nested_skips_do_not_cross():
    graph = graph_of(FAMILIES["unet"], "none", (), "down")
    for first, end, x in graph.lanes[:, [1, 3, 0]]:
        inner = (graph.lanes[:, 1] > first) & (graph.lanes[:, 3] < end)
        inner &= np.sign(graph.lanes[:, 0]) == np.sign(x)
        assert (np.abs(graph.lanes[inner, 0]) < abs(x)).all()
    assert len(graph.lanes) == 5


def test_a_tensor_that_many_take_has_one_lane():
    layers = FAMILIES["densenet"]
    graph = graph_of(layers, "none", (), "down")
    for node in range(len(graph.nodes)):
        places = graph.lanes[graph.lane_wires[:, 0] == node, 0]
        assert len(np.unique(places)) <= 1


def test_branches_stand_side_by_side_about_the_trunk():
    graph = graph_of(FAMILIES["inception"], "none", (), "down")
    heads = [
        graph.centre[graph.node_of[f"inception_3a_{name}"], 0]
        for name in ("1x1", "3x3_reduce", "5x5_reduce", "pool")
    ]
    assert len(set(heads)) == 4 and min(heads) < 0 < max(heads)


def test_layouts_are_the_same_every_time():
    layers = FAMILIES["densenet"]
    first = graph_of(layers, "none", (), "down")
    once_more = graph_of(layers[:1] + layers[1:], "none", (), "down")
    assert np.array_equal(first.centre, once_more.centre)
    assert np.array_equal(first.lanes, once_more.lanes)


def test_longest_paths():
    assert longest_paths(4, [[], [0], [1], [0, 2]]).tolist() == [0, 1, 2, 3]
