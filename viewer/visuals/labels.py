"""Where labels stand so that no two overlap: below their box, in rows, the important first.

Plain geometry in pixels. A label hangs from the point where its box ends; when its place is
taken it goes a row lower, on a thin leader; when there is no room at all it is left out.
"""

from dataclasses import dataclass

ROWS = 4
SIDES = (0, 1, -1)


@dataclass(frozen=True)
class Wish:
    """A label that wants a place.

    Attributes
    ----------
    x : float
        Pixels: the column where its box ends; its leader's.
    tops : tuple of float
        Highest free row for a label in the middle below ``x``, to its right, to its left.
    width, height : float
    urgent : bool
        Placed before all others.
    foot : float
        Row where its box ends, above ``tops``: a leader joins the two.
    """

    x: float
    tops: tuple[float, float, float]
    width: float
    height: float
    urgent: bool = False
    foot: float = 0.0


@dataclass(frozen=True)
class Place:
    """Where it stands: its upper left corner."""

    left: float
    top: float


def place(wishes, view, taken=(), gap=(10, 3)):
    """Places for labels.

    Parameters
    ----------
    wishes : sequence of Wish
    view : tuple of float
        Width and height; labels stay inside.
    taken : sequence of (left, top, right, bottom)
        Parts of the view that others use.
    gap : tuple of float
        Pixels kept free between labels, sideways and upright.

    Returns
    -------
    list of Place or None
        One for each wish; None: no room.
    """
    places = [None] * len(wishes)
    boxes, leaders = list(taken), []
    for index in _by_importance(wishes):
        wish = wishes[index]
        if not 0 <= wish.x <= view[0]:
            continue
        found = _first_free(wish, view, boxes, leaders, gap)
        if found is None:
            continue
        box, leader = found
        boxes.append(box)
        if leader:
            leaders.append(leader)
        places[index] = Place(box[0], box[1])
    return places


def _first_free(wish, view, boxes, leaders, gap):
    """The first free (box, leader or None): row by row, in the middle, then to either side."""
    for row in range(ROWS):
        for side, first in zip(SIDES, wish.tops, strict=True):
            left, top = left_of(wish, side, view), first + row * (wish.height + gap[1])
            box = (left, top, left + wish.width, top + wish.height)
            if left < 0 or top < 0 or box[3] > view[1] - 4:
                continue
            leader = (wish.x - 1, wish.foot, wish.x + 1, top)
            leader = leader if top - wish.foot > wish.height / 2 else None
            blocked = any(_meet(box, other, gap) for other in boxes)
            blocked = blocked or any(_meet(box, other, (2, 0)) for other in leaders)
            if leader and not blocked:
                blocked = any(_meet(leader, other, (2, 0)) for other in boxes)
            if not blocked:
                return box, leader
    return None


def left_of(wish, side, view):
    """The left edge of a label that hangs in the middle (0), to the right (1) or left (-1)."""
    left = wish.x + side * (wish.width / 2 - 4) - wish.width / 2
    return min(max(left, 4), view[0] - 4 - wish.width)


def _by_importance(wishes):
    """Urgent ones, then the ends, then the middles of ever smaller parts: an even spread."""
    count = len(wishes)
    order = [index for index in range(count) if wishes[index].urgent]
    spread = [0, count - 1] if count else []
    step = 1
    while step < count:
        step *= 2
    while step >= 1:
        spread.extend(range(0, count, step))
        step //= 2
    seen = set()
    return [index for index in order + spread if not (index in seen or seen.add(index))]


def _meet(a, b, gap):
    across, down = gap
    return (
        a[0] < b[2] + across and b[0] < a[2] + across and a[1] < b[3] + down and b[1] < a[3] + down
    )
