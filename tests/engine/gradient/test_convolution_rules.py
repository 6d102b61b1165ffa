"""Rules of convolutions against finite differences: data, weights and bias, in all forms."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from engine.gradient.forward import Forward
from tests.engine.gradient.checking import backward_model
from tests.engine.gradient.finite_differences import (
    SEEDS,
    by_onnx_runtime,
    check_rule,
    one_node,
    values,
    with_floats,
)

BATCHED = ("x0",)


@st.composite
def forms(draw, rank):
    """Sizes and attributes of a convolution."""
    axes = range(rank)
    kernel = [draw(st.integers(1, 3)) for _ in axes]
    strides = [draw(st.integers(1, 3)) for _ in axes]
    dilations = [draw(st.integers(1, 2)) for _ in axes]
    reach = [d * (k - 1) + 1 for d, k in zip(dilations, kernel, strict=True)]
    pads = [draw(st.integers(0, 2)) for _ in range(2 * rank)]
    inputs = [draw(st.integers(max(1, r - pads[i]), r + 3)) for i, r in enumerate(reach)]
    group, c, m = draw(st.integers(1, 2)), draw(st.integers(1, 2)), draw(st.integers(1, 2))
    given = {"kernel_shape": kernel, "strides": strides, "dilations": dilations, "group": group}
    return (group * c, *inputs), (group * m, c, *kernel), given | {"pads": pads}


@settings(max_examples=30)
@given(form=st.integers(1, 2).flatmap(forms), seed=SEEDS)
def test_convolution(form, seed):
    inputs, weights, given_ = form
    rng = np.random.default_rng(seed)
    arrays = (values(rng, (1, *inputs)), values(rng, weights), values(rng, weights[:1]))
    model, feeds = one_node("Conv", *arrays, constants=(1, 2), **given_)
    against_onnx_runtime(model, feeds, ["x0", "x1", "x2"])


@pytest.mark.parametrize("group", [1, 4])
@pytest.mark.parametrize("strides", [[1, 1], [2, 1]])
def test_convolution_against_finite_differences(group, strides):
    rng = np.random.default_rng(group)
    arrays = (values(rng, (1, 4, 4, 5)), values(rng, (4, 4 // group, 3, 2)), values(rng, (4,)))
    given_ = {"strides": strides, "pads": [1, 0, 1, 1], "group": group, "dilations": [1, 2]}
    model, feeds = one_node("Conv", *arrays, constants=(1, 2), **given_)
    check_rule(model, feeds, ["x0", "x1", "x2"], batched=BATCHED)


def test_convolution_in_three_dimensions():
    rng = np.random.default_rng(0)
    x, w = values(rng, (1, 2, 3, 3, 4)), values(rng, (2, 1, 2, 2, 3))
    given_ = {"strides": [2, 1, 2], "pads": [1, 0, 0, 0, 1, 1], "group": 2}
    model, feeds = one_node("Conv", x, w, constants=(1,), **given_)
    check_rule(model, feeds, ["x0", "x1"], batched=BATCHED)


@pytest.mark.parametrize("auto_pad", ["SAME_UPPER", "SAME_LOWER", "VALID"])
@pytest.mark.parametrize("strides", [[1, 1], [2, 3]])
def test_padding_by_rule(auto_pad, strides):
    rng = np.random.default_rng(1)
    x, w = values(rng, (1, 1, 5, 6)), values(rng, (2, 1, 2, 3))
    model, feeds = one_node("Conv", x, w, constants=(1,), auto_pad=auto_pad, strides=strides)
    check_rule(model, feeds, ["x0", "x1"], batched=BATCHED)


def test_what_the_stride_does_not_reach_gets_nothing():
    """A stride above the kernel leaves more rows than ConvTranspose's output padding can give."""
    rng = np.random.default_rng(2)
    x, w = values(rng, (1, 1, 6, 5)), values(rng, (1, 1, 1, 1))
    model, feeds = one_node("Conv", x, w, constants=(1,), strides=[4, 4])
    found = check_rule(model, feeds, ["x0"], batched=BATCHED)
    assert np.count_nonzero(found["x0"]) == 4


def test_weights_that_are_computed():
    rng = np.random.default_rng(3)
    model, feeds = one_node("Conv", values(rng, (1, 1, 4, 4)), values(rng, (2, 1, 3, 3)))
    check_rule(model, feeds, ["x0", "x1"])


