"""Which positions along one axis an output position takes from: tables for windows, pads and
resizing.

A table lists, for every output position, the input positions that it depends on: once as they are
(nothing outside of the tensor, or what an operator repeats there), and once as though the tensor
went on beyond its ends. Sources: the ONNX operator specification and, where it leaves room, ONNX
Runtime's `conv_transpose_attributes.h` and `upsamplebase.h`.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from math import ceil

import numpy as np

LARGEST = 2**24  # entries of a table


@dataclass(frozen=True, eq=False)
class Table:
    """Input positions for every output position along one axis.

    Attributes
    ----------
    seen : int[out, taps]
        Positions inside the input; -1 where a tap meets nothing.
    reached : int[out, taps]
        Positions that may lie outside of the input.
    no_reach : bool[out, taps] or None
        Taps that do not exist at all (between the inputs of a transposed convolution).
    step : Fraction or None
        Input positions from one output position to the next; None when irregular.
    """

    seen: np.ndarray
    reached: np.ndarray
    no_reach: np.ndarray | None
    step: Fraction | None

    @cached_property
    def leaves_gaps(self):
        """Whether some output position meets nothing."""
        return bool((self.seen < 0).all(axis=1).any())


def fits(*counts):
    """Whether a table of that many entries may be made."""
    total = 1
    for count in counts:
        total *= max(1, int(count))
    return total <= LARGEST


@lru_cache(maxsize=512)
def sliding(size, out, kernel, stride, dilation, pad):
    """Convolution and pooling: `kernel` taps `dilation` apart, from -`pad` on, every `stride`."""
    start = np.arange(out)[:, None] * stride - pad
    reached = start + np.arange(kernel)[None, :] * dilation
    return Table(_inside(reached, size), reached, None, Fraction(stride))


@lru_cache(maxsize=512)
def spreading(size, out, kernel, stride, dilation, pad):
    """Transposed convolution: input i goes to outputs i * stride - pad + tap * dilation."""
    product = np.arange(out)[:, None] + pad - np.arange(kernel)[None, :] * dilation
    missing = product % stride != 0
    reached = product // stride
    seen = np.where(missing, -1, _inside(reached, size))
    return Table(seen, reached, missing if missing.any() else None, Fraction(1, stride))


def chosen(indices, step=None):
    """Positions taken one by one (slices, gathers)."""
    indices = np.asarray(indices, dtype=np.int64).reshape(-1, 1)
    return Table(indices, indices, None, step)


def padded(size, before, after, mode):
    """Padding (or, with negative numbers, cropping) of an axis."""
    reached = np.arange(-before, size + after)
    if mode == "edge":
        seen = np.clip(reached, 0, size - 1)
    elif mode == "wrap":
        seen = reached % size
    elif mode == "reflect":
        seen = (
            abs((reached + size - 1) % (2 * (size - 1)) - (size - 1)) if size > 1 else reached * 0
        )
    else:
        seen = _inside(reached, size)
    return Table(seen[:, None], reached[:, None], None, Fraction(1))


def _inside(positions, size):
    return np.where((positions >= 0) & (positions < size), positions, -1)


def same_padding(size, kernel, stride, dilation, upper):
    """Pixels of padding before the first one, for `auto_pad` SAME_UPPER or SAME_LOWER."""
    out = ceil(size / stride)
    total = max((out - 1) * stride + (kernel - 1) * dilation + 1 - size, 0)
    return total // 2 if upper else total - total // 2


def resized(size, out, scale, how):
    """Resize and Upsample along one axis.

    Parameters
    ----------
    size, out : int
        Input and output length.
    scale : float
        Output positions for each input position.
    how : Resizing
    """
    step = Fraction(size, out)
    if abs(scale - out / size) > 1e-6 * scale:
        step = 1 / Fraction(scale).limit_denominator(4096)
    if how.coordinates == "align_corners" and out > 1:
        step = Fraction(size - 1, out - 1)
    place = _source_position(size, out, scale, how)
    if how.mode == "nearest":
        reached = _nearest(place, scale, how.rounding)[:, None]
        missing = None
    elif how.antialias and scale < 1:
        reached, missing = _antialiased(place, scale, how.mode)
    else:
        reached, missing = _interpolated(place, how.mode)
    seen = np.clip(reached, 0, size - 1)
    if how.exclude_outside:
        seen = _inside(reached, size)
    if how.coordinates == "tf_crop_and_resize":
        outside = (place < 0) | (place > size - 1)
        seen = np.where(outside[:, None], -1, seen)
        step = None
    if missing is not None:
        seen = np.where(missing, -1, seen)
    return Table(seen, reached, missing, step if step else None)


@dataclass(frozen=True)
class Resizing:
    """How a Resize takes its input: the operator's attributes."""

    mode: str = "nearest"
    coordinates: str = "half_pixel"
    rounding: str = "round_prefer_floor"
    antialias: bool = False
    exclude_outside: bool = False
    crop: tuple = (0.0, 1.0)


