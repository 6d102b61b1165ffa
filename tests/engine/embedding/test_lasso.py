"""The lasso's points are those of a point-in-polygon test with rational numbers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.embedding.lasso import inside
from tests.reference.lasso import inside as reference

STAR = [(30000, 60000), (40000, 10000), (2000, 42000), (60000, 40000), (15000, 8000)]
POLYGONS = {
    "triangle": [(100, 100), (60000, 3000), (9000, 50000)],
    "square on codes": [(640, 640), (640, 1280), (1280, 1280), (1280, 640)],
    "clockwise": [(640, 640), (1280, 640), (1280, 1280), (640, 1280)],
    "crossing itself": STAR,
    "eight": [(0, 0), (65000, 65000), (65000, 0), (0, 65000)],
    "twice around": [(0, 0), (60000, 0), (60000, 60000), (0, 60000)] * 2,
    "spike": [(100, 100), (50000, 100), (50000, 101), (100, 101)],
    "thin": [(0.25, 0.5), (65000.5, 40000.25), (65000.5, 40000.75)],
    "line": [(5, 5), (40000, 40000), (5, 5)],
    "flat": [(5, 700), (40000, 700), (900, 700)],
    "point": [(700, 700)] * 4,
    "two corners": [(5, 5), (60000, 60000)],
    "one corner": [(5, 5)],
    "empty": [],
    "repeated corners": [(9, 9), (9, 9), (30000, 9), (30000, 9), (30000, 30000), (9, 9)],
    "all around": [(-1e5, -1e5), (2e5, -1e5), (2e5, 2e5), (-1e5, 2e5)],
    "far away": [(1e5, 1e5), (2e5, 1e5), (2e5, 2e5)],
    "huge": [(-1e300, -1e300), (1e300, -1e300), (1e300, 1e300), (-1e300, 1e300)],
    "half outside": [(-30000, 20000), (30000, -30000), (90000, 30000), (20000, 90000)],
    "within a square": [(130.5, 130.5), (150.25, 133), (140, 170.75)],
}


def some_points(polygon, count=600, seed=0):
    """Points all over, around the corners and along the edges."""
    random = np.random.default_rng(seed)
    places = [random.integers(0, 65280, (count, 2)), [[0, 0], [65279, 65279], [65535, 9]]]
    if len(polygon):
        corners = np.clip(np.array(polygon, float), -1e6, 1e6)
        between = random.random((count, 1))
        chosen = random.integers(0, len(corners), count)
        along = corners[chosen] * between + np.roll(corners, -1, axis=0)[chosen] * (1 - between)
        places += [along + random.integers(-2, 3, (count, 2)), corners, corners + 1, corners - 1]
    places = np.clip(np.rint(np.concatenate(places)), 0, 65279).astype(np.uint16)
    places[7::50] = 65535
    return np.ascontiguousarray(places.T)


def check(polygon, x, y):
    found = inside(polygon, x, y)
    assert found.dtype == np.uint8
    wanted = np.array(reference(polygon, x, y))
    wanted[(x == 65535) | (y == 65535)] = 0
    np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("name", POLYGONS)
def test_polygons(name):
    check(POLYGONS[name], *some_points(POLYGONS[name]))


corner = st.tuples(st.integers(-200, 66000), st.integers(-200, 66000))
fraction = st.tuples(st.floats(-2e5, 2e5, width=32), st.floats(-2e5, 2e5, width=32))


@settings(max_examples=60, deadline=None)
@given(polygon=st.lists(corner, max_size=12) | st.lists(fraction, max_size=12))
def test_any_polygon(polygon):
    check(polygon, *some_points(polygon, 60))


@settings(max_examples=30, deadline=None)
@given(polygon=st.lists(st.tuples(*[st.integers(60, 200)] * 2), min_size=3, max_size=9))
def test_every_code_of_a_small_polygon(polygon):
    y, x = (each.ravel().astype(np.uint16) for each in np.mgrid[50:210, 50:210])
    some = np.random.default_rng(0).choice(x.size, 800, replace=False)
    check(polygon, x[some], y[some])


def test_many_points_are_shared_among_threads():
    x, y = np.random.default_rng(2).integers(0, 65536, (2, 500_000)).astype(np.uint16)
    whole = inside(STAR, x, y)
    parts = [inside(STAR, x[i : i + 50_000], y[i : i + 50_000]) for i in range(0, 500_000, 50_000)]
    np.testing.assert_array_equal(whole, np.concatenate(parts))
    assert 0.1 < whole.mean() < 0.9


@pytest.mark.parametrize("name", POLYGONS)
def test_coarse_codes_decide_by_the_middle(name):
    y, x = (each.ravel().astype(np.uint8) for each in np.mgrid[0:256:5, 0:256:3])
    found = inside(POLYGONS[name], x, y)
    # middles in half codes, so that the reference has whole numbers
    doubled = [(2 * a, 2 * b) for a, b in POLYGONS[name]]
    wanted = np.array(reference(doubled, 512 * x.astype(int) + 255, 512 * y.astype(int) + 255))
    wanted[(x == 255) | (y == 255)] = 0
    np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("wrong", [[(0, 0), (np.nan, 1), (2, 2)], [(0, np.inf)] * 3, [1, 2, 3]])
def test_what_is_no_polygon_is_refused(wrong):
    codes = np.zeros(3, np.uint16)
    with pytest.raises(ValueError):
        inside(wrong, codes, codes)


def test_codes_of_two_types_are_refused():
    with pytest.raises(ValueError):
        inside(STAR, np.zeros(3, np.uint16), np.zeros(3, np.uint8))
