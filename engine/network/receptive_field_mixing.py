"""How receptive fields pass through operators that mix units: along axes, in windows, in products.

Weights count as though none were zero: a field is what a unit can depend on. Each rule takes an
`Operation` and returns the `Field` of every output, or a list with one for each.
"""

import numpy as np

from engine.network import receptive_field_bounds as of
from engine.network import receptive_field_tables as tables
from engine.network.receptive_field_bounds import Undetermined


def everything(fields, loose):
    """Field of one unit that depends on all that the tensors of `fields` see."""
    joined = None
    for field in fields:
        seen = of.reduced(field, range(field.rank))
        joined = of.union(joined, seen.map(_all_of))
    return of.Field(joined.rows, joined.cols, loose or joined.is_loose)


def _all_of(bounds):
    values = bounds.values.reshape(4).copy()
    values[2:] = of.EVERYTHING
    return of.Bounds(values, frozenset())


# Unit by unit, and what joins units along whole axes


def unit_by_unit(op):
    """Each unit from the units at its place (broadcast)."""
    if (
        op.node.op_type == "DynamicQuantizeLinear"
    ):  # its scale counts as a constant, as in its float twin
        return [op.field(), None, None]
    joined = None
    for index in range(len(op.node.inputs)):
        joined = of.union(joined, op.field(index))
    return of.aligned(joined, len(op.out_shape()))


def _without(shape, axes):
    return tuple(1 if axis in axes else size for axis, size in enumerate(shape))


def reduction(op):
    """ReduceMean and its kin."""
    shape = op.shape()
    axes = op.parameter(1, "axes")
    if axes is None or np.size(axes) == 0:
        if op.get("noop_with_empty_axes", 0):
            return op.field()
        axes = range(len(shape))
    axes = {int(a) % len(shape) for a in np.ravel(axes)}
    return of.reshaped(of.reduced(op.field(), axes), _without(shape, axes), op.out_shape())


def along_one_axis(op):
    """ArgMax and TopK: every output from all units along `axis`."""
    default = -1 if op.node.op_type == "TopK" else 0
    axis = op.axis(default)
    field = of.reduced(op.field(), (axis,))
    if len(op.out_shape()) == len(op.shape()):
        return field
    return of.reshaped(field, _without(op.shape(), {axis}), op.out_shape())


def softmax(op):
    """Softmax and its kin; before opset 13 over all axes from `axis` on."""
    old = op.opset and op.opset < 13
    axis = op.axis(1 if old else -1)
    return of.reduced(op.field(), range(axis, len(op.shape())) if old else (axis,))


def over_positions(op):
    """Global pooling, InstanceNormalization: all positions of a channel."""
    shape = op.shape()
    axes = range(1, len(shape) - 1) if op.get("channels_last", 0) else range(2, len(shape))
    return of.reduced(op.field(), axes)


def group_normalization(op):
    """GroupNormalization: all positions, and the channels of a group."""
    field = of.reduced(op.field(), range(2, len(op.shape())))
    channels = op.shape()[1]
    return of.grouped(field, 1, int(op.get("num_groups", 1)), channels)


def from_axis_on(op):
    """LayerNormalization and its kin: all units from `axis` on; a skip may be added first."""
    field = op.field()
    if op.node.op_type.startswith("Skip"):
        field = of.union(field, op.field(1))
    return of.reduced(field, range(op.axis(-1), len(op.shape())))


def mean_variance(op):
    """MeanVarianceNormalization over `axes`."""
    rank = len(op.shape())
    axes = op.get("axes")
    if axes is None:
        axes = (0, 2, 3) if op.get("across_channels", 0) == 0 else (0, 1, 2, 3)
    return of.reduced(op.field(), [a % rank for a in axes])


def lp_normalization(op):
    """LpNormalization: all units along `axis`."""
    return of.reduced(op.field(), (op.axis(-1),))


