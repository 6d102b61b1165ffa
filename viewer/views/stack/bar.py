"""The colour bar under the pointer: which end is grabbed, and the range after it was dragged."""

from viewer.visuals.legend import BAR_WIDTH, bar_box

NEAR_PX = 9
# The least width of a range against what it was when it was grabbed.
_NARROWEST = 1e-3


def is_on_bar(x, y, width, height):
    """Whether a position (logical pixels) is on the colour bar or its numbers."""
    left, top, right, bottom = bar_box(width, height)
    return left - NEAR_PX <= x <= right + NEAR_PX and top - NEAR_PX <= y <= bottom + 2 * NEAR_PX


def grabbed_end(x, y, width, height):
    """The end of the bar at a position: ``'low'``, ``'high'``, or None."""
    if not is_on_bar(x, y, width, height):
        return None
    left, _, right, _ = bar_box(width, height)
    if abs(x - left) <= NEAR_PX:
        return "low"
    return "high" if abs(x - right) <= NEAR_PX else None


def dragged(end, dx, low, high, signed):
    """The range after an end of the bar moved by ``dx`` logical pixels.

    Outwards widens it, and beyond the bar's width it grows faster, so that any range can be
    reached; a signed range stays symmetric.

    Returns
    -------
    (float, float)
    """
    span = high - low
    moved = dx / BAR_WIDTH * (1 if end == "high" else -1)
    factor = max(_NARROWEST, 1 + moved if moved < 1 else 2.0**moved)
    if signed:
        half = span / 2 * (max(_NARROWEST, 1 + 2 * moved) if moved < 0 else factor)
        return -half, half
    if end == "high":
        return low, low + span * factor
    return min(high - span * _NARROWEST, high - span * factor), high
