"""Statistics of channels and merging their sums: in pieces or at once, against the reference."""

import functools

import numpy as np
import pytest

from engine.study.blocks import INTEGERS, ChannelStatistics, merge_sums
from tests.engine.summary import summary_of
from tests.reference import statistics


def maps():
    made = np.random.default_rng(0).standard_normal((12, 3, 40)).astype(np.float32)
    made[:, 1] += 1e4
    made[3, 2, :5] = np.nan, np.inf, -np.inf, 0, 0
    made[5] = np.nan
    return made


def sums(part):
    found = summary_of(part, -1, 1)
    return found.count, found.sum, found.deviations


@pytest.mark.parametrize("cuts", [[], [1], [4, 5, 6], [0, 6, 12]])
def test_merged_sums_are_those_of_all_values(cuts):
    parts = [sums(part) for part in np.split(maps(), cuts) if len(part)]
    count, total, deviations = functools.reduce(merge_sums, parts)
    for c in range(3):
        expected = statistics.of_channel(maps()[:, c], -1, 1)
        assert count[c] == expected["count"]
        # float64 sums of 480 values in another order
        np.testing.assert_allclose(total[c], expected["sum"], rtol=1e-13, atol=1e-11)
        np.testing.assert_allclose(deviations[c], expected["deviations"], rtol=1e-10)


def test_merging_with_nothing_changes_nothing():
    empty = ChannelStatistics.empty(3, 0, 1)
    one = sums(maps())
    merged = merge_sums((empty.count, empty.sum, empty.deviations), one)
    assert all((a == b).all() for a, b in zip(merged, one, strict=True))


def test_a_constant_channel_stays_without_deviation():
    constant = np.full((6, 1, 1000), 123456.7, np.float32)
    merged = functools.reduce(merge_sums, [sums(constant[i : i + 2]) for i in (0, 2, 4)])
    assert merged[2][0] == 0 and merged[1][0] / merged[0][0] == constant[0, 0, 0]


def test_derived_numbers_follow_from_the_sums():
    found = vars(summary_of(maps(), -1, 1))
    named = {name: found[name] for name in ("count", "sum", "deviations", "histogram", *INTEGERS)}
    total = ChannelStatistics(
        minimum=found["lowest"], maximum=found["highest"], low=-1.0, high=1.0, **named
    )
    for c in range(3):
        finite = maps()[:, c][np.isfinite(maps()[:, c])].astype(np.float64)
        np.testing.assert_allclose(total.mean()[c], finite.mean(), rtol=1e-12)
        np.testing.assert_allclose(total.std()[c], finite.std(), rtol=1e-10)
        assert total.fraction_of_zeros()[c] == (maps()[:, c] == 0).mean()
    assert (total.values == 480).all()
    assert (total.layer_histogram() == total.histogram.sum(axis=0)).all()
    assert total.edges[0] == -1 and total.edges[-1] == 1 and len(total.edges) == 257


def test_nothing_yet():
    empty = ChannelStatistics.empty(2, 0, 1)
    assert np.isnan(empty.mean()).all() and np.isnan(empty.std()).all()
    assert np.isnan(empty.fraction_of_zeros()).all()
