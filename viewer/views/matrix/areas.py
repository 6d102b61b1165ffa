"""What stands where in the matrix view: cells, axes, overview, legend, footer. No Qt, no GL."""

from dataclasses import dataclass

from viewer.views.point_legend import ROW

FOOT = 24
MARGIN = 8
AXIS_LEFT, AXIS_BOTTOM = 62, 32
NARROW_LEFT, NARROW_BOTTOM = 46, 17
# Below the overview: its colour bar, the ends and the statistic, of how many points; narrow ones
# have a line more.
BAR_ROOM, NARROW_BAR_ROOM, NARROW_BAR = 46, 60, 170
SIDE_LEAST, SIDE_MOST = 116, 230
# Smaller views have narrow axes; still smaller ones no overview and no legend.
SMALL, TINY = 300, 210


@dataclass(frozen=True)
class Areas:
    """Parts of the view: (left, top, width, height) each, logical pixels; None where absent.

    Attributes
    ----------
    cells, left, bottom, foot : tuple
    overview : tuple or None
        The picture of the whole matrix.
    bar : tuple or None
        Below it: its colour bar.
    legend : tuple or None
    """

    cells: tuple
    left: tuple
    bottom: tuple
    foot: tuple
    overview: tuple | None = None
    bar: tuple | None = None
    legend: tuple | None = None

    def at(self, x, y):
        """The name of the part at a place, or None."""
        for name in ("overview", "legend", "cells", "left", "bottom", "foot"):
            box = getattr(self, name)
            if box is not None and _holds(box, x, y):
                return name
        return None


def _holds(box, x, y):
    left, top, width, height = box
    return left <= x < left + width and top <= y < top + height


def areas_of(width, height, *, overview, legend, shape=(1, 1)):
    """The parts of a view.

    Parameters
    ----------
    width, height : float
    overview, legend : bool
        Whether they are wanted; a small view has no room for them.
    shape : (int, int)
        Rows and columns of the matrix, for the overview's sides.
    """
    inner = max(1.0, height - FOOT)
    is_small = min(width, inner) < SMALL
    axis = (NARROW_LEFT, NARROW_BOTTOM) if is_small else (AXIS_LEFT, AXIS_BOTTOM)
    wants = overview or legend
    right, below = 0.0, 0.0
    if wants and width >= 1.15 * inner and width - SIDE_LEAST >= TINY and inner >= 120:
        right = min(SIDE_MOST, max(SIDE_LEAST, 0.24 * width))
    elif wants and inner >= width and inner - SIDE_LEAST >= TINY and width >= 160:
        below = min(SIDE_MOST, max(SIDE_LEAST, 0.26 * inner))
    elif wants and width >= 560 and inner >= 120:
        right = min(SIDE_MOST, max(SIDE_LEAST, 0.24 * width))
    cells = (
        axis[0],
        MARGIN,
        max(1.0, width - axis[0] - MARGIN - right),
        max(1.0, inner - axis[1] - MARGIN - below),
    )
    parts = {
        "cells": cells,
        "left": (0, cells[1], axis[0], cells[3]),
        "bottom": (cells[0], cells[1] + cells[3], cells[2], axis[1]),
        "foot": (0, height - FOOT, width, FOOT),
    }
    if right:
        column = (width - right + MARGIN, MARGIN, right - 2 * MARGIN, inner - 2 * MARGIN)
        parts |= _in_column(column, overview, legend, shape)
    elif below:
        band = (MARGIN, inner - below + MARGIN, width - 2 * MARGIN, below - 2 * MARGIN)
        parts |= _in_band(band, overview, legend, shape)
    return Areas(**parts)


def _in_column(box, overview, legend, shape):
    """Overview above the legend."""
    left, top, width, height = box
    if not overview:
        return {"legend": box}
    bar = NARROW_BAR_ROOM if width < NARROW_BAR else BAR_ROOM
    side = max(40.0, 0.55 * height if legend else height - bar)
    side = max(20.0, min(width, side, height - bar))
    across, down = _sides(side, side, shape)
    picture = (left, top, across, down)
    parts = {"overview": picture, "bar": (left, top + down, width, bar)}
    start = top + down + bar + MARGIN
    if legend and top + height - start >= 2 * ROW:
        parts["legend"] = (left, start, width, top + height - start)
    return parts


def _in_band(box, overview, legend, shape):
    """Overview beside the legend."""
    left, top, width, height = box
    if not overview:
        return {"legend": box}
    bar = NARROW_BAR_ROOM
    side = max(20.0, min(height - bar, 0.5 * width if legend else width))
    across, down = _sides(side, side, shape)
    room = max(across, 96.0)
    parts = {"overview": (left, top, across, down), "bar": (left, top + down, room, bar)}
    start = left + room + 2 * MARGIN
    if legend and left + width - start >= 70:
        parts["legend"] = (start, top, left + width - start, height)
    return parts


def _sides(width, height, shape):
    """The largest box of a matrix's proportions in a room; thin ones stay visible."""
    rows, columns = max(1, shape[0]), max(1, shape[1])
    size = min(width / columns, height / rows)
    return max(6.0, size * columns), max(6.0, size * rows)
