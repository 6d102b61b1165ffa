"""Rules of operators that move values, against finite differences."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper

from engine.errors import InputError
from tests.engine.gradient.finite_differences import (
    SEEDS,
    analytical,
    check_rule,
    model_of,
    one_node,
    sizes,
    values,
)

BATCHED = ("x0",)


def some(shape, seed=0):
    return values(np.random.default_rng(seed), shape)


@settings(max_examples=20)
@given(shape=sizes(1, 3, (1, 3)), data=st.data(), seed=SEEDS)
def test_transpose(shape, data, seed):
    perm = data.draw(st.one_of(st.none(), st.permutations(range(1 + len(shape)))))
    x = some((2, *shape), seed)
    model, feeds = one_node("Transpose", x, perm=perm)
    check_rule(model, feeds, batched=BATCHED)


@pytest.mark.parametrize(
    ("op_type", "shape", "words"),
    [
        ("Reshape", (1, 6, 2), [0, 3, -1]),
        ("Reshape", (1, 6, 2), [-1, 2, 2]),
        ("Reshape", (2, 3, 4), [6, 4]),
        ("Reshape", (1, 6), [1, -1, 1]),
        ("Squeeze", (1, 1, 3, 1), [1, -1]),
        ("Squeeze", (2, 1, 3), [1]),
        ("Unsqueeze", (1, 3), [1, -1]),
        ("Unsqueeze", (2, 3), [0]),
    ],
)
def test_other_shapes_of_the_same_values(op_type, shape, words):
    model, feeds = one_node(op_type, some(shape), np.array(words, np.int64))
    fixed = op_type == "Reshape" and words[0] > 0
    check_rule(model, feeds, batched=() if fixed else BATCHED)


@pytest.mark.parametrize("axis", [0, 1, 2, -1])
def test_flatten(axis):
    check_rule(*one_node("Flatten", some((1, 2, 3)), axis=axis), batched=BATCHED)


def test_values_that_pass_unchanged():
    for op_type in ("Identity", "Dropout"):
        check_rule(*one_node(op_type, some((1, 3))), batched=BATCHED)
    model, feeds = one_node("Dropout", some((1, 3)), np.array(0.5), np.array(False), constants=(1,))
    check_rule(model, feeds, batched=BATCHED)


def test_dropout_in_training_is_refused():
    model, feeds = one_node("Dropout", some((1, 3)), np.array(0.0), np.array(True), constants=(1,))
    with pytest.raises(InputError, match=r"Dropout \(node 'node'\).*training"):
        analytical(model, feeds, {"y0": np.ones((1, 3))}, ["x0"])


def test_casts_between_floats_and_none_through_whole_numbers():
    x = some((1, 3))
    nodes = [
        helper.make_node("Cast", ["x0"], ["half"], to=TensorProto.FLOAT),
        helper.make_node("Cast", ["half"], ["y0"], to=TensorProto.DOUBLE),
    ]
    model, feeds = model_of(nodes, {"x0": x})
    found = analytical(model, feeds, {"y0": np.array([[1.0, 2.0, 3.0]])}, ["x0"], BATCHED)
    assert np.array_equal(found["x0"], [[1, 2, 3]])
    nodes = [
        helper.make_node("Cast", ["x0"], ["whole"], to=TensorProto.INT64),
        helper.make_node("Cast", ["whole"], ["y0"], to=TensorProto.DOUBLE),
    ]
    model, feeds = model_of(nodes, {"x0": x})
    found = analytical(model, feeds, {"y0": np.ones((1, 3))}, ["x0"], BATCHED)
    assert not found["x0"].any()


@pytest.mark.parametrize(
    ("shape", "target"), [((1, 3), (1, 2, 3)), ((1, 1, 2), (1, 4, 2)), ((1, 2, 1), (1, 1, 3))]
)
def test_expand(shape, target):
    model, feeds = one_node("Expand", some(shape), np.array(target, np.int64))
    check_rule(model, feeds)


def test_expand_of_each_sample():
    model, feeds = one_node("Expand", some((1, 2, 1)), np.array([1, 2, 3]))
    check_rule(model, feeds, batched=BATCHED)


@settings(max_examples=15)
@given(shape=sizes(1, 3, (1, 3)), data=st.data(), seed=SEEDS)
def test_tile(shape, data, seed):
    repeats = [1, *(data.draw(st.integers(1, 3)) for _ in shape)]
    model, feeds = one_node("Tile", some((1, *shape), seed), np.array(repeats, np.int64))
    check_rule(model, feeds, batched=BATCHED)


@settings(max_examples=20)
@given(shape=sizes(1, 3, (1, 3)), data=st.data(), seed=SEEDS)
def test_concat_and_split(shape, data, seed):
    axis = data.draw(st.integers(1, len(shape)))
    lengths = data.draw(st.lists(st.integers(0, 3), min_size=1, max_size=3))
    shapes = [(1, *shape[: axis - 1], n, *shape[axis:]) for n in lengths]
    arrays = [some(s, seed + i) for i, s in enumerate(shapes)]
    model, feeds = one_node(
        "Concat", *arrays, axis=data.draw(st.sampled_from([axis, axis - len(shape) - 1]))
    )
    check_rule(model, feeds, batched=tuple(feeds))
    if sum(lengths):
        whole = some((1, *shape[: axis - 1], sum(lengths), *shape[axis:]), seed)
        count = len(lengths)
        words = np.array(lengths, np.int64)
        model, feeds = one_node("Split", whole, words, axis=axis, outputs=count)
        check_rule(model, feeds, batched=BATCHED)


def test_constants_beside_a_tensor():
    model, feeds = one_node("Concat", some((1, 2)), some((1, 3), 1), constants=(1,), axis=1)
    check_rule(model, feeds)


def test_parts_that_nothing_reads():
    x = some((1, 7))
    split = helper.make_node("Split", ["x0", "x1"], ["a", "b", "c"], "split", axis=1)
    nodes = [split, helper.make_node("Exp", ["b"], ["y0"])]
    model, feeds = model_of(nodes, {"x0": x, "x1": np.array([2, 4, 1])}, ("x1",))
    check_rule(model, feeds, batched=BATCHED)
    nodes = [split, helper.make_node("Exp", ["a"], ["y0"]), helper.make_node("Exp", ["c"], ["y1"])]
    model, feeds = model_of(nodes, {"x0": x, "x1": np.array([2, 4, 1])}, ("x1",), ("y0", "y1"))
    check_rule(model, feeds, batched=BATCHED)


@pytest.mark.parametrize("mode", ["DCR", "CRD"])
def test_depth_to_space_and_back(mode):
    model, feeds = one_node("DepthToSpace", some((1, 8, 2, 3)), blocksize=2, mode=mode)
    check_rule(model, feeds, batched=BATCHED)
    model, feeds = one_node("SpaceToDepth", some((1, 2, 4, 6)), blocksize=2)
    check_rule(model, feeds, batched=BATCHED)


@pytest.mark.parametrize("upper", [0, 1])
@pytest.mark.parametrize("k", [None, -1, 0, 2])
def test_triangles(upper, k):
    words = [] if k is None else [np.array(k)]
    model, feeds = one_node("Trilu", some((1, 3, 4)), *words, upper=upper)
    check_rule(model, feeds, batched=BATCHED)


@pytest.mark.parametrize("exclusive", [0, 1])
@pytest.mark.parametrize("reverse", [0, 1])
@pytest.mark.parametrize("axis", [1, 2, -1])
def test_running_sums(exclusive, reverse, axis):
    words = {"exclusive": exclusive, "reverse": reverse}
    model, feeds = one_node("CumSum", some((1, 3, 4)), np.array(axis), **words)
    check_rule(model, feeds, batched=BATCHED)
