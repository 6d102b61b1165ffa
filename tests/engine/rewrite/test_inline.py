"""Local functions written out compute the same, with the graph's own names kept."""

import numpy as np
import pytest
from onnx import helper

from engine.errors import InputError
from engine.network.load import read_model
from tests.engine.network.building import direct_session, model, node, saved, weight

OPSET = [helper.make_opsetid("", 17), helper.make_opsetid("local", 1)]


def function(name, inputs, outputs, nodes, **options):
    return helper.make_function(
        "local", name, inputs.split(), outputs.split(), nodes, OPSET, **options
    )


def reference(alpha):
    """A node whose attribute refers to the function's own."""
    leaky = node("LeakyRelu", "t", "out")
    attribute = leaky.attribute.add(name="alpha", type=1)
    attribute.ref_attr_name = alpha
    return leaky


def called():
    block = function(
        "Block", "a k bias", "out", [node("MatMul", "a k", "t0"), node("Add", "t0 bias", "t")]
        + [reference("slope")], attributes=["slope"],
    )  # fmt: skip
    outer = function(
        "Outer", "a k bias", "out", [node("Block", "a k bias", "h", domain="local", slope=0.5)]
        + [node("Neg", "h", "out")],
    )  # fmt: skip
    nodes = [
        node("Outer", "x w b", "c", name="first", domain="local"),
        node("Block", "c w b", "y", name="second", domain="local", slope=0.1),
    ]
    proto = model(
        nodes, {"x": ("n", 4)}, "y", {"w": weight(4, 4), "b": weight(4)}, domains=[("local", 1)]
    )
    proto.functions.extend([block, outer])
    return proto


def test_the_same_numbers_with_names_kept(tmp_path):
    path = saved(called(), tmp_path)
    feeds = {"x": weight(3, 4, seed=1)}
    plain = direct_session(called(), path).run(None, feeds)[0]
    proto = read_model(path)
    assert not proto.functions
    ops = [each.op_type for each in proto.graph.node]
    assert ops == ["MatMul", "Add", "LeakyRelu", "Neg", "MatMul", "Add", "LeakyRelu"]
    assert [value.name for value in proto.graph.output] == ["y"]
    assert "c" in proto.graph.node[3].output
    names = [each.name for each in proto.graph.node]
    assert len(set(names)) == len(names)
    assert np.array_equal(direct_session(proto, path).run(None, feeds)[0], plain)


def test_layers_are_found_in_functions(opened):
    network = opened(called())
    assert [layer.kind for layer in network.layers] == ["linear", "linear"]
    assert network.layers[0].op_types == ("MatMul", "Add", "LeakyRelu")


def test_an_input_that_is_handed_straight_out(tmp_path):
    same = function("Same", "a", "a", [])
    same.output[:] = ["a"]
    proto = model(
        [node("Same", "x", "c", domain="local"), node("Relu", "c", "y")],
        {"x": (3,)},
        "y",
        domains=[("local", 1)],
    )
    proto.functions.append(same)
    ops = [each.op_type for each in read_model(saved(proto, tmp_path)).graph.node]
    assert ops == ["Identity", "Relu"]


def test_circles_and_explosions_are_refused(tmp_path):
    circle = function("Round", "a", "b", [node("Round", "a", "b", domain="local")])
    call = [node("Round", "x", "y", domain="local")]
    proto = model(call, {"x": (3,)}, "y", domains=[("local", 1)])
    proto.functions.append(circle)
    with pytest.raises(InputError, match="calls itself"):
        read_model(saved(proto, tmp_path))
    proto = model([node("F19", "x", "y", domain="local")], {"x": (3,)}, "y")
    proto.opset_import.add(domain="local", version=1)
    proto.functions.append(function("F0", "a", "b", [node("Neg", "a", "b")]))
    for i in range(1, 20):
        inner = [
            node(f"F{i - 1}", "a", "t", domain="local"),
            node(f"F{i - 1}", "t", "b", domain="local"),
        ]
        proto.functions.append(function(f"F{i}", "a", "b", inner))
    with pytest.raises(InputError, match="unfold to more than"):
        read_model(saved(proto, tmp_path))
