"""Statistics of one layer by the kernel, each number under its name."""

from types import SimpleNamespace

from engine.kernels.maps import Maps, Tables, summarise

PER_MAP = ("maximum", "argmax", "mean", "std")


def named(tables):
    """The fields of `Tables`, those of several numbers taken apart."""
    facts = {name: getattr(tables, name) for name in PER_MAP}
    facts["lowest"], facts["highest"] = tables.extremes
    facts["sum"], facts["deviations"] = tables.sums
    names = ("count", "zeros", "nans", "posinfs", "neginfs", "below", "above")
    facts |= dict(zip(names, tables.integers, strict=True))
    return SimpleNamespace(**facts, histogram=tables.histogram)


def summary_of(maps, low, high, *, channels_last=False, cuts=(), pool=None, threads=1):
    """Statistics of maps [n, C, P] (or [n, P, C]), in runs and calls that begin at `cuts`."""
    samples, channels = maps.shape[0], maps.shape[2 if channels_last else 1]
    tables = Tables.empty(samples, channels, channels)
    edges = [0, *cuts, samples]
    pieces = [maps[a:b] for a, b in zip(edges, edges[1:], strict=False)]
    for runs, first in ((pieces[:2], 0), (pieces[2:], edges[min(2, len(pieces))])):
        layer = Maps(runs, channels_last, low, high, row=first)
        summarise([layer], tables, pool=pool, threads=threads)
    return named(tables)
