"""Merging statistics: in pieces or at once, against the reference."""

import numpy as np
import pytest

from engine.kernels.maps import summarise
from engine.study.blocks import ChannelStatistics, LayerBlock
from tests.reference import statistics


def block(maps, low=-1.0, high=1.0):
    return LayerBlock.from_summary(summarise(maps, low, high), low, high, values=maps)


def maps():
    made = np.random.default_rng(0).standard_normal((12, 3, 40)).astype(np.float32)
    made[:, 1] += 1e4
    made[3, 2, :5] = np.nan, np.inf, -np.inf, 0, 0
    made[5] = np.nan
    return made


@pytest.mark.parametrize("cuts", [[], [1], [4, 5, 6], [0, 6, 12]])
def test_merged_statistics_are_those_of_all_values(cuts):
    parts = [block(part).statistics for part in np.split(maps(), cuts) if len(part)]
    total = ChannelStatistics.merge(parts)
    for c in range(3):
        expected = statistics.of_channel(maps()[:, c], -1, 1)
        for name in ("count", "zeros", "nans", "posinfs", "neginfs", "below", "above"):
            assert getattr(total, name)[c] == expected[name]
        assert total.minimum[c] == np.float32(expected["minimum"])
        assert total.maximum[c] == np.float32(expected["maximum"])
        # float64 sums of 480 values in another order
        np.testing.assert_allclose(total.sum[c], expected["sum"], rtol=1e-13, atol=1e-11)
        np.testing.assert_allclose(total.deviations[c], expected["deviations"], rtol=1e-10)
        finite = maps()[:, c][np.isfinite(maps()[:, c])].astype(np.float64)
        np.testing.assert_allclose(total.mean()[c], finite.mean(), rtol=1e-12)
        np.testing.assert_allclose(total.std()[c], finite.std(), rtol=1e-10)
        assert total.fraction_of_zeros()[c] == (maps()[:, c] == 0).mean()
        assert total.histogram[c].sum() == expected["histogram"].sum()
    assert (total.values == 480).all()
    assert (total.layer_histogram() == total.histogram.sum(axis=0)).all()
    assert total.edges[0] == -1 and total.edges[-1] == 1 and len(total.edges) == 257


def test_a_constant_channel_stays_without_deviation():
    constant = np.full((6, 1, 1000), 123456.7, np.float32)
    total = ChannelStatistics.merge(block(constant[i : i + 2]).statistics for i in (0, 2, 4))
    assert total.std()[0] == 0 and total.mean()[0] == constant[0, 0, 0]


def test_nothing_yet():
    empty = ChannelStatistics.empty(2, 0, 1)
    assert np.isnan(empty.mean()).all() and np.isnan(empty.std()).all()
    assert np.isnan(empty.fraction_of_zeros()).all()
    one = block(maps(), 0, 1).statistics
    total = ChannelStatistics.merge([ChannelStatistics.empty(3, 0, 1), one])
    assert (total.sum == one.sum).all() and (total.deviations == one.deviations).all()


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="ranges"):
        ChannelStatistics.merge([block(maps()).statistics, block(maps(), 0, 1).statistics])
    with pytest.raises(ValueError, match="no statistics"):
        ChannelStatistics.merge([])


def test_batches_are_joined_in_order():
    joined = LayerBlock.join([block(maps()[:5]), block(maps()[5:6]), block(maps()[6:])])
    whole = block(maps())
    for name in ("maximum", "argmax", "mean", "std", "values"):
        np.testing.assert_array_equal(getattr(joined, name), getattr(whole, name))
    assert (joined.statistics.histogram == whole.statistics.histogram).all()
