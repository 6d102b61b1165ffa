"""Which channels the 3D scatter shows, how a person selects in it, from where it is seen."""

from dataclasses import dataclass

AXES = ("x", "y", "z")
TOOLS = ("turn", "lasso", "rectangle", "points")
STEEPEST = 89.0


@dataclass(frozen=True)
class ScatterSettings:
    """Settings of the scatter view.

    Attributes
    ----------
    channels : tuple of int
        Along x, y and z; one that the active layer lacks is replaced by its first free one.
    tool : str
        What a drag does: ``'turn'``, or selects by ``'lasso'``, ``'rectangle'`` or single
        ``'points'``. With Shift held a drag selects whatever the tool; by lasso while it is
        ``'turn'``.
    mode : str
        How what is drawn changes the selection where no key says it, one of
        `viewer.state.selection.MODES`.
    shows_legend : bool
    """

    channels: tuple[int, int, int] = (0, 1, 2)
    tool: str = "turn"
    mode: str = "replace"
    shows_legend: bool = True

    def channels_of(self, count):
        """The channels shown of a layer with so many: a tuple of as many, three at most."""
        wanted = self.channels[: min(3, count)]
        free = (channel for channel in range(count) if channel not in wanted)
        found = []
        for channel in wanted:
            fits = channel < count and channel not in found
            found.append(channel if fits else next(free))
        return tuple(found)


@dataclass(frozen=True)
class ScatterCamera:
    """From where the scatter is seen; undone with the camera.

    Attributes
    ----------
    azimuth : float
        Degrees round the vertical axis.
    elevation : float
        Degrees above the horizontal plane.
    zoom : float
        1: the whole cube fits, whichever way it is turned.
    shift : tuple of float
        The point looked at, from the middle of the cube of side 1.
    """

    azimuth: float = 30.0
    elevation: float = 20.0
    zoom: float = 1.0
    shift: tuple[float, float, float] = (0.0, 0.0, 0.0)
