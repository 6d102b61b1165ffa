"""Orders kept in a study's ``results/``, under a hash of everything that they depend on."""

import numpy as np

from engine.analysis.orders.result import NAMES, Order
from engine.embedding import keeping
from engine.errors import MachineError
from engine.study.layout import digest

VERSION = 1
_METHODS = tuple(NAMES)
_NONE = -1
_LONGEST = 400  # bytes of the words that say what was ordered
_WORDS = {
    "channels": ("place", "channel", "the channel at each place; those apart last"),
    "apart": ("channel", "", "1: constant or not finite"),
    "clusters": ("cluster", "place", "first place; -1 beyond the last cluster"),
    "counts": ("", "channels", "dead, constant, not finite"),
    "quality": ("", "", "of random orders, spread, of the best method"),
    "methods": ("", "", "number of the method, of the best one, of those compared; -1 for none"),
    "of": ("", "", "what was ordered, UTF-8"),
}


def order_key(study, **parts):
    """The name under which an order is kept.

    Parameters
    ----------
    study : Study
    **parts
        What it depends on besides the study and its samples, as JSON: layer, basis, method ...
    """
    samples = digest(study.samples.index.tolist())
    what = {"what": "order", "version": VERSION, "study": study.header["identity"]}
    return digest({**what, "samples": samples, "parts": parts})[:32]


def kept_order(study, channels, **parts):
    """An order that was kept, or None.

    Parameters
    ----------
    study : Study
    channels : int
        How many the layer has, C.
    **parts
        As for `order_key`.
    """
    found = keeping.load(study.path, order_key(study, **parts), _spec(channels))
    if found is None or not np.array_equal(np.sort(found["channels"]), np.arange(channels)):
        return None
    methods = found["methods"]
    if not (0 <= methods[0] < len(_METHODS) and methods.max() < len(_METHODS)):
        return None
    starts = found["clusters"]
    return Order(
        found["channels"],
        _METHODS[methods[0]],
        tuple(starts[starts != _NONE].tolist()),
        np.flatnonzero(found["apart"]).astype(np.int32),
        *found["counts"].tolist(),
        *found["quality"].tolist(),
        "" if methods[1] == _NONE else _METHODS[methods[1]],
        tuple(_METHODS[k] for k in methods[2:] if k != _NONE),
        bytes(found["of"]).rstrip(b"\0").decode(errors="replace"),
    )


def keep_order(study, order, **parts):
    """Keep an order; nothing where the study is not whole, or the folder cannot be written."""
    if not study.is_complete or order.method not in _METHODS:
        return
    count = len(order.channels)
    try:
        key = order_key(study, **parts)
        with keeping.making(study.path, key, _spec(count), _WORDS) as arrays:
            _fill(arrays, order)
    except (OSError, MachineError):
        return  # a full disk, or a study that is not ours to write: it is made again


def _fill(arrays, order):
    arrays["channels"][...] = order.channels
    arrays["apart"][...] = 0
    arrays["apart"][np.asarray(order.apart, np.int64)] = 1
    arrays["counts"][...] = order.dead, order.constant, order.not_finite
    arrays["quality"][...] = order.quality, order.quality_spread, order.quality_of_best
    arrays["clusters"][...] = _NONE
    arrays["clusters"][: len(order.clusters)] = order.clusters
    names = [order.method, order.best, *order.compared]
    arrays["methods"][...] = _NONE
    arrays["methods"][: len(names)] = [_METHODS.index(n) if n else _NONE for n in names]
    of = order.of.encode()[:_LONGEST]
    arrays["of"][...] = 0
    arrays["of"][: len(of)] = np.frombuffer(of, np.uint8)


def _spec(channels):
    return {
        "channels": ((channels,), np.int32),
        "apart": ((channels,), np.uint8),
        "clusters": ((channels + 1,), np.int32),
        "counts": ((3,), np.int64),
        "quality": ((3,), np.float64),
        "methods": ((len(_METHODS) + 2,), np.int32),
        "of": ((_LONGEST,), np.uint8),
    }
