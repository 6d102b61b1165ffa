"""One rule at a time: against finite differences, with several seeds, and by ONNX Runtime.

A model of one node is made in float64 and run by ``onnx.reference``, so that rounding stays far
below the differences. A central difference with step h errs by h^2 times the third derivative and
by the rounding of one evaluation over h: with h = 1e-5 and values near 1 both are below 1e-9.
Values are drawn so that they stay away from kinks (`apart`).

The same rule is then asked for the gradients of three seeds that share one forward pass, and its
graph is run by ONNX Runtime in float32, because a rule that only the reference evaluator
understands is of no use.
"""

import numpy as np
import onnx
import onnxruntime
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from engine.gradient import OPSET
from engine.gradient.forward import Forward
from tests.engine.gradient.checking import backward_model
from tests.reference.operators import OPERATORS

STEP = 1e-5
TOLERANCE = 1e-6
TOLERANCE_OF_FLOAT32 = 5e-4


# -- models ----------------------------------------------------------------------------------------


def one_node(op_type, *inputs, constants=(), outputs=1, opset=OPSET, domain="", **attributes):
    """A model of one node, and what it is fed with.

    Parameters
    ----------
    op_type : str
    *inputs : ndarray or None
        In the operator's order; they are named ``x0``, ``x1`` ...; None is an absent one.
    constants : collection of int
        Places of the inputs that are initializers, besides all whole numbers; the rest are inputs
        of the graph.
    outputs : int
        They are named ``y0``, ``y1`` ...
    **attributes
        Those that are None are left out.

    Returns
    -------
    (onnx.ModelProto, dict of str to ndarray)
    """
    names = [f"x{place}" if value is not None else "" for place, value in enumerate(inputs)]
    given = {key: value for key, value in attributes.items() if value is not None}
    results = [f"y{place}" for place in range(outputs)]
    node = helper.make_node(op_type, names, results, "node", domain=domain, **given)
    arrays = {name: np.asarray(v) for name, v in zip(names, inputs, strict=True) if name}
    fixed = {n for n, v in arrays.items() if v.dtype.kind in "iub" or int(n[1:]) in constants}
    return model_of([node], arrays, fixed, results, opset, domain)


def model_of(nodes, arrays, constants=(), outputs=("y0",), opset=OPSET, domain=""):
    """As `one_node`, of several nodes; ``arrays`` by name, ``constants`` the names of some."""
    feeds = {name: value for name, value in arrays.items() if name not in constants}
    declared = [
        helper.make_tensor_value_info(n, helper.np_dtype_to_tensor_dtype(v.dtype), v.shape)
        for n, v in feeds.items()
    ]
    fixed = [numpy_helper.from_array(arrays[name], name) for name in arrays if name in constants]
    results = [onnx.ValueInfoProto(name=name) for name in outputs]
    graph = helper.make_graph(nodes, "case", declared, results, fixed)
    imports = [helper.make_opsetid("", opset)]
    imports += [helper.make_opsetid(domain, 1)] if domain else []
    return helper.make_model(graph, opset_imports=imports, ir_version=9), feeds


def with_floats(model, dtype):
    """A copy of a model whose floats have another dtype: constants, inputs and casts too.

    Parameters
    ----------
    model : onnx.ModelProto
    dtype : numpy dtype
        float32 or float64.
    """
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    _change_floats(copy.graph, np.dtype(dtype))
    return copy


_FLOATS = (TensorProto.FLOAT16, TensorProto.FLOAT, TensorProto.DOUBLE)


def _change_floats(graph, dtype):
    code = helper.np_dtype_to_tensor_dtype(dtype)
    for tensor in graph.initializer:
        _change_tensor(tensor, dtype)
    for value in (*graph.input, *graph.output, *graph.value_info):
        if value.type.tensor_type.elem_type in _FLOATS:
            value.type.tensor_type.elem_type = code
    for node in graph.node:
        if node.op_type == "ConstantOfShape" and not node.attribute:
            zero = numpy_helper.from_array(np.zeros(1, dtype))
            node.attribute.append(helper.make_attribute("value", zero))
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.TENSOR:
                _change_tensor(attribute.t, dtype)
            elif attribute.type == onnx.AttributeProto.GRAPH:
                _change_floats(attribute.g, dtype)
            elif attribute.name in ("to", "dtype") and attribute.i in _FLOATS:
                attribute.i = code


def _change_tensor(tensor, dtype):
    if tensor.data_type in _FLOATS:
        array = numpy_helper.to_array(tensor).astype(dtype)
        tensor.CopyFrom(numpy_helper.from_array(array, tensor.name))


