"""What stands over and beside the pictures of the orders pane: names, dots, axes, labels, words."""

import math

import numpy as np

from viewer.gl.theme import TEXT_PX, rgb
from viewer.views.orders.build import MOST_DOTS
from viewer.views.orders.places import FOOT, GAP, MARGIN, NUMBERS, ROW
from viewer.views.orders.resolve import (
    COSTLY,
    FAILED,
    FOUND,
    cluster_words,
    heading_of,
    is_reversed,
    pair_words,
    summary_of,
)
from viewer.visuals.legend import number
from viewer.visuals.transfer import colours

SMALL = TEXT_PX - 1
WIDE_FOOT = 520
DROP = TEXT_PX * 0.36
DOT = 7
BAND = 2
"""Standard deviations of random orders on either side of their mean that are shaded."""

CLEAR = 34
"""Between the word at 1 and the number of a tick."""

STEPS = (0.25, 0.5)
TICKS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0)


def axis_end(rows):
    """The quality at the right end of the axis: all dots and the random orders' band fit."""
    ends = [1.0 + (BAND + 1) * spread_of(rows)]
    ends += [row.quality + row.spread for row in rows if math.isfinite(row.quality)]
    return 1.04 * max(ends)


def spread_of(rows):
    """The standard deviation of random orders; 0 before one is there."""
    spreads = [row.spread for row in rows if math.isfinite(row.spread)]
    return spreads[0] if spreads else 0.0


def draw_quality(pen, wish, places, first, pointed):
    """The methods with their dots and numbers.

    Parameters
    ----------
    places : viewer.views.orders.places.Rows
    first : int
        The first method in sight.
    pointed : int or None
        The method under the pointer.
    """
    theme, box = pen.theme, places.box
    base = box.top + ROW
    pen.text(box.left, base, wish.basis, theme.text, face="medium", room=box.width)
    pen.text(box.left, base + ROW, wish.counts, theme.dim, size=SMALL, room=box.width)
    shown = wish.rows[first : first + places.in_sight]
    _draw_axis(pen, wish.rows, places, len(shown))
    for place, row in enumerate(shown):
        _draw_method(pen, row, places, place, axis_end(wish.rows), first + place == pointed)
    more = len(wish.rows) - len(shown)
    if more:
        base = places.row(len(shown) - 1).bottom + ROW - 5
        pen.text(box.right, base, f"{more} more, by the wheel", theme.dim, size=SMALL, align=1.0)


def _draw_axis(pen, rows, places, count):
    """What the dots mean: ticks, and where random orders lie."""
    theme, axis = pen.theme, places.axis
    base = places.top - 6
    if places.numbers:
        right = places.box.right
        if places.has_relative:
            pen.text(right, base, "× best", theme.dim, size=SMALL, align=1.0)
        left = right - places.numbers + NUMBERS
        pen.text(left, base, "of random", theme.dim, size=SMALL, align=1.0)
    if axis is None or all(math.isnan(row.quality) for row in rows):
        return
    left, right = axis
    end, spread = axis_end(rows), spread_of(rows)
    bottom = places.row(count - 1).bottom if count else places.top

    def x_of(quality):
        return left + (right - left) * quality / end

    low, high = x_of(1 - BAND * spread), x_of(1 + BAND * spread)
    pen.rectangle(low, places.top, max(2.0, high - low), bottom - places.top, theme.edge, 0.55)
    step = next((each for each in STEPS if (right - left) * each / end >= CLEAR), 1.0)
    for tick in TICKS:
        if tick < end and not tick % step:
            pen.rectangle(x_of(tick), places.top, 1, bottom - places.top, theme.line)
            if abs(x_of(tick) - x_of(1.0)) > CLEAR:
                pen.text(x_of(tick), base, number(tick), theme.dim, size=SMALL, align=0.5)
    if rows and spread:
        room = right - left
        said = "random" if room > 90 else "1"
        pen.text(x_of(1.0), base, said, theme.text, size=SMALL, align=0.5)


def _draw_method(pen, row, places, place, end, is_pointed):
    theme, box = pen.theme, places.row(place)
    middle = int(box.top + box.height / 2)
    if is_pointed:
        pen.rectangle(box.left, box.top, box.width, box.height - 1, theme.line, 0.6)
    if row.is_in_force:
        pen.rectangle(box.left - 4, box.top + 1, 3, box.height - 3, theme.accent)
    face = "medium" if row.is_in_force else "regular"
    colour = theme.text if row.status == FOUND else theme.dim
    left, axis = places.name_left, places.axis
    room = (axis[0] if axis else box.right - places.numbers) - left - 6
    below = _below_name(row)
    lifted = 7 if below and box.height >= 30 else 0
    pen.text(left, middle + DROP - lifted, row.name, colour, face=face, room=room)
    if lifted:
        pen.text(left, middle + DROP + 8, below, theme.dim, size=SMALL, room=room)
    if row.status != FOUND:
        _draw_status(pen, row, places, middle)
        return
    if not math.isfinite(row.quality):
        words = "fewer than 3 channels vary"
        start = axis[0] if axis else left + room + 6
        pen.text(start, middle + DROP, words, theme.dim, size=SMALL, room=box.right - start)
        return
    if axis is not None:
        _draw_dot(pen, row, axis, middle, end)
    _draw_numbers(pen, row, places, middle + DROP)


