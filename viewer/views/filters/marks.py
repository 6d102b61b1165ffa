"""What lies over the Top filters: squares, histograms with their ranges, the list of filters."""

import numpy as np

from viewer.gl.theme import SPACE_PX, TEXT_PX
from viewer.views.filters.places import FOOT, MARGIN, ROW, box_on
from viewer.visuals.classes import hex_of
from viewer.visuals.legend import number
from viewer.visuals.transfer import colours

SMALL = 10
LEAST_GAP = 4


def draw_squares(pen, wish, layers, place):
    """Outlines of the receptive fields of the units that are drawn."""
    for layer in layers:
        made = layer.projected
        if made is None or made.fields is None:
            continue
        for unit, field in zip(made.units, made.fields, strict=True):
            channel = int(unit[0])
            colour = layer.colour_of(channel)
            if colour is None or wish.alone not in (None, (layer.name, channel)):
                continue
            if field[0] >= field[2] or field[1] >= field[3]:
                continue
            box = box_on(place, wish.picture.shape, field)
            focus = wish.focus
            is_focused = (layer.name, channel, tuple(int(p) for p in unit[1:])) == (
                focus.layer, focus.channel, focus.unit,
            )  # fmt: skip
            if is_focused:
                pen.frame(box, pen.theme.text, 1.0, 3)
            pen.frame(box, hex_of(colour), 1.0, 1)


def draw_bars(pen, wish, layer, bars, held):
    """One layer's ordered histogram: bars, value axis, numbers of filters, the range."""
    theme, order = pen.theme, layer.ordered
    values = np.where(np.isfinite(order.values), order.values, 0.0)
    high, low = max(float(values.max(initial=0.0)), 0.0), min(float(values.min(initial=0.0)), 0.0)
    span = (high - low) or 1.0
    zero = bars.top + bars.height * high / span
    _axis(pen, layer, bars, (low, high), zero)
    begin, end = bars.x_of(layer.first), bars.x_of(layer.last + 1)
    pen.rectangle(begin, bars.top, end - begin, bars.height, theme.line, 0.55)
    gap = 1 if bars.step >= LEAST_GAP else 0
    for rank, start, wide in _steps(bars, pen.ratio):
        channel = int(order.order[rank])
        value = float(values[rank])
        colour = layer.colour_of(channel)
        tall = bars.height * abs(value) / span
        top = zero - tall if value >= 0 else zero
        shade = theme.edge if colour is None else hex_of(colour)
        faded = wish.alone is not None and wish.alone != (layer.name, channel)
        pen.rectangle(start, top, max(1 / pen.ratio, wide - gap), tall, shade, 0.4 if faded else 1)
        if (wish.focus.layer, wish.focus.channel) == (layer.name, channel):
            pen.rectangle(start, bars.top + bars.height, wide - gap, 2, theme.text)
    for name, x in (("first", begin), ("last", end)):
        shade = theme.accent if held == name else theme.text
        pen.rectangle(x - 0.5, bars.top, 1, bars.height, shade)
        tall = min(14.0, bars.height)
        pen.rectangle(x - 2, bars.top + (bars.height - tall) / 2, 4, tall, shade)
    _numbers(pen, layer, bars)


def _steps(bars, ratio):
    """(rank, left, width) of what is drawn: of bars narrower than a pixel the largest of each."""
    every = max(1, int(1 / (bars.step * ratio)))
    for rank in range(0, bars.count, every):
        start = round(bars.x_of(rank) * ratio) / ratio
        stop = round(bars.x_of(min(bars.count, rank + every)) * ratio) / ratio
        yield rank, start, stop - start


def _axis(pen, layer, bars, limits, zero):
    theme, (low, high) = pen.theme, limits
    right = bars.left - 6
    said = f"{layer.name}: maximum of each of {bars.count:,} filters"
    count = layer.last - layer.first + 1
    chosen = f"{layer.first + 1} to {layer.last + 1}" if count > 1 else f"{layer.first + 1}"
    wide = pen.width_of(chosen) + MARGIN
    base = bars.top - 6
    pen.text(bars.left, base, said, theme.dim, room=bars.width - wide)
    pen.text(bars.left + bars.width, base, chosen, theme.text, align=1.0)
    for value, y in ((high, bars.top), (low, bars.top + bars.height)):
        pen.rectangle(bars.left - 4, y, 4, 1, theme.edge)
        text = number(value, 2)
        pen.text(right, y + SMALL * 0.36, text, theme.dim, size=SMALL, align=1.0)
    if low < 0:
        pen.text(right, zero + SMALL * 0.36, "0", theme.dim, size=SMALL, align=1.0)
    pen.rectangle(bars.left, zero, bars.width, 1, theme.edge)


