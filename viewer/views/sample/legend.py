"""The lines about the attribution under the picture: what it is, its range, its own check."""

from math import isfinite

from viewer.gl.theme import TEXT_PX
from viewer.studio.attributing import check_words, percent
from viewer.views.range_bar import Bar
from viewer.views.sample.build import LINE, MARGIN, wrapped
from viewer.visuals.legend import number
from viewer.visuals.transfer import colours

MOST_NOTES, MOST_FAILURE = 3, 7
BAR_HEIGHT, WIDEST = 8, 420
STEPS = 128


def lines_of(wish, found, scale, width_of, room):
    """What is said, line by line.

    Parameters
    ----------
    wish : AttributionWish
    found : Explained or None
        What lies over the picture.
    scale : viewer.views.signed_map.Scale or None
        Of its colours.
    width_of : callable(str) -> float
    room : float

    Returns
    -------
    tuple of (str, str)
        Kind (``'title'``, ``'bar'``, ``'odd'``, ``'holds'``, ``'fails'``, ``'note'`` or
        ``'failure'``) and text.
    """
    lines = [("title", wish.title)]
    if wish.failure:
        failure = wrapped(wish.failure, room, width_of, MOST_FAILURE)
        lines += [("failure", text) for text in failure]
    if found is None:
        return tuple(lines)
    lines.append(("bar", ""))
    if not scale.largest and scale.odd < scale.count:
        lines.append(("holds", "every value is zero"))
    if scale.odd:
        lines.append(("odd", f"{scale.odd:,} of {scale.count:,} values are not finite"))
    kind = "holds" if found.check is None or found.check.holds else "fails"
    lines += [(kind, text) for text in wrapped(check_words(found), room, width_of, 2)]
    by_hand = "range set by hand" if scale.by_hand else ""
    share = percent(scale.beyond / scale.count) if scale.count else ""
    beyond = f"{share} beyond the ends, up to {number(scale.largest)}" if scale.beyond else ""
    if by_hand or beyond:
        lines.append(("note", ", ".join(filter(None, (by_hand, beyond)))))
    said = (f"score {number_of(found.score)}", *found.notes)
    notes = wrapped("; ".join(said), room, width_of, MOST_NOTES)
    return (*lines, *(("note", text) for text in notes))


def draw_lines(pen, lines, wish, found, scale, top, width, *, timed=True):
    """Draw them from ``top`` on, across a view of a width; ``timed``: with the seconds it took.

    Returns
    -------
    (viewer.views.range_bar.Bar, float) or None
        The colour bar and the top of its line.
    """
    theme, left, right, bar = pen.theme, MARGIN, width - MARGIN, None
    colour = {
        "odd": theme.nan,
        "holds": theme.text,
        "fails": theme.wrong,
        "note": theme.dim,
        "failure": theme.wrong,
    }
    for place, (kind, text) in enumerate(lines):
        base = top + (place + 0.7) * LINE
        if kind == "title":
            state = state_words(wish, found if timed else None)
            pen.text(right, base, state, theme.dim, align=1.0)
            room = right - left - pen.width_of(state) - MARGIN
            pen.text(left, base, text, theme.text, face="medium", room=room)
        elif kind == "bar":
            found = _bar(pen, scale.limit, left, min(right, left + WIDEST), base)
            bar = None if found is None else (found, top + place * LINE)
        else:
            pen.text(left, base, text, colour[kind], room=right - left)
    return bar


def number_of(value):
    """A value, or what it is when it is none."""
    return number(value) if isfinite(value) else str(value)


def state_words(wish, found):
    """That it is computed, or how long it took."""
    if wish.computing:
        return "computing"
    return "" if found is None else f"{found.seconds:.2f} s"


def _bar(pen, limit, left, right, base):
    """The colour map between its ends, zero in its middle: its `Bar` where it has room."""
    theme, ratio = pen.theme, pen.ratio
    ends = number(-limit), number(limit)
    wide = max(pen.width_of(text) for text in ends) + MARGIN / 2
    first, last = left + wide, right - wide
    pen.text(left, base, ends[0], theme.dim)
    pen.text(right, base, ends[1], theme.dim, align=1.0)
    if last - first < BAR_HEIGHT:
        return None
    middle = base - TEXT_PX * 0.36
    x, y = round(first * ratio), round((middle - BAR_HEIGHT / 2) * ratio)
    across, high = round((last - first) * ratio), round(BAR_HEIGHT * ratio)
    shown = colours(theme, True)
    pen.overlay.rectangle(x - 1, y - 1, across + 2, high + 2, theme.line)
    pen.overlay.gradient(x, y, across, high, shown[:: len(shown) // STEPS])
    pen.rectangle((first + last) / 2 - 0.5, middle - BAR_HEIGHT / 2 - 2, 1, 2, theme.dim)
    return Bar(None, -limit, limit, True, first, last - first)
