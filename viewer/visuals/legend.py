"""Title, badges and colour bar of a view: what is shown, in which range, and how exactly."""

from dataclasses import dataclass
from math import floor, log10

from viewer.gl.theme import DARK, SPACE_PX, TEXT_PX, TITLE_PX
from viewer.visuals.glyphs import measure, shorten
from viewer.visuals.transfer import colours


@dataclass(frozen=True)
class ColourBar:
    """The range of a layer's values.

    Attributes
    ----------
    title : str
        Whose values: the layer's name, or ``'each layer'``.
    low, high : float or None
        Ends of the colour map; None: each layer has its own.
    signed : bool
    unit : str
        Of the values; activations have none.
    nan, infinite, negative_infinite : int
        Values that are not finite, counted; a swatch stands for each kind that occurs.
    """

    title: str = ""
    low: float | None = None
    high: float | None = None
    signed: bool = False
    unit: str = ""
    nan: int = 0
    infinite: int = 0
    negative_infinite: int = 0


@dataclass(frozen=True)
class Legend:
    """What a view says about itself.

    Attributes
    ----------
    title, subtitle : str
    badges : tuple of str
        How exact it is: ``'samples 10,000 of 2.1 M'``; upper right corner.
    bar : ColourBar or None
    above : ColourBar or None
        A second one, where two colour maps are in the picture.
    """

    title: str = ""
    subtitle: str = ""
    badges: tuple[str, ...] = ()
    bar: ColourBar | None = None
    above: ColourBar | None = None


BAR_WIDTH, BAR_HEIGHT = 168, 8
# From one bar's place to that of the bar above it.
BAR_STEP = 58
LEAST_FOR_TWO = 300


def number(value, digits=3):
    """A value with as many digits as it means: ``0``, ``12.3``, ``4.07e-05``."""
    if value == 0:
        return "0"
    power = floor(log10(abs(value)))
    if -3 <= power < digits + 3:
        text = f"{value:.{max(0, digits - 1 - power)}f}"
        if "." in text:
            text = text.rstrip("0").rstrip(".")
    else:
        text = f"{value:.{digits - 1}e}"
    return text.replace("-", "\u2212")


def bar_box(width, height, ratio=1.0):
    """Where the colour bar stands: (left, top, right, bottom) in pixels (for dragging its ends)."""
    margin = 2 * SPACE_PX * ratio
    left = margin
    bottom = height - margin - (TEXT_PX + 6) * ratio
    return left, bottom - BAR_HEIGHT * ratio, left + BAR_WIDTH * ratio, bottom


@dataclass(frozen=True)
class _Line:
    """A line of the legend's text: its left end, base line, width and looks."""

    text: str
    left: float
    base: float
    width: float
    size: int
    face: str
    is_title: bool


def _lines(legend, width, ratio):
    """Title and subtitle on the left, badges on the right or, in a narrow view, below."""
    text, title = round(TEXT_PX * ratio), round(TITLE_PX * ratio)
    margin = 2 * SPACE_PX * ratio
    base, room = margin + title * 0.75, width - 2 * margin
    lines, widest = [], 0.0
    for string, size, face, drop in (
        (legend.title, title, "medium", 0.0),
        (legend.subtitle, text, "regular", text * 1.55),
    ):
        if string:
            string = shorten(string, room, size, face)
            wide = measure(string, size, face)
            lines.append(_Line(string, margin, base + drop, wide, size, face, not drop))
            widest = max(widest, wide)
    badges = [shorten(badge, room, text) for badge in legend.badges]
    wide = max((measure(badge, text) for badge in badges), default=0.0)
    if widest and widest + wide + margin > room:
        base += text * 1.55 + 18 * ratio
    for row, badge in enumerate(badges):
        wide = measure(badge, text)
        left, down = width - margin - wide, base + row * 18 * ratio
        lines.append(_Line(badge, left, down, wide, text, "regular", False))
    return lines


def legend_boxes(legend, width, height, ratio=1.0):
    """Parts of the view that the legend takes: (left, top, right, bottom) each."""
    space = SPACE_PX * ratio
    boxes = [
        (
            line.left - space,
            line.base - line.size - space,
            line.left + line.width + space,
            line.base + line.size / 2 + space / 2,
        )
        for line in _lines(legend, width, ratio)
    ]
    for bar, up in _bars(legend, height, ratio):
        _, top, right, _ = bar_box(width, height - up, ratio)
        for _, wide, _ in _swatches(bar, DARK, ratio):
            right += wide
        boxes.append((0, top - 22 * ratio, right + 3 * space, height - up))
    return boxes


def _bars(legend, height, ratio):
    """The colour bars that have room, and how far above the bottom's each stands."""
    above = legend.above if height >= LEAST_FOR_TWO * ratio else None
    bars = ((legend.bar, 0.0), (above, BAR_STEP * ratio))
    return [(bar, up) for bar, up in bars if bar is not None]


def add_legend(overlay, legend, theme, width, height, ratio=1.0):
    """Put a legend's text and colour bar on an overlay."""
    for line in _lines(legend, width, ratio):
        colour = theme.text if line.is_title else theme.dim
        overlay.text(line.left, line.base, line.text, colour, line.size, face=line.face)
    for bar, up in _bars(legend, height, ratio):
        _add_bar(overlay, bar, theme, width, height - up, ratio)


def _add_bar(overlay, bar, theme, width, height, ratio):
    text = round(TEXT_PX * ratio)
    left, top, right, bottom = bar_box(width, height, ratio)
    shown = colours(theme, bar.signed)[:: 1024 // 128]
    overlay.rectangle(left - 1, top - 1, right - left + 2, bottom - top + 2, theme.line)
    overlay.gradient(left, top, right - left, bottom - top, shown)
    base = bottom + text * 1.3
    if bar.title:
        overlay.text(left, top - 0.6 * text, bar.title, theme.text, text)
    if bar.low is None:
        low, high = ("−largest", "layer’s largest") if bar.signed else ("0", "layer’s largest")
    else:
        low, high = number(bar.low), number(bar.high)
    high = f"{high} {bar.unit}".strip()
    overlay.text(left, base, low, theme.dim, text)
    overlay.text(right, base, high, theme.dim, text, align=1.0)
    if bar.signed and bar.low is not None:
        overlay.text((left + right) / 2, base, "0", theme.dim, text, align=0.5)
    left, size = right + 2 * SPACE_PX * ratio, BAR_HEIGHT * ratio
    for label, wide, colour in _swatches(bar, theme, ratio):
        overlay.rectangle(left, top, size, size, colour)
        overlay.text(left + size + 4 * ratio, top + size, label, theme.text, text)
        left += wide


def _swatches(bar, theme, ratio):
    """(label, width in pixels, colour) for each kind of value that is not finite."""
    kinds = (
        ("NaN", bar.nan, theme.nan),
        ("+∞", bar.infinite, theme.infinite),
        ("−∞", bar.negative_infinite, theme.negative_infinite),
    )
    found = []
    for name, count, colour in kinds:
        if count:
            label = f"{name} {count:,}"
            wide = measure(label, round(TEXT_PX * ratio)) + (BAR_HEIGHT + 4 * SPACE_PX) * ratio
            found.append((label, wide, colour))
    return found
