"""What stands over and beside the cells: axes, frames of what is in focus, rings, strokes."""

import math

import numpy as np

from viewer.gl.theme import TEXT_PX
from viewer.views.matrix.ticks import every, free_of, round_values, words_of
from viewer.views.point_marks import DROP, draw_outline, draw_ring
from viewer.views.shades import limits_of, shades_of
from viewer.visuals.legend import number

# Cells of this size have value ticks, cells of that size a frame when they are in focus.
TICKS_FROM, FRAME_FROM = 84, 7
TICK_ROOM_ACROSS, TICK_ROOM_DOWN = 58, 26
TICK_PX = 3
BAND_PX = 3
MOST_RINGS, MOST_ROUND = 49, 36


def draw_axes(pen, view, areas, look):
    """Channel numbers along both edges; values where cells are large."""
    frame, scene, arrangement = view.frame(areas), view.scene, view.arrangement
    size = frame.size(look)
    extent = frame.extent(look)
    marked = _marked(view)
    left, top, width, height = areas.cells
    first = _first(look.x, extent[0], len(arrangement.columns))
    across = _Edge(pen, arrangement.columns[first[0] : first[1]], first[0], size, marked[1])
    across.begins = left + width / 2 + (first[0] - look.x) * size
    across.limits = (left, left + width)
    across.matrix_edge = min(top + height, top + height / 2 + (frame.rows - look.y) * size)
    _along_bottom(across, areas, scene, view.cells)
    _importance_below(across, view.wish.importance.get(scene.columns.layer))
    first = _first(look.y, extent[1], len(arrangement.rows))
    down = _Edge(pen, arrangement.rows[first[0] : first[1]], first[0], size, marked[0])
    down.begins = top + height / 2 + (first[0] - look.y) * size
    down.limits = (top, top + height)
    down.matrix_edge = max(left, left + width / 2 - look.x * size)
    _along_left(down, areas, scene, view.cells)
    _importance_left(down, view.wish.importance.get(scene.rows.layer))
    _frame_of_focus(pen, view, areas, frame, look)


class _Edge:
    """The cells along one edge that are in sight."""

    def __init__(self, pen, channels, first, size, marked):
        self.pen, self.channels, self.first, self.size = pen, channels, first, size
        self.marked = marked
        self.begins, self.limits, self.matrix_edge = 0.0, (0.0, 0.0), 0.0

    @property
    def in_sight(self):
        """Middles and lengths of the parts of the cells that are in sight."""
        low, high = self.limits
        starts = self.begins + self.size * np.arange(len(self.channels))
        starts, ends = np.maximum(starts, low), np.minimum(starts + self.size, high)
        return (starts + ends) / 2, ends - starts

    @property
    def spans(self):
        """Ends of the parts of the cells that are in sight: two arrays."""
        middles, lengths = self.in_sight
        return middles - lengths / 2, middles + np.maximum(lengths, 0) / 2

    def bands(self, weighed, lefts, tops, widths, heights):
        """Rectangles in the colours of the filters' importance."""
        values = weighed.values[np.minimum(self.channels, len(weighed.values) - 1)]
        shades = shades_of(values, self.pen.theme, limits_of(weighed.values))
        sizes = np.broadcast_arrays(lefts, tops, widths, heights)
        self.pen.overlay.rectangles(np.stack(sizes, 1) * self.pen.ratio, shades)

    def colour(self, channel):
        """Of a channel's number."""
        theme = self.pen.theme
        return self.marked.get(int(channel), theme.dim if self.size < TICKS_FROM else theme.text)

    def labels(self, room):
        """(middle, length in sight, channel) of those whose numbers are written."""
        step = every(self.size, room)
        named = np.flatnonzero(np.isin(self.channels, list(self.marked)))
        evenly = range(-self.first % step, len(self.channels), step)
        chosen = list(dict.fromkeys([*named.tolist(), *evenly]))
        middles, lengths = self.in_sight
        inside = [at for at in chosen if self.limits[0] <= middles[at] <= self.limits[1]]
        fit = free_of([middles[at] for at in inside], [room] * len(inside))
        kept = [inside[at] for at in fit]
        return [(middles[at], float(lengths[at]), int(self.channels[at])) for at in kept]


def _importance_below(edge, weighed):
    """A band below the cells: each column in the colour of its filter's importance."""
    if weighed is not None:
        lows, highs = edge.spans
        edge.bands(weighed, lows, np.full(len(lows), edge.matrix_edge + 1), highs - lows, BAND_PX)


def _importance_left(edge, weighed):
    """A band beside the cells: each row in the colour of its filter's importance."""
    if weighed is not None:
        lows, highs = edge.spans
        left = np.full(len(lows), edge.matrix_edge - 1 - BAND_PX)
        edge.bands(weighed, left, lows, BAND_PX, highs - lows)


def _first(middle, extent, count):
    first = min(max(0, math.floor(middle - extent / 2)), count)
    return first, max(first, min(count, math.ceil(middle + extent / 2)))


