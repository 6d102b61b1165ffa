"""How cuts move for 150 ms to another place or into another order, so that the eye can follow."""

import time
from dataclasses import replace

import numpy as np

SECONDS = 0.15


class Motion:
    """What is on its way; times come from a clock, so that tests can stop it."""

    def __init__(self, clock=time.monotonic):
        self._clock = clock
        self._camera = self._order = None

    @property
    def runs(self):
        """Whether something is on its way."""
        return self._camera is not None or self._order is not None

    def stop(self):
        """Be there at once."""
        self._camera = self._order = None

    def turn_camera(self, before):
        """Go on from a camera to that in force."""
        self._camera = (self._clock(), before)

    def reorder(self, before, count):
        """Go on from an order of so many channels (None: the file's) to that in force."""
        self._order = (self._clock(), places_of(before, count))

    def camera(self, target):
        """The camera on its way."""
        share = self._share(self._camera)
        if share >= 1:
            self._camera = None
            return target
        start = self._camera[1]
        center = tuple(
            a + (b - a) * share for a, b in zip(start.center, target.center, strict=True)
        )
        zooms = {
            name: getattr(start, name) ** (1 - share) * getattr(target, name) ** share
            for name in ("zoom", "channels")
        }
        return replace(target, center=center, **zooms)

    def channels(self, target, count):
        """The channels by place on their way: int[C]; None where they are as in the file."""
        share = self._share(self._order)
        if share >= 1:
            self._order = None
            return target
        start = self._order[1]
        if len(start) != count:
            return target
        return np.argsort(start + (places_of(target, count) - start) * share, kind="stable")

    def _share(self, what):
        """0 to 1 of the way, beginning and ending softly."""
        if what is None:
            return 1.0
        share = min(1.0, (self._clock() - what[0]) / SECONDS)
        return share * share * (3 - 2 * share)


def places_of(channels, count):
    """At which place each of so many channels stands: float64[C]."""
    places = np.arange(count, dtype=np.float64)
    if channels is not None:
        found = places.copy()
        found[channels] = places
        return found
    return places
