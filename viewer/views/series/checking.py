"""Computed gradients beside finite differences: a table and a scatter with its diagonal."""

from dataclasses import dataclass

import numpy as np

from viewer.gl.theme import TEXT_PX
from viewer.views.series.places import MARGIN, ROW
from viewer.visuals.legend import number

SMALL = TEXT_PX - 1
TITLES = {"largest": "the largest", "random": "random ones", "chosen": "the one picked"}
LEAST_PLOT, MOST_PLOT = 110.0, 230.0
DOT = 3.0
TABLE = 352.0
"""Width that the table needs beside the scatter."""


@dataclass(frozen=True)
class Rows:
    """Where the rows of the table stand, for clicks.

    Attributes
    ----------
    top, left, width : float
    count : int
        Of rows that are drawn.
    """

    top: float = 0.0
    left: float = 0.0
    width: float = 0.0
    count: int = 0

    def at(self, x, y):
        """The row at a point, or None."""
        row = int((y - self.top) // ROW)
        inside = self.left <= x < self.left + self.width and y >= self.top
        return row if inside and row < self.count else None


def errors_of(validation):
    """Distance of both as a share of the largest gradient compared: float64[n]; kinks are NaN."""
    computed, differences = np.asarray(validation.computed), np.asarray(validation.differences)
    largest = max(np.abs(computed).max(initial=0.0), np.abs(differences).max(initial=0.0))
    apart = np.abs(computed - differences) / (largest or 1.0)
    return np.where(np.asarray(validation.kinks), np.nan, apart)


def share_words(share):
    """A small share: ``'2.1e-07'``; of what lies at a kink ``'at a kink'``."""
    return "at a kink" if np.isnan(share) else "0" if share == 0 else f"{share:.1e}"


def summary(found):
    """The error in one sentence."""
    validation, count = found.validation, len(found.validation.places)
    one = "1 weight" if count == 1 else f"{count:,} weights"
    if np.isnan(validation.error):
        return f"all {one} lie at a kink, where the score has no one slope"
    kinks = int(np.count_nonzero(validation.kinks))
    besides = f", {kinks} of them at a kink and left out" if kinks else ""
    return f"{one}{besides}: off by {validation.error:.1e} of the largest at most"


def draw(pen, check, box):
    """Draw the part of the check; where its rows stand.

    Parameters
    ----------
    check : viewer.views.series.resolve.Check
    box : (left, top, width, height)

    Returns
    -------
    Rows
    """
    (left, top, wide, tall), theme = box, pen.theme
    pen.rectangle(left, top, wide, tall, theme.panel)
    inner, room = left + MARGIN, wide - 2 * MARGIN
    found, base = check.found, top + MARGIN + SMALL
    title = "Finite differences"
    if found is not None:
        title = f"Finite differences in {found.layer}, {TITLES[check.kind]}"
    pen.text(inner, base, title, theme.text, face="medium", room=room)
    if found is None:
        said = check.why or ("computing" if check.waits else "")
        for line in pen.lines_of(said, room)[:4]:
            base += ROW + 2
            pen.text(inner, base, line, theme.dim, size=SMALL, room=room)
        return Rows()
    validation = found.validation
    holds = validation.error <= 1e-3
    colour = theme.text if holds or np.isnan(validation.error) else theme.wrong
    said = [(f"of {found.words}, {check.name}", theme.dim), (summary(found), colour)]
    said += [(line, theme.dim) for line in pen.lines_of(validation.floor, room)[:3]]
    for words, tint in said:
        base += ROW
        if base > top + tall - 4:
            return Rows()
        pen.text(inner, base, words, tint, size=SMALL, room=room)
    return _body(pen, found, (inner, base + 8, room, top + tall - base - 12))


def _body(pen, found, box):
    """Scatter and table: beside each other where there is room, else the table below."""
    left, top, wide, tall = box
    beside = min(MOST_PLOT, tall, wide - TABLE - 14)
    below = min(MOST_PLOT, tall - ROW * (2 + len(found.validation.places)), wide)
    if beside >= LEAST_PLOT:
        _scatter(pen, found.validation, left, top, beside)
        left, wide = left + beside + 14, wide - beside - 14
    elif below >= LEAST_PLOT:
        _scatter(pen, found.validation, left, top, below)
        top, tall = top + below + 8, tall - below - 8
    return _table(pen, found, left, top, wide, tall)


def _scatter(pen, validation, left, top, side):
    """Computed gradients to the right, differences upwards; on the diagonal both agree."""
    theme, ratio = pen.theme, pen.ratio
    plot = side - ROW
    pen.rectangle(left, top, plot, plot, theme.view)
    pairs = np.stack([validation.computed, validation.differences], 1)
    finite = np.isfinite(pairs).all(1)
    largest = float(np.abs(pairs[finite]).max(initial=0.0)) or 1.0
    scale = plot * 0.46 / largest
    middle = left + plot / 2, top + plot / 2
    ends = (left * ratio, (top + plot) * ratio, (left + plot) * ratio, top * ratio)
    pen.overlay.line(*ends, theme.edge, 1.0, max(1.0, ratio))
    for (computed, difference), kink in zip(pairs[finite], validation.kinks[finite], strict=True):
        x, y = middle[0] + computed * scale, middle[1] - difference * scale
        tint = theme.dim if kink else theme.accent
        pen.rectangle(x - DOT, y - DOT, 2 * DOT, 2 * DOT, tint)
    base = top + plot + ROW - 3
    words = f"computed →, differences ↑, ±{number(largest / 0.92)}"
    pen.text(left, base, words, theme.dim, size=SMALL, room=side)


def headings_of(shape):
    """Titles of the columns that name a weight."""
    kernel = {0: (), 1: ("place",), 2: ("row", "column"), 3: ("depth", "row", "column")}
    return ("filter", "input", *kernel.get(len(shape) - 2, ("place",)))


def cells_of(shape, weight):
    """What stands in these columns for a weight (filter, input, row and column in the kernel)."""
    filter_, each, y, x = weight
    kernel = {0: (), 1: (x,), 2: (y, x)}
    if len(shape) == 5:
        return (filter_, each, *divmod(y, shape[-2]), x)
    return (filter_, each, *kernel.get(len(shape) - 2, (y * shape[-1] + x,)))


def short_name(cells):
    """A weight as units are written: ``'3:1@0,2'`` is filter 3, input 1, row 0, column 2."""
    filter_, each, *place = cells
    return f"{filter_}:{each}" + (f"@{','.join(map(str, place))}" if place else "")


def _table(pen, found, left, top, wide, tall):
    theme, validation = pen.theme, found.validation
    count = len(validation.places)
    shown = min(count, int(tall // ROW) - 1)
    if shown < 1 or wide < 150:
        return Rows()
    headings = headings_of(found.shape)
    names, figures = 44.0, 84.0
    if shown < count:
        shown -= 1  # the last line says how many there are
    if shown < 1:
        return Rows()
    is_narrow = wide < len(headings) * names + 3 * figures
    if is_narrow:
        headings, names = ("weight",), 90.0
        figures = min(figures, (wide - names) / 3)
    titles = (*headings, "computed", "difference", "error")
    ends, end = [], left
    for title in titles:
        end += names if title in headings else figures
        ends.append(end)
    base = top + SMALL
    for end, title in zip(ends, titles, strict=True):
        pen.text(end - 6, base, title, theme.dim, size=SMALL, align=1.0)
    for row, error in enumerate(errors_of(validation)[:shown]):
        base = top + (row + 1) * ROW + SMALL
        weight = cells_of(found.shape, found.weight(row))
        cells = [short_name(weight)] if is_narrow else [str(each) for each in weight]
        cells += [number(validation.computed[row], 4), number(validation.differences[row], 4)]
        for end, words in zip(ends, (*cells, share_words(error)), strict=True):
            tint = theme.dim if validation.kinks[row] else theme.text
            pen.text(end - 6, base, words, tint, size=SMALL, align=1.0)
    if shown < count:
        pen.text(left, base + ROW, f"{shown} of {count} weights", theme.dim, size=SMALL)
    return Rows(top + ROW, left, wide, shown)
