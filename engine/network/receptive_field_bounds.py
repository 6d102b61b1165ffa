"""Intervals of picture rows or columns for every unit of a tensor, and what operators do to them.

A unit's receptive field is a box: an interval of rows and one of columns. Both are kept for all
units of a tensor at once as an array that has the tensor's axes, with extent 1 along every axis on
which the interval does not depend. So a map of 512 channels of 14 x 14 needs 14 intervals of rows
and 14 of columns, tokens need one of each per token, and reshaping, transposing, slicing and
joining tensors are the same operations on these small arrays.

Two intervals are kept side by side. What a unit *sees*: the pixels of the picture that it truly
depends on (nothing at padding, edges repeated where an operator repeats them). What it *reaches*:
the same as though the picture and every map went on beyond their borders, which is what a person
calls the receptive field of a layer. Ends are stored negated, so that the union of boxes is one
minimum.
"""

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from math import gcd, lcm, prod

import numpy as np

NOTHING = 2**30  # the start of an empty interval; its negated end as well
EVERYTHING = -(2**30)  # what a unit reaches when it depends on the whole picture
FINITE = 2**29
LARGEST = 2**20  # intervals kept for one tensor; beyond that an axis is joined


class Undetermined(Exception):
    """Which pixels matter cannot be told (a size known only at run time, an unknown operator)."""


@dataclass(frozen=True)
class Bounds:
    """Intervals of one direction (rows or columns) for all units of a tensor.

    Attributes
    ----------
    values : int32[4, ...]
        Seen start, negated seen end, reached start, negated reached end, in pixels of the network's
        input; the other axes are the tensor's, with extent 1 where nothing depends on them.
    axes : frozenset of int
        The tensor's axes along which positions in this direction lie.
    period : (int, int)
        Q positions along that axis move the reached interval by J pixels; (1, 0) when there is
        none.
    regular : bool
        Whether `period` holds along the one axis in `axes`, so that the map can be continued.
    """

    values: np.ndarray
    axes: frozenset
    period: tuple = (1, 0)
    regular: bool = False

    @property
    def stride(self):
        """Pixels from one position to the next, as a Fraction."""
        return Fraction(self.period[1], self.period[0])

    def extent(self, axis):
        """Number of different intervals along an axis of the tensor."""
        return self.values.shape[axis + 1]

    @cached_property
    def has_empty(self):
        """Whether some unit sees nothing."""
        return bool((self.values[0] >= FINITE).any())

    @cached_property
    def seen_by_all(self):
        """int32[2]: the seen start and negated end of all units together."""
        return self.values[:2].reshape(2, -1).min(axis=1)


@dataclass(frozen=True)
class Field:
    """The receptive fields of all units of a tensor.

    Attributes
    ----------
    rows, cols : Bounds
    loose : bool
        The boxes are upper bounds.
    joined_axes : frozenset of int
        Axes whose units were joined to save memory; an operator that mixes them anyway loses
        nothing.
    """

    rows: Bounds
    cols: Bounds
    loose: bool = False
    joined_axes: frozenset = frozenset()

    @property
    def both(self):
        """Rows and columns."""
        return self.rows, self.cols

    @property
    def rank(self):
        """Number of axes of the tensor."""
        return self.rows.values.ndim - 1

    @property
    def is_loose(self):
        """Whether boxes may be larger than what matters."""
        return self.loose or bool(self.joined_axes)

    def map(self, function):
        """The field with both directions changed by `function`; joined axes count as loose then."""
        return Field(function(self.rows), function(self.cols), self.is_loose)


def of_picture(shape, row_axis, col_axis):
    """Field of the picture itself: every pixel sees itself.

    Parameters
    ----------
    shape : tuple of int
        The input tensor's shape.
    row_axis, col_axis : int or None
        Its axes of rows and columns; None for a picture of one row.
    """

    def one(axis):
        size = 1 if axis is None else shape[axis]
        start = np.arange(size, dtype=np.int32)
        extents = [4] + [1] * len(shape)
        if axis is not None:
            extents[axis + 1] = size
        values = np.stack([start, -start - 1, start, -start - 1]).reshape(extents)
        return Bounds(values, frozenset(() if axis is None else (axis,)), (1, 1), axis is not None)

    return Field(one(row_axis), one(col_axis))


