"""Groups of embedding points: every point in the one it belongs to, names, colours, clicks."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from engine.kernels.quantising import NOT_FINITE
from tests.viewer.views.made_points import points_of
from viewer.gl.theme import DARK, LIGHT, rgb
from viewer.state.points import COLOURS, PointSettings
from viewer.studio.facts import Facts, StudySummary
from viewer.studio.predictions import confidences, probabilities
from viewer.views.grouping import MOST, groups_of, wish_of
from viewer.views.point_statistics import statistic
from viewer.visuals.classes import class_colours

VALUES = [0.0, -1.5, 2.0, 7.25, np.nan, np.inf]
NAMES = ("cat", "dog", "fox")


class Data(list):
    """So many samples."""


def facts_of(labels=None, predicted=None, names=None, confidence=None, count=None):
    summary = StudySummary(predicted=predicted, confidence=confidence)
    size = count or max(len(each) for each in (labels, predicted, (0,)) if each is not None)
    labels = None if labels is None else np.asarray(labels, np.int32)
    return Facts(labels=labels, summary=summary, class_names=names, data=Data(range(size)))


def grouped(points, facts, colour="class", theme=DARK, **settings):
    groups = groups_of(points, facts, PointSettings(colour=colour, **settings), theme)
    assert groups.codes.dtype == np.uint8 and groups.codes.shape == (points.count,)
    assert len(groups.names) == len(groups.colours) == len(groups.classes) == groups.count
    assert groups.codes.size == 0 or groups.codes.max() < groups.count
    return groups


def test_classes_have_the_colours_of_the_filmstrip_and_unlabelled_points_a_group():
    points = points_of(np.zeros((2, 5)), sample=[4, 0, 1, 2, 3])
    groups = grouped(points, facts_of([0, 2, 2, -1, 0], names=NAMES))
    assert groups.names == ("cat", "fox", "no label")
    assert [groups.names[code] for code in groups.codes] == ["cat", "cat", "fox", "fox", "no label"]
    assert np.allclose(groups.colours[:2], class_colours(3)[[0, 2]])
    assert groups.region(1) == {"kind": "class", "items": [2]} and groups.region(2) is None
    assert groups.words == ""


def test_predictions_select_what_was_predicted():
    points = points_of(np.zeros((1, 3)))
    groups = grouped(points, facts_of([0, 0, 0], np.array([1, 1, -1]), NAMES), "prediction")
    assert groups.names == ("dog", "no prediction")
    assert groups.region(0) == {"kind": "predicted", "items": [1]}


def test_without_any_label_points_are_coloured_by_prediction():
    points, predicted = points_of(np.zeros((1, 3))), np.array([1, 1, 0])
    groups = grouped(points, facts_of([-1, -1, -1], predicted, NAMES))
    assert groups.title == "predicted class" and groups.names == ("cat", "dog")
    assert groups.kind == "predicted"
    assert grouped(points, facts_of([-1, 2, -1], predicted, NAMES)).title == "class"
    assert grouped(points, facts_of([-1] * 3, np.array([-1] * 3))).names == ("no label",)


def test_of_many_classes_the_most_frequent_are_told_apart_and_the_rest_said():
    labels = np.concatenate([np.full(2 + (c % 30 == 7) * 5 + c // 40, c) for c in range(60)])
    points = points_of(np.zeros((1, len(labels))))
    groups = grouped(points, facts_of(labels))
    counts = np.bincount(labels)
    shown = np.sort(np.argsort(-counts, kind="stable")[:MOST])
    assert groups.names == (*(f"class {c}" for c in shown), "40 others")
    assert "20 most frequent of 60 classes" in groups.words
    others = ~np.isin(labels, shown)
    assert ((groups.codes == MOST) == others).all()
    assert np.allclose(groups.colours[MOST], rgb(DARK.edge))


def test_right_wrong_and_unknown():
    points = points_of(np.zeros((1, 4)))
    facts = facts_of([0, 1, -1, 2], np.array([0, 2, 1, -1]), NAMES)
    groups = grouped(points, facts, "correctness")
    assert [groups.names[code] for code in groups.codes] == [
        "right", "wrong", "no label or prediction", "no label or prediction",
    ]  # fmt: skip
    assert np.allclose(groups.colours[:2], [rgb(DARK.right), rgb(DARK.wrong)])
    alone = grouped(points, facts_of([-1] * 4, np.array([0, 2, 1, 1])), "correctness")
    assert alone.names[2] == "no label"


def test_places_in_the_data_set_are_named_from_one_on():
    points = points_of(np.zeros((1, 100)))
    groups = grouped(points, facts_of(count=100), "sample")
    assert groups.steps == 16 and groups.names[0] == "1 to 6" and groups.names[-1].endswith("100")
    assert groups.ends == (1, 100) and groups.words == ""
    for sample, code in enumerate(groups.codes):
        first, last = groups.names[code].split(" to ")
        assert int(first) <= sample + 1 <= int(last)


def test_rows_and_columns_of_small_maps_have_a_step_each():
    place = np.arange(12)
    points = points_of(np.zeros((1, 12)), np.zeros(12), place, (3, 4))
    rows, columns = (grouped(points, facts_of(count=1), name) for name in ("row", "column"))
    assert rows.names == ("0", "1", "2") and columns.names == ("0", "1", "2", "3")
    assert (rows.codes == place // 4).all() and (columns.codes == place % 4).all()
    flat = grouped(points_of(np.zeros((1, 12))), facts_of(count=12), "row")
    assert flat.names[-1] == "no rows in this layer" and (flat.codes == flat.count - 1).all()


@given(
    values=some.lists(
        some.lists(some.sampled_from(VALUES), min_size=5, max_size=5), min_size=1, max_size=4
    )
)  # fmt: skip
def test_statistics_of_channels_are_those_of_finite_values(values):
    points = points_of(values)
    columns = points.columns
    codes = columns.fine.astype(float)
    known = columns.low[:, None] + codes * columns.step[:, None]
    known[columns.fine == NOT_FINITE] = np.nan
    for point in range(5):
        finite = known[np.isfinite(known[:, point]), point]
        mean, largest, strongest = (
            statistic(points, name)[point] for name in ("mean", "largest", "strongest")
        )
        if not finite.size:
            assert np.isnan(mean) and np.isnan(largest) and strongest == -1
            continue
        assert np.isclose(mean, finite.mean(), atol=1e-5)
        assert np.isclose(largest, finite.max(), atol=1e-5)
        assert np.isclose(known[strongest, point], largest, atol=1e-5)


def test_values_of_a_channel_fall_into_their_steps():
    rng = np.random.default_rng(3)
    values = rng.normal(size=(2, 500))
    values[1, :4] = np.nan
    points = points_of(values)
    groups = grouped(points, facts_of(count=500), "channel", channel=1)
    assert groups.title == "conv1:1" and groups.names[16] == "not finite"
    assert (groups.codes[:4] == 16).all() and np.allclose(groups.colours[16], rgb(DARK.nan))
    low, high = groups.ends
    edges = np.linspace(low, high, 17)
    assert np.allclose([low, high], np.nanquantile(values[1], [0.01, 0.99]), atol=1e-3)
    codes = np.clip(np.searchsorted(edges, values[1, 4:], "right") - 1, 0, 15)
    assert (np.abs(codes - groups.codes[4:]) <= 0).mean() > 0.99
    assert groups.names[0].startswith("below") and groups.names[15].startswith("above")
    told = points.columns.values(1, points.columns.fine[1]).astype(np.float32)
    above, below = (told > high).sum(), (told < low).sum()
    assert groups.words == f"points beyond the ends: {above} above, {below} below"


def test_a_channel_that_the_layer_lacks_is_the_first():
    points = points_of(np.arange(6).reshape(2, 3))
    groups = grouped(points, facts_of(count=3), "channel", channel=9)
    assert groups.title == "conv1:0"


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_no_step_is_as_dark_as_the_background(theme):
    values = np.linspace(-1, 1, 64)[None]
    for offset in (0.0, 5.0):
        groups = grouped(points_of(values + offset), facts_of(count=64), "mean", theme)
        distance = np.abs(groups.colours - rgb(theme.view)).max(1)
        assert distance.min() > 0.15
        assert len({tuple(colour) for colour in groups.colours}) == groups.count


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("count", [0, 1, 3])
def test_every_colour_survives_nothing_known_and_few_points(colour, count):
    points = points_of(np.zeros((2, count)))
    grouped(points, Facts(), colour)
    grouped(points, facts_of([0] * max(count, 1), np.zeros(1, np.int32), ("one",)), colour)


def test_groups_are_made_anew_only_for_what_they_depend_on():
    points = points_of(np.zeros((2, 3)))
    facts = facts_of([0, 1, 2], names=NAMES)
    first = wish_of(points, facts, PointSettings(), DARK)
    assert first.same_as(wish_of(points, facts, PointSettings(size=9, channel=1), DARK))
    assert not first.same_as(None)
    for other in (
        wish_of(points, facts, PointSettings(colour="mean"), DARK),
        wish_of(points, facts, PointSettings(), LIGHT),
        wish_of(points, facts_of([0, 1, 2], names=NAMES), PointSettings(), DARK),
        wish_of(points_of(np.zeros((2, 3))), facts, PointSettings(), DARK),
    ):
        assert not first.same_as(other)


@pytest.mark.parametrize(
    ("binary", "needs_softmax", "width"), [(True, True, 1), (True, False, 1), (False, True, 4),
                                           (False, False, 4)],
)  # fmt: skip
def test_confidence_is_the_probability_of_the_best_class(binary, needs_softmax, width):
    kind = SimpleNamespace(binary=binary, needs_softmax=needs_softmax)
    scores = np.random.default_rng(1).random((6, width))
    scores[2] = np.nan
    found = confidences(scores, kind)
    assert np.isnan(found[2])
    for sample in (0, 1, 3, 4, 5):
        assert np.isclose(found[sample], probabilities(scores[sample], kind).max(), atol=1e-6)
    assert np.isnan(confidences(scores, None)).all()
