"""Fold BatchNorm and constant factors and offsets into the convolution or linear step beside them.

The network keeps its function; fewer steps stand between its inputs and outputs. LRP needs it: what
a normalisation does belongs to the weights, and the relevance of a bias is told apart only there.
"""

from dataclasses import dataclass

import numpy as np

_LINEAR = frozenset(("Conv", "ConvTranspose", "Gemm", "MatMul"))


def fold_scales(model, path, keep=()):
    """Fold what scales and shifts channels into the weights before it, or after it.

    A BatchNormalization, or an Add, Sub, Mul or Div with one constant a channel, goes into the
    Conv, ConvTranspose, Gemm or MatMul that makes what it takes, if nobody else reads that; else
    into the one that reads what it makes, where that pads nothing (or nothing is shifted).

    Parameters
    ----------
    model : onnx.ModelProto
        As `engine.network.load.read_model` gave it; **edited in place**. Weights that change are
        added anew, named ``NAME/folded``.
    path : str or Path
        The file it came from, for external data.
    keep : iterable of str
        Tensors that must stay.

    Returns
    -------
    tuple of str
        Outputs of the nodes that are gone.
    """
    folding = _Folding(model, path, keep)
    for node in list(model.graph.node):
        folding.consider(node)
    gone = folding.gone
    kept = [node for node in model.graph.node if id(node) not in folding.removed]
    kept = [_copy(node) for node in kept]
    del model.graph.node[:]
    model.graph.node.extend(kept)
    return tuple(gone)


@dataclass
class _Scale:
    """y = factor x + offset, float64[C] each or of one value, along the channels."""

    factor: np.ndarray
    offset: np.ndarray

    @property
    def shifts(self):
        return bool(np.any(self.offset != 0))


