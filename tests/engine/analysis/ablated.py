"""Small networks whose filters are switched off: a chain, residual, channels last, tokens ..."""

import numpy as np

from tests.engine.network.building import model, node, weight

CLASSES = 5


def chain(batch="N"):
    """Conv, Relu, MaxPool, Conv, Relu, GlobalAveragePool, Flatten, Gemm; filter 2 of `one` dead."""
    nodes = [
        node("Conv", "x w1 b1", "a", "one", pads=[1, 1, 1, 1]),
        node("Relu", "a", "b"),
        node("MaxPool", "b", "c", "pool", kernel_shape=[2, 2], strides=[2, 2]),
        node("Conv", "c w2", "d", "two", pads=[1, 1, 1, 1]),
        node("Relu", "d", "e"),
        node("GlobalAveragePool", "e", "f", "average"),
        node("Flatten", "f", "g"),
        node("Gemm", "g w3", "y", "three", transB=1),
    ]
    constants = {
        "w1": weight(6, 3, 3, 3),
        "b1": np.array([0, 0, -1000, 0, 0, 0], np.float32),
        "w2": weight(7, 6, 3, 3, seed=2),
        "w3": weight(CLASSES, 7, seed=3),
    }
    return model(nodes, {"x": (batch, 3, 8, 8)}, "y", constants)


def residual(opset=17):
    """One tensor read by three: a branch, the shortcut and a second shortcut to the end."""
    nodes = [
        node("Conv", "x w1", "a", "stem", pads=[1, 1, 1, 1]),
        node("Relu", "a", "b"),
        node("Conv", "b w2", "c", "left", pads=[1, 1, 1, 1]),
        node("Relu", "c", "d"),
        node("Conv", "d w3", "e", "right", pads=[1, 1, 1, 1]),
        node("Add", "e b", "f", "sum"),
        node("Relu", "f", "g"),
        node("Concat", "g b x", "h", "all", axis=1),
        node("AveragePool", "h", "i", "average", kernel_shape=[8, 8]),
        node("Flatten", "i", "j"),
        node("Gemm", "j w4 b4", "y", "scores", transB=1),
    ]
    constants = {
        "w1": weight(6, 3, 3, 3),
        "w2": weight(6, 6, 3, 3, seed=2),
        "w3": weight(6, 6, 3, 3, seed=3),
        "w4": weight(CLASSES, 15, seed=4),
        "b4": weight(CLASSES, seed=5),
    }
    return model(nodes, {"x": ("N", 3, 8, 8)}, "y", constants, opset=opset)


def channels_last():
    """Pictures [N, H, W, C], turned around every convolution, flattened with channels last."""
    nodes = [
        node("Transpose", "x", "t", perm=[0, 3, 1, 2]),
        node("Conv", "t w1", "a", "one", pads=[1, 1, 1, 1]),
        node("Transpose", "a", "u", perm=[0, 2, 3, 1]),
        node("Add", "u b1", "v"),
        node("Relu", "v", "b"),
        node("Transpose", "b", "w", perm=[0, 3, 1, 2]),
        node("MaxPool", "w", "p", "pool", kernel_shape=[2, 2], strides=[2, 2]),
        node("Transpose", "p", "q", perm=[0, 2, 3, 1]),
        node("Reshape", "q shape", "r"),
        node("MatMul", "r w2", "y", "scores"),
    ]
    constants = {
        "w1": weight(6, 3, 3, 3),
        "b1": weight(6, seed=2),
        "shape": np.array([-1, 96], np.int64),
        "w2": weight(96, CLASSES, seed=3),
    }
    return model(nodes, {"x": ("N", 8, 8, 3)}, "y", constants)


