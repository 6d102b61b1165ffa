"""Texels of maps in sheets, and the tiles that are drawn from them; no Qt, no GL.

A *sheet* holds some maps of one layer, in the order shown, at one level of detail, packed into a
small picture that is uploaded in one call. Level k holds means over squares of 2^k units, so that
a map drawn small is averaged and never skips a unit; the shader averages what is left (less than
two texels a pixel). Maps larger than a sheet are cut into parts.
"""

from dataclasses import dataclass
from math import ceil

import numpy as np

from viewer.views.maps.build import ends_of
from viewer.views.maps.grids import absent, take
from viewer.visuals.slab import encode
from viewer.visuals.tile_layout import (
    SHEET_COLUMNS,
    SHEET_ROWS,
    TILE,
    index_of,
    index_of_value,
)

PART = min(SHEET_ROWS, SHEET_COLUMNS)
# Values read for one sheet, so that making one takes some ten milliseconds at most.
VALUES_PER_SHEET = 8_000_000


@dataclass(frozen=True)
class SheetKey:
    """Which texels: of a contents, a layer, a level of detail; the how-manieth sheet of these."""

    contents: int
    layer: int
    level: int
    number: int


@dataclass(frozen=True)
class Packing:
    """How maps of one size lie in sheets.

    Attributes
    ----------
    rows, columns : int
        Texels of a map at its level.
    parts : (int, int)
        Rows and columns of parts that a map is cut into.
    across : int
        Parts side by side in a sheet.
    parts_per_sheet : int
    """

    rows: int
    columns: int
    parts: tuple[int, int]
    across: int
    parts_per_sheet: int

    @property
    def part_size(self):
        """Texels of a part: rows, columns (the last parts of a map use fewer)."""
        return min(self.rows, PART), min(self.columns, PART)

    @property
    def parts_per_map(self):
        """How many parts a map has."""
        return self.parts[0] * self.parts[1]


