"""What the study's summary says of a layer: dead channels by definition, mean, extremes."""

import numpy as np

from engine.study.blocks import ChannelStatistics
from viewer.studio.reading import numbers_of


def statistics(values):
    """Of float[C, n] values, from their definition."""
    finite = np.isfinite(values)
    kept = np.where(finite, values, np.nan)
    empty = ChannelStatistics.empty(len(values), 0.0, 1.0)
    fields = {name: getattr(empty, name) for name in empty.__dataclass_fields__}
    some = finite.any(1)
    low, high = (np.full(len(values), np.nan, np.float32) for _ in range(2))
    low[some], high[some] = np.nanmin(kept[some], 1), np.nanmax(kept[some], 1)
    fields.update(
        count=finite.sum(1), minimum=low, maximum=high, sum=np.nansum(kept, 1, dtype=float)
    )
    return ChannelStatistics(**fields)


def test_constant_and_silent_channels_are_counted():
    values = np.array(
        [
            [0.0, 0.0, 0.0, 0.0],
            [0.5, 0.5, 0.5, 0.5],
            [-3.0, -1.0, -2.0, 0.0],
            [-1.0, 2.0, 0.0, 3.0],
            [np.nan, np.nan, np.nan, np.nan],
        ]
    )
    numbers = numbers_of(statistics(values))
    assert (numbers.channels, numbers.constant, numbers.silent) == (5, 2, 3)
    assert (numbers.lowest, numbers.largest) == (-3.0, 3.0)
    assert np.isclose(numbers.mean, np.nanmean(values))


def test_a_layer_without_a_finite_value_has_no_numbers():
    assert numbers_of(statistics(np.full((3, 4), np.inf))) is None
