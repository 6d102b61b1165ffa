"""Which axis is what: batch, channels, positions, in all layouts; turning arrays to our order."""

from types import SimpleNamespace

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.network.axes import (
    channels_first_shape,
    from_channels_first,
    layout_letters,
    layout_text,
    position_axes,
    to_channels_first,
)
from engine.network.axis_groups import regroup, runs
from engine.network.layers import Quantisation
from tests.engine.network.building import direct_session, model, node, weight

W = {"w": weight(5, 3, 3, 3), "w1": weight(5, 3, 3), "w3": weight(5, 3, 3, 3, 3)}
SIX = {"m": weight(6, 7), "s2": np.array([0, -1]), "s3": np.array([0, 3, -1])}


def layouts(network):
    return [(layer.file_layout, layer.output_shape) for layer in network.layers]


CASES = {
    "NCHW": (
        {"x": ("n", 3, 8, 10)},
        [node("Conv", "x w", "y")],
        "NCHW",
        [("NCHW", (5, 6, 8))],
    ),
    "NHWC with a Transpose in front and behind": (
        {"x": ("n", 8, 10, 3)},
        [
            node("Transpose", "x", "a", perm=[0, 3, 1, 2]),
            node("Conv", "a w", "b"),
            node("Transpose", "b", "c", perm=[0, 2, 3, 1]),
            node("MaxPool", "b", "d", kernel_shape=[2, 2]),
            node("Mul", "c c", "y"),
        ],
        "NHWC",
        [("NCHW", (5, 6, 8)), ("NCHW", (5, 5, 7)), ("NHWC", (5, 6, 8))],
    ),
    "rows and columns swapped": (
        {"x": ("n", 10, 8, 3)},
        [node("Transpose", "x", "a", perm=[0, 3, 2, 1]), node("Conv", "a w", "y")],
        "NWHC",
        [("NCHW", (5, 6, 8))],
    ),
    "no batch axis": (
        {"x": (3, 8, 10)},
        [
            node("Unsqueeze", "x zero", "a"),
            node("Conv", "a w", "b"),
            node("Squeeze", "b zero", "c"),
            node("Mul", "c c", "y"),
        ],
        "CHW",
        [("NCHW", (5, 6, 8)), ("CHW", (5, 6, 8))],
    ),
    "a picture without channels": (
        {"x": ("n", 8, 10)},
        [
            node("Unsqueeze", "x one", "a"),
            node("Concat", "a a a", "b", axis=1),
            node("Conv", "b w", "y"),
        ],
        "NHW",
        [("NCHW", (3, 8, 10)), ("NCHW", (5, 6, 8))],
    ),
    "one and three spatial axes": (
        {"x": ("n", 3, 9)},
        [node("Conv", "x w1", "y")],
        "NCW",
        [("NCW", (5, 7))],
    ),
    "volumes": (
        {"x": ("n", 3, 4, 5, 6)},
        [node("Conv", "x w3", "y")],
        "NCDHW",
        [("NCDHW", (5, 2, 3, 4))],
    ),
    "flat": ({"x": ("n", 6)}, [node("MatMul", "x m", "y")], "NK", [("NK", (7,))]),
    "tokens with the batch folded into rows": (
        {"x": ("n", 4, 6)},
        [
            node("Reshape", "x rows", "a"),
            node("MatMul", "a m", "b"),
            node("Reshape", "b back", "c"),
            node("Softmax", "c", "y", axis=-1),
        ],
        "NTC",
        [("(NT)C", (7, 4)), ("NTC", (7, 4))],
    ),
    "the batch folded into tokens, as PyTorch's attention does it": (
        {"x": ("n", 4, 6)},
        [
            node("Transpose", "x", "t", perm=[1, 0, 2]),
            node("Reshape", "t rows", "a"),
            node("MatMul", "a m", "y"),
        ],
        "NTC",
        [("(TN)C", (7, 4))],
    ),
    "heads folded into the batch": (
        {"x": ("n", 4, 6)},
        [
            node("Reshape", "x heads", "a"),
            node("Transpose", "a", "b", perm=[0, 2, 1, 3]),
            node("Reshape", "b fold", "c"),
            node("Transpose", "c", "d", perm=[0, 2, 1]),
            node("MatMul", "c d", "e"),
            node("Softmax", "e", "y", axis=-1),
        ],
        "NTC",
        [("(NC)TT", (2, 4, 4)), ("(NC)TT", (2, 4, 4))],
    ),
    "a class token: one position taken out": (
        {"x": ("n", 4, 6)},
        [node("Gather", "x first", "a", axis=1), node("MatMul", "a m", "y")],
        "NTC",
        [("NK", (7,))],
    ),
    "a mean over rows and columns": (
        {"x": ("n", 3, 8, 10)},
        [
            node("Conv", "x w", "a"),
            node("ReduceMean", "a", "b", axes=[2, 3], keepdims=0),
            node("ReduceMean", "a", "c", axes=[2, 3]),
            node("ReduceMax", "a", "y", axes=[1], keepdims=0),
        ],
        "NCHW",
        [("NCHW", (5, 6, 8)), ("NK", (5,)), ("NCHW", (5, 1, 1)), ("NHW", (1, 6, 8))],
    ),
    "a channel shuffle keeps its channels": (
        {"x": ("n", 3, 8, 10)},
        [
            node("Conv", "x w6", "a"),
            node("Reshape", "a split", "b"),
            node("Transpose", "b", "c", perm=[0, 2, 1, 3, 4]),
            node("Reshape", "c whole", "d"),
            node("AveragePool", "d", "y", kernel_shape=[2, 2]),
        ],
        "NCHW",
        [("NCHW", (6, 6, 8)), ("NCHW", (6, 5, 7))],
    ),
}
CONSTANTS = (
    W
    | SIX
    | {
        "zero": np.array([0]),
        "one": np.array([1]),
        "first": np.int64(0),
        "rows": np.array([-1, 6]),
        "back": np.array([-1, 4, 7]),
        "heads": np.array([0, 0, 2, 3]),
        "fold": np.array([-1, 4, 3]),
        "w6": weight(6, 3, 3, 3),
        "split": np.array([0, 2, 3, 6, 8]),
        "whole": np.array([0, 6, 6, 8]),
    }
)


