"""How embedding points are drawn, wherever they are: colour, size, opacity."""

from dataclasses import dataclass

COLOURS = (
    "class",
    "prediction",
    "correctness",
    "sample",
    "confidence",
    "channel",
    "mean",
    "largest",
    "strongest",
    "row",
    "column",
)
SMALLEST, LARGEST = 0.5, 40.0
LEAST_OPACITY = 0.01


@dataclass(frozen=True)
class PointSettings:
    """Settings shared by the views of points.

    Attributes
    ----------
    colour : str
        What colours the points, one of `COLOURS`: of the point's sample its class, prediction,
        correctness, place in the data set or confidence (the score of the predicted class); of the
        point the value of one channel, the mean or the largest of all, the channel that is
        largest, or its row or column in the map.
    channel : int
        Whose value colours the points, where ``colour`` is ``'channel'``.
    size : float
        Diameter, logical pixels.
    opacity : float
        Of one point, 0 to 1.
    """

    colour: str = "class"
    channel: int = 0
    size: float = 3.0
    opacity: float = 0.7
