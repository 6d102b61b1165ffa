"""Checks a rule by central finite differences in float64, with the ONNX reference evaluator."""

import numpy as np
import onnx
from onnx import helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from engine.gradient import OPSET
from engine.gradient.backward import Backward
from engine.gradient.forward import Forward


def model_of(nodes, inputs, constants=None, outputs=None, opset=OPSET):
    """A float64 model; ``inputs`` and ``constants`` are dicts of arrays, ``outputs`` names."""
    values = [
        helper.make_tensor_value_info(
            name, helper.np_dtype_to_tensor_dtype(array.dtype), array.shape
        )
        for name, array in inputs.items()
    ]
    outputs = outputs or [nodes[-1].output[0]]
    graph = helper.make_graph(
        nodes,
        "network",
        values,
        [onnx.ValueInfoProto(name=name) for name in outputs],
        [numpy_helper.from_array(np.asarray(a), name) for name, a in (constants or {}).items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=9)


def forward_of(model, inputs, *, batched=True):
    """A `Forward` with the shapes that running the model gives.

    ``batched``: the first axis of the first input is the batch; it is found in the other tensors
    by running the model with this input twice as long.
    """
    values = every_value(model, inputs)
    sizes = {name: np.shape(value) for name, value in values.items()}
    dtypes = {name: str(np.asarray(value).dtype) for name, value in values.items()}
    two = {}
    if batched:
        first = next(iter(inputs))
        doubled = inputs | {first: np.concatenate([inputs[first]] * 2)}
        two = {name: np.shape(value) for name, value in every_value(model, doubled).items()}
    return Forward(model, "network.onnx", sizes, two, dtypes)


def every_value(model, inputs):
    """Inputs and every tensor that a node makes, by the reference evaluator."""
    exposed = onnx.ModelProto()
    exposed.CopyFrom(model)
    del exposed.graph.output[:]
    names = [name for node in exposed.graph.node for name in node.output if name]
    exposed.graph.output.extend(onnx.ValueInfoProto(name=name) for name in names)
    found = ReferenceEvaluator(exposed).run(names, inputs)
    return dict(inputs) | dict(zip(names, found, strict=True))


def backward_model(forward, seeds, wanted, *, rules=None, per_sample=False):
    """A model of forward and backward pass; seeds are inputs named ``seed/TENSOR``.

    Returns the model and the names of the gradients, None where none arrives.
    """
    back = Backward(forward, rules, per_sample=per_sample)
    found = back.run({name: f"seed/{name}" for name in seeds}, wanted)
    model = onnx.ModelProto()
    model.CopyFrom(forward.model)
    model.graph.node.extend(back.emitter.nodes)
    model.graph.initializer.extend(
        numpy_helper.from_array(value, name) for name, value in back.emitter.constants.items()
    )
    for name in seeds:
        model.graph.input.append(
            helper.make_tensor_value_info(f"seed/{name}", onnx.TensorProto.DOUBLE, None)
        )
    del model.graph.output[:]
    names = dict.fromkeys(name for name in found.values() if name)
    model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in names)
    return model, found


def gradients(model, inputs, wanted, *, seed=0, batched=True, per_sample=False, rules=None):
    """Gradients of a random weighting of all outputs, from the backward graph.

    Returns
    -------
    (dict of str to (ndarray or None), dict of str to ndarray)
        Gradients by wanted tensor, and the weighting by output.
    """
    forward = forward_of(model, inputs, batched=batched)
    random = np.random.default_rng(seed)
    outputs = [value.name for value in model.graph.output]
    values = dict(zip(outputs, ReferenceEvaluator(model).run(outputs, inputs), strict=True))
    weights = {name: random.normal(size=np.shape(value)) for name, value in values.items()}
    graph, found = backward_model(forward, outputs, wanted, rules=rules, per_sample=per_sample)
    names = [name for name in dict.fromkeys(found.values()) if name]
    feeds = inputs | {f"seed/{name}": value for name, value in weights.items()}
    if not names:
        return dict.fromkeys(wanted), weights
    results = dict(zip(names, ReferenceEvaluator(graph).run(names, feeds), strict=True))
    return {name: results.get(gradient) for name, gradient in found.items()}, weights


def differences(model, inputs, wanted, weights, *, step=1e-6, most=24, seed=0):
    """Central finite differences of the weighted outputs: dict of tensor to [(place, value)].

    ``most`` places of each wanted tensor (an input or an initializer) are tried, chosen at random.
    """
    random = np.random.default_rng(seed)
    constants = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
    outputs = list(weights)

    def weighted(name, array):
        if name in inputs:
            found = ReferenceEvaluator(model).run(outputs, inputs | {name: array})
        else:
            edited = onnx.ModelProto()
            edited.CopyFrom(model)
            tensor = next(t for t in edited.graph.initializer if t.name == name)
            tensor.CopyFrom(numpy_helper.from_array(array, name))
            found = ReferenceEvaluator(edited).run(outputs, inputs)
        return sum(float((weights[o] * v).sum()) for o, v in zip(outputs, found, strict=True))

    table = {}
    for name in wanted:
        array = inputs[name] if name in inputs else constants[name]
        places = random.permutation(array.size)[:most]
        table[name] = []
        for place in places:
            up, down = array.astype(np.float64).copy(), array.astype(np.float64).copy()
            up.ravel()[place] += step
            down.ravel()[place] -= step
            slope = (weighted(name, up) - weighted(name, down)) / (2 * step)
            table[name].append((int(place), slope))
    return table


def check(model, inputs, wanted, *, tolerance=1e-5, seed=0, batched=True, step=1e-6, most=24):
    """Assert that the gradients of a float64 model are those of finite differences.

    The tolerance is relative to the largest gradient: central differences with a step of 1e-6 are
    exact to about 1e-9 of values near 1, cancellation takes a thousandfold of that.
    """
    found, weights = gradients(model, inputs, wanted, seed=seed, batched=batched)
    expected = differences(model, inputs, wanted, weights, step=step, most=most, seed=seed)
    constants = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
    for name in wanted:
        shape = (inputs[name] if name in inputs else constants[name]).shape
        got = np.zeros(shape) if found[name] is None else found[name]
        assert got.shape == shape, (name, got.shape, shape)
        slopes = np.array([slope for _, slope in expected[name]])
        mine = np.array([got.ravel()[place] for place, _ in expected[name]])
        scale = max(1.0, np.abs(slopes).max(initial=0))
        assert np.abs(mine - slopes).max(initial=0) <= tolerance * scale, (name, mine, slopes)
