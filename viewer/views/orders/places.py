"""Where everything in the orders pane stands; plain geometry in logical pixels."""

from dataclasses import dataclass

from viewer.views.box import Box

MARGIN, ROW, FOOT = 10, 16, 24
HEAD = 3 * ROW + 6
"""Above the methods: what is ordered, what the axis means, its ends."""

LEAST_ROW, MOST_ROW = 18, 84
LEAST_WIDE, LEAST_TALL = 700, 620
"""A pane that is so wide or so tall shows both pages."""

GAP = 14
NAME, NUMBERS, RELATIVE = 96, 86, 46
LEAST_AXIS = 60
LABELS = 30
LEAST_SQUARE = 60


def pages_of(width, height, page):
    """Boxes of the pages that are shown: dict of ``'quality'`` and ``'stability'`` to Box."""
    height = max(1.0, height - FOOT)
    inner = max(1.0, width - 2 * MARGIN)
    if width >= LEAST_WIDE:
        left = min(0.46 * inner, 560.0)
        first = Box(MARGIN, 0.0, left, height)
        second = Box(MARGIN + left + 2 * GAP, 0.0, inner - left - 2 * GAP, height)
        return {"quality": first, "stability": second}
    if height + FOOT >= LEAST_TALL:
        upper = max(0.42 * height, min(0.5 * height, 330.0))
        first = Box(MARGIN, 0.0, inner, upper)
        return {"quality": first, "stability": Box(MARGIN, upper, inner, height - upper)}
    return {page: Box(MARGIN, 0.0, inner, height)}


def shows_both(width, height):
    """Whether there is room for both pages."""
    return len(pages_of(width, height, "quality")) == 2


@dataclass(frozen=True)
class Rows:
    """The methods below each other: picture, name, axis, numbers.

    Attributes
    ----------
    box : Box
        Of the whole page.
    count : int
        Of methods.
    """

    box: Box
    count: int

    @property
    def top(self):
        """Where the first row begins."""
        return self.box.top + HEAD

    @property
    def height(self):
        """Of one row."""
        room = (self.box.bottom - self.top) / max(1, self.count)
        return float(int(max(LEAST_ROW, min(MOST_ROW, room))))

    @property
    def in_sight(self):
        """How many rows have room."""
        return max(1, min(self.count, int((self.box.bottom - self.top) // self.height)))

    @property
    def picture(self):
        """Side of a row's picture."""
        return self.height - 4

    @property
    def name_left(self):
        """Where names begin."""
        return self.box.left + self.picture + 10

    @property
    def has_relative(self):
        """Whether there is room for the quality relative to the best."""
        return self._axis_room(NUMBERS + RELATIVE) >= LEAST_AXIS

    @property
    def numbers(self):
        """Width of the numbers on the right; 0 where the axis would have no room."""
        wide = NUMBERS + (RELATIVE if self.has_relative else 0)
        return wide if self._axis_room(wide) >= 0 else 0

    def _axis_room(self, numbers):
        return self.box.right - numbers - GAP - (self.name_left + NAME)

    @property
    def axis(self):
        """(left, right) of the quality's axis, or None where it has no room."""
        left = self.name_left + NAME
        right = self.box.right - self.numbers - GAP
        return (left, right) if right - left >= LEAST_AXIS else None

    def row(self, place):
        """Box of the row at a place among those in sight."""
        return Box(self.box.left, self.top + place * self.height, self.box.width, self.height)

    def picture_of(self, place):
        """Box of a row's picture."""
        row = self.row(place)
        return Box(row.left + 4, row.top + 2, self.picture, self.picture)

    def at(self, x, y):
        """The place of the row at a point, or None."""
        place = int((y - self.top) // self.height)
        inside = self.box.left <= x < self.box.right and y >= self.top
        return place if inside and place < self.in_sight else None


@dataclass(frozen=True)
class Squares:
    """The matrix of rank correlations, and two orders against each other.

    Attributes
    ----------
    box : Box
        Of the whole page.
    labels : float
        Width of the matrix' labels.
    has_pair : bool
        Whether two orders are shown against each other.
    """

    box: Box
    labels: float
    has_pair: bool

    @property
    def _area(self):
        top = self.box.top + 2 * ROW + 10
        return Box(self.box.left, top, self.box.width, max(1.0, self.box.bottom - top - 6))

    @property
    def is_across(self):
        """Whether the pair stands right of the matrix, else below it: where both are larger."""
        area = self._area
        across = min((area.width - GAP) / 2 - self.labels, area.height - 4 * ROW)
        return across >= min(area.width - self.labels, (area.height - GAP) / 2 - 4 * ROW)

    @property
    def matrix(self):
        """Box of the matrix, square."""
        area, wide, tall = self._area, self._area.width, self._area.height
        if self.has_pair and self.is_across:
            wide = (wide - GAP) / 2
        elif self.has_pair:
            tall = (tall - GAP) / 2
        side = max(8.0, min(wide - self.labels, tall))
        return Box(area.left + self.labels, area.top, side, side)

    @property
    def pair(self):
        """Box of the two orders against each other with its words, or None."""
        if not self.has_pair:
            return None
        area, matrix = self._area, self.matrix
        if self.is_across:
            left = matrix.right + GAP
            box = Box(left, area.top, area.right - left, area.height)
        else:
            top = matrix.bottom + GAP
            box = Box(area.left, top, area.width, area.bottom - top)
        return box if min(box.width, box.height) >= LEAST_SQUARE else None

    @property
    def plot(self):
        """Box of the ranks, square; None without a pair."""
        box = self.pair
        if box is None:
            return None
        side = min(box.width - LABELS, box.height - 4 * ROW)
        if side < LEAST_SQUARE / 2:
            return None
        return Box(box.left + LABELS, box.top + ROW + 4, side, side)

    def uses(self, widths):
        """Boxes of the words below the plot that apply an order, of these widths."""
        plot = self.plot
        if plot is None:
            return ()
        found, left, top = [], self.pair.left, plot.bottom + ROW + 6
        for wide in widths:
            if found and left + wide > self.pair.right:
                left, top = self.pair.left, top + ROW + 4
            found.append(Box(left, top, wide, ROW + 2))
            left += wide + GAP
        return tuple(found)
