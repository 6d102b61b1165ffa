"""Back to front, against rays: what a ray meets first must be drawn last."""

import numpy as np
import pytest

from tests.reference.raycast import box_range
from viewer.visuals.drawing_order import back_to_front
from viewer.visuals.frame import ALL_EDGES, edge_mask


def stack(rng):
    """Levels along the stack, each with one to three boxes side by side, as `build` makes them."""
    low, high, front = [], [], 0.0
    for _ in range(rng.integers(1, 8)):
        thickness, left = rng.uniform(1, 20), -rng.uniform(5, 60)
        for _ in range(rng.integers(1, 4)):
            width, height = rng.uniform(5, 40, 2)
            depth = thickness * rng.uniform(0.3, 1)
            low.append((left, -height / 2, front - depth))
            high.append((left + width, height / 2, front))
            left += width + rng.uniform(0, 10)
        front -= thickness + rng.uniform(0, 10)
    return np.array(low), np.array(high)


@pytest.mark.parametrize("seed", range(60))
def test_no_box_is_drawn_over_one_that_hides_it(seed):
    rng = np.random.default_rng(seed)
    low, high = stack(rng)
    middle, size = (low.min(0) + high.max(0)) / 2, np.ptp([low.min(0), high.max(0)], axis=0)
    if seed % 2:
        eye = np.append(middle + rng.normal(size=3) * size * rng.uniform(0.1, 3), 1.0)
        origins = np.repeat(eye[None, :3], 400, 0)
        directions = middle + rng.normal(size=(400, 3)) * size - origins
    else:
        directions = np.repeat(rng.normal(size=(1, 3)), 400, 0)
        eye = np.append(directions[0], 0.0)
        origins = middle + rng.normal(size=(400, 3)) * size - directions * 1e4
    order = back_to_front(low, high, eye)
    assert sorted(order) == list(range(len(low)))
    place = np.argsort(order)
    enter, leave = box_range(origins[:, None], directions[:, None], low, high)
    hit = (leave > np.maximum(enter, 0)) & (leave > 0)
    for ray in range(len(origins)):
        met = np.flatnonzero(hit[ray])
        nearest_last = sorted(met, key=lambda box: -enter[ray, box])
        assert sorted(met, key=lambda box: place[box]) == nearest_last


def test_nothing_to_order():
    assert back_to_front([], [], [0, 0, 0, 1]) == []


def test_edges_in_front_are_those_of_faces_towards_the_eye():
    low, high = np.zeros(3), np.ones(3)
    assert edge_mask(low, high, [0.5, 0.5, 5, 1]).bit_count() == 4
    assert edge_mask(low, high, [5, 0.5, 5, 1]).bit_count() == 7
    assert edge_mask(low, high, [5, 5, 5, 1]).bit_count() == 9
    assert edge_mask(low, high, [0.5, 0.5, 0.5, 1]) == 0
    assert edge_mask(low, high, [0, 0, -1, 0]) == edge_mask(low, high, [0.5, 0.5, 5, 1])
    one = edge_mask(low, high, [3, 2, 5, 1])
    other = edge_mask(low, high, [-3, -2, -5, 1])
    assert one | other == ALL_EDGES