# -- values ----------------------------------------------------------------------------------------

SEEDS = st.integers(0, 2**31 - 1)


def sizes(least=1, most=4, dims=(1, 4)):
    """Strategy of shapes; sizes of one are common, because broadcasting turns on them."""
    size = (
        st.one_of(st.just(1), st.integers(least, most)) if least <= 1 else st.integers(least, most)
    )
    return st.lists(size, min_size=dims[0], max_size=dims[1]).map(tuple)


def values(rng, shape, low=-2.0, high=2.0):
    """float64 values that float32 can hold, uniform."""
    return rng.uniform(low, high, shape).astype(np.float32).astype(np.float64)


def apart(rng, shape, least=0.02):
    """Values of both signs of which no two, and none and zero, are nearer than ``least``."""
    count = int(np.prod(shape))
    steps = rng.permutation(np.arange(count) - count // 2) + 0.5
    spread = (steps + rng.uniform(-0.2, 0.2, count)) * 2 * least
    return spread.astype(np.float32).astype(np.float64).reshape(shape)


# -- the check -------------------------------------------------------------------------------------


def check_rule(model, feeds, wanted=None, *, batched=(), tolerance=TOLERANCE, by_runtime=True):
    """Assert that the gradients of a float64 model are those of finite differences.

    Parameters
    ----------
    model, feeds
        As `one_node` gives them.
    wanted : sequence of str, optional
        Inputs or constants; all float inputs.
    batched : collection of str
        Inputs whose first axis is the batch. Where it is 1 for all of them, three seeds are
        tried as well.
    tolerance : float
        Of the largest gradient.
    by_runtime : bool
        Also run the graph by ONNX Runtime in float32.

    Returns
    -------
    dict of str to ndarray
    """
    wanted = list(wanted or (n for n, v in feeds.items() if v.dtype.kind == "f"))
    arrays = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer} | feeds
    rng = np.random.default_rng(7)
    results = by_reference(model, [value.name for value in model.graph.output], feeds)
    seeds = {n: values(rng, np.shape(v)) for n, v in results.items() if _is_float(v)}
    found = analytical(model, feeds, seeds, wanted, batched)
    expected = numerical(model, arrays, seeds, wanted)
    for name in wanted:
        _assert_close(name, expected[name], found[name], tolerance)
    if by_runtime:
        narrow = analytical(model, feeds, seeds, wanted, batched, dtype=np.float32)
        for name in wanted:
            _assert_close(f"{name} in float32", expected[name], narrow[name], TOLERANCE_OF_FLOAT32)
    if batched and all(feeds[name].shape[0] == 1 for name in batched):
        _check_seeds(model, feeds, seeds, [n for n in wanted if n in batched], batched, tolerance)
    return found


def analytical(model, feeds, seeds, wanted, batched=(), *, dtype=np.float64, per_sample=False):
    """The gradients of weighted outputs by the backward graph.

    In float64 by the reference evaluator, in float32 by ONNX Runtime; zeros where none arrives.
    """
    if dtype != np.float64:
        model = with_floats(model, dtype)
        feeds, seeds = _as_floats(feeds, dtype), _as_floats(seeds, dtype)
    forward = forward_of(model, feeds, batched)
    graph, found = backward_model(forward, list(seeds), wanted, per_sample=per_sample)
    graph = with_floats(graph, dtype)
    ranks = {g: len(forward.sizes(n)) + per_sample for n, g in found.items()}
    _declare(graph, seeds, ranks)
    onnx.checker.check_model(graph)
    names = list(dict.fromkeys(name for name in found.values() if name))
    given = feeds | {f"seed/{name}": value for name, value in seeds.items()}
    results = dict.fromkeys(names)
    if names and dtype == np.float64:
        results = dict(
            zip(names, ReferenceEvaluator(graph, new_ops=OPERATORS).run(names, given), strict=True)
        )
    elif names:
        results = by_onnx_runtime(graph, names, given)
    return {n: results[g] if g else np.zeros(forward.sizes(n)) for n, g in found.items()}


def _declare(graph, seeds, ranks):
    """The checker wants the type and rank of every input and output."""
    code = helper.np_dtype_to_tensor_dtype(next(iter(seeds.values())).dtype)
    ranks = ranks | {f"seed/{name}": np.ndim(value) for name, value in seeds.items()}
    for value in (*graph.graph.input, *graph.graph.output):
        if value.name in ranks:
            shape = [None] * ranks[value.name]
            value.CopyFrom(helper.make_tensor_value_info(value.name, code, shape))


