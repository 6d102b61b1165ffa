"""The overview: a statistic of every pair of channels, and where in the matrix the view stands."""

import numpy as np

from viewer.gl.theme import rgb
from viewer.visuals.flat import FlatPicture
from viewer.visuals.legend import number
from viewer.visuals.transfer import colours

NAMES = {
    "density": "density",
    "correlation": "correlation",
    "separation": "class separation",
    "distance": "distance correlation",
}
# A box smaller than this is shown as a crosshair.
LEAST_BOX_PX = 6.0
MOST_TEXELS = 1024
BAR_PX = 6
LINE = 15


def ends_of(table):
    """(low, high, is signed) of a statistic's colour map: the values of pairs of two channels.

    A signed statistic has its whole range, zero in the middle.
    """
    if table.low < 0:
        return table.low, table.high, True
    values = table.values
    if values.shape[0] == values.shape[1] and len(values) > 1:
        values = values[~np.eye(len(values), dtype=bool)]
    finite = values[np.isfinite(values)]
    low, high = (finite.min(), finite.max()) if finite.size else (table.low, table.high)
    return float(low), float(high) if high > low else float(low) + 1.0, False


def picture_of(table, arrangement, theme):
    """The overview's picture.

    Parameters
    ----------
    table : PairTable
    arrangement : Arrangement
    theme : Theme

    Returns
    -------
    uint8[H, W, 3]
        A texel a cell; the mean of some where there are more than `MOST_TEXELS` cells a side.
        What is not computed, and pairs of constant channels, are in the colour of lines.
    """
    values = table.values[np.ix_(arrangement.rows, arrangement.columns)]
    values = _reduced(values)
    low, high, signed = ends_of(table)
    shades = colours(theme, signed)
    with np.errstate(invalid="ignore"):
        place = np.clip((values - low) / (high - low), 0, 1) * (len(shades) - 1)
    known = np.isfinite(values)
    picture = shades[np.where(known, place, 0).astype(np.intp)]
    picture[~known] = rgb(theme.line)
    return np.ascontiguousarray(np.round(picture * 255), np.uint8)


