"""From layers and their values to boxes in the world: the layout of the stack, without GL or Qt.

World: one unit is one pixel of the network's input, whose middle is the origin; x to the right,
y up, depth along -z. The input's picture stands at z = 0, the layers behind it.

* **In the plane** a map stands where its receptive fields are centred: unit (row, column) covers
  the square of one stride round its centre. Where no stride holds for all units (the whole input,
  tokens), or the map would miss the input by far, it is spread over the input's extent.
* **Along the stack** layers of one depth share a level. A level is as thick as the square root of
  the channels of its largest layer, gaps are a share of the mean thickness, and all is scaled so
  that n levels are together ``1.3 + 0.72 n^0.4`` times as long as the input is wide (7 levels: 2.9,
  100 levels: 5.8), no level thicker than `THICKEST` of it. So 512 channels are 13 times as thick
  as 3, and a network of 100 layers is twice as long as one of 7.
* **Branches** of equal depth stand side by side along x, in the order of the file.
* **Layers without maps** (`[C]`, `[C, 1, 1]`) are sheets of square cells, a unit each, one voxel
  thick: up to `COLUMN` units as one column from top to bottom; more in rows from left to right,
  top to bottom, on a sheet as square as possible, half as large as the input. Cells that only
  fill up the last row are absent. Before a sheet the gap is at least `SHEET_GAP` of both widths
  together, so that seen from the usual side nothing stands in front of it.
* **Sequences** (`[C, T]`) are sheets with a row for each channel and a column for each position.
  More than two position axes are folded: leading ones into the channels.
"""

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from viewer.visuals.slab import Picture, Slab, encode

COLUMN = 20
THICKEST = 0.5
GAP = 0.7
SHEET, COLUMN_HEIGHT, LARGEST_CELL = 0.55, 0.75, 0.12
SHEET_GAP = 0.74
BRANCH_GAP = 0.18
# Opacity evens out how full layers are: a layer whose mean is this part of its highest value is
# drawn at normal density, emptier ones denser, fuller ones thinner, within these factors.
_MEAN_PLACE, _THINNEST, _DENSEST = 0.10, 0.12, 4.0
# A map that covers less or more than these parts of the input's extent is spread over it.
_NARROWEST, _WIDEST = 0.25, 2.5
# Unfolded weights cover at least this part of the input's extent in both directions.
_THINNEST_PART = 0.12
# A layer whose lowest value is nearer zero than this part of its highest counts as unsigned.
_NEARLY_UNSIGNED = 0.005


@dataclass(frozen=True)
class LayerFacts:
    """What the layout needs to know of a layer.

    Attributes
    ----------
    name : str
    shape : tuple of int
        (C, *positions), without the batch.
    depth : int
        Longest path from the input.
    kind : str
        ``'conv'``, ``'pool'``, ...; shown.
    stride, center : (float, float) or None
        Rows and columns, pixels of the network's input: from unit to unit, and of unit (0, 0);
        pixel centres at whole numbers.
    low, high : float or None
        Range of the values over the study; None: that of the values shown.
    mean : float or None
        Mean of the magnitudes over the study; None: that of the values shown.
    sources : tuple of str
    squares : bool
        Cells are squares whatever the input's shape: weights have no place in the picture.
    """

    name: str
    shape: tuple[int, ...]
    depth: int
    kind: str = ""
    stride: tuple[float, float] | None = None
    center: tuple[float, float] | None = None
    low: float | None = None
    high: float | None = None
    mean: float | None = None
    sources: tuple[str, ...] = ()
    squares: bool = False

    @classmethod
    def of(cls, layer, low=None, high=None, mean=None):
        """From an `engine` layer and, where known, its range and mean over the study."""
        seen = layer.receptive_field
        stride = center = None
        if seen is not None and all(seen.stride):
            stride = tuple(float(part) for part in seen.stride)
            center = tuple(float(part) for part in seen.center)
        return cls(
            name=layer.name,
            shape=tuple(int(size) for size in layer.output_shape),
            depth=int(layer.depth),
            kind=layer.kind,
            stride=stride,
            center=center,
            low=low,
            high=high,
            mean=mean,
            sources=tuple(layer.sources),
        )


@dataclass(frozen=True)
class Label:
    """What stands below a box.

    Attributes
    ----------
    name : str
        The slab's or picture's name.
    title, detail : str
        ``'conv3_2'``, ``'64 x 56 x 56'``.
    low, high : tuple of float
        Corners of its box in the world.
    """

    name: str
    title: str
    detail: str
    low: tuple[float, float, float]
    high: tuple[float, float, float]


