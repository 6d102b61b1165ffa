"""Which three channels the 3D scatter shows, and from where."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ScatterSettings:
    """Settings of the scatter view.

    Attributes
    ----------
    channels : tuple of int
        Along x, y and z; channels that the active layer lacks are replaced by its first ones.
    """

    channels: tuple[int, int, int] = (0, 1, 2)


@dataclass(frozen=True)
class ScatterCamera:
    """From where the scatter is seen; undone with the camera.

    Attributes
    ----------
    azimuth, elevation : float
        Degrees.
    distance : float
        From the middle of the cube of side 1.
    """

    azimuth: float = 30.0
    elevation: float = 20.0
    distance: float = 2.6
