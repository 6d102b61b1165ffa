"""The table that fixes what a layer is: each odd case with the layers that a person counts.

A row: nodes and constants of a small graph, then its layers in order of depth as
"kind(name): operators [< sources]".
"""

import numpy as np
import pytest

from tests.engine.network.building import model, node, weight

X = {"x": ("n", 3, 8, 8)}
CONV = {"w": weight(4, 3, 3, 3), "b": weight(4), "v": weight(4, 4, 3, 3)}
SAME = {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1]}
BN = {name: np.abs(weight(4, seed=i)) + 0.1 for i, name in enumerate(("g", "h", "m", "s"))}
NORM3 = {name: np.abs(weight(3, seed=i)) + 0.1 for i, name in enumerate(("g", "h", "m", "s"))}


def scalar(value):
    return np.float32(value)


def quantised(name, values):
    """A weight as int8 with its scale and zero point."""
    scale = np.float32(np.abs(values).max() / 127)
    q = np.clip(np.rint(values / scale), -127, 127).astype(np.int8)
    return {f"{name}_q": q, f"{name}_s": scale, f"{name}_z": np.int8(0)}


def conv(x, y, w="w", name=None):
    return node("Conv", f"{x} {w}", y, f"conv_{y}" if name is None else name, **SAME)


CASES = {
    "conv with bias as Add, BatchNorm and Relu is one layer": (
        [
            conv("x", "a"),
            node("Add", "a bias", "c"),
            node("BatchNormalization", "c g h m s", "d"),
            node("Relu", "d", "e"),
        ],
        "e",
        CONV | BN | {"bias": weight(4, 1, 1)},
        ["conv(conv_a): Conv Add BatchNormalization Relu < input"],
    ),
    "the constant may stand first": (
        [conv("x", "a"), node("Add", "bias a", "c")],
        "c",
        CONV | {"bias": weight(4, 1, 1)},
        ["conv(conv_a): Conv Add < input"],
    ),
    "one activation only": (
        [conv("x", "a"), node("Relu", "a", "c"), node("Sigmoid", "c", "d")],
        "d",
        CONV,
        ["conv(conv_a): Conv Relu < input", "activation(Sigmoid_d): Sigmoid < conv_a"],
    ),
    "BatchNorm behind the activation is absorbed too": (
        [conv("x", "a"), node("Relu", "a", "c"), node("BatchNormalization", "c g h m s", "d")],
        "d",
        CONV | BN,
        ["conv(conv_a): Conv Relu BatchNormalization < input"],
    ),
    "BatchNorm and Relu before their convolution are a layer": (
        [
            node("BatchNormalization", "x g h m s", "a"),
            node("Relu", "a", "c"),
            conv("c", "d"),
        ],
        "d",
        CONV | NORM3,
        [
            "norm(BatchNormalization_a): BatchNormalization Relu < input",
            "conv(conv_d): Conv < BatchNormalization_a",
        ],
    ),
    "a tensor with two readers ends a layer": (
        [conv("x", "a"), node("Relu", "a", "c"), node("Add", "a c", "d"), node("Relu", "d", "e")],
        "e",
        CONV,
        ["conv(conv_a): Conv < input", "activation(Relu_c): Relu < conv_a"]
        + ["add(Add_d): Add Relu < conv_a Relu_c"],
    ),
    "an output of the network ends a layer": (
        [conv("x", "a"), node("Relu", "a", "c")],
        "a c",
        CONV,
        ["conv(conv_a): Conv < input", "activation(Relu_c): Relu < conv_a"],
    ),
    "a residual block": (
        [
            conv("x", "a"),
            conv("a", "c", "v"),
            node("Add", "c a", "d"),
            node("Relu", "d", "e"),
        ],
        "e",
        CONV,
        ["conv(conv_a): Conv < input", "conv(conv_c): Conv < conv_a"]
        + ["add(Add_d): Add Relu < conv_c conv_a"],
    ),
    "x sigmoid(x)": (
        [conv("x", "a"), node("Sigmoid", "a", "c"), node("Mul", "a c", "d")],
        "d",
        CONV,
        ["conv(conv_a): Conv Sigmoid Mul < input"],
    ),
    "x sigmoid(1.702 x)": (
        [
            conv("x", "a"),
            node("Mul", "a k", "c"),
            node("Sigmoid", "c", "d"),
            node("Mul", "d a", "e"),
        ],
        "e",
        CONV | {"k": scalar(1.702)},
        ["conv(conv_a): Conv Mul Sigmoid Mul < input"],
    ),
    "Gelu by Erf": (
        [
            conv("x", "a"),
            node("Div", "a k", "c"),
            node("Erf", "c", "d"),
            node("Add", "d one", "e"),
            node("Mul", "a e", "f"),
            node("Mul", "f half", "y"),
        ],
        "y",
        CONV | {"k": scalar(2**0.5), "one": scalar(1), "half": scalar(0.5)},
        ["conv(conv_a): Conv Div Erf Add Mul Mul < input"],
    ),
    "Gelu by Erf, halved before": (
        [
            conv("x", "a"),
            node("Mul", "a half", "h"),
            node("Mul", "a k", "c"),
            node("Erf", "c", "d"),
            node("Add", "d one", "e"),
            node("Mul", "h e", "y"),
        ],
        "y",
        CONV | {"k": scalar(0.5**0.5), "one": scalar(1), "half": scalar(0.5)},
        ["conv(conv_a): Conv Mul Mul Erf Add Mul < input"],
    ),
    "Gelu by Tanh": (
        [
            conv("x", "a"),
            node("Pow", "a three", "c"),
            node("Mul", "c k", "d"),
            node("Add", "a d", "e"),
            node("Mul", "e r", "f"),
            node("Tanh", "f", "t"),
            node("Add", "t one", "u"),
            node("Mul", "a u", "v2"),
            node("Mul", "v2 half", "y"),
        ],
        "y",
        CONV
        | {"three": scalar(3), "k": scalar(0.044715), "r": scalar(0.79788)}
        | {"one": scalar(1), "half": scalar(0.5)},
        ["conv(conv_a): Conv Pow Mul Add Mul Tanh Add Mul Mul < input"],
    ),
    "HardSwish written out": (
        [
            conv("x", "a"),
            node("Add", "a three", "c"),
            node("Clip", "c zero six", "d"),
            node("Mul", "a d", "e"),
            node("Div", "e six", "y"),
        ],
        "y",
        CONV | {"three": scalar(3), "zero": scalar(0), "six": scalar(6)},
        ["conv(conv_a): Conv Add Clip Mul Div < input"],
    ),
    "Mish written out": (
        [
            conv("x", "a"),
            node("Softplus", "a", "c"),
            node("Tanh", "c", "d"),
            node("Mul", "a d", "y"),
        ],
        "y",
        CONV,
        ["conv(conv_a): Conv Softplus Tanh Mul < input"],
    ),
    "an activation with arms behind data movement stands alone": (
        [
            conv("x", "a"),
            node("Slice", "a from to at", "c"),
            node("Sigmoid", "c", "d"),
            node("Mul", "c d", "y"),
        ],
        "y",
        CONV | {"from": np.array([0]), "to": np.array([2]), "at": np.array([1])},
        ["conv(conv_a): Conv < input", "activation(Sigmoid_d): Sigmoid Mul < conv_a"],
    ),
    "squeeze and excitation is a gate, not an activation": (
        [
            conv("x", "a"),
            node("GlobalAveragePool", "a", "c"),
            node("Conv", "c u", "d", "squeeze"),
            node("Sigmoid", "d", "e"),
            node("Mul", "a e", "y"),
        ],
        "y",
        CONV | {"u": weight(4, 4, 1, 1)},
        [
            "conv(conv_a): Conv < input",
            "pool(GlobalAveragePool_c): GlobalAveragePool < conv_a",
            "conv(squeeze): Conv Sigmoid < GlobalAveragePool_c",
            "mul(Mul_y): Mul < conv_a squeeze",
        ],
    ),
    "pool, concat, resize": (
        [
            node("MaxPool", "x", "a", kernel_shape=[2, 2], strides=[2, 2]),
            node("Resize", "a - sizes", "c", mode="nearest"),
            node("Concat", "x c", "d", axis=1),
            node("Concat", "d k", "e", axis=0),
        ],
        "e",
        {"sizes": np.array([1, 1, 2, 2], np.float32), "k": weight(1, 6, 8, 8)},
        [
            "pool(MaxPool_a): MaxPool < input",
            "resize(Resize_c): Resize < MaxPool_a",
            "concat(Concat_d): Concat < input Resize_c",
        ],
    ),
    "linear layers, flattened, with Softmax on its own": (
        [
            node("Flatten", "x", "a"),
            node("MatMul", "a p", "c"),
            node("Add", "c q", "d"),
            node("Relu", "d", "e"),
            node("Gemm", "e r t", "f"),
            node("Softmax", "f", "y"),
        ],
        "y",
        {"p": weight(192, 6), "q": weight(6), "r": weight(6, 5), "t": weight(5)},
        [
            "linear(MatMul_c): MatMul Add Relu < input",
            "linear(Gemm_f): Gemm < MatMul_c",
            "softmax(Softmax_y): Softmax < Gemm_f",
        ],
    ),
    "Transposes around a bias and Relu in NHWC": (
        [
            conv("x", "a"),
            node("Transpose", "a", "c", perm=[0, 2, 3, 1]),
            node("Add", "c bias", "d"),
            node("Relu", "d", "e"),
            node("Transpose", "e", "f", perm=[0, 3, 1, 2]),
            conv("f", "y", "v"),
        ],
        "y",
        CONV | {"bias": weight(4)},
        ["conv(conv_a): Conv Transpose Add Relu < input", "conv(conv_y): Conv < conv_a"],
    ),
    "Dropout and Identity are looked through": (
        [conv("x", "a"), node("Identity", "a", "c"), node("Relu", "c", "d")],
        "d",
        CONV,
        ["conv(conv_a): Conv Identity Relu < input"],
    ),
    "a Transpose that is only quantised behind is not": (
        [
            conv("x", "a"),
            node("Transpose", "a", "c", perm=[0, 2, 3, 1]),
            node("QuantizeLinear", "c one zero", "d"),
            node("DequantizeLinear", "d one zero", "e"),
        ],
        "e",
        CONV | {"one": scalar(0.1), "zero": np.uint8(3)},
        ["conv(conv_a): Conv < input"],
    ),
    "a Reshape that keeps no channels ends a layer": (
        [conv("x", "a"), node("Flatten", "a", "c"), node("Relu", "c", "d")],
        "d",
        CONV,
        ["conv(conv_a): Conv < input", "activation(Relu_d): Relu < conv_a"],
    ),
    "quantise and dequantise belong to the layer before": (
        [
            node("DequantizeLinear", "w_q w_s w_z", "w"),
            conv("x", "a"),
            node("Relu", "a", "c"),
            node("QuantizeLinear", "c one zero", "d"),
            node("DequantizeLinear", "d one zero", "e"),
            node("MaxPool", "e", "y", kernel_shape=[2, 2]),
        ],
        "y",
        quantised("w", CONV["w"]) | {"one": scalar(0.1), "zero": np.uint8(3)},
        [
            "conv(conv_a): Conv Relu QuantizeLinear DequantizeLinear < input",
            "pool(MaxPool_y): MaxPool < conv_a",
        ],
    ),
    "QLinearConv": (
        [
            node("QuantizeLinear", "x s z", "a"),
            node("QLinearConv", "a s z w_q w_s w_z s z", "c", **SAME),
            node("MaxPool", "c", "d", kernel_shape=[2, 2]),
            node("DequantizeLinear", "d s z", "y"),
        ],
        "y",
        quantised("w", CONV["w"]) | {"s": scalar(0.1), "z": np.uint8(100)},
        [
            "conv(QLinearConv_c): QLinearConv < input",
            "pool(MaxPool_d): MaxPool DequantizeLinear < QLinearConv_c",
        ],
    ),
    "ConvInteger with its scale": (
        [
            node("DynamicQuantizeLinear", "x", "a a_s a_z"),
            node("ConvInteger", "a w_q a_z", "c", **SAME),
            node("Cast", "c", "d", to=1),
            node("Mul", "a_s w_s", "e"),
            node("Mul", "d e", "f"),
            node("Relu", "f", "y"),
        ],
        "y",
        quantised("w", CONV["w"]),
        ["conv(ConvInteger_c): ConvInteger Cast Mul Relu < input"],
    ),
    "LayerNormalization written out": (
        [
            node("Flatten", "x", "a"),
            node("ReduceMean", "a", "c", axes=[-1]),
            node("Sub", "a c", "d"),
            node("Pow", "d two", "e"),
            node("ReduceMean", "e", "f", axes=[-1]),
            node("Add", "f eps", "h"),
            node("Sqrt", "h", "i"),
            node("Div", "d i", "j"),
            node("Mul", "j gamma", "k"),
            node("Add", "k beta", "y"),
        ],
        "y",
        {"two": scalar(2), "eps": scalar(1e-5), "gamma": weight(192), "beta": weight(192)},
        ["norm(ReduceMean_c): ReduceMean Sub Pow ReduceMean Add Sqrt Div Mul Add < input"],
    ),
    "RMSNorm written out": (
        [
            node("Flatten", "x", "a"),
            node("Pow", "a two", "e"),
            node("ReduceMean", "e", "f", axes=[-1]),
            node("Add", "f eps", "h"),
            node("Sqrt", "h", "i"),
            node("Reciprocal", "i", "r"),
            node("Mul", "a r", "j"),
            node("Mul", "j gamma", "y"),
        ],
        "y",
        {"two": scalar(2), "eps": scalar(1e-5), "gamma": weight(192)},
        ["norm(Pow_e): Pow ReduceMean Add Sqrt Reciprocal Mul Mul < input"],
    ),
    "GroupNorm by way of InstanceNormalization": (
        [
            conv("x", "a"),
            node("Reshape", "a groups", "c"),
            node("InstanceNormalization", "c g2 h2", "d"),
            node("Shape", "a", "shape"),
            node("Reshape", "d shape", "e"),
            node("Mul", "e scale", "f"),
            node("Add", "f shift", "y"),
        ],
        "y",
        CONV
        | {"groups": np.array([0, 2, -1]), "g2": weight(2), "h2": weight(2)}
        | {"scale": weight(4, 1, 1), "shift": weight(4, 1, 1)},
        [
            "conv(conv_a): Conv < input",
            "norm(InstanceNormalization_d): InstanceNormalization Reshape Mul Add < conv_a",
        ],
    ),
    "Softmax written out": (
        [
            node("Flatten", "x", "a"),
            node("ReduceMax", "a", "c", axes=[-1]),
            node("Sub", "a c", "d"),
            node("Exp", "d", "e"),
            node("ReduceSum", "e axes", "f"),
            node("Div", "e f", "y"),
        ],
        "y",
        {"axes": np.array([-1])},
        ["softmax(ReduceMax_c): ReduceMax Sub Exp ReduceSum Div < input"],
    ),
    "a mean over positions is a pool, over channels a reduction": (
        [
            conv("x", "a"),
            node("ReduceMean", "a", "c", axes=[2, 3], keepdims=0),
            node("ReduceMean", "a", "d", axes=[1]),
        ],
        "c d",
        CONV,
        [
            "conv(conv_a): Conv < input",
            "pool(ReduceMean_c): ReduceMean < conv_a",
            "reduce(ReduceMean_d): ReduceMean < conv_a",
        ],
    ),
    "shape arithmetic and decisions are no layers": (
        [
            conv("x", "a"),
            node("Shape", "a", "s1"),
            node("Gather", "s1 first", "s2", axis=0),
            node("Concat", "s2 minus", "s3", axis=0),
            node("Cast", "s1", "s4", to=1),
            node("Mul", "s4 s4", "s5"),
            node("Reshape", "a s3", "c"),
            node("ArgMax", "c", "d", axis=1),
            node("Add", "d d", "e"),
        ],
        "c e s5",
        CONV | {"first": np.array([0]), "minus": np.array([-1])},
        ["conv(conv_a): Conv < input"],
    ),
    "scaling by constants before the first layer is no layer": (
        [node("Sub", "x k", "a"), node("Mul", "a k", "c"), conv("c", "y")],
        "y",
        CONV | {"k": scalar(0.5)},
        ["conv(conv_y): Conv < input"],
    ),
    "names that are taken, reserved, empty or odd": (
        [
            conv("x", "a", name="input"),
            conv("a", "c", "v", name="a/b c"),
            conv("c", "d", "v", name="a b/c"),
            conv("d", "e:0", "v", name=""),
            conv("e:0", "y", "v", name="a_b_c"),
        ],
        "y",
        CONV,
        [
            "conv(input~2): Conv < input",
            "conv(a_b_c): Conv < input~2",
            "conv(a_b_c~2): Conv < a_b_c",
            "conv(e_0): Conv < a_b_c~2",
            "conv(a_b_c~3): Conv < e_0",
        ],
    ),
    "two computed tensors: Sub, Mul, Max, and their activation": (
        [
            conv("x", "a"),
            conv("x", "c"),
            node("Sub", "a c", "d"),
            node("Relu", "d", "e"),
            node("Mul", "e c", "f"),
            node("Max", "f a", "y"),
        ],
        "y",
        CONV,
        [
            "conv(conv_a): Conv < input",
            "conv(conv_c): Conv < input",
            "add(Sub_d): Sub Relu < conv_a conv_c",
            "mul(Mul_f): Mul < Sub_d conv_c",
            "max(Max_y): Max < Mul_f conv_a",
        ],
    ),
    "a leaky Relu written out": (
        [
            conv("x", "a"),
            node("Relu", "a", "c"),
            node("Neg", "a", "d"),
            node("Relu", "d", "e"),
            node("Mul", "e k", "f"),
            node("Sub", "c f", "y"),
        ],
        "y",
        CONV | {"k": scalar(0.1)},
        ["conv(conv_a): Conv Relu Neg Relu Mul Sub < input"],
    ),
    "a square is a product": (
        [conv("x", "a"), node("Mul", "a a", "y")],
        "y",
        CONV,
        ["conv(conv_a): Conv < input", "mul(Mul_y): Mul < conv_a"],
    ),
}


