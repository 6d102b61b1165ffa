"""Orders of a study's layer by the maps of all its samples, one after the other.

A channel's vector has all values of the layer that are stored, so it is never made: the inner
products are summed over blocks of samples, a pass over the layer, and kept in the study.
"""

import numpy as np

from engine.analysis.orders import MOST
from engine.analysis.orders.keeping import keep_order, kept_order
from engine.analysis.orders.likeness import Likeness, likeness_of
from engine.analysis.orders.making import order
from engine.embedding import keeping
from engine.embedding.reading import Source
from engine.errors import InputError, MachineError
from engine.study.layout import digest
from engine.tasks import Task

VERSION = 1
_WORDS = {
    "products": ("channel, channel", "activation^2", "inner products less the mean channel"),
    "low": ("channel", "activation", "smallest value; infinite without a finite one"),
    "high": ("channel", "activation", "largest value"),
    "sums": ("channel", "activation", "sum of all values"),
    "squares": ("channel", "activation^2", "sum of their squares"),
    "strange": ("channel", "values", "NaN and infinities"),
    "total": ("", "values", "of each channel"),
}


def likeness_of_study(study, layer, which="post", samples=None, task=None, keep=True):
    """Likeness of a layer's channels by their stored values over many samples.

    Parameters
    ----------
    study : Study
    layer, which : str
    samples : int[n] or bool[N], optional
        Rows of the study; all when left out.
    task : Task, optional
        For progress, told after each block of about 16 MB, and cancelling.
    keep : bool
        Whether to write to the study; nothing is written to one that is not complete.

    Returns
    -------
    Likeness
        Its words say how many samples and positions: all maps of a layer that was kept in full, the
        sampled positions, or each map's maximum where only pooled values were kept.

    Raises
    ------
    InputError
        The layer was not extracted, has too many channels, or the samples are not in the study.
    Cancelled
    """
    task = task or Task()
    source = Source(study, layer, which)
    if source.channels > MOST:
        raise InputError(
            f"an order by likeness takes {MOST:,} channels at most",
            where=layer,
            got=f"{source.channels:,}",
        )
    rows = _rows(study, source, samples)
    key, spec = _key(study, source, rows), _spec(source.channels)
    keep = keep and study.is_complete and len(rows) > 0
    sums = keeping.load(study.path, key, spec) if keep else None
    if sums is None:
        sums = _summed(source, rows, task)
        if keep:
            _keep(study, key, spec, sums)
    return _likeness(sums, _words(source, rows))


def likeness_of_sample(study, layer, sample, which="post"):
    """Likeness of a layer's channels by their stored values of one sample.

    Parameters
    ----------
    study : Study
    layer : str
    sample : int
        Its place in the data set.
    which : str

    Returns
    -------
    Likeness
        By the sampled positions where not all were kept; its words say so.

    Raises
    ------
    InputError
        The sample is not in the study; of the layer's maps only pooled values were kept.
    """
    source = Source(study, layer, which)
    if source.kind == "pooled":
        raise InputError(
            f"of layer {layer} no maps were kept, only pooled values",
            where=study.path,
            remedy="extract with --policy full or sampled, or order by all samples",
        )
    try:
        row = study.samples.row(sample)
    except InputError as error:
        index = study.samples.index
        span = f"one of {len(index):,} from {index[0]} to {index[-1]}" if len(index) else "nothing"
        raise InputError(error.what, where=study.path, expected=span) from None
    words = f"maps of sample {sample}"
    if source.kind == "sampled" and source.each < source.plan.units:
        words = f"maps of sample {sample} at {source.each:,} of {source.plan.units:,} positions"
    return likeness_of(source.values(row, row + 1)[0], words)


def order_of_study(
    study, layer, method, which="post", samples=None, clusters=None, seed=0, task=None, keep=True
):
    """Order a layer's channels by their stored values over many samples; kept in the study.

    Parameters
    ----------
    study, layer, which, samples, task, keep
        As for `likeness_of_study`.
    method, clusters, seed
        As for `order`.

    Returns
    -------
    Order
    """
    source = Source(study, layer, which)
    rows = _rows(study, source, samples)
    parts = {
        "likeness": _key(study, source, rows),
        "method": method,
        "clusters": clusters,
        "seed": seed,
    }
    found = kept_order(study, source.channels, **parts) if keep else None
    if found is None:
        likeness = likeness_of_study(study, layer, which, samples, task, keep)
        found = order(likeness, method, clusters=clusters, seed=seed, task=task)
        if keep:
            keep_order(study, found, **parts)
    return found


