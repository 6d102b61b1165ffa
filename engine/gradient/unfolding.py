"""Unfolds a layer's weights, or their gradients, into a volume: filters along depth.

A filter of ``I`` inputs with a kernel of ``h x w`` becomes one picture. In which way is chosen by
name and said in a sentence (`UNFOLDINGS`); every way keeps every number, and the way back is known
for every place (`what_at`, `fold`).
"""

import math
from dataclasses import dataclass

import numpy as np

from engine.errors import InputError

UNFOLDINGS = {
    "tiles": "Each input's kernel is a tile; tiles stand in rows, as near to square as possible.",
    "rows": "One row for each input: its kernel, row after row.",
    "columns": "One column for each input: its kernel, row after row.",
    "positions": "Each place of the kernel is a tile of all inputs: the tiles stand as the kernel.",
}
"""The ways, each with its sentence."""


@dataclass(frozen=True)
class _Plan:
    """How inputs and kernel places lie in a picture.

    The picture's rows are counted through (tile row, row in the tile), its columns likewise. In
    ``swapped`` a tile belongs to a place of the kernel, and its inside is the inputs.

    Attributes
    ----------
    inputs, height, width : int
    grid : (int, int)
        Rows and columns in which the inputs stand.
    how : str
    """

    inputs: int
    height: int
    width: int
    grid: tuple[int, int]
    how: str

    @property
    def size(self):
        """Rows and columns of the picture."""
        rows, columns = self.grid
        if self.how == "rows":
            return self.inputs, self.height * self.width
        if self.how == "columns":
            return self.height * self.width, self.inputs
        return rows * self.height, columns * self.width

    def place(self, each, y, x):
        """Row and column of one weight; arrays are broadcast."""
        if self.how == "rows":
            return each, y * self.width + x
        if self.how == "columns":
            return y * self.width + x, each
        down, right = each // self.grid[1], each % self.grid[1]
        if self.how == "positions":
            return y * self.grid[0] + down, x * self.grid[1] + right
        return down * self.height + y, right * self.width + x


def near_square(count):
    """Rows and columns for so many things: as near to square as possible, no row empty.

    An exact rectangle is taken where one has sides of at most 1 to 3, so that nothing is left
    over; columns are not fewer than rows.
    """
    rows = math.isqrt(max(1, count))
    while rows > 1 and count % rows:
        rows -= 1
    if count and count // rows <= 3 * rows:
        return rows, count // rows
    columns = math.ceil(math.sqrt(max(1, count)))
    return max(1, math.ceil(count / columns)), columns


def unfolded_size(shape, how):
    """Rows and columns of each filter's picture.

    Parameters
    ----------
    shape : tuple of int
        ``(F, I, *kernel)``.
    how : str

    Returns
    -------
    (int, int)
    """
    return _plan(shape, how).size


def unfold(weights, how="tiles", fill=np.nan):
    """Unfold weights into a volume.

    Parameters
    ----------
    weights : float32[F, I, *kernel]
        ``[F, I]`` of a linear layer counts as inputs without a kernel; the depths of a 3D kernel
        (and anything before its rows) stand below each other as taller tiles; a 1D kernel is a row.
    how : str
        One of `UNFOLDINGS`.
    fill : float
        What stands where no weight is: inputs do not always fill a rectangle (`padding` counts
        these places). Drawn in signed colours 0 is the background.

    Returns
    -------
    float32[F, rows, columns]

    Raises
    ------
    InputError
    """
    weights = np.asarray(weights)
    plan = _plan(weights.shape, how)
    parts = weights.reshape(len(weights), plan.inputs, plan.height, plan.width)
    rows, columns = plan.size
    kind = weights.dtype if weights.dtype.kind == "f" else np.float32
    picture = np.full((len(weights), rows, columns), fill, kind)
    row, column = plan.place(*_grids(plan))
    picture[:, row, column] = parts
    return picture


def fold(volume, shape, how="tiles"):
    """The way back: weights from a volume that `unfold` gave.

    Parameters
    ----------
    volume : float32[F, rows, columns]
    shape : tuple of int
        ``(F, I, *kernel)``.
    how : str

    Returns
    -------
    float32[F, I, *kernel]
    """
    plan = _plan(shape, how)
    if tuple(volume.shape) != (shape[0], *plan.size):
        raise InputError(
            "the volume is not one of these weights",
            expected=(shape[0], *plan.size),
            got=tuple(volume.shape),
        )
    row, column = plan.place(*_grids(plan))
    return np.ascontiguousarray(volume[:, row, column].reshape(shape))


def padding(shape, how="tiles"):
    """How many places of each filter's picture hold no weight."""
    plan = _plan(shape, how)
    rows, columns = plan.size
    return rows * columns - plan.inputs * plan.height * plan.width


def place_of(how, shape, each, y=0, x=0):
    """Where a weight lies in its filter's picture.

    Parameters
    ----------
    how : str
    shape : tuple of int
        ``(F, I, *kernel)``.
    each : int
        The input.
    y, x : int
        In the kernel; ``y`` of a 3D kernel counts through all rows of all depths.

    Returns
    -------
    (int, int)
        Row and column.
    """
    plan = _plan(shape, how)
    if not (0 <= each < plan.inputs and 0 <= y < plan.height and 0 <= x < plan.width):
        raise InputError(f"weights {tuple(shape)} have none at input {each}, {y}, {x}")
    row, column = plan.place(each, y, x)
    return int(row), int(column)


def what_at(how, shape, row, column):
    """Which weight lies at a place of a filter's picture.

    Returns
    -------
    (int, int, int) or None
        Input, row and column in the kernel; None at a place that holds no weight, or outside.
    """
    plan = _plan(shape, how)
    rows, columns = plan.size
    if not (0 <= row < rows and 0 <= column < columns):
        return None
    if how == "rows":
        return row, column // plan.width, column % plan.width
    if how == "columns":
        return column, row // plan.width, row % plan.width
    if how == "positions":
        y, down = divmod(row, plan.grid[0])
        x, right = divmod(column, plan.grid[1])
    else:
        down, y = divmod(row, plan.height)
        right, x = divmod(column, plan.width)
    each = down * plan.grid[1] + right
    return (each, y, x) if each < plan.inputs else None


def _plan(shape, how):
    if how not in UNFOLDINGS:
        raise InputError(f"weights are not unfolded by {how!r}", expected=", ".join(UNFOLDINGS))
    shape = tuple(int(size) for size in shape)
    if len(shape) < 2 or min(shape) < 1:
        raise InputError("weights have filters, inputs and perhaps a kernel", got=shape)
    kernel = shape[2:]
    width = kernel[-1] if kernel else 1
    return _Plan(shape[1], math.prod(kernel[:-1]), width, near_square(shape[1]), how)


def _grids(plan):
    """Input, row and column of every weight, shaped to broadcast."""
    return np.ix_(range(plan.inputs), range(plan.height), range(plan.width))