def local_response(op):
    """LRN: neighbouring channels."""
    size = int(op.get("size", 1))
    channels = op.shape()[1]
    table = tables.sliding(channels, channels, size, 1, 1, (size - 1) // 2)
    return of.window(op.field(), 1, channels, table)


def cumulative(op):
    """CumSum: all units before (or after) along the axis."""
    axis = int(np.ravel(op.parameter(1))[0]) % len(op.shape())
    size = op.shape()[axis]
    if not tables.fits(size, size):
        return of.reduced(op.field(), (axis,))
    here = np.arange(size)[:, None]
    there = np.arange(size)[None, :]
    after = there <= here if not op.get("reverse", 0) else there >= here
    if op.get("exclusive", 0):
        after &= there != here
    seen = np.where(after, there, -1)
    return of.window(
        op.field(), axis, size, tables.Table(seen, np.clip(seen, 0, None), ~after, None)
    )


# Windows


def _windows(op, field, kernel, first, out, transposed=False):
    """Slide or spread a window along the axes from `first` on."""
    shape = op.shape()
    rank = len(kernel)
    stride = _whole(op.get("strides"), rank, 1)
    dilation = _whole(op.get("dilations"), rank, 1)
    pads = _whole(op.get("pads"), 2 * rank, 0)
    auto = op.get("auto_pad", "NOTSET")
    for i in range(rank):
        axis = first + i
        size, count = shape[axis], out[axis]
        if not tables.fits(count, kernel[i]) or size == 0:
            raise Undetermined("a window too large")
        steps = stride[i], dilation[i]
        if transposed:
            pad = _transposed_pad(op, i, size, count, kernel[i], *steps, pads[i], auto)
            table = tables.spreading(size, count, kernel[i], *steps, pad)
        else:
            pad = pads[i]
            if auto in ("SAME_UPPER", "SAME_LOWER"):
                pad = tables.same_padding(size, kernel[i], *steps, auto == "SAME_UPPER")
            elif auto == "VALID":
                pad = 0
            table = tables.sliding(size, count, kernel[i], *steps, pad)
        field = of.window(field, axis, size, table)
    return field


def _transposed_pad(op, i, size, count, kernel, stride, dilation, pad, auto):
    """Pixels cut off before the first output of a transposed convolution."""
    wanted = op.get("output_shape")
    if auto in ("NOTSET", "") and not wanted:
        return pad
    if auto == "VALID":
        return 0
    extra = op.get("output_padding")
    extra = int(extra[i]) if extra else 0
    total = max(stride * (size - 1) + extra + (kernel - 1) * dilation + 1 - count, 0)
    return total // 2 if auto == "SAME_UPPER" else total - total // 2


def _whole(values, count, default):
    if not values:
        return (default,) * count
    if len(values) != count:
        raise Undetermined("a list of the wrong length")
    return tuple(int(v) for v in values)


def convolution(op):
    """Convolution in all its spellings; a fused addend and run-time weights are joined."""
    kind = op.node.op_type
    weights = 3 if kind == "QLinearConv" else 1
    last = bool(op.get("channels_last", 0)) or kind.startswith("Nhwc")
    shape, out = op.shape(), op.out_shape()
    rank = len(shape) - 2
    kernel = op.get("kernel_shape")
    if not kernel:
        filters = op.shape(weights)
        kernel = filters[1:-1] if kind == "NhwcFusedConv" else filters[2:]
    channel = len(shape) - 1 if last else 1
    transposed = kind == "ConvTranspose"
    field = op.field()
    if field is not None:
        field = of.grouped(field, channel, int(op.get("group", 1)), out[channel])
        field = _windows(op, field, _whole(kernel, rank, 1), 1 if last else 2, out, transposed)
    if kind in ("FusedConv", "NhwcFusedConv"):
        field = of.union(field, op.field(3))
    if op.field(weights) is not None:
        field = of.union(field, everything([op.field(weights)], False))
    return field


def pooling(op):
    """Pooling over a window."""
    last = bool(op.get("channels_last", 0)) or op.node.op_type.startswith("Nhwc")
    kernel = op.get("kernel_shape")
    rank = len(op.shape()) - 2
    return _windows(op, op.field(), _whole(kernel, rank, 1), 1 if last else 2, op.out_shape())


def resizing(op):
    """Resize and Upsample, every mode."""
    shape, out = op.shape(), op.out_shape()
    modern = op.node.op_type == "Resize" and len(op.node.inputs) > 2
    axes = [int(a) % len(shape) for a in op.get("axes", range(len(shape)))]
    scales = _scales(op, modern, axes, shape, out)
    crop = op.parameter(1) if modern else None
    mode = {"bilinear": "linear"}.get(op.get("mode", "nearest"), op.get("mode", "nearest"))
    coordinates = op.get("coordinate_transformation_mode", "half_pixel" if modern else "asymmetric")
    field = op.field()
    for i, axis in enumerate(axes):
        if shape[axis] == out[axis] and abs(scales[i] - 1) < 1e-9 and not _crops(coordinates):
            continue
        how = tables.Resizing(
            mode=mode,
            coordinates=coordinates,
            rounding=op.get("nearest_mode", "round_prefer_floor") if modern else "simple",
            antialias=bool(op.get("antialias", 0)),
            exclude_outside=bool(op.get("exclude_outside", 0)) and mode == "cubic",
            crop=(0.0, 1.0) if crop is None or not crop.size else (crop[i], crop[i + len(axes)]),
        )
        table = tables.resized(shape[axis], out[axis], scales[i], how)
        field = of.window(field, axis, shape[axis], table)
    return field


def _crops(coordinates):
    return coordinates == "tf_crop_and_resize"


def _scales(op, modern, axes, shape, out):
    given = op.parameter(2 if modern else 1, "scales")
    if given is not None and given.size == len(axes):
        return [float(scale) for scale in given]
    sizes = op.parameter(3) if modern else None
    scales = [out[axis] / shape[axis] for axis in axes]
    policy = op.get("keep_aspect_ratio_policy", "stretch")
    if sizes is not None and policy != "stretch":
        ratios = [float(s) / shape[axis] for s, axis in zip(sizes, axes, strict=True)]
        scale = min(ratios) if policy == "not_larger" else max(ratios)
        return [scale] * len(axes)
    return scales


# Products


def product(op):
    """MatMul in all its spellings: a row of the first with a column of the second."""
    second = 3 if op.node.op_type in ("QGemm", "QLinearMatMul") else 1
    left, right = op.field(0), op.field(second)
    out = shape = op.out_shape()
    if right is not None:
        vector = len(op.shape(second)) == 1
        right = _operand(right, op.shape(second), op.get("transB", 0), -2)
        shape = (*shape, 1) if vector else shape
    if left is not None:
        vector = len(op.shape(0)) == 1
        left = _operand(left, op.shape(0), op.get("transA", 0), -1)
        shape = (*shape[:-1], 1, shape[-1]) if vector else shape
    return of.reshaped(of.aligned(of.union(left, right), len(shape)), shape, out)


def _operand(field, shape, turned, summed):
    """A matrix's field joined along the axis that a product sums over (-1 or -2)."""
    if len(shape) == 1:
        field = of.reshaped(field, shape, (1, *shape) if summed == -1 else (*shape, 1))
    rank = field.rank
    if turned:
        field = of.transposed(field, (*range(rank - 2), rank - 1, rank - 2))
    return of.reduced(field, (rank + summed,), places=False)


def general_product(op):
    """Gemm: a product and an addend."""
    multiplied = op.field(0) is not None or op.field(1) is not None
    return of.union(product(op) if multiplied else None, op.field(2))


def einsum(op):
    """Einsum: letters that the result lacks are joined."""
    equation = str(op.get("equation", "")).replace(" ", "")
    terms, arrow, result = equation.partition("->")
    if "." in equation or not arrow:
        raise Undetermined("an Einsum with an ellipsis or no result")
    joined = None
    for index, letters in enumerate(terms.split(",")):
        field = op.field(index)
        if field is None:
            continue
        if len(set(letters)) < len(letters):
            raise Undetermined("an Einsum over a diagonal")
        gone = [i for i, letter in enumerate(letters) if letter not in result]
        field = of.reduced(field, gone, places=False)
        kept = "".join(letter for letter in letters if letter in result)
        order = sorted(
            range(len(letters)), key=lambda i: (letters[i] in kept, result.find(letters[i]))
        )
        field = of.transposed(field, order)
        joined = of.union(joined, _spread(field, len(gone), kept, result))
    return joined


def _spread(field, gone, kept, result):
    """Drop `gone` leading axes and put the rest at their letters' places in `result`."""
    places = sorted(result.index(letter) for letter in kept)

    def one(bounds):
        extents = [1] * len(result)
        for i, place in enumerate(places):
            extents[place] = bounds.values.shape[1 + gone + i]
        axes = frozenset(places[a - gone] for a in bounds.axes if a >= gone)
        return of.Bounds(bounds.values.reshape([4, *extents]), axes, bounds.period, bounds.regular)

    return field.map(one)


def attention(op):
    """Attention of every token with all tokens."""
    fields = [op.field(i) for i in range(len(op.node.inputs))]
    return everything([f for f in fields if f is not None], False)