def _source_position(size, out, scale, how):
    """float[out]: where each output lies in the input, in float32 as ONNX Runtime does."""
    p = np.arange(out, dtype=np.float32)
    scale = np.float32(scale)
    half = np.float32(0.5)
    if how.coordinates == "asymmetric":
        place = p / scale
    elif how.coordinates == "align_corners":
        place = p * np.float32(size - 1) / np.float32(out - 1) if out > 1 else p * 0
    elif how.coordinates == "pytorch_half_pixel":
        place = (p + half) / scale - half if out > 1 else p * 0
    elif how.coordinates == "tf_half_pixel_for_nn":
        place = (p + half) / scale
    elif how.coordinates == "half_pixel_symmetric":
        adjustment = np.float32(out) / (scale * np.float32(size))
        offset = np.float32(size) / 2 * (1 - adjustment)
        place = offset + (p + half) / scale - half
    elif how.coordinates == "tf_crop_and_resize":
        start, end = (np.float32(x) for x in how.crop)
        if out > 1:
            place = start * (size - 1) + p * (end - start) * (size - 1) / np.float32(out - 1)
        else:
            place = half * (start + end) * (size - 1) + p
    else:
        place = (p + half) / scale - half
    return np.asarray(place, dtype=np.float64)


def _nearest(place, scale, rounding):
    """The one position taken; ONNX Runtime counts what lies very close to a half as a half."""
    half = abs(place - np.floor(place) - 0.5) < 1e-5
    if rounding == "simple":  # Upsample, and Resize of opset 10
        taken = np.ceil(place) if scale < 1 else np.trunc(place)
    elif rounding == "floor":
        taken = np.floor(place)
    elif rounding == "ceil":
        taken = np.ceil(place)
    elif rounding == "round_prefer_ceil":
        taken = np.where(half, np.ceil(place), np.rint(place))
    else:
        taken = np.where(half, np.floor(place), np.rint(place))
    return taken.astype(np.int64)


def _interpolated(place, mode):
    """Positions with a weight in linear or cubic interpolation; whole ones need no neighbour."""
    nearest = np.rint(place)
    whole = abs(place - nearest) < 1e-5
    low = np.where(whole, nearest, np.floor(place)).astype(np.int64)
    taps = np.arange(-1, 3) if mode == "cubic" else np.arange(2)
    reached = low[:, None] + taps[None, :]
    return reached, whole[:, None] & (taps != 0)[None, :]


def _antialiased(place, scale, mode):
    """Positions under the widened kernel of an antialiased reduction."""
    radius = (2.0 if mode == "cubic" else 1.0) / scale
    count = 2 * int(np.ceil(radius)) + 2
    first = np.floor(place - radius).astype(np.int64)
    reached = first[:, None] + np.arange(count)[None, :]
    distance = abs(reached - place[:, None])
    missing = distance >= radius - 1e-5
    if mode == "cubic":  # the cubic kernel is zero at a distance of one (scaled) pixel too
        missing |= abs(distance * scale - 1) < 1e-5
    return reached, missing
