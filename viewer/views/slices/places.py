"""Where each cut stands in the view, and which cell is where; logical pixels.

Columns and rows of the map have the same place and zoom in all cuts, channels in both cuts that
have them. The XY cut keeps its shape; the others fill their room.
"""

from dataclasses import dataclass

from viewer.gl.theme import TEXT_PX
from viewer.views.slices.build import XY, YC

HEAD, TITLE, TICKS, FOOT = 22, 18, 17, 24
MARGIN, GAP = 8, 12
LEAST, LEAST_ROOM = 24.0, 44.0
# The least width of the XY cut with its title.
LEAST_PLANE = 116.0
# The most a cell of a cut through all channels measures while nothing is zoomed.
LARGEST_CELL = 64.0
# Labels are apart by at least so much.
LABEL_STEP = TEXT_PX + 2
COLUMNS, ROWS, CHANNELS = 0, 1, 2


@dataclass(frozen=True)
class Axis:
    """Cells side by side.

    Attributes
    ----------
    name : int
        `COLUMNS`, `ROWS` or `CHANNELS`.
    count : int
    low, high : float
        Ends of the room.
    start : float
        Where the first cell begins, maybe before the room.
    cell : float
        Length of a cell.
    """

    name: int
    count: int
    low: float
    high: float
    start: float
    cell: float

    @property
    def room(self):
        """Length of the room."""
        return self.high - self.low

    @property
    def ends(self):
        """Where the cells in sight begin and end."""
        return max(self.low, self.start), min(self.high, self.start + self.count * self.cell)

    @property
    def seen(self):
        """First and one past the last cell of which something is in sight."""
        low, high = self.ends
        first = int((low - self.start) / self.cell + 1e-6)
        last = -int(-((high - self.start) / self.cell - 1e-6) // 1)
        return max(0, first), min(self.count, max(first + 1, last))

    def begin(self, index):
        """Where a cell begins."""
        return self.start + index * self.cell

    def at(self, place):
        """The cell at a place, or None beside the room or the cells."""
        low, high = self.ends
        if not low <= place < high:
            return None
        return min(self.count - 1, max(0, int((place - self.start) / self.cell)))

    def nearest(self, place):
        """The cell nearest to a place."""
        return min(self.count - 1, max(0, int((place - self.start) // self.cell)))

    def center_for(self, start):
        """The camera's centre with which the cells begin at ``start``."""
        length = self.count * self.cell
        share = ((self.low + self.high) / 2 - start) / length if length else 0.5
        return min(1.0, max(0.0, share))


@dataclass(frozen=True, eq=False)
class Frame:
    """One cut in the view.

    Attributes
    ----------
    cut : viewer.views.slices.resolve.Cut
    x, y : Axis
    left, top, width : float
        Of the whole, its title and labels included.
    """

    cut: object
    x: Axis
    y: Axis
    left: float
    top: float
    width: float

    @property
    def box(self):
        """(left, top, right, bottom) of the cells in sight."""
        (left, right), (top, bottom) = self.x.ends, self.y.ends
        return left, top, right, bottom

    @property
    def has_channels(self):
        """Whether its rows are channels."""
        return self.cut.kind != XY

    def cell_at(self, x, y):
        """(row, column) of the picture at a point, or None beside it."""
        row, column = self.y.at(y), self.x.at(x)
        return None if row is None or column is None else (row, column)

    def holds(self, x, y):
        """Whether a point is in the frame: on its cells, labels or title."""
        _, _, right, bottom = self.box
        right = max(right, self.left + self.width)
        return self.left <= x < right and self.top <= y < bottom + TICKS


def frames_of(wish, width, height, foot=FOOT):
    """Where the cuts of a wish stand.

    Parameters
    ----------
    wish : SlicesWish
    width, height : float
        Of the view.
    foot : float
        Height of what stands at the bottom.

    Returns
    -------
    tuple of Frame
        In the order of the cuts. In a small view those in the order of the file are left out, then
        the YC cut, then the XY cut.
    """
    room = (MARGIN, HEAD, width - 2 * MARGIN, height - HEAD - foot - 2)
    frames = ()
    for cuts in _choices(wish.cuts):
        frames = _frames(room, wish, cuts)
        rooms = [each for frame in frames for each in (frame.x.room, frame.y.room)]
        if len(frames) == len(cuts) and min(rooms, default=0) >= LEAST_ROOM:
            return frames
    return frames


def _choices(cuts):
    """Ever fewer of the cuts, all of them first."""
    yield cuts
    kept = tuple(cut for at, cut in enumerate(cuts) if cut.kind not in _kinds(cuts[at + 1 :]))
    for left_out in ((), (YC,), (YC, XY)):
        fewer = tuple(cut for cut in kept if cut.kind not in left_out)
        yield fewer or kept[:1]


def _kinds(cuts):
    return {cut.kind for cut in cuts}


def _frames(room, wish, cuts):
    """The frames of some cuts, of those that have any room."""
    if not cuts or room[2] < LEAST or room[3] < LEAST:
        return ()
    plane = [cut for cut in cuts if cut.kind == XY]
    deep = [cut for cut in cuts if cut.kind != XY]
    boxes = (
        _beside(room, wish, plane, deep) if room[2] >= room[3] else _below(room, wish, plane, deep)
    )
    frames = (_frame(wish, cut, *box) for cut, box in zip((*plane, *deep), boxes, strict=True))
    return tuple(frame for frame in frames if frame is not None)


def _beside(room, wish, plane, deep):
    """Boxes in one row, the XY cut as wide as its shape needs."""
    left, top, width, height = room
    boxes = []
    if plane:
        _, rows, columns = wish.shape
        inside = height - TITLE - TICKS
        wide = inside * columns / rows + labels_of(rows) if inside > 0 else width
        wide = min(max(wide, LEAST_PLANE), width * (0.4 if len(deep) < 3 else 0.28))
        boxes.append((left, top, wide, height))
        left, width = left + wide + GAP, width - wide - GAP
    return boxes + _in_row((left, top, width, height), len(deep))


def _below(room, wish, plane, deep):
    """The XY cut on top, the others below it, two in a row."""
    left, top, width, height = room
    boxes = []
    if plane:
        _, rows, columns = wish.shape
        tall = (width - labels_of(rows)) * rows / columns + TITLE + TICKS
        tall = min(tall, 0.45 * height)
        boxes.append((left, top, width, tall))
        top, height = top + tall + GAP / 2, height - tall - GAP / 2
    lines = -(-len(deep) // 2)
    for line in range(lines):
        some = len(deep[2 * line : 2 * line + 2])
        tall = height / lines
        boxes += _in_row((left, top + line * tall, width, tall), some)
    return boxes


def _in_row(room, count):
    left, top, width, height = room
    wide = (width - (count - 1) * GAP) / max(1, count)
    return [(left + place * (wide + GAP), top, wide, height) for place in range(count)]


def labels_of(count):
    """Width that the numbers of so many rows take beside a cut."""
    return 7.5 * len(f"{max(0, count - 1):,}") + 8


def _frame(wish, cut, left, top, width, height):
    """A cut in a box, or None where there is no room for it."""
    channels, rows, columns = wish.shape
    camera = wish.camera
    down, across = {
        "xy": ((ROWS, rows), (COLUMNS, columns)),
        "xc": ((CHANNELS, channels), (COLUMNS, columns)),
        "yc": ((CHANNELS, channels), (ROWS, rows)),
    }[cut.kind]
    beside = labels_of(down[1])
    wide, tall = width - beside, height - TITLE - TICKS
    if wide < LEAST or tall < LEAST:
        return None
    cell = [wide / across[1], tall / down[1]]
    if cut.kind == XY:
        cell = [min(cell)] * 2
    else:
        cell = [min(LARGEST_CELL, part) for part in cell]
    cell[0] *= camera.zoom
    cell[1] *= camera.zoom if cut.kind == XY else camera.channels
    x = _axis(across, left + beside, wide, cell[0], camera)
    y = _axis(down, top + TITLE, tall, cell[1], camera)
    return Frame(cut, x, y, left, top, width)


def _axis(what, low, room, cell, camera):
    name, count = what
    length, start = count * cell, low
    if length > room:
        start = low + room / 2 - camera.center[name] * length
        start = min(low, max(low + room - length, start))
    return Axis(name, count, low, low + room, start, cell)


def zoomed(axis, camera, name_of_zoom, factor, place, most):
    """(zoom, centre) after zooming an axis about a place that stays.

    Returns
    -------
    (float, float)
    """
    now = getattr(camera, name_of_zoom)
    zoom = min(most, max(1.0, now * factor))
    cell = axis.cell * zoom / now
    share = (place - axis.start) / (axis.count * axis.cell)
    length = axis.count * cell
    middle = (axis.low + axis.high) / 2
    return zoom, min(1.0, max(0.0, share - (place - middle) / length))


def ticks_of(axis, channel_at=None, least=LABEL_STEP):
    """Which cells of an axis are labelled so that labels do not overlap.

    Parameters
    ----------
    axis : Axis
    channel_at : callable(int) -> int, optional
        The channel at a place; None: cells bear their own number.
    least : float
        From label to label.

    Returns
    -------
    list of (float, int)
        The middle of the cell, and its number.
    """
    step = nice_step(least / axis.cell)
    first, last = axis.seen
    found = []
    for index in range(-(-first // step) * step, last, step):
        middle = axis.begin(index + 0.5)
        if axis.low <= middle <= axis.high:
            found.append((middle, index if channel_at is None else channel_at(index)))
    return found


def nice_step(least):
    """The least of 1, 2, 5, 10, 20 ... that is no smaller."""
    power = 1
    while True:
        for digit in (1, 2, 5):
            if digit * power >= least:
                return digit * power
        power *= 10