def aligned(field, rank):
    """The field of a tensor broadcast to `rank` axes (new axes in front)."""
    missing = rank - field.rank
    if missing == 0:
        return field

    def one(bounds):
        shape = bounds.values.shape
        values = bounds.values.reshape((4,) + (1,) * missing + shape[1:])
        return replace(bounds, values=values, axes=frozenset(a + missing for a in bounds.axes))

    joined = frozenset(a + missing for a in field.joined_axes)
    return Field(one(field.rows), one(field.cols), field.loose, joined)


def union(a, b):
    """Field of units that depend on a unit of `a` and one of `b` (broadcast against each other)."""
    if a is None or b is None:
        return b if a is None else a
    if a is b:
        return a
    rank = max(a.rank, b.rank)
    a, b = aligned(a, rank), aligned(b, rank)
    a, b, joined = _within_memory(_emptied(a), _emptied(b), rank)
    both = a.joined_axes | b.joined_axes | joined
    rows, cols = _union(a.rows, b.rows), _union(a.cols, b.cols)
    return Field(rows, cols, a.loose or b.loose, both)


def _union(a, b):
    if a is b:
        return a
    one, other = (a, b) if a.stride <= b.stride else (b, a)
    if not one.stride or not one.regular:
        one, other = other, one
    period = one.period
    regular = one.regular and one.axes == other.axes | one.axes
    if other.stride == one.stride:
        factor = lcm(one.period[0], other.period[0]) // one.period[0]
        period = (one.period[0] * factor, one.period[1] * factor)
    return Bounds(np.minimum(a.values, b.values), a.axes | b.axes, period, regular)


def _emptied(field):
    """The field with both directions empty wherever one is (a unit that sees nothing)."""
    rows, cols = field.both
    if not rows.has_empty and not cols.has_empty:
        return field
    empty = (rows.values[0] >= FINITE) | (cols.values[0] >= FINITE)

    def one(bounds):
        if ((bounds.values[0] >= FINITE) == empty).all():
            return bounds
        seen = np.where(empty, NOTHING, bounds.values[:2])
        reached = np.broadcast_to(bounds.values[2:], seen.shape)
        return replace(bounds, values=np.concatenate([seen, reached]).astype(np.int32))

    return Field(one(rows), one(cols), field.loose, field.joined_axes)


def _within_memory(a, b, rank):
    """Join axes of both until their union is small enough (products of tokens with tokens)."""
    joined = set()
    for axis in reversed(range(rank)):
        sizes = [
            prod(max(extents) for extents in zip(x.values.shape, y.values.shape, strict=True))
            for x, y in zip(a.both, b.both, strict=True)
        ]
        if max(sizes) <= 4 * LARGEST:
            break
        if any(bounds.extent(axis) > 1 for field in (a, b) for bounds in field.both):
            joined.add(axis)
            a, b = reduced(a, (axis,)), reduced(b, (axis,))
    return a, b, frozenset(joined)


def reduced(field, axes, places=True):
    """Field of units that depend on all units along `axes` (kept with extent 1).

    A direction that was joined over the tensor's positions, so that a unit sees all that the tensor
    sees, reaches everything from then on.

    Parameters
    ----------
    axes : iterable of int
    places : bool
        Whether indices along `axes` are the same places afterwards (a normalisation), or something
        else (the outputs of a product).
    """
    axes = frozenset(axes)

    def one(bounds):
        over = tuple(axis + 1 for axis in axes if bounds.extent(axis) > 1)
        kept = bounds.axes if places else bounds.axes - axes
        if not over:
            same = kept == bounds.axes
            return bounds if same else replace(bounds, axes=kept, regular=False)
        values = bounds.values.min(axis=over, keepdims=True)
        if any(axis - 1 in bounds.axes for axis in over):
            total = bounds.seen_by_all.reshape((2,) + (1,) * (values.ndim - 1))
            whole = (values[:2] == total).all(axis=0)
            values[2:] = np.where(whole, EVERYTHING, values[2:])
            return settled(Bounds(values, kept, bounds.period))
        return replace(bounds, values=values)

    return Field(one(field.rows), one(field.cols), field.loose, field.joined_axes - axes)


