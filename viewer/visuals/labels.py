"""Where labels stand so that no two overlap: below their box, in rows, the important first.

Plain geometry in pixels. A label hangs from the point where its box ends; when its place is
taken it goes a row lower, on a thin leader; when there is no room at all it is left out.
"""

from dataclasses import dataclass

ROWS = 4


@dataclass(frozen=True)
class Wish:
    """A label that wants a place.

    Attributes
    ----------
    x, y : float
        Pixels: the middle of its upper edge, at best.
    width, height : float
    urgent : bool
        Placed before all others.
    foot : float
        Where its box ends, above or at ``y``: a leader joins the two.
    """

    x: float
    y: float
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
        if wish.x < 0 or wish.x > view[0] or wish.y > view[1]:
            continue
        left = min(max(wish.x - wish.width / 2, 4), view[0] - 4 - wish.width)
        for row in range(ROWS):
            drop = row * (wish.height + gap[1])
            top = wish.y + drop
            box = (left, top, left + wish.width, top + wish.height)
            leader = (wish.x - 1, min(wish.foot or wish.y, wish.y), wish.x + 1, top)
            leader = leader if top - leader[1] > wish.height / 2 else None
            if top < 0 or box[3] > view[1] - 4 or left < 0:
                break
            blocked = any(_meet(box, other, gap) for other in boxes)
            blocked = blocked or any(_meet(box, other, (2, 0)) for other in leaders)
            if leader and not blocked:
                blocked = any(_meet(leader, other, (2, 0)) for other in boxes)
            if blocked:
                continue
            boxes.append(box)
            if leader:
                leaders.append(leader)
            places[index] = Place(left, top)
            break
    return places


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
