"""Importance, error rates and the threshold curve as CSV files."""

import numpy as np

from viewer.studio.predictions import class_name
from viewer.studio.table_file import written

IMPORTANCE_FIELDS = ("layer", "filter", "importance", "rank", "off", "samples", "measure")
RATE_FIELDS = ("class", "samples", "error rate", "error rate without", "filters off", "by")
CURVE_FIELDS = (
    "share removed", "filters removed", "least important first", "most important first",
    "random mean", "random low", "random high",
)  # fmt: skip


def _number(value):
    """A number as a field; empty where there is none."""
    return "" if value is None or value != value else f"{value:.9g}"


def write_importance(path, layers, settings, task):
    """Write the importance of filters: a line a filter.

    Parameters
    ----------
    path : Path
    layers : sequence of viewer.studio.weighed.Weighed
    settings : ImportanceSettings
        What is off.
    task : Task

    Returns
    -------
    int
        Lines below the heading.

    Raises
    ------
    InputError, MachineError, Cancelled
        Nothing is left behind.
    """
    lines = 0
    with written(path) as writer:
        writer.writerow(IMPORTANCE_FIELDS)
        for done, layer in enumerate(layers):
            task.report(done, len(layers), "layers")
            off = set(settings.off_of(layer.layer))
            for channel, value in enumerate(layer.values.tolist()):
                rank = int(layer.ranks[channel]) + 1
                said = "yes" if channel in off else ""
                row = (layer.layer, channel, _number(value), rank, said, layer.samples)
                writer.writerow((*row, layer.words))
                lines += 1
    return lines


def write_rates(path, before, after, names, off, by, task):
    """Write error rates: a line for all classes, and a line a class.

    Parameters
    ----------
    path : Path
    before, after : engine.analysis.rates.Rates
        ``after`` None: nothing is off.
    names : sequence of str or None
        Of the classes.
    off : tuple of (str, tuple of int)
    by : str
    task : Task

    Returns
    -------
    int
        Lines below the heading.
    """
    task.report(0, None, "classes")
    said = " ".join(f"{layer}:{channel}" for layer, channels in off for channel in channels)
    later = {} if after is None else {index: rate for index, rate, _ in after.per_class}
    with written(path) as writer:
        writer.writerow(RATE_FIELDS)
        without = None if after is None else after.overall
        way = by if said else ""
        writer.writerow(
            ("all", before.samples, _number(before.overall), _number(without), said, way)
        )
        for index, rate, samples in before.per_class:
            name = class_name(index, names)
            writer.writerow((name, samples, _number(rate), _number(later.get(index)), said, way))
    return 1 + len(before.per_class)


def write_curve(path, curve, name, task):
    """Write a threshold curve: a line a step.

    Parameters
    ----------
    path : Path
    curve : engine.analysis.ablation_curve.Curve
    name : str
        Of the class that has rates of its own, too; empty without.
    task : Task

    Returns
    -------
    int
        Lines below the heading.
    """
    task.report(0, None, "steps")
    parts = [False] + [True] * (curve.ascending.of_class is not None)
    fields = list(CURVE_FIELDS)
    fields += [f"{field}, {name}" for field in CURVE_FIELDS[2:]] * (len(parts) - 1)
    columns = [column for of_class in parts for column in _columns(curve, of_class)]
    with written(path) as writer:
        writer.writerow(fields)
        for at, (share, removed) in enumerate(zip(curve.share, curve.removed, strict=True)):
            values = [_number(float(column[at])) for column in columns]
            writer.writerow((_number(float(share)), int(removed), *values))
    return len(curve.share)


def _columns(curve, of_class):
    """The five lines of a plot."""
    lines = [curve.ascending, curve.descending]
    if curve.random is not None:
        lines += [curve.random.mean, curve.random.low, curve.random.high]
    found = [np.asarray(line.of_class if of_class else line.overall, float) for line in lines]
    return found + [np.full(len(curve.share), np.nan)] * (5 - len(found))
