"""Points of two layers that meet by receptive field: what a cell across layers shows.

A unit of the deeper layer meets the unit of the earlier one at the centre of its receptive field;
a unit that is a whole sample meets every unit of that sample in the other layer. Centres come from
the exact fields of `engine.network`. Reference: ``tests/reference/across.py``.
"""

from dataclasses import dataclass, replace

import numpy as np

from engine.embedding.columns import Columns
from engine.embedding.points import Points
from engine.tasks import Task

BUDGET_BYTES = 1 << 30
"""Of what is gathered for a joint; beyond it a joint holds a fair sample of the pairs."""
_BLOCK = 1 << 20  # distances at a time
_TIES = 9  # centres on a grid: four are equally near at most
_NOTHING = (0, 0, 0, 0)


@dataclass(frozen=True, eq=False)
class Joint:
    """Pairs of points of two layers that meet; any first n of them are a fair sample.

    Attributes
    ----------
    rows, columns : Columns
        Of the two layers, J pairs each.
    points : Points
        The pairs as points, with the columns of the layer whose units they are: for their groups,
        their samples and places.
    row_points, column_points : int64[J]
        Which point of each layer a pair is made of.
    total : int
        Pairs that there are; J may be less (see `BUDGET_BYTES`).
    left_out : int
        Points of the deeper layer that meet none that was kept.
    words : str
        What meets what, for a person.
    """

    rows: Columns
    columns: Columns
    points: Points
    row_points: np.ndarray
    column_points: np.ndarray
    total: int
    left_out: int
    words: str

    @property
    def count(self):
        """Pairs, J."""
        return len(self.row_points)

    @property
    def sample(self):
        """Index in the data set, int32[J]."""
        return self.points.sample

    @property
    def place(self):
        """Flat position in the map of the layer whose units the pairs are, int32[J]."""
        return self.points.place

    def of_rows(self, values):
        """Values of the row layer's points (or None) as those of the pairs."""
        return None if values is None else np.asarray(values)[self.row_points]

    def of_columns(self, values):
        """Values of the column layer's points (or None) as those of the pairs."""
        return None if values is None else np.asarray(values)[self.column_points]


def is_deeper(network, one, other):
    """Whether a layer stands after another in order of depth; of one layer: no."""
    names = [layer.name for layer in network.layers]
    return names.index(one) > names.index(other)


def centers_of(network, layer):
    """Centres of the receptive fields of a layer's units.

    Parameters
    ----------
    network : Network or NetworkSummary
        Of a summary the centres are those of evenly spaced fields.
    layer : str

    Returns
    -------
    (float64[U, 2], float64[U, 4])
        Row and column of each unit's centre, in pixels of the network's input, NaN where it
        depends on nothing or the input is no picture; and its box.
    """
    found = network.layer(layer)
    sizes = found.output_shape[1:]
    if found.receptive_field is None:
        nothing = np.full((int(np.prod(sizes)), 4), np.nan)
        return nothing[:, :2], nothing
    if getattr(network, "fields", None) is not None:
        boxes = network.boxes(layer).reshape(-1, 4).astype(float)
    else:
        boxes = _even_boxes(found.receptive_field, sizes)
    centers = (boxes[:, :2] + boxes[:, 2:] - 1) / 2
    centers[(boxes == _NOTHING).all(1)] = np.nan
    return centers, boxes


def units_at_centers(network, deep, early):
    """For each unit of the deeper layer the unit at its centre in the earlier one.

    Parameters
    ----------
    network : Network or NetworkSummary
    deep, early : str
        Layers with positions.

    Returns
    -------
    int64[U]
        Flat positions; -1 where a unit depends on nothing, or where the earlier layer's units all
        look at the same pixels. Of equally near units the first; layers of one shape whose units
        cannot be told apart in either (tokens that see everything) meet place by place.
    """
    centers, _ = centers_of(network, deep)
    others, _ = centers_of(network, early)
    shapes = [network.layer(name).output_shape[1:] for name in (deep, early)]
    vague = _all_same(others) and len(others) > 1
    if deep == early or (shapes[0] == shapes[1] and (vague or _all_same(centers))):
        return np.arange(len(centers))
    if vague:
        return np.full(len(centers), -1)
    return _nearest(centers, others)


