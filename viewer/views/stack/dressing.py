"""What a person chose of the boxes that were built: ranges by hand, hidden layers; no arrays made.

Building is work for a worker; this is done at once in the main thread, so that dragging an end of
the colour bar or hiding a layer is seen in the next picture.
"""

from dataclasses import dataclass, replace

import numpy as np

from viewer.views.stack.build import with_ranges

# Stored values that stand for numbers are within -1..1, all others far outside (`visuals.slab`).
_FINITE = np.float16(2.0)


@dataclass(frozen=True)
class Dress:
    """Choices that change boxes without changing what they hold.

    Attributes
    ----------
    limits : tuple of (str, float, float)
        Ranges by layer; the name is None for one range of all.
    hidden : frozenset of str
        Layers that are left out.
    picture : bool
        Whether the input's picture is there.
    """

    limits: tuple = ()
    hidden: frozenset = frozenset()
    picture: bool = True


def dressed(contents, dress):
    """The contents with ranges set and hidden layers left out; the rest stays where it stands."""
    limits = {name: (low, high) for name, low, high in dress.limits}
    if None in limits:
        limits = dict.fromkeys((slab.name for slab in contents.slabs), limits[None])
    if limits:
        contents = with_ranges(contents, limits)
    pictures = contents.pictures if dress.picture else ()
    shown = {part.name for part in (*contents.slabs, *pictures)} - dress.hidden
    return replace(
        contents,
        slabs=tuple(slab for slab in contents.slabs if slab.name in shown),
        pictures=pictures,
        labels=tuple(label for label in contents.labels if label.name in shown),
    )


def clipped_of(slab):
    """How many finite values of a slab lie outside its range: (below, above)."""
    low, high = ends_of(slab)
    stored = slab.values
    # Half precision may round an end: what is stored is compared with the end as it is stored.
    below = (stored < np.float16(low / slab.unit)) & (stored > -_FINITE)
    above = (stored > np.float16(high / slab.unit)) & (stored < _FINITE)
    return int(np.count_nonzero(below)), int(np.count_nonzero(above))


def ends_of(slab):
    """Values at the ends of a slab's colour map."""
    return (-slab.high, slab.high) if slab.signed else (slab.low, slab.high)