def check_samples(model, feeds, wanted, batched=("x0",)):
    """Gradients of constants for every sample have the batch in front, and sum to the whole."""
    outputs = by_reference(model, [value.name for value in model.graph.output], feeds)
    seeds = {n: values(np.random.default_rng(7), np.shape(v)) for n, v in outputs.items()}
    single = analytical(model, feeds, seeds, wanted, batched, per_sample=True)
    together = analytical(model, feeds, seeds, wanted, batched)
    for name in wanted:
        assert single[name].shape == (len(feeds["x0"]), *together[name].shape), name
        assert np.allclose(single[name].sum(0), together[name])


def forward_of(model, feeds, batched=()):
    """A `Forward` with the sizes that running the model gives, at the batch and at twice that."""
    once = every_value(model, feeds)
    doubled = {n: np.concatenate([v] * 2) if n in batched else v for n, v in feeds.items()}
    twice = every_value(model, doubled) if batched else {}
    dtypes = {name: str(np.asarray(value).dtype) for name, value in once.items()}
    shapes = ({name: np.shape(v) for name, v in each.items()} for each in (once, twice))
    return Forward(model, "network.onnx", *shapes, dtypes)


def by_reference(model, outputs, feeds):
    """Outputs by the reference evaluator: dict of str to ndarray."""
    run = ReferenceEvaluator(model, new_ops=OPERATORS).run
    return dict(zip(outputs, run(outputs, feeds), strict=True))


def every_value(model, feeds):
    """Inputs, and all that nodes make."""
    exposed = onnx.ModelProto()
    exposed.CopyFrom(model)
    del exposed.graph.output[:]
    names = [name for node in exposed.graph.node for name in node.output if name]
    exposed.graph.output.extend(onnx.ValueInfoProto(name=name) for name in names)
    return feeds | by_reference(exposed, names, feeds)


def numerical(model, arrays, seeds, wanted, step=STEP):
    """Central differences of the outputs, weighted by seeds, for every element of the wanted.

    Parameters
    ----------
    model : onnx.ModelProto
        In float64.
    arrays, seeds : dict of str to ndarray
        Inputs and constants, and a weight for every element of the outputs it names.
    wanted : sequence of str

    Returns
    -------
    dict of str to ndarray
    """
    run = ReferenceEvaluator(model, new_ops=OPERATORS).run
    outputs = list(seeds)
    found = {}
    for name in wanted:
        slope = np.zeros(arrays[name].shape)
        for place in np.ndindex(slope.shape):
            ends = []
            for sign in (1, -1):
                moved = arrays[name].copy()  # outputs may be views of what they were made of
                moved[place] += sign * step
                ends.append(run(outputs, arrays | {name: moved}))
            change = (np.sum(seeds[o] * (h - w)) for o, h, w in zip(outputs, *ends, strict=True))
            slope[place] = sum(change) / (2 * step)
        found[name] = slope
    return found


def by_onnx_runtime(model, outputs, feeds):
    """Outputs by ONNX Runtime on the CPU: dict of str to ndarray."""
    return dict(zip(outputs, session_of(model).run(outputs, feeds), strict=True))


def session_of(model):
    """ONNX Runtime's session of a model, on one thread of the CPU."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


def _check_seeds(model, feeds, seeds, wanted, batched, tolerance):
    """Three seeds in one batch with one forward pass give what each gives alone."""
    axes = {n: forward_of(model, feeds, batched).shape(n).index(None) for n in seeds}
    several = [{n: v * (k + 1) + k for n, v in seeds.items()} for k in range(3)]
    joined = {n: np.concatenate([each[n] for each in several], axes[n]) for n in seeds}
    together = analytical(model, feeds, joined, wanted, batched)
    for place, each in enumerate(several):
        alone = analytical(model, feeds, each, wanted, batched)
        for name in wanted:
            got = together[name][place : place + 1]
            _assert_close(f"{name}, seed {place}", alone[name], got, tolerance)


def _assert_close(name, expected, got, tolerance):
    assert np.shape(got) == np.shape(expected), (name, np.shape(expected), np.shape(got))
    if not np.size(expected):
        return
    assert np.isfinite(got).all(), (name, got)
    scale = max(1.0, np.abs(expected).max())
    worst = np.abs(np.asarray(expected, np.float64) - got).max() / scale
    assert worst <= tolerance, (name, worst, expected, got)


def _as_floats(arrays, dtype):
    return {n: v.astype(dtype) if v.dtype.kind == "f" else v for n, v in arrays.items()}


def _is_float(value):
    return isinstance(value, np.ndarray | np.floating) and value.dtype.kind == "f"
