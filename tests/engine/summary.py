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
    """Statistics of maps [n, C, P] (or [n, P, C]), added in pieces that begin at `cuts`."""
    samples, channels = maps.shape[0], maps.shape[2 if channels_last else 1]
    tables = Tables.empty(samples, channels, channels)
    edges = [0, *cuts, samples]
    for first, stop in zip(edges, edges[1:], strict=False):
        piece = Maps(maps[first:stop], channels_last, low, high, row=first)
        summarise([piece], tables, pool=pool, threads=threads)
    return named(tables)
