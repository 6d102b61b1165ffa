"""The layout of the stack: where layers stand, how their values are folded, their ranges."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewer.views.stack import build as building
from viewer.views.stack.build import LayerFacts, build, sheet_shape, unit_of_cell, with_values
from viewer.visuals.slab import decode


def facts(name, shape, depth, **details):
    return LayerFacts(name, shape, depth, **details)


def values_of(layers, rng):
    return {layer.name: rng.random(layer.shape).astype(np.float32) for layer in layers}


@pytest.fixture
def chain(rng):
    layers = [
        facts("conv1", (8, 32, 32), 1, stride=(1, 1), center=(0, 0)),
        facts("pool1", (8, 16, 16), 2, stride=(2, 2), center=(0.5, 0.5)),
        facts("left", (4, 16, 16), 3, stride=(2, 2), center=(0.5, 0.5)),
        facts("right", (16, 16, 16), 3, stride=(2, 2), center=(0.5, 0.5)),
        facts("gap", (64, 1, 1), 4),
        facts("fc", (10,), 5),
    ]
    picture = np.zeros((32, 32, 3), np.uint8)
    return build(layers, values_of(layers, rng), (32, 32), picture=picture)


def box(contents, name):
    return contents.slab(name).box


def test_maps_stand_where_their_receptive_fields_are(rng):
    layers = [
        facts("valid", (3, 30, 30), 1, stride=(1, 1), center=(1, 1)),
        facts("strided", (3, 8, 10), 2, stride=(4, 3), center=(1.5, 1)),
        facts("enlarged", (3, 64, 64), 3, stride=(0.5, 0.5), center=(-0.25, -0.25)),
        facts("global", (3, 4, 4), 4),
    ]
    contents = build(layers, values_of(layers, rng), (32, 32))
    low, high = box(contents, "valid")
    assert np.allclose([low[:2], high[:2]], [(-15, -15), (15, 15)])
    low, high = box(contents, "strided")
    assert np.allclose([low[0], high[0]], [-16, 14])
    assert np.allclose([low[1], high[1]], [-16, 16])
    for name in ("enlarged", "global"):
        low, high = box(contents, name)
        assert np.allclose([low[:2], high[:2]], [(-16, -16), (16, 16)])


def test_a_map_that_would_miss_the_input_is_spread_over_it(rng):
    layers = [
        facts("tiny", (3, 2, 2), 1, stride=(1, 1), center=(0, 0)),
        facts("far", (3, 16, 16), 2, stride=(2, 2), center=(500, 500)),
    ]
    contents = build(layers, values_of(layers, rng), (32, 32))
    for name in ("tiny", "far"):
        low, high = box(contents, name)
        assert np.allclose([low[:2], high[:2]], [(-16, -16), (16, 16)])


def test_layers_stand_one_behind_the_other_and_branches_side_by_side(chain):
    depths = [box(chain, name) for name in ("conv1", "pool1", "left", "gap", "fc")]
    for (low, _), (_, high) in zip(depths, depths[1:], strict=False):
        assert high[2] < low[2]
    assert all(high[2] < 0 for _, high in depths)
    (left_low, left_high), (right_low, right_high) = box(chain, "left"), box(chain, "right")
    assert left_high[2] == right_high[2]
    assert left_high[0] < right_low[0]
    assert np.isclose(left_low[0] + right_high[0], 0)


def test_boxes_never_overlap(chain):
    boxes = [slab.box for slab in chain.slabs] + [picture.box for picture in chain.pictures]
    for first in range(len(boxes)):
        for second in range(first):
            (a_low, a_high), (b_low, b_high) = boxes[first], boxes[second]
            assert ((a_low >= b_high - 1e-9) | (b_low >= a_high - 1e-9)).any()


def test_thickness_follows_the_square_root_of_channels(rng):
    layers = [facts(str(c), (c, 8, 8), n) for n, c in enumerate((4, 16, 64, 3, 3, 3, 3))]
    contents = build(layers, values_of(layers, rng), (32, 32))
    thick = {slab.name: -slab.extent[2] for slab in contents.slabs}
    assert np.isclose(thick["16"] / thick["4"], 2) and np.isclose(thick["64"] / thick["4"], 4)
    assert max(thick.values()) <= building.THICKEST * 32 + 1e-9


@pytest.mark.parametrize("spacing", [0.0, 1.0, 4.0])
def test_spacing_moves_layers_apart_and_changes_nothing_else(rng, spacing):
    layers = [facts(str(n), (4, 8, 8), n) for n in range(1, 6)]
    values = values_of(layers, rng)
    normal = build(layers, values, (32, 32))
    moved = build(layers, values, (32, 32), spacing=spacing)
    gap = normal.slab("1").box[0][2] - normal.slab("2").box[1][2]
    new = moved.slab("1").box[0][2] - moved.slab("2").box[1][2]
    assert np.isclose(new, gap * spacing)
    assert [slab.extent for slab in moved.slabs] == [slab.extent for slab in normal.slabs]


def test_layers_without_maps_are_sheets_of_cells(chain):
    fc, gap = chain.slab("fc"), chain.slab("gap")
    assert fc.values.shape == (1, 10, 1) and gap.values.shape == (1, 8, 8)
    assert fc.opaque and gap.opaque and not chain.slab("conv1").opaque
    assert np.isclose(abs(fc.extent[0] / fc.extent[1]), 1 / 10)
    assert not fc.specials


@given(st.integers(1, 5000))
def test_every_unit_has_one_cell(units):
    rows, columns = sheet_shape(units)
    cells = [unit_of_cell(row, column, units) for row in range(rows) for column in range(columns)]
    assert [cell for cell in cells if cell is not None] == list(range(units))
    assert len(cells) - units < columns
    assert unit_of_cell(-1, 0, units) is None and unit_of_cell(0, columns, units) is None


def test_cells_that_only_fill_the_last_row_are_absent(rng):
    layers = [facts("fc", (23,), 1)]
    contents = build(layers, values_of(layers, rng), (32, 32))
    slab = contents.slab("fc")
    assert slab.values.shape == (1, 5, 5)
    assert slab.specials.absent == 2 and slab.specials.nan == 0


@pytest.mark.parametrize(
    "shape, voxels, opaque",
    [
        ((), (1, 1, 1), True),
        ((5,), (1, 5, 1), True),
        ((5, 1), (1, 5, 1), True),
        ((6, 50), (1, 6, 50), True),
        ((6, 1, 50), (1, 6, 50), True),
        ((6, 50, 1), (1, 6, 50), True),
        ((4, 7, 7), (4, 7, 7), False),
        ((3, 2, 5, 6), (6, 5, 6), False),
    ],
)
def test_any_rank_is_folded(rng, shape, voxels, opaque):
    array = rng.random(shape).astype(np.float32)
    contents = build([facts("x", shape or (1,), 1)], {"x": array}, (16, 16))
    slab = contents.slab("x")
    assert slab.values.shape == voxels and slab.opaque == opaque
    kept = decode(slab.values, slab.unit).reshape(-1)[: array.size]
    assert np.allclose(kept, array.reshape(-1), rtol=1e-3)


def test_ranges_are_those_of_the_study_symmetric_when_signed(rng):
    layers = [
        facts("relu", (2, 4, 4), 1, low=0.0, high=9.0),
        facts("tanh", (2, 4, 4), 2, low=-3.0, high=2.0),
        facts("nearly", (2, 4, 4), 3, low=-1e-4, high=2.0),
        facts("unknown", (2, 4, 4), 4),
    ]
    values = values_of(layers, rng)
    values["unknown"][0, 0, 0], values["unknown"][1, 0, 0] = np.nan, 4.0
    contents = build(layers, values, (8, 8))
    got = {slab.name: (slab.low, slab.high, slab.signed) for slab in contents.slabs}
    assert got["relu"] == (0.0, 9.0, False) and got["tanh"] == (-3.0, 3.0, True)
    assert got["nearly"] == (0.0, 2.0, False) and got["unknown"] == (0.0, 4.0, False)
    common = build(layers, values, (8, 8), scale="common")
    assert {(slab.low, slab.high, slab.signed) for slab in common.slabs} == {(-9.0, 9.0, True)}


def test_survives_constant_empty_and_odd_values():
    odd = {
        "zero": np.zeros((2, 4, 4), np.float32),
        "nan": np.full((2, 4, 4), np.nan, np.float32),
        "inf": np.full((3,), np.inf, np.float16),
        "negative": np.full((2, 4, 4), -1, np.float32),
    }
    layers = [facts(name, array.shape, 1 + n) for n, (name, array) in enumerate(odd.items())]
    contents = build(layers, odd, (8, 8))
    assert contents.slab("nan").specials.nan == 32
    assert contents.slab("inf").specials.infinite == 3
    assert contents.slab("negative").signed
    assert all(np.isfinite([slab.low, slab.high, slab.density]).all() for slab in contents.slabs)
    empty = build([], {}, (8, 8))
    assert empty.slabs == () and empty.labels == ()


def test_fuller_layers_are_drawn_thinner(rng):
    sparse = np.zeros((4, 8, 8), np.float32)
    sparse[0, 0, 0] = 1
    values = {"sparse": sparse, "full": np.ones((4, 8, 8), np.float32)}
    layers = [facts("sparse", (4, 8, 8), 1), facts("full", (4, 8, 8), 2)]
    contents = build(layers, values, (8, 8))
    assert contents.slab("sparse").density > 1 > contents.slab("full").density


def test_layers_without_values_are_left_out_and_labels_name_the_rest(chain, rng):
    names = [label.name for label in chain.labels]
    assert names == ["input", "conv1", "pool1", "left", "right", "gap", "fc"]
    assert chain.labels[1].detail == "8 × 32 × 32" and chain.labels[0].detail == "32 × 32"
    layers = [facts("a", (2, 4, 4), 1), facts("b", (2, 4, 4), 2)]
    contents = build(layers, {"b": np.zeros((2, 4, 4), np.float32)}, (8, 8))
    assert [slab.name for slab in contents.slabs] == ["b"]


def test_the_next_sample_keeps_the_layout(chain, rng):
    values = {"conv1": rng.random((8, 32, 32)).astype(np.float32), "fc": np.ones(10, np.float16)}
    following = with_values(chain, values)
    for before, after in zip(chain.slabs, following.slabs, strict=True):
        assert (before.corner, before.extent, before.low, before.high, before.density) == (
            after.corner,
            after.extent,
            after.low,
            after.high,
            after.density,
        )
    slab = following.slab("conv1")
    assert np.allclose(decode(slab.values, slab.unit), values["conv1"], atol=1e-3)
    assert following.slab("pool1") is chain.slab("pool1")


def test_an_engine_layer_gives_its_facts():
    from fractions import Fraction
    from types import SimpleNamespace

    seen = SimpleNamespace(stride=(Fraction(1, 2), Fraction(2)), center=(0.25, 1), status="exact")
    layer = SimpleNamespace(
        name="up",
        output_shape=(3, 8, 8),
        depth=4,
        kind="resize",
        sources=("a",),
        receptive_field=seen,
    )
    got = LayerFacts.of(layer, 0.0, 2.0)
    assert got.stride == (0.5, 2.0) and got.center == (0.25, 1.0) and got.high == 2.0
    layer.receptive_field = SimpleNamespace(stride=(0, 0), center=(0, 0), status="whole input")
    assert LayerFacts.of(layer).stride is None
