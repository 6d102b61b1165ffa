"""What the slices view cuts: where, of which volume, and how rows are shown."""

from dataclasses import dataclass

SOURCES = ("activations", "gradient", "relevance", "weights")


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
    before : bool
        Whether the cuts in the order of the file stand beside those in the order chosen.
    bars : bool
        Whether white bars part the clusters of k-means.
    """

    source: str = "activations"
    row: float = 0.5
    column: float = 0.5
    before: bool = False
    bars: bool = True


@dataclass(frozen=True)
class SlicesCamera:
    """The part of the cuts that is seen; undone with the camera.

    Attributes
    ----------
    zoom : float
        1: each cut fits its room.
    center : (float, float, float)
        What stands in the middle, fractions along columns, rows and channels.
    """

    zoom: float = 1.0
    center: tuple[float, float, float] = (0.5, 0.5, 0.5)
