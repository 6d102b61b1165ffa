"""Counts by class and bin, and their colours, slowly: NumPy's histogram2d and float64.

Second implementation of engine/kernels/mixing.py and of what shaders/matrix and shaders/points do.
"""

import numpy as np

FAINTEST, UNSELECTED, SELECTED_FAINTEST = 0.42, 0.4, 0.7


def edges(low, width, total, start, bins):
    """Edges of some of the bins of an axis; whole numbers where they are whole."""
    return (low * total + width * np.arange(start, start + bins + 1)) / total


def counts(x, y, groups, group_count, across, up, bins):
    """Points by group, row and column: int64[G, bins, bins], of 16-bit codes."""
    edges_x, edges_y = (edges(*axis, bins) for axis in (across, up))
    found = np.zeros((group_count, bins, bins), np.int64)
    # histogram2d counts what lies on the last edge; axes are half open
    shown = (x < 65280) & (y < 65280) & (x < edges_x[-1]) & (y < edges_y[-1])
    for group in range(group_count):
        mine = shown & (groups == group)
        found[group] = np.histogram2d(y[mine], x[mine], bins=(edges_y, edges_x))[0]
    return found


def bucket(count):
    """Counts that share a rank share this number."""
    if count < 32:
        return int(count)
    shift = int(count).bit_length() - 5
    return 16 * shift + (int(count) >> shift)


def opacities(totals, least):
    """From the least to 1 by the middle rank among bins that hold points."""
    held = totals[totals > 0]
    if not held.size:
        return np.zeros(totals.shape)
    ranks = np.array([bucket(count) for count in held])
    middle = np.array([(ranks < r).sum() + 0.5 * (ranks == r).sum() for r in ranks]) / held.size
    found = np.zeros(totals.shape)
    found[totals > 0] = least + (1 - least) * middle
    return found


def layer(counted, colours, least):
    """Premultiplied RGBA of counts int64[G, ...]: float64[..., 4]."""
    totals = counted.sum(0)
    opacity = opacities(totals, least)
    weights = counted.astype(float) ** 2
    mean = np.tensordot(weights, np.asarray(colours, float) ** 2, (0, 0))
    mean = np.sqrt(mean / np.maximum(weights.sum(0), 1)[..., None])
    return np.concatenate([mean * opacity[..., None], opacity[..., None]], -1)


def tile(counted, selected, colours):
    """Colours of a tile, 0 to 255: float64[bins, bins, 4]; selected: counts, or None."""
    below = layer(counted, colours, FAINTEST)
    if selected is None:
        return 255 * below
    over = layer(selected, colours, SELECTED_FAINTEST)
    return 255 * (over + (1 - over[..., 3:]) * UNSELECTED * below)


def cell_colour(tile):
    """One colour for a tile, 0 to 255: float64[4]."""
    mean = tile.mean((0, 1))
    return mean * np.sqrt(255 / mean[3]) if mean[3] else mean


def sharp_place(place, pixels):
    """Where a bilinear read gives the mean over a pixel whose middle is at `place`.

    A texel is `pixels` wide: between two texels by how much of the pixel lies in each.
    """
    nearest = np.floor(place)
    left, right = place - 0.5 / max(pixels, 1.0), place + 0.5 / max(pixels, 1.0)
    if np.floor(left) == nearest and right <= nearest + 1:
        return nearest + 0.5  # all of it in one texel
    seam = nearest + 1 if right > nearest + 1 else nearest
    share = (right - seam) / (right - left)
    return seam - 0.5 + share


def disc(away, diameter):
    """Opacity of a disc so many pixels from its middle: 1 inside, over one pixel to 0."""
    return float(np.clip(diameter / 2 + 0.5 - away, 0, 1))
