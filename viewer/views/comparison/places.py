"""Where everything in the comparison stands; plain geometry in logical pixels."""

from dataclasses import dataclass

from viewer.views.box import sharp_size

MARGIN, ROW, FOOT = 10, 15, 24
TOP = 36
CHECK = 17
"""Below a picture: its method's check."""

GAP = 8
LEAST_COLUMN, HEAD_WIDTH, LEAST_HEAD = 106.0, 150.0, 64.0
BAR = 8


@dataclass(frozen=True)
class Grid:
    """A grid of pictures with its heads, in a view of a size.

    Attributes
    ----------
    width, height : float
        Of the view.
    shape : (rows, columns)
        Of the pictures.
    size : float
        Longer side of a picture.
    rows, columns : int
        Of the grid.
    """

    width: float
    height: float
    shape: tuple
    size: float
    rows: int
    columns: int

    @property
    def cell(self):
        """Width and height of a picture."""
        scale = self.size / max(self.shape)
        return max(4.0, self.shape[1] * scale), max(4.0, self.shape[0] * scale)

    @property
    def step(self):
        """From a cell to the next one, across and down."""
        wide, tall = self.cell
        return max(wide, LEAST_COLUMN) + GAP, tall + CHECK + GAP

    @property
    def left(self):
        """Width of the rows' heads."""
        return max(LEAST_HEAD, min(HEAD_WIDTH, 0.3 * self.width))

    @property
    def room(self):
        """Width and height of what is left for cells."""
        return (
            max(10.0, self.width - self.left - BAR),
            max(10.0, self.height - TOP - FOOT),
        )

    @property
    def longest(self):
        """The largest scroll, across and down, pixels."""
        across, down = self.step
        wide, tall = self.room
        return max(0.0, self.columns * across - wide), max(0.0, self.rows * down - tall)

    def scroll_of(self, camera):
        """The scroll of a camera, as far as there is content: (across, down)."""
        steps, longest = self.step, self.longest
        places = (camera.column, camera.row)
        return tuple(
            min(far, place * step) for place, step, far in zip(places, steps, longest, strict=True)
        )

    def place_of(self, across, down):
        """(column, row) of a camera for a scroll, clipped to what there is."""
        steps, longest = self.step, self.longest
        return tuple(
            min(max(0.0, scroll), far) / step
            for scroll, step, far in zip((across, down), steps, longest, strict=True)
        )

    def column_at(self, place, scroll):
        """Left end of a column."""
        return self.left + place * self.step[0] - scroll[0]

    def row_at(self, place, scroll):
        """Top of a row."""
        return TOP + place * self.step[1] - scroll[1]

    def picture(self, row, column, scroll):
        """(left, top, width, height) of a cell's picture."""
        wide, tall = self.cell
        return self.column_at(column, scroll), self.row_at(row, scroll), wide, tall

    def in_sight(self, scroll):
        """Ranges of the rows and the columns of which something is in sight."""
        across, down = self.step
        wide, tall = self.room
        rows = range(
            min(self.rows, int(scroll[1] // down)),
            min(self.rows, int((scroll[1] + tall) // down) + 1),
        )
        columns = range(
            min(self.columns, int(scroll[0] // across)),
            min(self.columns, int((scroll[0] + wide) // across) + 1),
        )
        return rows, columns

    def at(self, x, y, scroll):
        """(row, column) at a point; None for either in a head or beyond the last."""
        across, down = self.step
        row = column = None
        if TOP <= y < self.height - FOOT:
            row = int((y - TOP + scroll[1]) // down)
            row = row if row < self.rows else None
        if self.left <= x < self.width:
            column = int((x - self.left + scroll[0]) // across)
            column = column if column < self.columns else None
        return row, column

    def pixel_at(self, x, y, row, column, scroll):
        """(row, column) of a cell's picture at a point, or None beside it."""
        left, top, wide, tall = self.picture(row, column, scroll)
        down, across = (y - top) / tall, (x - left) / wide
        if not (0 <= down < 1 and 0 <= across < 1):
            return None
        return int(down * self.shape[0]), int(across * self.shape[1])


def sharp(box, shape, ratio):
    """A picture in the upper left of its box; enlarged pixels are squares of one size.

    Parameters
    ----------
    box : (left, top, width, height)
        Logical pixels.
    shape : (rows, columns)
    ratio : float

    Returns
    -------
    tuple of int
        Left, top, width, height in physical pixels.
    """
    left, top, wide, tall = (part * ratio for part in box)
    width, height = sharp_size(wide, tall, shape)
    return round(left), round(top), width, height
