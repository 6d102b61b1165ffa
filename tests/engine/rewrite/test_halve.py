"""Two halves compute what the whole does, and the second needs no picture."""

import numpy as np
from onnx.reference import ReferenceEvaluator

from engine.rewrite.halve import halve
from tests.engine.network.building import model, node, weight


def test_halves_are_the_whole():
    nodes = [
        node("Conv", "x w", "a", pads=[1, 1, 1, 1]),
        node("Relu", "a", "b"),
        node("Greater", "b zero", "mask"),
        node("ReduceSum", "b", "value", keepdims=0),
        node("Sign", "b", "seed"),
        node("Transpose", "w", "turned", perm=[1, 0, 2, 3]),
        node("Where", "mask seed zero", "c"),
        node("Conv", "c turned", "y", pads=[1, 1, 1, 1]),
    ]
    constants = {"w": weight(4, 3, 3, 3), "zero": np.float32(0)}
    whole = model(nodes, {"x": ("N", 3, 5, 5)}, "value y", constants, opset=18)
    first, second = halve(whole, ["seed"])
    assert sorted(value.name for value in first.graph.output) == ["mask", "seed", "value"]
    assert sorted(value.name for value in second.graph.input) == ["mask", "seed"]
    assert [each.op_type for each in second.graph.node] == ["Transpose", "Where", "Conv"]
    x = np.random.default_rng(0).normal(size=(2, 3, 5, 5)).astype(np.float32)
    expected = ReferenceEvaluator(whole).run(None, {"x": x})
    names = [value.name for value in first.graph.output]
    middle = dict(zip(names, ReferenceEvaluator(first).run(None, {"x": x}), strict=True))
    found = ReferenceEvaluator(second).run(None, {k: middle[k] for k in ("mask", "seed")})
    assert middle["value"] == expected[0] and np.array_equal(found[0], expected[1])