@pytest.mark.parametrize("case", CASES)
def test_layouts(case, opened):
    inputs, nodes, layout, expected = CASES[case]
    outputs = " ".join(
        name for n in nodes for name in n.output if not any(name in m.input for m in nodes)
    )
    used = {name for n in nodes for name in n.input}
    constants = {name: value for name, value in CONSTANTS.items() if name in used}
    network = opened(model(nodes, inputs, outputs, constants))
    assert network.input_layout == layout
    assert layouts(network) == expected


@pytest.mark.parametrize("case", CASES)
def test_turned_activations_are_those_of_single_samples(case, opened):
    """A batch's sample i, turned, is what the sample alone gives, in the layer's own shape."""
    inputs, nodes, _, _ = CASES[case]
    shape = inputs["x"]
    outputs = " ".join(n.output[0] for n in nodes)
    used = {name for n in nodes for name in n.input}
    constants = {name: value for name, value in CONSTANTS.items() if name in used}
    ends = " ".join(
        name for n in nodes for name in n.output if not any(name in m.input for m in nodes)
    )
    network = opened(model(nodes, inputs, ends, constants))
    batch = 3 if shape[0] == "n" else 1
    size = network.input_shape if batch == 1 else (batch, *network.input_shape[1:])
    x = np.random.default_rng(0).normal(size=size).astype(np.float32)

    def run(values):
        proto = onnx.load(network.path)
        del proto.graph.output[:]
        for name in outputs.split():
            proto.graph.output.add(name=name)
        session = direct_session(proto, network.path)
        return dict(zip(outputs.split(), session.run(None, {"x": values}), strict=True))

    whole = run(x)
    for layer in network.layers:
        turned = to_channels_first(whole[layer.post], layer)
        assert turned.shape == (batch, *layer.output_shape)
        assert np.shares_memory(turned, whole[layer.post])
        back = from_channels_first(turned, layer)
        assert np.array_equal(back, whole[layer.post])
        for i in range(batch):
            alone = run(x[i : i + 1] if batch > 1 else x)
            one = to_channels_first(alone[layer.post], layer)
            np.testing.assert_allclose(turned[i : i + 1], one, rtol=1e-5, atol=1e-6)


