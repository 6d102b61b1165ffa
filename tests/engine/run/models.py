"""Small ONNX files for the tests of engine.run: honest ones, endless ones, hostile ones."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def save(path, nodes, weights=(), *, inputs, outputs, opset=17, functions=(), domains=()):
    """Write a model; inputs and outputs are (name, type, shape)."""
    graph = helper.make_graph(
        nodes,
        "tests",
        [helper.make_tensor_value_info(*each) for each in inputs],
        [helper.make_tensor_value_info(*each) for each in outputs],
        [numpy_helper.from_array(array, name) for name, array in dict(weights).items()],
    )
    imports = [helper.make_opsetid("", opset), *(helper.make_opsetid(d, 1) for d in domains)]
    model = helper.make_model(graph, opset_imports=imports, ir_version=8, functions=functions)
    onnx.save(model, path)
    return str(path)


def convolutions(path, *, batch="N", size=12, seed=1, dtype=np.float32):
    """Conv, Relu, pool, Conv, Relu, flatten, Gemm: ten scores of size x size RGB pictures."""
    random = np.random.default_rng(seed)
    half = (size // 2) ** 2

    def weights(*shape):
        return (random.standard_normal(shape) / np.sqrt(np.prod(shape[1:]))).astype(dtype)

    kind = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
    nodes = [
        helper.make_node("Conv", ["x", "w1", "b1"], ["c1"], "conv1", pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["c1"], ["r1"], "relu1"),
        helper.make_node("MaxPool", ["r1"], ["p1"], "pool1", kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Conv", ["p1", "w2", "b2"], ["c2"], "conv2", pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["c2"], ["r2"], "relu2"),
        helper.make_node("Flatten", ["r2"], ["f"], "flatten"),
        helper.make_node("Gemm", ["f", "w3", "b3"], ["y"], "fc", transB=1),
    ]
    return save(
        path,
        nodes,
        {
            "w1": weights(4, 3, 3, 3),
            "b1": weights(4),
            "w2": weights(6, 4, 3, 3),
            "b2": weights(6),
            "w3": weights(10, 6 * half),
            "b3": weights(10),
        },
        inputs=[("x", kind, [batch, 3, size, size])],
        outputs=[("y", kind, [batch, 10])],
    )


def endless(path, rounds=10**15):
    """A loop that runs for years."""
    body = helper.make_graph(
        [
            helper.make_node("Identity", ["go"], ["go_on"]),
            helper.make_node("Add", ["v", "v"], ["w"]),
        ],
        "body",
        [
            helper.make_tensor_value_info("i", TensorProto.INT64, []),
            helper.make_tensor_value_info("go", TensorProto.BOOL, []),
            helper.make_tensor_value_info("v", TensorProto.FLOAT, [1, 4]),
        ],
        [
            helper.make_tensor_value_info("go_on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("w", TensorProto.FLOAT, [1, 4]),
        ],
    )
    return save(
        path,
        [helper.make_node("Loop", ["rounds", "", "x"], ["y"], "loop", body=body)],
        {"rounds": np.array(rounds, np.int64)},
        inputs=[("x", TensorProto.FLOAT, [1, 4])],
        outputs=[("y", TensorProto.FLOAT, [1, 4])],
    )


def enormous(path, elements):
    """Asks for a tensor of so many float32 when it runs."""
    value = helper.make_tensor("value", TensorProto.FLOAT, [1], [1.0])
    return save(
        path,
        [
            helper.make_node("Mul", ["n", "one"], ["m"], "mul"),
            helper.make_node("ConstantOfShape", ["m"], ["big"], "fill", value=value),
            helper.make_node("ReduceSum", ["big"], ["sum"], "sum", keepdims=0),
            helper.make_node("Add", ["x", "sum"], ["y"], "add"),
        ],
        {"n": np.array([elements], np.int64)},
        inputs=[("x", TensorProto.FLOAT, [1, 4]), ("one", TensorProto.INT64, [1])],
        outputs=[("y", TensorProto.FLOAT, [1, 4])],
    )
