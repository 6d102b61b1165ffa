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
    side = min(MOST_PLOT, max(0.0, tall if wide > 2.4 * LEAST_PLOT + 200 else 0.5 * tall), wide)
    if side >= LEAST_PLOT:
        _scatter(pen, found.validation, left, top, side)
        if wide - side >= 230:
            left, wide = left + side + 14, wide - side - 14
        else:
            top, tall = top + side + 8, tall - side - 8
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


def _table(pen, found, left, top, wide, tall):
    theme, validation = pen.theme, found.validation
    count = len(validation.places)
    shown = min(count, int(tall // ROW) - 1)
    if shown < 1 or wide < 150:
        return Rows()
    figures = 72.0 if wide >= 400 else 62.0
    ends = [left + wide - 2 * figures, left + wide - figures, left + wide]
    room = wide - 3 * figures - 6
    base = top + SMALL
    titles = ("computed", "difference", "error")
    more = f"{shown} of {count} weights" if shown < count else "weight"
    pen.text(left, base, more, theme.dim, size=SMALL, room=room)
    for end, title in zip(ends, titles, strict=True):
        pen.text(end, base, title, theme.dim, size=SMALL, align=1.0)
    for row, error in enumerate(errors_of(validation)[:shown]):
        base = top + (row + 1) * ROW + SMALL
        pen.text(left, base, found.name(row), theme.text, size=SMALL, room=room)
        numbers = number(validation.computed[row], 4), number(validation.differences[row], 4)
        for end, words in zip(ends, (*numbers, share_words(error)), strict=True):
            tint = theme.dim if validation.kinks[row] else theme.text
            pen.text(end, base, words, tint, size=SMALL, align=1.0)
    return Rows(top + ROW, left, wide, shown)
