"""Moves of the cut and of what is seen, as arguments of commands, for gestures and actions."""

from viewer.state.slices import CLOSEST
from viewer.views.slices.build import XC, XY, YC
from viewer.views.slices.places import CHANNELS, COLUMNS

SCRUBBED = {XY: "channel", XC: "row", YC: "column"}
"""What the wheel goes through over each cut."""

FAR = 10
KEYS = {
    "left": ("column", -1),
    "right": ("column", 1),
    "up": ("row", -1),
    "down": ("row", 1),
    "pageup": ("channel", -1),
    "pgup": ("channel", -1),
    "pagedown": ("channel", 1),
    "pgdown": ("channel", 1),
    "home": ("end", -1),
    "end": ("end", 1),
    "+": ("zoom", 1.25),
    "=": ("zoom", 1.25),
    "-": ("zoom", 0.8),
}
"""What each key moves, and by how much."""

WIDE_LINE = 5.0
"""Cells as large are cut by two lines at their edges, smaller ones by one in the middle."""


def stepped(wish, name, by):
    """Where the cut stands after so many steps, within the volume: channel, row or column."""
    channels, rows, columns = wish.shape
    if name == "channel":
        place = min(channels - 1, max(0, wish.place_of(wish.channel) + by))
        return wish.channel_at(place)
    count = rows if name == "row" else columns
    return min(count - 1, max(0, getattr(wish, name) + by))


def cut_args(wish, channel=None, row=None, column=None):
    """Arguments of ``slices.cut``; None where nothing would change."""
    _, rows, columns = wish.shape
    row, column = (wish.row if row is None else row), (wish.column if column is None else column)
    args = {}
    if channel not in (None, wish.channel):
        args["channel"] = int(channel)
    if (row, column) != (wish.row, wish.column):
        args |= {"row": (row + 0.5) / rows, "column": (column + 0.5) / columns}
    return args or None


def zoom_args(camera, factor):
    """Arguments of ``slices.look`` for larger or smaller cells about the middle."""
    zooms = {"zoom": camera.zoom, "channels": camera.channels}
    return {name: min(CLOSEST, max(1.0, zoom * factor)) for name, zoom in zooms.items()}


def what_at(frame, axis, place):
    """The channel, row or column at a place of an axis."""
    channels = frame.cut.channels if axis.name == CHANNELS else None
    return int(place if channels is None else channels[place])


def index_of(wish, frame, axis):
    """The place at which an axis of a frame is cut by another cut."""
    if axis.name != CHANNELS:
        return wish.column if axis.name == COLUMNS else wish.row
    return wish.channel if frame.cut.order is None else wish.place_of(wish.channel)


def line_of(wish, frame, axis):
    """Where the line, or the two lines, of the cut through an axis stand."""
    index = index_of(wish, frame, axis)
    if axis.cell >= WIDE_LINE:
        return axis.begin(index), axis.begin(index + 1)
    return (axis.begin(index + 0.5),)
