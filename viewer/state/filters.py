"""What the Top filters view shows: layers, a range of their ordered filters, how they are drawn."""

from dataclasses import dataclass


@dataclass(frozen=True)
class FilterSettings:
    """Settings of the Top filters view.

    Attributes
    ----------
    method : str
        ``'deconvnet'``, ``'guided'`` or ``'gradient'``.
    share : float
        Units with at least this share of their filter's maximum are projected.
    first, last : int
        Range of the filters, ordered by maximum activation, the last one included.
    """

    method: str = "deconvnet"
    share: float = 0.98
    first: int = 0
    last: int = 8