letters = st.permutations(["N", "C", "H", "W"]).map(tuple)


@given(letters, st.integers(1, 3), st.integers(1, 3), st.integers(1, 3), st.integers(1, 3))
def test_turning_there_and_back(order, n, c, h, w):
    sizes = {"N": n, "C": c, "H": h, "W": w}
    array = np.arange(n * c * h * w).reshape([sizes[letter] for letter in order])
    layer = SimpleNamespace(
        name="a", file_layout=layout_text(order), output_shape=(c, h, w), quantised={}
    )
    turned = to_channels_first(array, layer)
    assert turned.shape == (n, c, h, w)
    plain = array.transpose([order.index(letter) for letter in "NCHW"])
    assert np.array_equal(turned, plain)
    assert np.array_equal(from_channels_first(turned, layer), array)
    assert channels_first_shape(array.shape, order, n) == (c, h, w)


@given(st.lists(st.integers(1, 4), min_size=1, max_size=5), st.integers(0, 10**6))
def test_runs_split_both_shapes_into_equal_products(before, seed):
    flat = int(np.prod(before))
    rng = np.random.default_rng(seed)
    after = []
    while flat > 1:
        step = int(rng.choice([d for d in range(2, flat + 1) if flat % d == 0]))
        after.append(step)
        flat //= step
    after.insert(int(rng.integers(0, len(after) + 1)), 1)
    found = runs(before, after)
    assert [i for old, _ in found for i in old] == list(range(len(before)))
    assert [j for _, new in found for j in new] == list(range(len(after)))
    for old, new in found:
        assert np.prod([before[i] for i in old]) == np.prod([after[j] for j in new])


@pytest.mark.parametrize(
    ("letters", "before", "after", "expected"),
    [
        ("NCHW", (2, 3, 4, 5), (2, 60), "NC"),
        ("NCHW", (2, 3, 4, 5), (2, 3, 20), "NCT"),
        ("NCT", (2, 3, 20), (2, 3, 4, 5), "NCHW"),
        ("NHWC", (2, 4, 5, 6), (2, 40, 3), "NTC"),
        ("NTC", (2, 7, 6), (14, 6), "(NT)C"),
        ("TNC", (7, 2, 6), (14, 6), "(TN)C"),
        ("(TN)C", (14, 6), (7, 2, 6), "TNC"),
        ("NCTC", (2, 3, 7, 4), (6, 7, 4), "(NC)TC"),
        ("TNC", (7, 2, 32), (7, 8, 8), "T(NC)C"),
        ("T(NC)C", (7, 8, 8), (7, 2, 32), "TNC"),
        ("T(NC)C", (16, 8, 8), (32, 32), "(TN)C"),
        ("(NT)C", (14, 6), (2, 7, 6), "NTC"),
        ("NC", (2, 6), (2, 6, 1, 1), "NCTT"),
        ("NHW", (2, 4, 5), (2, 1, 4, 5), "NCHW"),
    ],
)
def test_regroup(letters, before, after, expected):
    assert "".join(regroup(layout_letters(letters), before, after, 2)) == expected


def test_quantised_activations_become_real():
    scale = Quantisation((0.5,), (10,))
    layer = SimpleNamespace(
        name="a", file_layout="NK", output_shape=(3,), quantised={"post": scale}
    )
    turned = to_channels_first(np.array([[10, 12, 8]], np.uint8), layer)
    assert turned.dtype == np.float32 and turned.tolist() == [[0.0, 1.0, -1.0]]


def test_positions_are_rows_then_columns():
    assert position_axes(("N", "W", "H", "C")) == (2, 1)
    assert position_axes(("N", "C", "T", "T")) == (2, 3)
    assert position_axes(("N", "C")) == ()
