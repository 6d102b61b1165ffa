"""Facts to what the cells are drawn from: orders, ranges in codes, groups and their counts.

No Qt, no GL. What takes time (groups of a million points, two layers meeting) is a function that
the builder's thread calls.
"""

from dataclasses import dataclass

import numpy as np

from engine.embedding.across import joined
from viewer.views.matrix.layout import FULL_RANGE, Scene

CODES = FULL_RANGE[1]


@dataclass(frozen=True, eq=False)
class Shown:
    """The points that are drawn, along rows and columns.

    Attributes
    ----------
    rows, columns : engine Columns
        One object where they are of one layer.
    points : engine Points
        Those points: of one layer, or the pairs of two that meet, which are units of one of them.
    made_of : tuple of (engine Points, engine Points or None)
        The layers' own points, of rows and of columns where these are others.
    joint : engine Joint or None
        How two layers meet.
    """

    rows: object
    columns: object
    points: object
    made_of: tuple
    joint: object = None

    @property
    def words(self):
        """What is shown of what there is."""
        return self.points.words

    @property
    def units_of_rows(self):
        """Whether the points are units of the rows' layer."""
        return self.points.columns.layer == self.rows.layer

    def selected(self, selected):
        """Which of the points are selected, uint8[P]; `Selected` says it of each layer's own."""
        if self.joint is None:
            return np.ascontiguousarray(selected.of(self.points), np.uint8)
        which = 0 if self.units_of_rows else 1
        index = (self.joint.row_points, self.joint.column_points)[which]
        return np.ascontiguousarray(selected.of(self.made_of[which])[index], np.uint8)


def alone(points):
    """The points of one layer against themselves."""
    return Shown(points.columns, points.columns, points, (points, None))


def met(network, points, others):
    """The points of two layers that meet: `Shown`; takes a while."""
    joint = joined(network, points, others)
    return Shown(joint.rows, joint.columns, joint.points, (points, others), joint)


@dataclass(frozen=True, eq=False)
class Arrangement:
    """Which channels stand where.

    Attributes
    ----------
    rows, columns : int32[R], int32[S]
        Channels from the top and from the left.
    hidden : int
        Channels left out, of rows and columns together (counted once where they are the same).
    dead : int
        How many of these are zero for every point.
    is_plain : bool
        A layer of two channels: one scatter.
    """

    rows: np.ndarray
    columns: np.ndarray
    hidden: int = 0
    dead: int = 0
    is_plain: bool = False

    @property
    def shape(self):
        """Rows and columns."""
        return len(self.rows), len(self.columns)

    def same_as(self, other):
        """Whether it is the same arrangement."""
        return (
            other is not None
            and np.array_equal(self.rows, other.rows)
            and np.array_equal(self.columns, other.columns)
        )

    def row_of(self, channel):
        """The place of a channel of the rows' layer, or None."""
        return _place(self.rows, channel)

    def column_of(self, channel):
        """The place of a channel of the columns' layer, or None."""
        return _place(self.columns, channel)


def _place(order, channel):
    found = [] if channel is None else np.flatnonzero(order == channel)
    return int(found[0]) if len(found) else None


def arranged(rows, columns, orders=None, *, hides=False):
    """The `Arrangement` of channels.

    Parameters
    ----------
    rows, columns : engine Columns
    orders : dict of str to int32[C], optional
        By layer; without one a layer stands as in the file.
    hides : bool
        Whether constant channels are left out.
    """
    own = _in_order(rows, orders)
    if rows is columns:
        if rows.channels == 2:
            return Arrangement(np.array([1], np.int32), np.array([0], np.int32), is_plain=True)
        kept, hidden, dead = _kept(rows, own, hides)
        return Arrangement(kept, kept, hidden, dead)
    down, hidden, dead = _kept(rows, own, hides)
    across, more, more_dead = _kept(columns, _in_order(columns, orders), hides)
    return Arrangement(down, across, hidden + more, dead + more_dead)


def _in_order(columns, orders):
    found = None if orders is None else orders.get(columns.layer)
    if found is None or len(found) != columns.channels:
        return np.arange(columns.channels)
    return np.asarray(found)


def _kept(columns, order, hides):
    order = order.astype(np.int32)
    if not hides or not columns.constant.any() or columns.constant.all():
        return order, 0, 0
    constant = columns.constant
    hidden = int(constant.sum())
    return order[~constant[order]], hidden, int((columns.dead & constant).sum())


def ranges_in_codes(columns, by_hand):
    """Ranges set by hand in codes, those that reach a code at least.

    Parameters
    ----------
    columns : engine Columns
    by_hand : dict of int to (float, float)
        Values by channel.

    Returns
    -------
    dict of int to (int, int)
    """
    found = {}
    for channel, ends in by_hand.items():
        if channel >= columns.channels or columns.step[channel] == 0:
            continue
        low, high = (round(float(code), 6) for code in columns.codes(channel, ends))
        if high - low >= 1:
            found[channel] = (int(np.floor(low)), int(np.ceil(high)))
    return found


@dataclass(frozen=True, eq=False)
class Colouring:
    """Groups of the points shown, and how many points each has.

    Attributes
    ----------
    groups : Groups
    codes : uint8[P]
        Of the points shown.
    counts : int64[G]
    left_out : int
    """

    groups: object
    codes: np.ndarray
    counts: np.ndarray
    left_out: int


def coloured(wish):
    """The `Colouring` of a `GroupWish`; takes some milliseconds a million points."""
    groups = wish.groups()
    counts = np.bincount(groups.codes, minlength=256)
    return Colouring(
        groups, groups.codes, counts[: groups.count], int(counts[groups.count :].sum())
    )


def scene_of(shown, arrangement, colouring, selected, settings, drawn):
    """The `Scene` that the cells draw.

    Parameters
    ----------
    shown : Shown
    arrangement : Arrangement
    colouring : Colouring
    selected : uint8[P] or None
    settings : MatrixSettings
    drawn : PointSettings
    """
    rows, columns = shown.rows, shown.columns
    ranges = ranges_in_codes(rows, settings.ranges_of(rows.layer))
    across = None
    if rows is not columns:
        across = ranges_in_codes(columns, settings.ranges_of(columns.layer))
    return Scene(
        rows=rows,
        columns=columns,
        row_order=arrangement.rows,
        column_order=arrangement.columns,
        groups=colouring.codes,
        colours=np.asarray(colouring.groups.colours, np.float32),
        selected=selected,
        size=drawn.size,
        opacity=drawn.opacity,
        form=settings.form,
        ranges=ranges,
        column_ranges=across,
    )
