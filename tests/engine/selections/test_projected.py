"""Regions on a picture of three channels: their JSON, checked; the points that they select."""

import json

import numpy as np
import pytest

from engine.embedding.projected import inside_projection
from engine.errors import InputError
from engine.selections.describing import Projected, layers_of, region_from_json
from engine.selections.resolving import Known, resolve
from tests.pretend_points import points_of

REGION = Projected(
    "conv1", (2, 0, 1), ((1.0, 0, 0, 0.5), (0, 1.0, 0, 0), (0, 0, 0.5, 3.0)),
    ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.6)),
)  # fmt: skip


def test_a_region_survives_its_json():
    assert region_from_json(json.loads(json.dumps(REGION.as_json()))) == REGION
    assert layers_of((("replace", REGION),)) == ("conv1",)


@pytest.mark.parametrize(
    "change",
    [
        {"channels": []}, {"channels": [0, 1, 2, 3]}, {"channels": [-1]},
        {"matrix": [[0, 0, 0, 1]]},
        {"matrix": [[0, 0, 0], [0, 0, 0], [0, 0, 0]]}, {"matrix": [[0, 0, 0, "x"]] * 3},
        {"polygon": []}, {"polygon": [[0, float("inf")]]}, {"which": "both"}, {"layer": ""},
    ],
)  # fmt: skip
def test_what_is_no_region_is_refused(change):
    with pytest.raises(InputError):
        region_from_json({**REGION.as_json(), **change})


def test_exactly_the_points_that_appear_inside_are_selected():
    points = points_of(np.random.default_rng(2).normal(size=(30, 3, 4)))
    known = Known(30, points={"conv1": points})
    brushed = resolve((("replace", REGION),), known)
    inside = inside_projection(points.columns, REGION.channels, REGION.matrix, REGION.polygon)
    assert 0 < inside.sum() < points.count
    assert (brushed.layers["conv1"] == inside).all()
    assert set(np.flatnonzero(brushed.samples)) == set(points.sample[inside])
    assert resolve((("replace", REGION),), Known(30)).missing == {"conv1"}


def test_a_channel_that_does_not_exist_selects_nothing():
    points = points_of(np.zeros((3, 2, 1)))
    known = Known(3, points={"conv1": points})
    assert not resolve((("replace", REGION),), known).samples.any()