def _numbers(pen, layer, bars):
    """Numbers of filters under their bars, as many as find room; those of the range first."""
    widest = pen.width_of(f"{bars.count - 1}", SMALL) + 5
    every = max(1, int(np.ceil(widest / bars.step)))
    base, taken = bars.top + bars.height + SMALL + 4, []
    inside = range(layer.first, layer.last + 1, every)
    for rank in (*inside, *range(0, bars.count, every)):
        middle = bars.x_of(rank) + bars.step / 2
        if any(abs(middle - other) < widest for other in taken):
            continue
        taken.append(middle)
        channel = int(layer.ordered.order[rank])
        is_inside = layer.first <= rank <= layer.last
        shade = pen.theme.text if is_inside else pen.theme.dim
        pen.text(middle, base, f"{channel}", shade, size=SMALL, align=0.5)


def rows_of(layers, height):
    """Rows of the list: (layer or None, channel or words), as many as find room."""
    rows = []
    for layer in layers:
        rows.append((layer, None))
        rows += [(layer, channel) for channel in layer.channels]
    most = max(0, int(height / ROW))
    if len(rows) > most:
        rest = sum(channel is not None for _, channel in rows[max(0, most - 1) :])
        rows = rows[: max(0, most - 1)]
        rows += [(None, f"and {rest:,} more")] if most else []
    return rows


def draw_list(pen, wish, layers, place):
    """Filters of the range: colour, number, maximum, units."""
    left, top, width, height = place
    for at, (layer, channel) in enumerate(rows_of(layers, height)):
        base = top + (at + 0.72) * ROW
        if channel is None:
            pen.text(
                left, base, layer.name, pen.theme.text, face="medium", room=width, both_ends=True
            )
        elif layer is None:
            pen.text(left, base, channel, pen.theme.dim)
        else:
            _row(pen, wish, layer, channel, (left, top + at * ROW, width, base))


def _row(pen, wish, layer, channel, place):
    (left, top, width, base), theme = place, pen.theme
    key = (layer.name, channel)
    if wish.alone == key:
        pen.rectangle(left - 4, top, width + 4, ROW, theme.line, 0.7)
    focused = (wish.focus.layer, wish.focus.channel) == key
    pen.rectangle(left, top + 4, 10, 10, hex_of(layer.colour_of(channel)))
    face = "medium" if focused else "regular"
    pen.text(left + 18, base, f"{channel}", theme.text, face=face)
    value = number(float(layer.ordered.maxima[channel]))
    pen.text(left + width - 58, base, value, theme.text, align=1.0)
    units = 0 if layer.projected is None else int((layer.projected.units[:, 0] == channel).sum())
    said = "" if not units else "1 unit" if units == 1 else f"{units} units"
    pen.text(left + width, base, said, theme.dim, align=1.0)


def draw_foot(pen, words, limit, width, top):
    """The line of words at the bottom; with signed values their colour bar."""
    theme, right = pen.theme, width - MARGIN
    base = top + FOOT / 2 + TEXT_PX * 0.36
    pen.rectangle(0, top, width, FOOT, theme.panel)
    if limit and width > 300:
        high, low = number(limit), number(-limit)
        pen.text(right, base, high, theme.dim, align=1.0)
        right -= pen.width_of(high) + SPACE_PX
        ratio = pen.ratio
        bar = ((right - 80) * ratio, (top + 9) * ratio, 80 * ratio, 8 * ratio)
        pen.overlay.gradient(*bar, colours(theme, True)[:: 1024 // 64])
        pen.text(right - 80 - SPACE_PX, base, low, theme.dim, align=1.0)
        right -= 80 + 2 * SPACE_PX + pen.width_of(low)
    pen.text(MARGIN, base, words, theme.dim, room=right - 2 * MARGIN)