def packing(grid, level):
    """How the maps of a layer lie in sheets at a level of detail."""
    rows, columns = (ceil(size / 2**level) for size in (grid.rows, grid.columns))
    tall, wide = min(rows, PART), min(columns, PART)
    parts = (ceil(rows / PART), ceil(columns / PART))
    across = SHEET_COLUMNS // wide
    count = across * (SHEET_ROWS // tall)
    costs = min(grid.rows, tall * 2**level) * min(grid.columns, wide * 2**level)
    count = min(count, max(1, VALUES_PER_SHEET // max(1, costs)))
    return Packing(rows, columns, parts, min(across, count), count)


def level_for(grid, width_px, height_px, coarse=False):
    """The level of detail of a map drawn in so many pixels: one to two texels a pixel.

    Coarse: a half to one.
    """
    finest = max(grid.rows / max(height_px, 1e-6), grid.columns / max(width_px, 1e-6))
    level = 0
    while (finest > 1.0 if coarse else finest >= 2.0) and level < 16:
        finest /= 2.0
        level += 1
    return level


def sheets_for(pack, first, last):
    """Numbers of the sheets that hold the maps at places ``first`` to ``last`` - 1."""
    if last <= first:
        return range(0)
    low, high = first * pack.parts_per_map, last * pack.parts_per_map - 1
    return range(low // pack.parts_per_sheet, high // pack.parts_per_sheet + 1)


def texels_of(layer, key):
    """One sheet.

    Returns
    -------
    (float16[rows, columns], float)
        Stored values, as `viewer.visuals.slab.encode` stores them, and their unit.
    """
    pack = packing(layer.grid, key.level)
    first = key.number * pack.parts_per_sheet
    last = min(first + pack.parts_per_sheet, len(layer.order) * pack.parts_per_map)
    tall, wide = pack.part_size
    missing = absent(layer.grid)
    lines = ceil((last - first) / pack.across)
    sheet = np.zeros((lines * tall, pack.across * wide), np.float32)
    hole = np.zeros(sheet.shape, bool)
    if pack.parts_per_map == 1:
        maps = take(layer.grid, layer.values, layer.order[first:last])
        small, holes = pooled(maps, 2**key.level, missing)
        _lay(sheet, small, pack.across)
        if holes is not None:
            _lay(hole, np.broadcast_to(holes, small.shape), pack.across)
    else:
        for at in range(last - first):
            small, holes = _part(layer, pack, key.level, first + at, missing)
            line, place = divmod(at, pack.across)
            top, left = line * tall, place * wide
            inner = (slice(top, top + small.shape[0]), slice(left, left + small.shape[1]))
            sheet[inner] = small
            if holes is not None:
                hole[inner] = holes
    stored, unit, _ = encode(sheet, hole)
    return stored, unit


def _part(layer, pack, level, number, missing):
    """One part of a map that is larger than a sheet: means, and where there is no unit."""
    slot, part = divmod(number, pack.parts_per_map)
    row, column = divmod(part, pack.parts[1])
    span = PART * 2**level
    window = (slice(row * span, (row + 1) * span), slice(column * span, (column + 1) * span))
    maps = take(layer.grid, layer.values, layer.order[slot : slot + 1])
    small, holes = pooled(maps[:, *window], 2**level, None if missing is None else missing[window])
    return small[0], holes


def _lay(sheet, maps, across):
    """Put maps [M, rows, columns] side by side, in lines of ``across``."""
    count, tall, wide = maps.shape
    for line in range(ceil(count / across)):
        part = maps[line * across : (line + 1) * across]
        row = part.transpose(1, 0, 2).reshape(tall, -1)
        sheet[line * tall : (line + 1) * tall, : row.shape[1]] = row


def pooled(maps, factor, missing=None):
    """Means over squares of units; at the far edges over what is there.

    Parameters
    ----------
    maps : float[M, H, W]
    factor : int
    missing : bool[H, W], optional
        Places that hold no unit and do not count.

    Returns
    -------
    (float32[M, ceil(H / factor), ceil(W / factor)], bool[...] or None)
        NaN wins over infinite over finite; and which squares hold no unit at all.
    """
    if factor == 1:
        return np.asarray(maps, np.float32), missing
    with np.errstate(over="ignore", invalid="ignore"):
        sums = _summed(np.asarray(maps, np.float32), factor)
        if missing is None:
            counts = _summed(np.ones((1, *maps.shape[1:]), np.float32), factor)[0]
            return sums / counts, None
        counts = _summed((~missing)[None].astype(np.float32), factor)[0]
        return sums / np.maximum(counts, 1), counts == 0


def _summed(maps, factor):
    """Sums over squares, rows first."""
    count, rows, columns = maps.shape
    tall, wide = rows // factor * factor, columns // factor * factor
    if (tall, wide) == (rows, columns):
        blocks = maps.reshape(count, rows // factor, factor, columns // factor, factor)
        return blocks.sum(2).sum(3) if factor > 1 else maps
    starts = np.arange(0, rows, factor)
    lines = np.add.reduceat(maps, starts, axis=1)
    return np.add.reduceat(lines, np.arange(0, columns, factor), axis=2)


# what the graphics card draws


def tiles_of(contents, layer, places, ranges, sheets, level):
    """Tiles for some maps of a layer.

    Parameters
    ----------
    contents : Contents
    layer : MapLayer
    places : int[S], float[S, 4]
        Places in the order shown, and where they are drawn: left, top, width, height in pixels.
    ranges : Ranges
    sheets : dict of int to viewer.visuals.tiles.Place
        By number; maps of other sheets are drawn in the colour of their mean.
    level : int
        Of the sheets.

    Returns
    -------
    TILE[S * parts]
    """
    slots, boxes = places
    pack = packing(layer.grid, level)
    parts = pack.parts_per_map
    numbers = layer.order[slots]
    low, high, is_signed = ends_of(contents, layer, numbers, ranges)
    tiles = np.zeros(len(slots) * parts, TILE)
    repeated = np.repeat(slots, parts)
    part = np.tile(np.arange(parts), len(slots))
    at = repeated * parts + part
    sheet, place = np.divmod(at, pack.parts_per_sheet)
    tall, wide = pack.part_size
    line, column = np.divmod(place, pack.across)
    tiles["source"][:, 0], tiles["source"][:, 1] = column * wide, line * tall
    _cut(tiles, np.repeat(boxes, parts, 0), part, pack, layer.grid, level)
    tiles["row"] = 1.0 if is_signed else 0.0
    factor, offset = index_of_value(np.repeat(low, parts), np.repeat(high, parts))
    there = np.array([_looked_up(sheets.get(n)) for n in range(sheet.min(), sheet.max() + 1)])
    pages, units = there[sheet - sheet.min()].T
    tiles["page"] = pages
    tiles["index"][:, 0], tiles["index"][:, 1] = factor * units, offset
    tiles["flat"] = np.repeat(index_of(layer.summary.whole[numbers], low, high), parts)
    return tiles


def _looked_up(place):
    return (-1, 1.0) if place is None else (place.page, place.unit)


def _cut(tiles, boxes, part, pack, grid, level):
    """Where each part of a map is drawn, and how many texels of its sheet it covers."""
    rows, columns = grid.rows / 2**level, grid.columns / 2**level
    down, across = np.divmod(part, pack.parts[1])
    top, left = down * PART, across * PART
    tall, wide = np.minimum(rows - top, PART), np.minimum(columns - left, PART)
    if pack.parts_per_map == 1:
        tall, wide = np.full(len(part), rows), np.full(len(part), columns)
    tiles["source"][:, 2], tiles["source"][:, 3] = wide, tall
    tiles["box"][:, 0] = boxes[:, 0] + left / columns * boxes[:, 2]
    tiles["box"][:, 1] = boxes[:, 1] + top / rows * boxes[:, 3]
    tiles["box"][:, 2] = wide / columns * boxes[:, 2]
    tiles["box"][:, 3] = tall / rows * boxes[:, 3]