def grouped(field, axis, groups, channels):
    """Field after a convolution has mixed channels within each of `groups`, giving `channels`."""
    if groups == 1:
        return reduced(field, (axis,), places=False)

    def one(bounds):
        size = bounds.extent(axis)
        if size == 1:
            return bounds
        shape = bounds.values.shape
        inside = shape[: axis + 1] + (groups, size // groups) + shape[axis + 2 :]
        values = bounds.values.reshape(inside).min(axis=axis + 2)
        return replace(bounds, values=np.repeat(values, channels // groups, axis=axis + 1))

    return field.map(one)


def transposed(field, order):
    """Field of a tensor whose axes are put in another order."""
    place = {old: new for new, old in enumerate(order)}

    def one(bounds):
        values = bounds.values.transpose([0] + [axis + 1 for axis in order])
        return replace(bounds, values=values, axes=frozenset(place[a] for a in bounds.axes))

    joined = frozenset(place[a] for a in field.joined_axes)
    return Field(one(field.rows), one(field.cols), field.loose, joined)


def reshaped(field, old, new):
    """Field of a tensor of shape `old` read in the same order as shape `new`."""
    if tuple(old) == tuple(new):
        return field
    if prod(old) != prod(new) or prod(old) == 0:
        raise Undetermined(f"a reshape of {old} to {new}")
    groups = _matching_axes(old, new)
    positional = field.rows.axes | field.cols.axes
    return field.map(lambda bounds: _reshape(bounds, old, new, groups, positional))


def _matching_axes(old, new):
    """Runs of axes ((old first, stop), (new first, stop)) that hold the same numbers of units."""
    groups = []
    i = j = 0
    while i < len(old) or j < len(new):
        first = i, j
        units = [at < len(shape) and shape[at] == 1 for at, shape in ((i, old), (j, new))]
        if i < len(old) and j < len(new) and units[0] != units[1]:  # it comes or goes by itself
            i, j = i + units[0], j + units[1]
            groups.append(((first[0], i), (first[1], j)))
            continue
        left = right = 1
        if i < len(old):
            left, i = old[i], i + 1
        if j < len(new):
            right, j = new[j], j + 1
        while left != right:
            if left < right:
                left, i = left * old[i], i + 1
            else:
                right, j = right * new[j], j + 1
        groups.append(((first[0], i), (first[1], j)))
    return groups


def _reshape(bounds, old, new, groups, positional):
    full, extents, axes, period = [4], [4], set(), bounds.period
    mixed = []
    for (first, stop), (to, end) in groups:
        part = bounds.values.shape[first + 1 : stop + 1]
        inside = bounds.axes & set(range(first, stop))
        if stop - first == end - to == 1:
            full.append(part[0])
            extents.append(part[0])
            axes |= {to} if inside else set()
            continue
        varies = any(extent > 1 for extent in part)
        full += old[first:stop] if varies else part
        extents += new[to:end] if varies else [1] * (end - to)
        if varies:
            mixed += range(to, end)
        if varies and inside:
            axes |= set(range(to, end))
            inner = old[max(inside) + 1 : stop], set(range(max(inside) + 1, stop))
            if end - to > 1 and len(inside) == 1:  # an axis is cut: its outer part strides further
                period = continued_period(period, Fraction(prod(new[to + 1 : end])))
            elif len(inside) > 1:  # and put together again
                period = continued_period(period, Fraction(1, prod(old[min(inside) + 1 : stop])))
            elif not inner[1] & positional:  # what was channels lies between the positions
                period = period[0] * prod(inner[0]), period[1]
    if prod(extents) > 4 * LARGEST:
        raise Undetermined("a reshape that mixes too many positions")
    values = np.broadcast_to(bounds.values, full).reshape(extents)
    values = without_repeats(values, mixed)
    axes = frozenset(a for a in axes if values.shape[a + 1] > 1 or a not in mixed)
    return settled(Bounds(values, axes, period))


def without_repeats(values, axes):
    """Extent 1 along every axis of the tensor among `axes` along which nothing changes."""
    for axis in axes:
        if values.shape[axis + 1] > 1:
            first = values.take([0], axis=axis + 1)
            if (first == values).all():
                values = first
    return values


def settled(bounds):
    """The bounds with `regular` found out from the numbers."""
    if len(bounds.axes) != 1 or not bounds.period[1]:
        return replace(bounds, regular=False)
    axis = next(iter(bounds.axes)) + 1
    if bounds.values.shape[axis] == 1:
        return replace(bounds, regular=False)
    step, shift = bounds.period
    moved = np.moveaxis(bounds.values[2:], axis, 0)
    later, sooner = moved[step:], moved[:-step]
    signs = np.array([shift, -shift]).reshape((1, 2) + (1,) * (moved.ndim - 2))
    regular = np.array_equal(later, np.where(abs(sooner) < FINITE, sooner + signs, sooner))
    return replace(bounds, regular=bool(regular))


def joined_along(fields, sizes, axis, rank):
    """Field of tensors laid one behind the other along `axis`.

    Parameters
    ----------
    fields : list of Field or None
        None for a tensor that depends on no pixel.
    sizes : list of int
        Their lengths along `axis`.
    """

    def one(parts):
        known = [p for p in parts if p is not None]
        first = known[0]
        if len(known) == len(parts) and all(p.extent(axis) == 1 for p in known):
            if all(p is first or np.array_equal(p.values, first.values) for p in known):
                return first
        extents = [4] + [max(p.extent(a) for p in known) for a in range(rank)]
        pieces = []
        for part, size in zip(parts, sizes, strict=True):
            extents[axis + 1] = size
            values = np.int32(NOTHING) if part is None else part.values
            pieces.append(np.broadcast_to(values, extents))
        axes = frozenset().union(*(p.axes for p in known))
        values = np.concatenate(pieces, axis=axis + 1)
        period = next((p.period for p in known if p.period[1]), (1, 0))
        return settled(Bounds(values, axes, period))

    known = [f for f in fields if f is not None]
    rows = one([f and f.rows for f in fields])
    cols = one([f and f.cols for f in fields])
    return Field(rows, cols, any(f.is_loose for f in known))


def continued_period(period, step):
    """The period after an operator that moves `step` (a Fraction) positions for each of its own.

    Of its own positions, q cover q x step of the tensor before: the smallest q for which that is a
    whole number of old periods.
    """
    length, shift = period
    numerator, denominator = step.numerator, step.denominator
    count = length // gcd(length, abs(numerator))
    return denominator * count, shift * numerator * count // length


def window(field, axis, size, table):
    """Field of units that depend on a window of positions along `axis`, as `table` says.

    Parameters
    ----------
    axis, size : int
        The tensor's axis and its length.
    table : engine.network.receptive_field_tables.Table
    """
    touched = any(axis in b.axes or b.extent(axis) > 1 for b in field.both)
    return field.map(lambda bounds: _window(bounds, axis, size, table, touched))


def _window(bounds, axis, size, table, touched):
    positional = axis in bounds.axes
    if not positional and bounds.extent(axis) == 1 and (touched or not table.leaves_gaps):
        return bounds
    values = np.moveaxis(bounds.values, axis + 1, 1)
    if values.shape[1] == 1 and size > 1:
        values = np.broadcast_to(values, (4, size) + values.shape[2:])
    seen = _smallest(values[:2], table.seen, table.seen < 0)
    if positional and bounds.regular:
        reached = _continued(values[2:], table.reached, table.no_reach, bounds.period)
    elif positional:
        inside = np.clip(table.reached, 0, size - 1)
        reached = _smallest(values[2:], inside, table.no_reach)
    else:
        reached = _smallest(values[2:], table.seen, table.seen < 0)
    values = np.moveaxis(np.concatenate([seen, reached]), 1, axis + 1)
    if not positional:
        return replace(bounds, values=values)
    if table.step is None:
        return settled(Bounds(values, bounds.axes, bounds.period))
    period = continued_period(bounds.period, table.step)
    return Bounds(values, bounds.axes, period, bounds.regular)


def _smallest(values, table, nothing):
    """int32[2, out, ...]: the smallest value in every window of int[out, taps]."""
    picked = values[:, table]
    if nothing is not None and nothing.any():
        picked[:, nothing] = NOTHING
    return picked.min(axis=2) if table.shape[1] > 1 else picked[:, :, 0]


def _continued(values, table, nothing, period):
    """As `_smallest`, with the map continued beyond its ends by its period."""
    size = values.shape[1]
    length, shift = period
    if table.min() >= 0 and table.max() < size:
        return _smallest(values, table, nothing)
    if length <= size:
        turns = np.where(table < 0, table // length, 0)
        turns = np.where(table >= size, (table - size) // length + 1, turns)
        inside = table - turns * length
        moved = turns * shift
    else:
        inside = np.clip(table, 0, size - 1)
        moved = (table - inside) * shift // length
    picked = values[:, inside]
    signs = np.stack([moved, -moved]).reshape((2,) + moved.shape + (1,) * (picked.ndim - 3))
    further = np.clip(picked + signs, -FINITE + 1, FINITE - 1)
    picked = np.where(abs(picked) < FINITE, further, picked).astype(np.int32)
    if nothing is not None and nothing.any():
        picked[:, nothing] = NOTHING
    return picked.min(axis=2)
