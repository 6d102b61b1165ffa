"""A diagonal cell's picture, texel by texel from its description: float64, no shortcuts.

Second implementation of engine/kernels/distribution.py.
"""

import numpy as np

TOP, BAR, FILL, LINE, REACH = 0.94, 0.045, 0.2, 0.95, 1.4


def over(below, colour, opacity):
    """Premultiplied RGBA of a colour over another one."""
    return (1 - opacity) * below + opacity * np.array([*colour, 1.0])


def piled(shares, height):
    """Which of the planes, the last lowest, is at a height; None above all."""
    reach = 0.0
    for plane in reversed(range(len(shares))):
        reach += shares[plane]
        if height < reach:
            return plane
    return None


def texel(curves, rows, bars, zero_at, colours, strengths, groups, share, total, x, y):
    """Premultiplied RGBA 0 to 1 of the texel in column x and row y (upwards) of a whole cell."""
    nothing = np.zeros(4)
    height = (y + 0.5 - share * total) / ((1 - share) * TOP * total)  # 1: the top of the curves
    if height < 0:
        return row_texel(rows, colours, strengths, groups, share * total, x, y + 0.5)
    left = min(max(zero_at - BAR / 2, 0), 1 - BAR)
    if zero_at >= 0 and left <= (x + 0.5) / total < left + max(BAR, 1 / total):
        plane = piled(bars, height)
        if plane is not None:
            return over(nothing, colours[plane], strengths[plane])
    middles = (np.arange(curves.shape[1]) + 0.5) / curves.shape[1]
    levels = np.array([np.interp((x + 0.5) / total, middles, curve) for curve in curves])
    if share == 0:
        most = (curves.astype(float) ** 2).sum(0).max()
        if most == 0 or height >= np.sqrt((levels**2).sum() / most):
            return nothing
        parts = levels**2 / most
        plane = piled(parts, height * np.sqrt(parts.sum()))
        return nothing if plane is None else over(nothing, colours[plane], strengths[plane])
    tall = (1 - share) * TOP * total
    found = nothing
    for plane in np.flatnonzero(levels > 0):
        inside = np.clip((levels[plane] - height) * tall + 0.5, 0, 1)
        found = over(found, colours[plane], FILL * strengths[plane] * inside)
    for plane in np.flatnonzero(levels > 0):
        place = np.clip((x + 0.5) / total * len(middles) - 0.5, 0, len(middles) - 1)
        first = min(int(place), len(middles) - 2)
        slope = (float(curves[plane, first + 1]) - curves[plane, first]) * tall
        away = abs(height - levels[plane]) * tall / np.hypot(1, slope * len(middles) / total)
        line = np.clip(REACH - away, 0, 1)
        found = over(found, colours[plane], LINE * strengths[plane] * line)
    return found


def row_texel(rows, colours, strengths, groups, base, x, middle):
    """The row of a group; a texel's line between rows of four texels and more."""
    from_top = (base - middle) / base * groups
    group = min(int(from_top), groups - 1)
    thick = base / groups
    found = np.zeros(4)
    if thick >= 4 and (from_top - group) * thick > thick - 1:
        return found
    for plane in range(group, len(rows), groups):
        if rows[plane, x] > 0:
            found = over(found, colours[plane], rows[plane, x] * strengths[plane])
    return found