class _Folding:
    def __init__(self, model, path, keep):
        from engine.network.graph import Graph

        self.model = model
        self.constants = Graph(model, path)
        self.fresh = {}
        nodes = list(model.graph.node)
        self.producer = {name: node for node in nodes for name in node.output if name}
        self.readers = {}
        for node in nodes:
            for name in _reads(node):
                self.readers.setdefault(name, []).append(node)
        self.keep = {*keep, *(value.name for value in model.graph.output)}
        self.removed, self.gone = set(), []

    def value(self, name):
        """A constant's value, newly folded ones included, or None."""
        if name in self.fresh:
            return self.fresh[name]
        if not name or not self.constants.is_constant(name):
            return None
        return self.constants.constant(name)

    def consider(self, node):
        """Fold one node away where that can be done."""
        data = self._data(node)
        if data is None:
            return
        before = self.producer.get(data)
        if self._is_linear(before) and self._only_reader(data, node):
            scale = self._scale(node, data, self._rank(before), self._channels_last(before))
            if scale is not None and self._into_former(before, scale):
                self._remove(node, before, data)
                return
        after = self.readers.get(node.output[0], [])
        if len(after) == 1 and self._only_reader(node.output[0], after[0]):
            self._into_reader(node, data, after[0])

    def _data(self, node):
        """The one input of a scaling node that is computed, or None for other nodes."""
        if node.op_type == "BatchNormalization":
            return node.input[0] if _tests(node) else None
        if node.op_type not in ("Add", "Sub", "Mul", "Div") or len(node.input) != 2:
            return None
        known = [self.value(name) is not None for name in node.input]
        if sum(known) != 1 or (known[0] and node.op_type == "Div"):
            return None
        return node.input[known.index(False)]

    def _only_reader(self, name, node):
        readers = self.readers.get(name, [])
        return name not in self.keep and len(readers) == 1 and readers[0] is node

    def _is_linear(self, node):
        if node is None or node.op_type not in _LINEAR or node.domain not in ("", "ai.onnx"):
            return False
        weights = self.value(node.input[1])
        return weights is not None and weights.dtype.kind == "f" and weights.ndim >= 2

    def _rank(self, node):
        return self.value(node.input[1]).ndim if node.op_type != "MatMul" else None

    def _channels_last(self, node):
        return node.op_type in ("Gemm", "MatMul")

    def _scale(self, node, data, rank, channels_last):
        """What a node does to the channels, or None where it does more."""
        if node.op_type == "BatchNormalization":
            return None if channels_last and rank != 2 else self._normalised(node)
        other = node.input[1 - list(node.input).index(data)]
        values = _by_channel(self.value(other), rank, channels_last)
        if values is None or not np.isfinite(values).all():
            return None
        one, zero = np.ones(1), np.zeros(1)
        if node.op_type == "Add":
            return _Scale(one, values)
        if node.op_type == "Sub":
            return _Scale(one, -values) if node.input[0] == data else _Scale(-one, values)
        if node.op_type == "Div":
            return None if np.any(values == 0) else _Scale(1 / values, zero)
        return _Scale(values, zero)

    def _normalised(self, node):
        values = [self.value(name) for name in node.input[1:5]]
        if any(each is None or each.ndim != 1 for each in values):
            return None
        gain, shift, mean, variance = (each.astype(np.float64) for each in values)
        factor = gain / np.sqrt(variance + _attribute(node, "epsilon", 1e-5))
        return _Scale(factor, shift - mean * factor)

    def _into_former(self, node, scale):
        """W' = factor W, b' = factor b + offset."""
        weights = self.value(node.input[1])
        if node.op_type == "MatMul" and scale.shifts:
            return False
        count = _outputs(node, weights)
        if scale.factor.size not in (1, count) or scale.offset.size not in (1, count):
            return False
        factor = np.broadcast_to(scale.factor, count)
        bias = self._bias(node, count)
        if bias is None:
            return False
        changed = _along_outputs(node, weights.astype(np.float64), factor)
        self._replace(node, 1, changed, weights.dtype)
        if node.op_type != "MatMul":
            self._set_bias(node, bias * factor + scale.offset, weights.dtype)
        return True

    def _into_reader(self, node, data, reader):
        """W' = W factor, b' = b + W offset, for the one linear step that reads what a node makes.

        A padding adds zeros after the shift, so a shift can only move past it where none is.
        """
        if not self._is_linear(reader) or reader.op_type == "ConvTranspose":
            return
        if list(reader.input).index(node.output[0]) != 0 or _attribute(reader, "transA", 0):
            return
        scale = self._scale(node, data, self._rank(reader), self._channels_last(reader))
        if scale is None or (scale.shifts and (_pads(reader) or reader.op_type == "MatMul")):
            return
        weights = self.value(reader.input[1])
        count, taken = _outputs(reader, weights), _inputs(reader, weights)
        bias = self._bias(reader, count)
        if bias is None or any(v.size not in (1, taken) for v in (scale.factor, scale.offset)):
            return
        factor, offset = (np.broadcast_to(v, taken) for v in (scale.factor, scale.offset))
        wide = weights.astype(np.float64)
        added = _sum_over_inputs(reader, _along_inputs(reader, wide, offset))
        self._replace(reader, 1, _along_inputs(reader, wide, factor), weights.dtype)
        if reader.op_type != "MatMul":
            self._set_bias(reader, bias + added * _attribute(reader, "alpha", 1.0), weights.dtype)
        reader.input[0] = data
        self.readers[data] = [reader if each is node else each for each in self.readers[data]]
        self.removed.add(id(node))
        self.gone.append(node.output[0])

    def _bias(self, node, count):
        """The bias as it is added, float64[count]; None where it is no constant of that size."""
        if node.op_type == "MatMul" or len(node.input) < 3 or not node.input[2]:
            return np.zeros(count)
        value = self.value(node.input[2])
        if (
            value is None
            or value.size not in (1, count)
            or value.shape[-1:] not in ((count,), (1,))
        ):
            return None
        return np.broadcast_to(value.astype(np.float64).ravel(), count) * _attribute(
            node, "beta", 1.0
        )

    def _set_bias(self, node, values, dtype):
        if not np.any(values) and (len(node.input) < 3 or not node.input[2]):
            return
        for attribute in node.attribute:
            if attribute.name == "beta":
                attribute.f = 1.0
        self._replace(node, 2, values, dtype)

    def _replace(self, node, place, values, dtype):
        """Give a node a constant of its own."""
        from onnx import numpy_helper

        values = np.ascontiguousarray(values, dtype)
        old = node.input[place] if place < len(node.input) else ""
        if old in self.fresh:
            name = old
            entries = [each for each in self.model.graph.initializer if each.name == name]
            entries[0].CopyFrom(numpy_helper.from_array(values, name))
        else:
            name = self._name(old or f"{node.output[0]}/bias")
            self.model.graph.initializer.append(numpy_helper.from_array(values, name))
        self.fresh[name] = values
        while len(node.input) <= place:
            node.input.append("")
        node.input[place] = name

    def _name(self, base):
        name, count = f"{base}/folded", 1
        while name in self.fresh or name in self.constants.consumers:
            count += 1
            name = f"{base}/folded_{count}"
        return name

    def _remove(self, node, before, data):
        place = list(before.output).index(data)
        before.output[place] = node.output[0]
        self.producer[node.output[0]] = before
        self.removed.add(id(node))
        self.gone.append(data)


