"""Brings texels of the maps in sight to the graphics card: what is missing, nearest first.

Making texels is the builder's work, in small batches, so that quick scrolling never waits for
what has left the view; a batch that came is uploaded with the next picture. What is not there yet
is drawn from another level of detail, else in the colour of its mean.
"""

import numpy as np

from viewer.views.maps.sheets import (
    SheetKey,
    level_for,
    packing,
    sheets_for,
    texels_of,
    tiles_of,
)
from viewer.views.maps.wall import Item, Wall
from viewer.visuals.tile_layout import TILE
from viewer.visuals.tiles import TileAtlas

BATCH_VALUES = 4_000_000
FIRST_VALUES = 16_000_000
COARSEST = 16


class Sight:
    """The maps in sight: for each layer its level of detail and the sheets it needs.

    Parameters
    ----------
    contents : Contents
    wall : Wall
    scroll : float
    ratio : float
        Physical pixels by logical ones.
    coarse : bool
        Never more texels than pixels, so that nothing is averaged while drawing: several times
        quicker without a graphics card.
    """

    def __init__(self, contents, wall, scroll, ratio, coarse=False):
        self.contents = contents
        self.parts = []
        for block, first, last in wall.visible(scroll):
            layer = contents.layers[block.index]
            last = min(last, len(layer.order))  # a picture may stand behind the maps
            if last > first:
                size = (block.width_of_map * ratio, block.height_of_map * ratio)
                level = level_for(layer.grid, round(size[0]), round(size[1]), coarse)
                self.parts.append((block, layer, first, last, level))
        self._middle = scroll + wall.height / 2

    def keys(self):
        """Keys of the sheets needed, those in the middle of the view first."""
        found = []
        for block, layer, first, last, level in self.parts:
            pack = packing(layer.grid, level)
            for number in sheets_for(pack, first, last):
                slot = number * pack.parts_per_sheet // pack.parts_per_map
                slot = min(max(slot, first), last - 1)
                _, top, _, height = block.box(slot)
                away = abs(top + height / 2 - self._middle)
                key = SheetKey(self.contents.number, block.index, level, number)
                found.append((away, key))
        found.sort(key=lambda pair: pair[0])
        return [key for _, key in found]


def wall_of(contents, size, size_of_map, folded):
    """The `Wall` of contents in a view of (width, height)."""
    items = [
        Item(contents.count(layer), layer.grid.rows, layer.grid.columns, layer.name in folded)
        for layer in contents.layers
    ]
    return Wall(items, *size, size_of_map)


def first_texels(contents, look):
    """Texels of the middle of what will be in sight, so that a new sample appears sharp.

    Parameters
    ----------
    look : (size, place, size of maps, folded, ratio)
        As the view stands now.
    """
    size, place, size_of_map, folded, ratio = look
    if min(size) < 16 or not contents.layers:
        return []
    wall = wall_of(contents, size, size_of_map, folded)
    keys = Sight(contents, wall, wall.scroll_of(place), ratio).keys()
    return make(contents, batch(contents, keys, FIRST_VALUES))


def make(contents, keys):
    """Texels of sheets: list of (key, texels, unit)."""
    return [(key, *texels_of(contents.layers[key.layer], key)) for key in keys]


def batch(contents, keys, values=BATCH_VALUES):
    """The first keys that are made in one go: at least one, at most so many values."""
    chosen, total = [], 0
    for key in keys:
        grid = contents.layers[key.layer].grid
        pack = packing(grid, key.level)
        total += pack.parts_per_sheet * grid.rows * grid.columns // pack.parts_per_map
        if chosen and total > values:
            break
        chosen.append(key)
    return chosen


