"""Puts the needed part of a forward graph and what was emitted beside it into one model."""

from dataclasses import dataclass

import numpy as np

from engine.errors import InputError

PRODUCER = "lamella"


@dataclass(frozen=True)
class Output:
    """An output (or the seed's input): its name, the tensor, its dtype and declared shape."""

    name: str
    tensor: str
    dtype: str
    shape: tuple


def assemble(network, forward, emitter, outputs, *, seed=None):
    """Make a model of what the outputs need.

    Parameters
    ----------
    network : engine.network.network.Network
    forward : engine.gradient.forward.Forward
    emitter : engine.gradient.emit.Emitter
    outputs : list of Output
    seed : Output, optional
        One more input.

    Returns
    -------
    (onnx.ModelProto, list of str)
        The model, and the names of its inputs. Large weights are references, as in ``forward``.
    """
    import onnx
    from onnx import helper, numpy_helper

    needed = _needed(forward, emitter, [each.tensor for each in outputs])
    model = onnx.ModelProto(ir_version=max(8, forward.model.ir_version), producer_name=PRODUCER)
    graph = model.graph
    graph.name = "gradients"
    for proto in _in_order(forward):
        if any(name in needed for name in proto.output):
            graph.node.append(_without_unread(proto, needed))
    graph.node.extend(node for node in emitter.nodes if node.output[0] in needed)
    for tensor in forward.model.graph.initializer:
        if tensor.name in needed:
            graph.initializer.append(tensor)
    for tensor in forward.model.graph.sparse_initializer:
        if tensor.values.name in needed:
            graph.sparse_initializer.append(tensor)
    for name, value in emitter.constants.items():
        if name in needed:
            graph.initializer.append(numpy_helper.from_array(value, name))
    inputs = _inputs(network, forward, seed)
    graph.input.extend(inputs)
    taken = needed | {value.name for value in inputs}
    for each in outputs:
        if each.name in taken:
            raise InputError(f"a tensor of the network is named {each.name!r}")
        graph.node.append(helper.make_node("Identity", [each.tensor], [each.name]))
        graph.output.append(_declared(each))
    _import(model, forward)
    return model, [value.name for value in inputs]


def _needed(forward, emitter, tensors):
    """Every tensor that the outputs depend on."""
    makers = {name: node.input for node in emitter.nodes for name in node.output}
    producer = forward.graph.producer
    added = {n: p.output[0] for p in forward.model.graph.node for n in p.output[1:] if n}
    needed, waiting = set(), list(tensors)
    while waiting:
        name = waiting.pop()
        if not name or name in needed:
            continue
        needed.add(name)
        if name in makers:
            waiting.extend(makers[name])
        elif name in producer:
            waiting.extend(producer[name].reads)
        elif name in added:
            waiting.extend(producer[added[name]].reads)
    return needed


def _without_unread(proto, needed):
    """A node without optional outputs at its end that nobody reads; those of a Split are none."""
    if proto.op_type == "Split":
        return proto
    kept = list(proto.output)
    while len(kept) > 1 and kept[-1] not in needed:
        kept.pop()
    if len(kept) == len(proto.output):
        return proto
    copy = type(proto)()
    copy.CopyFrom(proto)
    copy.output[:] = kept
    return copy


def _in_order(forward):
    """The forward graph's nodes as protobuf, in an order that runs."""
    protos = {_first(proto.output): proto for proto in forward.model.graph.node}
    return [protos[_first(node.outputs)] for node in forward.graph.nodes]


def _first(outputs):
    return next((name for name in outputs if name), "")


def _inputs(network, forward, seed):
    from onnx import helper

    values = []
    for tensor in network.inputs:
        declared = next(v for v in forward.model.graph.input if v.name == tensor.name)
        code = declared.type.tensor_type.elem_type
        shape = _input_shape(network, tensor)
        values.append(helper.make_tensor_value_info(tensor.name, code, shape))
    if seed is not None:
        values.append(_declared(seed))
    return values


def _input_shape(network, tensor):
    """The shape at which the network was opened, the batch as free as it is."""
    if tensor.name not in network.shapes:
        return None if tensor.shape is None else list(tensor.shape)
    shape = list(network.shapes[tensor.name])
    two = network.two_shapes.get(tensor.name) if network.batch_is_free else None
    if two is not None:
        shape = ["N" if a != b else a for a, b in zip(shape, two, strict=True)]
    return shape


def _declared(each):
    from onnx import helper

    code = helper.np_dtype_to_tensor_dtype(np.dtype(each.dtype))
    return helper.make_tensor_value_info(each.name, code, list(each.shape))


def _import(model, forward):
    """The operator sets of the operators that are used."""
    used = {"" if node.domain == "ai.onnx" else node.domain for node in model.graph.node}
    used |= {""}
    versions = {}
    for entry in forward.model.opset_import:
        versions["" if entry.domain == "ai.onnx" else entry.domain] = entry.version
    versions[""] = forward.opset
    for domain in sorted(used):
        model.opset_import.add(domain=domain, version=versions.get(domain, 1))
