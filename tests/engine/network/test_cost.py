"""Parameters and multiply-adds against slow counting and against published numbers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import numpy_helper

from engine.network import cost
from engine.network.graph import Graph
from engine.network.grouping import Group
from engine.network.load import read_model
from tests.engine.network.building import direct_session, model, node, weight
from tests.engine.network.test_grouping import CASES, X, attention_model
from tests.reference.cost import convolution, matrix_product, transposed_convolution

small = st.integers(1, 3)


@settings(max_examples=40)
@given(small, small, small, small, st.integers(1, 2), st.integers(1, 2), st.booleans())
def test_convolutions(tmp_path_factory, c, m, kernel, stride, dilation, group, transposed):
    c, m = c * group, m * group
    size = 7
    shape = (c, m // group, kernel, 2) if transposed else (m, c // group, kernel, 2)
    op = "ConvTranspose" if transposed else "Conv"
    attributes = {"strides": [stride, 1], "dilations": [dilation, 1], "group": group}
    pads = [1, 0, 0, 1]
    proto = model(
        [node(op, "x w", "y", pads=pads, **attributes)],
        {"x": (1, c, size, 4)},
        "y",
        {"w": weight(*shape)},
    )
    folder = tmp_path_factory.getbasetemp()
    (folder / "cost.onnx").write_bytes(proto.SerializeToString())
    graph = Graph(read_model(folder / "cost.onnx"), folder / "cost.onnx")
    x = np.zeros((1, c, size, 4), np.float32)
    y = direct_session(proto, folder / "cost.onnx").run(None, {"x": x})[0]
    shapes = {"x": x.shape, "y": y.shape}
    group_of = Group(graph.nodes[0], "conv", list(graph.nodes), "y", "y")
    found = cost.multiply_adds(graph, group_of, shapes)
    if transposed:
        assert found == transposed_convolution(x.shape, shape, group)
    else:
        strides, dilations = attributes["strides"], attributes["dilations"]
        assert found == convolution(x.shape, shape, strides, pads, dilations, group)
    assert cost.parameters(graph, group_of, m) == np.prod(shape)


def test_linear_and_attention_layers(opened):
    layers = opened(attention_model()).layers
    macs = [layer.macs for layer in layers]
    linear = matrix_product((1, 5, 8), (8, 8))
    heads = matrix_product((1, 2, 5, 4), (1, 2, 4, 5))
    assert macs == [linear] * 3 + [heads, 0, matrix_product((1, 2, 5, 5), (1, 2, 5, 4)), linear, 0]
    assert [layer.params for layer in layers] == [64, 64, 64, 0, 0, 0, 64, 0]


PARAMETERS = {
    # weights + bias as Add + scale and shift of the BatchNorm; not its running statistics
    "conv with bias as Add, BatchNorm and Relu is one layer": [4 * 3 * 9 + 4 + 4 + 4],
    # numbers inside an activation function are none
    "Gelu by Erf": [4 * 3 * 9],
    "HardSwish written out": [4 * 3 * 9],
    "LayerNormalization written out": [192 + 192],
    # int8 weights count as weights, their scales do not
    "quantise and dequantise belong to the layer before": [4 * 3 * 9, 0],
    "QLinearConv": [4 * 3 * 9, 0],
    "linear layers, flattened, with Softmax on its own": [192 * 6 + 6, 6 * 5 + 5, 0],
    "pool, concat, resize": [0, 0, 0],
}


@pytest.mark.parametrize("case", PARAMETERS)
def test_parameters(case, opened):
    nodes, outputs, constants, _ = CASES[case]
    network = opened(model(nodes, X, outputs, constants))
    assert [layer.params for layer in network.layers] == PARAMETERS[case]


def test_a_weight_counts_once_in_a_layer_and_a_scalar_bias_of_one_channel_counts(opened):
    nodes = [node("Conv", "x w", "a"), node("Add", "a b", "y")]
    one = model(nodes, {"x": (1, 3, 4, 4)}, "y", {"w": weight(1, 3, 1, 1), "b": weight(1, 1, 1)})
    assert opened(one).layers[0].params == 4
    four = model(nodes, {"x": (1, 3, 4, 4)}, "y", {"w": weight(4, 3, 1, 1), "b": np.float32(2)})
    assert opened(four).layers[0].params == 12
    square = [node("Gemm", "x w w", "y")]
    assert opened(model(square, {"x": (3, 3)}, "y", {"w": weight(3, 3)})).layers[0].params == 9


PUBLISHED = {
    # parameters as torchvision and the papers state them; multiply-adds at 224 px
    "light_resnet50": (25_557_032, 4.09e9),
    "light_vgg19": (143_667_240, 19.63e9),
    "light_bvlc_alexnet": (60_965_224, 0.655e9),
    "light_squeezenet": (1_235_496, 0.349e9),
}


@pytest.mark.parametrize("name", ["light_squeezenet", "light_resnet50"])
def test_published_networks(name, opened):
    import onnx

    folder = onnx.__path__[0] + "/backend/test/data/light/"
    network = opened(f"{folder}{name}.onnx")
    parameters, macs = cost.total(network.layers)
    assert parameters == PUBLISHED[name][0]
    assert macs == pytest.approx(PUBLISHED[name][1], rel=0.005)


def test_real_files_count_all_their_weights(opened, shared_models):
    """Every float initializer that a convolution or product reads belongs to some layer."""
    network = opened(shared_models / "cifar10_resnet20_ts13.onnx")
    import onnx

    stored = onnx.load(network.path).graph.initializer
    total = sum(numpy_helper.to_array(t).size for t in stored if t.data_type == 1)
    assert sum(layer.params for layer in network.layers) == total
