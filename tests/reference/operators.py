"""Operators that onnx's reference evaluator computes wrongly, slowly or not at all; in float64.

For ``ReferenceEvaluator(model, new_ops=OPERATORS)``; `QUICK` too where maps are large. Each is
written from the operator's own documentation. onnx 1.23 loops over samples instead of channels in
LRN, takes old BatchNormalization for training, computes Erf and MeanVarianceNormalization in
float32, lacks DequantizeLinear of operator set 18, and takes a Python loop over every output of a
Resize.
"""

import numpy as np
from onnx.reference.op_run import OpRun
from scipy.special import erf


class LRN(OpRun):
    def _run(self, x, alpha=1e-4, beta=0.75, bias=1.0, size=1):
        squares = np.zeros_like(x)
        for channel in range(x.shape[1]):
            first = max(0, channel - (size - 1) // 2)
            last = min(x.shape[1] - 1, channel + size // 2)
            squares[:, channel] = np.sum(x[:, first : last + 1] ** 2, axis=1)
        return (x / (bias + alpha / size * squares) ** beta,)


class BatchNormalization(OpRun):
    """As in inference, whatever the mode."""

    def _run(self, x, scale, bias, mean, variance, epsilon=1e-5, **words):
        shape = (-1, *(1,) * (x.ndim - 2))
        factor = scale / np.sqrt(variance + epsilon)
        y = x * factor.reshape(shape) + (bias - mean * factor).reshape(shape)
        return (y, mean, variance)[: len(self.onnx_node.output)]


class DequantizeLinear(OpRun):
    def _run(self, x, scale, zero=None, axis=1, **words):
        if np.size(scale) > 1:
            shape = [1] * x.ndim
            shape[axis] = -1
            scale = scale.reshape(shape)
            zero = None if zero is None else zero.reshape(shape)
        centred = x.astype(scale.dtype)
        return ((centred if zero is None else centred - zero.astype(scale.dtype)) * scale,)


class Erf(OpRun):
    def _run(self, x):
        return (erf(x),)


class MeanVarianceNormalization(OpRun):
    def _run(self, x, axes=(0, 2, 3)):
        axes = tuple(axes)
        centred = x - x.mean(axes, keepdims=True)
        return (centred / (x.std(axes, keepdims=True) + 1e-9),)


class Resize(OpRun):
    """Nearest and linear, one axis at a time; other modes raise."""

    def _run(self, x, roi=None, scales=None, sizes=None, **attributes):
        if attributes.get("axes") or attributes.get("antialias"):
            raise NotImplementedError("axes and antialias")
        whole = sizes is not None and len(sizes)
        outputs = (
            list(sizes) if whole else [int(n * s) for n, s in zip(x.shape, scales, strict=True)]
        )
        y = x
        for axis, (size, output) in enumerate(zip(x.shape, outputs, strict=True)):
            scale = output / size if whole else float(scales[axis])
            if output != size or scale != 1:
                matrix = resizing(size, int(output), scale, **attributes)
                y = np.moveaxis(np.tensordot(matrix, y, (1, axis)), 0, axis)
        return (y.astype(x.dtype),)


def resizing(
    size, output, scale, mode="nearest", coordinate_transformation_mode="half_pixel", **words
):
    """The linear map of an axis, float64[output, size]."""
    place = np.arange(output, dtype=np.float64)
    match coordinate_transformation_mode:
        case "half_pixel":
            at = (place + 0.5) / scale - 0.5
        case "pytorch_half_pixel":
            at = (place + 0.5) / scale - 0.5 if output > 1 else np.zeros(1)
        case "align_corners":
            at = place * (size - 1) / (output - 1) if output > 1 else np.zeros(1)
        case "asymmetric":
            at = place / scale
        case other:
            raise NotImplementedError(other)
    matrix = np.zeros((output, size))
    if mode == "nearest":
        at = _rounded(at, words.get("nearest_mode") or "round_prefer_floor")
        matrix[np.arange(output), np.clip(at, 0, size - 1).astype(int)] = 1
        return matrix
    if mode != "linear":
        raise NotImplementedError(mode)
    at = np.clip(at, 0, size - 1)
    low = np.floor(at).astype(int)
    np.add.at(matrix, (np.arange(output), low), 1 - (at - low))
    np.add.at(matrix, (np.arange(output), np.minimum(low + 1, size - 1)), at - low)
    return matrix


def _rounded(at, how):
    match how:
        case "floor":
            return np.floor(at)
        case "ceil":
            return np.ceil(at)
        case "round_prefer_floor":
            return np.ceil(at - 0.5)
    return np.floor(at + 0.5)


OPERATORS = [BatchNormalization, DequantizeLinear, Erf, LRN, MeanVarianceNormalization]
QUICK = [Resize]
