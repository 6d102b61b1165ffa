"""How maps move for 150 ms to their places in another order, so that the eye can follow."""

import time

import numpy as np

from viewer.views.maps.hands import MOTION_SECONDS


class Reordering:
    """Maps on their way to other places; times come from a clock, so that tests can stop it."""

    def __init__(self, clock=time.monotonic):
        self._clock = clock
        self._began, self._number, self._former = 0.0, None, {}

    def begin(self, old, new):
        """Go on from contents to others, where they hold the same maps in another order.

        Parameters
        ----------
        old, new : Contents or None
        """
        self._former = {}
        if old is None or new is None:
            return
        before = {layer.name: layer for layer in old.layers}
        for index, layer in enumerate(new.layers):
            former = before.get(layer.name)
            if former is not None and former.values is layer.values and _differ(former, layer):
                places = np.zeros(layer.grid.maps, np.int64)
                places[former.order] = np.arange(len(former.order))
                self._former[index] = places[layer.order]
        self._began, self._number = self._clock(), new.number

    @property
    def runs(self):
        """Whether maps are on their way."""
        return bool(self._former)

    def boxes(self, contents, index, slots, boxes_of):
        """Boxes of maps on their way.

        Parameters
        ----------
        contents : Contents
        index : int
            Of the layer.
        slots : int[S]
            Places in the order in force.
        boxes_of : callable(int[S]) -> float[S, 4]
            Boxes of places.
        """
        there = boxes_of(slots)
        if index not in self._former or contents.number != self._number:
            return there
        share = min(1.0, (self._clock() - self._began) / MOTION_SECONDS)
        if share >= 1.0:
            self._former = {}
            return there
        eased = share * share * (3 - 2 * share)
        former = boxes_of(self._former[index][slots])
        return np.round(former + (there - former) * eased)


def _differ(one, other):
    """Whether two layers' maps are the same in another order."""
    same = len(one.order) == len(other.order) and not np.array_equal(one.order, other.order)
    return same and np.array_equal(np.sort(one.order), np.sort(other.order))