@dataclass(frozen=True, eq=False)
class StackContents:
    """Everything a stack view draws, laid out.

    Attributes
    ----------
    slabs : tuple of Slab
    pictures : tuple of Picture
    labels : tuple of Label
    unit : float
        Mean thickness of a level, world units: the length by which opacity is measured.
    low, high : float64[3]
        Corners of the box round everything.
    """

    slabs: tuple[Slab, ...] = ()
    pictures: tuple[Picture, ...] = ()
    labels: tuple[Label, ...] = ()
    unit: float = 1.0
    low: np.ndarray = field(default_factory=lambda: np.zeros(3))
    high: np.ndarray = field(default_factory=lambda: np.zeros(3))

    @cached_property
    def boxes(self):
        """Lowest and highest corners of the slabs in the world: float64[N, 3] each."""
        boxes = np.array([slab.box for slab in self.slabs]).reshape(-1, 2, 3)
        return boxes[:, 0], boxes[:, 1]

    def slab(self, name):
        """The slab of a layer, or None."""
        return next((slab for slab in self.slabs if slab.name == name), None)


def build(
    layers,
    arrays,
    input_size,
    *,
    picture=None,
    picture_name="input",
    spacing=1.0,
    scale="layer",
    ranges=None,
    absent=None,
):
    """Boxes, pictures and labels of a stack.

    Parameters
    ----------
    layers : sequence of LayerFacts
    arrays : dict of str to float16 or float32 [C, *positions]
        Values by layer name; layers without values are left out.
    input_size : (int, int)
        Rows and columns of the network's input.
    picture : uint8[H, W, 3], optional
        The input as a person sees it, drawn in front.
    spacing : float
        Gaps against the normal gap: 0 collapses the stack, 4 explodes it.
    scale : str
        ``'layer'``: each layer in its own range; ``'common'``: all in one.
    ranges : dict of str to (float, float), optional
        Ranges that a person chose, by layer; they count before all others (see `with_ranges`).
    absent : mapping of str to bool[rows, columns], optional
        Places of a layer's maps that hold no value at all.

    Returns
    -------
    StackContents
        Slabs in the order of ``layers``.
    """
    rows, columns = (float(size) for size in input_size)
    unit = max(rows, columns)
    shown = [layer for layer in layers if layer.name in arrays]
    absent = absent or {}
    folded = {layer.name: _fold(arrays[layer.name], absent.get(layer.name)) for layer in shown}
    found = _ranges(shown, arrays, scale)
    planes = {layer.name: _plane(layer, folded[layer.name], rows, columns) for layer in shown}
    levels = _levels(shown, folded, planes, unit, spacing)
    slabs, labels = {}, []
    pictures = ()
    if picture is not None:
        placed = Picture(
            picture_name, picture, (-columns / 2, rows / 2, 0.0), (columns, -rows, 0.0)
        )
        pictures = (placed,)
        labels.append(_label(placed, picture_name, _sizes(picture.shape[:2])))
    for members, front, thickness in levels:
        shifts = _side_by_side([planes[layer.name] for layer in members], unit)
        for layer, shift in zip(members, shifts, strict=True):
            values, plane = folded[layer.name], planes[layer.name]
            slab = _slab(layer, values, plane, shift, front, thickness, found[layer.name], unit)
            slabs[layer.name] = slab
            labels.append(_label(slab, layer.name, _sizes(layer.shape)))
    ordered = tuple(slabs[layer.name] for layer in shown)
    boxes = [part.box for part in (*ordered, *pictures)]
    low = np.min([low for low, _ in boxes], axis=0) if boxes else np.zeros(3)
    high = np.max([high for _, high in boxes], axis=0) if boxes else np.zeros(3)
    depths = [thickness for _, _, thickness in levels]
    mean = float(np.mean(depths)) if depths else unit
    contents = StackContents(ordered, pictures, tuple(labels), mean, low, high)
    return with_ranges(contents, ranges or {})


