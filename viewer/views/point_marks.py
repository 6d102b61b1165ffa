"""What stands over points in every view of them: rings, outlines that are drawn, the footer."""

import numpy as np

from viewer.gl.theme import TEXT_PX

RING_PX = 4.5
GAP = 14
DROP = TEXT_PX * 0.36
STROKE_WORDS = {
    "replace": "selects",
    "add": "adds",
    "subtract": "takes away",
    "intersect": "keeps only those of",
}


def draw_path(pen, path, colour, opacity, width, *, closed=False):
    """A path over the view, logical pixels."""
    points = np.asarray(path, float) * pen.ratio
    if closed:
        points = np.concatenate([points, points[:1]])
    for (x0, y0), (x1, y1) in zip(points[:-1], points[1:], strict=True):
        pen.overlay.line(x0, y0, x1, y1, colour, opacity, width * pen.ratio)


def draw_ring(pen, x, y, colour):
    """A ring round a point."""
    angles = np.linspace(0, 2 * np.pi, 20, endpoint=False)
    circle = np.stack([np.cos(angles), np.sin(angles)], 1)
    for radius, shade, opacity, thick in (
        (RING_PX + 0.2, pen.theme.view, 0.8, 3.2),
        (RING_PX, colour, 1.0, 1.5),
    ):
        draw_path(pen, (x, y) + radius * circle, shade, opacity, thick, closed=True)


def draw_outline(pen, stroke):
    """What is being drawn: a rectangle, or a lasso with the line that will close it."""
    outline, theme = stroke.outline, pen.theme
    if stroke.shape == "rectangle":
        (x0, y0), (x1, y1) = outline.min(0), outline.max(0)
        pen.rectangle(x0, y0, x1 - x0, y1 - y0, theme.accent, 0.16)
        pen.frame((x0, y0, x1, y1), theme.accent, 1.0, 1)
        return
    draw_path(pen, outline, theme.view, 0.7, 3.5, closed=True)
    draw_path(pen, outline, theme.accent, 1.0, 1.5)
    draw_path(pen, outline[[-1, 0]], theme.accent, 0.5, 1.0)


def stroke_words(stroke):
    """What will be selected."""
    points = "point" if stroke.count == 1 else "points"
    count = "" if stroke.count is None else f" {stroke.count:,}"
    return f"{STROKE_WORDS[stroke.mode]}{count} {points}"


def draw_foot(pen, box, parts, said):
    """How exact the picture is and what is left out, and on the right what is under the pointer.

    Parameters
    ----------
    box : tuple
        Left, top, width and height, logical pixels.
    parts : sequence of str
        The most important first.
    said : str
    """
    left, top, width, height = box
    theme, base = pen.theme, top + height / 2 + DROP
    pen.rectangle(left, top, width, height, theme.view)
    pen.rectangle(left, top, width, 1, theme.line)
    right = left + width - 8
    if said:
        room = 0.6 * width if parts else width - 16
        wide = min(room, pen.width_of(said))
        pen.text(right - wide, base, said, theme.text, room=room + 1)
        right -= wide + GAP
    at = left + 8
    for order, part in enumerate(parts):
        room = right - at
        if room < 40:
            break
        pen.text(at, base, part, theme.text if order == 0 else theme.dim, room=room)
        at += pen.width_of(part) + GAP