def _below_name(row):
    """Clusters, and whether it is in force, below a method's name."""
    if row.portrait is None:
        return ""
    clusters = cluster_words(row.portrait.order)
    return ", ".join(filter(None, (clusters, "in force" if row.is_in_force else "")))


def _draw_status(pen, row, places, middle):
    """Instead of a dot: computing, why it failed, or what it would cost."""
    theme, right = pen.theme, places.box.right
    start = places.axis[0] if places.axis else places.name_left + 70
    words, colour = "computing", theme.dim
    if row.status == FAILED:
        words, colour = row.words, theme.wrong
    elif row.status == COSTLY:
        words, colour = f"{row.words}: click to make it", theme.accent
    pen.text(start, middle + DROP, words, colour, size=SMALL, room=max(20.0, right - start))


def _draw_dot(pen, row, axis, middle, end):
    """The quality as a dot, with one standard deviation of random orders on either side."""
    theme, (left, right) = pen.theme, axis
    x = left + (right - left) * row.quality / end
    away = (right - left) * row.spread / end
    colour = theme.accent if row.is_in_force else theme.text
    pen.rectangle(left, middle, x - left, 1, theme.line)
    pen.rectangle(x - away, middle, 2 * away, 1, colour)
    ratio = pen.ratio
    corner = ((x - DOT / 2) * ratio, (middle + 0.5 - DOT / 2) * ratio)
    pen.overlay.rectangle(*corner, DOT * ratio, DOT * ratio, colour)


def _draw_numbers(pen, row, places, base):
    theme, right = pen.theme, places.box.right
    if not places.numbers:
        return
    if places.has_relative:
        best = row.relative <= 1
        said = "best" if best else f"{row.relative:.2f} ×"
        colour = theme.right if best else theme.dim
        pen.text(right, base, said, colour, align=1.0)
    left = right - places.numbers + NUMBERS
    said = f"{row.quality:.2f} ± {number(row.spread, 1)}"
    pen.text(left, base, said, theme.text, align=1.0, room=NUMBERS)


def draw_clusters(pen, portrait, box):
    """Small bars left of and above a picture where a new cluster begins."""
    count = portrait.channels
    for first in portrait.order.clusters:
        if not 0 < first < count:
            continue
        at = first / count
        pen.rectangle(box.left - 3, box.top + at * box.height - 0.5, 3, 1, pen.theme.text)
        pen.rectangle(box.left + at * box.width - 0.5, box.top - 2, 1, 2, pen.theme.text)


# stability


def label_width(pen, names, side):
    """Room that the labels left of a matrix take: as much as they need, to a limit."""
    longest = max((pen.width_of(name, SMALL) for name in names), default=0.0)
    return min(longest + 8, max(34.0, 0.28 * side))


def labelled(count, side):
    """Numbers of the rows of a matrix that have room for a label, evenly spaced."""
    step = 1
    for step in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000):
        if side * step / max(1, count) >= ROW - 3:
            break
    return range(0, count, step)


def draw_stability(pen, wish, places, pointed):
    """Heading, labels and marks of the matrix.

    Parameters
    ----------
    places : viewer.views.orders.places.Squares
    pointed : (int or None, int or None)
        Row and column of the matrix under the pointer; a row alone is a label.
    """
    theme, box = pen.theme, places.box
    base = box.top + ROW
    pen.text(box.left, base, heading_of(wish), theme.text, face="medium", room=box.width)
    said = summary_of(wish) or wish.why or "computing"
    lines = pen.lines_of(said, box.width) if wish.matrix is None else [said]
    for place, line in enumerate(lines):
        down = base + (1 + place) * ROW
        pen.text(box.left, down, line, theme.dim, size=SMALL, room=box.width)
    if wish.matrix is None:
        return
    matrix, count, names = places.matrix, len(wish.matrix), wish.compared.names
    step = matrix.height / count
    row, column = pointed
    for at in labelled(count, matrix.height):
        base = matrix.top + (at + 0.5) * step + SMALL * 0.36
        marked = at == row or at in (wish.pair or ())
        colour = theme.text if marked else theme.dim
        room = matrix.left - box.left - 6
        pen.text(matrix.left - 6, base, names[at], colour, size=SMALL, align=1.0, room=room)
    corner = (matrix.left, matrix.top, matrix.right, matrix.bottom)
    pen.frame(corner, theme.edge, 1.0, 1)
    if row is not None:
        _frame_cell(pen, matrix, step, row, column, theme.text)
    if wish.pair is not None:
        _frame_cell(pen, matrix, step, *wish.pair, theme.accent)


