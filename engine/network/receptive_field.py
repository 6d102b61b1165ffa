"""Receptive fields, exact over the graph: which pixels every unit of every tensor can depend on.

The graph is walked once, from the picture to the outputs; `receptive_field_bounds` holds the
intervals of all units of a tensor, `receptive_field_rules` says what each operator does to them.
Branches that meet are joined unit by unit. The same is found slowly, by lighting one pixel after
the other, in ``tests/reference/receptive_field.py``; [ConvViz] formula (1) agrees for chains.
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from engine.network.receptive_field_bounds import (
    EVERYTHING,
    FINITE,
    Bounds,
    Undetermined,
    aligned,
    of_picture,
)
from engine.network.receptive_field_mixing import everything
from engine.network.receptive_field_rules import Operation, fields_after

EXACT = "exact"
UPPER_BOUND = "upper bound"
WHOLE_INPUT = "whole input"


@dataclass(frozen=True)
class ReceptiveField:
    """The receptive field of a tensor's units, in pixels of the network's input.

    Attributes
    ----------
    size : (int, int)
        Rows and columns of the largest field, not clipped to the picture. For the whole input: its
        size. (0, 0) when no unit depends on the picture.
    stride : (Fraction, Fraction)
        Pixels from one unit's field to the next one's; 0 for the whole input.
    center : (float, float)
        Row and column of the middle of unit (0, 0)'s field, not clipped; pixel centres lie at whole
        numbers.
    status : str
        ``"exact"``, ``"upper bound"`` (fields may be smaller) or ``"whole input"``.
    uniform : bool
        Whether all units have fields of this size, apart from clipping.
    """

    size: tuple[int, int]
    stride: tuple[Fraction, Fraction]
    center: tuple[float, float]
    status: str
    uniform: bool

    def as_json(self):
        """Plain numbers, as `lamella info --json` prints them."""
        return {
            "size": list(self.size),
            "stride": [_number(stride) for stride in self.stride],
            "center": [_number(center) for center in self.center],
            "status": self.status,
            "uniform": self.uniform,
        }


def _number(value):
    return int(value) if value == int(value) else float(value)


class ReceptiveFields:
    """Receptive fields of every tensor of a graph.

    Parameters
    ----------
    graph : engine.network.graph.Graph
    shapes : mapping of str to tuple of int
        Concrete shape of every tensor at the chosen size.
    values : mapping of str to ndarray
        Small integer tensors at that size (sizes of a Resize, starts of a Slice).
    image_input : str
        Name of the input that takes the picture.
    image_axes : (int or None, int)
        Its axes of rows and columns; a flat input is a picture of one row: ``(None, 1)``.

    Notes
    -----
    Costs about 0.1 ms a node, and memory for each tensor's rows and columns (not their product).
    """

    def __init__(self, graph, shapes, values, image_input, image_axes):
        shape = tuple(int(size) for size in shapes[image_input])
        self._picture = tuple(1 if axis is None else shape[axis] for axis in image_axes)
        self._shapes = shapes
        self._fields = {image_input: of_picture(shape, *image_axes)}
        self._summaries = {}
        self.reasons = {}  # name of an operator: why its fields are upper bounds
        for node in graph.nodes:
            self._follow(graph, node, values)

    def _follow(self, graph, node, values):
        known = [self._fields[name] for name in node.reads if self._fields.get(name) is not None]
        if not known:
            return
        operation = Operation(graph, node, self._shapes, values, self._fields)
        try:
            fields = [
                self._fitted(name, field)
                for name, field in zip(node.outputs, fields_after(operation), strict=True)
            ]
        except Undetermined as reason:
            self.reasons[node.name or node.op_type] = str(reason)
            fields = [
                self._fitted(name, everything(known, loose=True)) if name else None
                for name in node.outputs
            ]
        self._fields.update(zip(node.outputs, fields, strict=True))

    def _fitted(self, name, field):
        """The field with as many axes as its tensor; a rule that misread its node is found here."""
        shape = self._shapes.get(name)
        if field is None or shape is None:
            return field
        if field.rank > len(shape):
            raise Undetermined(f"the axes of {name}")
        field = aligned(field, len(shape))
        for bounds in field.both:
            for extent, size in zip(bounds.values.shape[1:], shape, strict=True):
                if extent not in (1, size):
                    raise Undetermined(f"the shape of {name}")
        return field

    def of(self, tensor, position_axes):
        """The receptive field of a tensor's units.

        Parameters
        ----------
        tensor : str
        position_axes : tuple of int
            The axes (in the file's layout) whose indices are positions: rows and columns of a map,
            tokens, both axes of an attention matrix, or none.

        Returns
        -------
        ReceptiveField
            Of all channels together.
        """
        field = self._fields.get(tensor)
        if field is None:
            zero = Fraction(0)
            return ReceptiveField((0, 0), (zero, zero), (0.0, 0.0), EXACT, True)
        rows, cols = self._at_positions(tensor, position_axes)
        empty = bool(((rows[0] >= FINITE) | (cols[0] >= FINITE)).any())
        parts = [
            _direction(values, bounds, size, bool(position_axes))
            for values, bounds, size in zip((rows, cols), field.both, self._picture, strict=True)
        ]
        status = UPPER_BOUND if field.is_loose else EXACT
        if status == EXACT and all(part.whole for part in parts):
            status = WHOLE_INPUT
        return ReceptiveField(
            tuple(part.size for part in parts),
            tuple(part.stride for part in parts),
            tuple(part.center for part in parts),
            status,
            not empty and all(part.uniform for part in parts),
        )

    def box(self, tensor, position_axes, position):
        """The box of one unit's receptive field.

        Parameters
        ----------
        tensor : str
        position_axes : tuple of int
            As in `of`.
        position : tuple of int
            The unit's index along each of them.

        Returns
        -------
        (int, int, int, int)
            First row, first column, row and column after the last, in pixels of the network's
            input. Not clipped: it goes beyond the picture where the unit looks at padding. What
            lies inside of the picture is exactly what the unit can depend on. All zero when it
            depends on nothing.
        """
        if self._fields.get(tensor) is None:
            return (0, 0, 0, 0)
        spans = []
        for values, size in zip(
            self._at_positions(tensor, position_axes), self._picture, strict=True
        ):
            index = tuple(
                int(p) if extent > 1 else 0
                for p, extent in zip(position, values.shape[1:], strict=True)
            )
            spans.append(_span(values[(slice(None), *index)].tolist(), size))
        (top, bottom), (left, right) = spans
        return (top, left, bottom, right) if bottom > top and right > left else (0, 0, 0, 0)

    def boxes(self, tensor, position_axes, sizes):
        """The boxes of all units, as `box` gives each.

        Parameters
        ----------
        tensor : str
        position_axes : tuple of int
            As in `of`.
        sizes : tuple of int
            Extents of these axes.

        Returns
        -------
        int64[*sizes, 4]
        """
        found = np.zeros((*sizes, 4), np.int64)
        if self._fields.get(tensor) is None:
            return found
        spans = [
            _spans(np.broadcast_to(values, (4, *sizes)).astype(np.int64), size)
            for values, size in zip(
                self._at_positions(tensor, position_axes), self._picture, strict=True
            )
        ]
        (top, bottom), (left, right) = spans
        found[...] = np.stack([top, left, bottom, right], -1)
        found[(bottom <= top) | (right <= left)] = 0
        return found

    def _at_positions(self, tensor, position_axes):
        """int32[4, positions...] for rows and columns, all other axes joined."""
        key = tensor, tuple(position_axes)
        if key not in self._summaries:
            field = self._fields[tensor]
            self._summaries[key] = tuple(_joined(b, key[1]) for b in field.both)
        return self._summaries[key]


def _joined(bounds, position_axes):
    others = tuple(axis + 1 for axis in range(bounds.values.ndim - 1) if axis not in position_axes)
    order = [sorted(position_axes).index(axis) + 1 for axis in position_axes]
    return bounds.values.min(axis=others).transpose([0, *order])


def _span(values, size):
    """Start and stop of one unit's interval: as reached where that agrees with what it sees."""
    seen = values[0], -values[1]
    reached = values[2], -values[3]
    if seen[0] >= FINITE:
        outside = reached[1] <= 0 or reached[0] >= size
        return (
            reached if outside and abs(reached[0]) < FINITE and reached[1] > reached[0] else (0, 0)
        )
    start = reached[0] if max(reached[0], 0) == seen[0] and reached[0] > EVERYTHING else seen[0]
    stop = reached[1] if min(reached[1], size) == seen[1] and reached[1] < -EVERYTHING else seen[1]
    return start, stop


def _spans(values, size):
    """As `_span`, of many units: int64[4, ...] to start and stop, int64[...] each."""
    seen, reached = (values[0], -values[1]), (values[2], -values[3])
    start = np.where(
        (np.maximum(reached[0], 0) == seen[0]) & (reached[0] > EVERYTHING), reached[0], seen[0]
    )
    stop = np.where(
        (np.minimum(reached[1], size) == seen[1]) & (reached[1] < -EVERYTHING), reached[1], seen[1]
    )
    outside = (reached[1] <= 0) | (reached[0] >= size)
    known = outside & (abs(reached[0]) < FINITE) & (reached[1] > reached[0])
    empty = seen[0] >= FINITE
    start = np.where(empty, np.where(known, reached[0], 0), start)
    return start, np.where(empty, np.where(known, reached[1], 0), stop)


@dataclass(frozen=True)
class _Direction:
    """Rows or columns of a `ReceptiveField`."""

    size: int
    stride: Fraction
    center: float
    whole: bool
    uniform: bool


def _direction(values, bounds: Bounds, picture, has_positions):
    start, stop = values[2].ravel().astype(np.int64), -values[3].ravel().astype(np.int64)
    whole = start <= EVERYTHING
    exists = (start < FINITE) & (stop > start)
    if not exists.any():
        return _Direction(0, Fraction(0), 0.0, False, True)
    covers = values[0].min() <= 0 and -values[1].min() >= picture
    if whole[exists].all() or (not has_positions and covers):
        return _Direction(picture, Fraction(0), (picture - 1) / 2, True, bool(exists.all()))
    sizes = np.where(whole, picture, stop - start)[exists]
    first = int(np.argmax(exists))
    middle = (picture - 1) / 2 if whole[first] else (start[first] + stop[first] - 1) / 2
    same = bool(exists.all() and (sizes == sizes[0]).all() and not whole.any())
    return _Direction(int(sizes.max()), bounds.stride, float(middle), False, same)
