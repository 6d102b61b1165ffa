"""Points counted by class and bin, and the counts mixed to colours: tiles of a density picture.

A bin's colour is the mean of its classes' colours in linear light, each weighted by the square of
its count, so that a class that is only somewhat more frequent is seen; its opacity is the rank of
its count among the tile's bins that hold points (histogram equalisation, as Datashader's
``eq_hist``), so that one point alone is seen beside a bin of a million, and a sample of the points
looks like all of them. Counts of 32 and more share a rank when they differ by less than 1/16.
Colours are premultiplied: a background needs no new tile. A tile's first texel row is its lowest.

Points come as codes, a byte each (`plane_codes`): their group, or the plane of those left out,
and the same again for selected points. Reference: ``tests/reference/density.py``.
"""

import numpy as np
from numba import njit

from engine.kernels.counting import count_cell, count_window, lanes_for, merge

FAINTEST = 0.42
UNSELECTED = 0.4
SELECTED_FAINTEST = 0.7
_BUCKETS = 16 * 30


@njit(nogil=True, cache=True)
def plane_codes(groups, selected, group_count, out):
    """A byte a point: group, ``group_count`` where left out, ``group_count + 1`` more if selected.

    Parameters
    ----------
    groups : uint8[P]
        255: left out.
    selected : uint8[P]
        Of length 0: nothing is.
    group_count : int
        G.
    out : uint8[P]
    """
    more = group_count + 1
    for p in range(out.size):
        group = min(groups[p], group_count)
        if selected.size and selected[p]:
            group += more
        out[p] = group


@njit(nogil=True, cache=True)
def count_few(x, y, codes, points, bits, counts):
    """Add points to counts one by one: quicker than `count_cell` where bins outnumber points.

    Parameters
    ----------
    x, y : uint8[P]
        255 is not finite.
    codes : uint8[P]
    points : int
        How many, from the first.
    bits : int
        Bins along a side are ``1 << bits``.
    counts : uint32[planes, bins * bins]
        By plane and by ``y * bins + x``; added to.
    """
    shift = 8 - bits
    for p in range(points):
        a, b = x[p], y[p]
        if a == 255 or b == 255:
            continue
        counts[codes[p], ((b >> shift) << bits) | (a >> shift)] += 1


@njit(nogil=True, cache=True)
def count_column(x, codes, points, shift, zero, counts):
    """Add one channel's points to counts by plane and bin over the whole range.

    Without branches, which points that are zero or not would mispredict.

    Parameters
    ----------
    x : uint16[P]
    codes : uint8[P]
    points : int
    shift : int
        A code's bin is ``code >> shift``.
    zero : int
        The code of exactly zero, or -1.
    counts : uint32[planes, bins + 2]
        Added to; the last but one column is of those at exactly zero, the last of those that are
        not finite.
    """
    bins = counts.shape[1] - 2
    for p in range(points):
        code = np.int64(x[p])
        bin_ = bins if code == zero else code >> shift
        bin_ = bins + 1 if code == 65535 else bin_
        counts[codes[p], bin_] += np.uint32(1)


@njit(nogil=True, cache=True, inline="always")
def _bucket(count):
    """Counts below 32 by themselves, others within 1/16 of each other."""
    shift = 0
    while count >= 32:
        count >>= 1
        shift += 1
    return (shift << 4) + count


@njit(nogil=True, cache=True)
def _ranks(totals, ranks, opacity_least):
    """Opacity by bucket: from the least to 1 by the middle rank among bins that hold points."""
    most, held = 0, 0
    for b in range(totals.size):
        most = max(most, totals[b])
    top = _bucket(most)
    ranks[: top + 1] = 0.0
    for b in range(totals.size):
        if totals[b]:
            ranks[_bucket(totals[b])] += 1.0
            held += 1
    below = 0.0
    for k in range(1, top + 1):
        here = ranks[k]
        if here:
            ranks[k] = opacity_least + (1.0 - opacity_least) * (below + 0.5 * here) / held
            below += here