def described(network):
    return [
        f"{layer.kind}({layer.name}): {' '.join(layer.op_types)} < {' '.join(layer.sources)}"
        for layer in network.layers
    ]


@pytest.mark.parametrize("case", CASES)
def test_layers(case, opened):
    nodes, outputs, constants, expected = CASES[case]
    network = opened(model(nodes, X, outputs, constants))
    assert described(network) == expected


ATTENTION = [
    node("MatMul", "x q", "a"),
    node("MatMul", "x k", "c"),
    node("MatMul", "x v", "d"),
    *(
        each
        for name in "acd"
        for each in (
            node("Reshape", f"{name} heads", f"{name}1"),
            node("Transpose", f"{name}1", f"{name}2", perm=[0, 2, 1, 3]),
        )
    ),
    node("Transpose", "c2", "c3", perm=[0, 1, 3, 2]),
    node("MatMul", "a2 c3", "e"),
    node("Div", "e scale", "f"),
    node("Softmax", "f", "h", axis=-1),
    node("MatMul", "h d2", "i"),
    node("Transpose", "i", "j", perm=[0, 2, 1, 3]),
    node("Reshape", "j tokens", "l"),
    node("MatMul", "l o", "m"),
    node("Add", "m x", "y"),
]


def attention_model():
    constants = {name: weight(8, 8, seed=i) for i, name in enumerate("qkvo")}
    constants |= {"heads": np.array([0, 0, 2, 4]), "tokens": np.array([0, 0, 8])}
    constants["scale"] = scalar(2)
    return model(ATTENTION, {"x": ("n", 5, 8)}, "y", constants)


