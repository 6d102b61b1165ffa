"""The cells of the matrix: pixels against counts, mirrored cells, seams, discs, what is freed."""

from dataclasses import replace

import numpy as np
import pytest

from engine.embedding.columns import Columns
from tests.reference import density
from tests.viewer.views.made_points import columns_of
from viewer.gl.api import GL
from viewer.gl.context import EglContext
from viewer.gl.objects import Framebuffer
from viewer.gl.theme import DARK, LIGHT, rgb
from viewer.state.matrix import MatrixCamera
from viewer.views.matrix import counting, dots
from viewer.views.matrix.cells import Cells, Scene
from viewer.views.matrix.dots import jitter_of
from viewer.views.matrix.layout import PAD

from .test_shader_functions import evaluate  # noqa: F401  (a fixture)

pytestmark = pytest.mark.gl
RED, BLUE, GREEN = (1.0, 0.0, 0.0), (0.0, 0.0, 1.0), (0.0, 1.0, 0.0)
# A cell of this many pixels has an inner part of exactly 256, 8 pixels from its edge at x = 6.75.
EXACT = 256 / (1 - 2 * PAD)


def codes_of(fine):
    """Columns whose codes are given."""
    fine = np.asarray(fine, np.uint16)
    ones = np.ones(len(fine))
    return Columns(
        "conv", "post", fine, (fine >> 8).astype(np.uint8), 0 * ones, ones,
        np.zeros(len(fine), np.int32), (fine == 65535).sum(1), (fine == 0).sum(1),
    )  # fmt: skip


def scene_of(columns, groups=None, colours=(RED, BLUE, GREEN), **more):
    order = np.arange(columns.channels, dtype=np.int32)
    groups = np.zeros(columns.count, np.uint8) if groups is None else np.asarray(groups, np.uint8)
    values = {"form": "density", **more}
    return Scene(columns, columns, order, order, groups, np.array(colours, np.float32), **values)


@pytest.fixture
def random_scene(rng):
    fine = rng.normal(30000, 9000, (6, 4000)).clip(0, 65279)
    fine[1] = np.maximum(fine[1], 30000) - 30000
    return scene_of(codes_of(fine), rng.integers(0, 3, 4000))


def test_sharp_place(evaluate, rng):  # noqa: F811
    for x, y, pixels in (*rng.uniform((0, 0, 0.4), (9, 9, 7), (60, 3)), (2.5, 3.0, 1.0)):
        got = evaluate("sharp.frag", rest=np.array([x, y, pixels, 0]))
        want = [density.sharp_place(place, pixels) for place in (x, y)]
        assert np.allclose(got[:2], want, atol=1e-5), (x, y, pixels)


def test_a_disc_pixel_by_pixel(wall):
    scene = scene_of(codes_of([[30000], [20000]]), form="points", opacity=1.0, size=5.0)
    pixels = wall.picture(scene, MatrixCamera(1.5, 0.5, 1.0))
    middle = wall.cells.place_of(0, 1, 20000.5, 30000.5)
    background = 255 * np.array(rgb(DARK.view))
    for y in range(int(middle[1]) - 8, int(middle[1]) + 9):
        for x in range(int(middle[0]) - 8, int(middle[0]) + 9):
            away = np.hypot(x + 0.5 - middle[0], y + 0.5 - middle[1])
            opacity = density.disc(away, 300 * dots.LARGEST_IN_CELL)
            want = opacity * np.array([255, 0, 0]) + (1 - opacity) * background
            assert np.abs(pixels[y, x] - want).max() <= 20  # places of points have 8 bits a pixel


class Wall:
    """Draws cells over and over until all is counted."""

    def __init__(self, context, width=400, height=300):
        self.context, self.size = context, (width, height)
        self.frame, self.cells = Framebuffer(context, width, height), Cells()

    def draw(self, camera, box=None, ratio=1.0, theme=DARK):
        self.frame.bind()
        GL.glClearBufferfv(GL.GL_COLOR, 0, np.array([1, 0, 1, 1], np.float32))
        self.cells.draw(self.context, box or (0, 0, *self.size), *self.size, ratio, camera, theme)
        return self.frame.read()[..., :3].astype(int)

    def picture(self, scene, camera, **more):
        self.cells.show(scene)
        self.draw(camera, **more)
        for _ in range(3):
            self.cells.ask(None, lambda: None)
            pixels = self.draw(camera, **more)
        assert not self.cells.pending and self.cells.words.endswith("exact")
        return pixels

    def close(self):
        self.cells.release()
        self.frame.release()


