"""Filters ordered and their projections laid over a picture, one value at a time."""

import math


def order(maps):
    """Channels by their largest value, NaN left out: a list; and the number of silent ones."""
    found = []
    for channel, values in enumerate(maps):
        best = -math.inf
        for value in values.ravel().tolist():
            if value > best:
                best = value
        found.append((-best, channel))
    return [channel for _, channel in sorted(found)], sum(best >= 0 for best, _ in found)


def own_colour(base, parts, fill):
    """A pixel of the picture where every filter has its colour.

    Parameters
    ----------
    base : float[3]
    parts : list of (colour, strength 0 to 1, bool: in a receptive field)
        In the order in which they are drawn; strength against the filter's largest.
    fill : float
        Opacity of a filled field; 0: none.
    """
    behind = list(base)
    for colour, _, inside in parts:
        if inside:
            behind = [
                (1 - fill) * old + fill * new for old, new in zip(behind, colour, strict=True)
            ]
    clear, weight, mixed = 1.0, 0.0, [0.0, 0.0, 0.0]
    for colour, strength, _ in parts:
        cover = math.sqrt(strength)
        clear *= 1 - cover
        weight += cover
        mixed = [old + cover * new for old, new in zip(mixed, colour, strict=True)]
    shown = [part / weight if weight else 0.0 for part in mixed]
    return [old * clear + new * (1 - clear) for old, new in zip(behind, shown, strict=True)]
