"""The strip below the graph that says what its colours mean, and the card of one block."""

import numpy as np

from viewer.gl.theme import SPACE_PX, TEXT_PX
from viewer.views.network.colouring import STUDIED, WORDS, kind_colour, value_text
from viewer.views.network.resolve import by, field_sentence
from viewer.visuals.glyphs import measure
from viewer.visuals.transfer import colours

LINE = 17
BAR = 160
MOST_ROWS, MOST_NAME_LINES = 3, 4


def rows_of_kinds(kinds, width):
    """Kinds laid out in rows: lists of (kind, left), at most `MOST_ROWS`."""
    rows, left = [[]], 0.0
    for kind in kinds:
        wide = measure(kind, TEXT_PX) + 24
        if left + wide > width and rows[-1]:
            rows.append([])
            left = 0.0
        rows[-1].append((kind, left))
        left += wide
    return rows[:MOST_ROWS]


def height_of(found, width):
    """Height of the strip in logical pixels; 0 without one.

    Parameters
    ----------
    found : Colouring
    width : float
        Of the view.
    """
    if found.by == "none":
        return 0.0
    if found.by == "kind":
        return LINE * len(rows_of_kinds(found.kinds, width - 2 * SPACE_PX)) + 10
    return 2 * LINE + 10


def draw(pen, found, width, height):
    """Draw the strip at the bottom of a view of logical pixels."""
    tall = height_of(found, width)
    if not tall:
        return
    theme, top = pen.theme, height - tall
    pen.rectangle(0, top, width, tall, theme.view)
    pen.rectangle(0, top, width, 1, theme.line)
    if found.by == "kind":
        rows = rows_of_kinds(found.kinds, width - 2 * SPACE_PX)
        for number, row in enumerate(rows):
            base = top + LINE * (number + 1)
            for kind, left in row:
                pen.rectangle(SPACE_PX + left, base - 9, 9, 9, kind_colour(kind))
                pen.text(SPACE_PX + left + 13, base, kind, theme.text)
        return
    _draw_bar(pen, found, width, top)


def title_of(found):
    """What the colours mean, in words."""
    if not np.isfinite(found.values).any():
        why = found.over or ("no study yet" if found.by in STUDIED else "none known")
        return f"{WORDS[found.by]}: {why}"
    return f"{WORDS[found.by]} {found.over}".strip()


def _draw_bar(pen, found, width, top):
    theme, room = pen.theme, width - 2 * SPACE_PX
    pen.text(SPACE_PX, top + LINE, title_of(found), theme.text, room=room)
    left, base = SPACE_PX, top + 2 * LINE
    missing = pen.width_of("not computed") + 13 if found.missing else 0
    if np.isfinite(found.values).any():
        low = -found.high if found.signed else found.low
        ends = value_text(found.by, low), value_text(found.by, found.high)
        pen.text(left, base, ends[0], theme.dim)
        left += pen.width_of(ends[0]) + 6
        rest = pen.width_of(ends[1]) + 12 + (missing + 14 if missing else 0)
        wide = min(BAR, SPACE_PX + room - left - rest)
        if wide > 16:
            _gradient(pen, left, base - 9, wide, 9, colours(theme, found.signed)[:: 1024 // 64])
            left += wide + 6
        pen.text(left, base, ends[1], theme.dim)
        left += pen.width_of(ends[1]) + 14
    if missing:
        _hatched(pen, left, base - 9)
        pen.text(left + 13, base, "not computed", theme.dim, room=width - left - 13)


def _gradient(pen, x, y, width, height, shades):
    pen.rectangle(x - 1, y - 1, width + 2, height + 2, pen.theme.line)
    pen.overlay.gradient(
        *(part * pen.ratio for part in (x, y, width, height)), [tuple(shade) for shade in shades]
    )


def _hatched(pen, x, y):
    theme = pen.theme
    pen.rectangle(x, y, 9, 9, theme.panel)
    for step in (0, 4):
        start, end = (x + step, y + 9), (x + 9, y + step)
        pen.overlay.line(
            *(part * pen.ratio for part in (*start, *end)), theme.edge, width=1.2 * pen.ratio
        )
    pen.frame((x, y, x + 9, y + 9), theme.edge, 1.0, 1)


def card_lines(graph, node, found):
    """What a block's card says: lines of text, the name first."""
    each = graph.nodes[node]
    if not each.members:
        return ()
    layers = [graph.layers[member] for member in each.members]
    last = layers[-1]
    lines = [each.name]
    if each.repetition is not None:
        unit = each.repetition.unit
        alike = "alike" if each.repetition.alike else "of one kind"
        lines.append(f"{each.repetition.count} blocks {alike}, {unit} layers each")
        kinds = [layer.kind for layer in layers[:unit]]
        lines.append(", ".join(kinds[:8]) + (" ..." if unit > 8 else ""))
    else:
        lines.append(f"{last.kind}: {', '.join(dict.fromkeys(last.op_types))}")
    lines.append(by(last.output_shape))
    if last.receptive_field is not None:
        lines.append(f"field {field_sentence(last.receptive_field)}")
    params, macs = (sum(getattr(layer, name) for layer in layers) for name in ("params", "macs"))
    if params:
        lines.append(f"{params:,} parameters")
    if macs:
        lines.append(f"{macs:,} multiply-adds")
    value = found.text(node)
    if value and found.by not in ("macs", "params", "field"):
        lines.append(f"{WORDS[found.by]} {value}")
    return tuple(lines)


def broken(text, room):
    """A long name in lines of at most ``room`` pixels, broken anywhere."""
    lines = [""]
    for letter in text:
        if measure(lines[-1] + letter, TEXT_PX) > room and lines[-1]:
            lines.append("")
        lines[-1] += letter
    return lines


def draw_card(pen, lines, x, y, width, height):
    """Draw a card beside a place of the view, inside the view."""
    theme, room = pen.theme, width - 4 * SPACE_PX
    name, *rest = lines
    names = broken(name, max(room, 40))[:MOST_NAME_LINES]
    lines = [*names, *rest]
    wide = min(max(pen.width_of(line) for line in lines), room) + 2 * SPACE_PX
    tall = LINE * len(lines) + SPACE_PX
    left = max(4, min(x + 14, width - wide - 4))
    top = y + 18 if y + 18 + tall < height else max(4, y - tall - 10)
    pen.rectangle(left - 1, top - 1, wide + 2, tall + 2, theme.edge)
    pen.rectangle(left, top, wide, tall, theme.panel)
    for number, line in enumerate(lines):
        colour = theme.text if number < len(names) else theme.dim
        base = top + LINE * (number + 1) - 3
        pen.text(left + SPACE_PX, base, line, colour, room=wide - 2 * SPACE_PX)
