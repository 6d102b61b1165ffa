"""How the scatterplot matrix is shown, and where in it a person is."""

from dataclasses import dataclass

FORMS = ("auto", "density", "points")
TOOLS = ("pan", "lasso", "rectangle", "points")
STATISTICS = ("density", "correlation", "separation", "distance")
FINEST = 1 / 4096
MOST_PLACES = 32


@dataclass(frozen=True)
class MatrixSettings:
    """Settings of the matrix view.

    Attributes
    ----------
    hides_constant : bool
        Whether constant and dead channels are left out (and counted).
    form : str
        ``'density'``, ``'points'``, or ``'auto'``: density from far, points from near.
    tool : str
        What a drag does: ``'pan'``, or selects by ``'lasso'``, ``'rectangle'`` or single
        ``'points'``. With Shift held a drag selects whatever the tool; by lasso while it is
        ``'pan'``.
    mode : str
        How what is drawn changes the selection where no key says it, one of
        `viewer.state.selection.MODES`.
    statistic : str
        What the overview shows of each pair of channels, one of `STATISTICS`; ``'distance'`` is
        distance correlation.
    shows_overview, shows_legend : bool
    columns_from : str or None
        A layer whose channels stand along the columns; None: the active layer's.
    ranges : tuple of (layer, channel, low, high)
        Value ranges of axes set by hand, sorted; all others show the channel's whole range.
    """

    hides_constant: bool = False
    form: str = "auto"
    tool: str = "pan"
    mode: str = "replace"
    statistic: str = "correlation"
    shows_overview: bool = True
    shows_legend: bool = True
    columns_from: str | None = None
    ranges: tuple = ()

    def ranges_of(self, layer):
        """(low, high) by channel of a layer, of those set by hand."""
        return {channel: (low, high) for name, channel, low, high in self.ranges if name == layer}


@dataclass(frozen=True)
class MatrixCamera:
    """Where in the matrix a person is; undone with the camera.

    The cell of row i and column j (places in the order) fills ``[j, j + 1] x [i, i + 1]``.

    Attributes
    ----------
    x, y : float
        What stands in the middle of the cells' part of the view, in cells, right and down.
    span : float or None
        Cells across the shorter side of that part; None: the whole matrix.
    looked_at : tuple of (layer or None, channel or None)
        What was in focus when the place was chosen, or came into focus by a click in the matrix
        itself. While something else is in focus the view follows the focus instead.
    """

    x: float = 0.5
    y: float = 0.5
    span: float | None = None
    looked_at: tuple = ((None, None),)

    def is_in_force(self, focus):
        """Whether a person chose this place for what is in focus; else the view follows it."""
        return (focus.layer, focus.channel) in self.looked_at
