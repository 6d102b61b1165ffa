"""From a description to samples and to points, exactly: the algebra of steps.

What is brushed is a set of samples, and in every layer in which points were brushed a set of
points; a sample is selected when it has a selected point in each of these layers. Adding unites
both, lifting samples to all their points. Subtracting and intersecting act on the points of the
layers in which the region was brushed, and on whole samples elsewhere: a sample stays as long as it
keeps a point there. So a lasso takes exactly its points in its own layer, and every other layer,
the pictures and the lists follow by whole samples.
"""

from dataclasses import dataclass, field

import numpy as np

from engine.selections.describing import Lasso, Projected, Saved, Spots


@dataclass(frozen=True, eq=False)
class Brushed:
    """What is selected.

    Attributes
    ----------
    samples : bool[N]
    layers : dict of str to bool[P]
        Of the layers in which points were brushed, in the order of their points.
    missing : frozenset of str
        Layers without points: what was brushed in them counts as empty.
    """

    samples: np.ndarray
    layers: dict = field(default_factory=dict)
    missing: frozenset = frozenset()


@dataclass(frozen=True, eq=False)
class Known:
    """What a description is resolved with.

    Attributes
    ----------
    count : int
        N, samples.
    labels, predicted : int[N] or None
        Classes; -1 where unknown. Without them no class has samples.
    points : dict of str to Points
        By layer; their samples are numbered as the description numbers them.
    network : Network or NetworkSummary or None
        Says which points of two layers meet.
    met : dict
        Points that meet, found before; filled here.
    """

    count: int
    labels: object = None
    predicted: object = None
    points: dict = field(default_factory=dict)
    network: object = None
    met: dict = field(default_factory=dict)


def resolve(steps, known):
    """What steps come to.

    Parameters
    ----------
    steps : tuple of (mode, region)
    known : Known

    Returns
    -------
    Brushed
    """
    brushed = Brushed(np.zeros(known.count, bool))
    for mode, region in steps:
        brushed = combined(brushed, mode, brushed_by(region, known), known.points)
    return brushed


def brushed_by(region, known):
    """What one region comes to: `Brushed`."""
    if isinstance(region, Saved):
        return resolve(region.steps, known)
    if isinstance(region, (Lasso, Projected, Spots)):
        return _by_points(region, known)
    samples = np.zeros(known.count, bool)
    if region.kind == "all":
        samples[:] = True
    elif region.kind == "samples":
        items = np.array(region.items, np.int64)
        samples[items[items < known.count]] = True
    else:
        classes = known.labels if region.kind == "class" else known.predicted
        if classes is not None:
            classes = np.asarray(classes)[: known.count]
            samples[: len(classes)] = np.isin(classes, region.items)
    return Brushed(samples)


def combined(one, mode, other, points):
    """`one` with what `other` has brushed, as the module says.

    Parameters
    ----------
    one, other : Brushed
    mode : str
        One of `MODES`.
    points : dict of str to Points

    Returns
    -------
    Brushed
    """
    missing = one.missing | other.missing
    if mode == "replace":
        return other
    names = [*one.layers, *(name for name in other.layers if name not in one.layers)]
    here = {name: _lifted(one, name, points) for name in names}
    there = {name: _lifted(other, name, points) for name in names}
    if mode == "add":
        layers = {name: here[name] | there[name] for name in names}
        return Brushed(one.samples | other.samples, layers, missing)
    if mode == "intersect":
        samples = one.samples & other.samples
        layers = {name: here[name] & there[name] for name in names}
        for name in names:
            samples &= _keeping(layers[name], points[name], len(samples))
    elif other.layers:
        samples, layers = one.samples.copy(), dict(here)
        for name in other.layers:
            layers[name] = here[name] & ~there[name]
            samples &= _keeping(layers[name], points[name], len(samples))
    else:
        samples, layers = one.samples & ~other.samples, here
    for name in names:
        layers[name] = layers[name] & points[name].points_of_samples(samples)
    return Brushed(samples, layers, missing)


def lowered(mask, points, count):
    """Samples with at least one of some points.

    Parameters
    ----------
    mask : bool[P] or slice
    points : Points
    count : int
        N.

    Returns
    -------
    bool[N]
    """
    samples = np.zeros(count, bool)
    found = points.sample[mask]
    samples[found[found < count]] = True
    return samples


def _keeping(mask, points, count):
    """Samples that keep a point, or never had one (they were not extracted): bool[N]."""
    return lowered(mask, points, count) | ~lowered(slice(None), points, count)


