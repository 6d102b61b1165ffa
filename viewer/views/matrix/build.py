"""Facts to what the cells are drawn from: orders, ranges in codes, groups and their counts.

No Qt, no GL. What takes time (groups of a million points, two layers meeting) is a function that
the builder's thread calls.
"""

from dataclasses import dataclass

import numpy as np

from viewer.views.matrix.layout import FULL_RANGE, Scene

CODES = FULL_RANGE[1]


@dataclass(frozen=True, eq=False)
class Rows:
    """Points along rows and columns.

    Attributes
    ----------
    rows, columns : engine Columns
        One object where they are of one layer.
    points : engine Points
        Whose sample and place the points have.
    others : engine Points or None
        The points of the columns' layer, where it is another one.
    chosen : int64[P] or None
        Which of ``points`` are shown, where not all of them meet one of the other layer.
    sample, place : int32[P]
    words : str
        How two layers meet.
    """

    rows: object
    columns: object
    points: object
    others: object = None
    chosen: object = None
    sample: object = None
    place: object = None
    words: str = ""

    @property
    def count(self):
        """Points shown."""
        return self.rows.count

    def of_all(self, values):
        """Values of those of ``points`` that are shown."""
        return values if self.chosen is None else values[self.chosen]

    def point_of(self, shown):
        """The place in ``points`` of a point that is shown."""
        return int(shown) if self.chosen is None else int(self.chosen[shown])

    def shown_of(self, point):
        """The place among those shown of one of ``points``, or -1."""
        if self.chosen is None or point < 0:
            return point
        at = int(np.searchsorted(self.chosen, point))
        return at if at < len(self.chosen) and self.chosen[at] == point else -1


def alone(points):
    """The points of one layer against themselves."""
    return Rows(points.columns, points.columns, points, sample=points.sample, place=points.place)


@dataclass(frozen=True)
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


def arranged(rows, columns, order=None, *, hides=False):
    """The `Arrangement` of channels.

    Parameters
    ----------
    rows, columns : engine Columns
    order : int32[C], optional
        Of the rows' layer, and of the columns' where it is the same.
    hides : bool
        Whether constant channels are left out.
    """
    own = np.arange(rows.channels) if order is None else np.asarray(order)
    if rows is columns:
        if rows.channels == 2:
            return Arrangement(np.array([1], np.int32), np.array([0], np.int32), is_plain=True)
        kept, hidden, dead = _kept(rows, own, hides)
        return Arrangement(kept, kept, hidden, dead)
    down, hidden, dead = _kept(rows, own, hides)
    across, more, more_dead = _kept(columns, np.arange(columns.channels), hides)
    return Arrangement(down, across, hidden + more, dead + more_dead)


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
        low, high = (float(code) for code in columns.codes(channel, ends))
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


def coloured(wish, shown):
    """The `Colouring` of points; takes some milliseconds a million points.

    Parameters
    ----------
    wish : GroupWish
    shown : Rows
    """
    groups = wish.groups()
    codes = shown.of_all(groups.codes)
    counts = np.bincount(codes, minlength=256)
    return Colouring(groups, codes, counts[: groups.count], int(counts[groups.count :].sum()))


def scene_of(shown, arrangement, colouring, selected, settings, drawn):
    """The `Scene` that the cells draw.

    Parameters
    ----------
    shown : Rows
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
