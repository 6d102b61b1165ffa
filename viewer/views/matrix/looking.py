"""Where in the matrix a person looks: the whole, a cell, nearer at the pointer. No Qt, no GL.

A look is a centre and a span in cells; the span goes across the shorter side of the cells' part of
the view, so that a look survives another size of the pane.
"""

from dataclasses import dataclass, replace

from viewer.state.matrix import FINEST, MatrixCamera

# A cell that is fitted has this much room round it, and one can zoom out to this much more than
# the whole.
ROUND_A_CELL = 1.06
ROUND_THE_WHOLE = 1.25


@dataclass(frozen=True)
class Look:
    """A place in the matrix.

    Attributes
    ----------
    x, y : float
        The middle, in cells, right and down.
    span : float
        Cells across the shorter side.
    """

    x: float
    y: float
    span: float

    @property
    def camera(self):
        """The same as a camera that can be drawn with."""
        return MatrixCamera(self.x, self.y, self.span)

    @property
    def args(self):
        """Arguments of the command that looks there."""
        return {"x": self.x, "y": self.y, "span": self.span}


@dataclass(frozen=True)
class Frame:
    """What a look is drawn in.

    Attributes
    ----------
    left, top, width, height : float
        The cells' part of the view, logical pixels.
    rows, columns : int
        Of the matrix.
    """

    left: float
    top: float
    width: float
    height: float
    rows: int
    columns: int

    @property
    def shorter(self):
        """The shorter side, pixels."""
        return max(1.0, min(self.width, self.height))

    def size(self, look):
        """Pixels a cell."""
        return self.shorter / look.span

    def extent(self, look):
        """Cells across and down the view."""
        size = self.size(look)
        return self.width / size, self.height / size

    def cells_at(self, look, x, y):
        """Where in the matrix a place of the view is, in cells."""
        size = self.size(look)
        return (
            look.x + (x - self.left - self.width / 2) / size,
            look.y + (y - self.top - self.height / 2) / size,
        )

    def whole(self):
        """All of the matrix."""
        size = min(self.width / max(1, self.columns), self.height / max(1, self.rows))
        return Look(self.columns / 2, self.rows / 2, self.shorter / max(size, 1e-9))

    def cell(self, row, column):
        """One cell that fills the view."""
        return Look(column + 0.5, row + 0.5, min(ROUND_A_CELL, self.whole().span))

    def of(self, camera):
        """The look of a camera in force."""
        if camera.span is None:
            return self.whole()
        return self.clipped(Look(camera.x, camera.y, camera.span))

    def follows(self, focus_row, focus_column):
        """The look while the view follows the focus.

        Parameters
        ----------
        focus_row, focus_column : int or None
            Places of the channel in focus; both None: the whole. Across layers only one of the
            two has the channel: its whole row (column) is seen, as far as cells stay readable.
        """
        if focus_row is None and focus_column is None:
            return self.whole()
        if focus_row is not None and focus_column is not None:
            return self.cell(focus_row, focus_column)
        count = self.rows if focus_row is None else self.columns
        span = max(ROUND_A_CELL, min(8.0, count))
        x = span / 2 if focus_column is None else focus_column + 0.5
        y = span / 2 if focus_row is None else focus_row + 0.5
        return self.clipped(Look(x, y, span))

    def clipped(self, look):
        """The nearest look that shows something of the matrix."""
        span = min(max(look.span, FINEST), self.whole().span * ROUND_THE_WHOLE)
        look = replace(look, span=span)
        across, down = self.extent(look)
        return Look(_within(look.x, across, self.columns), _within(look.y, down, self.rows), span)

    def zoomed(self, look, factor, x, y):
        """Nearer (factor above 1) at a place of the view, which stays where it is."""
        at_x, at_y = self.cells_at(look, x, y)
        near = self.clipped(replace(look, span=look.span / factor))
        share = near.span / look.span
        moved = Look(at_x + (look.x - at_x) * share, at_y + (look.y - at_y) * share, near.span)
        return self.clipped(moved)

    def panned(self, look, dx, dy):
        """What the matrix was dragged to, pixels right and down."""
        size = self.size(look)
        return self.clipped(Look(look.x - dx / size, look.y - dy / size, look.span))

    def nearest_cell(self, look):
        """(row, column) in the middle of the view."""
        row = min(self.rows - 1, max(0, int(look.y)))
        return row, min(self.columns - 1, max(0, int(look.x)))

    def stepped(self, look, right, down):
        """So many cells further; the middle of the view becomes the middle of a cell."""
        row, column = self.nearest_cell(look)
        row = min(self.rows - 1, max(0, row + down))
        column = min(self.columns - 1, max(0, column + right))
        return replace(look, x=column + 0.5, y=row + 0.5)


def _within(middle, extent, count):
    """A middle that keeps the matrix in sight; what fits altogether stands in the middle."""
    slack = max(0.0, 1 - extent / max(count, 1e-9)) * extent / 2
    least = extent / 2 - slack
    most = count - least
    return count / 2 if least >= most else min(max(middle, least), most)


def between(first, last, share):
    """A look on the way from one to another, share 0 to 1; begins and ends softly."""
    soft = share * share * (3 - 2 * share)
    return Look(
        first.x + (last.x - first.x) * soft,
        first.y + (last.y - first.y) * soft,
        first.span + (last.span - first.span) * soft,
    )
