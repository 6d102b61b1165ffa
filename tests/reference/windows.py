"""Convolution, pooling and scattering in NumPy, a tap of the kernel at a time.

Stand-ins for those of onnx's reference evaluator where maps are large: that takes Python loops over
every output of a pooling, and gathers whole images of columns. `tests/reference/test_operators.py`
holds both beside each other.
"""

import itertools

import numpy as np
from onnx.reference.op_run import OpRun


class _Window:
    """Sizes of a sliding window over ``[N, C, *inputs]``."""

    def __init__(self, inputs, kernel, words):
        count = len(kernel)
        self.kernel = tuple(kernel)
        self.strides = tuple(words.get("strides") or (1,) * count)
        self.dilations = tuple(words.get("dilations") or (1,) * count)
        self.spans = [(k - 1) * d + 1 for k, d in zip(kernel, self.dilations, strict=True)]
        self.before, self.after = self._pads(inputs, words)
        padded = [n + b + a for n, b, a in zip(inputs, self.before, self.after, strict=True)]
        self.outputs = [
            self._output(*each, bool(words.get("ceil_mode")))
            for each in zip(inputs, padded, self.before, self.spans, self.strides, strict=True)
        ]
        needed = [
            (o - 1) * s + span
            for o, s, span in zip(self.outputs, self.strides, self.spans, strict=True)
        ]
        self.extra = [max(0, n - p) for n, p in zip(needed, padded, strict=True)]

    def _pads(self, inputs, words):
        auto, count = words.get("auto_pad") or "NOTSET", len(self.kernel)
        if auto in ("NOTSET", "VALID"):
            pads = (
                list(words.get("pads") or (0,) * 2 * count) if auto == "NOTSET" else [0] * 2 * count
            )
            return pads[:count], pads[count:]
        total = [
            max(0, (-(-n // s) - 1) * s + span - n)
            for n, s, span in zip(inputs, self.strides, self.spans, strict=True)
        ]
        small, large = [t // 2 for t in total], [t - t // 2 for t in total]
        return (small, large) if auto == "SAME_UPPER" else (large, small)

    @staticmethod
    def _output(size, padded, before, span, stride, ceil):
        steps = padded - span
        output = (-(-steps // stride) if ceil else steps // stride) + 1
        if ceil and (output - 1) * stride >= size + before:
            output -= 1
        return output

    def padded(self, x, value):
        ends = zip(self.before, self.after, self.extra, strict=True)
        return np.pad(x, [(0, 0), (0, 0), *((b, a + e) for b, a, e in ends)], constant_values=value)

    def taps(self):
        """Of every tap: its place in the kernel, and the slices of the padded input under it."""
        for tap in itertools.product(*(range(k) for k in self.kernel)):
            rows = zip(tap, self.dilations, self.strides, self.outputs, strict=True)
            cut = [slice(t * d, t * d + (o - 1) * s + 1, s) for t, d, s, o in rows]
            yield tap, (slice(None), slice(None), *cut)


def _grouped(tensor, axis, group):
    shape = tensor.shape
    return tensor.reshape(*shape[:axis], group, shape[axis] // group, *shape[axis + 1 :])


class Conv(OpRun):
    def _run(self, x, w, b=None, group=1, **words):
        group = group or 1
        window = _Window(x.shape[2:], w.shape[2:], words)
        padded, weights = window.padded(x, 0), _grouped(w, 0, group)
        y = np.zeros((x.shape[0], group, w.shape[0] // group, *window.outputs))
        for tap, cut in window.taps():
            part = _grouped(padded[cut], 1, group)
            kernel = weights[(slice(None), slice(None), slice(None), *tap)]
            y += _mixed(kernel, part)
        y = y.reshape(x.shape[0], w.shape[0], *window.outputs)
        return ((y if b is None else y + b.reshape(-1, *(1,) * (x.ndim - 2))).astype(x.dtype),)


def _mixed(kernel, part):
    """[G, out, in] applied to [N, G, in, *positions]."""
    flat = part.reshape(*part.shape[:3], -1)
    mixed = kernel * flat if kernel.shape[1:] == (1, 1) else kernel @ flat
    return mixed.reshape(*part.shape[:2], kernel.shape[1], *part.shape[3:])


class ConvTranspose(OpRun):
    def _run(self, x, w, b=None, group=1, **words):
        group = group or 1
        inputs, kernel = x.shape[2:], w.shape[2:]
        strides = words.get("strides") or (1,) * len(kernel)
        dilations = words.get("dilations") or (1,) * len(kernel)
        more = words.get("output_padding") or (0,) * len(kernel)
        spans = [(k - 1) * d + 1 for k, d in zip(kernel, dilations, strict=True)]
        full = [
            (n - 1) * s + span + m
            for n, s, span, m in zip(inputs, strides, spans, more, strict=True)
        ]
        y = np.zeros((x.shape[0], group, w.shape[1], *full))
        weights, given = _grouped(w, 0, group), _grouped(x, 1, group)
        for tap in itertools.product(*(range(k) for k in kernel)):
            rows = zip(tap, dilations, strides, inputs, strict=True)
            cut = [slice(t * d, t * d + (n - 1) * s + 1, s) for t, d, s, n in rows]
            matrix = weights[(slice(None), slice(None), slice(None), *tap)].swapaxes(1, 2)
            y[(slice(None), slice(None), slice(None), *cut)] += _mixed(matrix, given)
        y = y.reshape(x.shape[0], group * w.shape[1], *full)
        before, after = _cropped(words, inputs, full, strides)
        y = np.pad(y, [(0, 0), (0, 0), *((0, max(0, -z)) for z in after)])
        ends = [slice(a, n - z) for a, n, z in zip(before, full, after, strict=True)]
        y = y[(slice(None), slice(None), *ends)]
        return ((y if b is None else y + b.reshape(-1, *(1,) * (x.ndim - 2))).astype(x.dtype),)


def _cropped(words, inputs, full, strides):
    """What is cut from each end; less than nothing (zeros are added) only from the last."""
    count = len(inputs)
    shape, auto = words.get("output_shape"), words.get("auto_pad") or "NOTSET"
    if auto in ("SAME_UPPER", "SAME_LOWER") and not shape:
        shape = [n * s for n, s in zip(inputs, strides, strict=True)]
    if not shape:
        pads = words.get("pads") or (0,) * 2 * count
        return pads[:count], pads[count:]
    total = [n - wanted for n, wanted in zip(full, shape, strict=True)]
    small = [max(t, 0) // 2 for t in total]
    large = [t - s for t, s in zip(total, small, strict=True)]
    if auto == "SAME_UPPER" or min(total) < 0:
        return small, large
    return large, small


class MaxPool(OpRun):
    """With the switches as its second output: the first maximum in row-major order."""

    def _run(self, x, kernel_shape=None, **words):
        window = _Window(x.shape[2:], kernel_shape, words)
        padded = window.padded(x, -np.inf)
        places = np.broadcast_to(np.arange(x.size).reshape(x.shape), x.shape)
        places = window.padded(places, -1)
        best = np.full((*x.shape[:2], *window.outputs), -np.inf)
        where = np.full(best.shape, -1, np.int64)
        for _, cut in window.taps():
            better = padded[cut] > best
            best[better], where[better] = padded[cut][better], places[cut][better]
        outputs = (best.astype(x.dtype), where)
        return outputs[: len([name for name in self.onnx_node.output if name])]


class AveragePool(OpRun):
    def _run(self, x, kernel_shape=None, count_include_pad=0, **words):
        window = _Window(x.shape[2:], kernel_shape, words)
        ones = np.ones((1, 1, *x.shape[2:]))
        if count_include_pad:
            ends = zip(window.before, window.after, strict=True)
            ones = np.pad(ones, [(0, 0), (0, 0), *ends], constant_values=1)
            ones = np.pad(ones, [(0, 0), (0, 0), *((0, e) for e in window.extra)])
        else:
            ones = window.padded(ones, 0)
        padded = window.padded(x, 0)
        total = sum(padded[cut] for _, cut in window.taps())
        count = sum(ones[cut] for _, cut in window.taps())
        return ((total / count).astype(x.dtype),)


class ScatterElements(OpRun):
    def _run(self, data, indices, updates, axis=0, reduction=None):
        if reduction not in (None, "none", "add"):
            raise NotImplementedError(reduction)
        found, axis = data.copy(), (axis or 0) % data.ndim
        places = list(np.indices(indices.shape, sparse=True))
        places[axis] = indices % max(data.shape[axis], 1)
        if reduction == "add":
            np.add.at(found, tuple(places), updates)
        else:
            found[tuple(places)] = updates
        return (found,)


WINDOWS = [Conv, ConvTranspose, MaxPool, AveragePool, ScatterElements]
