"""What stands below and over the steps' pictures: names, verdicts, the footer."""

from viewer.gl.theme import TEXT_PX
from viewer.views.series.places import FOOT, MARGIN, ROW
from viewer.visuals.legend import number
from viewer.visuals.transfer import colours

SMALL = TEXT_PX - 1
THUMB = 2 * ROW
BAR_WIDTH = 80


def look_colour(theme, look):
    """The colour of words: ``'right'``, ``'wrong'``, ``'dim'``, ``'text'``."""
    return {"right": theme.right, "wrong": theme.wrong, "dim": theme.dim}.get(look, theme.text)


def thumb_box(picture):
    """(left, top, width, height) of the thumbnail below a picture."""
    left, top, _, tall = picture
    return left, top + tall + 5, THUMB, THUMB


def draw_step(pen, step, head, picture, drawn, is_present):
    """A step's words below its picture, and over it why there is none; the one shown marked.

    Parameters
    ----------
    picture, drawn : (left, top, width, height)
        The room of the picture, and what its values cover (None: they are not there).
    """
    (left, top, wide, tall), theme = picture, pen.theme
    if step.failure or not step.is_there:
        pen.rectangle(left, top, wide, tall, theme.panel)
        said = step.failure or ("computing" if step.is_late else "not computed: no room for it")
        lines = pen.lines_of(said, wide - 12)[: max(1, int((tall - 6) // ROW))]
        for place, line in enumerate(lines):
            base = top + ROW * (place + 1)
            pen.text(left + 6, base, line, theme.dim, size=SMALL, room=wide - 12)
    elif drawn is not None:  # what is zero everywhere looks like the background
        x, y, across, down = drawn
        pen.frame((x - 1, y - 1, x + across + 1, y + down + 1), theme.line, 1.0, 1)
    if is_present:
        pen.frame((left - 2, top - 2, left + wide + 2, top + tall + 2), theme.accent, 1.0, 2)
    start, room = left + THUMB + 6, wide - THUMB - 6
    base = top + tall + ROW + 2
    mark = "reference" if head.is_reference else head.role if head.role != "other" else ""
    used = pen.width_of(head.name, face="medium")
    colour = theme.accent if is_present else theme.text
    pen.text(start, base, head.name, colour, face="medium", room=room)
    if mark and used + pen.width_of(mark, SMALL) + 8 <= room:
        pen.text(start + used + 8, base, mark, theme.dim, size=SMALL)
    colour = look_colour(theme, head.look)
    pen.text(start, base + ROW, head.words, colour, size=SMALL, room=room)


def draw_bar(pen, places):
    """A thin bar that says which rows are in sight, where not all are."""
    rows, whole = places.rows
    if rows <= whole:
        return
    left, top, wide, tall = places.room
    length = max(24.0, tall * whole / rows)
    along = places.first_row / (rows - whole)
    edge = left + wide + 3
    pen.rectangle(edge, top + (tall - length) * along, 4, length, pen.theme.edge)


def draw_foot(pen, words, limit, width, top):
    """The line of words at the bottom, and the colour bar with the ends of the common range."""
    theme, right = pen.theme, width - MARGIN
    base = top + FOOT / 2 + TEXT_PX * 0.36
    pen.rectangle(0, top, width, FOOT, theme.panel)
    if limit is not None and width > 300:
        high, low = number(limit), number(-limit)
        pen.text(right, base, high, theme.dim, align=1.0)
        right -= pen.width_of(high) + 8
        ratio = pen.ratio
        bar = ((right - BAR_WIDTH) * ratio, (top + 9) * ratio, BAR_WIDTH * ratio, 6 * ratio)
        pen.overlay.gradient(*bar, colours(theme, True)[:: 1024 // 64])
        pen.text(right - BAR_WIDTH - 8, base, low, theme.dim, align=1.0)
        right -= BAR_WIDTH + 16 + pen.width_of(low)
    pen.text(MARGIN, base, words, theme.dim, room=max(20.0, right - 2 * MARGIN))
