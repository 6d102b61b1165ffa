"""Repetitions found in the graph itself: residual stages, encoder blocks, inception, dense."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import SHARED
from tests.viewer.views.network_graphs import FAMILIES, Builder, chain, random_layers, resnet
from tests.viewer.views.test_network_layout import check
from viewer.views.network.build import (
    FOLDED_FROM,
    common_name,
    folded_of,
    graph_of,
    repetitions_of,
)
from viewer.views.network.folding import depth_first_order


def found(layers):
    """(times, layers of a block, whether all alike) of every repetition."""
    return [(each.count, each.unit, each.alike) for each in repetitions_of(layers)[0]]


def test_a_residual_stage_is_one_repetition_after_its_first_block():
    assert found(resnet((3, 4, 6))) == [(3, 3, True), (3, 3, True), (5, 3, True)]


def test_encoder_blocks_are_whole_blocks():
    (each,) = repetitions_of(FAMILIES["transformer"])[0]
    assert (each.count, each.unit, each.alike) == (12, 11, True)
    names = [FAMILIES["transformer"][member].name for member in each.members]
    assert names[0] == "blocks.0.norm1" and names[-1] == "blocks.11.add2"
    assert [name.split(".")[1] for name in names] == [str(n // 11) for n in range(132)]


def test_inception_modules_are_alike_in_kind_though_not_in_shape():
    assert found(FAMILIES["inception"]) == [(5, 8, False)]


def test_dense_blocks_fold_though_each_layer_takes_more():
    assert [(times, alike) for times, _, alike in found(FAMILIES["densenet"])] == [
        (6, False), (12, False), (24, False),
    ]  # fmt: skip


def test_a_chain_of_different_shapes_repeats_nothing():
    assert found(chain(20)) == []


def test_depthwise_and_pointwise_convolutions_fold_in_pairs():
    made, last, size = Builder(), "input", 3
    for number in range(5):
        last = made.add(f"dw{number}", "conv", (8, 8, 8), last, size=size + 2)
        last = made.add(f"pw{number}", "conv", (8, 8, 8), last, size=size + 2)
        size += 2
    assert found(made.layers) == [(5, 2, True)]


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), count=st.integers(0, 80))
def test_in_any_graph_repetitions_are_apart_and_the_drawn_graph_has_no_circle(seed, count):
    layers = random_layers(np.random.default_rng(seed), count, reach=4)
    every = repetitions_of(layers)[0]
    members = [member for each in every for member in each.members]
    assert len(members) == len(set(members))
    for each in every:
        assert each.count >= 2 and len(each.members) - each.unit >= 3
        kinds = [layers[member].kind for member in each.members]
        assert kinds == kinds[: each.unit] * each.count
    graph = graph_of(layers, "all", (), "down")
    for node, sources in enumerate(graph.sources):
        assert all(source < node for source in sources)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), count=st.integers(0, 60))
def test_the_order_follows_every_source(seed, count):
    layers = random_layers(np.random.default_rng(seed), count)
    number = {layer.name: index + 1 for index, layer in enumerate(layers)}
    sources = [[]] + [[number.get(name, 0) for name in layer.sources] for layer in layers]
    order = depth_first_order(sources)
    assert sorted(order) == list(range(len(sources)))
    place = np.argsort(order)
    assert all(place[source] < place[node] for node, each in enumerate(sources) for source in each)


def test_folding_by_settings():
    layers = FAMILIES["inception"]
    (each,) = repetitions_of(layers)[0]
    assert folded_of(layers, "none", ()) == frozenset()
    assert folded_of(layers, "all", ()) == {each.id}
    assert folded_of(layers, "all", (each.id, "gone")) == frozenset()
    assert folded_of(layers, "none", (each.id,)) == {each.id}
    assert len(layers) < FOLDED_FROM and folded_of(layers, "automatic", ()) == frozenset()
    large = resnet((3, 60, 3))
    assert len(large) > FOLDED_FROM and len(folded_of(large, "automatic", ())) == 3


def test_a_folded_network_has_one_block_for_all_blocks():
    layers = FAMILIES["transformer"]
    graph = graph_of(layers, "all", (), "down")
    assert [node.name for node in graph.nodes] == ["input", "patch", "blocks.0–11", "head"]
    assert graph.node_of["blocks.7.mix"] == 2
    assert graph.layout.rank.tolist() == [0, 1, 2, 3]


def test_names_of_repetitions():
    assert common_name(["_layer1_0_conv", "_layer1_5_conv"]) == "layer1_0–5"
    assert common_name(["inception_3a_1x1", "inception_3b_1x1"]) == "inception_3a–3b"
    assert common_name(["first", "other"]) == "first …"


REAL = {
    "cifar10_resnet20_ts13.onnx": [(3, 3), (3, 3), (3, 3)],
    "vit_mnist_op17.onnx": [(4, 11)],
    "vit_mnist_dynamo18.onnx": [(4, 11)],
    "shufflenet-v2-12-int8.onnx": [(3, 4), (7, 4), (3, 4)],
    "squeezenet_fp16_winml.onnx": [(2, 4), (2, 4), (2, 4), (2, 4)],
    "retinaface_mbnet0.25.onnx": [(5, 2)],
    "style_candy.onnx": [(5, 5)],
}


@pytest.mark.parametrize("name", REAL)
def test_real_networks(name):
    import engine

    path = SHARED / "models" / name
    if not path.exists():
        pytest.skip(f"{path} is not here")
    layers = engine.open_network(path).layers
    assert [(times, unit) for times, unit, _ in found(layers)] == REAL[name]
    for folding in ("none", "all"):
        check(graph_of(layers, folding, (), "down"))