@pytest.fixture
def wall(context):
    made = Wall(context)
    yield made
    made.close()


def exact_camera(row, column, size, view=(400, 300)):
    """A camera that has a cell's inner part at pixel (20, 20), on whole pixels."""
    x = column + PAD - 20 / size + view[0] / 2 / size
    y = row + PAD - 20 / size + view[1] / 2 / size
    return MatrixCamera(x, y, min(view) / size)


def over(colours, theme=DARK):
    """Premultiplied colours of 0 to 255 over the view's background."""
    return colours[..., :3] + (1 - colours[..., 3:] / 255) * 255 * np.array(rgb(theme.view))


def slow_cell(scene, x, y, bins, ends_x=(0, 65536), ends_y=(0, 65536)):
    columns = scene.columns.fine
    across, up = ((low, high - low, bins, 0) for low, high in (ends_x, ends_y))
    counts = density.counts(columns[x], columns[y], scene.groups, 3, across, up, bins)
    return density.tile(counts, None, scene.colours)[::-1]  # upwards in the picture


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_a_cell_is_its_histogram_texel_by_texel(wall, random_scene, monkeypatch, theme):
    monkeypatch.setattr(counting, "spread_of", lambda detail, points: 0)
    pixels = wall.picture(random_scene, exact_camera(2, 4, EXACT), theme=theme)
    want = over(slow_cell(random_scene, 4, 2, 256), theme)
    assert np.abs(pixels[20:276, 20:276] - want).max() <= 1.6


def test_mirrored_cells_are_transposed_counts(wall, random_scene):
    above = wall.picture(random_scene, exact_camera(1, 3, EXACT))[20:276, 20:276]
    below = wall.picture(random_scene, exact_camera(3, 1, EXACT))[20:276, 20:276]
    assert (above[::-1].swapaxes(0, 1) == below[::-1]).all()
    assert above.std() > 10


def test_bins_are_squares_of_pixels_where_points_are_few(wall, random_scene):
    pixels = wall.picture(random_scene, exact_camera(2, 4, EXACT))[20:276, 20:276]
    spread = counting.spread_of(wall.cells._detail, random_scene.count)
    assert spread == 1
    want = over(slow_cell(random_scene, 4, 2, 128)).repeat(2, 0).repeat(2, 1)
    assert np.abs(pixels - want).max() <= 1.6


def test_ranges_by_hand_are_exact(wall, random_scene, monkeypatch):
    monkeypatch.setattr(counting, "spread_of", lambda detail, points: 0)
    scene = replace(random_scene, ranges={4: (20000, 40001), 2: (1, 30000)})
    pixels = wall.picture(scene, exact_camera(2, 4, EXACT))
    want = over(slow_cell(scene, 4, 2, 256, (20000, 40001), (1, 30000)))
    assert np.abs(pixels[20:276, 20:276] - want).max() <= 1.6
    pixels = wall.picture(scene, exact_camera(2, 3, EXACT))  # the row's range, the column's whole
    want = over(slow_cell(scene, 3, 2, 256, (0, 65536), (1, 30000)))
    assert np.abs(pixels[20:276, 20:276] - want).max() <= 1.6


@pytest.mark.parametrize("ends", [(-9000, 90000), (-(1 << 24), 1 << 24), (70000, 70001), (5, 7)])
def test_ranges_may_reach_beyond_the_data(wall, random_scene, monkeypatch, ends):
    monkeypatch.setattr(counting, "spread_of", lambda detail, points: 0)
    scene = replace(random_scene, ranges={4: ends})
    pixels = wall.picture(scene, exact_camera(2, 4, EXACT))
    want = over(slow_cell(scene, 4, 2, 256, ends))
    assert np.abs(pixels[20:276, 20:276] - want).max() <= 1.6
    wall.picture(scene, exact_camera(4, 4, EXACT))
    wall.picture(replace(scene, form="points"), exact_camera(2, 4, EXACT))
    assert wall.cells.point_under(60.0, 60.0, 4.0) >= -1