def _reduced(values):
    """Means of blocks, so that no side is longer than `MOST_TEXELS`."""
    step = -(-max(values.shape) // MOST_TEXELS)
    if step == 1:
        return values
    rows, columns = (-(-size // step) for size in values.shape)
    padded = np.full((rows * step, columns * step), np.nan, np.float32)
    padded[: values.shape[0], : values.shape[1]] = values
    blocks = padded.reshape(rows, step, columns, step)
    known = np.isfinite(blocks)
    count = known.sum((1, 3))
    with np.errstate(invalid="ignore"):
        return np.where(known, blocks, 0).sum((1, 3)) / np.where(count, count, np.nan)


def box_of(frame, look, area):
    """What the view shows, in the overview: (left, top, right, bottom), logical pixels."""
    left, top, width, height = area
    across, down = frame.extent(look)
    sides = []
    for middle, extent, count, start, long in (
        (look.x, across, frame.columns, left, width),
        (look.y, down, frame.rows, top, height),
    ):
        low, high = middle - extent / 2, middle + extent / 2
        low, high = (min(max(end / count, 0.0), 1.0) for end in (low, high))
        sides.append((start + low * long, start + high * long))
    return sides[0][0], sides[1][0], sides[0][1], sides[1][1]


class Overview:
    """Draws the overview.

    Attributes
    ----------
    pixels : uint8[H, W, 3] or None
    """

    def __init__(self):
        self._picture = FlatPicture()
        self.pixels = None

    def show(self, pixels):
        """Show another picture."""
        self.pixels = pixels
        self._picture.set_pixels(pixels)

    def draw(self, context, width_px, height_px, pen, areas, frame, look, table, words):
        """Draw picture, colour bar, and the box or crosshair of the present view.

        Parameters
        ----------
        pen : Pen
            Whose overlay is drawn later.
        areas : Areas
        frame : Frame
        look : Look
        table : PairTable or None
        words : str
            Instead of a picture.
        """
        left, top, width, height = areas.overview
        if self.pixels is not None and table is not None:
            box = tuple(round(part * pen.ratio) for part in areas.overview)
            self._picture.draw(context, width_px, height_px, box)
            _bar(pen, areas.bar, table)
        else:
            pen.frame((left, top, left + width, top + height), pen.theme.line, 1.0, 1)
            lines = pen.lines_of(words, width - 8)[: max(1, int(height // LINE))]
            base = top + height / 2 + 4 - (len(lines) - 1) * LINE / 2
            for line in lines:
                pen.text(left + width / 2, base, line, pen.theme.dim, align=0.5, room=width - 8)
                base += LINE
        self._box(pen, areas.overview, frame, look)

    def _box(self, pen, area, frame, look):
        left, top, right, bottom = box_of(frame, look, area)
        if min(right - left, bottom - top) >= LEAST_BOX_PX:
            pen.frame((left, top, right, bottom), pen.theme.view, 0.8, 3)
            pen.frame((left, top, right, bottom), pen.theme.accent, 1.0, 1.5)
            return
        x, y = (left + right) / 2, (top + bottom) / 2
        start, high, wide, tall = area
        for thick, colour, opacity in ((3, pen.theme.view, 0.6), (1, pen.theme.accent, 1.0)):
            half = thick / 2
            pen.rectangle(x - half, high, thick, max(0.0, y - 4 - high), colour, opacity)
            pen.rectangle(x - half, y + 4, thick, max(0.0, high + tall - y - 4), colour, opacity)
            pen.rectangle(start, y - half, max(0.0, x - 4 - start), thick, colour, opacity)
            pen.rectangle(x + 4, y - half, max(0.0, start + wide - x - 4), thick, colour, opacity)

    def release(self):
        """Delete its objects; the context is current."""
        self._picture.release()


def value_at(table, arrangement, area, x, y):
    """(row, column, value) of the pair at a place of the overview: channels."""
    left, top, width, height = area
    rows, columns = arrangement.shape
    row = min(rows - 1, max(0, int((y - top) / height * rows)))
    column = min(columns - 1, max(0, int((x - left) / width * columns)))
    pair = int(arrangement.rows[row]), int(arrangement.columns[column])
    return (
        *pair,
        float("nan") if table is None or table.values is None else float(table.values[pair]),
    )


def words_at(table, arrangement, shown, area, x, y):
    """The pair at a place of the overview, in words."""
    row, column, value = value_at(table, arrangement, area, x, y)
    pair = f"{shown.columns.layer}:{column} × {shown.rows.layer}:{row}"
    if not np.isfinite(value):
        return pair
    return f"{pair}, {NAMES[table.statistic]} {number(value)}"


def _bar(pen, area, table):
    """The colour bar with its ends, the statistic and how many points it is of."""
    left, top, width, height = area
    low, high, signed = ends_of(table)
    shades = colours(pen.theme, signed)[:: 1024 // 64]
    ratio, top = pen.ratio, top + 6
    pen.rectangle(left - 1, top - 1, width + 2, BAR_PX + 2, pen.theme.line)
    pen.overlay.gradient(left * ratio, top * ratio, width * ratio, BAR_PX * ratio, shades)
    base = top + BAR_PX + 13
    ends = (number(low), number(high))
    wide = [pen.width_of(end) for end in ends]
    pen.text(left, base, ends[0], pen.theme.dim)
    pen.text(left + width, base, ends[1], pen.theme.dim, align=1.0)
    name, middle = NAMES[table.statistic], left + width / 2
    if pen.width_of(name) > width - 2 * max(wide) - 12:  # it stands below
        base += LINE
    pen.text(middle, base, name, pen.theme.text, align=0.5, room=width)
    if base + LINE <= top + height:
        pen.text(middle, base + LINE, table.words, pen.theme.dim, align=0.5, room=width)