@njit(nogil=True, cache=True)
def _mix(counts, group_count, first_plane, squares, ranks, bin_, total, colour):
    """Mean colour (sRGB) of a bin over some planes, times its opacity; returns the opacity."""
    red = green = blue = whole = 0.0
    for g in range(group_count):
        n = np.float64(counts[first_plane + g, bin_])
        if n:
            weight = n * n
            whole += weight
            red += weight * squares[g, 0]
            green += weight * squares[g, 1]
            blue += weight * squares[g, 2]
    opacity = ranks[_bucket(total)]
    scale = 1.0 / whole
    colour[0] = opacity * np.sqrt(red * scale)
    colour[1] = opacity * np.sqrt(green * scale)
    colour[2] = opacity * np.sqrt(blue * scale)
    return opacity


@njit(nogil=True, cache=True)
def _totals(counts, group_count, first_plane, totals):
    found = 0
    totals[:] = 0
    for g in range(group_count):
        for b in range(totals.size):
            n = counts[first_plane + g, b]
            totals[b] += n
            found += n
    return found


@njit(nogil=True, cache=True)
def mix_tile(counts, squares, selecting, bins, tile, scratch):
    """Write one tile's colours.

    Parameters
    ----------
    counts : uint32[planes, bins * bins]
    squares : float32[G, 3]
        Squares of the groups' colours (linear light).
    selecting : bool
        Whether planes G + 1 to 2 G count selected points: these lie over the others, which are
        fainter.
    bins : int
    tile : uint8[bins, bins, 4]
    scratch : (float64[_BUCKETS], uint32[bins * bins], float64[3])
    """
    ranks, totals, colour = scratch
    group_count = squares.shape[0]
    tile[:] = 0
    if _totals(counts, group_count, 0, totals):
        _ranks(totals, ranks, FAINTEST)
        strength = 255.0 * (UNSELECTED if selecting else 1.0)
        for b in range(totals.size):
            if totals[b]:
                opacity = _mix(counts, group_count, 0, squares, ranks, b, totals[b], colour)
                row, column = b // bins, b % bins
                for k in range(3):
                    tile[row, column, k] = np.uint8(strength * colour[k] + 0.5)
                tile[row, column, 3] = np.uint8(strength * opacity + 0.5)
    if selecting and _totals(counts, group_count, group_count + 1, totals):
        _ranks(totals, ranks, SELECTED_FAINTEST)
        for b in range(totals.size):
            if totals[b]:
                first = group_count + 1
                opacity = _mix(counts, group_count, first, squares, ranks, b, totals[b], colour)
                row, column = b // bins, b % bins
                rest = 1.0 - opacity
                for k in range(3):
                    mixed = rest * tile[row, column, k] + 255.0 * colour[k]
                    tile[row, column, k] = np.uint8(mixed + 0.5)
                mixed = rest * tile[row, column, 3] + 255.0 * opacity
                tile[row, column, 3] = np.uint8(mixed + 0.5)


@njit(nogil=True, cache=True)
def _scratch(bins):
    return np.empty(_BUCKETS), np.empty(bins * bins, np.uint32), np.empty(3)


@njit(nogil=True, cache=True)
def _enlarge(tile, spread, place, texels):
    """Write a tile's bins as squares of ``1 << spread`` texels."""
    side = tile.shape[0] << spread
    for row in range(side):
        target = texels[place[0] + row]
        source = tile[row >> spread]
        for column in range(side):
            for k in range(4):
                target[place[1] + column, k] = source[column >> spread, k]


