"""Which axis of a tensor is the batch, which the channels, which the positions.

ONNX tensors have no axis names. They are worked out by letting letters flow through the graph, as
a type checker lets types flow: convolutions and batch norms say what their axes are, and every
other operator hands letters on (a Transpose permutes them, a Reshape splits and joins them),
forward and, for what lies before the first convolution, backward. What no operator decides falls
back on the rank: ``[N, K]``, ``[N, T, C]``, ``[N, C, H, W]``.

Letters: ``N`` batch, ``C`` channels (for attention: heads), ``D`` ``H`` ``W`` depth, rows and
columns, ``T`` tokens or other positions; ``(NT)``, ``(TN)``, ``(NC)``, ``(CN)`` for a batch that is
folded into another axis, outside or inside of it, as exporters do around MatMul.
"""

import re

import numpy as np

from engine.network.axis_groups import parts_of
from engine.network.axis_rules import AxisRules, default_letters


class Axes:
    """The letters of every tensor that depends on the network's inputs.

    Parameters
    ----------
    graph : Graph
    shapes : dict of str to tuple of int
        Concrete shapes, from the probe.
    values : dict of str to ndarray
        Small integer tensors at these shapes.
    data : set of str
        The tensors that depend on the values of the inputs (`engine.network.layers.data_tensors`).
    batch_axes : dict of str to (int or None), optional
        Where known from two runs with different batches: the axis that grew.
    batch : int
        The batch at which ``shapes`` were found.
    flow_shapes : dict of str to tuple of int, optional
        Shapes at a batch of 2, at which it can be told from axes that were put in.
    """

    def __init__(self, graph, shapes, values, data, batch_axes=None, batch=1, flow_shapes=None):
        self.shapes = shapes
        self.letters = AxisRules(
            graph, flow_shapes or shapes, values, data, 2 if flow_shapes else batch
        ).solve()
        for tensor, letters in self.letters.items():
            if not batch_axes and batch == 1:
                self.letters[tensor] = without_folds(letters, shapes[tensor])
        for tensor, axis in (batch_axes or {}).items():
            if tensor in self.letters and len(self.letters[tensor]) == len(shapes[tensor]):
                self.letters[tensor] = with_batch(self.letters[tensor], axis, shapes[tensor])

    def __getitem__(self, tensor):
        """The letters of a tensor, a tuple with one for each axis."""
        if tensor not in self.letters:
            return default_letters(self.shapes[tensor])
        return self.letters[tensor]

    def layout(self, tensor):
        """The letters as text: ``"NCHW"``, ``"NTC"``, ``"NK"``, ``"(NT)C"``."""
        return layout_text(self[tensor])


def with_batch(letters, axis, shape):
    """Put the batch where a run with another batch has shown it to be (None: nowhere)."""
    fixed = [
        "T" if letter == "N" and place != axis else letter for place, letter in enumerate(letters)
    ]
    fixed = [_unfolded(letter) if place != axis else letter for place, letter in enumerate(fixed)]
    if axis is not None and "N" not in fixed[axis]:
        folded = "(NC)" if fixed[axis] == "C" else "(NT)"
        fixed[axis] = folded if shape[axis] > 1 else "N"
    return tuple(fixed)


def without_folds(letters, shape):
    """Letters where the batch can only be 1: nothing is folded, a leading 1 is the batch."""
    plain = [_unfolded(letter) for letter in letters]
    if "N" not in plain and len(plain) > 1 and shape[0] == 1 and "C" in plain[1:]:
        plain[0] = "N"
    return tuple(plain)


def _unfolded(letter):
    return next((part for part in parts_of(letter) if part != "N"), letter)


def layout_text(letters):
    """Letters as text; a batch of plain vectors is ``NK``."""
    return "NK" if tuple(letters) == ("N", "C") else "".join(letters)


def layout_letters(layout):
    """The letters of a layout's text, one for each axis."""
    letters = re.findall(r"\([A-Z]+\)|[A-Z]", layout)
    return tuple("C" if letter == "K" else letter for letter in letters)


