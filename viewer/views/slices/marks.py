"""What stands over and beside the cuts: titles, numbers, cutting lines, bars, header, footer."""

import math
from functools import lru_cache

import numpy as np

from viewer.gl.theme import TEXT_PX
from viewer.views.range_bar import Bar
from viewer.views.slices import moves
from viewer.views.slices.build import XC, XY, YC
from viewer.views.slices.places import (
    COLUMNS,
    FOOT,
    HEAD,
    LABEL_STEP,
    MARGIN,
    ROWS,
    TICKS,
    TITLE,
    ticks_of,
)
from viewer.visuals.legend import number
from viewer.visuals.transfer import colours

SMALL = TEXT_PX - 1
DROP = TEXT_PX * 0.36
AXES = {XY: "row × column", XC: "channel × column", YC: "channel × row"}
SHORT_AXES = {XY: "column", XC: "column", YC: "row"}
ROOM_FOR_BOTH = 190.0
BAR_WIDTH = 96.0
NARROW = 460.0
READABLE_PX, LEAST_TILE = 3.0, 10.0


def draw_header(pen, wish, badges, width):
    """Of what the volume is on the left, what is not all there is on the right."""
    theme, base = pen.theme, HEAD / 2 + DROP
    right = width - MARGIN
    said = " · ".join(badges)
    if said:
        room = max(60.0, width * 0.55)
        pen.text(right, base, said, theme.dim, align=1.0, room=room)
        right -= min(room, pen.width_of(said)) + 2 * MARGIN
    left = MARGIN
    words = wish.words[:1].upper() + wish.words[1:]
    pen.text(left, base, words, theme.text, room=max(20.0, right - left))
    left += pen.width_of(words) + 12
    if wish.ordered and right - left > 60:
        pen.text(left, base, wish.ordered, theme.dim, room=right - left)


def draw_title(pen, frame):
    """What a cut is."""
    base = frame.top + TITLE - 6
    pen.text(frame.left, base, frame.cut.title, pen.theme.text, size=SMALL, room=frame.width)


def draw_numbers(pen, wish, frame):
    """Numbers of rows and columns beside a cut, none over another; those it is cut at stand out."""
    theme, (left, _, right, bottom) = pen.theme, frame.box
    channels = frame.cut.channels if frame.has_channels else None
    number_of = None if channels is None else (lambda place: int(channels[place]))
    marked = _marked(wish, frame, frame.y)
    for middle, shown in ticks_of(frame.y, number_of):
        if marked is None or abs(middle - marked[0]) >= LABEL_STEP:
            pen.text(left - 5, middle + DROP, f"{shown:,}", theme.dim, size=SMALL, align=1.0)
    if marked is not None:
        pen.text(left - 5, marked[0] + DROP, f"{marked[1]:,}", theme.accent, size=SMALL, align=1.0)
    names = AXES if frame.x.high - frame.x.low >= ROOM_FOR_BOTH else SHORT_AXES
    base = bottom + TICKS - 5
    name = names[frame.cut.kind] if frame.x.count > 1 else "channel"
    name = name.replace("channel", "filter") if wish.volume.unfolded else name
    wide = pen.width_of(name, SMALL)
    end = max(right, left + min(wide, frame.x.high - left))
    pen.text(end, base, name, theme.dim, size=SMALL, align=1.0, room=frame.x.high - left)
    marked = _marked(wish, frame, frame.x)
    most = pen.width_of(f"{frame.x.count - 1:,}", SMALL) + 8
    if marked is not None:
        half = pen.width_of(f"{marked[1]:,}", SMALL) / 2
        if marked[0] + half < end - wide - 6:
            pen.text(marked[0], base, f"{marked[1]:,}", theme.accent, size=SMALL, align=0.5)
    for middle, shown in ticks_of(frame.x, None, most):
        half = pen.width_of(f"{shown:,}", SMALL) / 2
        beside = marked is None or abs(middle - marked[0]) >= most
        if beside and middle + half < end - wide - 6:
            pen.text(middle, base, f"{shown:,}", theme.dim, size=SMALL, align=0.5)