@njit(nogil=True, cache=True)
def density_tiles(
    columns, rows, codes, points, pairs, places, bits, spread, squares, selecting, lanes, texels
):
    """Count and mix tiles of whole cells by 8-bit codes.

    Parameters
    ----------
    columns, rows : uint8[C, P]
        Channels along x and along y.
    codes : uint8[P]
        Of `plane_codes`.
    points : int
        How many of the points are counted, from the first.
    pairs : int32[T, 2]
        Channel along x, channel along y.
    places : int32[T, 2]
        First row and column of each tile's texels.
    bits : int
        Bins along a side are ``1 << bits``.
    spread : int
        A bin is a square of ``1 << spread`` texels along each side.
    squares : float32[G, 3]
    selecting : bool
    lanes : uint32[L, n]
        Of `engine.kernels.counting.lanes_for`, for these points, planes and bits.
    texels : uint8[R, S, 4]
        Written to.
    """
    bins = 1 << bits
    planes = (squares.shape[0] + 1) * (2 if selecting else 1)
    counts, scratch = np.empty((planes, bins * bins), np.uint32), _scratch(bins)
    tile = np.empty((bins, bins, 4), np.uint8)
    for t in range(pairs.shape[0]):
        x, y = columns[pairs[t, 0], :points], rows[pairs[t, 1], :points]
        if points < counts.size:
            counts[:] = 0
            count_few(x, y, codes, points, bits, counts)
        else:
            lanes[...] = 0
            count_cell(x, y, codes[:points], planes, 8 - bits, bits, 255, lanes)
            merge(lanes, counts.reshape(-1))
        mix_tile(counts, squares, selecting, bins, tile, scratch)
        _enlarge(tile, spread, places[t], texels)


@njit(nogil=True, cache=True)
def window_tiles(
    columns, rows, codes, points, pairs, across, up, places, bits, spread, squares, selecting,
    lanes, texels,
):  # fmt: skip
    """Count and mix tiles by 16-bit codes, each in a window of its cell.

    Parameters
    ----------
    columns, rows : uint16[C, P]
    across, up : int64[T, 4]
        Axes of `engine.kernels.counting.count_window`.
    codes, points, pairs, places, bits, spread, squares, selecting, lanes, texels
        As of `density_tiles`.
    """
    bins = 1 << bits
    planes = (squares.shape[0] + 1) * (2 if selecting else 1)
    counts, scratch = np.empty((planes, bins * bins), np.uint32), _scratch(bins)
    tile = np.empty((bins, bins, 4), np.uint8)
    for t in range(pairs.shape[0]):
        lanes[...] = 0
        x, y = columns[pairs[t, 0], :points], rows[pairs[t, 1], :points]
        count_window(x, y, codes[:points], planes, across[t], up[t], bits, 65535, lanes)
        merge(lanes, counts.reshape(-1))
        mix_tile(counts, squares, selecting, bins, tile, scratch)
        _enlarge(tile, spread, places[t], texels)


@njit(nogil=True, cache=True)
def cell_colours(columns, rows, codes, points, xs, ys, mirrored, squares, selecting, texels):
    """One colour a cell, from a tile of 4 x 4 bins: a block of the matrix.

    The colour is the mean of the bins' colours, weighted by their opacities; its opacity is the
    root of their mean, so that cells whose points all lie in one corner are not black.

    Parameters
    ----------
    columns, rows : uint8[C, P]
    codes : uint8[P]
    points : int
    xs, ys : int32[S], int32[R]
        Channels along the block's columns and rows.
    mirrored : bool
        Rows and columns are the same channels in the same order: half of it is counted.
    squares : float32[G, 3]
    selecting : bool
    texels : uint8[R, S, 4]
        Written to; premultiplied.
    """
    planes = (squares.shape[0] + 1) * (2 if selecting else 1)
    counts, scratch = np.empty((planes, 16), np.uint32), _scratch(4)
    tile, start = np.empty((4, 4, 4), np.uint8), np.empty(points, np.uint16)
    flat, sums = counts.reshape(planes * 16), np.empty(4)
    for i in range(ys.size):
        y = rows[ys[i]]
        for p in range(points):
            # Not finite: the plane of those left out.
            plane = codes[p] if y[p] != 255 else squares.shape[0]
            start[p] = (np.uint16(plane) << 4) | ((y[p] >> 6) << 2)
        for j in range(i if mirrored else 0, xs.size):
            x = columns[xs[j]]
            flat[:] = 0
            for p in range(points):
                if x[p] != 255:
                    flat[start[p] | (x[p] >> 6)] += 1
            mix_tile(counts, squares, selecting, 4, tile, scratch)
            sums[:] = 0.0
            for b in range(16):
                for k in range(4):
                    sums[k] += tile[b >> 2, b & 3, k]
            scale = np.sqrt(255.0 / (16.0 * sums[3])) if sums[3] > 0 else 0.0
            for k in range(4):
                texels[i, j, k] = np.uint8(scale * sums[k] + 0.5)
                if mirrored:
                    texels[j, i, k] = texels[i, j, k]