def _marked(view):
    """Colours of the channels in focus and under the pointer: (of rows, of columns)."""
    theme, wish = view.theme, view.wish
    rows, columns = {}, {}
    layer = view.shown.rows.layer
    same = view.shown.rows is view.shown.columns
    hovered = view._hovered
    if hovered is not None and hovered.channel is not None and hovered.layer == layer:
        rows[hovered.channel] = theme.text
    if wish.focus.channel is not None:
        rows[wish.focus.channel] = theme.accent
    if same:
        columns = dict(rows)
    spot = view._spot
    if spot is not None:
        rows.setdefault(int(view.arrangement.rows[spot.row]), theme.text)
        columns.setdefault(int(view.arrangement.columns[spot.column]), theme.text)
    return rows, columns


def _along_bottom(edge, areas, scene, cells):
    pen, (left, _, width, height) = edge.pen, areas.bottom
    top = edge.matrix_edge
    two = height >= 30
    has_ticks = edge.size >= TICKS_FROM and cells.sight is not None
    base = top + height - 7 if two and has_ticks else top + 14
    taken = []
    for middle, seen, channel in edge.labels(_room(pen, edge.channels)):
        text = _name(scene.columns, channel, edge.size, pen, min(seen, width))
        wide = pen.width_of(text, face="medium") + 10
        middle = min(max(middle, left + wide / 2), left + width - wide / 2)
        pen.text(middle, base, text, edge.colour(channel), face="medium", align=0.5)
        taken.append((middle - wide / 2, middle + wide / 2))
    if not has_ticks:
        return
    for place, channel in enumerate(edge.channels):
        ends = scene.column_range(int(channel))
        _bottom_ticks(edge, place, ends, scene, cells, top, [] if two else taken)


def _bottom_ticks(edge, place, ends, scene, cells, top, taken):
    pen, channel = edge.pen, int(edge.channels[place])
    values = _values(scene.columns, channel, ends, edge.size / TICK_ROOM_ACROSS)
    texts = words_of(values)
    column = edge.first + place
    row = cells.sight.row_span[0] if cells.sight is not None else 0
    codes = scene.columns.codes(channel, values) + 0.5
    at = [float(x) for x, _ in cells.place_of(row, column, codes, np.zeros(len(values)))]
    wide = [pen.width_of(text) + 8 for text in texts]
    inside = [n for n, x in enumerate(at) if edge.limits[0] <= x <= edge.limits[1]]
    fit = free_of([at[n] for n in inside], [wide[n] for n in inside], taken)
    for number_ in (inside[n] for n in fit):
        pen.rectangle(at[number_], top, 1 / pen.ratio, TICK_PX, pen.theme.edge)
        pen.text(at[number_], top + 14, texts[number_], pen.theme.dim, align=0.5)


def _along_left(edge, areas, scene, cells):
    pen, width = edge.pen, areas.left[2]
    has_ticks = edge.size >= TICKS_FROM and cells.sight is not None
    two = width >= 44
    outer, taken = has_ticks and two, []
    right = edge.matrix_edge - 6
    for middle, _, channel in edge.labels(TEXT_PX + 3):
        text, colour = str(channel), edge.colour(channel)
        if outer:
            at = right + 6 - width + 3
            pen.text(at, middle + DROP, text, colour, face="medium", room=width - 8)
        else:
            room = width - 8
            pen.text(right, middle + DROP, text, colour, face="medium", align=1.0, room=room)
            taken.append((middle - TEXT_PX / 2 - 3, middle + TEXT_PX / 2 + 3))
    if not has_ticks:
        return
    for place, channel in enumerate(edge.channels):
        ends = scene.row_range(int(channel))
        _left_ticks(edge, place, ends, scene, cells, edge.matrix_edge, taken)


def _left_ticks(edge, place, ends, scene, cells, right, taken):
    pen, channel = edge.pen, int(edge.channels[place])
    if scene.is_symmetric and _is_alone(cells, scene, edge.first + place):
        return
    values = _values(scene.rows, channel, ends, edge.size / TICK_ROOM_DOWN)
    texts = words_of(values)
    column = cells.sight.column_span[0]
    codes = scene.rows.codes(channel, values) + 0.5
    at = [float(y) for _, y in cells.place_of(edge.first + place, column, codes * 0, codes)]
    inside = [n for n, y in enumerate(at) if edge.limits[0] <= y <= edge.limits[1]]
    fit = free_of([at[n] for n in inside], [TEXT_PX + 2] * len(inside), taken)
    for number_ in (inside[n] for n in fit):
        pen.rectangle(right - TICK_PX, at[number_], TICK_PX, 1 / pen.ratio, pen.theme.edge)
        pen.text(right - 6, at[number_] + DROP, texts[number_], pen.theme.dim, align=1.0)


def _is_alone(cells, scene, row):
    """Whether of a row only its diagonal cell is in sight: it has no values upwards."""
    first, last = cells.sight.column_span
    return last - first == 1 and scene.is_diagonal(row, first)


def _values(columns, channel, ends, most):
    """Round values of a channel in a range of codes."""
    low, high = (float(columns.low[channel] + end * columns.step[channel]) for end in ends)
    if columns.step[channel] == 0:
        return [float(columns.low[channel])]
    return round_values(low, high, max(1, int(most)))


