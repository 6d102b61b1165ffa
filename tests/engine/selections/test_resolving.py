"""Selections resolved: against plain sets, lassos against the definition, across layers."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from engine.embedding import across
from engine.selections.describing import (
    Lasso,
    Region,
    Saved,
    Spots,
    kinds_of,
    layers_of,
    region_from_json,
    steps_as_json,
    steps_from_json,
    with_samples,
)
from engine.selections.resolving import Known, brushed_by, lowered, resolve
from tests.pretend_points import points_of
from tests.reference import selections as reference

COUNT = 7
POINTS = {
    # sample 6 has no point in "deep": it could not be read
    "deep": points_of(np.random.default_rng(1).normal(size=(6, 3, 2)), "deep"),
    "early": points_of(np.random.default_rng(2).normal(size=(7, 2, 4)), "early", seed=5),
}
ALL = {
    name: set(zip(points.sample.tolist(), points.place.tolist(), strict=True))
    for name, points in POINTS.items()
}
LABELS = np.array([0, 1, 2, 0, 1, 2, 0])
PREDICTED = np.array([0, 1, 1, 0, 2, -1])
REGIONS = {
    "all": Region("all"),
    "zeros": Region("class", (0,)),
    "said 1": Region("predicted", (1, 2)),
    "some": Region("samples", (1, 4, 6, 99)),
    "two deep": Spots("deep", ((1, 0), (4, 1))),
    "more deep": Spots("deep", ((1, 0), (1, 1), (2, 1), (5, 0))),
    "early ones": Spots("early", ((1, 3), (2, 0), (6, 1), (6, 2))),
    "none": Spots("early", ()),
}
AS_SETS = {
    "all": set(range(COUNT)),
    "zeros": {0, 3, 6},
    "said 1": {1, 2, 4},
    "some": {1, 4, 6},
    **{
        name: (region.layer, set(region.points))
        for name, region in REGIONS.items()
        if isinstance(region, Spots)
    },
}

MODE = some.sampled_from(["replace", "add", "subtract", "intersect"])
NAMED = some.tuples(MODE, some.sampled_from(sorted(REGIONS)))
STEPS = some.recursive(
    some.lists(NAMED, max_size=5),
    lambda inner: some.lists(some.one_of(NAMED, some.tuples(MODE, inner)), max_size=5),
    max_leaves=4,
)


def as_steps(steps):
    return tuple(
        (mode, Saved(as_steps(region)) if isinstance(region, list) else REGIONS[region])
        for mode, region in steps
    )


def known():
    return Known(COUNT, LABELS, PREDICTED, POINTS)


def as_sets(brushed):
    pairs = {
        name: {
            (int(POINTS[name].sample[at]), int(POINTS[name].place[at]))
            for at in np.flatnonzero(mask)
        }
        for name, mask in brushed.layers.items()
    }
    return set(np.flatnonzero(brushed.samples).tolist()), pairs


@settings(max_examples=300, deadline=None)
@given(STEPS)
def test_the_algebra_is_that_of_sets(steps):
    found = as_sets(resolve(as_steps(steps), known()))
    assert found == reference.resolve(steps, COUNT, AS_SETS, ALL)


@settings(max_examples=200, deadline=None)
@given(STEPS)
def test_a_sample_is_selected_when_it_has_a_selected_point_in_every_brushed_layer(steps):
    brushed = resolve(as_steps(steps), known())
    for name, mask in brushed.layers.items():
        points = POINTS[name]
        with_points = lowered(slice(None), points, COUNT)
        assert (lowered(mask, points, COUNT) == brushed.samples & with_points).all()


@settings(max_examples=100, deadline=None)
@given(STEPS)
def test_steps_survive_json_and_new_numbers(steps):
    steps = as_steps(steps)
    assert steps_from_json(steps_as_json(steps)) == steps
    there = with_samples(steps, lambda sample: sample + 10)
    assert with_samples(there, lambda sample: sample - 10) == steps
    assert set(layers_of(steps)) <= {"deep", "early"}
    assert "saved" not in kinds_of(steps)


def polygon_of(points, x, y, size=1.0):
    """A square round the median, in values."""
    at = [
        np.median(points.columns.values(channel, points.columns.fine[channel]))
        for channel in (x, y)
    ]
    return tuple((at[0] + dx * size, at[1] + dy * size) for dx, dy in SQUARE)


SQUARE = ((-1, -1), (1, -1), (1, 1), (-1, 1))


def test_a_lasso_has_exactly_its_points():
    points = POINTS["deep"]
    lasso = Lasso("deep", 2, 0, polygon_of(points, 2, 0))
    brushed = brushed_by(lasso, known())
    values = [points.columns.values(c, points.columns.fine[c]) for c in (2, 0)]
    corners = np.array(lasso.polygon)
    inside = np.ones(points.count, bool)
    for value, corner in zip(values, corners.T, strict=True):
        inside &= (value > corner.min()) & (value < corner.max())
    assert 0 < inside.sum() < points.count
    assert (brushed.layers["deep"] == inside).all()
    assert set(np.flatnonzero(brushed.samples)) == set(points.sample[inside])


def test_a_lasso_round_a_constant_channel_holds_it():
    values = np.random.default_rng(3).normal(size=(5, 2, 2))
    values[:, 0] = 4.5
    points = points_of(values, "flat")
    context = Known(5, points={"flat": points})
    high = ((4.0, -9.0), (5.0, -9.0), (5.0, 9.0), (4.0, 9.0))
    assert brushed_by(Lasso("flat", 0, 1, high), context).layers["flat"].all()
    low = ((1.0, -9.0), (2.0, -9.0), (2.0, 9.0), (1.0, 9.0))
    assert not brushed_by(Lasso("flat", 0, 1, low), context).layers["flat"].any()


def test_what_is_not_finite_is_in_no_lasso():
    values = np.random.default_rng(3).normal(size=(6, 2, 3))
    values[2, 0, 1], values[3, 1, 0] = np.nan, np.inf
    points = points_of(values, "odd")
    huge = tuple((1e30 * x, 1e30 * y) for x, y in SQUARE)
    found = brushed_by(Lasso("odd", 0, 1, huge), Known(6, points={"odd": points}))
    left_out = {(2, 1), (3, 0)}
    for at in range(points.count):
        pair = (int(points.sample[at]), int(points.place[at]))
        assert found.layers["odd"][at] == (pair not in left_out)


@pytest.mark.parametrize(
    "lasso",
    [
        Lasso("deep", 9, 0, ((0, 0), (1, 0), (1, 1))),
        Lasso("deep", 0, 1, ((0, 0),)),
        Lasso("deep", 0, 1, ((0, 0), (1, 1))),
    ],
)
def test_what_holds_nothing_selects_nothing(lasso):
    found = brushed_by(lasso, known())
    assert not found.samples.any() and not found.missing


def test_layers_without_points_are_told_and_hold_nothing():
    for region in (
        Lasso("gone", 0, 1, ((0, 0), (1, 0), (1, 1))),
        Lasso("deep", 0, 1, ((0, 0), (1, 0), (1, 1)), which="pre"),
        Lasso("deep", 0, 1, ((0, 0), (1, 0), (1, 1)), other="gone"),
        Spots("gone", ((0, 0),)),
    ):
        found = resolve((("replace", Region("all")), ("intersect", region)), known())
        assert not found.samples.any() and len(found.missing) == 1


def test_a_lasso_over_two_layers_is_about_the_points_of_the_deeper_one(monkeypatch):
    network = SimpleNamespace(layers=(SimpleNamespace(name="early"), SimpleNamespace(name="deep")))
    deep, early = POINTS["deep"], POINTS["early"]
    met = np.array([early.index(s, p + 1) for s, p in zip(deep.sample, deep.place, strict=True)])
    met[3] = -1
    monkeypatch.setattr(across, "meet", lambda network, lead, other: (met, len(met)))
    context = Known(COUNT, LABELS, PREDICTED, POINTS, network)
    corners = ((-0.7, -1.0), (0.9, -1.0), (0.9, 0.8), (-0.7, 0.8))

    def values(points, channel, index):
        return points.columns.values(channel, points.columns.fine[channel][index])

    for layer, other in (("deep", "early"), ("early", "deep")):
        rows_x, rows_y = (1, 2) if layer == "deep" else (2, 1)
        found = brushed_by(Lasso(layer, rows_x, rows_y, corners, other), context)
        assert list(found.layers) == ["deep"]
        pairs = {"deep": np.arange(deep.count), "early": met}
        x = values(POINTS[other], rows_x, pairs[other])
        y = values(POINTS[layer], rows_y, pairs[layer])
        want = (x > -0.7) & (x < 0.9) & (y > -1.0) & (y < 0.8) & (met >= 0)
        assert 0 < want.sum() and (found.layers["deep"] == want).all()
    assert len(context.met) == 2


def test_regions_of_json():
    content = {"kind": "lasso", "layer": "a", "x": 1, "y": 2, "polygon": [[0, 1], [1e300, 2.5]]}
    lasso = region_from_json(content)
    assert lasso.polygon == ((0.0, 1.0), (1e37, 2.5)) and lasso.other is None
    assert region_from_json(lasso.as_json()) == lasso
    spots = region_from_json({"kind": "points", "layer": "a", "points": [[3, 1], [0, 2], [3, 1]]})
    assert spots.points == ((0, 2), (3, 1))