@njit(nogil=True, cache=True)
def points_inside(x, y, codes, left_out, last, window, found):
    """Indices of points in a window of codes, as far as there is room.

    Parameters
    ----------
    x, y : uint16[P]
    codes : uint8[P]
    left_out : int
        The plane of points left out, G; also that of selected ones, 2 G + 1, is passed over.
    last : int
        Points looked at.
    window : (x0, x1, y0, y1)
        Half open.
    found : uint32[room]

    Returns
    -------
    int
        How many there are; more than ``found.size``: only the first ones are there.
    """
    wide, tall = np.uint32(window[1] - window[0]), np.uint32(window[3] - window[2])
    count = 0
    for p in range(last):
        inside = np.uint32(x[p] - window[0]) < wide and np.uint32(y[p] - window[2]) < tall
        if inside and codes[p] != left_out and codes[p] != 2 * left_out + 1:
            if count < found.size:
                found[count] = p
            count += 1
    return count


@njit(nogil=True, cache=True)
def points_among(x, y, points, window, found):
    """Those of some points that are in a window of codes.

    Parameters
    ----------
    x, y : uint16[P]
    points : uint32[n]
    window : (x0, x1, y0, y1)
        Half open.
    found : uint32[n]

    Returns
    -------
    int
        How many there are.
    """
    wide, tall = np.uint32(window[1] - window[0]), np.uint32(window[3] - window[2])
    count = 0
    for n in range(points.size):
        p = points[n]
        found[count] = p
        inside = np.uint32(x[p] - window[0]) < wide and np.uint32(y[p] - window[2]) < tall
        count += 1 if inside else 0
    return count


def warm():
    """Compile the kernels of this module."""
    codes, fine = np.zeros((1, 1), np.uint8), np.zeros((1, 1), np.uint16)
    plane_codes(codes[0], codes[0], 1, codes[0].copy())
    plane_codes(codes[0], codes[0, :0], 1, codes[0].copy())
    pair, squares = np.zeros((1, 2), np.int32), np.ones((1, 3), np.float32)
    texels = np.zeros((8, 8, 4), np.uint8)
    more = (3, 0, squares, False, lanes_for(1, 2, 3), texels)
    density_tiles(codes, codes, codes[0], 1, pair, pair, *more)
    axis = np.array([[0, 65536, 8, 0]], np.int64)
    window_tiles(fine, fine, codes[0], 1, pair, axis, axis, pair, *more)
    count_column(fine[0], codes[0], 1, 15, -1, np.zeros((2, 4), np.uint32))
    each = np.zeros(1, np.int32)
    cell_colours(codes, codes, codes[0], 1, each, each, True, squares, False, texels)
    some = np.zeros(1, np.uint32)
    points_inside(fine[0], fine[0], codes[0], 1, 1, (0, 1, 0, 1), some)
    points_among(fine[0], fine[0], some, (0, 1, 0, 1), some.copy())
