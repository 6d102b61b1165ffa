"""Rules of pools against finite differences: overlap, padding, rounded-up sizes, dilation, ties."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.engine.gradient.finite_differences import (
    SEEDS,
    analytical,
    apart,
    by_onnx_runtime,
    check_rule,
    one_node,
    values,
    with_floats,
)

BATCHED = ("x0",)


@st.composite
def pools(draw, rank, dilated=False):
    """The input's sizes and the attributes of a pool that ONNX Runtime takes."""
    axes = range(rank)
    kernel = [draw(st.integers(1, 3)) for _ in axes]
    strides = [draw(st.integers(1, 3)) for _ in axes]
    dilations = [draw(st.integers(1, 2)) if dilated else 1 for _ in axes]
    pads = [draw(st.integers(0, k - 1)) for k in kernel * 2]
    reach = [d * (k - 1) + 1 for d, k in zip(dilations, kernel, strict=True)]
    inputs = [draw(st.integers(r, r + 3)) for r in reach]
    given = {"kernel_shape": kernel, "strides": strides, "pads": pads}
    if dilated:
        given["dilations"] = dilations
    ceil = draw(st.integers(0, 1))
    for size, step, wide, first in zip(inputs, strides, reach, pads[:rank], strict=True):
        # ONNX's shape inference and ONNX Runtime disagree on windows that start behind the picture
        count = -(-(size + first + pads[rank + inputs.index(size)] - wide) // step) + 1
        assume(not ceil or (count - 1) * step < size + first)
    return (2, *inputs), given | {"ceil_mode": ceil}


def against_onnx_runtime(model, feeds, tolerance=2e-3):
    """Differences of ONNX Runtime's own forward pass, in float32: the pools are piecewise linear.

    The reference evaluator differs from ONNX Runtime in rounded-up sizes, so it cannot judge them.
    """
    narrow = with_floats(model, np.float32)
    x = np.float32(feeds["x0"])
    shape = by_onnx_runtime(narrow, ["y0"], {"x0": x})["y0"].shape
    seed = np.random.default_rng(5).normal(size=shape)
    found = gradient_by_runtime(model, feeds, seed)
    step = 2.0**-8
    for place in np.ndindex(x.shape):
        ends = []
        for sign in (1, -1):
            moved = x.copy()
            moved[place] += sign * step
            ends.append(by_onnx_runtime(narrow, ["y0"], {"x0": moved})["y0"])
        slope = float((seed * (ends[0] - ends[1])).sum()) / (2 * step)
        assert found[place] == pytest.approx(slope, abs=tolerance), (place, found[place], slope)


def gradient_by_runtime(model, feeds, seed):
    """The gradient with respect to ``x0``; shapes are those that ONNX Runtime finds."""
    import onnx
    from onnx import helper, numpy_helper

    from engine.gradient.backward import Backward
    from engine.gradient.forward import Forward

    narrow = with_floats(model, np.float32)
    x = np.float32(feeds["x0"])
    sizes = {"x0": x.shape, "y0": seed.shape}
    two = {name: (2, *shape[1:]) for name, shape in sizes.items()}
    forward = Forward(narrow, "net.onnx", sizes, two, dict.fromkeys(sizes, "float32"))
    back = Backward(forward)
    found = back.run({"y0": "seed"}, ["x0"])["x0"]
    graph = onnx.ModelProto()
    graph.CopyFrom(forward.model)
    graph.graph.node.extend(back.emitter.nodes)
    graph.graph.initializer.extend(
        numpy_helper.from_array(v, n) for n, v in back.emitter.constants.items()
    )
    graph.graph.input.append(helper.make_tensor_value_info("seed", 1, list(seed.shape)))
    graph.graph.output.append(helper.make_tensor_value_info(found, 1, None))
    return by_onnx_runtime(graph, [found], {"x0": x, "seed": np.float32(seed)})[found]


@settings(max_examples=25)
@given(form=st.integers(1, 2).flatmap(lambda rank: pools(rank, dilated=True)), seed=SEEDS)
def test_max_pool(form, seed):
    shape, given_ = form
    x = apart(np.random.default_rng(seed), (1, *shape))
    model, feeds = one_node("MaxPool", x, **given_)
    against_onnx_runtime(model, feeds)


def test_max_pool_against_the_reference_evaluator():
    x = apart(np.random.default_rng(0), (1, 2, 4, 6))
    for given_ in ({"strides": [2, 2]}, {"strides": [1, 2], "pads": [1, 0, 0, 1]}):
        model, feeds = one_node("MaxPool", x, kernel_shape=[2, 2], **given_)
        check_rule(model, feeds, batched=BATCHED)


def test_max_pool_of_volumes():
    x = apart(np.random.default_rng(1), (1, 2, 3, 3, 4))
    model, feeds = one_node("MaxPool", x, kernel_shape=[2, 2, 3], strides=[1, 2, 1])
    against_onnx_runtime(model, feeds)


def test_the_first_of_equal_maxima_takes_all():
    x = np.zeros((2, 1, 4, 4))
    model, feeds = one_node("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2])
    found = gradient_by_runtime(model, feeds, np.ones((2, 1, 2, 2)))
    expected = np.zeros((4, 4))
    expected[::2, ::2] = 1
    assert (found == expected).all()


def test_equal_maxima_of_overlapping_windows_add_up():
    x = np.zeros((1, 1, 3, 3))
    model, feeds = one_node("MaxPool", x, kernel_shape=[2, 2], strides=[1, 1])
    found = gradient_by_runtime(model, feeds, np.ones((1, 1, 2, 2)))
    assert found[0, 0].tolist() == [[1, 1, 0], [1, 1, 0], [0, 0, 0]]


def test_seeds_share_the_switches_of_one_sample():
    x = apart(np.random.default_rng(2), (1, 2, 4, 4))
    model, feeds = one_node("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2])
    seeds = np.random.default_rng(3).normal(size=(3, 2, 2, 2))
    together = gradient_by_runtime_of_seeds(model, feeds, seeds)
    for place, seed in enumerate(seeds):
        alone = gradient_by_runtime(model, feeds, seed[None])
        assert np.array_equal(together[place : place + 1], alone)


def gradient_by_runtime_of_seeds(model, feeds, seeds):
    return analytical(model, feeds, {"y0": seeds}, ["x0"], BATCHED, dtype=np.float32)["x0"]


def test_samples_of_a_batch_keep_their_own_switches():
    x = apart(np.random.default_rng(4), (3, 2, 5, 5))
    model, feeds = one_node("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2])
    seed = np.random.default_rng(5).normal(size=(3, 2, 2, 2))
    whole = gradient_by_runtime(model, feeds, seed)
    for place in range(3):
        part = slice(place, place + 1)
        single, feeds = one_node("MaxPool", x[part], kernel_shape=[3, 3], strides=[2, 2])
        alone = gradient_by_runtime(single, feeds, seed[part])
        assert np.allclose(whole[part], alone, atol=1e-6)


def test_switches_counted_by_columns():
    x = apart(np.random.default_rng(6), (1, 1, 4, 6))
    given_ = {"kernel_shape": [2, 2], "strides": [2, 2], "storage_order": 1}
    model, feeds = one_node("MaxPool", x, **given_)
    against_onnx_runtime(model, feeds)


@settings(max_examples=25)
@given(form=st.integers(1, 2).flatmap(pools), include=st.integers(0, 1), seed=SEEDS)
def test_average_pool(form, include, seed):
    shape, given_ = form
    x = values(np.random.default_rng(seed), (1, *shape))
    model, feeds = one_node("AveragePool", x, count_include_pad=include, **given_)
    against_onnx_runtime(model, feeds)


@pytest.mark.parametrize("auto_pad", ["SAME_UPPER", "SAME_LOWER", "VALID"])
@pytest.mark.parametrize("op_type", ["AveragePool", "MaxPool"])
def test_padding_by_rule(op_type, auto_pad):
    x = apart(np.random.default_rng(7), (1, 1, 5, 6))
    given_ = {"kernel_shape": [2, 3], "strides": [2, 2], "auto_pad": auto_pad}
    model, feeds = one_node(op_type, x, **given_)
    against_onnx_runtime(model, feeds)


@pytest.mark.parametrize("power", [1, 2, 3])
def test_lp_pool(power):
    x = apart(np.random.default_rng(8), (1, 2, 4, 5))
    given_ = {"kernel_shape": [2, 2], "strides": [1, 2], "p": power}
    model, feeds = one_node("LpPool", x, **given_)
    check_rule(model, feeds, batched=BATCHED)


@pytest.mark.parametrize("op_type", ["GlobalAveragePool", "GlobalMaxPool"])
@pytest.mark.parametrize("shape", [(1, 2, 5), (1, 2, 3, 4), (2, 1, 2, 2, 3)])
def test_pools_over_everything(op_type, shape):
    x = apart(np.random.default_rng(9), shape)
    model, feeds = one_node(op_type, x)
    against_onnx_runtime(model, feeds)
    if len(shape) == 4:  # all that the reference evaluator takes
        check_rule(model, feeds, batched=BATCHED)


def test_a_map_of_equal_values_sends_all_to_its_first_place():
    model, feeds = one_node("GlobalMaxPool", np.zeros((1, 1, 2, 3)))
    found = analytical(model, feeds, {"y0": np.ones((1, 1, 1, 1))}, ["x0"], BATCHED)
    assert found["x0"].ravel().tolist() == [1, 0, 0, 0, 0, 0]
