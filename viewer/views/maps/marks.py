"""What stands over and beside the maps: headings, frames of what is active, footer, scroll bar."""

import numpy as np

from viewer.gl.theme import TEXT_PX, TITLE_PX
from viewer.views.maps.grids import place_of
from viewer.views.maps.wall import BAR, HEAD, MARGIN
from viewer.visuals.legend import number
from viewer.visuals.transfer import colours

FOOT = 24
FOLD_WIDTH = 24
READABLE_PX = 3.0
BADGE_LEAST = 80
"""Room for the order in a heading, below which it is left out rather than shortened."""


def shape_words(shape):
    """``'64 × 28 × 28'``."""
    return " × ".join(f"{size:,}" for size in shape)


def range_words(layer):
    """Lowest and highest value of the maps shown, in words."""
    low, high = layer.summary.low, layer.summary.high
    if not low.size:
        return ""
    return f"{number(float(low.min()))} to {number(float(high.max()))}"


def special_words(summary):
    """Values that are not finite, counted: ``'NaN 12, +∞ 3'``."""
    kinds = (("NaN", summary.nan), ("+∞", summary.infinite), ("−∞", summary.negative_infinite))
    return ", ".join(f"{name} {count:,}" for name, count in kinds if count)


def draw_headings(pen, wish, contents, wall, scroll, width):
    """The headings in sight; that of the topmost layer stays on top."""
    for order, (block, _, _) in enumerate(wall.visible(scroll)):
        top = block.top - scroll
        if order == 0 and top < 0:
            top = min(0.0, top + block.height - HEAD)
            pen.rectangle(0, top, width - BAR, HEAD, pen.theme.view)
        layer = contents.layers[block.index]
        _heading(pen, wish, layer, top, width - BAR, block)


def _heading(pen, wish, layer, top, right, block):
    theme = pen.theme
    is_active = wish.focus.layer == layer.name
    if is_active:
        pen.rectangle(0, top + 3, 3, HEAD - 6, theme.accent)
    base = top + HEAD / 2 + TEXT_PX * 0.36
    _triangle(pen, MARGIN, top + HEAD / 2, layer.name in wish.folded, theme.dim)
    colour = theme.accent if is_active else theme.text
    left = FOLD_WIDTH
    words = _words(wish, layer, theme)
    important = sum(pen.width_of(text) + 14 for text, _ in words[:-3])
    room = right - left - MARGIN
    room = max(0.4 * room, room - important)
    pen.text(
        left, base, layer.name, colour,
        size=TITLE_PX - 1, face="medium", room=room, both_ends=True,
    )  # fmt: skip
    left += min(room, pen.width_of(layer.name, TITLE_PX - 1, "medium")) + 10
    badge = wish.badges.get(layer.name)
    for text, shade in words:
        wide, free = pen.width_of(text), right - 4 - left
        if text and (wide <= free or (text == badge and free >= BADGE_LEAST)):
            pen.text(left, base, text, shade, room=None if wide <= free else free)
            left += wide + 14


def _words(wish, layer, theme):
    """(text, colour) of what a heading says beside the name; the last three can be missed."""
    words = [(shape_words(layer.grid.shape), theme.dim)]
    if layer.name in wish.badges:
        words.append((wish.badges[layer.name], theme.text))
    if layer.hidden:
        words.append((f"{layer.hidden:,} of {layer.grid.maps:,} dead, hidden", theme.text))
    if special_words(layer.summary):
        words.append((special_words(layer.summary), theme.nan))
    kept = wish.kept.get(layer.name, "")
    words.append((range_words(layer), theme.dim))
    words.append((wish.exactness.get(layer.name, ""), theme.dim))
    words.append((f"kept: {kept}" if kept else "", theme.dim))
    return words


def _triangle(pen, left, middle, folded, colour):
    """Four bars that make a small triangle: pointing right when folded, down when not."""
    for step in range(4):
        if folded:
            pen.rectangle(left + 2 * step, middle - 4 + step, 2, 8 - 2 * step, colour)
        else:
            pen.rectangle(left + step, middle - 3 + 2 * step, 8 - 2 * step, 2, colour)


def plates(wall, scroll, ratio):
    """Quiet surfaces behind the maps of each layer: zero is the colour of the background.

    Returns
    -------
    list of (left, top, width, height)
        Physical pixels.
    """
    found = []
    for block, first, last in wall.visible(scroll):
        if last <= first:
            continue
        left, top, width, height = block.box(first)
        left, top = left - block.gap, top - block.gap - scroll
        lines, rest = divmod(last - first, block.across)
        step, down = width + block.gap, height + block.gap
        for across, above, tall in ((block.across, 0, lines), (rest, lines, rest > 0)):
            if across and tall:
                box = (left, top + above * down, across * step + block.gap, tall * down + block.gap)
                found.append(tuple(round(part * ratio) for part in box))
    return found


def draw_marks(pen, wish, hovered, contents, wall, scroll):
    """Frames round the active map and unit, and round what the pointer is over elsewhere."""
    if hovered is not None and hovered.channel is not None:
        _frame(pen, hovered, contents, wall, scroll, pen.theme.text, 1)
    if wish.focus.layer is not None and wish.focus.channel is not None:
        _frame(pen, wish.focus, contents, wall, scroll, pen.theme.accent, 2)


