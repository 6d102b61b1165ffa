"""One channel's distribution by class as a picture: the matrix' diagonal cells, tile by tile.

Above, a curve a class; beside it a solid bar at zero, split by class; below, a row a class. The
heights and opacities come from `viewer.views.matrix.diagonal`; here they become texels, with
smooth edges. Reference: ``tests/reference/distribution.py``.
"""

import numpy as np
from numba import njit

TOP = 0.94
BAR = 0.045
_FILL, _LINE, _WIDE = 0.2, 0.95, 0.9


@njit(nogil=True, cache=True, inline="always")
def _over(pixel, colour, opacity):
    rest = 1.0 - opacity
    for k in range(3):
        pixel[k] = rest * pixel[k] + opacity * colour[k]
    pixel[3] = rest * pixel[3] + opacity


@njit(nogil=True, cache=True)
def distribution_tile(
    curves, rows, bars, zero_at, colours, strengths, group_count, share, tile, bins, texels
):
    """Write one tile.

    Parameters
    ----------
    curves : float32[K, n]
        Heights 0 to 1 of the curves at the middles of n bins over the whole cell; K planes, one a
        group, or those of the selected points after them.
    rows : float32[K, total]
        Opacities along the rows, at the texels of the whole cell.
    bars : float32[K]
        Shares at exactly zero.
    zero_at : float
        Where zero lies, 0 to 1; negative: no bar.
    colours : float32[K, 3]
        sRGB 0 to 1.
    strengths : float32[K]
        Opacity of each plane.
    group_count : int
    share : float
        Which part of the height is for the rows; 0: none, and the classes are piled up to one
        area instead of a curve each.
    tile : (int, int)
        Which tile of the cell, across and up.
    bins : int
        Texels of the tile's side.
    texels : uint8[bins, bins, 4]
        Written to; premultiplied, the lowest row first.
    """
    planes, total = rows.shape
    number = curves.shape[1]
    base, tall = share * total, (1.0 - share) * total * TOP
    heights, steep = np.empty(planes), np.empty(planes)
    planes_here = np.empty(planes, np.int64)
    pixel = np.zeros(4)
    most = _largest_sum(curves)
    bar_left = min(max(zero_at - 0.5 * BAR, 0.0), 1.0 - BAR) * total
    for column in range(bins):
        texel = tile[0] * bins + column
        place = min(max((texel + 0.5) / total * number - 0.5, 0.0), number - 1.0)
        first = min(int(place), max(0, number - 2))
        second = min(first + 1, number - 1)
        there, reach = 0, 0.0  # planes with a curve here, and how high they are
        for k in range(planes):
            rise = np.float64(curves[k, second]) - curves[k, first]
            heights[k] = (curves[k, first] + rise * (place - first)) * tall
            steep[k] = np.sqrt(1.0 + (rise * tall * number / total) ** 2)
            if heights[k] > 0:
                planes_here[there] = k
                there += 1
                reach = max(reach, heights[k] + (_WIDE + 0.5) * steep[k])
        in_bar = zero_at >= 0 and bar_left <= texel + 0.5 < bar_left + max(1.0, BAR * total)
        last = -1  # the row whose pixel is there already
        for row in range(bins):
            height = tile[1] * bins + row + 0.5 - base
            if height < 0:
                group = _row_at(height + base, base, group_count)
                if group != last:
                    _row_pixel(pixel, rows, texel, group, colours, strengths, group_count)
                    last = group
                _write(pixel, texels[row, column])
                continue
            if height > reach and not in_bar and share > 0:
                texels[row, column] = 0
                continue
            pixel[:] = 0.0
            if in_bar and _stack(pixel, bars, height / tall, colours, strengths):
                pass
            elif share == 0:
                if most > 0:
                    shares = (heights / tall) ** 2 / most
                    whole = np.sqrt(shares.sum())
                    if height < whole * tall:
                        _stack(pixel, shares, height / tall * whole, colours, strengths)
            else:
                for k in planes_here[:there]:
                    inside = min(heights[k] - height + 0.5, 1.0)
                    if inside > 0:
                        _over(pixel, colours[k], _FILL * strengths[k] * inside)
                for k in planes_here[:there]:
                    line = _WIDE + 0.5 - abs(height - heights[k]) / steep[k]
                    if line > 0:
                        _over(pixel, colours[k], _LINE * strengths[k] * min(line, 1.0))
            _write(pixel, texels[row, column])


@njit(nogil=True, cache=True)
def _largest_sum(curves):
    """The largest sum of all planes' counts in a bin; a height is the root of a count."""
    most = 0.0
    for place in range(curves.shape[1]):
        whole = 0.0
        for k in range(curves.shape[0]):
            whole += curves[k, place] ** 2
        most = max(most, whole)
    return most


@njit(nogil=True, cache=True)
def _row_at(height, base, group_count):
    """The group whose row is at a height, the first on top; ``group_count`` between rows."""
    place = (1.0 - height / base) * group_count
    group = min(int(place), group_count - 1)
    thick = base / group_count
    is_line = thick >= 4.0 and (place - group) * thick > thick - 1.0
    return group_count if is_line else group


@njit(nogil=True, cache=True)
def _row_pixel(pixel, rows, texel, group, colours, strengths, group_count):
    pixel[:] = 0.0
    if group < group_count:
        for k in range(group, rows.shape[0], group_count):
            if rows[k, texel] > 0:
                _over(pixel, colours[k], rows[k, texel] * strengths[k])


@njit(nogil=True, cache=True)
def _write(pixel, texel):
    for k in range(4):
        texel[k] = np.uint8(255.0 * pixel[k] + 0.5)


@njit(nogil=True, cache=True)
def _stack(pixel, bars, height, colours, strengths):
    """Planes piled up, the last lowest, so that what is selected stands on the ground."""
    below = 0.0
    for n in range(bars.size):
        k = bars.size - 1 - n
        below += bars[k]
        if height < below:
            _over(pixel, colours[k], strengths[k])
            return True
    return False


def warm():
    """Compile the kernels of this module."""
    one, none = np.zeros((1, 1), np.float32), np.zeros(1, np.float32)
    texels = np.zeros((4, 4, 4), np.uint8)[1:3, 1:3]  # a part of a sheet, as in use
    distribution_tile(
        one,
        np.zeros((1, 2), np.float32),
        none,
        0.0,
        np.ones((1, 3), np.float32),
        none,
        1,
        0.5,
        (0, 0),
        2,
        texels,
    )
