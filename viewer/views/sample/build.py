"""Where everything in the sample view stands; plain geometry in logical pixels, no Qt, no GL."""

from dataclasses import dataclass

ROW = 22
MARGIN = 12
TOP = 12


@dataclass(frozen=True)
class SampleLayout:
    """Places in the view.

    Attributes
    ----------
    picture : (left, top, width, height)
    text_top : float
        Where the words under the picture begin.
    rows : tuple of float
        Middles of the predictions' rows.
    """

    picture: tuple[float, float, float, float]
    text_top: float
    rows: tuple[float, ...]


def layout(width, height, picture_shape, row_count, device_ratio=1.0):
    """Places for a view of a size.

    Small pictures are enlarged by whole numbers of physical pixels, so that every pixel is a square
    of one size; large ones are reduced to fit.
    """
    rows, columns = picture_shape[:2]
    words = 2 * ROW + MARGIN + row_count * ROW + MARGIN
    room_x = max(16.0, width - 2 * MARGIN)
    room_y = max(16.0, height - TOP - words)
    scale = min(room_x / columns, room_y / rows)
    physical = scale * device_ratio
    if physical >= 1:
        scale = int(physical) / device_ratio
    shown_width, shown_height = columns * scale, rows * scale
    left = round((width - shown_width) / 2 * device_ratio) / device_ratio
    text_top = TOP + shown_height + MARGIN
    first = text_top + 2 * ROW + MARGIN / 2
    middles = tuple(first + (number + 0.5) * ROW for number in range(row_count))
    return SampleLayout((left, TOP, shown_width, shown_height), text_top, middles)


def box_in_view(box, picture_shape, place):
    """A box of the picture's pixels in the view, clipped to the picture.

    Parameters
    ----------
    box : (y0, x0, y1, x1)
        Pixels of the picture, unclipped.
    picture_shape : (rows, columns, ...)
    place : (left, top, width, height)
        Where the picture is drawn.

    Returns
    -------
    tuple or None
        (left, top, right, bottom); None when the box lies outside the picture.
    """
    rows, columns = picture_shape[:2]
    y0, x0, y1, x1 = box
    y0, y1 = max(0.0, y0), min(float(rows), y1)
    x0, x1 = max(0.0, x0), min(float(columns), x1)
    if y0 >= y1 or x0 >= x1:
        return None
    left, top, width, height = place
    down, across = height / rows, width / columns
    return left + x0 * across, top + y0 * down, left + x1 * across, top + y1 * down


def share_text(share):
    """A probability in as many digits as it means: ``0.998``, ``0.04``, ``< 0.001``."""
    if share < 0.001:
        return "< 0.001"
    return f"{share:.3f}"
