"""The rest of a network from some layers on, in which channels of these layers can be replaced.

What lies before the first of the layers is a graph of its own: it runs once, the rest as often as
is wanted. Where a layer is followed by steps that treat each channel by itself and only make less
of it (poolings, a Flatten), the cut lies behind these: a replaced channel is constant there, too.
"""

from dataclasses import dataclass, replace

import numpy as np

from engine.errors import InputError
from engine.network.axes import channel_axis, layout_letters
from engine.network.layers import Quantisation, quantisation
from engine.network.load import opset_of, read_model
from engine.rewrite.expose import expose
from engine.rewrite.halve import halve
from engine.rewrite.mask import mask
from engine.rewrite.upgrade import upgrade

SCORES = "lamella/scores"
"""The output of the rest: the class scores' tensor, as `engine.network.scores.Scores` reads it."""

WHERE_SINCE = 9
"""The first operator set that has Where."""


@dataclass(frozen=True, eq=False)
class Site:
    """Where channels of a layer are replaced.

    Attributes
    ----------
    layer, tensor : str
    dtype : str
        Of the tensor in the file.
    axis, rank : int
        The axis along which channels lie, and the number of axes.
    channel_of : int32[n]
        The channel of each index along that axis.
    quantisation : Quantisation or None
        What the tensor's integers stand for.
    """

    layer: str
    tensor: str
    dtype: str
    axis: int
    rank: int
    channel_of: np.ndarray
    quantisation: Quantisation | None

    @property
    def shape(self):
        """Of what says which channels are off, and of what replaces them."""
        return tuple(len(self.channel_of) if i == self.axis else 1 for i in range(self.rank))

    def off(self, channels):
        """bool[`shape`]: true at these channels."""
        chosen = np.zeros(int(self.channel_of.max(initial=0)) + 1, bool)
        chosen[np.asarray(channels, np.int64)] = True
        return chosen[self.channel_of].reshape(self.shape)

    def values(self, by_channel):
        """Real values, float[C], as numbers of the tensor's dtype in `shape`."""
        values = np.asarray(by_channel, np.float64)[self.channel_of].reshape(self.shape)
        if self.quantisation is None:
            return np.ascontiguousarray(
                values, "float32" if self.dtype == "bfloat16" else self.dtype
            )
        steps, zeros = (
            np.asarray(v) for v in (self.quantisation.scale, self.quantisation.zero_point)
        )
        if steps.size > 1:  # one for each index along the channels
            steps, zeros = steps.reshape(self.shape), zeros.reshape(self.shape)
        info = np.iinfo(self.dtype)
        counted = np.clip(np.rint(values / steps) + zeros, info.min, info.max)
        return np.ascontiguousarray(counted, self.dtype)


@dataclass(frozen=True, eq=False)
class Cut:
    """A network in two.

    Attributes
    ----------
    before : onnx.ModelProto or None
        From the pictures to what crosses the cut; None where no layer reaches the scores.
    after : onnx.ModelProto
        From there to `SCORES`; its other inputs say which channels are off.
    crossing : tuple of str
        Tensors: outputs of ``before``, inputs of ``after``.
    sites : tuple of Site
        The layers that reach the scores.
    masks : dict of str to engine.rewrite.mask.Mask
        By tensor.
    """

    before: object
    after: object
    crossing: tuple
    sites: tuple
    masks: dict

    @property
    def nbytes(self):
        """Bytes of both graphs, without weights that lie in the file."""
        return sum(model.ByteSize() for model in (self.before, self.after) if model is not None)


def whole(network):
    """The network's own graph with the class scores as its one output `SCORES`."""
    model = read_model(network.graph.path, map_weights=True)
    expose(model, [network.scores.tensor])
    name = model.graph.output[0].name
    del model.graph.output[:]
    model.graph.output.add(name=SCORES)
    model.graph.node.add(op_type="Identity", name=SCORES, input=[name], output=[SCORES])
    return model


def cut(network, layers):
    """Cut a network before the first of some layers' consumers.

    Parameters
    ----------
    network : engine.network.network.Network
        With class scores.
    layers : iterable of str

    Returns
    -------
    Cut
        Every tensor that crosses is kept: a skip connection past the layers, too.

    Raises
    ------
    InputError
        For an unknown layer, one without channels, or one whose integers have no fixed scale.
    """
    sites = [site_of(network, name) for name in dict.fromkeys(layers)]
    reaching = _before(network.graph, [network.scores.tensor]) | {network.scores.tensor}
    sites = [site for site in sites if site.tensor in reaching]
    model = whole(network)
    if not sites:
        return Cut(None, model, (), (), {})
    if (opset_of(model) or WHERE_SINCE) < WHERE_SINCE:
        model = upgrade(model, WHERE_SINCE, network.graph.path)
    taken = {site.tensor for site in sites}
    first = {s.tensor for s in sites if not taken & _before(network.graph, [s.tensor])}
    stop = (taken - first) | {network.scores.tensor}
    sites = [_moved(network, site, stop) if site.tensor in first else site for site in sites]
    roots = [site.tensor for site in sites if site.tensor not in taken - first]
    before, after = halve(model, roots, lambda name: _typed(network, model, name))
    crossing = tuple(value.name for value in before.graph.output)
    masks = mask(after, {s.tensor: (_code(s.dtype), s.shape) for s in sites})
    return Cut(before, after, crossing, tuple(sites), masks)