def _frame(pen, what, contents, wall, scroll, colour, thick):
    index = contents.index(what.layer)
    if index is None:
        return
    layer, block = contents.layers[index], wall.blocks[index]
    found = place_of(layer.grid, what.channel, what.unit)
    slot = None if found is None or not block.count else layer.slot_of(found[0])
    if slot is None:
        return
    left, top, width, height = block.box(slot)
    top -= scroll
    if top > wall.height or top + height < 0:
        return
    _, row, column = found
    pen.frame((left, top, left + width, top + height), colour, 1.0, thick)
    if row is None or layer.grid.is_cells:
        return
    tall, wide = height / layer.grid.rows, width / layer.grid.columns
    box = [
        left + column * wide,
        top + row * tall,
        left + (column + 1) * wide,
        top + (row + 1) * tall,
    ]
    if min(tall, wide) >= READABLE_PX:
        pen.frame(box, "#000000", 0.6, 3)
    pen.frame(box, "#ffffff", 1.0, 1)


def draw_bar(pen, wall, scroll, width, held):
    """The scroll bar at the right edge."""
    place = thumb(wall, scroll)
    if place is not None:
        colour = pen.theme.dim if held else pen.theme.edge
        pen.rectangle(width - BAR + 3, place[0], BAR - 6, place[1], colour)


def thumb(wall, scroll):
    """Top and length of the scroll bar's thumb, or None when everything is in sight."""
    if wall.longest <= 0:
        return None
    length = max(24.0, wall.height * wall.height / wall.total)
    return (wall.height - length) * scroll / wall.longest, length


def draw_footer(pen, layer, ends_shown, by_hand, words, width, top):
    """Colour bar with its ends, swatches of what it does not hold, and what is under the pointer.

    Parameters
    ----------
    layer : MapLayer
        Whose range is shown.
    ends_shown : (float, float, bool) or None
        None: each map has its own range.
    by_hand : bool
        Whether a person set it.
    words : str

    Returns
    -------
    (float, float) or None
        Left edge and width of the bar.
    """
    theme, box = pen.theme, None
    pen.rectangle(0, top, width, FOOT, theme.view)
    pen.rectangle(0, top, width, 1, theme.line)
    base, left = top + FOOT / 2 + TEXT_PX * 0.36, MARGIN
    is_signed = layer.is_signed if ends_shown is None else ends_shown[2]
    low, high = ("min", "max") if ends_shown is None else (number(end) for end in ends_shown[:2])
    if ends_shown is None and not is_signed:
        low = "0"
    title = "each map" if ends_shown is None else layer.name
    if by_hand:
        title += " by hand"
    said = pen.width_of(words)
    for text, shade in ((title, theme.text), (low, theme.dim)):
        room = width - left - 2 * MARGIN - 110
        if room > 30:
            pen.text(left, base, text, shade, room=room, both_ends=True)
            left += min(room, pen.width_of(text)) + 8
    bar = min(96.0, width - left - MARGIN)
    if bar >= 24:
        _gradient(pen, left, top + FOOT / 2 - 4, bar, colours(theme, is_signed)[:: 1024 // 48])
        box = (left, bar)
        left += bar + 8
    swatches = [(high, None)]
    swatches += _swatches(layer, ends_shown, theme)
    for text, shade in swatches:
        wide = pen.width_of(text) + (14 if shade else 0)
        if left + wide > width - MARGIN:
            break
        if shade:
            pen.rectangle(left, top + FOOT / 2 - 4, 8, 8, shade)
            left += 12
        pen.text(left, base, text, theme.text if shade else theme.dim)
        left += pen.width_of(text) + 12
    if words and left + said < width - MARGIN:
        pen.text(width - MARGIN, base, words, theme.text, align=1.0)
    return box


def _swatches(layer, ends_shown, theme):
    """(word, colour) of the kinds of values that occur and have no place on the bar."""
    summary = layer.summary
    found = [
        (f"NaN {summary.nan:,}", theme.nan, summary.nan),
        (f"+∞ {summary.infinite:,}", theme.infinite, summary.infinite),
        (f"−∞ {summary.negative_infinite:,}", theme.negative_infinite, summary.negative_infinite),
    ]
    if ends_shown is not None and summary.low.size:
        low, high, is_signed = ends_shown
        above = float(summary.high.max()) > high * (1 + 1e-3)
        below = is_signed and float(summary.low.min()) < low * (1 + 1e-3)
        found.append(("clipped", theme.clipped, above or below))
    return [(word, colour) for word, colour, occurs in found if occurs]


def _gradient(pen, left, top, width, shades):
    pen.rectangle(left - 1, top - 1, width + 2, 10, pen.theme.line)
    edges = np.linspace(left, left + width, len(shades) + 1)
    for start, stop, shade in zip(edges[:-1], edges[1:], shades, strict=True):
        pen.rectangle(start, top, stop - start, 8, shade)
