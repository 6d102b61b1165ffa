"""Folding scales into weights keeps what the network computes, and takes away what it can."""

import numpy as np
import pytest

from engine.network.load import read_model
from engine.rewrite.fold_scales import fold_scales
from tests.engine.network.building import direct_session, model, node, saved, weight

NORM = {
    "g": np.abs(weight(4)) + 0.5,
    "s": weight(4, seed=1),
    "m": weight(4, seed=2),
    "v": np.abs(weight(4, seed=3)) + 0.1,
}


def kept_function(nodes, shape, constants, tmp_path, keep=(), opset=17):
    """Fold, compare the outputs before and after, and return the operators that are left."""
    path = saved(model(nodes, {"x": shape}, "y", constants, opset), tmp_path)
    x = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    before = direct_session(read_model(path), path).run(None, {"x": x})[0]
    folded = read_model(path)
    fold_scales(folded, path, keep)
    after = direct_session(folded, path).run(None, {"x": x})[0]
    np.testing.assert_allclose(after, before, rtol=2e-5, atol=2e-5)
    return [each.op_type for each in folded.graph.node]


def norm(source, result, epsilon=1e-3):
    return node("BatchNormalization", f"{source} g s m v", result, epsilon=epsilon)


def test_batch_norm_after_a_convolution(tmp_path):
    nodes = [node("Conv", "x w", "a", pads=[1, 1, 1, 1]), norm("a", "b"), node("Relu", "b", "y")]
    constants = {"w": weight(4, 3, 3, 3), **NORM}
    assert kept_function(nodes, (2, 3, 6, 6), constants, tmp_path) == ["Conv", "Relu"]


def test_a_chain_of_scales_after_a_grouped_convolution_with_bias(tmp_path):
    nodes = [
        node("Conv", "x w b", "a", group=2),
        node("Mul", "a k", "c"),
        node("Add", "o c", "d"),
        norm("d", "e"),
        node("Sub", "h e", "f"),
        node("Div", "f two", "y"),
    ]
    constants = {"w": weight(4, 2, 3, 3), "b": weight(4), "k": weight(4, 1, 1), **NORM}
    constants |= {"o": weight(1, 4, 1, 1), "h": np.float32(0.3), "two": np.float32(2)}
    assert kept_function(nodes, (1, 4, 6, 6), constants, tmp_path) == ["Conv"]


def test_after_a_transposed_convolution_of_groups(tmp_path):
    nodes = [node("ConvTranspose", "x w", "a", group=2, strides=[2, 2]), norm("a", "y")]
    constants = {"w": weight(4, 2, 3, 3), **NORM}
    assert kept_function(nodes, (1, 4, 5, 5), constants, tmp_path) == ["ConvTranspose"]


@pytest.mark.parametrize("turned", [0, 1])
def test_gemm_before_and_after(tmp_path, turned):
    shape = (4, 5) if turned else (5, 4)
    nodes = [
        node("Gemm", "x w b", "a", transB=turned, alpha=0.5, beta=2.0),
        norm("a", "c"),
        node("Relu", "c", "d"),
        norm("d", "e"),
        node("Gemm", "e u", "y", transB=turned),
    ]
    second = weight(3, 4) if turned else weight(4, 3)
    constants = {"w": weight(*shape), "b": weight(4), "u": second, **NORM}
    left = kept_function(nodes, (3, 5), constants, tmp_path)
    assert left == ["Gemm", "Relu", "Gemm"]


@pytest.mark.parametrize(("pads", "group"), [((0, 0, 0, 0), 1), ((0, 0, 0, 0), 2)])
def test_before_a_convolution_without_padding(tmp_path, pads, group):
    nodes = [norm("x", "a"), node("Conv", "a w", "y", pads=list(pads), group=group)]
    constants = {"w": weight(6, 4 // group, 3, 3), **NORM}
    assert kept_function(nodes, (1, 4, 6, 6), constants, tmp_path) == ["Conv"]


def test_padding_stops_a_shift_but_no_factor(tmp_path):
    constants = {"w": weight(6, 4, 3, 3), "k": weight(4, 1, 1), **NORM}
    conv = node("Conv", "a w", "y", pads=[1, 1, 1, 1])
    assert kept_function([norm("x", "a"), conv], (1, 4, 6, 6), constants, tmp_path) == [
        "BatchNormalization",
        "Conv",
    ]
    nodes = [node("Mul", "x k", "a"), conv]
    assert kept_function(nodes, (1, 4, 6, 6), constants, tmp_path) == ["Conv"]


def test_what_others_read_or_want_stays(tmp_path):
    constants = {"w": weight(4, 3, 3, 3), **NORM}
    nodes = [node("Conv", "x w", "a"), norm("a", "b"), node("Add", "a b", "y")]
    assert len(kept_function(nodes, (1, 3, 6, 6), constants, tmp_path)) == 3
    nodes = [node("Conv", "x w", "a"), norm("a", "y")]
    assert len(kept_function(nodes, (1, 3, 6, 6), constants, tmp_path, keep=["a"])) == 2


def test_offsets_along_a_map_are_no_bias(tmp_path):
    nodes = [node("Conv", "x w", "a"), node("Add", "a o", "y")]
    constants = {"w": weight(4, 3, 3, 3), "o": weight(4, 4, 4)}
    assert kept_function(nodes, (1, 3, 6, 6), constants, tmp_path) == ["Conv", "Add"]


def test_shared_weights_are_changed_for_one_reader_only(tmp_path):
    nodes = [
        node("Conv", "x w", "a"),
        norm("a", "b"),
        node("Conv", "x w", "c"),
        node("Add", "b c", "y"),
    ]
    constants = {"w": weight(4, 3, 3, 3), **NORM}
    assert kept_function(nodes, (1, 3, 6, 6), constants, tmp_path) == ["Conv", "Conv", "Add"]
