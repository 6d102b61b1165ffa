"""Where everything in the sample view stands; plain geometry in logical pixels, no Qt, no GL."""

from dataclasses import dataclass

ROW = 22
MARGIN = 12
TOP = 12
SLIDER = 26
# Of the lines about the attribution.
LINE = 18
# The picture keeps this share of the height; predictions that find no room below it fall away,
# and of what is said about the attribution the last lines.
LEAST_PICTURE = 0.4
# In a lower view name and label give way to the picture.
WORDS_FROM = 160


@dataclass(frozen=True)
class SampleLayout:
    """Places in the view.

    Attributes
    ----------
    area : (left, top, width, height)
        Room for the picture: what it does not fill is background, what is beyond is cut off.
    picture : (left, top, width, height)
        The whole picture, also where it reaches beyond the area.
    slider : (left, middle, width) or None
        The line on which the frames of a video lie.
    legend_top : float
        Where the lines about the attribution begin.
    text_top : float
        Where the words under the picture begin.
    rows : tuple of float
        Middles of the predictions' rows.
    """

    area: tuple[float, float, float, float]
    picture: tuple[float, float, float, float]
    slider: tuple[float, float, float] | None
    legend_top: float
    text_top: float
    rows: tuple[float, ...]


def layout(
    width, height, picture_shape, row_count, device_ratio=1.0, *,
    zoom=1.0, center=(0.5, 0.5), slides=False, legend=0,
):  # fmt: skip
    """Places for a view of a size.

    Small pictures are enlarged by whole numbers of physical pixels from two on, so that every pixel
    is a square of one size; others fill their room. A zoomed picture keeps the area of the whole
    one and grows into the room beside it.

    Parameters
    ----------
    width, height : float
        Of the view.
    picture_shape : (rows, columns, ...)
    row_count : int
        Of predictions; fewer rows where there is no room.
    device_ratio : float
    zoom : float
        1: the whole picture.
    center : (float, float)
        What stands in the middle when zoomed, fractions of width and height.
    slides : bool
        Whether there is a slider under the picture.
    legend : int
        Lines about the attribution under the picture.
    """
    rows, columns = picture_shape[:2]
    below = SLIDER if slides else 0
    lines = legend * LINE + MARGIN if legend else 0
    words = (2 * ROW + MARGIN if height >= WORDS_FROM else 0) + MARGIN + below + lines
    room_x = max(16.0, width - 2 * MARGIN)
    wanted = min(LEAST_PICTURE * height, room_x * rows / columns)
    row_count = max(0, min(row_count, int((height - TOP - words - wanted) / ROW)))
    room_y = max(16.0, height - TOP - words - row_count * ROW)
    scale = min(room_x / columns, room_y / rows)
    physical = scale * device_ratio
    if physical >= 2:
        scale = int(physical) / device_ratio
    shown_height = rows * scale
    area = (MARGIN, TOP, room_x, shown_height)
    picture = _placed(area, (columns * scale * zoom, shown_height * zoom), zoom, center)
    corner = (round(part * device_ratio) / device_ratio for part in picture[:2])
    bottom = TOP + shown_height + MARGIN / 2
    slider = (MARGIN, bottom + SLIDER / 2, room_x) if slides else None
    legend_top = TOP + shown_height + MARGIN + below
    text_top = legend_top + lines
    first = text_top + 2 * ROW + MARGIN / 2
    middles = tuple(first + (number + 0.5) * ROW for number in range(row_count))
    return SampleLayout(area, (*corner, *picture[2:]), slider, legend_top, text_top, middles)


def _placed(area, size, zoom, center):
    """The picture with ``center`` in the middle of the area, without gaps that need not be."""
    place = []
    for start, room, long, middle in zip(area[:2], area[2:], size, center, strict=True):
        at = start + room / 2 - long * (middle if zoom > 1 else 0.5)
        slack = room - long
        low, high = (start + slack / 2,) * 2 if slack >= 0 else (start + slack, start)
        place.append(min(high, max(low, at)))
    return (*place, *size)


def most_lines(height, width, picture_shape, slides=False):
    """How many lines about the attribution have room below the picture; at least two.

    In a low view there is one.
    """
    if height < WORDS_FROM:
        return 1
    rows, columns = picture_shape[:2]
    wanted = min(LEAST_PICTURE * height, (width - 2 * MARGIN) * rows / columns)
    room = height - TOP - wanted - 2 * ROW - 3 * MARGIN - (SLIDER if slides else 0)
    return max(2, int(room / LINE))


def wrapped(text, room, width_of, most):
    """A text in lines of at most a width, broken between words; the last line has the rest.

    Parameters
    ----------
    text : str
    room : float
    width_of : callable(str) -> float
    most : int
        Lines.

    Returns
    -------
    list of str
    """
    lines = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and (len(lines) == most or width_of(longer) <= room):
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def pixel_at(place, picture_shape, x, y):
    """(row, column) of the picture's pixel at a point of the view, or None outside it."""
    across, down = place_in_picture(place, x, y)
    rows, columns = picture_shape[:2]
    if not (0 <= across < 1 and 0 <= down < 1):
        return None
    return int(down * rows), int(across * columns)


def place_in_picture(place, x, y):
    """A point of the view as fractions of the picture's width and height."""
    left, top, width, height = place
    return (x - left) / width, (y - top) / height


def center_after(place, area, zoom, x, y):
    """The center that keeps what is at a point of the view there, when the zoom is multiplied.

    Parameters
    ----------
    place, area : (left, top, width, height)
        Of the picture now, and of its room.
    zoom : float
        Factor on the present size.
    x, y : float
        The point of the view.
    """
    center = []
    for start, room, at, corner, long in zip(
        area[:2], area[2:], (x, y), place[:2], place[2:], strict=True
    ):
        fraction = (at - corner) / long
        center.append(min(1.0, max(0.0, fraction - (at - start - room / 2) / (long * zoom))))
    return tuple(center)


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
