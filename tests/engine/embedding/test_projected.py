"""Points inside a polygon on a projection, against exact fractions point by point."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as some

from engine.embedding.projected import inside_polygon, inside_projection
from tests.pretend_points import points_of
from tests.reference.projected import appears_inside, is_inside

COORDINATES = some.floats(-2, 2).map(lambda value: round(value, 3))


@given(
    corners=some.lists(some.tuples(COORDINATES, COORDINATES), min_size=1, max_size=9),
    places=some.lists(some.tuples(COORDINATES, COORDINATES), min_size=1, max_size=20),
)
def test_self_crossing_and_degenerate_polygons_by_the_even_odd_rule(corners, places):
    # Half a thousandth beside the corners: no place lies on a border, where rounding decides.
    x, y = np.array(places).T + 0.00037
    found = inside_polygon(np.array(corners), x, y)
    for at, inside in enumerate(found):
        expected = len(corners) > 2 and is_inside(x[at], y[at], corners)
        assert inside == expected


def test_nan_is_nowhere():
    square = np.array([[-9.0, -9], [9, -9], [9, 9], [-9, 9]])
    assert inside_polygon(square, np.array([np.nan, 0.0]), np.zeros(2)).tolist() == [False, True]


def test_points_of_a_cloud_that_appear_inside():
    rng = np.random.default_rng(5)
    values = rng.normal(size=(40, 4, 3))
    values[3, 1, 0], values[7, 2] = np.nan, np.inf
    points = points_of(values)
    matrix = rng.normal(size=(3, 4))
    matrix[2] = (0.3, -0.2, 0.4, 0.9)  # some points lie behind the eye
    angle = np.linspace(0, 4 * np.pi, 6)[:-1]  # a star
    polygon = np.stack([3 * np.cos(angle), 3 * np.sin(angle)], 1)
    columns, channels = points.columns, (0, 1, 2)
    found = inside_projection(columns, channels, matrix, polygon)
    assert 0 < found.sum() < points.count
    for point in range(points.count):
        place = [columns.values(c, columns.fine[c, point]) for c in channels]
        expected = np.isfinite(place).all() and appears_inside(place, matrix, polygon)
        assert found[point] == expected


def test_fewer_channels_than_three():
    points = points_of(np.arange(10.0).reshape(10, 1, 1))
    matrix = [[1, 0, 0, 0], [0, 0, 0, 0.25], [0, 0, 0, 1]]
    found = inside_projection(
        points.columns, (0,), matrix, [[2.5, 0], [6.5, 0], [6.5, 1], [2.5, 1]]
    )
    assert sorted(points.sample[found].tolist()) == [3, 4, 5, 6]
