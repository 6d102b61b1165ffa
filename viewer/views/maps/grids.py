"""How a layer's values of any shape become maps side by side, and which unit stands where.

* ``[C, H, W]``: a map for each channel.
* ``[C]``, ``[C, 1, 1]``: cells, a map of one unit for each channel.
* ``[C, T]`` (tokens): a map for each channel in which the positions stand in rows, as square as
  possible. One position more than a square (a class token before the patches) stands alone above
  the square of the others. Places that only fill up the last row are absent.
* More than two position axes: leading ones make more maps. Nothing at all: no maps.
"""

from dataclasses import dataclass
from math import isqrt, prod

import numpy as np


@dataclass(frozen=True)
class Grid:
    """How a layer's values are laid out as maps.

    Attributes
    ----------
    shape : tuple of int
        The layer's (C, *positions).
    maps : int
        How many maps.
    rows, columns : int
        Of each map.
    lead : int
        1 when the first position stands alone in the first row.
    """

    shape: tuple[int, ...]
    maps: int
    rows: int
    columns: int
    lead: int = 0

    @property
    def is_cells(self):
        """Whether every map is a single unit."""
        return self.rows == self.columns == 1

    @property
    def is_sequence(self):
        """Whether positions of one axis were laid out in rows."""
        return len(self.shape) == 2 and not self.is_cells

    @property
    def positions(self):
        """Units of a map; the other places of its grid are absent."""
        return prod(self.shape[1:]) if len(self.shape) < 3 else self.rows * self.columns


def grid_of(shape):
    """The `Grid` of a layer of shape (C, *positions)."""
    shape = tuple(int(size) for size in shape) or (1,)
    channels, positions = shape[0], shape[1:]
    if not prod(shape):
        return Grid(shape, 0, 1, 1)
    if prod(positions) == 1:
        return Grid(shape, channels, 1, 1)
    if len(positions) == 1:
        return Grid(shape, channels, *_rows_of_tokens(positions[0]))
    return Grid(shape, channels * prod(positions[:-2]), *positions[-2:])


def _rows_of_tokens(count):
    """(rows, columns, lead) for a sequence of positions."""
    side = isqrt(count)
    if side * side == count:
        return side, side, 0
    side = isqrt(count - 1)
    if side * side == count - 1 and side > 1:
        return side + 1, side, 1
    columns = isqrt(count - 1) + 1
    return -(-count // columns), columns, 0


def absent(grid):
    """bool[rows, columns]: places where there is no unit; None when there are none."""
    if not grid.is_sequence or grid.positions == grid.rows * grid.columns:
        return None
    missing = np.ones((grid.rows, grid.columns), bool)
    if grid.lead:
        missing[0, 0] = False
        missing[1:] = False
    else:
        missing.reshape(-1)[: grid.positions] = False
    return missing


def take(grid, values, numbers):
    """Some maps of a layer.

    Parameters
    ----------
    grid : Grid
    values : float[C, *positions]
    numbers : int[M]
        Which maps.

    Returns
    -------
    float[M, rows, columns]
        Zero where absent.
    """
    values = np.asarray(values)
    if not grid.is_sequence or grid.positions == grid.rows * grid.columns:
        return values.reshape(grid.maps, grid.rows, grid.columns)[numbers]
    found = np.zeros((len(numbers), grid.rows, grid.columns), values.dtype)
    found[:, ~absent(grid)] = values[numbers]
    return found


def unit_at(grid, number, row, column):
    """(channel, position) of a place in a map, or None where it is absent.

    Returns
    -------
    (int, tuple of int) or None
        The position has as many parts as the layer has position axes.
    """
    if not (0 <= number < grid.maps and 0 <= row < grid.rows and 0 <= column < grid.columns):
        return None
    positions = grid.shape[1:]
    if grid.is_cells and grid.maps == grid.shape[0]:
        return number, (0,) * len(positions)
    if grid.is_sequence:
        if grid.lead:
            at = 1 + (row - 1) * grid.columns + column if row else (0 if column == 0 else -1)
        else:
            at = row * grid.columns + column
        return (number, (at,)) if 0 <= at < grid.positions else None
    channel, *leading = np.unravel_index(number, (grid.shape[0], *positions[:-2]))
    return int(channel), (*(int(part) for part in leading), row, column)


def place_of(grid, channel, unit):
    """(map, row, column) of a channel's unit; row and column are None without a unit.

    None when there is no such channel or unit.
    """
    positions = grid.shape[1:]
    if not grid.maps or not 0 <= channel < grid.shape[0]:
        return None
    if unit is None or len(unit) != len(positions):
        first = channel * (grid.maps // grid.shape[0])
        return first, None, None
    if not all(0 <= at < size for at, size in zip(unit, positions, strict=True)):
        return None
    if grid.is_cells and grid.maps == grid.shape[0]:
        return channel, 0, 0
    if grid.is_sequence:
        at = unit[0]
        if grid.lead:
            row, column = (0, 0) if at == 0 else (1 + (at - 1) // grid.columns, 0)
            column = (at - 1) % grid.columns if at else 0
            return channel, row, column
        return channel, at // grid.columns, at % grid.columns
    leading = (channel, *unit[:-2])
    number = int(np.ravel_multi_index(leading, (grid.shape[0], *positions[:-2])))
    return number, int(unit[-2]), int(unit[-1])
