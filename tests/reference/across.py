"""Which points of two layers meet: from each unit's box, point by point, without tables."""

from itertools import product


def unit_at_center(network, deep, early, position):
    """Position in the earlier layer nearest to the centre of a deeper unit, or None."""
    shape = network.layer(early).output_shape[1:]
    center = middle(network.box(deep, *position))
    if center is None:
        return None
    best = None
    for place in product(*map(range, shape)):
        at = middle(network.box(early, *place))
        if at is not None:
            distance = (at[0] - center[0]) ** 2 + (at[1] - center[1]) ** 2
            if best is None or distance < best[0]:
                best = (distance, place)
    return None if best is None else best[1]


def nearest_kept(network, deep, early, position, kept):
    """Of some positions the wanted one, else the one nearest to the centre inside of the box."""
    wanted = unit_at_center(network, deep, early, position)
    if wanted is None or wanted in kept:
        return wanted
    box = network.box(deep, *position)
    center, best = middle(box), None
    for place in sorted(kept):
        at = middle(network.box(early, *place))
        if at is None or not inside(at, box):
            continue
        distance = (at[0] - center[0]) ** 2 + (at[1] - center[1]) ** 2
        if best is None or distance < best[0]:
            best = (distance, place)
    return None if best is None else best[1]


def middle(box):
    """Row and column of a box's middle, pixel centres at whole numbers; None for an empty one."""
    if tuple(box) == (0, 0, 0, 0):
        return None
    return (box[0] + box[2] - 1) / 2, (box[1] + box[3] - 1) / 2


def inside(at, box):
    """Whether a place lies on the pixels of a box."""
    rows = box[0] - 0.5 <= at[0] <= box[2] - 0.5
    return rows and box[1] - 0.5 <= at[1] <= box[3] - 0.5