def _marked(wish, frame, axis):
    """(middle, number) of the cell at which an axis is cut, or None out of sight."""
    index = moves.index_of(wish, frame, axis)
    middle = axis.begin(index + 0.5)
    if not axis.low <= middle <= axis.high:
        return None
    return middle, moves.what_at(frame, axis, index)


def draw_lines(pen, wish, frame):
    """Where the other cuts are: two lines round large cells, one through small ones."""
    left, top, right, bottom = frame.box
    colour = pen.theme.accent
    for x in moves.line_of(wish, frame, frame.x) if frame.x.count > 1 else ():
        if left - 1 <= x <= right + 1:
            x = min(_edge(pen, x), _edge(pen, right) - 1)
            pen.rectangle(x, top, 1, bottom - top, colour, 0.9)
    for y in moves.line_of(wish, frame, frame.y):
        if top - 1 <= y <= bottom + 1:
            y = min(_edge(pen, y), _edge(pen, bottom) - 1)
            pen.rectangle(left, y, right - left, 1, colour, 0.9)


def _edge(pen, place):
    """A place at the nearest edge between two pixels: halves would give lines of no width."""
    return math.floor(place * pen.ratio + 0.5) / pen.ratio


def draw_edge(pen, frame):
    """A quiet line round a cut, whose zeros have the background's colour."""
    left, top, right, bottom = frame.box
    pen.frame((left - 1, top - 1, right + 1, bottom + 1), pen.theme.line, 1.0, 1)


def draw_bars(pen, frame):
    """Bars between the clusters of an order."""
    order = frame.cut.order
    left, _, right, _ = frame.box
    thick = 2 if frame.y.cell >= 6 else 1
    for place in () if order is None else order.clusters:
        if place:
            y = frame.y.begin(place)
            pen.rectangle(left, y - thick / 2, right - left, thick, pen.theme.text)