def _frame_cell(pen, matrix, step, row, column, colour):
    top, bottom = matrix.top + row * step, matrix.top + (row + 1) * step
    left, right = matrix.left, matrix.right
    if column is not None:
        left, right = left + column * step, left + (column + 1) * step
    if right - left < 5:
        middle = (left + right) / 2
        left, right = middle - 2.5, middle + 2.5
    if bottom - top < 5:
        middle = (top + bottom) / 2
        top, bottom = middle - 2.5, middle + 2.5
    pen.frame((left, top, right, bottom), colour, 1.0, 2)


def use_words(wish):
    """Words below the two orders that apply one: as long as there are two."""
    if wish.pair is None:
        return ()
    return tuple(f"use {wish.compared.names[at]}" for at in dict.fromkeys(wish.pair))


def draw_pair(pen, wish, places, ranks, pointed, hovered):
    """Two orders against each other: axes, dots where they are few, and what applies them.

    Parameters
    ----------
    ranks : (int[V], int[V], int[V])
        Channels that are compared, and their places in both.
    pointed : int or None
        The word under the pointer that applies an order.
    hovered : int or None
        A channel that is pointed at, here or elsewhere.
    """
    theme, plot, box = pen.theme, places.plot, places.pair
    if plot is None:
        return
    pen.text(box.left, box.top + ROW - 5, pair_words(wish), theme.text, room=box.width)
    pen.frame((plot.left, plot.top, plot.right, plot.bottom), theme.edge, 1.0, 1)
    one, other = (wish.compared.names[at] for at in wish.pair)
    channels, across, down = ranks
    count = len(channels)
    base = plot.bottom + SMALL + 3
    pen.text(plot.left, base, "1", theme.dim, size=SMALL)
    pen.text(plot.right, base, f"{count:,}", theme.dim, size=SMALL, align=1.0)
    room = plot.width - 2 * pen.width_of(f"{count:,}", SMALL) - 12
    words = f"across {one}, up {other}"
    if pen.width_of(words, SMALL) > room:
        words = f"across {one}"
    middle = plot.left + plot.width / 2
    pen.text(middle, base, words, theme.dim, size=SMALL, align=0.5, room=room)
    high, low = f"{count:,}", "1"
    if is_reversed(wish):
        high, low = low, high
    pen.text(plot.left - 5, plot.top + SMALL, high, theme.dim, size=SMALL, align=1.0)
    pen.text(plot.left - 5, plot.bottom, low, theme.dim, size=SMALL, align=1.0)
    if 0 < count <= MOST_DOTS:
        _draw_dots(pen, plot, across, down)
    for channel, colour in ((wish.channel, theme.accent), (hovered, theme.text)):
        for at in np.flatnonzero(channels == channel) if channel is not None else ():
            _mark_dot(pen, plot, across[at], down[at], count, colour)
    words = use_words(wish)
    spots = places.uses([pen.width_of(word) for word in words])
    for place, (word, spot) in enumerate(zip(words, spots, strict=False)):
        colour = theme.text if place == pointed else theme.accent
        pen.text(spot.left, spot.top + ROW - 4, word, colour, room=box.width)


def _draw_dots(pen, plot, across, down):
    count, ratio = len(across), pen.ratio
    size = max(2.0, min(5.0, 0.7 * plot.width / count))
    left = plot.left + (across + 0.5) / count * plot.width - size / 2
    top = plot.bottom - (down + 0.5) / count * plot.height - size / 2
    boxes = np.stack([left, top, np.full(count, size), np.full(count, size)], 1)
    pen.overlay.rectangles(boxes * ratio, np.tile(rgb(pen.theme.text), (len(boxes), 1)), 0.8)


def _mark_dot(pen, plot, x, y, count, colour):
    left = plot.left + (x + 0.5) / count * plot.width
    top = plot.bottom - (y + 0.5) / count * plot.height
    pen.frame((left - 4, top - 4, left + 4, top + 4), colour, 1.0, 2)


def draw_foot(pen, words, width, top, has_bar):
    """The line of words at the bottom, and the colours of rank correlations."""
    theme, right = pen.theme, width - MARGIN
    base = top + FOOT / 2 + DROP
    pen.rectangle(0, top, width, FOOT, theme.panel)
    if width > 320 and has_bar:
        pen.text(right, base, "1", theme.dim, align=1.0)
        right -= 12
        ratio = pen.ratio
        bar = ((right - 72) * ratio, (top + 9) * ratio, 72 * ratio, 8 * ratio)
        pen.overlay.gradient(*bar, colours(theme, True)[:: 1024 // 64])
        low = "reversed \u22121" if width > WIDE_FOOT else "\u22121"
        pen.text(right - 78, base, low, theme.dim, align=1.0)
        right -= 78 + pen.width_of(low) + GAP
    pen.text(MARGIN, base, words, theme.dim, room=max(20.0, right - MARGIN))
