"""Colours and sizes of everything drawn, dark and light, as plain data (no Qt, no GL).

The frame has no colour, the data has it all; NaN, infinite, clipped and missing values have
colours that no colour map holds. Colours are ``'#rrggbb'``.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Theme:
    """One set of colours.

    Attributes
    ----------
    name : str
    window, panel, line, text, dim, accent : str
        The frame: background, panels, separating lines, text, secondary text, the one accent.
    view : str
        Background of a view; the low end of `unsigned` and the middle of `signed` meet it.
    edge : str
        Thin lines round volumes.
    right, wrong : str
        Predictions that are the label, and those that are not; always with a word beside them.
    nan, infinite, negative_infinite, clipped : str
        Values that no colour map shows.
    unsigned, signed : str
        Names of the colour maps (`cmap`): see `viewer.visuals.transfer`.
    """

    name: str
    window: str
    panel: str
    line: str
    text: str
    dim: str
    accent: str
    view: str
    edge: str
    right: str
    wrong: str
    nan: str
    infinite: str
    negative_infinite: str
    clipped: str
    unsigned: str
    signed: str


DARK = Theme(
    name="dark",
    window="#16181d",
    panel="#1e2128",
    line="#2c313a",
    text="#d7dae0",
    dim="#8a919e",
    accent="#5aa9e6",
    view="#121419",
    edge="#4a515e",
    right="#3fb8a2",
    wrong="#f0743c",
    nan="#ff3fd0",
    infinite="#00f0ff",
    negative_infinite="#0a8cff",
    clipped="#ffffff",
    unsigned="bids:inferno",
    signed="crameri:berlin",
)

LIGHT = Theme(
    name="light",
    window="#f6f7f8",
    panel="#ffffff",
    line="#d5d9df",
    text="#1d2126",
    dim="#68707c",
    accent="#1f77c4",
    view="#ffffff",
    edge="#b4bac4",
    right="#0f8a77",
    wrong="#c8501a",
    nan="#e000b0",
    infinite="#00a7c2",
    negative_infinite="#0058c8",
    clipped="#000000",
    unsigned="cmocean:dense",
    signed="crameri:vik",
)

THEMES = {theme.name: theme for theme in (DARK, LIGHT)}

TEXT_PX = 12
TITLE_PX = 14
SPACE_PX = 8


def rgb(colour):
    """``'#rrggbb'`` as three floats 0 to 1 (sRGB)."""
    return tuple(int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
