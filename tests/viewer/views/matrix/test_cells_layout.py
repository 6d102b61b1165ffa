"""Where cells stand: camera to pixels and back, spans, tiles in sight, ranges, how fine."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.viewer.views.made_points import columns_of
from viewer.state.matrix import MatrixCamera
from viewer.views.matrix import layout
from viewer.views.matrix.layout import PAD, Detail, Scene, detail_for, sight_of, tile_spans

cameras = st.builds(
    MatrixCamera,
    st.floats(-3, 60),
    st.floats(-3, 60),
    st.one_of(st.none(), st.floats(0.01, 200)),
)
shapes = st.tuples(st.integers(1, 60), st.integers(1, 60))
boxes = st.tuples(st.integers(0, 50), st.integers(0, 50), st.integers(1, 1000), st.integers(1, 800))


def test_the_whole_matrix_is_in_the_middle():
    sight = sight_of((10, 20, 400, 200), MatrixCamera(span=None), (10, 10))
    assert sight.size == 20
    assert sight.cell_box(0, 0) == pytest.approx((10 + 100, 20, 20, 20))
    assert sight.row_span == (0, 10) and sight.column_span == (0, 10)


def test_a_camera_has_so_many_cells_across_the_shorter_side():
    sight = sight_of((0, 0, 400, 200), MatrixCamera(5.5, 3.5, 2.0), (10, 10))
    assert sight.size == 100
    left, top, *_ = sight.cell_box(3, 5)
    assert (left + 50, top + 50) == pytest.approx((200, 100))
    assert sight.column_span == (3, 8) and sight.row_span == (2, 5)


@given(boxes, cameras, shapes, st.floats(0, 1), st.floats(0, 1))
def test_pixels_and_places_go_back_and_forth(box, camera, shape, across, up):
    sight = sight_of(box, camera, shape)
    row, column = shape[0] - 1, shape[1] // 2
    x, y = sight.pixel_of(row, column, across, up)
    found = sight.place_at(x, y)
    scale = max(1.0, abs(x), abs(y)) / sight.size
    assert found[:2] == (row, column)
    assert found[2:] == pytest.approx((across, up), abs=1e-9 * max(1.0, scale))


@given(boxes, cameras, shapes)
def test_spans_hold_exactly_the_cells_in_sight(box, camera, shape):
    sight = sight_of(box, camera, shape)
    left, top, width, height = box
    for span, count, start, long, axis in (
        (sight.row_span, shape[0], top, height, 1),
        (sight.column_span, shape[1], left, width, 0),
    ):
        for index in range(count):
            low = sight.cell_box(index, index)[axis]
            inside = low < start + long - 1e-6 and low + sight.size > start + 1e-6
            if inside:
                assert span[0] <= index < span[1]
            elif low > start + long + 1e-6 or low + sight.size < start - 1e-6:
                assert not span[0] <= index < span[1]


@given(boxes, cameras, shapes, st.sampled_from([1, 2, 8]))
def test_tiles_in_sight_cover_what_is_in_sight(box, camera, shape, tiles):
    sight = sight_of(box, camera, shape)
    down, across = tile_spans(sight, tiles)
    for x, y in ((0.5, 0.5), (box[2] - 0.5, box[3] - 0.5), (box[2] / 2, box[3] / 3)):
        found = sight.place_at(box[0] + x, box[1] + y)
        if found is None or not (0 < found[2] < 1 and 0 < found[3] < 1):
            continue
        row, column, u, v = found
        assert down[0] <= row * tiles + int((1 - v) * tiles) < down[1]
        assert across[0] <= column * tiles + int(u * tiles) < across[1]


def test_beside_the_matrix_there_is_no_cell():
    sight = sight_of((0, 0, 400, 200), MatrixCamera(span=None), (10, 10))
    assert sight.place_at(50, 100) is None and sight.place_at(350, 100) is None
    assert sight.place_at(200, 100) is not None


def test_bins_are_the_power_of_two_nearest_the_pixels():
    inner = 1 - 2 * PAD
    assert detail_for(3.9) is None
    assert detail_for(5.0) == Detail(4)
    assert detail_for(8 / inner) == Detail(8)
    assert detail_for(11.2 / inner) == Detail(8) and detail_for(11.4 / inner) == Detail(16)
    assert detail_for(256 / inner) == Detail(256) and detail_for(360 / inner) == Detail(256)
    assert detail_for(512 / inner) == Detail(256, 1)
    assert detail_for(1e9) == Detail(256, layout.ZOOM_MOST)


def test_ranges_are_those_of_a_person_or_whole():
    columns = columns_of([[0.0, 1.0], [2.0, 3.0]])
    other = columns_of([[0.0, 1.0]])
    order, groups = np.arange(2, dtype=np.int32), np.zeros(2, np.uint8)
    colours = np.ones((1, 3), np.float32)
    scene = Scene(columns, columns, order, order, groups, colours, ranges={1: (10.2, 99.5)})
    assert scene.row_range(1) == scene.column_range(1) == (10, 100)
    assert scene.row_range(0) == (0, 65536)
    assert scene.is_diagonal(1, 1) and not scene.is_diagonal(0, 1)
    empty = Scene(columns, columns, order, order, groups, colours, ranges={0: (7, 7)})
    assert empty.row_range(0) == (7, 8)
    wide = Scene(columns, columns, order, order, groups, colours, ranges={0: (-1e12, 1e30)})
    assert wide.row_range(0) == (-layout.FARTHEST, layout.FARTHEST)
    beside = Scene(columns, columns, order, order, groups, colours, ranges={0: (1e30, 1e31)})
    assert beside.row_range(0) == (layout.FARTHEST - 1, layout.FARTHEST)
    two = Scene(
        columns, other, order, order[:1], groups, colours, ranges={0: (1, 5)}, column_ranges={}
    )
    assert two.column_range(0) == (0, 65536) and two.row_range(0) == (1, 5)
    assert not two.is_diagonal(0, 0) and two.shape == (2, 1)
