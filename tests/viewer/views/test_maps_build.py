"""Statistics, orders, ranges and texels of the feature maps against slow second ways."""

import numpy as np
import pytest

from tests.reference import tiles as reference
from viewer.views.maps.build import Ranges, contents_of, ends_of, layer_ends, order_of, summarise
from viewer.views.maps.grids import absent, grid_of, take
from viewer.views.maps.sheets import (
    SheetKey,
    level_for,
    packing,
    pooled,
    sheets_for,
    texels_of,
    tiles_of,
)
from viewer.visuals.slab import ABSENT, decode
from viewer.visuals.tile_layout import SHEET_COLUMNS, SHEET_ROWS


@pytest.fixture
def rng():
    return np.random.default_rng(11)


def odd_values(rng):
    values = rng.normal(size=(6, 5, 4)).astype(np.float32)
    values[1] = 0
    values[2, 0, 0] = np.nan
    values[3, 1, 1], values[3, 2, 2] = np.inf, -np.inf
    values[4] = np.nan
    return values


def test_statistics_are_over_finite_values(rng):
    values = odd_values(rng)
    summary = summarise(grid_of(values.shape), values)
    for number, plane in enumerate(values):
        finite = [float(value) for value in plane.ravel() if np.isfinite(value)]
        want = (min(finite), max(finite), sum(finite) / len(finite)) if finite else (0, 0, 0)
        got = (summary.low[number], summary.high[number], summary.mean[number])
        assert got == pytest.approx(want, rel=1e-6)
    assert (summary.nan, summary.infinite, summary.negative_infinite) == (21, 1, 1)
    assert list(summary.dead) == [False, True, False, False, False, False]
    assert np.isnan(summary.whole[[2, 3, 4]]).all()


def test_orders(rng):
    values = odd_values(rng)
    summary = summarise(grid_of(values.shape), values)
    assert list(order_of(summary, None, 6)) == list(range(6))
    channels = np.array([4, 1, 0, 5, 3, 2], np.int32)
    assert list(order_of(summary, channels, 6)) == list(channels)
    assert list(order_of(summary, channels, 6, hides_dead=True)) == [4, 0, 5, 3, 2]
    assert list(order_of(summary, channels[:5], 6)) == list(range(6))  # of another layer


def test_maps_of_one_channel_stay_together_in_an_order(rng):
    values = rng.random((3, 2, 4, 5), dtype=np.float32)  # two maps a channel
    summary = summarise(grid_of(values.shape), values)
    assert list(order_of(summary, np.array([2, 0, 1]), 3)) == [4, 5, 0, 1, 2, 3]


def test_ranges(rng):
    signed = rng.normal(size=(3, 4, 4)).astype(np.float32)
    positive = np.abs(signed) * 5
    contents = contents_of(
        [("input", "input", positive * 99), ("s", "", signed), ("p", "", positive)]
    )
    _, first, second = contents.layers
    low, high, is_signed = ends_of(contents, first, np.array([1]), Ranges("channel"))
    assert is_signed and high[0] == pytest.approx(np.abs(signed[1]).max()) and low[0] == -high[0]
    low, high, is_signed = ends_of(contents, second, np.array([0, 2]), Ranges())
    assert not is_signed and list(low) == [0, 0] and high == pytest.approx([positive.max()] * 2)
    for layer in (first, second):
        low, high, is_signed = layer_ends(contents, layer, Ranges("common"))
        assert is_signed and high == pytest.approx(positive.max()) and low == -high
    assert layer_ends(contents, contents.layers[0], Ranges("common"))[1] == pytest.approx(
        float(positive.max()) * 99
    )


def test_ranges_over_the_study_win_over_those_shown(rng):
    contents = contents_of([("a", "", np.ones((2, 3, 3), np.float32))], ranges={"a": (0.0, 8.0)})
    assert layer_ends(contents, contents.layers[0], Ranges()) == (0.0, 8.0, False)


