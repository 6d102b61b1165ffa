"""Where everything in the Top filters view stands; plain geometry in logical pixels."""

from dataclasses import dataclass

from viewer.state.filters import FiltersCamera

MARGIN, TOP, ROW = 12, 10, 18
FOOT = 24
AXIS = 44
"""Left of the bars, for the numbers of the value axis."""

HEAD, NUMBERS = 22, 16
LEAST_PICTURE = 0.55
LEAST_BARS, MOST_BARS = 24.0, 110.0
NEAR_PX = 5
LIST_WIDTH, LIST_FROM = 150, 460
LEAST_LISTED, WEIGHTS = 0.5, 180.0
"""Below the list of filters is room for the weights of one, where the view is tall enough."""


@dataclass(frozen=True)
class Bars:
    """One layer's histogram.

    Attributes
    ----------
    left, top, width, height : float
        Of the bars; the layer's name stands above, numbers of filters below.
    count : int
        Of bars.
    """

    left: float
    top: float
    width: float
    height: float
    count: int

    @property
    def step(self):
        """Width of a bar with its gap."""
        return self.width / max(1, self.count)

    def x_of(self, rank):
        """Left end of a bar, by its place in the order; ``count`` gives the right end of all."""
        return self.left + rank * self.step

    def rank_at(self, x):
        """The place in the order under an x, clipped to what there is."""
        return min(self.count - 1, max(0, int((x - self.left) // self.step)))

    def holds(self, x, y):
        """Whether a point belongs to this histogram."""
        inside = self.left - NEAR_PX <= x <= self.left + self.width + NEAR_PX
        return inside and self.top - HEAD <= y <= self.top + self.height + NUMBERS

    def grip_at(self, x, first, last):
        """What a press takes: ``'first'``, ``'last'``, ``'range'``, or None outside the range."""
        low, high = self.x_of(first), self.x_of(last + 1)
        near = min(NEAR_PX, max(1.0, (high - low) / 4))
        if low - NEAR_PX <= x <= low + near:
            return "first"
        if high - near <= x <= high + NEAR_PX:
            return "last"
        return "range" if low < x < high else None


@dataclass(frozen=True)
class Places:
    """Everything in the view.

    Attributes
    ----------
    area : (left, top, width, height)
        Room for the picture; what is beyond is cut off.
    picture : (left, top, width, height)
        The whole picture, also where it reaches beyond the area.
    bars : tuple of Bars
        One for each layer, the deepest below.
    listed : (left, top, width, height) or None
        Where the filters of the range are listed; below it the weights of one have room.
    foot : float
        Top of the line of words.
    """

    area: tuple[float, float, float, float]
    picture: tuple[float, float, float, float]
    bars: tuple[Bars, ...]
    listed: tuple | None
    foot: float


def places(width, height, picture_shape, counts, ratio=1.0, camera=None):
    """Places in a view of a size.

    A small picture is enlarged by whole numbers of physical pixels, so that its pixels are squares
    of one size.

    Parameters
    ----------
    width, height : float
    picture_shape : (rows, columns, ...)
    counts : sequence of int
        Filters of each layer.
    ratio : float
        Physical pixels for a logical one.
    camera : FiltersCamera, optional
    """
    foot = height - FOOT
    room = max(20.0, foot - TOP)
    each = min(MOST_BARS + HEAD + NUMBERS, room * (1 - LEAST_PICTURE) / max(1, len(counts)))
    tall = each - HEAD - NUMBERS
    if tall < LEAST_BARS / 2:
        each, tall = 0.0, 0.0
    first = foot - each * len(counts)
    bars = tuple(
        Bars(AXIS, first + place * each + HEAD, max(20.0, width - AXIS - MARGIN), tall, count)
        for place, count in enumerate(counts)
        if tall
    )
    wide = width - 2 * MARGIN
    listed = None
    if width >= LIST_FROM:
        wide -= LIST_WIDTH + MARGIN
        room = first - TOP - MARGIN / 2
        tall = max(LEAST_LISTED * room, room - WEIGHTS) if room > 1.4 * WEIGHTS else room
        listed = (MARGIN + wide + MARGIN, TOP, LIST_WIDTH, tall)
    area = (MARGIN, TOP, max(8.0, wide), max(8.0, first - TOP - MARGIN / 2))
    picture = _fitted(picture_shape, area, ratio, camera or FiltersCamera())
    return Places(area, picture, bars, listed, foot)


def _fitted(shape, area, ratio, camera):
    """The picture in its area, as the camera has it; without gaps that need not be."""
    rows, columns = shape[:2]
    scale = min(area[2] / columns, area[3] / rows)
    if scale * ratio >= 2:
        scale = int(scale * ratio) / ratio
    size, place = (columns * scale * camera.zoom, rows * scale * camera.zoom), []
    for start, room, long, middle in zip(area[:2], area[2:], size, camera.center, strict=True):
        at = start + room / 2 - long * (middle if camera.zoom > 1 else 0.5)
        slack = room - long
        low, high = (start + slack / 2,) * 2 if slack >= 0 else (start + slack, start)
        place.append(round(min(high, max(low, at)) * ratio) / ratio)
    return (*place, *size)


def center_after(spots, zoom, x, y):
    """The center that keeps what is at a point of the view there when the zoom is multiplied."""
    center = []
    for axis, at in enumerate((x, y)):
        corner, long = spots.picture[axis], spots.picture[2 + axis]
        start, room = spots.area[axis], spots.area[2 + axis]
        place = (at - corner) / long - (at - start - room / 2) / (long * zoom)
        center.append(min(1.0, max(0.0, place)))
    return center


def box_on(picture, shape, field):
    """A receptive field in the view: (left, top, right, bottom).

    Parameters
    ----------
    picture : (left, top, width, height)
    shape : (rows, columns, ...)
    field : (y0, x0, y1, x1)
        Pixels of the picture.
    """
    left, top, width, height = picture
    down, across = height / shape[0], width / shape[1]
    y0, x0, y1, x1 = (float(part) for part in field)
    return left + x0 * across, top + y0 * down, left + x1 * across, top + y1 * down


def pixel_at(spots, shape, x, y):
    """(row, column) of the picture at a point of the view, as floats; None outside."""
    if not _inside(spots.area, x, y):
        return None
    left, top, width, height = spots.picture
    row, column = (y - top) / height * shape[0], (x - left) / width * shape[1]
    return (row, column) if 0 <= row < shape[0] and 0 <= column < shape[1] else None


def _inside(box, x, y):
    left, top, width, height = box
    return left <= x < left + width and top <= y < top + height
