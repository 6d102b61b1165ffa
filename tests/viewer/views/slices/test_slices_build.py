"""Cuts as numbers and colours, against a slow second implementation; odd shapes and values."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from hypothesis.extra import numpy as arrays

from tests.reference import slices as slow
from viewer.gl.theme import DARK, LIGHT, rgb
from viewer.views.slices.build import coloured, cut_values, finite_range, range_of, strongest

VALUES = some.floats(-1e3, 1e3, width=32) | some.sampled_from([np.nan, np.inf, -np.inf, 0.0])


@given(
    volume=arrays.arrays(np.float32, some.tuples(*[some.integers(1, 5)] * 3), elements=VALUES),
    seed=some.integers(0, 99),
)
def test_cuts_are_what_picking_value_by_value_gives(volume, seed):
    rng = np.random.default_rng(seed)
    order = rng.permutation(volume.shape[0]).astype(np.int32)
    for kind, count in zip(("xy", "xc", "yc"), volume.shape, strict=True):
        at = int(rng.integers(count))
        found = cut_values(volume, kind, at, None if kind == "xy" else order)
        np.testing.assert_array_equal(
            found, np.array(slow.cut(volume, kind, at, order), np.float32)
        )


@given(
    values=arrays.arrays(np.float32, some.tuples(*[some.integers(1, 9)] * 2), elements=VALUES),
    rows=some.integers(1, 10),
    columns=some.integers(1, 10),
)
def test_of_values_that_share_a_pixel_the_strongest_is_kept(values, rows, columns):
    found = strongest(values, rows, columns)
    np.testing.assert_array_equal(found, slow.strongest(values.tolist(), rows, columns))


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
@pytest.mark.parametrize("signed", [False, True])
def test_colours_are_those_of_the_table_value_by_value(theme, signed):
    values = np.array(
        [[-2.0, -1.0, -0.3, 0.0, 1e-6], [0.2, 0.5, 0.999, 1.0, 1.001],
         [np.nan, np.inf, -np.inf, 3.0, -1.0001]], np.float32,
    )  # fmt: skip
    ends = range_of(values[None], by_hand=(-1.0, 1.0) if signed else (0.0, 1.0))
    found = coloured(values, ends, theme)
    for place, value in np.ndenumerate(values):
        expected = slow.colour_of(value, ends.low, ends.high, signed, theme)
        assert np.abs(found[place].astype(int) - expected).max() <= 2, (place, value)
    assert (found[1, 4] == slow.as_bytes(rgb(theme.clipped))).all()


def test_a_range_counts_what_it_does_not_hold():
    values = np.array([[[np.nan, np.inf, -np.inf, np.inf, 2.0, -3.0, 0.5]]], np.float32)
    assert finite_range(values) == (-3.0, 2.0, (1, 2, 1))
    free = range_of(values)
    assert (free.low, free.high, free.signed) == (-3.0, 3.0, True)
    assert (free.nan, free.infinite, free.negative_infinite) == (1, 2, 1)
    assert (free.below, free.above, free.by_hand) == (0, 0, False)
    chosen = range_of(values, by_hand=(0.0, 1.0))
    assert (chosen.below, chosen.above, chosen.by_hand) == (1, 1, True)
    nothing = range_of(np.full((2, 3, 3), np.nan, np.float32))
    assert (nothing.low, nothing.high, nothing.nan) == (0.0, 0.0, 18)
    assert coloured(np.full((2, 2), np.nan, np.float32), nothing, DARK).shape == (2, 2, 3)


def test_ranges_are_unsigned_centred_or_of_the_study():
    values = np.array([[[0.0, 4.0, -0.01]]], np.float32)
    assert range_of(values).signed is False
    assert range_of(values, signed=True).low == -4.0
    zeros = np.zeros((1, 2, 2), np.float32)
    nothing = range_of(zeros, signed=True, over=(-0.0, 0.0))
    back = slow.as_bytes(rgb(DARK.view)).astype(int)
    assert np.abs(coloured(zeros[0], nothing, DARK) - back).max() <= 2
    study = range_of(values, over=(-0.01, 8.0))
    assert (study.low, study.high) == (0.0, 8.0)
    rounded = range_of(values, over=(0.0, 3.999))
    assert rounded.above == 0 and rounded.high == 4.0
    beyond = range_of(values, over=(0.0, 2.0))
    assert beyond.above == 1 and beyond.high == 2.0


def test_a_cut_is_written_with_the_numbers_of_its_channels(tmp_path, monkeypatch):
    import csv

    from engine.tasks import Task
    from tests.viewer.views.slices.slices_desk import facts_of, put_order, state_of, volume_values
    from viewer.studio.slice_table import write_slice
    from viewer.views.slices.build import table_of
    from viewer.views.slices.resolve import resolve

    values = volume_values()
    values[5, 2, 1] = np.nan
    order = (3, 0, 5, 1, 4, 2)
    put_order(monkeypatch, order)
    wish = resolve(state_of(channel=4), facts_of(values))
    for cut in wish.cuts:
        path = tmp_path / f"{cut.kind}.csv"
        rows = write_slice(path, **table_of(wish, cut), task=Task())
        with open(path, encoding="utf-8", newline="") as file:
            heading, *lines = csv.reader(file)
        expected = np.array(slow.cut(values, cut.kind, cut.at, order), np.float32)
        found = np.array([[float(word) for word in line[2:]] for line in lines], np.float32)
        np.testing.assert_array_equal(found, expected)
        assert rows == len(lines) == len(expected)
        numbers = [int(line[1]) for line in lines]
        assert numbers == (list(range(4)) if cut.kind == "xy" else list(order))
        along = {"xy": "channel 4", "xc": "row 2", "yc": "column 2"}[cut.kind]
        assert heading[1].endswith(f"of conv1, {along}, sample 1 of 12")
        assert heading[2] == ("row 0" if cut.kind == "yc" else "column 0")
