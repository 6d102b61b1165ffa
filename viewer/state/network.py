"""How the network's graph is shown, and where on it a person is."""

from dataclasses import dataclass

COLOUR_BY = ("none", "kind", "dead", "mean", "largest", "macs", "params", "field", "importance")
FOLDING = ("automatic", "all", "none")
ORIENTATIONS = ("down", "right")
FRAMINGS = ("start", "end", "whole", "free")


@dataclass(frozen=True)
class NetworkSettings:
    """Settings of the network view.

    Attributes
    ----------
    colour_by : str
        The statistic that colours the blocks, of `COLOUR_BY`: fraction of dead channels, mean and
        largest activation, multiply-adds, parameters, size of the receptive field, mean importance
        of the filters.
    folding : str
        What stands for repeated blocks: ``'all'``: one block for each repetition; ``'none'``:
        every layer; ``'automatic'``: as ``'all'`` in large networks.
    exceptions : tuple of str
        Repetitions that are shown the other way, each by the name of its first layer, sorted.
    orientation : str
        The input is above (``'down'``) or on the left (``'right'``).
    find : str
        What is searched for; the layers found are marked. Empty: nothing.
    """

    colour_by: str = "none"
    folding: str = "automatic"
    exceptions: tuple[str, ...] = ()
    orientation: str = "down"
    find: str = ""


@dataclass(frozen=True)
class NetworkCamera:
    """Where on the graph a person is; undone with the camera.

    Attributes
    ----------
    framing : str
        ``'start'`` and ``'end'``: a readable size, at the first or the last layers; ``'whole'``:
        all of it; ``'free'``: as the other fields say.
    x, y : float
        The point of the graph in the middle of the view, across and along the depth, in pixels
        at scale 1.
    scale : float
        Logical pixels of the view for each of the graph.
    seen : str or None
        The focused layer when this was chosen: another one, focused later, is brought in sight.
    """

    framing: str = "start"
    x: float = 0.0
    y: float = 0.0
    scale: float = 1.0
    seen: str | None = None
