"""Where every map stands: layers one below the other, each a heading and a grid of maps.

Plain arithmetic in logical pixels of a content as high as needed; the view shows a part of it.
All maps have the same longer side, whatever their layer's size; single units (cells) are smaller
so that a fully connected layer stays together. No Qt, no GL.
"""

from bisect import bisect_right
from dataclasses import dataclass

HEAD = 26
MARGIN = 10
BELOW = 10
BAR = 12
THINNEST = 4.0
CELL_SMALLEST, CELL_LARGEST = 8.0, 40.0


@dataclass(frozen=True)
class Item:
    """What the wall needs to know of a layer.

    Attributes
    ----------
    count : int
        Maps shown.
    rows, columns : int
        Of each map.
    folded : bool
    """

    count: int
    rows: int
    columns: int
    folded: bool = False


@dataclass(frozen=True)
class Block:
    """One layer on the wall.

    Attributes
    ----------
    index : int
    top, height : float
        Of the content; the heading is on top, the free space below belongs to it.
    across : int
        Maps in a row.
    width_of_map, height_of_map, gap : float
    count : int
        Maps shown; 0 when folded.
    """

    index: int
    top: float
    height: float
    across: int
    width_of_map: float
    height_of_map: float
    gap: float
    count: int

    @property
    def lines(self):
        """Rows of maps."""
        return -(-self.count // self.across)

    def box(self, slot):
        """Left, top, width and height of the map at a place in the order shown."""
        line, place = divmod(slot, self.across)
        left = MARGIN + place * (self.width_of_map + self.gap)
        top = self.top + HEAD + line * (self.height_of_map + self.gap)
        return left, top, self.width_of_map, self.height_of_map


@dataclass(frozen=True)
class Hit:
    """What is at a point.

    Attributes
    ----------
    block : Block
    slot : int or None
        Which map; None: the heading.
    across, down : float
        Place in the map, 0 to 1.
    x : float
        From the left edge, for headings.
    """

    block: Block
    slot: int | None
    across: float = 0.0
    down: float = 0.0
    x: float = 0.0


def size_of_map(size, rows, columns, room):
    """Width and height of a map whose longer side is to be ``size``, in the room there is."""
    if rows == columns == 1:
        side = min(max(size / 3, CELL_SMALLEST), CELL_LARGEST)
        return side, side
    scale = min(size / max(rows, columns), room[0] / columns, room[1] / rows)
    least = min(THINNEST, room[0], room[1])
    return max(columns * scale, least), max(rows * scale, least)


class Wall:
    """All layers laid out for one size of view and maps.

    Parameters
    ----------
    items : sequence of Item
    width, height : float
        Of the part of the view that shows maps.
    size : float
        Longer side of a map.

    Attributes
    ----------
    blocks : tuple of Block
    total : float
        Height of the content.
    """

    def __init__(self, items, width, height, size):
        self.width, self.height = float(width), float(height)
        room = (max(8.0, width - MARGIN - BAR), max(8.0, height - HEAD - 2))
        self.largest = max(room)
        top, blocks = 0.0, []
        for index, item in enumerate(items):
            block = _block(index, item, top, size, room)
            blocks.append(block)
            top += block.height
        self.blocks = tuple(blocks)
        self.total = top
        self._tops = [block.top for block in blocks]

    @property
    def longest(self):
        """The largest scroll, pixels."""
        return max(0.0, self.total - self.height)

    def clipped(self, scroll):
        """A scroll within what there is."""
        return min(self.longest, max(0.0, scroll))

    def scroll_of(self, place):
        """The scroll that has a place (`MapsCamera`) at the top, as far as there is content."""
        if not self.blocks:
            return 0.0
        index = min(int(place), len(self.blocks) - 1)
        block = self.blocks[index]
        return self.clipped(block.top + min(1.0, place - index) * block.height)

    def place_of(self, content_y):
        """The place at a height of the content."""
        if not self.blocks:
            return 0.0
        index = max(0, bisect_right(self._tops, content_y) - 1)
        block = self.blocks[index]
        share = (content_y - block.top) / block.height
        return index + min(max(share, 0.0), 0.999999)

    def visible(self, scroll):
        """(block, first slot, one past the last slot) of the layers in sight."""
        found = []
        first = max(0, bisect_right(self._tops, scroll) - 1)
        for block in self.blocks[first:]:
            if block.top >= scroll + self.height:
                break
            step = block.height_of_map + block.gap
            start = block.top + HEAD
            low = max(0, int((scroll - start) // step))
            high = max(0, int((scroll + self.height - start) // step) + 1)
            slots = (min(block.count, low * block.across), min(block.count, high * block.across))
            found.append((block, *slots))
        return found

    def at(self, x, content_y):
        """The `Hit` at a point of the content, or None between maps."""
        if not self.blocks or not 0 <= content_y < self.total:
            return None
        block = self.blocks[max(0, bisect_right(self._tops, content_y) - 1)]
        down = content_y - block.top - HEAD
        if down < 0:
            return Hit(block, None, x=x)
        line = int(down // (block.height_of_map + block.gap))
        place = int((x - MARGIN) // (block.width_of_map + block.gap))
        slot = line * block.across + place
        if not (0 <= place < block.across and slot < block.count):
            return None
        left, top, width, height = block.box(slot)
        across, down = (x - left) / width, (content_y - top) / height
        if not (0 <= across < 1 and 0 <= down < 1):
            return None
        return Hit(block, slot, across, down)

    def anchor(self, x, content_y):
        """A point of the content that `height_of` finds again on a wall of other sizes."""
        hit = self.at(x, content_y)
        return self.place_of(content_y) if hit is None or hit.slot is None else hit

    def height_of(self, anchor):
        """Where in this wall's content an `anchor` of another wall is."""
        if isinstance(anchor, float):
            block = self.blocks[int(anchor)]
            return block.top + (anchor - int(anchor)) * block.height
        _, top, _, height = self.blocks[anchor.block.index].box(anchor.slot)
        return top + anchor.down * height

    def showing(self, index, slot, scroll):
        """The scroll nearest to ``scroll`` that has a layer's heading, or a map of it, in sight."""
        block = self.blocks[index]
        if slot is None:
            top, bottom = block.top, block.top + min(block.height, HEAD + 3 * block.height_of_map)
            low, high = bottom - self.height, top
        else:
            _, top, _, height = block.box(slot)
            low, high = top + height + BELOW - self.height, top - HEAD
        return self.clipped(min(max(scroll, min(low, high)), high))


def _block(index, item, top, size, room):
    width, height = size_of_map(size, item.rows, item.columns, room)
    gap = min(4.0, max(1.0, round(min(width, height) * 0.06)))
    across = max(1, int((room[0] + gap) // (width + gap)))
    count = 0 if item.folded else item.count
    lines = -(-count // across)
    tall = HEAD + (lines * (height + gap) - gap + BELOW if count else 2)
    return Block(index, top, tall, across, width, height, gap, count)
