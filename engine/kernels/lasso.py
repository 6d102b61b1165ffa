"""Points inside a polygon by a table of the plane, exact along the border.

The plane of codes is cut into squares. A square that no edge comes near is inside or outside as a
whole; only points in the others are tested exactly, against the edges of their row of squares.
Inside is by the even-odd rule: an edge is crossed when one end is above the point, the other is
not, and the crossing lies right of it. On whole-numbered corners this is exact in float64; so the
left and lower border belong to the polygon, the right and upper one do not.

Reference: ``tests/reference/lasso.py`` (rational numbers).
"""

import numpy as np
from numba import njit

SQUARES = 1024
"""Squares along a side for 16-bit codes."""
BORDER = 2
_SIDE = 65536 // SQUARES
_FINITE = 65280  # codes from here on are no values
_MARGIN = 1.0  # codes around a square within which an edge counts as near


def tables(corners):
    """The table of a polygon, and which edges its rows of squares meet.

    Parameters
    ----------
    corners : float64[V, 2]
        x and y in 16-bit codes, finite.

    Returns
    -------
    table : uint8[1024 * 1024]
        By row and column of squares: 0 outside, 1 inside, 2 to be tested.
    edges : float64[V, 4]
        x0, y0, x1, y1.
    starts : int32[1025]
        Where each row's entries in `among` begin.
    among : int32[n]
        Edges by row.
    """
    edges = _edges(corners)
    table = np.zeros(SQUARES * SQUARES, np.uint8)
    _fill(edges, table.reshape(SQUARES, SQUARES), float(_SIDE), 0.5 * (_SIDE - 1))
    _mark(edges, table.reshape(SQUARES, SQUARES))
    table.reshape(SQUARES, SQUARES)[_FINITE // _SIDE :] = 0
    table.reshape(SQUARES, SQUARES)[:, _FINITE // _SIDE :] = 0
    return table, edges, *_rows(edges)


def coarse_table(corners):
    """The table for 8-bit codes: each decides by its middle; uint8[256 * 256]."""
    table = np.zeros((256, 256), np.uint8)
    _fill(_edges(corners), table, 256.0, 127.5)
    table[255] = table[:, 255] = 0
    return table.reshape(-1)


@njit(nogil=True, cache=True)
def inside_fine(x, y, table, edges, starts, among, out):
    """Which points lie inside, exactly.

    Parameters
    ----------
    x, y : uint16[P]
    table, edges, starts, among
        Of `tables`.
    out : uint8[P]
    """
    for i in range(x.size):
        row = np.uint32(y[i]) >> np.uint32(6)
        found = table[(row << np.uint32(10)) | (np.uint32(x[i]) >> np.uint32(6))]
        if found == BORDER:
            found = _crossings(x[i], y[i], edges, among[starts[row] : starts[row + 1]])
        out[i] = found


@njit(nogil=True, cache=True)
def inside_coarse(x, y, table, out):
    """Which points' 8-bit codes have their middle inside.

    Parameters
    ----------
    x, y : uint8[P]
    table : uint8[65536]
        Of `coarse_table`.
    out : uint8[P]
    """
    for i in range(x.size):
        out[i] = table[(np.uint32(y[i]) << np.uint32(8)) | np.uint32(x[i])]


def warm():
    """Compile the kernels of this module."""
    corners = np.array([(0.0, 0.0), (9.0, 0.0), (0.0, 9.0)])
    codes, out = np.zeros(1, np.uint16), np.zeros(1, np.uint8)
    inside_fine(codes, codes, *tables(corners), out)
    inside_coarse(out, out, coarse_table(corners), out.copy())


def _edges(corners):
    corners = np.asarray(corners, np.float64).reshape(-1, 2)
    return np.ascontiguousarray(np.hstack([corners, np.roll(corners, -1, axis=0)]))


@njit(nogil=True, cache=True)
def _crossings(x, y, edges, among):
    """1 where an odd number of edges is crossed on the way right, else 0."""
    found = np.uint8(0)
    for k in range(among.size):
        x0, y0, x1, y1 = edges[among[k]]
        if (y0 > y) != (y1 > y) and x < (x1 - x0) * (y - y0) / (y1 - y0) + x0:
            found ^= np.uint8(1)
    return found


@njit(nogil=True, cache=True)
def _fill(edges, table, side, middle):
    """Set the squares whose middle is inside: each crossing turns all squares left of it."""
    size = table.shape[0]
    for e in range(edges.shape[0]):
        x0, y0, x1, y1 = edges[e]
        low, high = min(y0, y1), max(y0, y1)
        first = max(0, int(min(max(np.ceil((low - middle) / side), 0), size)) - 1)
        for row in range(first, size):
            y = row * side + middle
            if y >= high:
                break
            if (y0 > y) != (y1 > y):
                crossing = (x1 - x0) * (y - y0) / (y1 - y0) + x0
                columns = np.ceil((crossing - middle) / side)
                last = int(min(max(columns, 0), size)) - 1
                if last >= 0:
                    table[row, last] ^= 1
    for row in range(size):
        found = np.uint8(0)
        for column in range(size - 1, -1, -1):
            found ^= table[row, column]
            table[row, column] = found


@njit(nogil=True, cache=True)
def _span(low, high):
    """Squares that codes from low to high come near: first, one past the last."""
    first = (low - _MARGIN) / _SIDE
    last = (high + _MARGIN) / _SIDE
    return int(np.floor(min(max(first, 0), SQUARES))), int(np.floor(min(max(last, -1), 1023))) + 1


@njit(nogil=True, cache=True)
def _mark(edges, table):
    """Mark the squares that an edge comes near."""
    for e in range(edges.shape[0]):
        x0, y0, x1, y1 = edges[e]
        low, high = min(y0, y1), max(y0, y1)
        first, last = _span(low, high)
        for row in range(first, last):
            below = max(low, row * _SIDE - _MARGIN)
            above = min(high, (row + 1) * _SIDE + _MARGIN)
            left, right = min(x0, x1), max(x0, x1)
            if high > low:
                a = (x1 - x0) * ((below - y0) / (y1 - y0)) + x0
                b = (x1 - x0) * ((above - y0) / (y1 - y0)) + x0
                left, right = max(left, min(a, b)), min(right, max(a, b))
            begin, end = _span(left, right)
            table[row, begin:end] = BORDER


@njit(nogil=True, cache=True)
def _rows(edges):
    """Edges by row of squares: where each row begins, and the edges."""
    starts = np.zeros(SQUARES + 1, np.int32)
    for e in range(edges.shape[0]):
        first, last = _span(min(edges[e, 1], edges[e, 3]), max(edges[e, 1], edges[e, 3]))
        for row in range(first, last):
            starts[row + 1] += 1
    for row in range(SQUARES):
        starts[row + 1] += starts[row]
    among, filled = np.empty(starts[-1], np.int32), starts.copy()
    for e in range(edges.shape[0]):
        first, last = _span(min(edges[e, 1], edges[e, 3]), max(edges[e, 1], edges[e, 3]))
        for row in range(first, last):
            among[filled[row]] = e
            filled[row] += 1
    return starts, among