def _rows(study, source, samples):
    """Rows of the study, ascending int64[n]."""
    if samples is None:
        return np.arange(source.rows)
    samples = np.asarray(samples)
    if samples.dtype == bool:
        if samples.shape != (source.rows,):
            raise InputError(
                "a choice of samples has one entry a sample of the study",
                where=study.path,
                expected=f"{source.rows:,}",
                got=f"{samples.size:,}",
            )
        return np.flatnonzero(samples)
    rows = np.unique(samples.astype(np.int64))
    if len(rows) and not 0 <= rows[0] <= rows[-1] < source.rows:
        bad = rows[0] if rows[0] < 0 else rows[-1]
        raise InputError(
            f"row {bad} is not in the study",
            where=study.path,
            expected=f"0 to {source.rows - 1:,}",
        )
    return rows


def _words(source, rows):
    if len(rows) == source.rows:
        return f"channels over {source.words}"
    return f"channels over {len(rows):,} of {source.words}"


def _key(study, source, rows):
    """Hash of everything that the products depend on."""
    index = study.samples.index
    return digest(
        {
            "what": "likeness of channels",
            "version": VERSION,
            "study": study.header["identity"],
            "samples": [len(index), digest(index.tolist()), digest(rows.tolist())],
            "layer": source.plan.as_json(),
        }
    )[:32]


def _spec(channels):
    each = dict.fromkeys(("low", "high", "sums", "squares"), ((channels,), np.float64))
    each |= {"strange": ((channels,), np.int64), "total": ((1,), np.int64)}
    return {"products": ((channels, channels), np.float64), **each}


def _summed(source, rows, task):
    """What `_spec` names, over blocks of samples."""
    sums = {name: np.zeros(shape, dtype) for name, (shape, dtype) in _spec(source.channels).items()}
    sums["low"][...], sums["high"][...] = np.inf, -np.inf
    sums["total"][0] = len(rows) * source.each
    what = f"likeness of the channels of {source.plan.name}"
    chosen = np.zeros(source.rows, bool)
    chosen[rows] = True
    for first, stop in source.blocks():
        task.report(first, source.rows, what)
        if chosen[first:stop].any():
            values = source.values(first, stop)[chosen[first:stop]]
            _add(sums, np.ascontiguousarray(values.swapaxes(0, 1)).reshape(source.channels, -1))
    task.report(source.rows, source.rows, what)
    return sums


def _add(sums, values):
    """Add a block, float32[C, P]; what is not finite counts as 0 and is counted."""
    finite = np.isfinite(values)
    if not finite.all():
        sums["strange"] += (~finite).sum(axis=1)
        values = np.where(finite, values, np.float32(0))
    sums["low"] = np.minimum(sums["low"], values.min(axis=1))
    sums["high"] = np.maximum(sums["high"], values.max(axis=1))
    sums["sums"] += values.sum(axis=1, dtype=np.float64)
    sums["squares"] += np.einsum("cp,cp->c", values, values, dtype=np.float64)
    values = values - values.mean(axis=0)
    with np.errstate(over="ignore", invalid="ignore"):
        found = values @ values.T
    if not np.isfinite(found).all():
        values = values.astype(np.float64)
        found = values @ values.T
    sums["products"] += found


def _keep(study, key, spec, sums):
    """Keep sums in the study where it can be written."""
    try:
        with keeping.making(study.path, key, spec, _WORDS) as arrays:
            for name, array in arrays.items():
                array[...] = sums[name]
    except (OSError, MachineError):
        return  # a full disk, or a study that is not ours to write: they are made again


def _likeness(sums, words):
    strange = sums["strange"] > 0
    total = max(1, int(sums["total"][0]))
    same = sums["low"] >= sums["high"]
    dead = ~strange & same & ~(np.abs(sums["low"]) > 0)
    constant = dead if sums["total"][0] == 1 else ~strange & same
    means = sums["sums"] / total
    variances = np.maximum(0.0, sums["squares"] / total - means**2)
    numbers = {"means": means, "maxima": sums["high"], "variances": variances}
    numbers = {name: np.where(strange, np.nan, each) for name, each in numbers.items()}
    return Likeness(dead, constant, strange, words, products=sums["products"], numbers=numbers)
