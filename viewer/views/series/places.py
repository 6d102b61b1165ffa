"""Where everything in the view of a series stands; plain geometry in logical pixels."""

import math
from dataclasses import dataclass
from functools import cached_property

from viewer.views.box import sharp_size

MARGIN, ROW, GAP, FOOT = 10, 15, 10, 24
HEAD = 2 * ROW + 6
"""Below a picture: the sample's thumbnail, the step's name, its label and prediction."""

LEAST, MOST = 112.0, 300.0
"""Widths of a cell."""

LOWEST = 44.0
"""A picture's least height where pictures are lowered to have all steps in sight."""

THINNEST = 0.2
"""A picture's shorter side at least, of the shorter side of its room."""

FLATTEST, TALLEST = 0.3, 1.6
"""Heights of a picture by its width: beyond these it leaves room beside it."""

BESIDE = 640.0
"""From this width on the check stands beside the steps, else below them."""


@dataclass(frozen=True)
class Places:
    """The cells of a series, and the check beside them, in a view of a size.

    Attributes
    ----------
    width, height : float
        Of the view.
    count : int
        Of steps.
    shape : (rows, columns)
        Of a step's picture.
    present : int
        The step that is shown: its row is in sight.
    checks : bool
        Whether the check has its room.
    brief : bool
        Whether it has a sentence only, which takes less room below the steps.
    """

    width: float
    height: float
    count: int
    shape: tuple
    present: int = 0
    checks: bool = False
    brief: bool = False

    @property
    def check(self):
        """(left, top, width, height) of the check, or None."""
        if not self.checks:
            return None
        if not self.count:
            return 0.0, 0.0, self.width, self.height - FOOT
        if self.width >= BESIDE:
            wide = max(300.0, min(520.0, 0.42 * self.width))
            return self.width - wide, 0.0, wide, self.height - FOOT
        tall = (0.25 if self.brief else 0.5) * (self.height - FOOT)
        return 0.0, self.height - FOOT - tall, self.width, tall

    @property
    def room(self):
        """(left, top, width, height) of the cells."""
        width, height = self.width - 2 * MARGIN, self.height - FOOT - MARGIN
        if self.checks:
            left, top, wide, tall = self.check
            width, height = (width - wide, height) if left else (width, height - tall)
        return MARGIN, MARGIN, max(20.0, width), max(20.0, height)

    @property
    def flatness(self):
        """A picture's height by its width."""
        return min(TALLEST, max(FLATTEST, self.shape[0] / max(1, self.shape[1])))

    @cached_property
    def columns(self):
        """As few as let all steps be in sight; where they do not fit, as many as there is room."""
        _, _, width, height = self.room
        most = max(1, int((width + GAP) // (LEAST + GAP)))
        for columns in range(1, min(most, max(1, self.count)) + 1):
            wide = self._wide(columns)
            rows = math.ceil(self.count / columns)
            if rows * self._down(wide) - GAP <= height:
                return columns
        return min(most, max(1, self.count))

    def _wide(self, columns):
        _, _, width, height = self.room
        tallest = max(24.0, height - HEAD - GAP)
        widest = (width - GAP * (columns - 1)) / columns
        return max(40.0, min(MOST, widest, max(LEAST, tallest / self.flatness)))

    def _down(self, wide):
        return wide * self.flatness + HEAD + GAP

    @cached_property
    def cell(self):
        """Width and height of a picture; lower ones where that brings more steps into sight."""
        wide, height = self._wide(self.columns), self.room[3]
        tall = min(wide * self.flatness, max(24.0, height - HEAD - GAP))
        most = int((height + GAP) // (LOWEST + HEAD + GAP))
        rows = min(math.ceil(self.count / self.columns), most)
        lower = (height + GAP) / max(1, rows) - HEAD - GAP
        return wide, lower if LOWEST <= lower < tall else tall

    @property
    def step(self):
        """From a cell to the next one, across and down."""
        wide, tall = self.cell
        return wide + GAP, tall + HEAD + GAP

    @property
    def rows(self):
        """Rows of cells, and how many of them are in sight at a time."""
        whole = max(1, int((self.room[3] + GAP + 1) // self.step[1]))
        return math.ceil(self.count / self.columns), whole

    @property
    def first_row(self):
        """The uppermost row in sight: the present step's stands in the middle where it can."""
        rows, whole = self.rows
        return max(0, min(self.present // self.columns - (whole - 1) // 2, rows - whole))

    @property
    def in_sight(self):
        """Numbers of the steps of which something is in sight."""
        first = self.first_row * self.columns
        return range(first, min(self.count, first + (self.rows[1] + 1) * self.columns))

    def picture(self, number):
        """(left, top, width, height) of a step's picture."""
        row, column = divmod(number, self.columns)
        across, down = self.step
        left, top, _, _ = self.room
        return left + column * across, top + (row - self.first_row) * down, *self.cell

    def at(self, x, y):
        """The step at a point, or None."""
        left, top, width, height = self.room
        if not (left <= x < left + width and top <= y < top + height):
            return None
        across, down = self.step
        column = int((x - left) // across)
        number = (int((y - top) // down) + self.first_row) * self.columns + column
        return number if column < self.columns and number < self.count else None

    def drawn(self, number, ratio):
        """(left, top, width, height) in physical pixels of the picture's values: see `fitted`."""
        return fitted(self.picture(number), self.shape, ratio)

    def pixel_at(self, x, y, number, ratio=1.0):
        """(row, column) of a step's picture at a point, or None beside it."""
        left, top, wide, tall = (part / ratio for part in self.drawn(number, ratio))
        down, across = (y - top) / tall, (x - left) / wide
        if not (0 <= down < 1 and 0 <= across < 1):
            return None
        return int(down * self.shape[0]), int(across * self.shape[1])


def fitted(box, shape, ratio):
    """A picture in the middle of its box; enlarged values are squares of one size, where it is not
    far longer than wide.

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
    # What is much longer than wide is widened, so that there is something to see.
    least = round(THINNEST * min(wide, tall))
    width, height = max(width, least), max(height, least)
    return round(left + (wide - width) / 2), round(top + (tall - height) / 2), width, height
