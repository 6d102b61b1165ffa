"""Back to front: in which order boxes that do not overlap are drawn from where the eye is.

A box can hide another only if no plane parallel to the axes parts them with the eye on the
other's side; drawing what can be hidden first is exact for any set of disjoint boxes that does
not wind round itself, and a stack with branches side by side never does.
"""

import numpy as np


def back_to_front(low, high, eye):
    """Indices of boxes, the farthest first.

    Parameters
    ----------
    low, high : float[N, 3]
        Corners of the boxes in the world.
    eye : float[4]
        (position, 1), or (direction of parallel rays, 0).

    Returns
    -------
    list of int
    """
    low, high = np.asarray(low, float), np.asarray(high, float)
    count = len(low)
    if count == 0:
        return []
    hides = _may_hide(low, high, np.asarray(eye, float))
    np.fill_diagonal(hides, False)
    middle = (low + high) / 2
    if eye[3]:
        far = ((middle - eye[:3]) ** 2).sum(1)
    else:
        far = middle @ np.asarray(eye[:3])
    # Draw whatever hides nothing that is still to be drawn; the farthest of those first.
    waiting = np.ones(count, bool)
    order = []
    hidden_left = hides.sum(1)
    while waiting.any():
        free = waiting & (hidden_left == 0)
        if not free.any():
            free = waiting
        index = int(np.flatnonzero(free)[np.argmax(far[free])])
        order.append(index)
        waiting[index] = False
        hidden_left = hidden_left - hides[:, index]
    return order


def _may_hide(low, high, eye):
    """bool[N, N]: whether box i may stand between the eye and box j."""
    above = low[:, None] >= high[None, :] - 1e-9
    below = high[:, None] <= low[None, :] + 1e-9
    if eye[3]:
        behind = (above & (eye[:3] <= low)[:, None]) | (below & (eye[:3] >= high)[:, None])
    else:
        behind = (above & (eye[:3] >= 0)) | (below & (eye[:3] <= 0))
    return ~behind.any(-1)
