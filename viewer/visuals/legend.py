"""Title, badges and colour bar of a view: what is shown, in which range, and how exactly."""

from dataclasses import dataclass
from math import floor, log10

from viewer.gl.theme import DARK, SPACE_PX, TEXT_PX, TITLE_PX
from viewer.visuals.glyphs import measure
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
    """

    title: str = ""
    subtitle: str = ""
    badges: tuple[str, ...] = ()
    bar: ColourBar | None = None


BAR_WIDTH, BAR_HEIGHT = 168, 8


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


def legend_boxes(legend, width, height, ratio=1.0):
    """Parts of the view that the legend takes: (left, top, right, bottom) each."""
    boxes = []
    if legend.title:
        wide = measure(legend.title, round(TITLE_PX * ratio), "medium")
        wide = max(wide, measure(legend.subtitle, round(TEXT_PX * ratio)))
        boxes.append((0, 0, wide + 3 * SPACE_PX * ratio, (5 * SPACE_PX + 8) * ratio))
    if legend.bar is not None:
        _, top, right, _ = bar_box(width, height, ratio)
        for _, wide, _ in _swatches(legend.bar, DARK, ratio):
            right += wide
        boxes.append((0, top - 22 * ratio, right + 3 * SPACE_PX * ratio, height))
    for row, badge in enumerate(legend.badges):
        wide = measure(badge, round(TEXT_PX * ratio)) + 4 * SPACE_PX * ratio
        boxes.append((width - wide, 0, width, (row + 1) * 18 * ratio + 2 * SPACE_PX * ratio))
    return boxes


def add_legend(overlay, legend, theme, width, height, ratio=1.0):
    """Put a legend's text and colour bar on an overlay."""
    text, title = round(TEXT_PX * ratio), round(TITLE_PX * ratio)
    margin = 2 * SPACE_PX * ratio
    base = margin + title * 0.75
    if legend.title:
        overlay.text(margin, base, legend.title, theme.text, title, face="medium")
    if legend.subtitle:
        overlay.text(margin, base + text * 1.55, legend.subtitle, theme.dim, text)
    for row, badge in enumerate(legend.badges):
        overlay.text(width - margin, base + row * 18 * ratio, badge, theme.dim, text, align=1.0)
    if legend.bar is not None:
        _add_bar(overlay, legend.bar, theme, width, height, ratio)


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
        low, high = ("min", "max") if bar.signed else ("0", "layer’s maximum")
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