class Loader:
    """The atlas of the feature maps, and what is on its way there.

    Attributes
    ----------
    atlas : TileAtlas
    crowded : bool
        Whether more is in sight than the atlas holds.
    share_sharp : float
        Which part of the maps of the last tiles has its own level of detail.
    """

    def __init__(self):
        self.atlas = TileAtlas()
        self.crowded = False
        self.share_sharp = 1.0
        self._coarse = 0
        self._ready = []
        self._asked = ()

    @property
    def busy(self):
        """Whether texels are being made."""
        return bool(self._asked)

    def forget(self):
        """Other contents are shown: nothing that is on its way is wanted."""
        self._asked, self._ready = (), []

    def add(self, made):
        """Texels that were made, to be uploaded with the next picture."""
        self._ready += made

    def bring(self, context, sight, builder, done):
        """Upload what came, and see to what is missing.

        Parameters
        ----------
        context : Context
        sight : Sight
        builder : Builder or None
            None: make what is missing now.
        done : callable()
            Called when more has come.
        """
        self.atlas.begin(context)
        number = sight.contents.number
        self.atlas.keep_only(lambda key: key.contents == number)
        needed = sight.keys()
        self.crowded = len(needed) > self.atlas.capacity
        needed = needed[: self.atlas.capacity]
        for key in needed:
            self.atlas.get(key)
        for made in self._ready:
            if made[0].contents == number:
                self.atlas.put(*made)
        self._ready = []
        missing = [key for key in needed if key not in self.atlas]
        if builder is None:
            for key in missing:
                self.atlas.put(*texels_now(sight.contents, key))
        elif missing and not self._asked:
            self._ask(sight.contents, missing, builder, done)

    def _ask(self, contents, missing, builder, done):
        keys = tuple(batch(contents, missing))
        self._asked = keys

        def came(made):
            if self._asked is keys:
                self._asked = ()
            self.add(made)
            done()

        builder.ask("maps texels", lambda: make(contents, keys), came)

    def tiles(self, sight, ranges, down, ratio, reordering=None):
        """Tiles of all maps in sight: TILE[T].

        Parameters
        ----------
        ranges : Ranges
        down : float
            Added to the maps' tops, logical pixels.
        reordering : Reordering, optional
            Maps on their way to other places.
        """
        found, self._coarse, maps = [np.zeros(0, TILE)], 0, 0
        for block, layer, first, last, level in sight.parts:
            slots = np.arange(first, last)

            def boxes_of(places, block=block):
                return boxes_px(block, places, down, ratio)

            boxes = boxes_of(slots)
            if reordering is not None:
                boxes = reordering.boxes(sight.contents, block.index, slots, boxes_of)
            found += self._tiles_of(sight.contents, block, layer, slots, boxes, ranges, level)
            maps += len(slots)
        self.share_sharp = 1.0 - self._coarse / max(1, maps)
        return np.concatenate(found)

    def _tiles_of(self, contents, block, layer, slots, boxes, ranges, level):
        """From the right level, else from another one, else as plain colour."""
        found = []
        for other in _levels_near(level):
            pack = packing(layer.grid, other)
            if other > level + 1 and pack.rows == pack.columns == 1:
                break
            sheets = {}
            for number in sheets_for(pack, int(slots[0]), int(slots[-1]) + 1):
                place = self.atlas.get(SheetKey(contents.number, block.index, other, number))
                if place is not None:
                    sheets[number] = place
            if not sheets:
                self._coarse += len(slots) if other == level else 0
                continue
            first = slots * pack.parts_per_map // pack.parts_per_sheet
            last = ((slots + 1) * pack.parts_per_map - 1) // pack.parts_per_sheet
            there = np.isin(first, list(sheets))
            if pack.parts_per_map > 1 and other != level:
                there &= np.isin(last, list(sheets))
            if there.any():
                places = (slots[there], boxes[there])
                found.append(tiles_of(contents, layer, places, ranges, sheets, other))
                slots, boxes = slots[~there], boxes[~there]
            if other == level:
                self._coarse += len(slots)
            if not len(slots):
                return found
        found.append(tiles_of(contents, layer, (slots, boxes), ranges, {}, COARSEST))
        return found

    def release(self):
        """Delete the atlas' texture."""
        self.atlas.release()
        self.forget()


def texels_now(contents, key):
    """(key, texels, unit) of one sheet."""
    return make(contents, [key])[0]


def _levels_near(level):
    """The level itself, then coarser and finer ones in turn."""
    yield level
    for step in range(1, 5):
        yield level + step
        if level - step >= 0:
            yield level - step


def boxes_px(block, slots, down, ratio):
    """Boxes of maps on whole physical pixels: float[S, 4], left, top, width, height."""
    line, place = np.divmod(slots, block.across)
    left, top, _, _ = block.box(0)
    lefts = left + place * (block.width_of_map + block.gap)
    tops = top + line * (block.height_of_map + block.gap) + down
    boxes = np.empty((len(slots), 4))
    boxes[:, 0], boxes[:, 1] = np.round(lefts * ratio), np.round(tops * ratio)
    boxes[:, 2] = max(1, round(block.width_of_map * ratio))
    boxes[:, 3] = max(1, round(block.height_of_map * ratio))
    return boxes
