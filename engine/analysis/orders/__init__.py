"""Orders of a layer's channels in which like ones stand side by side, and how good they are.

    >>> from engine.analysis import orders
    >>> likeness = orders.likeness_of(maps, "maps of sample 3")     # float32[C, H, W]
    >>> found = orders.order(likeness, "pca")
    >>> found.channels, found.words
    (array([...], dtype=int32), 'PCA of 64 maps of sample 3: 0.82 ± 0.02 of random, ...')

Everything here is looked up when first used. Orders of embedding points are in `points`.
"""

from importlib import import_module

METHODS = ("pca", "kmeans", "leaf", "spectral", "path")
STATISTICS = ("mean", "maximum", "variance")
MOST = 4096
"""Channels that can be likened at most."""

_PLACES = {
    "Order": "result",
    "Likeness": "likeness",
    "likeness_of": "likeness",
    "likeness_of_correlation": "likeness",
    "likeness_of_sample": "studies",
    "likeness_of_study": "studies",
    "order_of_study": "studies",
    "order": "making",
    "seconds_of": "costs",
    "suggested_clusters": "clusters",
    "orders_of_slices": "slices",
    "varied_in_slices": "slices",
    "agreement": "agreeing",
    "kept_order": "keeping",
    "keep_order": "keeping",
}
__all__ = ["METHODS", "MOST", "STATISTICS", *_PLACES]


def __getattr__(name):
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
    return value


def __dir__():
    return sorted({*globals(), *__all__})