@pytest.mark.parametrize("factor", [1, 2, 4, 8])
@pytest.mark.parametrize("shape", [(7, 13), (16, 16), (1, 9)])
def test_levels_of_detail_are_means(rng, factor, shape):
    values = rng.normal(size=(2, *shape)).astype(np.float32)
    values[1, 0, 3] = np.nan
    small, holes = pooled(values, factor)
    assert holes is None
    for got, plane in zip(small, values, strict=True):
        want = np.array(reference.pooled(plane, factor), float)
        assert np.allclose(got, want, atol=1e-5, equal_nan=True)


def test_absent_places_do_not_count(rng):
    grid = grid_of((2, 23))
    values = rng.normal(size=(2, 23)).astype(np.float32)
    maps = take(grid, values, np.arange(2))
    small, holes = pooled(maps, 2, absent(grid))
    want = reference.pooled(maps[0], 2, absent(grid))
    for at in np.ndindex(small.shape[1:]):
        assert holes[at] == (want[at[0]][at[1]] is None)
        if not holes[at]:
            assert small[(0, *at)] == pytest.approx(want[at[0]][at[1]], abs=1e-5)


@pytest.mark.parametrize(
    "shape", [(3, 5, 7), (40, 30, 30), (2, 300, 20), (2, 520, 700), (9, 197), (700,), (2, 9000)]
)
@pytest.mark.parametrize("level", [0, 1, 3])
def test_every_map_is_found_in_its_sheet(rng, shape, level):
    values = rng.random(shape, dtype=np.float32)
    contents = contents_of([("a", "", values)], {"a": rng.permutation(shape[0])})
    layer = contents.layers[0]
    pack = packing(layer.grid, level)
    slots = np.unique([0, len(layer.order) // 2, len(layer.order) - 1])
    missing = absent(layer.grid)
    sheets, places = {}, {}
    for number in sheets_for(pack, 0, len(layer.order)):
        texels, unit = texels_of(layer, SheetKey(contents.number, 0, level, number))
        assert texels.shape[0] <= SHEET_ROWS and texels.shape[1] <= SHEET_COLUMNS
        sheets[number] = (texels, unit)
        places[number] = Place(number, unit)
    boxes = np.tile([0.0, 0.0, pack.columns, pack.rows], (len(slots), 1))
    tiles = tiles_of(contents, layer, (slots, boxes), Ranges(), places, level)
    for index, slot in enumerate(slots):
        plane = take(layer.grid, values, layer.order[slot : slot + 1])[0]
        want, holes = pooled(plane[None], 2**level, missing)
        got = np.full((pack.rows, pack.columns), np.nan)
        for part in range(pack.parts_per_map):
            tile = tiles[index * pack.parts_per_map + part]
            texels, unit = sheets[int(tile["page"])]
            column, row, wide, tall = tile["source"]
            wide, tall = int(np.ceil(wide)), int(np.ceil(tall))
            inner = texels[int(row) : int(row) + tall, int(column) : int(column) + wide]
            down, across = divmod(part, pack.parts[1])
            left, top = across * 256, down * 256
            got[top : top + tall, left : left + wide] = np.where(
                inner == ABSENT, np.nan, decode(inner, unit)
            )
        shown = np.where(np.zeros_like(want[0], bool) if holes is None else holes, np.nan, want[0])
        assert np.allclose(got, shown, atol=1e-3, equal_nan=True)


class Place:
    def __init__(self, page, unit):
        self.page, self.unit = page, unit


def test_between_one_and_two_texels_a_pixel():
    for rows, drawn in ((224, 48), (224, 224), (7, 48), (1000, 8), (100, 51)):
        level = level_for(grid_of((2, rows, rows)), drawn, drawn)
        texels = rows / 2**level / drawn
        assert texels < 2 and (level == 0 or texels >= 1)
        level = level_for(grid_of((2, rows, rows)), drawn, drawn, coarse=True)
        texels = rows / 2**level / drawn
        assert texels <= 1 and (level == 0 or texels > 0.5)


def test_summaries_are_made_once(rng):
    summaries = {}
    layers = [("a", "", rng.random((3, 4, 4), dtype=np.float32))]
    first = contents_of(layers, summaries=summaries)
    second = contents_of(layers, {"a": np.array([2, 0, 1])}, summaries=summaries)
    assert second.layers[0].summary is first.layers[0].summary
    assert first.number != second.number