# -- axes ------------------------------------------------------------------------------------------


def _outputs(node, weights):
    """How many channels a linear step makes."""
    if node.op_type == "Conv":
        return weights.shape[0]
    if node.op_type == "ConvTranspose":
        return weights.shape[1] * _attribute(node, "group", 1)
    return weights.shape[0 if _attribute(node, "transB", 0) else -1]


def _inputs(node, weights):
    if node.op_type == "Conv":
        return weights.shape[1] * _attribute(node, "group", 1)
    return weights.shape[-1 if _attribute(node, "transB", 0) else -2]


def _along_outputs(node, weights, factor):
    if node.op_type == "Conv":
        return weights * factor.reshape(-1, *(1,) * (weights.ndim - 1))
    if node.op_type == "ConvTranspose":
        group = _attribute(node, "group", 1)
        split = weights.reshape(group, -1, *weights.shape[1:])
        factor = factor.reshape(group, 1, -1, *(1,) * (weights.ndim - 2))
        return (split * factor).reshape(weights.shape)
    return weights * (factor[:, None] if _attribute(node, "transB", 0) else factor)


def _along_inputs(node, weights, factor):
    if node.op_type == "Conv":
        group = _attribute(node, "group", 1)
        split = weights.reshape(group, -1, *weights.shape[1:])
        factor = factor.reshape(group, 1, -1, *(1,) * (weights.ndim - 2))
        return (split * factor).reshape(weights.shape)
    return weights * (factor if _attribute(node, "transB", 0) else factor[:, None])


def _sum_over_inputs(node, weights):
    if node.op_type == "Conv":
        return weights.sum(axis=tuple(range(1, weights.ndim)))
    return weights.sum(axis=-1 if _attribute(node, "transB", 0) else -2)


def _by_channel(values, rank, channels_last):
    """A constant as float64[C] or of one value; None where it differs along other axes."""
    if values.dtype.kind != "f":
        return None
    if values.size == 1:
        return values.astype(np.float64).ravel() if values.ndim <= (rank or 1) else None
    if channels_last:
        fits = values.shape[-1] == values.size and values.ndim <= (rank or 1)
    else:
        axis = values.ndim - rank + 1
        fits = values.ndim <= rank and axis >= 0 and values.shape[axis] == values.size
    return values.astype(np.float64).ravel() if fits else None


def _pads(node):
    """Whether a convolution reads beyond its input's border."""
    padded = any(_attribute(node, "pads", ()))
    return padded or _attribute(node, "auto_pad", b"NOTSET") not in (b"NOTSET", b"VALID")


def _tests(node):
    """Whether a BatchNormalization uses stored statistics."""
    if _attribute(node, "training_mode", 0):
        return False
    return not any(name for name in node.output[1:])


def _attribute(node, name, default):
    from onnx import helper

    for attribute in node.attribute:
        if attribute.name == name:
            return helper.get_attribute_value(attribute)
    return default


def _reads(node):
    """What a node reads, each tensor once; bodies of If and Loop read from outside, too."""
    names = dict.fromkeys(name for name in node.input if name)
    for attribute in node.attribute:
        for body in ([attribute.g] if attribute.HasField("g") else []) + list(attribute.graphs):
            for inner in body.node:
                names.update(_reads(inner))
            names.update((value.name, None) for value in body.output)
    return list(names)


def _copy(node):
    copy = type(node)()
    copy.CopyFrom(node)
    return copy
