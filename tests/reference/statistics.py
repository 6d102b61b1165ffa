"""Slow second implementation of a layer's statistics, from the formulas, in float64."""

import numpy as np


def of_map(values):
    """One map: dict of maximum, argmax, mean, std.

    Parameters
    ----------
    values : float32[P]
    """
    values = np.asarray(values, np.float64)
    finite = values[np.isfinite(values)]
    numbers = ~np.isnan(values)
    found = {"maximum": np.nan, "argmax": -1, "mean": np.nan, "std": np.nan}
    if numbers.any():
        found["maximum"] = values[numbers].max() + 0.0  # zero without a sign
        found["argmax"] = int(np.flatnonzero(values == found["maximum"])[0])
    if finite.size:
        found["mean"] = sum(finite.tolist()) / finite.size
        found["std"] = np.sqrt(sum(((finite - found["mean"]) ** 2).tolist()) / finite.size)
    return found


def of_channel(values, low, high):
    """One channel over all samples and positions: dict with the fields of ChannelStatistics."""
    values = np.asarray(values, np.float64).ravel()
    finite = values[np.isfinite(values)]
    inside = finite[(finite >= low) & (finite <= high)]
    width = high - low
    bins = np.zeros(inside.size, int)
    if width > 0:
        bins = np.minimum(np.floor((inside - low) / width * 256), 255).astype(int)
    mean = sum(finite.tolist()) / finite.size if finite.size else np.nan
    return {
        "count": finite.size,
        "minimum": finite.min() + 0.0 if finite.size else np.nan,
        "maximum": finite.max() + 0.0 if finite.size else np.nan,
        "sum": sum(finite.tolist()),
        "deviations": sum(((finite - mean) ** 2).tolist()) if finite.size else 0.0,
        "zeros": int((finite == 0).sum()),
        "nans": int(np.isnan(values).sum()),
        "posinfs": int((values == np.inf).sum()),
        "neginfs": int((values == -np.inf).sum()),
        "histogram": np.bincount(bins, minlength=256),
        "below": int((finite < low).sum()),
        "above": int((finite > high).sum()),
    }


def quantiles_of_map(values, count):
    """Quantiles of a map's finite values at 0, 1/(Q-1) ... 1, linearly interpolated."""
    finite = sorted(v for v in np.asarray(values, np.float64).tolist() if np.isfinite(v))
    if not finite:
        return [np.nan] * count
    found = []
    for q in range(count):
        place = (len(finite) - 1) * q / (count - 1)
        lower = int(np.floor(place))
        upper = min(lower + 1, len(finite) - 1)
        found.append(finite[lower] + (finite[upper] - finite[lower]) * (place - lower))
    return found
