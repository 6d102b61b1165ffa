"""The legend of points: groups with colour, name and number of points; rows can be clicked."""

from viewer.gl.theme import TEXT_PX
from viewer.visuals.classes import hex_of
from viewer.visuals.legend import number

ROW = 17
SWATCH = 10
BAR_LONGEST, BAR_LEAST = 132.0, 48.0
DROP = TEXT_PX * 0.36
# What is said below the rows leaves them so many.
LEAST_ROWS = 4


def draw(pen, box, colouring, scrolled, pointed):
    """Draw the legend.

    Parameters
    ----------
    pen : Pen
    box : tuple
        Left, top, width and height, logical pixels.
    colouring : object
        With ``groups`` (`Groups`), ``counts`` int64[G] of their points, and ``left_out``.
    scrolled : int
        Rows above.
    pointed : int or None
        The group under the pointer.

    Returns
    -------
    (tuple of (group, box), int)
        The rows that are drawn, and how far it could be scrolled.
    """
    left, top, width, height = box
    groups, theme = colouring.groups, pen.theme
    pen.text(left, top + ROW / 2 + DROP, groups.title, theme.dim, room=width)
    top, height = top + ROW, height - ROW
    first = groups.steps if groups.ends is not None and groups.steps > 1 else 0
    if first:
        used = _bar(pen, (left, top, width, height), groups)
        top, height = top + used, height - used
    names = list(range(first, groups.count))
    room = max(0, int(height // ROW))
    tail = [line for text in _tail(colouring) for line in pen.lines_of(text, width)]
    tail = tail[: max(0, room - min(len(names), LEAST_ROWS))]
    room -= len(tail)
    shown = len(names) if len(names) <= room else max(0, room - 1)
    scrolled = min(scrolled, len(names) - shown)
    rows = []
    for group in names[scrolled : scrolled + shown]:
        rows.append((group, (left, top, width, ROW)))
        _row(pen, rows[-1][1], colouring, group, pointed)
        top += ROW
    more = len(names) - shown
    if more and room:
        said = f"{scrolled:,} above, {more - scrolled:,} below" if scrolled else f"{more:,} more"
        tail.insert(0, said)
    for text in tail:
        pen.text(left, top + ROW / 2 + DROP, text, theme.dim, room=width)
        top += ROW
    return tuple(rows), scrolled


def _row(pen, box, colouring, group, pointed):
    left, top, width, _ = box
    groups, theme = colouring.groups, pen.theme
    is_pointed = group == pointed and groups.region(group) is not None
    if is_pointed:
        pen.rectangle(left - 4, top, width + 8, ROW, theme.line)
    base = top + ROW / 2 + DROP
    pen.rectangle(left, top + (ROW - SWATCH) / 2, SWATCH, SWATCH, hex_of(groups.colours[group]))
    count = f"{int(colouring.counts[group]):,}"
    wide = pen.width_of(count)
    room = width - SWATCH - 6 - wide - 8
    if room < 24:
        room, count = width - SWATCH - 6, ""
    empty = not colouring.counts[group]
    colour = theme.dim if empty else theme.text
    pen.text(left + SWATCH + 6, base, groups.names[group], colour, room=room)
    if count:
        pen.text(left + width, base, count, theme.dim, align=1.0)


def _tail(colouring):
    """What is said below the rows."""
    said = [colouring.groups.words] if colouring.groups.words else []
    if colouring.left_out:
        said.append(f"{colouring.left_out:,} points left out")
    return said


def _bar(pen, box, groups):
    """Steps of a continuous value as one upright bar; returns the height it takes."""
    left, top, width, height = box
    long = min(BAR_LONGEST, max(BAR_LEAST, height - 2 * ROW))
    if height < long:
        return 0.0
    ratio = pen.ratio
    shades = groups.colours[: groups.steps]
    place = (left * ratio, (top + 4) * ratio, SWATCH * ratio, long * ratio)
    pen.overlay.gradient(*place, shades, upright=True)
    low, high = groups.ends
    for value, at in ((high, top + 4 + TEXT_PX * 0.72), (low, top + 4 + long)):
        pen.text(left + SWATCH + 6, at, number(float(value)), pen.theme.dim, room=width - 20)
    return long + 12