def with_ranges(contents, ranges):
    """The same contents in ranges that a person chose; nothing is uploaded again.

    Parameters
    ----------
    contents : StackContents
    ranges : dict of str to (float, float)
        Lowest and highest value by layer. With a lowest value below zero the range is made
        symmetric and the layer drawn as signed.
    """
    slabs = []
    for slab in contents.slabs:
        if slab.name in ranges:
            low, high = (float(end) for end in ranges[slab.name])
            signed = low < 0
            if signed:
                high = max(-low, high)
                low = -high
            slab = replace(slab, low=low, high=high, signed=signed)
        slabs.append(slab)
    return replace(contents, slabs=tuple(slabs))


def with_values(contents, arrays):
    """The same layout with other values of the same shapes and ranges (the next sample).

    Parameters
    ----------
    contents : StackContents
    arrays : dict of str to float16 or float32 [C, *positions]
    """
    slabs = []
    for slab in contents.slabs:
        if slab.name in arrays:
            folded = _fold(arrays[slab.name])
            values, unit, specials = encode(folded.values, folded.absent)
            slab = replace(slab, values=values, unit=unit, specials=specials)
        slabs.append(slab)
    return replace(contents, slabs=tuple(slabs))


@dataclass(frozen=True, eq=False)
class _Folded:
    """Values as voxels; ``sheet``: units side by side, not maps; ``cells``: without positions."""

    values: np.ndarray
    sheet: bool = False
    cells: bool = False
    absent: np.ndarray | None = None
    channels: int = 1


def _fold(values, absent=None):
    """Any [C, *positions] as [channels, rows, columns] voxels, as the module's text says."""
    values = np.asarray(values)
    if values.ndim == 0:
        values = values[None]
    channels, positions = values.shape[0], values.shape[1:]
    if absent is not None:
        values = np.where(absent, np.float32(0), values)
        return _Folded(values, absent=np.broadcast_to(absent, values.shape), channels=channels)
    if int(np.prod(positions)) <= 1:
        return _cells(values.reshape(channels))
    if len(positions) == 1:
        return _Folded(values[None], sheet=True)
    if len(positions) > 2:
        values = values.reshape(-1, *positions[-2:])
    elif 1 in positions:
        return _Folded(values.reshape(1, channels, -1), sheet=True)
    return _Folded(values, channels=values.shape[0])