def test_attention(opened):
    network = opened(attention_model())
    kinds = [(layer.kind, layer.file_layout, layer.output_shape) for layer in network.layers]
    assert kinds == [
        ("linear", "NTC", (8, 5)),
        ("linear", "NTC", (8, 5)),
        ("linear", "NTC", (8, 5)),
        ("attention", "NCTT", (2, 5, 5)),
        ("softmax", "NCTT", (2, 5, 5)),
        ("attention", "NCTT", (2, 5, 4)),
        ("linear", "NTC", (8, 5)),
        ("add", "NTC", (8, 5)),
    ]
    assert network.layers[3].op_types == ("MatMul", "Div")


def test_pre_is_what_the_activation_gets(opened):
    nodes, outputs, constants, _ = CASES["Gelu by Erf"]
    layer = opened(model(nodes, X, outputs, constants)).layers[0]
    assert (layer.pre, layer.post) == ("a", "y")
    assert layer.raw == ("a", "c", "d", "e", "f", "y")
    nodes, outputs, constants, _ = CASES["conv with bias as Add, BatchNorm and Relu is one layer"]
    layer = opened(model(nodes, X, outputs, constants)).layers[0]
    assert (layer.pre, layer.post) == ("d", "e")
    nodes, outputs, constants, _ = CASES["the constant may stand first"]
    layer = opened(model(nodes, X, outputs, constants)).layers[0]
    assert layer.pre == layer.post == "c"


def test_every_node_that_mixes_belongs_to_one_layer(opened, shared_models):
    network = opened(shared_models / "vit_mnist_op17.onnx")
    owned = [index for layer in network.layers for index in layer.nodes]
    assert len(owned) == len(set(owned))
    mixing = {"Conv", "MatMul", "Gemm", "Softmax", "LayerNormalization", "Erf"}
    for each in network.graph.nodes:
        assert each.op_type not in mixing or each.index in owned
