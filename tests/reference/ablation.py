"""Scores without filters, slowly: run, set the channels in NumPy, run on from there.

Nothing is cut and nothing is masked: readers of the layer's tensor read a new input of the whole
graph instead, which gets the tensor as NumPy has changed it.
"""

import numpy as np
import onnxruntime
from onnx import helper

from engine.network.load import read_model

GIVEN = "reference/given/"


def scores_without(network, feeds, off, values=None):
    """Scores float32[N, K] of plain ONNX Runtime.

    Parameters
    ----------
    network : Network
    feeds : dict of str to ndarray
    off : dict of str to sequence of int
        Channels by layer.
    values : dict of str to float[C], optional
        What stands in their place; zero by default. Quantised tensors get the nearest number.
    """
    given = {}
    for layer in (layer for layer in network.layers if len(off.get(layer.name, ()))):
        tensor = np.array(_run(network, feeds, given, layer.post))
        by_channel = np.zeros(layer.output_shape[0])
        if values is not None:
            by_channel = np.asarray(values[layer.name], np.float64)
        turned = np.moveaxis(tensor, layer.channel_axis, 0)
        for channel in off[layer.name]:
            turned[channel] = _stored(network, layer.post, by_channel[channel], tensor.dtype)
        given[layer.post] = tensor
    return network.scores.read(_run(network, feeds, given, network.scores.tensor))


def _run(network, feeds, given, output):
    if output in given:
        return given[output]
    model = read_model(network.graph.path)
    for node in model.graph.node:
        _read(node, given)
    for name, value in given.items():
        code = helper.np_dtype_to_tensor_dtype(value.dtype)
        model.graph.input.append(
            helper.make_tensor_value_info(GIVEN + name, code, list(value.shape))
        )
    del model.graph.output[:]
    model.graph.output.add(name=output)
    providers = ["CPUExecutionProvider"]
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=providers)
    names = {each.name for each in session.get_inputs()}
    every = feeds | {GIVEN + name: value for name, value in given.items()}
    return session.run([output], {name: every[name] for name in names})[0]


def _read(node, given):
    node.input[:] = [GIVEN + name if name in given else name for name in node.input]
    for attribute in node.attribute:
        for inner in attribute.g.node:
            _read(inner, given)


def _stored(network, name, value, dtype):
    """A real number as the tensor stores it: behind a DequantizeLinear the nearest that it has."""
    graph, maker = network.graph, network.graph.producer.get(name)
    if maker is not None and maker.op_type == "DequantizeLinear" and dtype.kind == "f":
        step, zero = (float(graph.constant(each)) for each in maker.inputs[1:3])
        return (np.clip(np.rint(value / step) + zero, *_limits(graph, maker)) - zero) * step
    if dtype.kind not in "iu":
        return value
    from engine.network.layers import quantisation

    scale = quantisation(graph, name)
    counted = np.rint(value / scale.scale[0]) + scale.zero_point[0]
    return np.clip(counted, np.iinfo(dtype).min, np.iinfo(dtype).max)


def _limits(graph, maker):
    info = np.iinfo(graph.constant(maker.inputs[2]).dtype)
    return info.min, info.max
