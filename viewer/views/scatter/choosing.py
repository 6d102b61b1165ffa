"""Which three channels to show: those that separate classes best, or those of the matrix's cell.

Classes are separated by three channels as well as the spread between their middles outweighs the
spread within them: the trace of the within-class covariance's inverse times the between-class one
(Fukunaga, Introduction to Statistical Pattern Recognition, 1990, chapter 10). Channels are taken
one after the other, each the best beside those before it.
"""

from weakref import WeakKeyDictionary

import numpy as np

from viewer.studio.ordering import order_of

# A fair sample of points is enough, and the channels that separate best alone.
POINTS, CANDIDATES = 20_000, 96
_FOUND = WeakKeyDictionary()


def most_separating(points, labels, count=3):
    """The channels that separate the classes best together.

    Parameters
    ----------
    points : engine Points
    labels : int32[N] or None
    count : int

    Returns
    -------
    tuple of int or None
        None without at least two classes. Kept while points and labels are.
    """
    kept = _FOUND.get(points)
    if kept is None or kept[0] is not labels:
        kept = (labels, _most_separating(points, labels, count))
        _FOUND[points] = kept
    return kept[1]


def _most_separating(points, labels, count):
    if labels is None:
        return None
    labels = np.asarray(labels)
    samples = points.sample[:POINTS]
    known = samples < len(labels)
    classes = np.where(known, labels[np.minimum(samples, len(labels) - 1)], -1)
    columns = points.columns
    usable = np.flatnonzero(~columns.constant)
    values = columns.fine[usable, : len(classes)].astype(np.float64)
    values[values == 65535] = np.nan
    chosen = (classes >= 0) & np.isfinite(values).all(0)
    values, classes = values[:, chosen], classes[chosen]
    present, classes = np.unique(classes, return_inverse=True)
    if len(present) < 2 or not len(usable):
        return None
    within, between = spreads(values, classes, len(present))
    alone = np.diag(between) / np.maximum(np.diag(within), 1e-12)
    best = np.argsort(-alone, kind="stable")[:CANDIDATES]
    picked = greedy(within[np.ix_(best, best)], between[np.ix_(best, best)], count)
    return tuple(int(usable[best[at]]) for at in picked)


def spreads(values, classes, count):
    """Covariance within classes and between their middles: float64[C, C] each.

    Parameters
    ----------
    values : float64[C, n]
    classes : int[n]
        0 to ``count`` - 1.
    """
    counts = np.bincount(classes, minlength=count).astype(float)
    member = np.zeros((count, len(classes)))
    member[classes, np.arange(len(classes))] = 1.0
    means = values @ member.T / np.maximum(counts, 1.0)
    centred = values - means[:, classes]
    away = means - values.mean(1, keepdims=True)
    size = max(1, values.shape[1])
    return centred @ centred.T / size, (away * counts) @ away.T / size


def greedy(within, between, count):
    """Places of channels taken one after the other, each the best beside those before it."""
    picked = []
    ridge = 1e-9 * max(1e-12, float(np.trace(within)) / max(1, len(within)))
    while len(picked) < min(count, len(within)):
        scores = np.full(len(within), -np.inf)
        for at in range(len(within)):
            if at not in picked:
                some = np.ix_([*picked, at], [*picked, at])
                inner = within[some] + ridge * np.eye(len(picked) + 1)
                scores[at] = np.trace(np.linalg.solve(inner, between[some]))
        picked.append(int(scores.argmax()))
    return picked


def cell_in_sight(state, facts):
    """(row channel, column channel) of the cell that the matrix stands at, or None.

    None where its columns come from another layer, or its points are not there.
    """
    layer, settings, camera = state.focus.layer, state.matrix, state.matrix_camera
    points = facts.points.get(layer)
    if points is None or settings.columns_from not in (None, layer):
        return None
    if not camera.is_in_force(state.focus):
        channel = state.focus.channel
        return None if channel is None else (channel, channel)
    found = order_of(state, facts, layer)
    order = np.arange(points.channels) if found is None else np.asarray(found.channels)
    constant = points.columns.constant
    if settings.hides_constant and not constant.all():
        order = order[~constant[order]]
    row, column = (min(max(int(np.floor(at)), 0), len(order) - 1) for at in (camera.y, camera.x))
    return int(order[row]), int(order[column])