@settings(max_examples=30)
@given(form=st.integers(1, 2).flatmap(forms), seed=SEEDS, data=st.data())
def test_transposed_convolution(form, seed, data):
    inputs, weights, given_ = form
    rank = len(weights) - 2
    more = [data.draw(st.integers(0, stride - 1)) for stride in given_["strides"]]
    rows = zip(inputs[1:], given_["strides"], given_["dilations"], weights[2:], more, strict=True)
    whole = [s * (n - 1) + d * (k - 1) + 1 + m for n, s, d, k, m in rows]
    pads = given_["pads"]
    assume(all(n > pads[i] + pads[rank + i] for i, n in enumerate(whole)))
    rng = np.random.default_rng(seed)
    group = given_["group"]
    w = values(rng, (inputs[0], weights[0] // group, *weights[2:]))
    arrays = (values(rng, (1, *inputs)), w, values(rng, weights[:1]))
    model, feeds = one_node(
        "ConvTranspose", *arrays, constants=(1, 2), output_padding=more, **given_
    )
    against_onnx_runtime(model, feeds, ["x0", "x1", "x2"])


def test_transposed_convolution_against_finite_differences():
    rng = np.random.default_rng(6)
    x, w = values(rng, (1, 2, 3, 3)), values(rng, (2, 2, 3, 3))
    given_ = {"strides": [2, 2], "pads": [1, 1, 1, 1], "output_padding": [1, 1]}
    model, feeds = one_node("ConvTranspose", x, w, values(rng, (2,)), constants=(1, 2), **given_)
    check_rule(model, feeds, ["x0", "x1", "x2"], batched=BATCHED)


@pytest.mark.parametrize(
    "given_",
    [
        {"auto_pad": "SAME_UPPER", "strides": [2, 2]},
        {"auto_pad": "SAME_LOWER", "strides": [2, 2]},
        {"auto_pad": "VALID", "strides": [2, 2]},
        {"output_shape": [6, 7], "strides": [2, 2]},
    ],
)
def test_transposed_convolution_of_a_size(given_):
    rng = np.random.default_rng(4)
    x, w = values(rng, (1, 1, 3, 3)), values(rng, (1, 1, 3, 3))
    model, feeds = one_node("ConvTranspose", x, w, constants=(1,), **given_)
    against_onnx_runtime(model, feeds, ["x0", "x1"])


def against_onnx_runtime(model, feeds, wanted):
    """Assert that gradients are what ONNX Runtime gives for unit inputs.

    A convolution is linear in its data, in its weights and in its bias (each with the others as
    they are), so that no difference is needed. The reference evaluator fails at several forms of
    one dimension, of groups, and of padding by rule.
    """
    narrow = with_floats(model, np.float32)
    arrays = {t.name: numpy_helper.to_array(t) for t in narrow.graph.initializer} | feeds
    arrays = {name: np.float32(value) for name, value in arrays.items()}

    def run(changed):
        edited = type(narrow)()
        edited.CopyFrom(narrow)
        for tensor in edited.graph.initializer:
            tensor.CopyFrom(numpy_helper.from_array(changed[tensor.name], tensor.name))
        return by_onnx_runtime(edited, ["y0"], {n: changed[n] for n in feeds})["y0"]

    y = run(arrays)
    seed = np.random.default_rng(5).normal(size=y.shape)
    found = _gradients(narrow, arrays, feeds, seed, wanted)
    for name in wanted:
        none = run(arrays | {name: np.zeros_like(arrays[name])})
        for place in np.ndindex(arrays[name].shape):
            unit = np.zeros_like(arrays[name])
            unit[place] = 1
            slope = float((seed * (run(arrays | {name: unit}) - none)).sum())
            assert found[name][place] == pytest.approx(slope, abs=3e-4), (name, place)


def _gradients(model, arrays, feeds, seed, wanted):
    """By the backward graph in ONNX Runtime, with the sizes that ONNX Runtime found."""
    sizes = {name: value.shape for name, value in arrays.items()} | {"y0": seed.shape}
    two = {name: (2, *shape[1:]) for name, shape in sizes.items() if name in ("x0", "y0")}
    forward = Forward(model, "net.onnx", sizes, two, dict.fromkeys(sizes, "float32"))
    graph, found = backward_model(forward, ["y0"], wanted)
    declared = helper.make_tensor_value_info("seed/y0", TensorProto.FLOAT, list(seed.shape))
    graph.graph.input[-1].CopyFrom(declared)
    for value in graph.graph.output:
        value.CopyFrom(helper.make_tensor_value_info(value.name, TensorProto.FLOAT, None))
    given = {name: np.float32(arrays[name]) for name in feeds} | {"seed/y0": np.float32(seed)}
    results = by_onnx_runtime(graph, [found[name] for name in wanted], given)
    return {name: results[found[name]] for name in wanted}
