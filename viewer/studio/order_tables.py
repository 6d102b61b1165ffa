"""Tables of the orders pane as CSV files: how good orders are, how well they agree."""

import math

from engine.errors import InputError
from viewer.studio.table_file import written

QUALITY_FIELDS = (
    "method",
    "quality",
    "quality_spread",
    "quality_of_best",
    "clusters",
    "channels",
    "constant",
    "dead",
    "not_finite",
)


def write_qualities(path, rows, task):
    """Write how good orders are: a line a method.

    Parameters
    ----------
    path : Path
    rows : sequence of (str, Order, float)
        The method in words, its order, its quality relative to the best of them.
    task : Task

    Returns
    -------
    int
        Lines below the heading.

    Raises
    ------
    InputError, MachineError, Cancelled
        Nothing is left behind; there is no order.
    """
    if not rows:
        raise InputError("there is no order yet")
    with written(path) as writer:
        writer.writerow(QUALITY_FIELDS)
        for name, order, relative in rows:
            task.check()
            numbers = (order.quality, order.quality_spread, relative)
            counts = (len(order.clusters), len(order.channels), order.constant)
            fields = (*map(_number, numbers), *counts, order.dead, order.not_finite)
            writer.writerow([name, *fields])
    return len(rows)


def write_agreement(path, found, correlation, task):
    """Write how well orders agree: a line and a field an order; empty where it is not defined.

    Parameters
    ----------
    path : Path
    found : viewer.studio.gathering.Compared
    correlation : str
        ``'kendall'`` or ``'spearman'``.
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
    matrix = getattr(found, correlation)
    with written(path) as writer:
        writer.writerow(
            [", ".join([f"{correlation} of {found.words}", *found.notes]), *found.names]
        )
        for at, (name, values) in enumerate(zip(found.names, matrix.tolist(), strict=True)):
            task.report(at, len(matrix), "orders")
            writer.writerow([name, *map(_number, values)])
    return len(matrix)


def _number(value):
    return "" if math.isnan(value) else f"{value:.7g}"