def test_inside_a_cell_16_bits_are_counted(wall, random_scene, monkeypatch):
    monkeypatch.setattr(counting, "spread_of", lambda detail, points: 0)
    size = 4 * EXACT
    pixels = wall.picture(random_scene, exact_camera(2, 4, size))
    assert wall.cells._detail.zoom == 2
    fine = random_scene.columns.fine
    axes = ((0, 65536, 1024, 0), (0, 65536, 1024, 768))
    got = pixels[20:276, 20:276]  # the upper left tile of the cell
    counts = density.counts(fine[4], fine[2], random_scene.groups, 3, *axes, 256)
    want = over(density.tile(counts, None, random_scene.colours)[::-1])
    assert np.abs(got - want).max() <= 1.6


@pytest.mark.parametrize("span", [0.05, 0.4, 1.3, 3.0, 20.0])
def test_no_seams_between_tiles_and_cells(wall, span, monkeypatch):
    """Points everywhere alike: inside of cells there is one colour."""
    monkeypatch.setattr(
        counting,
        "spread_of",
        lambda detail, _: (
            (detail.bins * detail.tiles // 256).bit_length() - 1
            if detail.bins * detail.tiles > 256
            else 0
        ),
    )
    step = np.arange(0, 65280, 128)
    fine = np.stack([np.tile(step, len(step)), np.repeat(step, len(step))])
    scene = scene_of(codes_of(fine))
    order = np.array([0, 0, 0, 0, 0], np.int32), np.array([1, 1, 1, 1, 1], np.int32)
    scene = replace(scene, row_order=order[0], column_order=order[1])
    for shift in (0.0, 0.31, 0.62):
        pixels = wall.picture(scene, MatrixCamera(2.5 + shift * span / 300, 2.5, span))
        sight, found = wall.cells.sight, []
        for row in range(*sight.row_span):
            for column in range(*sight.column_span):
                left, top, width, height = sight.inner_box(row, column)
                # codes end before the range does: 255 of 256 bins
                inside = slice(max(0, int(top + 2 + height / 128)), max(0, int(top + height - 2)))
                across = slice(max(0, int(left + 2)), max(0, int(left + width * 0.99 - 2)))
                found.append(pixels[inside, across].reshape(-1, 3))
        found = np.concatenate(found)
        assert len(found) > 500 and np.ptp(found, axis=0).max() <= 2


def test_panning_by_a_pixel_moves_the_picture_by_a_pixel(wall, random_scene):
    for span in (0.3, 1.5, 4.0):
        size = 300 / span
        first = wall.picture(random_scene, MatrixCamera(2.31, 2.22, span))
        second = wall.picture(random_scene, MatrixCamera(2.31 + 7 / size, 2.22 - 5 / size, span))
        off = np.abs(first[:-5, 7:] - second[5:, :-7]).max(-1)
        assert (off <= 2).mean() > 0.999


def test_pictures_are_the_same_again(context, random_scene):
    pictures = []
    for _ in range(2):
        wall = Wall(context)
        for camera in (MatrixCamera(), MatrixCamera(2, 2, 2.0)):
            pictures.append(wall.picture(random_scene, camera))
        wall.close()
    assert (pictures[0] == pictures[2]).all() and (pictures[1] == pictures[3]).all()


def test_small_cells_have_one_colour_from_their_bins(wall, rng):
    fine = rng.normal(30000, 9000, (80, 500)).clip(0, 65279)
    scene = scene_of(codes_of(fine), rng.integers(0, 3, 500))
    pixels = wall.picture(scene, MatrixCamera(40, 40, 76.0))  # 3.9 pixels a cell
    assert wall.cells._detail is None and wall.cells.words == "one colour a cell, exact"
    sight = wall.cells.sight
    for row, column in ((40, 41), (30, 44), (45, 39), (38, 38)):
        left, top, *_ = sight.cell_box(row, column)
        want = over(density.cell_colour(slow_cell(scene, column, row, 4)))
        got = pixels[int(top + 2), int(left + 2)]
        assert np.abs(got - want).max() <= 2


def test_cells_below_a_pixel_are_averaged(wall, rng):
    count = 700
    fine = np.zeros((count, 4))
    fine[::2] = rng.integers(0, 65279, (count // 2, 4))
    scene = scene_of(codes_of(fine), [0, 0, 1, 1])
    pixels = wall.picture(scene, MatrixCamera())
    inside = pixels[20:280, 70:330]
    assert wall.cells.sight.size < 0.5
    want = over(wall.cells._summary.texels.reshape(-1, 4).astype(float).mean(0))
    assert np.abs(inside.mean((0, 1)) - want).max() < 3
    assert inside.std(axis=(0, 1)).max() < 25  # checkers of single cells would be far from even


def test_not_the_whole_box_is_matrix(wall, random_scene):
    pixels = wall.picture(random_scene, MatrixCamera(), box=(30, 20, 200, 100))
    assert (pixels[:20] == (255, 0, 255)).all() and (pixels[:, 230:] == (255, 0, 255)).all()
    background = np.round(255 * np.array(rgb(DARK.view)))
    assert np.abs(pixels[60, 40] - background).max() <= 1  # left of the matrix
    assert pixels[20:120, 80:180].std() > 5


def test_points_are_drawn_later_over_earlier(wall):
    """One pixel: red over blue where the red point comes later."""
    for groups, colour in (((1, 0), RED), ((0, 1), BLUE)):
        scene = scene_of(codes_of([[30000, 30000], [20000, 20000]]), groups)
        scene = replace(scene, form="points", opacity=1.0, size=9.0)
        pixels = wall.picture(scene, MatrixCamera(1.5, 0.5, 1.0))
        x, y = np.array(wall.cells.place_of(0, 1, 20000.5, 30000.5)).astype(int)
        assert (pixels[y, x] == 255 * np.array(colour)).all()


def test_discs_are_where_the_codes_say_and_as_large(wall):
    scene = scene_of(codes_of([[30000], [20000]]), form="points", opacity=1.0, size=9.0)
    scene = replace(scene, form="points")
    pixels = wall.picture(scene, MatrixCamera(1.5, 0.5, 1.0))
    red = pixels[..., 0] > 128
    left, top, *_ = wall.cells.sight.cell_box(0, 1)
    rows, columns = np.nonzero(red)
    cell = columns > left
    middle = wall.cells.place_of(0, 1, 20000.5, 30000.5)
    assert abs(columns[cell].mean() + 0.5 - middle[0]) < 0.6
    assert abs(rows[cell].mean() + 0.5 - middle[1]) < 0.6
    diameter = min(9.0 * dots.LARGER_MOST, max(9.0, 300 * dots.LARGEST_IN_CELL))
    assert abs(np.sqrt(cell.sum() * 4 / np.pi) - diameter) < 1.0


def test_discs_stay_in_their_cell(wall):
    scene = scene_of(codes_of([[100, 65000], [100, 65000]]), form="points", size=30.0, opacity=1.0)
    pixels = wall.picture(scene, MatrixCamera(1.0, 1.0, 2.0))
    sight = wall.cells.sight
    left, top, *_ = sight.cell_box(1, 1)
    line = pixels[:, int(np.ceil(left - 0.5))]
    assert len(np.unique(line[10:-10], axis=0)) == 1  # the line between the cells is whole


def test_density_gives_way_to_discs_smoothly(wall, rng, monkeypatch):
    monkeypatch.setattr(dots, "BUDGET_SOFTWARE", 3000)
    monkeypatch.setattr(dots, "BUDGET_CARD", 3000)
    scene = scene_of(codes_of(rng.integers(0, 65280, (2, 4000))), form="auto")
    shares = []
    for span in np.geomspace(1.0, 0.2, 15):
        wall.picture(scene, MatrixCamera(1.5, 0.5, float(span)))
        shares.append(wall.cells._dots.share)
    assert shares[0] == 0 and shares[-1] == 1
    assert max(np.diff(shares)) < 0.35 and min(np.diff(shares)) >= 0


def test_few_points_in_sight_are_found_and_drawn_alone(wall, rng, monkeypatch):
    monkeypatch.setattr(dots, "BUDGET_SOFTWARE", 1000)
    monkeypatch.setattr(dots, "BUDGET_CARD", 1000)
    fine = rng.integers(0, 65280, (2, 40000))
    scene = scene_of(codes_of(fine), rng.integers(0, 3, 40000), form="auto", opacity=1.0)
    pixels = wall.picture(scene, MatrixCamera(1.5, 0.5, 0.02))
    drawn = wall.cells._dots
    assert drawn.share == 1.0 and wall.cells.words == "exact"
    (cell,) = drawn._cells
    x0, x1, y0, y1 = drawn._window(0, 1, 0.0)
    seen = (fine[1] >= x0) & (fine[1] < x1) & (fine[0] >= y0) & (fine[0] < y1)
    assert 0 < seen.sum() < 100 and np.isin(np.flatnonzero(seen), cell.points).all()
    for point in np.flatnonzero(seen):
        x, y = wall.cells.place_of(0, 1, fine[1, point] + 0.5, fine[0, point] + 0.5)
        if 0 <= x < 400 and 0 <= y < 300:
            assert pixels[int(y), int(x)].max() == 255
    uploads = drawn._discs.uploads
    wall.picture(
        replace(scene, selected=(fine[0] > 30000).astype(np.uint8)), MatrixCamera(1.5, 0.5, 0.02)
    )
    wall.picture(replace(scene, colours=scene.colours[::-1].copy()), MatrixCamera(1.5, 0.5, 0.02))
    assert drawn._discs.uploads == uploads  # positions were not uploaded again


@pytest.mark.parametrize("form", ["auto", "points"])
def test_discs_do_not_depend_on_the_way(context, rng, monkeypatch, form):
    """The same picture at once, and after zooming in and panning; few and many points in sight."""
    monkeypatch.setattr(dots, "BUDGET_SOFTWARE", 1500)
    monkeypatch.setattr(dots, "BUDGET_CARD", 1500)
    monkeypatch.setattr(dots, "SEARCHED_AT_ONCE", 10)
    scene = scene_of(codes_of(rng.integers(0, 65280, (2, 40_000))), form=form)
    for span in (0.14, 0.3):
        there = MatrixCamera(1.5, 0.5, span)
        wall = Wall(context)
        ways = (
            (there,),
            (MatrixCamera(1.5, 0.5, 0.9), MatrixCamera(1.52, 0.51, 0.2), there),
            (MatrixCamera(1.5, 0.5, 0.05), MatrixCamera(1.47, 0.52, span), there),
        )
        pictures = []
        for way in ways:
            wall.cells.show(None)
            wall.cells.show(scene)
            for camera in way:
                for _ in range(4):
                    wall.draw(camera)
                    wall.cells.ask(None, lambda: None)
            pictures.append(wall.draw(there))
            assert not wall.cells.pending
        wall.close()
        assert (pictures[0] == pictures[1]).all() and (pictures[0] == pictures[2]).all()


def test_forced_points_say_that_they_are_a_sample(wall, rng, monkeypatch):
    monkeypatch.setattr(dots, "BUDGET_SOFTWARE", 1000)
    monkeypatch.setattr(dots, "BUDGET_CARD", 1000)
    scene = scene_of(codes_of(rng.integers(0, 65280, (2, 40000))), form="points")
    wall.cells.show(scene)
    for _ in range(3):
        wall.draw(MatrixCamera())
        wall.cells.ask(None, lambda: None)
    assert wall.cells.words == "250 of 40,000 points"


def test_selected_points_are_over_and_larger(wall, rng):
    """One pixel: a selected blue point over red ones that come later."""
    fine = np.full((2, 3), 30000)
    scene = scene_of(codes_of(fine), (1, 0, 0), form="points", opacity=1.0, size=8.0)
    plain = wall.picture(scene, MatrixCamera(1.5, 0.5, 1.0))
    x, y = np.array(wall.cells.place_of(0, 1, 30000.5, 30000.5)).astype(int)
    assert (plain[y, x] == (255, 0, 0)).all()
    picked = wall.picture(
        replace(scene, selected=np.array([1, 0, 0], np.uint8)), MatrixCamera(1.5, 0.5, 1.0)
    )
    assert (picked[y, x] == (0, 0, 255)).all()
    blue, red = (picked[..., 2] > 128).sum(), (plain[..., 0] > 128).sum()
    assert blue > 1.5 * red


def test_a_selection_is_seen_in_the_density(wall, rng):
    fine = rng.integers(0, 65280, (2, 20000))
    scene = scene_of(codes_of(fine))
    chosen = ((fine[0] > 40000) & (fine[1] > 40000)).astype(np.uint8)
    pixels = wall.picture(replace(scene, selected=chosen), exact_camera(0, 1, EXACT))
    inside = pixels[20:276, 20:276]
    assert inside[20:90, 170:240, 0].mean() > 3 * inside[150:240, 20:120, 0].mean()


def test_points_left_out_or_not_finite_are_not_drawn(wall):
    fine = [[30000, 65535, 20000], [30000, 10000, 20000]]
    for form in ("density", "points"):
        scene = scene_of(codes_of(fine), (0, 0, 255), form=form, opacity=1.0, size=6.0)
        pixels = wall.picture(scene, MatrixCamera(1.5, 0.5, 1.0))
        sight = wall.cells.sight
        left, top, width, height = (round(part) for part in sight.inner_box(0, 1))
        cell = pixels[max(0, top) : top + height, left : left + width, 0] > 100
        rows, columns = np.nonzero(cell)
        assert rows.size and np.ptp(rows) < 40 and np.ptp(columns) < 40
        assert wall.cells.not_finite == 1


def test_rows_and_columns_of_two_layers(wall, rng, monkeypatch):
    monkeypatch.setattr(counting, "spread_of", lambda detail, points: 0)
    deep = codes_of(rng.integers(0, 65280, (2, 900)))
    early = codes_of(rng.integers(0, 40000, (3, 900)))
    groups = rng.integers(0, 3, 900).astype(np.uint8)
    colours = np.array((RED, BLUE, GREEN), np.float32)
    orders = np.array([1, 0], np.int32), np.array([2, 0, 1], np.int32)
    scene = Scene(deep, early, *orders, groups, colours, form="density")
    for row, column in ((0, 0), (1, 2)):
        pixels = wall.picture(scene, exact_camera(row, column, EXACT))
        x, y = early.fine[orders[1][column]], deep.fine[orders[0][row]]
        axis = (0, 65536, 256, 0)
        counts = density.counts(x, y, groups, 3, axis, axis, 256)
        want = over(density.tile(counts, None, colours)[::-1])
        assert np.abs(pixels[20:276, 20:276] - want).max() <= 1.6
    assert not scene.is_diagonal(1, 1)


def test_a_diagonal_cell_shows_zeros_as_a_bar(wall, rng):
    values = np.maximum(rng.normal(0.5, 1, (2, 3000)), 0)
    values[0, :1500] = 0
    scene = scene_of(columns_of(values), np.zeros(3000))
    pixels = wall.picture(scene, exact_camera(0, 0, EXACT))[20:276, 20:276]
    share = (values[0] == 0).mean()
    solid = np.abs(pixels[:, 4] - (255, 0, 0)).max(-1) <= 2
    from viewer.views.matrix.diagonal import rows_share

    base = 256 * (1 - rows_share(3, 256))
    height = solid[: int(base)].sum()
    assert abs(height - share * base * 0.94) <= 2
    assert not (np.abs(pixels[: int(base), 40] - (255, 0, 0)).max(-1) <= 2).all()


def test_dots_of_a_diagonal_cell_lie_in_the_row_of_their_group(wall, rng):
    fine = np.stack([np.arange(500, 65000, 2000)] * 2)
    groups = np.arange(fine.shape[1]) % 3
    scene = scene_of(codes_of(fine), groups, form="points", opacity=1.0, size=4.0)
    wall.picture(scene, exact_camera(0, 0, EXACT))
    for point in (0, 7, 20):
        x, _ = wall.cells.place_of(0, 0, fine[0, point] + 0.5, 0)
        up = wall.cells._dots._up_in_rows(np.array([point]))[0]
        left, top, width, height = wall.cells.sight.inner_box(0, 0)
        y = top + (1 - up) * height
        pixels = wall.draw(exact_camera(0, 0, EXACT))
        assert pixels[int(y), int(x)].argmax() == {0: 0, 1: 2, 2: 1}[int(groups[point])]
        assert wall.cells.point_under(float(x), float(y), 5) == point


def test_the_point_under_the_pointer_is_the_nearest(wall, random_scene, rng):
    wall.picture(random_scene, MatrixCamera(2.4, 2.6, 2.0))
    fine, hits = random_scene.columns.fine.astype(float), 0
    for x, y in rng.uniform((0, 0), (400, 300), (200, 2)):
        spot = wall.cells.cell_at(x, y)
        if spot is None or spot.row == spot.column:
            continue
        got = wall.cells.point_under(x, y, 5.0)
        places = wall.cells.place_of(
            spot.row, spot.column, fine[spot.column] + 0.5, fine[spot.row] + 0.5
        )
        away = np.hypot(*(places - (x, y)).T)
        if got < 0:
            assert away.min() > 5.0 - 1e-6
        else:
            assert away[got] <= 5.0 and np.isclose(away[got], away.min())
            hits += 1
    assert hits > 20


def test_places_and_codes_go_back_and_forth(wall, random_scene):
    scene = replace(random_scene, ranges={3: (1000, 3000)})
    wall.picture(scene, MatrixCamera(2.4, 2.6, 2.0), ratio=2.0)
    for row, column, x, y in ((1, 2, 5000.0, 60000.0), (3, 2, 30000.0, 2500.0)):
        place = wall.cells.place_of(row, column, x, y)
        back = wall.cells.path_in_codes(row, column, place[None])
        assert np.allclose(back, [[x, y]])
        spot = wall.cells.cell_at(*place)
        assert (spot.row, spot.column) == (row, column)
        assert np.allclose((spot.x, spot.y), (x, y))


ODD = {
    "one point": ([[7], [9]], 1.0),
    "no points": (np.zeros((2, 0)), 1.0),
    "one channel": ([[1, 2, 3]], 1.0),
    "constant": ([[4, 4, 4], [4, 4, 4]], 1.0),
    "nothing finite": ([[np.nan] * 3, [np.inf] * 3], 1.0),
    "some not finite": ([[np.nan, 1, 2], [1, -np.inf, 2]], 1.0),
    "half": (np.array([[1, 2, 3], [3, 2, 6.5e4]], np.float16), 1.0),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_layers_are_drawn(wall, name):
    columns = columns_of(np.asarray(ODD[name][0], float))
    for form in ("auto", "density", "points"):
        scene = scene_of(columns, form=form)
        for camera in (MatrixCamera(), MatrixCamera(0.5, 0.5, 0.01), MatrixCamera(0.5, 0.5, 500.0)):
            wall.picture(scene, camera)
            assert wall.cells.point_under(150.0, 150.0, 3.0) >= -1


def test_no_groups_and_no_channels(wall):
    columns = codes_of(np.ones((2, 5)))
    nothing = scene_of(columns, np.full(5, 255), colours=np.zeros((0, 3)))
    wall.picture(nothing, MatrixCamera())
    empty = replace(nothing, row_order=np.zeros(0, np.int32), column_order=np.zeros(0, np.int32))
    wall.cells.show(empty)
    wall.draw(MatrixCamera())
    assert wall.cells.words == "" and wall.cells.cell_at(5, 5) is None


@pytest.mark.parametrize("size", [(1, 1), (3, 200), (900, 20)])
def test_boxes_of_any_size(context, random_scene, size):
    wall = Wall(context, *size)
    for camera in (MatrixCamera(), MatrixCamera(2, 2, 0.3), MatrixCamera(2, 2, 40.0)):
        wall.picture(random_scene, camera)
    wall.close()


def test_released_cells_leave_nothing_and_draw_again(context, random_scene):
    before = context.live()
    wall = Wall(context)
    scene = replace(random_scene, form="auto")
    cameras = (MatrixCamera(), MatrixCamera(2, 2, 1.0), MatrixCamera(2, 2, 200.0))
    first = [wall.picture(scene, camera) for camera in cameras]
    wall.cells.release()
    assert all((wall.picture(scene, c) == p).all() for c, p in zip(cameras, first, strict=True))
    wall.close()
    after = context.live()
    assert {kind for kind in after if after[kind] != before[kind]} <= {"Program"}


def test_two_contexts_draw_the_same(random_scene):
    pictures = []
    one, two = EglContext(), EglContext()
    cells = Cells()
    for context in (one, two, one):
        context.make_current()
        wall = Wall(context)
        wall.cells = cells
        pictures.append(wall.picture(random_scene, MatrixCamera(2, 2, 2.0)))
    two.close()
    one.close()
    assert (pictures[0] == pictures[1]).all() and (pictures[0] == pictures[2]).all()


def test_jitter_is_spread_evenly():
    found = jitter_of(np.arange(10000))
    assert found.min() >= 0 and found.max() < 1
    assert np.abs(np.histogram(found, 10, (0, 1))[0] - 1000).max() < 150
