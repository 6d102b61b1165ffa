"""What the comparison shows: methods in columns, samples or layers in rows."""

from dataclasses import dataclass

from engine.attribution import METHODS
from viewer.state.attribution import RULES

LRP = "lrp:"
COLUMNS = tuple(
    column
    for method in METHODS
    for column in ([LRP + rule for rule in RULES] if method == "lrp" else [method])
)
"""Every method; LRP once for each rule: ``'lrp:epsilon-plus'``."""

ROWS = ("samples", "layers")
RANGES = ("cell", "row", "column", "all")
SMALLEST, LARGEST = 32.0, 1024.0


@dataclass(frozen=True)
class ComparisonSettings:
    """Settings of the comparison.

    Attributes
    ----------
    methods : tuple of str
        Some of `COLUMNS`, in their order.
    rows : str
        ``'samples'``: those selected, else the focused one and its neighbours, each with the target
        of the attribution; ``'layers'``: the focused channel of the active layer and the strongest
        channel of each other one, for the focused sample.
    range : str
        What shares one symmetric range: ``'cell'`` (nothing), ``'row'``, ``'column'``, ``'all'``.
    background : float
        Opacity of the grey picture behind the values, 0 to 1.
    limit : float or None
        End that a person gave the range that all cells share, centred on zero; None: the largest of
        their own.
    """

    methods: tuple[str, ...] = ("gradient", "guided", "lrp:epsilon-plus")
    rows: str = "samples"
    range: str = "cell"
    background: float = 0.4
    limit: float | None = None


@dataclass(frozen=True)
class ComparisonCamera:
    """Where in the comparison a person is; undone with the camera.

    Attributes
    ----------
    row, column : float
        What stands at the top and at the left: whole part: how many are before it; fraction: how
        much of the next one is passed.
    looked_at : (int, str or None, int or None)
        Sample, layer and channel in focus when the row was chosen. While something else is in focus
        the view has the row in focus in sight instead.
    size : float
        The longer side of a cell's picture, logical pixels, `SMALLEST` to `LARGEST`.
    """

    row: float = 0.0
    column: float = 0.0
    looked_at: tuple = (0, None, None)
    size: float = 112.0

    def follows(self, focus):
        """Whether the view follows the focus."""
        return self.looked_at != (focus.sample, focus.layer, focus.channel)
