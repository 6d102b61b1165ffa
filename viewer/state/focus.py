"""What is looked at now: sample, layer, channel, unit."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Focus:
    """The focus of the whole program; every view shows the same.

    Attributes
    ----------
    sample : int
        Index in the data set.
    layer : str or None
        A layer's name; None while nothing is focused.
    channel : int or None
        Channel of that layer.
    unit : tuple of int or None
        Position ``(row, column)`` of one unit of that channel.
    """

    sample: int = 0
    layer: str | None = None
    channel: int | None = None
    unit: tuple[int, ...] | None = None
