"""What the Top filters view shows: layers, a range of their ordered filters, how they are drawn."""

from dataclasses import dataclass

METHODS = ("deconvnet", "guided", "gradient")
COLOURS = ("own", "signed")
SQUARES = ("filled", "outlined", "none")
USUAL_SHARE = 0.98
MOST_LAYERS = 6
MOST_FILTERS = 64
"""Of a layer that are projected together; a wider range shows its first ones, and says so."""


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
    layers : tuple of str
        Layers that stay beside the active one; with several, each layer has one colour.
    colour : str
        ``'own'``: every filter, or layer, in its colour; ``'signed'``: the values, by the diverging
        colour map.
    squares : str
        Receptive fields of the units: ``'filled'``, ``'outlined'`` or ``'none'``.
    background : float
        Opacity of the picture behind.
    """

    method: str = "deconvnet"
    share: float = USUAL_SHARE
    first: int = 0
    last: int = 8
    layers: tuple[str, ...] = ()
    colour: str = "own"
    squares: str = "filled"
    background: float = 0.5


@dataclass(frozen=True)
class FiltersCamera:
    """The part of the picture that is seen; undone with the camera.

    Attributes
    ----------
    zoom : float
        1: the whole picture fits; 2: twice as large.
    center : (float, float)
        What stands in the middle, as fractions of the picture's width and height.
    """

    zoom: float = 1.0
    center: tuple[float, float] = (0.5, 0.5)