def draw_tiles(pen, frame, tile):
    """Quiet lines between the kernels of unfolded weights, where they are large enough."""
    left, top, right, bottom = frame.box
    for axis in (frame.x, frame.y):
        step = {COLUMNS: tile[1], ROWS: tile[0]}.get(axis.name, 0)
        if step < 2 or step * axis.cell < LEAST_TILE:
            continue
        first, last = axis.seen
        for index in range(-(-max(1, first) // step) * step, last, step):
            at = _edge(pen, axis.begin(index))
            box = (at, top, 1, bottom - top) if axis is frame.x else (left, at, right - left, 1)
            pen.rectangle(*box, pen.theme.dim, 0.45)


def draw_unit(pen, frame, cell):
    """A frame round one cell, seen on every colour."""
    row, column = cell
    box = [
        frame.x.begin(column),
        frame.y.begin(row),
        frame.x.begin(column + 1),
        frame.y.begin(row + 1),
    ]
    if min(frame.x.cell, frame.y.cell) >= READABLE_PX:
        pen.frame(box, "#000000", 0.6, 3)
    pen.frame(box, "#ffffff", 1.0, 1)


def draw_row(pen, frame, place):
    """Marks at both ends of a row: its channel is pointed at elsewhere."""
    left, top, right, bottom = frame.box
    tall = max(3.0, frame.y.cell)
    y = frame.y.begin(place + 0.5) - tall / 2
    if top <= y + tall and y <= bottom:
        for x in (left - 4, right + 1):
            pen.rectangle(x, y, 3, tall, pen.theme.text)


def draw_footer(pen, wish, range, words, width, top):
    """Colour bar, its ends, what it does not hold, and what is under the pointer.

    Returns
    -------
    Bar or None
        As it was drawn.
    """
    theme, bar, left = pen.theme, None, MARGIN
    pen.rectangle(0, top, width, FOOT, theme.view)
    pen.rectangle(0, top, width, 1, theme.line)
    base = top + FOOT / 2 + DROP
    if words and width < NARROW:
        pen.text(left, base, words, theme.text, room=width - 2 * MARGIN)
        return None
    room = width - 2 * MARGIN - (min(pen.width_of(words) + 12, width * 0.6) if words else 0)
    low, high = number(range.low), number(range.high)
    title = wish.volume.layer + (" by hand" if range.by_hand else "")
    needed = BAR_WIDTH + pen.width_of(low) + pen.width_of(high) + 30
    if room - needed > 40:
        part = room - needed
        pen.text(left, base, title, theme.text, room=part, both_ends=True)
        left += min(part, pen.width_of(title)) + 8
    pen.text(left, base, low, theme.dim)
    left += pen.width_of(low) + 8
    wide = min(BAR_WIDTH, MARGIN + room - left)
    if wide >= 24:
        _gradient(pen, left, top + FOOT / 2 - 4, wide, _shades(theme, range.signed))
        bar = Bar(wish.volume.layer, range.low, range.high, range.signed, left, wide)
        left += wide + 8
    for text, shade in ((high, None), *swatches(range, theme)):
        wide = pen.width_of(text) + (12 if shade else 0)
        if left + wide > MARGIN + room:
            break
        if shade:
            pen.rectangle(left, top + FOOT / 2 - 4, 8, 8, shade)
            left += 12
        pen.text(left, base, text, theme.text if shade else theme.dim)
        left += pen.width_of(text) + 12
    pen.text(width - MARGIN, base, words, theme.text, align=1.0, room=width * 0.6)
    return bar


def swatches(range, theme):
    """(words, colour) of the kinds of values that occur and have no place on the bar."""
    kinds = (
        ("NaN", range.nan, theme.nan),
        ("+∞", range.infinite, theme.infinite),
        ("−∞", range.negative_infinite, theme.negative_infinite),
        ("above", range.above, theme.clipped),
        ("below", range.below, theme.clipped if range.signed else theme.line),
    )
    return [(f"{name} {count:,}", colour) for name, count, colour in kinds if count]


@lru_cache(maxsize=8)
def _shades(theme, signed):
    """Colours of the bar from its low end to its high end."""
    return colours(theme, signed)[:: 1024 // 48]


def _gradient(pen, left, top, width, shades):
    pen.rectangle(left - 1, top - 1, width + 2, 10, pen.theme.line)
    edges = np.rint(np.linspace(left, left + width, len(shades) + 1) * pen.ratio)
    boxes = np.empty((len(shades), 4))
    boxes[:, 0], boxes[:, 2] = edges[:-1], np.diff(edges)
    boxes[:, 1], boxes[:, 3] = round(top * pen.ratio), round(8 * pen.ratio)
    pen.overlay.rectangles(boxes, shades)


def pointer_words(wish, voxel):
    """Value, channel, row and column under the pointer, with the channel's place."""
    channel, row, column = voxel
    volume = wish.volume
    if volume.unfolded:
        return weight_words(volume, channel, row, column)
    value = float(volume.values[channel, row, column])
    said = [f"channel {channel:,}"]
    if wish.order is not None:
        said[0] += f" (place {wish.place_of(channel):,})"
    if volume.positions:
        said += [f"row {row:,}"] * (len(volume.positions) > 1) + [f"column {column:,}"]
    return f"{value_words(value)} at {', '.join(said)}"


def weight_words(volume, channel, row, column):
    """A weight under the pointer: its value, filter, input and place in the kernel."""
    place = volume.weight_words(row, column)
    if not place:
        return f"filter {channel:,}, no weight here"
    return (
        f"{value_words(float(volume.values[channel, row, column]))} at filter {channel:,}, {place}"
    )


def value_words(value):
    """A value in as many digits as it means; one that is no number as the legend calls it."""
    if np.isfinite(value):
        return number(value)
    return "NaN" if np.isnan(value) else "+∞" if value > 0 else "−∞"


def reduced_words(frames, ratio):
    """Which cuts have more cells than pixels: ``'2,048 channels on 300 rows'``.

    Parameters
    ----------
    frames : sequence of Frame
    ratio : float
        Physical pixels a logical one.
    """
    found = {}
    for frame in frames:
        for axis, on in ((frame.y, "rows"), (frame.x, "columns")):
            (low, high), (first, last) = axis.ends, axis.seen
            pixels = round((high - low) * ratio)
            if last - first > pixels + 1:
                what = ("columns", "rows", "channels")[axis.name]
                found[what] = f"{last - first:,} {what} on {pixels:,} {on} (strongest shown)"
    return tuple(found.values())