def _lifted(brushed, name, points):
    found = brushed.layers.get(name)
    return points[name].points_of_samples(brushed.samples) if found is None else found


def _by_points(region, known):
    """What a polygon or single points come to; nothing where their layer has no points."""
    if isinstance(region, Spots):
        name = region.layer
        points = known.points.get(name)
        mask = None if points is None else spotted(region, points)
    elif isinstance(region, Projected) or region.other is None:
        name = region.layer
        points = known.points.get(name)
        fits = points is not None and points.columns.which == region.which
        work = projected if isinstance(region, Projected) else lassoed
        mask = work(region, points.columns) if fits else None
    else:
        name, mask = _across(region, known)
        points = known.points.get(name)
    if mask is None:
        return Brushed(np.zeros(known.count, bool), {}, frozenset({name}))
    return Brushed(lowered(mask, points, known.count), {name: mask})


def spotted(region, points):
    """Which points are the region's: bool[P]."""
    units = max(1, int(np.prod(points.positions, dtype=np.int64)))
    wanted = [sample * units + place for sample, place in region.points if place < units]
    keys = points.sample.astype(np.int64) * units + points.place
    return np.isin(keys, np.array(wanted, np.int64))


def projected(region, columns):
    """Which points appear inside the polygon of a `Projected`; none where a channel is missing."""
    from engine.embedding.projected import inside_projection

    if max(region.channels) >= columns.channels:
        return np.zeros(columns.count, bool)
    return inside_projection(columns, region.channels, region.matrix, region.polygon)


def lassoed(region, columns):
    """Which points lie in a lasso of their own layer, exactly on the 16-bit codes.

    Parameters
    ----------
    region : Lasso
    columns : Columns

    Returns
    -------
    bool[P]
        Nothing where a channel does not exist.
    """
    if max(region.x, region.y) >= columns.channels:
        return np.zeros(columns.count, bool)
    across, down = ((columns, at, columns.fine[at]) for at in (region.x, region.y))
    return _inside(np.array(region.polygon, np.float64), across, down)


def _inside(corners, across, down):
    """Which points lie in a polygon of values; each axis as (Columns, channel, uint16[P])."""
    from engine.embedding.lasso import inside

    polygon = [
        _codes(columns, channel, corners[:, axis])
        for axis, (columns, channel, _) in enumerate((across, down))
    ]
    return inside(np.stack(polygon, axis=1), across[2], down[2]).view(bool)


def _codes(columns, channel, values):
    """Where values lie in codes; beside code 0, below or above, in a constant channel."""
    if columns.step[channel] == 0:
        return np.sign(values - columns.low[channel])
    return columns.codes(channel, values)


def _across(region, known):
    """The layer whose points a lasso over two layers is about, and which of them are in it."""
    names = (region.layer, region.other)
    down, across = (known.points.get(name) for name in names)
    if down is None or across is None or known.network is None:
        return next((name for name in names if name not in known.points), names[0]), None
    if region.y >= down.channels or region.x >= across.channels:
        return region.layer, np.zeros(down.count, bool)
    key = (down.key, across.key)
    if key not in known.met:
        known.met[key] = pairs_of(known.network, down, across)
    lead, at_down, at_across = known.met[key]
    corners = np.array(region.polygon, np.float64)
    found = _inside(
        corners,
        (across.columns, region.x, across.columns.fine[region.x][at_across]),
        (down.columns, region.y, down.columns.fine[region.y][at_down]),
    )
    points, index = (down, at_down) if lead == region.layer else (across, at_across)
    mask = np.zeros(points.count, bool)
    mask[index[found]] = True
    return lead, mask


def pairs_of(network, down, across):
    """Points of two layers that meet, as `engine.embedding.across.joined` pairs them; all of them.

    Parameters
    ----------
    network : Network or NetworkSummary
    down, across : Points

    Returns
    -------
    (str, int64[J], int64[J])
        The layer whose units the pairs are, and for each pair its point in `down` and `across`.
    """
    from engine.embedding.across import is_deeper, meet

    leads = is_deeper(network, down.columns.layer, across.columns.layer)
    lead, other = (down, across) if leads else (across, down)
    if not lead.positions and other.positions:
        lead, other, leads = other, lead, not leads
    met, _ = meet(network, lead, other)
    leading = np.flatnonzero(met >= 0)
    met = met[leading]
    return (lead.columns.layer, *((leading, met) if leads else (met, leading)))
