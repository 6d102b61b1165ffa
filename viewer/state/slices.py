"""What the slices view cuts: where, of which volume, and how rows are shown."""

from dataclasses import dataclass

ACTIVATIONS, WEIGHTS, WEIGHT_GRADIENT = "activations", "weights", "weight-gradient"
SOURCES = (ACTIVATIONS, "gradient", "relevance", WEIGHTS, WEIGHT_GRADIENT)
OF_UNITS = (ACTIVATIONS, "gradient", "relevance")
"""Sources whose rows and columns are those of the layer's maps."""

CLOSEST = 64.0
"""The largest zoom."""


@dataclass(frozen=True)
class SliceSettings:
    """Settings of the slices view. The channel of the XY cut is that in focus.

    Attributes
    ----------
    source : str
        One of `SOURCES`.
    row, column : float
        Where the volume is cut, 0 to 1 of the map's height and width: the XC cut is taken along
        the row, the YC cut along the column.
    looked_at : (str or None, tuple of int or None)
        Layer and unit in focus when row and column were chosen: once another unit is in focus the
        volume is cut through it.
    before : bool
        Whether the cuts in the order of the file stand beside those in the order chosen.
    bars : bool
        Whether white bars part the clusters of k-means.
    """

    source: str = ACTIVATIONS
    row: float = 0.5
    column: float = 0.5
    looked_at: tuple = (None, None)
    before: bool = False
    bars: bool = True

    def follows(self, focus):
        """Whether the volume is cut through the focused unit."""
        is_new = (focus.layer, focus.unit) != tuple(self.looked_at)
        return self.source in OF_UNITS and bool(focus.unit) and is_new


@dataclass(frozen=True)
class SlicesCamera:
    """The part of the cuts that is seen, the same in all of them; undone with the camera.

    Attributes
    ----------
    zoom : float
        Along rows and columns; 1: each cut fits its room.
    channels : float
        The same along the channels.
    center : (float, float, float)
        What stands in the middle, fractions along columns, rows and channels.
    """

    zoom: float = 1.0
    channels: float = 1.0
    center: tuple[float, float, float] = (0.5, 0.5, 0.5)
