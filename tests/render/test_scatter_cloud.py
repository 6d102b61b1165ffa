"""A cloud as it is drawn: nearer discs over farther ones, selected ones over all, one upload."""

from dataclasses import replace

import numpy as np

from tests.pretend_engine import Data, Network
from tests.pretend_points import points_of
from viewer.gl.theme import DARK, LIGHT, rgb
from viewer.state.points import PointSettings
from viewer.state.scatter import ScatterCamera
from viewer.state.tree import State
from viewer.studio.facts import READY, Facts
from viewer.studio.selecting import Selected
from viewer.views.scatter.hands import HEAD
from viewer.views.scatter.view import ScatterView
from viewer.visuals.classes import class_colours

FRONT = ScatterCamera(azimuth=0.0, elevation=0.0)
# Two points one behind the other as seen along z, in the middle of the cube, and its corners.
VALUES = np.array([[0, 0, -0.9], [0, 0, 0.9], [-1, -1, -1], [1, 1, 1]], float)[:, :, None]


class AtOnce:
    def ask(self, slot, function, on_answer):
        on_answer(function())

    def forget(self, slot):
        pass


def state_of(camera=FRONT):
    state = State().with_part("focus", layer="conv1")
    drawn = PointSettings(size=40.0, opacity=1.0)
    return replace(state, points=drawn, scatter_camera=camera)


def facts_of(points, **changes):
    data = Data(len(VALUES))
    data.labels = np.arange(len(VALUES), dtype=np.int32)
    names = ("back", "front", "low", "high")
    facts = Facts(
        phase=READY, network=Network("net.onnx", True), data=data, labels=data.labels,
        class_names=names, points={"conv1": points},
    )  # fmt: skip
    return facts.but(**changes)


def middle(picture, context, view, size=(360, 320)):
    """The colour in the middle of the cube, uint8[3]."""
    pixels = picture(lambda: view.draw(context, *size), *size)
    width, height = view.area
    return pixels[round(HEAD + height / 2), round(width / 2)]


def near(pixel, colour, tolerance=40):
    return np.abs(pixel.astype(int) - np.array(colour) * 255).max() < tolerance


def test_the_nearer_disc_lies_over_the_farther_one(context, picture):
    view, points = ScatterView(), points_of(VALUES, positions=())
    colours = class_colours(4)
    view.follow(state_of(), None, facts_of(points), AtOnce())
    assert near(middle(picture, context, view), colours[1])
    behind = state_of(replace(FRONT, azimuth=180.0))
    view.follow(behind, None, facts_of(points), AtOnce())
    assert near(middle(picture, context, view), colours[0])
    view.release()


def test_selected_discs_lie_over_all_others_and_nothing_is_uploaded_again(context, picture):
    view, points = ScatterView(), points_of(VALUES, positions=())
    view.follow(state_of(), None, facts_of(points), AtOnce())
    middle(picture, context, view)
    uploads = view._points.uploads
    assert uploads == 3
    selected = Selected(np.array([True, False, False, False]))
    view.follow(state_of(), None, facts_of(points, selected=selected), AtOnce())
    back = middle(picture, context, view)
    assert np.abs(back.astype(int) - class_colours(4)[0] * 255).max() < 90
    other = replace(state_of(), points=PointSettings("sample", size=40.0, opacity=1.0))
    view.follow(other, None, facts_of(points), AtOnce())
    middle(picture, context, view)
    assert view._points.uploads == uploads
    view.follow(other.with_part("scatter", channels=(1, 0, 2)), None, facts_of(points), AtOnce())
    middle(picture, context, view)
    assert view._points.uploads == uploads + 3
    view.release()


def test_an_empty_view_and_both_themes(context, picture):
    view = ScatterView()
    points = points_of(VALUES, positions=())
    view.follow(State(), None, Facts(), AtOnce())
    pixels = picture(lambda: view.draw(context, 200, 150), 200, 150)
    assert near(pixels[3, 3], rgb(DARK.view), 3)
    view.set_theme(LIGHT)
    view.follow(state_of(), None, facts_of(points), AtOnce())
    pixels = picture(lambda: view.draw(context, 600, 400), 600, 400)
    assert near(pixels[60, 3], rgb(LIGHT.view), 3)
    assert view.has_legend and len(view._rows_of_legend) == 4
    view.release()
    assert view._points._context is None


def test_a_cloud_comes_to_rest_with_more_points(context, picture):
    rng = np.random.default_rng(1)
    points = points_of(rng.normal(size=(30_000, 3, 1)), positions=())
    view = ScatterView()
    view.animates = True
    facts = facts_of(points)
    view.follow(state_of(), None, facts, AtOnce())
    for _ in range(8):
        picture(lambda: view.draw(context, 200, 200), 200, 200)
        if not view.is_coarse:
            break
        view.rest()
    assert view.drawn > 20_000 or view._budget.is_measured
    assert not view.is_coarse
    view.release()


def test_the_smallest_views(context, picture):
    view, points = ScatterView(), points_of(VALUES, positions=())
    view.follow(state_of(), None, facts_of(points), AtOnce())
    for size in ((1, 1), (20, 400), (400, 30)):
        picture(lambda size=size: view.draw(context, *size), *size)
    view.release()
