"""The point found is the nearest one by brute force."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.embedding import nearest as module
from engine.embedding.nearest import nearest
from tests.engine.embedding.clouds import cloud


def brute_force(x, y, at, radius, allowed=None):
    """The first of the nearest points, by distances in float64."""
    a, b = (x.astype(float) - at[0]) / radius[0], (y.astype(float) - at[1]) / radius[1]
    distance = a * a + b * b
    distance[(x == 65535) | (y == 65535) | (distance > 1)] = np.inf
    if allowed is not None:
        distance[np.asarray(allowed) == 0] = np.inf
    place = int(np.argmin(distance))
    return place if np.isfinite(distance[place]) else -1


@settings(max_examples=80, deadline=None)
@given(
    at=st.tuples(st.floats(-5000, 70_000), st.floats(-5000, 70_000)),
    radius=st.tuples(st.floats(0.5, 30_000), st.floats(0.5, 30_000)),
    seed=st.integers(0, 20),
    some=st.booleans(),
)
def test_nearest_is_that_of_brute_force(at, radius, seed, some):
    x, y, groups = cloud(2000, 2, np.uint16, seed)
    allowed = groups < 1 if some else None
    assert nearest(x, y, at, radius, allowed) == brute_force(x, y, at, radius, allowed)


def test_found_across_threads():
    random = np.random.default_rng(1)
    x, y = random.integers(0, 65280, (2, 1_200_000)).astype(np.uint16)
    for at in ((100, 100), (40_000, 65_000), (65_279, 0)):
        wanted = brute_force(x, y, at, (300, 500))
        assert nearest(x, y, at, (300, 500)) == wanted >= 0


def test_of_equally_near_ones_the_first(monkeypatch):
    monkeypatch.setattr(module, "spread", lambda work, count, least: [work(0, 2), work(2, 4)])
    x, y = np.array([[9, 11, 9, 11], [5, 5, 5, 5]], np.uint16)
    assert nearest(x, y, (10, 5), (2, 2)) == 0
    assert nearest(x, y, (10, 5), (1, 1), [0, 0, 0, 1]) == 3


def test_nothing_is_near():
    x = np.array([10, 65535], np.uint16)
    assert nearest(x, x, (20, 10), (5, 5)) == -1
    assert nearest(x, x, (65535, 65535), (9, 9)) == -1
    assert nearest(x[:0], x[:0], (1, 1), (5, 5)) == -1
    assert nearest(x, x, (np.nan, 10), (5, 5)) == -1
    assert nearest(x, x, (10, 10), (0, 5)) == -1