def _room(pen, channels):
    longest = str(int(max(channels, default=0)))
    return pen.width_of(longest, face="medium") + 8


def _name(columns, channel, size, pen, width):
    """A column's number; with its layer's name where there is room."""
    whole = f"{columns.layer}:{channel}"
    room = min(size, width) - 12
    return (
        whole if size >= TICKS_FROM and pen.width_of(whole, face="medium") <= room else str(channel)
    )


def _frame_of_focus(pen, view, areas, frame, look):
    """A frame round the diagonal cell of the channel in focus, where others are in sight too."""
    size, channel = frame.size(look), view.wish.focus.channel
    arrangement = view.arrangement
    if channel is None or arrangement.is_plain or view.shown.joint is not None:
        return
    place = arrangement.row_of(channel)
    if place is None or size < FRAME_FROM or max(frame.extent(look)) < 1.3:
        return
    left, top, width, height = areas.cells
    x = left + width / 2 + (place - look.x) * size
    y = top + height / 2 + (place - look.y) * size
    box = (max(x, left), max(y, top), min(x + size, left + width), min(y + size, top + height))
    if box[2] - box[0] > 2 and box[3] - box[1] > 2:
        pen.frame(box, pen.theme.accent, 0.9, 1)


# over the cells


def draw_rings(pen, view, areas):
    """Rings round the point in focus and the one under the pointer, in every cell in sight."""
    theme = pen.theme
    if view._focused >= 0:
        _rings(pen, view, view._focused, theme.accent, areas)
    for point in {view._pointed, view._point} - {-1, view._focused}:
        _rings(pen, view, point, theme.text, areas)


def _rings(pen, view, point, colour, areas):
    cells, scene, arrangement = view.cells, view.scene, view.arrangement
    sight = cells.sight
    if sight is None or sight.cells > MOST_RINGS or sight.size / pen.ratio < 16:
        return
    rows, columns = range(*sight.row_span), range(*sight.column_span)
    is_round = sight.cells <= MOST_ROUND
    for row in rows:
        y = int(scene.rows.fine[arrangement.rows[row], point])
        for column in columns:
            x = int(scene.columns.fine[arrangement.columns[column], point])
            if x == 65535 or y == 65535:
                continue
            at = cells.place_of(row, column, x + 0.5, y + 0.5)
            if scene.is_diagonal(row, column):
                _upright(pen, cells.box_of(row, column), float(at[0]), colour, areas.cells)
            else:
                _ring(pen, float(at[0]), float(at[1]), colour, areas.cells, is_round)


def _upright(pen, box, x, colour, room):
    left, top, width, height = room
    low, high = max(box[1], top), min(box[1] + box[3], top + height)
    if left <= x <= left + width and high > low:
        pen.rectangle(x, low, max(1.0, 1 / pen.ratio), high - low, colour, 0.8)


def _ring(pen, x, y, colour, room, is_round):
    left, top, width, height = room
    if not (left <= x <= left + width and top <= y <= top + height):
        return
    if is_round:
        draw_ring(pen, x, y, colour)
    else:
        pen.frame((x - 3, y - 3, x + 3, y + 3), colour, 1.0, 1)


def draw_stroke(pen, stroke, room, is_diagonal):
    """What is being drawn; on the diagonal the range that it selects."""
    if not is_diagonal:
        draw_outline(pen, stroke)
        return
    left, top, width, height = room
    outline = np.clip(stroke.outline, (left, top), (left + width, top + height))
    (x0, y0), (x1, y1) = outline.min(0), outline.max(0)
    pen.rectangle(x0, y0, x1 - x0, y1 - y0, pen.theme.accent, 0.16)
    for x in (x0, x1):
        pen.rectangle(x, y0, 1, y1 - y0, pen.theme.accent)


# words


def hidden_words(arrangement):
    """How many channels are left out."""
    dead = f", {arrangement.dead:,} of them dead" if arrangement.dead else ""
    return f"{arrangement.hidden:,} constant hidden{dead}"


def range_words(scene):
    """Channels whose axes do not show their whole range."""
    sides = [(scene.rows, scene.ranges)]
    if scene.column_ranges is not None:
        sides.append((scene.columns, scene.column_ranges))
    named = [f"{columns.layer}:{channel}" for columns, each in sides for channel in each]
    if len(named) > 2:
        return f"{len(named)} ranges by hand"
    return f"range of {' and '.join(named)} by hand" if named else ""


def spot_words(scene, arrangement, spot):
    """Channels and values at a place of a cell."""
    column, row = int(arrangement.columns[spot.column]), int(arrangement.rows[spot.row])
    x = f"{scene.columns.layer}:{column} {_value(scene.columns, column, spot.x)}"
    if scene.is_diagonal(spot.row, spot.column):
        return x
    return f"{x} × {scene.rows.layer}:{row} {_value(scene.rows, row, spot.y)}"


def _value(columns, channel, code):
    value = float(columns.low[channel] + (code - 0.5) * columns.step[channel])
    return f"= {number(value)}"
