"""Small networks for tests of whole gradients, and finite differences through their files."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from tests.engine.gradient.finite_differences import with_floats


def weights(*shape, seed=0):
    fan_in = max(1, int(np.prod(shape[1:])))
    return (np.random.default_rng(seed).normal(size=shape) / np.sqrt(fan_in)).astype(np.float32)


def saved(path, nodes, inputs, outputs, constants=None, opset=17, functions=(), domains=()):
    """Write a model; inputs and outputs are (name, type, shape)."""
    graph = helper.make_graph(
        nodes,
        "network",
        [helper.make_tensor_value_info(*each) for each in inputs],
        [helper.make_tensor_value_info(*each) for each in outputs],
        [numpy_helper.from_array(np.asarray(a), name) for name, a in (constants or {}).items()],
    )
    imports = [helper.make_opsetid("", opset), *(helper.make_opsetid(d, 1) for d in domains)]
    model = helper.make_model(graph, opset_imports=imports, ir_version=8, functions=functions)
    onnx.save(model, path)
    return path


def picture_network(path, *, batch="N", softmax=True, opset=17, kind=TensorProto.FLOAT):
    """Conv, Relu, MaxPool, Conv, Relu, Flatten, Gemm, Softmax: 5 classes of 2 x 6 x 8 pictures."""
    dtype = helper.tensor_dtype_to_np_dtype(kind)
    constants = {
        "w1": weights(3, 2, 3, 3, seed=1),
        "b1": weights(3, seed=2) * 0.1,
        "w2": weights(4, 3, 3, 3, seed=3),
        "w3": weights(5, 4 * 3 * 4, seed=4),
        "b3": weights(5, seed=5) * 0.1,
    }
    constants = {name: value.astype(dtype) for name, value in constants.items()}
    nodes = [
        helper.make_node("Conv", ["x", "w1", "b1"], ["c1"], "conv1", pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["c1"], ["r1"], "relu1"),
        helper.make_node("MaxPool", ["r1"], ["p1"], "pool1", kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Conv", ["p1", "w2"], ["c2"], "conv2", pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["c2"], ["r2"], "relu2"),
        helper.make_node("Flatten", ["r2"], ["f"], "flatten"),
        helper.make_node("Gemm", ["f", "w3", "b3"], ["l" if softmax else "y"], "fc", transB=1),
    ]
    if softmax:
        nodes.append(helper.make_node("Softmax", ["l"], ["y"], "prob", axis=1))
    inputs, outputs = [("x", kind, [batch, 2, 6, 8])], [("y", kind, [batch, 5])]
    return saved(path, nodes, inputs, outputs, constants, opset)


def last_axis_network(path):
    """As TensorFlow exports it: pictures N, H, W, C, transposed around the convolution; MatMul."""
    constants = {
        "w1": weights(3, 2, 3, 3, seed=1),
        "w2": weights(3, 4, seed=2),
        "b2": weights(4, seed=3) * 0.1,
        "axes": np.array([1, 2], np.int64),
    }
    nodes = [
        helper.make_node("Transpose", ["x"], ["t1"], "turn", perm=[0, 3, 1, 2]),
        helper.make_node("Conv", ["t1", "w1"], ["c1"], "conv1", strides=[2, 2]),
        helper.make_node("Transpose", ["c1"], ["t2"], "turn_back", perm=[0, 2, 3, 1]),
        helper.make_node("Tanh", ["t2"], ["a1"], "tanh1"),
        helper.make_node("ReduceMean", ["a1"], ["m"], "mean", axes=[1, 2], keepdims=0),
        helper.make_node("MatMul", ["m", "w2"], ["d"], "dense"),
        helper.make_node("Add", ["d", "b2"], ["y"], "dense_bias"),
    ]
    del constants["axes"]
    inputs = [("x", TensorProto.FLOAT, ["N", 7, 9, 2])]
    return saved(path, nodes, inputs, [("y", TensorProto.FLOAT, ["N", 4])], constants)


def token_network(path):
    """A convolution's positions as tokens, one head of attention, the mean, a MatMul."""
    constants = {
        "w1": weights(4, 1, 2, 2, seed=1),
        "wq": weights(4, 4, seed=2) * 2,
        "wk": weights(4, 4, seed=3) * 2,
        "wv": weights(4, 4, seed=4),
        "w2": weights(4, 3, seed=5),
        "shape": np.array([0, 4, -1], np.int64),
    }
    nodes = [
        helper.make_node("Conv", ["x", "w1"], ["c1"], "patch", strides=[2, 2]),
        helper.make_node("Reshape", ["c1", "shape"], ["flat"], "flat"),
        helper.make_node("Transpose", ["flat"], ["tokens"], "tokens", perm=[0, 2, 1]),
        helper.make_node("MatMul", ["tokens", "wq"], ["q"], "query"),
        helper.make_node("MatMul", ["tokens", "wk"], ["k"], "key"),
        helper.make_node("MatMul", ["tokens", "wv"], ["v"], "value"),
        helper.make_node("Transpose", ["k"], ["kt"], "turn", perm=[0, 2, 1]),
        helper.make_node("MatMul", ["q", "kt"], ["dots"], "dots"),
        helper.make_node("Softmax", ["dots"], ["attention"], "attention", axis=-1),
        helper.make_node("MatMul", ["attention", "v"], ["mixed"], "mixed"),
        helper.make_node("ReduceMean", ["mixed"], ["m"], "mean", axes=[1], keepdims=0),
        helper.make_node("MatMul", ["m", "w2"], ["y"], "head"),
    ]
    inputs = [("x", TensorProto.FLOAT, ["N", 1, 4, 6])]
    return saved(path, nodes, inputs, [("y", TensorProto.FLOAT, ["N", 3])], constants)


