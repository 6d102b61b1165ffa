"""Back to front, against rays: what a ray meets first must be drawn last."""

import numpy as np
import pytest

from tests.reference.raycast import box_range
from viewer.gl.camera import Camera, fit, ray_in_world
from viewer.views.stack.build import LayerFacts, build
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


@pytest.mark.parametrize("seed", range(8))
def test_every_ray_through_a_laid_out_stack_meets_what_is_drawn_last_first(seed):
    """Branches side by side, sheets and volumes of any shape, as `build` stands them."""
    random = np.random.default_rng(seed)
    layers, arrays = [], {}
    for number in range(int(random.integers(3, 25))):
        shapes = [
            tuple(int(size) for size in random.integers(1, (200, 30, 30))),
            (int(random.integers(1, 3000)),),
            (int(random.integers(1, 60)), 50),
        ]
        arrays[str(number)] = np.zeros(shapes[random.integers(3)], np.float32)
        center = (float(random.integers(0, 8)),) * 2
        depth = int(random.integers(0, 8))
        shape = arrays[str(number)].shape
        layers.append(LayerFacts(str(number), shape, depth, stride=(4.0, 4.0), center=center))
    contents = build(layers, arrays, (32, 48), spacing=float(random.uniform(0, 3)))
    low, high = contents.boxes
    for azimuth, elevation in random.uniform((-180, -80), (180, 80), (4, 2)):
        camera = fit(Camera(azimuth, elevation), contents.low, contents.high, 1.3)
        rank = np.argsort(back_to_front(low, high, camera.eye_or_direction))
        for x, y in random.uniform((0, 0), (130, 100), (40, 2)):
            origin, direction = ray_in_world(camera, x, y, 130, 100)
            to_low, to_high = (low - origin) / direction, (high - origin) / direction
            enter = np.minimum(to_low, to_high).max(1)
            met = np.flatnonzero(np.maximum(to_low, to_high).min(1) > enter)
            assert (np.diff(rank[met[np.argsort(enter[met])]]) < 0).all()
