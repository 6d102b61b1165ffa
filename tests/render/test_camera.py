"""The turntable's moves and matrices, on the CPU."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewer.gl import camera as cameras
from viewer.gl.camera import Camera

cameras_drawn = st.builds(
    Camera,
    azimuth=st.floats(-180, 180),
    elevation=st.floats(-89, 89),
    distance=st.floats(1, 1e4),
    center=st.tuples(*[st.floats(-100, 100)] * 3),
    fov=st.sampled_from([0.0, 15.0, 30.0, 75.0]),
)


def test_straight_on_columns_run_right_rows_run_down_and_depth_runs_away():
    camera = Camera(azimuth=0, elevation=0, distance=100)
    points = np.array([[0, 0, 0], [10, 0, 0], [0, 10, 0]], float)
    pixels, before = cameras.pixel_from_world(camera, points, 200, 100)
    assert before.all()
    assert np.allclose(pixels[0], (100, 50))
    assert pixels[1, 0] > 100 and np.isclose(pixels[1, 1], 50)
    assert pixels[2, 1] < 50 and np.isclose(pixels[2, 0], 100)
    deep, _ = cameras.pixel_from_world(Camera(azimuth=40, elevation=0), [[0, 0, -50.0]], 200, 100)
    assert deep[0, 0] > 100


@given(cameras_drawn)
def test_view_is_a_rigid_motion_that_puts_the_eye_at_the_origin(camera):
    matrix = cameras.view_from_world(camera)
    turn = matrix[:3, :3]
    assert np.allclose(turn @ turn.T, np.eye(3), atol=1e-9)
    assert np.isclose(np.linalg.det(turn), 1)
    assert np.allclose(matrix @ [*camera.eye_in_world, 1], [0, 0, 0, 1], atol=1e-6)
    middle = matrix @ [*camera.center, 1]
    assert np.allclose(middle[:2], 0, atol=1e-6) and np.isclose(middle[2], -camera.distance)


@given(cameras_drawn, st.floats(0, 640), st.floats(0, 480))
def test_a_ray_passes_through_its_pixel(camera, x, y):
    origin, direction = cameras.ray_in_world(camera, x, y, 640, 480)
    point = origin + direction * camera.distance * 0.8
    pixel, before = cameras.pixel_from_world(camera, point, 640, 480)
    assert before and np.allclose(pixel, (x, y), atol=1e-4)


@given(cameras_drawn, st.floats(-300, 300), st.floats(-300, 300))
def test_panning_moves_the_center_with_the_pointer(camera, dx, dy):
    moved = cameras.pan(camera, dx, dy, 480)
    pixel, _ = cameras.pixel_from_world(moved, camera.center, 640, 480)
    assert np.allclose(pixel, (320 + dx, 240 + dy), atol=1e-3)


@given(cameras_drawn, st.floats(0, 640), st.floats(0, 480), st.floats(0.2, 5))
def test_zooming_keeps_what_is_under_the_pointer(camera, x, y, factor):
    origin, direction = cameras.ray_in_world(camera, x, y, 640, 480)
    along = camera.distance / (direction @ -camera.back_in_world) if camera.fov else camera.distance
    point = origin + direction * along
    near = cameras.zoom(camera, factor, (x, y), (640, 480))
    pixel, _ = cameras.pixel_from_world(near, point, 640, 480)
    assert np.allclose(pixel, (x, y), atol=1e-3)
    assert np.isclose(near.distance, camera.distance / factor)


@given(cameras_drawn, st.floats(-2000, 2000), st.floats(-2000, 2000))
def test_orbiting_stays_in_bounds(camera, dx, dy):
    moved = cameras.orbit(camera, dx, dy)
    assert -180 <= moved.azimuth <= 180 and -90 < moved.elevation < 90
    assert (moved.distance, moved.center) == (camera.distance, camera.center)


@given(cameras_drawn, st.floats(0.4, 3))
def test_fitting_fills_the_view_and_no_more(camera, aspect):
    low, high = np.array([[-30, -20, -300], [40, -5, -20]]), np.array([[30, 20, 0], [60, 5, 0]])
    margin = (0.1, 0.05, 0.02, 0.2)
    fitted = cameras.fit(camera, low, high, aspect, margin)
    corners = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)])
    corners = (low[:, None] + corners * (high - low)[:, None]).reshape(-1, 3)
    pixels, before = cameras.pixel_from_world(fitted, corners, 1000 * aspect, 1000)
    assert before.all()
    free = pixels / (1000 * aspect, 1000)
    assert (free.min(0) >= (0.1 - 1e-6, 0.05 - 1e-6)).all()
    assert (free.max(0) <= (1 - 0.02 + 1e-6, 1 - 0.2 + 1e-6)).all()
    spare = np.array([0.88, 0.75]) - (free.max(0) - free.min(0))
    assert spare.min() < 1e-6
    assert (fitted.azimuth, fitted.elevation) == (camera.azimuth, camera.elevation)


@given(cameras_drawn, cameras_drawn)
def test_interpolation_meets_its_ends(start, end):
    for fraction, wanted in ((0.0, start), (1.0, end)):
        got = cameras.interpolate(start, end, fraction)
        assert np.isclose(np.exp(1j * np.radians(got.azimuth - wanted.azimuth)), 1)
        assert np.isclose(got.elevation, wanted.elevation)
        assert np.isclose(got.distance, wanted.distance)
        assert np.allclose(got.center, wanted.center)


def test_interpolation_goes_the_short_way_round():
    middle = cameras.interpolate(Camera(azimuth=170), Camera(azimuth=-170), 0.5)
    assert np.isclose(abs(middle.azimuth), 180)


def test_orthographic_and_perspective_agree_at_the_center():
    point = Camera(azimuth=20, elevation=10, distance=50)
    offset = np.asarray(point.center) + point.right_in_world * 3 + point.up_in_world * 2
    flat, _ = cameras.pixel_from_world(Camera(20, 10, 50, fov=0.0), offset, 300, 200)
    deep, _ = cameras.pixel_from_world(point, offset, 300, 200)
    assert np.allclose(flat, deep)


def test_points_behind_the_eye_are_told():
    camera = Camera(azimuth=0, elevation=0, distance=10)
    _, before = cameras.pixel_from_world(camera, [[0, 0, 20.0], [0, 0, 0]], 10, 10)
    assert before.tolist() == [False, True]


@pytest.mark.parametrize("fov", [0.0, 40.0])
def test_seen_height(fov):
    camera = Camera(azimuth=0, elevation=0, distance=80, fov=fov)
    ends, _ = cameras.pixel_from_world(camera, [[0, 0, -20.0], [0, 7, -20.0]], 300, 200)
    assert np.isclose(
        cameras.seen_height_px(camera, 7, 200, (0, 0, -20.0)), ends[0, 1] - ends[1, 1]
    )


def test_smooth_is_flat_at_both_ends():
    values = [cameras.smooth(part) for part in (-1, 0, 0.01, 0.5, 0.99, 1, 2)]
    assert values == sorted(values) and values[0] == 0 and values[-1] == 1
    assert values[2] < 0.001 and np.isclose(values[3], 0.5)
