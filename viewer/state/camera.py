"""Where the stack is seen from, independent of the window's size and of the network.

The distance is not kept in world units but as a zoom against the distance at which the whole
stack fits the view; so a session keeps its framing in a movie of another shape, and the first
picture of any network needs no arithmetic by the person.
"""

from dataclasses import dataclass


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
        World units (x, y, z) by which the point looked at is off the centre of the stack.
    """

    azimuth: float = 52.0
    elevation: float = 16.0
    zoom: float = 1.0
    shift: tuple[float, float, float] = (0.0, 0.0, 0.0)
