"""Point in polygon with rational numbers, from the definition of the even-odd rule."""

from fractions import Fraction


def inside(polygon, x, y):
    """0 or 1 for every point; left and lower borders belong to the polygon, the others do not."""
    corners = [(Fraction(float(a)), Fraction(float(b))) for a, b in polygon]
    edges = list(zip(corners, corners[1:] + corners[:1], strict=True))
    return [_inside(edges, int(a), int(b)) for a, b in zip(x, y, strict=True)]


def _inside(edges, px, py):
    crossed = 0
    for (x0, y0), (x1, y1) in edges:
        if (y0 > py) != (y1 > py):
            crossed += px < (x1 - x0) * (py - y0) / (y1 - y0) + x0
    return crossed % 2
