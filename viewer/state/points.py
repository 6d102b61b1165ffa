"""How embedding points are drawn, wherever they are: colour, size, opacity."""

from dataclasses import dataclass

COLOURS = ("class", "prediction", "correctness", "sample")


@dataclass(frozen=True)
class PointSettings:
    """Settings shared by the views of points.

    Attributes
    ----------
    colour : str
        What colours the points, one of `COLOURS`.
    size : float
        Diameter, logical pixels.
    opacity : float
        Of one point, 0 to 1.
    """

    colour: str = "class"
    size: float = 3.0
    opacity: float = 0.7