def run_saved(gradients, path, feeds):
    """Save a graph of gradients and run it in plain ONNX Runtime: outputs by name."""
    import onnxruntime

    gradients.save(path)
    onnx.checker.check_model(str(path))
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    assert [value.name for value in session.get_inputs()] == list(gradients.inputs)
    assert [value.name for value in session.get_outputs()] == gradients.outputs
    return dict(zip(gradients.outputs, session.run(None, feeds), strict=True))


class InFloat64:
    """A file's model in float64, run by the reference evaluator.

    Parameters
    ----------
    path : Path
    """

    def __init__(self, path):
        model = with_floats(onnx.load(path), np.float64)
        self.constants = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
        for tensor in model.graph.initializer:
            value = helper.make_tensor_value_info(tensor.name, tensor.data_type, tensor.dims)
            model.graph.input.append(value)
        del model.graph.initializer[:], model.graph.output[:]
        self._names = [name for node in model.graph.node for name in node.output if name]
        model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in self._names)
        self._evaluator = ReferenceEvaluator(model)

    def values(self, feeds, changed=None):
        """Every tensor by name; ``changed`` initializers have another value."""
        given = {name: np.asarray(value, np.float64) for name, value in feeds.items()}
        given |= self.constants | (changed or {})
        found = self._evaluator.run(self._names, given)
        return given | dict(zip(self._names, found, strict=True))

    def slopes(self, feeds, function, wanted, step=1e-6):
        """Central differences of ``function(values)``, a number, by an input or initializer."""
        array = np.asarray(feeds.get(wanted, self.constants.get(wanted)), np.float64)
        found = np.zeros(array.shape)
        for place in np.ndindex(array.shape):
            ends = []
            for sign in (1, -1):
                moved = array.copy()
                moved[place] += sign * step
                if wanted in feeds:
                    ends.append(function(self.values(feeds | {wanted: moved})))
                else:
                    ends.append(function(self.values(feeds, {wanted: moved})))
            found[place] = (ends[0] - ends[1]) / (2 * step)
        return found
