"""How the focused sample is shown, and which samples the filmstrip lists."""

from dataclasses import dataclass

SETS = ("sample", "mean")
SHOWS = ("file", "network")
LISTED = ("all", "selected", "wrong")


@dataclass(frozen=True)
class SampleSettings:
    """Settings of the sample view.

    Attributes
    ----------
    set : str
        ``'sample'``: the focused sample; ``'mean'``: the mean of the selection's pictures as the
        network gets them, of all samples where nothing is selected.
    shows : str
        ``'file'``: the picture as it is; ``'network'``: cropped and resized, as the network
        gets it.
    """

    set: str = "sample"
    shows: str = "file"


@dataclass(frozen=True)
class SampleCamera:
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


@dataclass(frozen=True)
class FilmSettings:
    """Settings of the filmstrip.

    Attributes
    ----------
    listed : str
        ``'all'`` samples, those ``'selected'``, or those predicted ``'wrong'``.
    """

    listed: str = "all"