def sheet_shape(units):
    """(rows, columns) of the sheet on which a layer without maps is laid out."""
    if units <= COLUMN:
        return units, 1
    columns = int(np.ceil(np.sqrt(units)))
    return -(-units // columns), columns


def unit_of_cell(row, column, units):
    """The unit at a cell of such a sheet, or None where there is none (picking)."""
    rows, columns = sheet_shape(units)
    unit = row * columns + column
    return unit if 0 <= row < rows and 0 <= column < columns and unit < units else None


def _cells(units):
    count = len(units)
    rows, columns = sheet_shape(count)
    values = np.zeros(rows * columns, units.dtype)
    values[:count] = units
    absent = np.arange(rows * columns) >= count
    shape = (1, rows, columns)
    return _Folded(values.reshape(shape), sheet=True, cells=True, absent=absent.reshape(shape))


def _ranges(layers, arrays, scale):
    """(low, high, signed) of every layer."""
    ranges = {}
    for layer in layers:
        low, high = layer.low, layer.high
        if low is None or high is None:
            low, high = _finite_range(arrays[layer.name])
        ranges[layer.name] = (float(low), float(high))
    if scale == "common" and ranges:
        lowest = min(low for low, _ in ranges.values())
        highest = max(high for _, high in ranges.values())
        ranges = dict.fromkeys(ranges, (lowest, highest))
    return {name: _ends(low, high) for name, (low, high) in ranges.items()}


def _finite_range(values):
    values = np.asarray(values)
    if not values.size:
        return 0.0, 0.0
    low, high = float(values.min()), float(values.max())
    if np.isfinite(low) and np.isfinite(high):
        return low, high
    finite = values[np.isfinite(values)]
    return (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)


def _ends(low, high):
    if low < -_NEARLY_UNSIGNED * abs(high):
        largest = max(-low, high)
        return -largest, largest, True
    return 0.0, max(high, 0.0), False


def _levels(layers, folded, planes, unit, spacing):
    """(layers of one depth, z of their front, thickness), from the input on."""
    depths = sorted({layer.depth for layer in layers})
    if not depths:
        return []
    groups = [[layer for layer in layers if layer.depth == depth] for depth in depths]
    weights = np.array(
        [max(np.sqrt(folded[layer.name].channels) for layer in group) for group in groups]
    )
    widths = [_width([planes[layer.name] for layer in group], unit) for group in groups]
    sheets = [any(folded[layer.name].cells for layer in group) for group in groups]
    gap = GAP * weights.mean()
    length = unit * (1.3 + 0.72 * len(groups) ** 0.4)
    scale = length / (weights.sum() + gap * len(groups))
    scale = min(scale, THICKEST * unit / weights.max())
    for_sheets = SHEET_GAP * min(1.0, 6 / max(1, sum(sheets)))
    levels, front, before = [], 0.0, unit
    for group, weight, width, is_sheet in zip(groups, weights, widths, sheets, strict=True):
        room = for_sheets * (before + width) if is_sheet else 0.0
        front -= max(gap * scale, room) * spacing
        levels.append((group, front, weight * scale))
        front -= weight * scale
        before = width
    return levels


@dataclass(frozen=True)
class _Plane:
    """Where a map stands: its left and top edge and its size in the world."""

    left: float
    top: float
    width: float
    height: float


def _plane(layer, folded, rows, columns):
    _, map_rows, map_columns = folded.values.shape
    if layer.squares:
        cell = min(rows / map_rows, columns / map_columns)
        # What is much longer than wide is widened, so that there is something to see.
        across = max(cell * map_columns, _THINNEST_PART * columns)
        down = max(cell * map_rows, _THINNEST_PART * rows)
        return _Plane(-across / 2, down / 2, across, down)
    if folded.sheet:
        part = COLUMN_HEIGHT if map_columns == 1 else SHEET
        larger = max(rows, columns)
        cell = min(part * rows / map_rows, part * larger / map_columns, LARGEST_CELL * larger)
        return _Plane(
            -cell * map_columns / 2, cell * map_rows / 2, cell * map_columns, cell * map_rows
        )
    left, width = _side(layer, 1, map_columns, columns)
    top, height = _side(layer, 0, map_rows, rows)
    return _Plane(left, -top, width, height)


def _side(layer, axis, count, size):
    """Start and length of a map along one side, from the middle of the input."""
    if layer.stride is not None and layer.stride[axis] > 0:
        stride, center = layer.stride[axis], layer.center[axis]
        length = count * stride
        start = center + 0.5 - stride / 2 - size / 2
        meets = -size < start < size
        if _NARROWEST * size <= length <= _WIDEST * size and meets:
            return start, length
    return -size / 2, size


def _width(planes, unit):
    """Width of the maps of one level, side by side."""
    return sum(plane.width for plane in planes) + BRANCH_GAP * unit * (len(planes) - 1)


def _side_by_side(planes, unit):
    """Shifts along x that stand the maps of one level beside each other."""
    if len(planes) == 1:
        return [0.0]
    left = -_width(planes, unit) / 2
    shifts = []
    for plane in planes:
        shifts.append(left - plane.left)
        left += plane.width + BRANCH_GAP * unit
    return shifts


def _slab(layer, folded, plane, shift, front, thickness, value_range, unit):
    stored, stored_unit, specials = encode(folded.values, folded.absent)
    low, high, signed = value_range
    if folded.sheet:
        # One voxel thick, in the middle of its level.
        cell = min(plane.height / folded.values.shape[1], 0.04 * unit, thickness)
        front -= (thickness - cell) / 2
        thickness = cell
    return Slab(
        name=layer.name,
        values=stored,
        unit=stored_unit,
        low=low,
        high=high,
        signed=signed,
        corner=(plane.left + shift, plane.top, front),
        extent=(plane.width, -plane.height, -thickness),
        specials=specials,
        opaque=folded.sheet,
        density=_density(layer, folded.values, high),
        sharp=layer.squares,
    )


def _density(layer, values, high):
    """How much denser than normal a layer is drawn, by how full it is."""
    mean = layer.mean
    if mean is None:
        sizes = np.abs(values, dtype=np.float32)
        mean = float(sizes.mean()) if sizes.size else 0.0
        if not np.isfinite(mean):
            finite = sizes[np.isfinite(sizes)]
            mean = float(finite.mean()) if finite.size else 0.0
    if not mean > 0 or not high > 0:
        return 1.0
    return float(np.clip(_MEAN_PLACE * high / mean, _THINNEST, _DENSEST))


def _label(part, title, detail):
    low, high = part.box
    return Label(part.name, title, detail, tuple(low), tuple(high))


def _sizes(shape):
    return " × ".join(f"{size:,}" for size in shape)