def meet(network, deep, early):
    """The point of the earlier layer that each point of the deeper one meets.

    Parameters
    ----------
    network : Network or NetworkSummary
    deep, early : Points
        Of two layers with positions, or an earlier one without (its sample's point is met).

    Returns
    -------
    (int64[P], int64)
        Index into the earlier layer's points, -1 where none was kept: of a layer that was sampled
        the kept unit nearest to the centre is met, if its own centre lies in the deeper unit's
        receptive field. And how many meet exactly the unit at their centre. Of units that all
        look at the same pixels only the one at the same place is met.
    """
    if not early.positions:
        found = _point_of_sample(early)[_ranks(deep.sample, early)]
        return found, int((found >= 0).sum())
    units = units_at_centers(network, deep.columns.layer, early.columns.layer)
    wanted = units[deep.place]
    if early.kind == "sampled":
        return _nearest_kept(network, deep, early, wanted)
    size = int(np.prod(early.positions))
    table = np.full((int(early.sample.max(initial=-1)) + 2) * size, -1, np.int64)
    table[early.sample.astype(np.int64) * size + early.place] = np.arange(early.count)
    ranks = np.minimum(deep.sample, len(table) // size - 1).astype(np.int64)
    found = np.where(wanted >= 0, table[ranks * size + np.maximum(wanted, 0)], -1)
    return found, int((found >= 0).sum())


def joined(network, rows, columns, task=None, budget=BUDGET_BYTES):
    """Points of two layers as pairs that meet.

    Parameters
    ----------
    network : Network or NetworkSummary
    rows, columns : Points
        Either may be the deeper one.
    task : Task, optional
    budget : int
        Bytes of codes that may be gathered.

    Returns
    -------
    Joint
        Its pairs are the units of the deeper layer, or, where that has no positions and the other
        one has, those of the other one.
    """
    task = task or Task()
    rows_lead = is_deeper(network, rows.columns.layer, columns.columns.layer)
    lead, other = (rows, columns) if rows_lead else (columns, rows)
    if not lead.positions and other.positions:
        lead, other, rows_lead = other, lead, not rows_lead
    met, exact = meet(network, lead, other)
    leading = np.flatnonzero(met >= 0)
    total = len(leading)
    size = 3 * (other.channels + (lead.channels if total < lead.count else 0))
    kept = min(total, max(1, int(budget // max(1, size))))
    leading, met = leading[:kept], met[leading[:kept]]
    taken = [
        _gathered(points.columns, index, task, share)
        for points, index, share in ((lead, leading, 0.0), (other, met, 0.5))
    ]
    points = replace(
        lead,
        columns=taken[0],
        sample=lead.sample[leading],
        row=lead.row[leading],
        place=lead.place[leading],
        key=f"{lead.key}-{other.key}",
        words=_words(lead, other, kept, total, exact),
    )
    left_out = lead.count - total
    both = (taken, (leading, met)) if rows_lead else (taken[::-1], (met, leading))
    return Joint(*both[0], points, *both[1], total, left_out, points.words)


def _words(lead, other, kept, total, exact):
    names = lead.columns.layer, other.columns.layer
    if not other.positions:
        said = f"units of {names[0]} meet their sample in {names[1]}"
    else:
        said = f"units of {names[0]} meet the unit of {names[1]} at their centre"
        if other.kind == "sampled":
            said += f" ({exact:,}) or the kept one nearest to it ({total - exact:,})"
    if total < lead.count:
        said += f"; {lead.count - total:,} of {lead.count:,} meet none that was kept"
    if kept < total:
        said += f"; {kept:,} of {total:,} pairs"
    return said


def _gathered(columns, index, task, share):
    """Columns of some points; the same object where these are all, in order."""
    if len(index) == columns.count and np.array_equal(index, np.arange(columns.count)):
        return columns
    fine = np.empty((columns.channels, len(index)), np.uint16)
    coarse = np.empty(fine.shape, np.uint8)
    zeros, strange = (np.zeros(columns.channels, np.int64) for _ in range(2))
    for channel, zero in enumerate(columns.zero):
        task.report(share + 0.5 * channel / columns.channels, 1.0, f"points of {columns.layer}")
        row = fine[channel]
        np.take(columns.fine[channel], index, out=row, mode="clip")  # "raise" would copy once more
        np.right_shift(row, 8, out=coarse[channel], casting="unsafe")
        if columns.zeros[channel]:
            zeros[channel] = np.count_nonzero(row == np.uint16(zero))
        if columns.not_finite[channel]:
            strange[channel] = np.count_nonzero(coarse[channel] == 255)
    return replace(columns, fine=fine, coarse=coarse, zeros=zeros, not_finite=strange)


def _even_boxes(field, sizes):
    """Boxes of units in rows and columns from the summary of their fields: float64[U, 4]."""
    places = np.indices(sizes).reshape(len(sizes), -1) if sizes else np.zeros((0, 1))
    found = np.zeros((places.shape[1], 4))
    for axis in (0, 1):
        at = places[axis] if axis < len(places) and len(sizes) == 2 else 0
        middle = field.center[axis] + float(field.stride[axis]) * at
        found[:, axis] = middle - (field.size[axis] - 1) / 2
        found[:, axis + 2] = found[:, axis] + field.size[axis]
    return found


def _all_same(centers):
    known = centers[np.isfinite(centers).all(1)]
    return len(known) < 2 or bool((known == known[0]).all())


def _nearest(centers, others):
    """Flat index of the nearest of others for each centre, the first of equal ones; -1 for NaN."""
    from scipy.spatial import cKDTree

    found = np.full(len(centers), -1)
    known = np.flatnonzero(np.isfinite(centers).all(1))
    usable = np.flatnonzero(np.isfinite(others).all(1))
    if not len(usable):
        return found
    distinct, first = np.unique(others[usable], axis=0, return_index=True)
    near = min(_TIES, len(distinct))
    distance, which = cKDTree(distinct).query(centers[known], near)
    distance, which = distance.reshape(-1, near), which.reshape(-1, near)
    ties = np.isclose(distance, distance[:, :1], rtol=0, atol=1e-9)
    found[known] = usable[np.where(ties, first[which], len(others)).min(1)]
    return found


def _ranks(samples, points):
    """Where samples stand in a table over a layer's samples; the last entry for those without."""
    return np.minimum(samples, int(points.sample.max(initial=-1)) + 1)


def _point_of_sample(points):
    """The point of every sample in a layer without positions; -1, also in the last entry."""
    table = np.full(int(points.sample.max(initial=-1)) + 2, -1, np.int64)
    table[points.sample] = np.arange(points.count)
    return table


def _nearest_kept(network, deep, early, wanted):
    """As `meet`, where the earlier layer keeps some positions of each sample."""
    centers, boxes = centers_of(network, deep.columns.layer)
    others, _ = centers_of(network, early.columns.layer)
    if not early.count:
        return np.full(deep.count, -1, np.int64), 0
    order = np.lexsort((early.place, early.sample))
    starts = np.searchsorted(early.sample[order], np.arange(int(early.sample.max(initial=-1)) + 3))
    ranks, alike = _ranks(deep.sample, early), _all_same(others)
    found, exact = np.full(deep.count, -1, np.int64), 0
    step = max(1, _BLOCK // max(1, int(np.diff(starts).max(initial=1))))
    for first in range(0, deep.count, step):
        some = slice(first, min(deep.count, first + step))
        begin, end = starts[ranks[some]], starts[ranks[some] + 1]
        slots = begin[:, None] + np.arange(max(1, int((end - begin).max(initial=0))))
        there = slots < end[:, None]
        kept = order[np.minimum(slots, len(order) - 1)]
        at = others[early.place[kept]]
        box = boxes[deep.place[some], None]
        inside = ((at >= box[..., :2] - 0.5) & (at <= box[..., 2:] - 0.5)).all(-1)
        distance = ((at - centers[deep.place[some], None]) ** 2).sum(-1)
        is_wanted = there & (early.place[kept] == wanted[some, None])
        distance[~(there & inside) | (wanted[some, None] < 0) | alike] = np.inf
        distance[is_wanted] = -1.0  # it comes before neighbours that are as near
        best = np.argmin(distance, 1)
        rows = np.arange(len(best))
        known = np.isfinite(distance[rows, best])
        found[some] = np.where(known, kept[rows, best], -1)
        exact += int((known & is_wanted[rows, best]).sum())
    return found, exact
