"""Points inside a polygon on a projection, one by one, in exact fractions."""

from fractions import Fraction


def appears_inside(values, matrix, polygon):
    """Whether one point's values appear inside of a polygon (even-odd rule)."""
    place = [Fraction(float(v)) for v in values]
    u, v, w = (
        sum(
            (Fraction(float(row[n])) * place[n] for n in range(len(place))), Fraction(float(row[3]))
        )
        for row in matrix
    )
    if w <= 0:
        return False
    return is_inside(u / w, v / w, polygon)


def is_inside(x, y, polygon):
    """Even-odd rule: how many edges a ray to the right crosses."""
    corners = [(Fraction(float(a)), Fraction(float(b))) for a, b in polygon]
    crossed = 0
    for (x0, y0), (x1, y1) in zip(corners, corners[1:] + corners[:1], strict=True):
        if (y0 > y) != (y1 > y):
            crossed += x < (x1 - x0) * (y - y0) / (y1 - y0) + x0
    return crossed % 2 == 1