def channel_axis(letters):
    """The axis of the channels, or None; heads before the features of a head."""
    for place, letter in enumerate(letters):
        if "C" in letter:
            return place
    return None


def batch_axis(letters):
    """The axis of the batch (alone or folded with another), or None."""
    for place, letter in enumerate(letters):
        if "N" in letter:
            return place
    return None


def channels_first_shape(shape, letters, batch=1):
    """The shape of one sample as ``(C, *positions)``, from a tensor's shape at a known batch."""
    channels = channel_axis(letters)
    sizes = [
        size // batch if len(parts_of(letter)) > 1 else size
        for size, letter in zip(shape, letters, strict=True)
    ]
    positions = [sizes[place] for place in position_axes(letters)]
    return (1 if channels is None else sizes[channels], *positions)


def position_axes(letters):
    """The axes that are positions, rows before columns whatever their order in the file."""
    channels = channel_axis(letters)
    places = [
        place
        for place, letter in enumerate(letters)
        if place != channels and letter not in ("N", "(NC)", "(CN)")
    ]
    if len(places) > 1 and {letters[place] for place in places} <= {"D", "H", "W"}:
        places.sort(key=lambda place: letters[place])
    return tuple(places)


def to_channels_first(array, layer, which="post"):
    """Turn an activation from the file's layout to ``[N, C, *positions]``.

    Parameters
    ----------
    array : ndarray
        A value of the layer's tensor, any batch.
    layer : engine.network.layers.Layer
        Anything with ``file_layout``, ``pre_layout``, ``output_shape`` and ``quantised``.
    which : {"post", "pre"}

    Returns
    -------
    ndarray[N, C, *positions]
        A view; where the file keeps integers for real numbers, their float32 values.
    """
    letters = layout_letters(layer.file_layout if which == "post" else layer.pre_layout)
    if which in layer.quantised and array.dtype.kind in "iu":
        array = layer.quantised[which].real(array)
    if array.ndim != len(letters):
        raise ValueError(f"{layer.name}: {array.ndim} axes do not fit {''.join(letters)}")
    return turned(array, letters, layer.output_shape)


def from_channels_first(array, layer, which="post"):
    """Turn ``[N, C, *positions]`` back to the file's layout: the inverse of `to_channels_first`."""
    letters = layout_letters(layer.file_layout if which == "post" else layer.pre_layout)
    unfolded = [part for letter in letters for part in parts_of(letter)]
    order = _order(unfolded)
    flat = array
    if "C" not in unfolded:
        flat = flat[:, 0]
    if "N" not in unfolded:
        flat = flat[0]
    flat = flat.transpose(np.argsort([place for place in order if place is not None]))
    shape, place = [], 0
    for letter in letters:
        parts = len(parts_of(letter))
        shape.append(int(np.prod(flat.shape[place : place + parts])))
        place += parts
    return flat.reshape(shape)


def _order(letters):
    """Places of the batch, the channels (None where absent), then the positions."""
    first = letters.index("N") if "N" in letters else None
    return [first, channel_axis(letters), *position_axes(letters)]


def turned(array, letters, shape):
    """Turn an array with these letters to ``[N, C, *positions]``.

    ``shape`` is ``(C, *positions)`` of one sample: it unfolds a batch that is folded into an axis.
    """
    inner = {place: shape[1 + i] for i, place in enumerate(position_axes(letters))}
    inner[channel_axis(letters)] = shape[0]
    sizes, unfolded = [], []
    for place, (size, letter) in enumerate(zip(array.shape, letters, strict=True)):
        parts = parts_of(letter)
        for part in parts:
            whole = len(parts) == 1
            outer = size // max(1, inner.get(place, 1))
            sizes.append(size if whole else outer if part == "N" else inner[place])
        unfolded += parts
    first, second, *rest = _order(unfolded)
    array = array.reshape(sizes)
    array = array.transpose([place for place in (first, second) if place is not None] + rest)
    if first is None:
        array = array[np.newaxis]
    return np.expand_dims(array, 1) if second is None else array
