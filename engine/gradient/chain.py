"""A layer of a plain chain: the steps between the network's input and one of its tensors.

Convolutions, max poolings, rectifiers and scales, one after the other: where that is all there is,
the backward pass can go in windows (`engine.gradient.window`).
"""

from dataclasses import dataclass

import numpy as np

from engine.network.receptive_field_tables import same_padding

RECTIFIERS = ("Relu", "LeakyRelu", "Clip")
_PASSES = frozenset(("Identity", "Dropout"))


_PLAIN = ("kind", "node", "before", "after", "shape", "kernel", "group", "slope", "macs")


@dataclass(frozen=True, eq=False)
class Step:
    """One step, from its input ``before`` to its output ``after`` (raw tensors).

    Attributes
    ----------
    kind : {"convolution", "max pool", "rectifier", "scale"}
    node : str
        The name to tell a person.
    before, after : str
    shape : (int, int, int)
        C, H, W of ``before``.
    weights : float32[M, kh, kw, Cg] or float32[C] or None
        Of a convolution; the factors of a scale.
    kernel : (int, int)
    place : int64[6]
        Strides, padding at the beginning, dilations.
    group : int
    slope, most : float
        A rectifier's derivative below zero, and the value from which on it is flat.
    macs : float
        Multiplications of the whole map.
    """

    kind: str
    node: str
    before: str
    after: str
    shape: tuple
    weights: np.ndarray | None = None
    kernel: tuple = (1, 1)
    place: np.ndarray | None = None
    group: int = 1
    slope: float = 0.0
    most: float = np.inf
    macs: float = 0.0

    def as_json(self):
        """Plain data without the weights; `from_json` reads it."""
        facts = {name: getattr(self, name) for name in _PLAIN}
        place = None if self.place is None else self.place.tolist()
        return facts | {"place": place, "most": None if np.isinf(self.most) else self.most}

    @classmethod
    def from_json(cls, facts, weights):
        """From what `as_json` gave and the weights, or None."""
        facts = dict(facts)
        facts["place"] = None if facts["place"] is None else np.array(facts["place"], np.int64)
        facts["most"] = np.inf if facts["most"] is None else facts["most"]
        facts |= {name: tuple(facts[name]) for name in ("shape", "kernel")}
        return cls(weights=weights, **facts)

    def reach(self, boxes):
        """Which part of the input the given parts of the output read: int64[n, 4], clipped."""
        if self.place is None:
            return boxes
        found = boxes.copy()
        for axis in (0, 1):
            stride, pad, dilation = self.place[axis], self.place[2 + axis], self.place[4 + axis]
            first = boxes[:, axis] * stride - pad
            last = (boxes[:, 2 + axis] - 1) * stride - pad + (self.kernel[axis] - 1) * dilation + 1
            found[:, axis] = np.clip(first, 0, self.shape[1 + axis])
            found[:, 2 + axis] = np.clip(last, 0, self.shape[1 + axis])
        return found


@dataclass(frozen=True, eq=False)
class Chain:
    """The steps from a network's input to a tensor, in the order of the forward pass.

    Attributes
    ----------
    tensor : str
    shape : (int, int, int)
        C, H, W of the tensor.
    source : str
        The first tensor with channels first: the network's input, or what a Transpose makes of it.
    steps : tuple of Step
    """

    tensor: str
    shape: tuple
    source: str
    steps: tuple

    def fields(self, units):
        """The receptive fields of units, clipped to the image.

        Parameters
        ----------
        units : int64[n, 2]
            Rows and columns.

        Returns
        -------
        int64[n, 4]
        """
        boxes = np.concatenate([units, units + 1], axis=1).astype(np.int64)
        for step in reversed(self.steps):
            boxes = step.reach(boxes)
        return boxes

    def needed(self, method):
        """Raw tensors of the forward pass that a method reads on its way back."""
        names = []
        for step in self.steps:
            if step.kind == "max pool":
                names.append(step.before)
            elif step.kind == "rectifier" and method != "deconvnet":
                names.append(step.after)
        return list(dict.fromkeys(names))


def chain_to(graph, shapes, source, tensor):
    """Find the chain from a network's image input to a tensor.

    Parameters
    ----------
    graph : engine.network.graph.Graph
    shapes : dict of str to tuple of int
        Of every tensor.
    source : str
        The image input.
    tensor : str

    Returns
    -------
    Chain or str
        Why there is none, as words.
    """
    steps, name = [], tensor
    if len(shapes.get(tensor, ())) != 4:
        return f"{tensor!r} has no rows and columns"
    while name != source:
        node = graph.producer.get(name)
        if node is None:
            return f"{name!r} does not come from the image"
        if _only_turned(graph, node, source):
            break
        step = _step(graph, shapes, node)
        if isinstance(step, str):
            return step
        if step is not None:
            steps.append(step)
        name = _data_input(graph, node)
    if shapes[name][0] != 1:
        return "its batch is fixed above 1"
    return Chain(tensor, tuple(shapes[tensor][1:]), name, tuple(reversed(steps)))


def _only_turned(graph, node, source):
    turned = node.op_type == "Transpose" and node.inputs[0] == source
    return turned and tuple(node.attributes.get("perm", ())) == (0, 3, 1, 2)