def tokens():
    """Patches as tokens [N, T, C], a linear step on each, the mean over tokens."""
    nodes = [
        node("Conv", "x w1", "a", "patches", strides=[2, 2]),
        node("Reshape", "a shape", "b"),
        node("Transpose", "b", "c", perm=[0, 2, 1]),
        node("MatMul", "c w2", "d", "mlp"),
        node("Tanh", "d", "e"),
        node("ReduceMean", "e", "f", "mean", axes=[1], keepdims=0),
        node("Gemm", "f w3", "y", "scores", transB=1),
    ]
    constants = {
        "w1": weight(6, 3, 2, 2),
        "shape": np.array([0, 6, -1], np.int64),
        "w2": weight(6, 7, seed=2),
        "w3": weight(CLASSES, 7, seed=3),
    }
    return model(nodes, {"x": ("N", 3, 8, 8)}, "y", constants)


def not_finite():
    """Channels that are NaN (roots of negative numbers) and infinite (over zero), by turns."""
    nodes = [
        node("Conv", "x w1 b1", "a", "one"),
        node("Sqrt", "a", "b", "roots"),
        node("Conv", "b w2", "c", "two"),
        node("GlobalMaxPool", "c", "d", "most"),
        node("Flatten", "d", "e"),
        node("Gemm", "e w3", "y", "scores", transB=1),
    ]
    w1 = np.zeros((4, 3, 1, 1), np.float32)
    w1[[0, 3]] = 1.0
    bias = np.array([1, -9, np.inf, 2], np.float32)  # fine, NaN, infinite, fine
    constants = {
        "w1": w1,
        "b1": bias,
        "w2": weight(5, 4, 1, 1),
        "w3": weight(CLASSES, 5, seed=2),
    }
    return model(nodes, {"x": ("N", 3, 8, 8)}, "y", constants)


def two_heads():
    """`beside` reaches no class score."""
    nodes = [
        node("Conv", "x w1", "a", "stem"),
        node("Relu", "a", "b"),
        node("Conv", "b w2", "z", "beside"),
        node("GlobalAveragePool", "b", "c", "average"),
        node("Flatten", "c", "d"),
        node("Gemm", "d w3", "y", "scores", transB=1),
    ]
    constants = {
        "w1": weight(6, 3, 3, 3),
        "w2": weight(2, 6, 1, 1),
        "w3": weight(CLASSES, 6, seed=2),
    }
    return model(nodes, {"x": ("N", 3, 8, 8)}, "y z", constants)


def chosen():
    """An If in the middle reads the layer's tensor from outside of its bodies."""
    from onnx import TensorProto, helper

    def body(name, nodes):
        made = helper.make_tensor_value_info("z", TensorProto.FLOAT, None)
        return helper.make_graph(nodes, name, [], [made])

    then = body("then", [helper.make_node("Mul", ["b", "b"], ["z"], "square")])
    other = body("else", [helper.make_node("Identity", ["b"], ["z"], "same")])
    nodes = [
        node("Conv", "x w1", "a", "stem"),
        node("Relu", "a", "b"),
        node("ReduceMax", "x", "m", keepdims=0),
        node("Greater", "m half", "go"),
        helper.make_node("If", ["go"], ["c"], "either", then_branch=then, else_branch=other),
        node("GlobalAveragePool", "c", "d", "average"),
        node("Flatten", "d", "e"),
        node("Gemm", "e w3", "y", "scores", transB=1),
    ]
    constants = {
        "w1": weight(6, 3, 3, 3),
        "half": np.float32(0.5),
        "w3": weight(CLASSES, 6, seed=2),
    }
    return model(nodes, {"x": ("N", 3, 8, 8)}, "y", constants)


def dense():
    """Fully connected: pictures flattened, two layers."""
    nodes = [
        node("Flatten", "x", "a"),
        node("Gemm", "a w1 b1", "b", "hidden", transB=1),
        node("Sigmoid", "b", "c"),
        node("Gemm", "c w2", "d", "scores", transB=1),
        node("Softmax", "d", "y", "softmax", axis=1),
    ]
    constants = {
        "w1": weight(9, 192) / 8,
        "b1": weight(9, seed=2),
        "w2": weight(CLASSES, 9, seed=3),
    }
    return model(nodes, {"x": ("N", 3, 8, 8)}, "y", constants)


NETWORKS = {
    "chain": chain,
    "residual": residual,
    "channels_last": channels_last,
    "tokens": tokens,
    "two_heads": two_heads,
    "chosen": chosen,
    "dense": dense,
}
