"""The 3D scatter: clouds, orders of drawing, pointing, outlines, axes, channels, gestures."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from engine.embedding.projected import inside_polygon, inside_projection
from tests.pretend_engine import Data, Network
from tests.pretend_points import points_of
from tests.reference import scatter as reference
from tests.viewer.given_orders import apply_named
from viewer.gl.camera import pixel_from_world
from viewer.session.session import Session
from viewer.state.hover import Hovered
from viewer.state.points import PointSettings
from viewer.state.scatter import ScatterCamera, ScatterSettings
from viewer.state.tree import State, StateHolder
from viewer.studio.facts import EMPTY, READY, Facts
from viewer.studio.selecting import Selected
from viewer.views.gestures import LEFT, RIGHT, Pointer
from viewer.views.point_marks import stroke_words
from viewer.views.scatter import axes, choosing
from viewer.views.scatter.actions import ACTIONS
from viewer.views.scatter.budget import FINAL, FIRST, Budget
from viewer.views.scatter.build import (
    camera_of,
    clip_from_codes,
    cloud_of,
    on_plane,
    parted,
    pixels_of,
    plane_from_values,
    point_at,
    point_of,
    shown_of,
)
from viewer.views.scatter.hands import HEAD, between
from viewer.views.scatter.resolve import resolve, share_words
from viewer.views.scatter.view import ScatterView

SIZE = (400.0, 300.0)
DIRECTIONS = some.builds(
    ScatterCamera, some.floats(-180, 180), some.floats(-89, 89), some.floats(0.3, 6.0)
)


def cloud(samples=60, channels=4, seed=1, holes=True):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(samples, channels, 2))
    if holes:
        values[3, 1, 0], values[9, 2, 1] = np.nan, np.inf
    return points_of(values, "conv1", positions=(1, 2))


class AtOnce:
    """A builder that answers at once."""

    def ask(self, slot, function, on_answer):
        on_answer(function())

    def forget(self, slot):
        pass


def ready(points, **changes):
    data = Data(60)
    facts = Facts(
        phase=READY, network=Network("net.onnx", True), data=data, labels=data.labels,
        class_names=tuple(data.classes), points={"conv1": points},
    )  # fmt: skip
    return facts.but(**changes)


def followed(points, state=None, **changes):
    view = ScatterView()
    view.width, view.height = 400.0, 300.0
    state = state or State().with_part("focus", layer="conv1")
    view.follow(state, None, ready(points, **changes), AtOnce())
    commands = []
    view.wished.connect(lambda kind, args: commands.append((kind, args)))
    view.dragged.connect(lambda kind, args: commands.append((kind, args)))
    return view, commands


# clouds


@settings(max_examples=15)
@given(state=DIRECTIONS, x=some.floats(0, 400), y=some.floats(0, 300), picks=some.booleans())
def test_the_point_under_the_pointer_is_that_of_a_search_one_by_one(state, x, y, picks):
    points = cloud()
    shown_channels, diameters, near = (2, 0, 1), (5.0, 9.0), 8.0
    made = cloud_of(points, shown_channels)
    mask = (points.sample % 7 == 0).astype(np.uint8) if picks else None
    camera = camera_of(state, SIZE[0] / SIZE[1])
    matrix = clip_from_codes(made, camera, SIZE[0] / SIZE[1])
    shown = shown_of(made, matrix, parted(made, points.count, mask))
    places = pixels_of(made, matrix, shown.index, *SIZE)
    found = point_at(places, len(shown.others), (x, y), diameters, near)
    selected = np.zeros(points.count, bool) if mask is None else mask.astype(bool)
    slow = [
        reference.place_of(points.columns, shown_channels, point, camera, SIZE)
        for point in range(points.count)
    ]
    why, best = reference.under(slow, selected, (x, y), diameters, near)
    if found < 0:
        assert not best
        return
    point = int(shown.index[found])
    assert point in best
    rank = 2 if why == "covers" else 0
    if why == "covers":  # equally far to a 65,535th of the depth: any of them
        depth = max(p[2] for p in slow if p) - min(p[2] for p in slow if p)
        assert selected[point] == selected[best[0]]
        assert abs(slow[point][rank] - slow[best[0]][rank]) <= depth / 60_000 + 1e-4
    else:
        away = [np.hypot(slow[p][0] - x, slow[p][1] - y) for p in (point, best[0])]
        assert away[0] <= away[1] + 1e-2  # pixels are float32


@settings(max_examples=15)
@given(state=DIRECTIONS)
def test_farther_points_come_first_and_selected_ones_last(state):
    points = cloud(200)
    made = cloud_of(points, (0, 1, 2))
    matrix = clip_from_codes(made, camera_of(state, 1.0), 1.0)
    mask = (points.sample % 3 == 0).astype(np.uint8)
    shown = shown_of(made, matrix, parted(made, 100, mask))
    assert mask[shown.selected].all() and not mask[shown.others].any()
    assert len(shown.selected) == 100 and len(shown.others) < 100
    for part in (shown.others, shown.selected):
        distance = pixels_of(made, matrix, part, *SIZE)[2]
        slack = (distance.max() - distance.min()) / 60_000 + 1e-5
        assert (np.diff(distance) <= slack).all()
        assert len(set(part.tolist())) == len(part)


def test_points_that_are_not_finite_along_an_axis_are_left_out_and_counted():
    points = cloud()
    assert cloud_of(points, (1, 2, 3)).not_finite == 2
    made = cloud_of(points, (0, 1, 3))
    assert made.not_finite == 1 and made.count == points.count - 1
    assert len(cloud_of(points, (0, 3)).columns) == 3 and cloud_of(points, (0, 3)).usable is None
    drawn = shown_of(made, np.eye(4), parted(made, 10**6, np.ones(points.count, np.uint8)))
    assert drawn.count == made.count


def test_a_prefix_is_drawn_where_there_are_too_many():
    made = cloud_of(cloud(holes=False), (0, 1, 2))
    shown = shown_of(made, np.eye(4), parted(made, 30, None))
    assert sorted(shown.index.tolist()) == list(range(30))


@pytest.mark.parametrize("channels", [1, 2])
def test_few_channels_constant_ones_and_single_points(channels):
    values = np.zeros((1, channels, 1)) + 3.0
    made = cloud_of(points_of(values), tuple(range(channels)))
    matrix = clip_from_codes(made, camera_of(ScatterCamera(), 1.0), 1.0)
    x, y, _ = pixels_of(made, matrix, np.arange(1), *SIZE)
    assert np.allclose([x[0], y[0]], [200, 150], atol=1e-3)  # the middle of the cube
    assert made.ends(0) == (3.0, 3.0)


@settings(max_examples=15)
@given(state=DIRECTIONS, aspect=some.floats(0.4, 3.0))
def test_at_zoom_one_the_cube_fits_however_it_is_turned(state, aspect):
    camera = camera_of(replace(state, zoom=1.0), aspect)
    corners = np.array([[x, y, z] for x in (-0.5, 0.5) for y in (-0.5, 0.5) for z in (-0.5, 0.5)])
    pixels, before = pixel_from_world(camera, corners, 300 * aspect, 300)
    assert before.all() and (pixels > 0).all()
    assert (pixels < (300 * aspect, 300)).all()


def test_the_point_of_the_focus():
    points = cloud(holes=False)
    focus = State().with_part("focus", layer="conv1", sample=5, unit=(0, 1)).focus
    point = point_of(points, focus)
    assert (points.sample[point], points.place[point]) == (5, 1)
    assert point_of(points, replace(focus, unit=None)) == -1
    assert point_of(points, replace(focus, unit=(0, 2))) == -1
    flat = replace(points, positions=(), place=np.zeros_like(points.place))
    assert flat.sample[point_of(flat, replace(focus, unit=None))] == 5


# selecting


@settings(max_examples=20)
@given(state=DIRECTIONS)
def test_an_outline_selects_what_appears_inside_of_it(state):
    points = cloud(200)
    made = cloud_of(points, (3, 1, 2))
    camera = camera_of(state, SIZE[0] / SIZE[1])
    path = np.array([[120.0, 60], [310, 90], [280, 260], [200, 130], [90, 240]])
    found = inside_projection(
        points.columns, made.channels, plane_from_values(made, camera), on_plane(path, *SIZE)
    )
    matrix = clip_from_codes(made, camera, SIZE[0] / SIZE[1])
    x, y, distance = pixels_of(made, matrix, slice(None), *SIZE)
    expected = np.zeros(points.count, bool)
    expected[made.usable] = True
    expected &= (distance > 0) & inside_polygon(path, x, y)
    assert (found != expected).sum() <= 1  # one on the border, where pixels are float32


# axes


@settings(max_examples=15)
@given(state=DIRECTIONS)
def test_words_of_axes_lie_inside_and_apart(state):
    made = cloud_of(cloud(holes=False), (0, 1, 2))
    marks = axes.marks_of(made, camera_of(state, SIZE[0] / SIZE[1]), SIZE)
    kept = axes.placed(marks, lambda text: 6.0 * len(text), 12, SIZE)
    for number, (_, box) in enumerate(kept):
        assert box[0] >= 0 and box[1] >= 0 and box[2] <= SIZE[0] and box[3] <= SIZE[1]
        for _, other in kept[:number]:
            apart = box[2] <= other[0] or other[2] <= box[0]
            assert apart or box[3] <= other[1] or other[3] <= box[1]


def test_axes_tell_ends_and_zero():
    points = points_of(np.array([[-1.0, 2.0, 5.0], [3.0, 4.0, 5.0]])[:, :, None])
    made = cloud_of(points, (0, 1, 2))
    assert [text for _, text in axes.values_of(made, 0)] == ["−1", "3", "0"]
    assert [text for _, text in axes.values_of(made, 1)] == ["2", "4"]
    assert axes.values_of(made, 2) == [(0.5, "5")]
    names = [
        m.text for m in axes.marks_of(made, camera_of(ScatterCamera(), 1.0), SIZE) if m.is_name
    ]
    assert names == ["x  conv1:0", "y  conv1:1", "z  conv1:2"]


# which channels


def test_channels_that_a_layer_lacks_are_replaced():
    assert ScatterSettings((5, 1, 9)).channels_of(6) == (5, 1, 0)
    assert ScatterSettings((7, 8, 9)).channels_of(4) == (0, 1, 2)
    assert ScatterSettings((1, 1, 1)).channels_of(4) == (1, 0, 2)
    assert len(set(ScatterSettings((7, 1, 9)).channels_of(4))) == 3
    assert ScatterSettings((2, 1, 0)).channels_of(2) == (0, 1)
    assert ScatterSettings().channels_of(1) == (0,)
    assert ScatterSettings().channels_of(0) == ()


def test_the_channels_that_separate_classes_best_together():
    rng = np.random.default_rng(4)
    labels = (np.arange(300) % 3).astype(np.int32)
    values = rng.normal(size=(300, 6, 1))
    values[:, 4, 0] += 9.0 * (labels == 1)
    values[:, 1, 0] += 6.0 * (labels == 2)
    values[:, 3] = values[:, 4] + 1e-3 * rng.normal(size=(300, 1))  # says nothing new
    points = points_of(values)
    found = choosing.most_separating(points, labels)
    assert set(found[:2]) in ({4, 1}, {3, 1})
    assert choosing.most_separating(points, labels) is found
    assert choosing.most_separating(points, None) is None
    assert choosing.most_separating(points_of(values), np.zeros(300, np.int32)) is None


def test_the_cell_in_sight_is_the_matrixs():
    points = cloud(holes=False)
    state = State().with_part("focus", layer="conv1", channel=2)
    state = state.with_part("matrix_camera", x=1.5, y=3.2, span=1.0, looked_at=(("conv1", 2),))
    facts = ready(points)
    assert choosing.cell_in_sight(state, facts) == (3, 1)
    session = Session(StateHolder(state), clock=lambda: 0.0)
    apply_named(session.do, "conv1", [2, 0, 3, 1])
    assert choosing.cell_in_sight(session.state, facts) == (1, 0)
    elsewhere = state.with_part("focus", channel=1)
    assert choosing.cell_in_sight(elsewhere, facts) == (1, 1)
    assert choosing.cell_in_sight(state.with_part("matrix", columns_from="fc"), facts) is None
    wish = next(action for action in ACTIONS if action.name == "scatter.cell").wish
    assert wish(state, facts) == ("scatter.channels", {"x": 1, "y": 3, "z": 2})


# the view


def test_what_is_shown_instead_of_a_cloud():
    assert "Drop a network" in resolve(State(), Facts(phase=EMPTY), None).message
    points = cloud()
    assert resolve(State(), ready(points), None).message.startswith("No layer is active")
    state = State().with_part("focus", layer="conv2")
    told = resolve(state, ready(points, points_words="Reading the points of conv2."), None)
    assert told.message == "Reading the points of conv2." and told.points is None
    assert share_words(200_000, 1_000_000) == "200,000 of 1.0 M points"
    assert share_words(820, 820) == "all 820 points"


def test_a_click_focuses_the_sample_and_unit_under_the_pointer():
    points = cloud(holes=False)
    view, commands = followed(points)
    view.animates = False
    camera = camera_of(ScatterCamera(), view.area[0] / view.area[1])
    matrix = clip_from_codes(view.cloud, camera, view.area[0] / view.area[1])
    view._shown_for(matrix)
    x, y, distance = pixels_of(view.cloud, matrix, slice(None), *view.area)
    nearest = int(distance.argmin())
    at = (float(x[nearest]), float(y[nearest]) + HEAD)
    view.press(Pointer(*at, LEFT))
    view.lift(Pointer(*at, LEFT))
    kind, args = commands[0]
    assert kind == "scatter.point" and args["layer"] == "conv1"
    assert args["sample"] == points.sample[nearest]
    assert args["unit"] == [0, int(points.place[nearest])]
    assert view._card.card.sample == points.sample[nearest] and view._card.has_picture
    view.press(Pointer(*at, LEFT, frozenset({"shift", "ctrl"})))
    view.lift(Pointer(*at, LEFT, frozenset({"shift", "ctrl"})))
    spot = [int(points.sample[nearest]), int(points.place[nearest])]
    region = {"kind": "points", "layer": "conv1", "points": [spot]}
    assert commands[1] == ("select.brush", {"mode": "add", "region": region})


def test_drags_turn_move_and_draw():
    view, commands = followed(cloud())
    view.press(Pointer(100, 100, LEFT))
    view.move(Pointer(150, 110, LEFT))
    assert commands[-1] == ("scatter.look", {"azimuth": 10.0, "elevation": 24.0})
    view.lift(Pointer(150, 110, LEFT))
    view.press(Pointer(100, 100, RIGHT))
    view.move(Pointer(150, 100, RIGHT))
    assert commands[-1][0] == "scatter.look" and set(commands[-1][1]) == {"shift"}
    view.lift(Pointer(150, 100, RIGHT))
    shift = frozenset({"shift"})
    view.press(Pointer(60, 60, LEFT, shift))
    for x, y in ((300, 60), (300, 250), (60, 250)):
        view.move(Pointer(x, y, LEFT, shift))
    assert view._grip.stroke.count > 0
    view.lift(Pointer(60, 250, LEFT, shift | {"alt"}))
    kind, args = commands[-1]
    assert kind == "select.brush" and args["mode"] == "replace"
    assert args["region"]["kind"] == "projected" and args["region"]["channels"] == [0, 1, 2]


def test_the_wheel_keeps_what_is_under_the_pointer():
    view, commands = followed(cloud())
    view.wheel(Pointer(120, 90), 2)
    kind, args = commands[-1]
    assert kind == "scatter.look" and args["zoom"] == pytest.approx(1.25**2)
    before, after = ScatterCamera(), ScatterCamera(zoom=args["zoom"], shift=tuple(args["shift"]))
    aspect = view.area[0] / view.area[1]
    camera = camera_of(before, aspect)
    right, up = camera.right_in_world, camera.up_in_world
    unit = 2 * camera.half_height / view.area[1]
    world = unit * ((120 - view.area[0] / 2) * right - (90 - HEAD - view.area[1] / 2) * up)
    pixel, _ = pixel_from_world(camera_of(after, aspect), world, *view.area)
    assert np.allclose(pixel, (120, 90 - HEAD), atol=0.5)


def test_keys_turn_step_channels_choose_tools_and_let_go():
    state = State().with_part("focus", layer="conv1")
    view, commands = followed(cloud(channels=5), state)
    assert view.key("x") and commands[-1] == ("scatter.axis", {"axis": "x", "channel": 3})
    assert view.key("z", frozenset({"shift"}))
    assert commands[-1] == ("scatter.axis", {"axis": "z", "channel": 4})
    assert view.key("left") and commands[-1][1]["azimuth"] == 20.0
    assert view.key("l") and commands[-1] == ("scatter.tool", {"tool": "lasso"})
    assert not view.key("esc") and not view.takes("esc") and not view.key("q")
    assert view.takes("r") and not view.takes("r", frozenset({"ctrl"}))
    samples = np.zeros(60, bool)
    view, commands = followed(cloud(), state, selected=Selected(samples))
    assert view.key("esc") and commands[-1] == ("select.clear", {})


def test_another_colour_or_selection_makes_no_other_cloud():
    points = cloud()
    state = State().with_part("focus", layer="conv1")
    view, _ = followed(points, state)
    made = view.cloud
    facts = ready(points, selected=Selected(np.arange(60) < 9))
    view.follow(replace(state, points=PointSettings("mean", size=9.0)), None, facts, AtOnce())
    assert view.cloud is made and view._mask.sum() == 18
    assert view.coloured.groups.title == "mean over channels"
    view.follow(state.with_part("scatter", channels=(3, 1, 2)), None, facts, AtOnce())
    assert view.cloud is not made and view.cloud.channels == (3, 1, 2)
    view.follow(State(), None, facts, AtOnce())
    assert view.cloud is None and view.wish.message


def test_a_camera_between_two_goes_the_short_way():
    start, end = ScatterCamera(170.0, 0.0), ScatterCamera(-170.0, 40.0, 4.0)
    half = between(start, end, 0.5)
    assert (half.azimuth, half.elevation, half.zoom) == (180.0, 20.0, 2.0)
    assert between(start, end, 1.0) is end


# how many


def test_a_movie_has_the_same_number_everywhere():
    budget = Budget()
    assert budget.count(10**6, False) == FINAL and not budget.is_coarse
    assert budget.count(300, False) == 300


def test_moving_pictures_have_fewer_points_and_those_at_rest_stay():
    budget = Budget()
    assert budget.count(10**6, True) == FIRST and budget.is_coarse
    assert budget.refine() and budget.count(10**6, True) == FIRST and not budget.is_measured
    budget.took(FIRST, 10.0)
    assert budget.refine() and budget.count(10**6, True) == 500_000
    assert not budget.is_coarse and not budget.refine()
    budget.took(500_000, 500.0)
    assert budget.count(10**6, True) == 500_000
    budget.moves()
    assert budget.count(10**6, True) < 100_000 and budget.is_coarse
    assert budget.refine() and budget.count(10**6, True) > 100_000
    assert budget.count(100, True) == 100 and not budget.is_coarse


def test_the_unit_under_the_pointer_is_told_and_that_of_other_views_is_ringed():
    points = cloud(holes=False)
    view, _ = followed(points)
    told = []
    view.hovered.connect(told.append)
    camera = camera_of(ScatterCamera(), view.area[0] / view.area[1])
    matrix = clip_from_codes(view.cloud, camera, view.area[0] / view.area[1])
    view._shown_for(matrix)
    x, y, distance = pixels_of(view.cloud, matrix, slice(None), *view.area)
    nearest = int(distance.argmin())
    view.move(Pointer(float(x[nearest]), float(y[nearest]) + HEAD))
    own = Hovered("conv1", None, (0, int(points.place[nearest])))
    assert told == [own]
    state = State().with_part("focus", layer="conv1", sample=7)
    view.follow(state, own, view._facts, AtOnce())
    assert view._pointed() == -1
    view.leave()
    assert told == [own, None]
    view.follow(state, Hovered("conv1", 2, (0, 1)), view._facts, AtOnce())
    point = view._pointed()
    assert (points.sample[point], points.place[point]) == (7, 1)
    view.follow(state, Hovered("conv2", 2, (0, 1)), view._facts, AtOnce())
    assert view._pointed() == -1


def test_without_an_active_layer_the_layers_are_offered():
    view, commands = followed(cloud(), State())
    assert [name for name, _ in view.wish.choices] == ["conv1", "conv2", "fc"]
    view.choice._rows = (("fc", (10.0, 10.0, 100.0, 18.0)),)
    view.press(Pointer(20, 15, LEFT))
    assert commands == [("focus.layer", {"layer": "fc"})]


def test_axes_that_differ_from_those_of_the_matrix_are_said():
    ranges = (("conv1", 0, -1.0, 1.0), ("conv1", 2, 0.0, 2.0), ("conv1", 3, 0.0, 2.0))
    state = State().with_part("focus", layer="conv1").with_part("matrix", ranges=ranges)
    view, _ = followed(cloud(), state)
    assert "whole range of channels 0, 2" in view.wish.words
    view, _ = followed(cloud())
    assert "range" not in view.wish.words
    assert share_words(0, 0) == "no points"


@pytest.mark.parametrize(
    ("count", "said"), [(None, "points"), (1, "1 point"), (1234, "1,234 points")]
)
def test_what_an_outline_would_select_is_counted(count, said):
    stroke = SimpleNamespace(mode="add", count=count)
    assert stroke_words(stroke) == f"adds {said}"