def before_layer(network, layer):
    """The graph from the pictures to a layer's ``post`` tensor as real numbers, its one output."""
    model = read_model(network.graph.path, map_weights=True)
    expose(model, [network.layer(layer).post])
    return model


def site_of(network, name):
    """Where channels of a layer are replaced, before it is moved."""
    layer = network.layer(name)
    letters = layout_letters(layer.file_layout)
    axis = channel_axis(letters)
    if axis is None:
        raise InputError(f"layer {name!r} has no channels to switch off", where=network.path)
    tensor = layer.post
    maker = network.graph.producer.get(tensor)
    if maker is not None and maker.op_type == "DequantizeLinear":
        stored = maker.inputs[0]  # replaced as integers, so that integer operators stay fused
        if stored in network.graph.producer and quantisation(network.graph, stored) is not None:
            tensor = stored
    dtype = network.dtypes.get(tensor, "float32")
    scale = quantisation(network.graph, tensor) if dtype in INTEGERS else None
    if dtype in INTEGERS and scale is None:
        raise InputError(
            f"layer {name!r} finds the scale of its integers anew for each sample, so that no "
            "number of them stands for zero",
            where=network.path,
            remedy="switch off a layer before or behind it",
        )
    size = network.shapes[tensor][axis]
    if len(letters[axis]) > 1 and size != layer.output_shape[0]:
        raise InputError(
            f"the channels of layer {name!r} lie in one axis with the samples",
            where=network.path,
            remedy="switch off a layer before or behind it",
        )
    channels = np.arange(size, dtype=np.int32)
    return Site(name, tensor, dtype, axis, len(letters), channels, scale)


INTEGERS = ("uint8", "int8", "uint16", "int16")


def _before(graph, tensors):
    """Every tensor that some tensors depend on, without themselves."""
    found, waiting = set(), list(tensors)
    while waiting:
        maker = graph.producer.get(waiting.pop())
        for name in maker.reads if maker is not None else ():
            if name not in found:
                found.add(name)
                waiting.append(name)
    return found


# -- behind what treats each channel by itself ----------------------------------------------------


def _moved(network, site, stop):
    """The site behind poolings and the like that follow it, while nobody else reads it."""
    graph = network.graph
    outputs = {output.name for output in graph.outputs}
    while True:
        readers = graph.consumers.get(site.tensor, ())
        if site.tensor in outputs or site.tensor in stop or len(readers) != 1:
            return site
        node = readers[0]
        if node.outputs[0] in stop or any(node.outputs[1:]) or node.inputs[0] != site.tensor:
            return site
        step = _STEPS.get(node.op_type) if node.domain == "" else None
        behind = step(network, site, node) if step is not None else None
        if behind is None:
            return site
        site = behind


def _pooled(network, site, node):
    return replace(site, tensor=node.outputs[0]) if site.axis == 1 else None


def _averaged(network, site, node):
    """Averages of a constant are that constant, unless the border's zeros count."""
    padded = any(node.attributes.get("pads", ())) or node.attributes.get("ceil_mode", 0)
    padded = padded or node.attributes.get("auto_pad", "NOTSET") not in ("NOTSET", "VALID")
    if padded and node.attributes.get("count_include_pad", 0):
        return None
    return _pooled(network, site, node)


def _same(network, site, node):
    return replace(site, tensor=node.outputs[0])


def _turned(network, site, node):
    order = node.attributes.get("perm") or tuple(reversed(range(site.rank)))
    return replace(site, tensor=node.outputs[0], axis=list(order).index(site.axis))


def _flattened(network, site, node):
    """[N, C, H, W] or [N, H, W, C] as [N, all]."""
    name = node.outputs[0]
    before, behind = network.shapes.get(site.tensor), network.shapes.get(name)
    if before is None or behind is None or site.axis == 0 or len(before) < 2:
        return None
    if tuple(behind) != (before[0], int(np.prod(before[1:]))):
        return None
    shape = [1] * (len(before) - 1)
    shape[site.axis - 1] = before[site.axis]
    channels = np.broadcast_to(site.channel_of.reshape(shape), before[1:])
    return replace(
        site, tensor=name, axis=1, rank=2, channel_of=np.ascontiguousarray(channels).reshape(-1)
    )


_STEPS = {
    "MaxPool": _pooled,
    "GlobalMaxPool": _pooled,
    "AveragePool": _averaged,
    "GlobalAveragePool": _pooled,
    "Identity": _same,
    "Transpose": _turned,
    "Flatten": _flattened,
    "Reshape": _flattened,
    "Squeeze": _flattened,
}


# -- types ----------------------------------------------------------------------------------------


def _typed(network, model, name):
    """A tensor that crosses the cut: its dtype, and its shape with the batch left free.

    None for what only a conversion of the file has made.
    """
    from onnx import helper

    for value in model.graph.input:
        if value.name == name:
            return value
    if name not in network.shapes or name not in network.dtypes:
        return None
    sizes = list(network.shapes[name])
    two = network.two_shapes.get(name) if network.batch_is_free else None
    if two is not None and len(two) == len(sizes):
        sizes = [a if a == b else None for a, b in zip(sizes, two, strict=True)]
    return helper.make_tensor_value_info(name, _code(network.dtypes[name]), sizes)


def _code(dtype):
    import onnx

    if dtype == "bfloat16":
        return onnx.TensorProto.BFLOAT16
    if dtype == "str":
        return onnx.TensorProto.STRING
    return onnx.helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
