"""Gradients of small models against central finite differences, in float64, by the reference evaluator.

A model of one or a few nodes is made in float32, as exporters write them; its backward graph is
built by the engine, and both are then widened to float64 and run by ``onnx.reference``, so that
rounding stays far below the differences. A difference quotient with step h errs by h^2 times the
third derivative and by the rounding of one evaluation over h: with h = 1e-5 and values near 1 both
are below 1e-9. Values are drawn so that they stay away from kinks (`apart`).

The same backward graph is run by ONNX Runtime in float32 as well, because a rule that only the
reference evaluator understands is of no use.
"""

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

STEP = 1e-5
TOLERANCE = 1e-6
TOLERANCE_OF_FLOAT32 = 2e-4
_FLOAT32 = TensorProto.FLOAT
_FLOAT64 = TensorProto.DOUBLE


# -- models ----------------------------------------------------------------------------------------


def one_node(op_type, inputs, constants=(), outputs=1, opset=17, domain="", **attributes):
    """A model of one node.

    Parameters
    ----------
    op_type : str
    inputs : sequence of (ndarray or None)
        In the operator's order; they are named ``x0``, ``x1`` ...; None is an absent one. Floats
        become float32.
    constants : collection of int
        Places of the inputs that are initializers; the rest are inputs of the graph.
    outputs : int
        They are named ``y0``, ``y1`` ...
    **attributes
        Those that are None are left out.

    Returns
    -------
    onnx.ModelProto
    """
    names = [f"x{place}" if value is not None else "" for place, value in enumerate(inputs)]
    given = {k: v for k, v in attributes.items() if v is not None}
    results = [f"y{place}" for place in range(outputs)]
    node = helper.make_node(op_type, names, results, "node", domain=domain, **given)
    arrays = {n: v for n, v in zip(names, inputs, strict=True) if n}
    fixed = {f"x{place}" for place in constants}
    return model_of([node], arrays, fixed, results, opset, domain)


def model_of(nodes, arrays, constants=(), outputs=("y0",), opset=17, domain=""):
    """A model of some nodes.

    Parameters
    ----------
    nodes : list of onnx.NodeProto
    arrays : dict of str to ndarray
        Inputs and constants by name; floats become float32.
    constants : collection of str
        Which of them are initializers.
    outputs : sequence of str
    """
    arrays = {name: _as_float32(value) for name, value in arrays.items()}
    declared = [
        helper.make_tensor_value_info(name, _onnx_type(value), value.shape)
        for name, value in arrays.items()
        if name not in constants
    ]
    fixed = [numpy_helper.from_array(arrays[name], name) for name in constants]
    results = [helper.make_tensor_value_info(name, _FLOAT32, None) for name in outputs]
    graph = helper.make_graph(nodes, "case", declared, results, fixed)
    imports = [helper.make_opsetid("", opset)]
    imports += [helper.make_opsetid(domain, 1)] if domain else []
    return helper.make_model(graph, opset_imports=imports, ir_version=8)


def _as_float32(value):
    value = np.asarray(value)
    return value.astype(np.float32) if value.dtype.kind == "f" else value


def _onnx_type(value):
    return helper.np_dtype_to_tensor_dtype(value.dtype)


def as_float64(model):
    """A copy of a model whose float32 (and float16) tensors are float64, casts and constants too."""
    wide = onnx.ModelProto()
    wide.CopyFrom(model)
    _widen_graph(wide.graph)
    return wide


_NARROW = (_FLOAT32, TensorProto.FLOAT16)


def _widen_graph(graph):
    for tensor in graph.initializer:
        _widen_tensor(tensor)
    for value in (*graph.input, *graph.output, *graph.value_info):
        if value.type.tensor_type.elem_type in _NARROW:
            value.type.tensor_type.elem_type = _FLOAT64
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.TENSOR:
                _widen_tensor(attribute.t)
            elif attribute.type == onnx.AttributeProto.GRAPH:
                _widen_graph(attribute.g)
            elif attribute.name in ("to", "dtype") and attribute.i in _NARROW:
                attribute.i = _FLOAT64


def _widen_tensor(tensor):
    if tensor.data_type in _NARROW:
        array = numpy_helper.to_array(tensor).astype(np.float64)
        tensor.CopyFrom(numpy_helper.from_array(array, tensor.name))


# -- values ----------------------------------------------------------------------------------------


def values(rng, shape, low=-2.0, high=2.0):
    """float64 values that float32 can hold, uniform."""
    return rng.uniform(low, high, shape).astype(np.float32).astype(np.float64)


def apart(rng, shape, least=0.02):
    """Values of both signs of which no two, and none and zero, are nearer than ``least``."""
    count = int(np.prod(shape))
    steps = rng.permutation(np.arange(count) - count // 2) + 0.5
    jitter = rng.uniform(-0.2, 0.2, count)
    return ((steps + jitter) * 2 * least).astype(np.float32).astype(np.float64).reshape(shape)


# -- both gradients --------------------------------------------------------------------------------


def numerical(model, feeds, seeds, wanted, step=STEP, new_ops=None):
    """Central differences of the outputs, weighted by ``seeds``, for every element of the wanted.

    Parameters
    ----------
    model : onnx.ModelProto
        float64 already.
    feeds, seeds : dict of str to ndarray
        Inputs, and a weight for every element of the outputs it names.
    wanted : sequence of str

    Returns
    -------
    dict of str to ndarray
    """
    run = Evaluator(model, list(seeds), new_ops)
    found = {}
    for name in wanted:
        slope = np.zeros(feeds[name].size)
        for place in range(slope.size):
            high, low = (run(_moved(feeds, name, place, sign * step)) for sign in (1, -1))
            slope[place] = sum(
                np.sum(weight * (high[output] - low[output])) for output, weight in seeds.items()
            ) / (2 * step)
        found[name] = slope.reshape(feeds[name].shape)
    return found


def _moved(feeds, name, place, by):
    moved = feeds[name].copy()
    moved.reshape(-1)[place] += by
    return {**feeds, name: moved}


class Evaluator:
    """The reference evaluator, asked for chosen outputs by name."""

    def __init__(self, model, outputs, new_ops=None):
        self._run = ReferenceEvaluator(model, new_ops=new_ops).run
        self._outputs = outputs

    def __call__(self, feeds):
        return dict(zip(self._outputs, self._run(self._outputs, feeds), strict=True))


def by_onnx_runtime(model, outputs, feeds):
    """The outputs by ONNX Runtime on the CPU, in float32."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    found = session.run(outputs, {name: _as_float32(value) for name, value in feeds.items()})
    return dict(zip(outputs, found, strict=True))


def largest_difference(expected, got):
    """Largest difference of two arrays relative to the largest value (at least 1e-3)."""
    expected, got = np.asarray(expected, np.float64), np.asarray(got, np.float64)
    assert expected.shape == got.shape, f"expected the shape {expected.shape}, got {got.shape}"
    if not expected.size:
        return 0.0
    assert np.isfinite(got).all(), "not finite"
    return float(np.abs(expected - got).max() / max(np.abs(expected).max(), 1e-3))
