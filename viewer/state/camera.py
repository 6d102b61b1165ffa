"""Where the stack is seen from, independent of the window's size and of the network.

The distance is not kept in world units but as a zoom against the distance at which the whole
stack fits the view, seen from the direction in which it was last fitted; so a session keeps its
framing in a movie of another shape, the first picture of any network needs no arithmetic by the
person, and the stack keeps its size while it is turned.
"""

from dataclasses import dataclass

FIRST_AZIMUTH = 52.0
FIRST_ELEVATION = 16.0


@dataclass(frozen=True)
class Camera:
    """A turntable around the stack.

    Attributes
    ----------
    azimuth, elevation : float
        Degrees; azimuth 0 looks along the stack from the input's side.
    zoom : float
        1: the stack just fits; 2: twice as near.
    shift : tuple of float
        World units (x, y, z) by which the point looked at is off the fitted one.
    fitted : tuple of float
        Azimuth and elevation from which the stack fits the view at zoom 1.
    """

    azimuth: float = FIRST_AZIMUTH
    elevation: float = FIRST_ELEVATION
    zoom: float = 1.0
    shift: tuple[float, float, float] = (0.0, 0.0, 0.0)
    fitted: tuple[float, float] = (FIRST_AZIMUTH, FIRST_ELEVATION)