def _data_input(graph, node):
    """The one computed input of a node, or None."""
    found = [name for name in node.inputs if name and not graph.is_constant(name)]
    return found[0] if len(found) == 1 else None


def _step(graph, shapes, node):
    """A node as a step; None where the gradient passes unchanged; words where there is none."""
    before = _data_input(graph, node)
    refused = f"{node.op_type} (node {node.name or node.outputs[0]!r}) is no step of a chain"
    if before is None or node.domain or len(shapes.get(before, ())) != 4:
        return refused
    made = {
        "kind": "",
        "node": node.name or node.outputs[0],
        "before": before,
        "after": node.outputs[0],
        "shape": tuple(shapes[before][1:]),
    }
    if node.op_type in _PASSES:
        return None
    if node.op_type == "Conv":
        return _convolution(graph, shapes, node, made) or refused
    if node.op_type == "MaxPool":
        return _pooling(node, made) or refused
    if node.op_type in RECTIFIERS:
        return _rectifier(graph, node, made) or refused
    if node.op_type in ("BatchNormalization", "Mul", "Div", "Add", "Sub"):
        return _scale(graph, node, made, refused)
    return refused


def _convolution(graph, shapes, node, made):
    weights = graph.constant(node.inputs[1])
    if weights is None or weights.ndim != 4 or node.inputs[0] != made["before"]:
        return None
    turned = np.ascontiguousarray(weights.transpose(0, 2, 3, 1), np.float32)
    kernel = weights.shape[2:]
    rows, columns = shapes[made["after"]][2:]
    made |= {
        "kind": "convolution",
        "weights": turned,
        "kernel": tuple(int(k) for k in kernel),
        "place": _place(node, made, kernel),
        "group": node.attributes.get("group", 1),
        "macs": float(weights.size * rows * columns),
    }
    return Step(**made)


def _pooling(node, made):
    if any(node.outputs[1:]) or node.attributes.get("storage_order", 0):
        return None
    kernel = tuple(node.attributes["kernel_shape"])
    place = _place(node, made, kernel)
    return Step(**made | {"kind": "max pool", "kernel": kernel, "place": place})


def _place(node, made, kernel):
    strides = node.attributes.get("strides", (1, 1))
    dilations = node.attributes.get("dilations", (1, 1))
    pads = tuple(node.attributes.get("pads", (0, 0, 0, 0)))[:2]
    auto = node.attributes.get("auto_pad", "NOTSET")
    if auto in ("SAME_UPPER", "SAME_LOWER"):
        pads = [
            same_padding(size, k, stride, dilation, auto == "SAME_UPPER")
            for size, k, stride, dilation in zip(
                made["shape"][1:], kernel, strides, dilations, strict=True
            )
        ]
    elif auto == "VALID":
        pads = (0, 0)
    return np.array([*strides, *pads, *dilations], np.int64)


def _rectifier(graph, node, made):
    made["kind"] = "rectifier"
    if node.op_type == "LeakyRelu":
        slope = float(node.attributes.get("alpha", 0.01))
        return Step(**made | {"slope": slope}) if slope >= 0 else None
    if node.op_type == "Relu":
        return Step(**made)
    low, high = clip_bounds(graph, node)
    return Step(**made | {"most": high}) if low == 0 else None


def clip_bounds(graph, node):
    """The bounds of a Clip, old or new; None where one is computed."""
    bounds = []
    for place, (name, default) in enumerate((("min", -np.inf), ("max", np.inf)), start=1):
        if node.input(place):
            value = graph.constant(node.input(place))
            bounds.append(None if value is None else float(value))
        else:
            bounds.append(float(node.attributes.get(name, default)))
    return tuple(bounds)


def _scale(graph, node, made, refused):
    channels = made["shape"][0]
    if node.op_type == "BatchNormalization":
        values = [graph.constant(node.inputs[place]) for place in (1, 4)]
        if any(v is None or v.shape != (channels,) for v in values):
            return refused
        factor = values[0] / np.sqrt(values[1] + node.attributes.get("epsilon", 1e-5))
        return Step(**made | {"kind": "scale", "weights": factor.astype(np.float32)})
    other = next(name for name in node.inputs if name != made["before"])
    if node.op_type == "Add" or (node.op_type == "Sub" and node.inputs[0] == made["before"]):
        size = graph.constant_shape(other)
        fits = (
            size is not None
            and len(size) <= 4
            and all(
                n in (1, m) for n, m in zip(size[::-1], (*made["shape"][::-1], 1), strict=False)
            )
        )
        return None if fits else refused
    value = graph.constant(other)
    by_channel = value is not None and (
        value.size == 1 or value.shape in ((channels, 1, 1), (1, channels, 1, 1))
    )
    if (
        not by_channel
        or node.op_type == "Sub"
        or (node.op_type == "Div" and node.inputs[0] == other)
    ):
        return refused
    value = 1 / value if node.op_type == "Div" else value
    factor = np.broadcast_to(value.ravel().astype(np.float32), (channels,)).copy()
    return Step(**made | {"kind": "scale", "weights": factor})
