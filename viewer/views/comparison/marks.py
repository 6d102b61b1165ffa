"""What stands over and beside the cells: checks, heads, failures, the footer, the card."""

from viewer.gl.theme import TEXT_PX
from viewer.studio import comparing
from viewer.studio.attributing import check_words, percent
from viewer.views.comparison.places import BAR, CHECK, FOOT, MARGIN, ROW, TOP
from viewer.views.comparison.resolve import beyond_words
from viewer.views.range_bar import Bar
from viewer.visuals.legend import number
from viewer.visuals.transfer import colours

SMALL = TEXT_PX - 1
SHORT = {"integrated-gradients": "Integrated gr.", "guided": "Guided backpr."}
CARD_WIDTH, PAD = 320, 8
LEAST_FOR_WORDS = 60.0
THUMB = 52


def wrapped(pen, text, room, most, size=SMALL):
    """Words in lines of a width, at most some; the last one ends in three dots when cut."""
    lines, line = [], ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and pen.width_of(longer, size) > room:
            lines.append(line)
            line = word
        else:
            line = longer
    lines.append(line)
    if len(lines) > most:
        lines = lines[:most]
        lines[-1] += " …"
    return lines


def draw_cell(pen, cell, box, room, at_work):
    """The words of one cell: its check below, "computing", or why there is nothing.

    Parameters
    ----------
    box : (left, top, width, height)
        Of the picture.
    room : float
        Width of the column.
    at_work : bool
        Its picture is still being made.
    """
    (left, top, wide, tall), theme = box, pen.theme
    base = top + tall + CHECK - 4
    if cell is None:
        pen.text(left, base, "scroll here", theme.dim, size=SMALL, room=room)
        return
    if cell.failure:
        pen.rectangle(left, top, wide, tall, theme.panel, 0.75)
        if wide >= LEAST_FOR_WORDS and tall >= 2 * ROW:
            lines = wrapped(pen, bare(cell.failure), wide - 8, int((tall - 6) // ROW))
            for place, line in enumerate(lines):
                y = top + 4 + place * ROW + SMALL
                pen.text(left + 4, y, line, theme.text, size=SMALL, room=wide - 8)
        pen.text(left, base, "not possible", theme.wrong, size=SMALL, room=room)
        return
    if cell.is_late or cell.found is None or at_work:
        pen.text(left, base, "computing", theme.dim, size=SMALL, room=room)
        return
    words, colour = short_check(cell.found, theme)
    pen.text(left, base, words, colour, size=SMALL, room=room)


def bare(sentence):
    """A sentence without the path that it begins with."""
    place, colon, rest = sentence.partition(": ")
    return rest if colon and ("/" in place or "\\" in place) else sentence


def short_check(found, theme):
    """(words, colour) of a result's check, in short."""
    check = found.check
    if check is None:
        return "no check", theme.dim
    off = percent(check.value).replace("less than", "<")
    if check.holds:
        return f"holds, off {off}", theme.dim
    return f"does not hold, off {off}", theme.wrong


def draw_columns(pen, wish, grid, scroll, columns):
    """Names of the methods, and what they were given."""
    theme = pen.theme
    room = grid.step[0] - 8
    for place in columns:
        left = grid.column_at(place, scroll)
        words = comparing.column_words(wish.columns[place])
        if pen.width_of(words, face="medium") > room:
            words = SHORT.get(wish.columns[place], words)
        pen.text(left, 15, words, theme.text, face="medium", room=room)
        pen.text(left, 29, settings_words(wish, place), theme.dim, size=SMALL, room=room)


def settings_words(wish, place):
    """What a column's method was given, by its results: ``'64 steps, seed 0'``."""
    words = {"steps": "{} steps", "seed": "seed {}", "layer": "{}", "square": "square {} px"}
    said = []
    for name, word in words.items():
        given = {
            cell.found.settings[name]
            for (_, column), cell in wish.cells.items()
            if column == place and cell.found is not None and name in cell.found.settings
        }
        if len(given) == 1:
            said.append(word.format(*given))
    return ", ".join(said)


def draw_rows(pen, wish, grid, scroll, rows):
    """Name, label, prediction and target of the rows; the one in focus marked."""
    theme, focused = pen.theme, wish.focused
    for at in rows:
        top = grid.row_at(at, scroll)
        height = grid.step[1]
        if at == focused:
            pen.rectangle(0, top, 3, height - 8, theme.accent)
        head, room = wish.heads[at], grid.left - 2 * MARGIN
        base = top + thumb_height(grid, wish.rows[at], head) + SMALL
        bottom = top + height - 4
        pen.text(MARGIN, base, head.name, theme.text, face="medium", room=room)
        looks = {"right": theme.right, "wrong": theme.wrong, "dim": theme.dim}
        for words, look in head.lines:
            base += ROW
            if base > bottom:
                break
            pen.text(MARGIN, base, words, looks.get(look, theme.text), size=SMALL, room=room)


def thumb_height(grid, row, head):
    """Height that the sample's own picture takes above its name; 0 where there is no room."""
    if row.layer is not None:
        return 0.0
    room = grid.step[1] - 12 - ROW * (1 + len(head.lines))
    return min(THUMB, room) if room >= 24 else 0.0


def draw_bars(pen, grid, scroll):
    """Thin bars that say where in the grid one is."""
    theme, (wide, tall) = pen.theme, grid.room
    far_across, far_down = grid.longest
    if far_down:
        length = max(24.0, tall * tall / (tall + far_down))
        top = TOP + (tall - length) * scroll[1] / far_down
        pen.rectangle(grid.width - BAR + 2, top, BAR - 4, length, theme.edge)
    if far_across:
        length = max(24.0, wide * wide / (wide + far_across))
        left = grid.left + (wide - length) * scroll[0] / far_across
        pen.rectangle(left, grid.height - FOOT - BAR + 2, length, BAR - 4, theme.edge)


def draw_foot(pen, words, limit, width, top):
    """The line of words at the bottom, and the colour bar; its ends where one range is meant.

    Returns
    -------
    viewer.views.range_bar.Bar or None
        Where the bar stands, with its ends.
    """
    theme, right, found = pen.theme, width - MARGIN, None
    base = top + FOOT / 2 + TEXT_PX * 0.36
    pen.rectangle(0, top, width, FOOT, theme.panel)
    if width > 300:
        high = "+" if limit is None else number(limit)
        low = "\u2212" if limit is None else number(-limit)
        pen.text(right, base, high, theme.dim, align=1.0)
        right -= pen.width_of(high) + 8
        ratio = pen.ratio
        bar = ((right - 80) * ratio, (top + 9) * ratio, 80 * ratio, 8 * ratio)
        pen.overlay.gradient(*bar, colours(theme, True)[:: 1024 // 64])
        if limit is not None:
            found = Bar(None, -limit, limit, True, right - 80, 80)
        pen.text(right - 88, base, low, theme.dim, align=1.0)
        right -= 96 + pen.width_of(low)
    pen.text(MARGIN, base, words, theme.dim, room=max(20.0, right - 2 * MARGIN))
    return found


def card_lines(cell):
    """What the card says of a cell: why there is nothing, or the whole check and the notes."""
    if cell.failure:
        return [cell.failure]
    if cell.found is None:
        return []
    check = check_words(cell.found) or "this method has no check of its own"
    clipped = beyond_words((cell,))
    clipped = (f"{clipped} the ends",) if clipped else ()
    said = (check, *clipped, *cell.found.notes, f"took {cell.found.seconds:.2g} s")
    return [f"{line[:1].upper()}{line[1:]}." for line in said]


def draw_card(pen, lines, pointer, width, height):
    """A card with whole sentences beside the pointer, inside the view."""
    room = min(CARD_WIDTH, width - 2 * MARGIN) - 2 * PAD
    words = [line for said in lines for line in wrapped(pen, said, room, 12)]
    wide = max(pen.width_of(line, SMALL) for line in words) + 2 * PAD
    tall = len(words) * ROW + 2 * PAD - 3
    left = max(2.0, min(pointer.x + 14, width - wide - 4))
    top = max(2.0, min(pointer.y + 16, height - tall - 4))
    if top < pointer.y < top + tall and left < pointer.x < left + wide:
        top = max(2.0, pointer.y - tall - 10)
    theme = pen.theme
    pen.rectangle(left - 1, top - 1, wide + 2, tall + 2, theme.edge)
    pen.rectangle(left, top, wide, tall, theme.panel)
    for place, line in enumerate(words):
        pen.text(left + PAD, top + PAD + SMALL - 1 + place * ROW, line, theme.text, size=SMALL)
