"""How the feature maps are shown, and where in them a person is."""

from dataclasses import dataclass

SETS = ("sample", "mean")
RANGES = ("channel", "layer", "common")
OVER = ("study", "sample")
SMALLEST, LARGEST = 8.0, 4096.0


@dataclass(frozen=True)
class MapsSettings:
    """Settings of the feature maps view.

    Attributes
    ----------
    set : str
        ``'sample'``: the focused sample; ``'mean'``: the mean over the selection, over all
        samples where nothing is selected.
    range : str
        ``'channel'``: each map in its own value range; ``'layer'``: each layer in its own;
        ``'common'``: one range for all layers.
    over : str
        ``'study'``: ranges of layers are those over the study, once it is complete;
        ``'sample'``: those of the maps shown.
    hides_dead : bool
        Whether maps that are zero everywhere are left out (and counted).
    folded : tuple of str
        Layers shown as their heading alone, sorted.
    """

    set: str = "sample"
    range: str = "layer"
    over: str = "study"
    hides_dead: bool = False
    folded: tuple[str, ...] = ()


@dataclass(frozen=True)
class MapsCamera:
    """Where in the feature maps a person is; undone with the camera.

    Attributes
    ----------
    place : float
        What stands at the top of the view: whole part: how many layers are above it (the input
        counts); fraction: how much of the next one. So it survives other sizes of the view and
        of the maps, and lies between two places of a drag when it is half way.
    looked_at : (str or None, int or None)
        Layer and channel in focus when the place was chosen. While another one is in focus the
        view follows the focus instead.
    size : float
        The longer side of a map, logical pixels, `SMALLEST` to `LARGEST`; one that is larger than
        the view fills it.
    """

    place: float = 0.0
    looked_at: tuple = (None, None)
    size: float = 48.0

    def place_for(self, focus):
        """The place in force, or None while the view follows the focus."""
        return self.place if self.looked_at == (focus.layer, focus.channel) else None
