"""How many points the next picture of a cloud has: few while it turns, all it may have at rest.

Points a millisecond are measured from the pictures themselves. Where nothing moves by itself
(movies, tests) the number is fixed, so that the same state gives the same picture everywhere.
"""

import time

MOVING_MS, REST_MS = 30.0, 250.0
MOTION_SECONDS = 0.15
FIRST = 20_000
FINAL = 200_000
LEAST = 2_000


class Budget:
    """Chooses numbers of points.

    Attributes
    ----------
    is_coarse : bool
        At rest there will be more.
    """

    def __init__(self):
        self._rate = None
        self._until = 0.0
        self._refines = False
        self._settled = None
        self.is_coarse = False

    def moves(self):
        """Draw few points: at least in the next picture, and while this goes on."""
        self._until = time.monotonic() + MOTION_SECONDS
        self._refines, self._settled = False, None

    def refine(self):
        """Nothing moves any more; whether there is something to draw."""
        self._refines, self._until = self.is_coarse, 0.0
        return self.is_coarse

    def count(self, total, animates):
        """Points of the picture that is drawn now, of so many."""
        if not animates:
            self.is_coarse = False
            return min(total, FINAL)
        if self._rate is None:
            count = min(total, FIRST)
            self.is_coarse = count < total
            return count
        if self._settled is not None and self._settled[1] == total:
            return self._settled[0]  # as long as nothing moves the picture stays
        most = self._within(REST_MS, total)
        count = most
        if not self._refines and time.monotonic() < self._until:
            count = min(most, self._within(MOVING_MS, total))
        self.is_coarse = count < most
        if not self.is_coarse:
            self._settled = (count, total)
        return count

    def _within(self, milliseconds, total):
        wanted = max(LEAST, int(self._rate * milliseconds))
        # In steps of a tenth, lest every picture has another number.
        step = max(1, 10 ** (len(str(wanted)) - 1) // 2)
        return min(total, wanted // step * step)

    def took(self, count, milliseconds):
        """What a picture of so many points took; few points say little."""
        if count < LEAST and self._rate is not None:
            return
        rate = max(1, count) / max(0.05, milliseconds)
        self._rate = rate if self._rate is None else 0.7 * self._rate + 0.3 * rate
