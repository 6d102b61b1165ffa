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
# More points at rest are worth another picture only when there are so many times as many.
MORE = 1.3


class Budget:
    """Chooses numbers of points."""

    def __init__(self):
        self._rate = None
        self._until = 0.0
        self._total = self._count = 0
        self._at_rest = None

    def moves(self):
        """Draw few points: at least in the next picture, and while this goes on."""
        self._until = time.monotonic() + MOTION_SECONDS
        self._at_rest = None

    def count(self, total, animates):
        """Points of the picture that is drawn now, of so many."""
        if total != self._total:
            self._total, self._at_rest = total, None
        if not animates:
            self._count = min(total, FINAL)
            self._total = self._count
        elif self._rate is None:
            self._count = min(total, FIRST)
        elif self._at_rest is not None:
            self._count = self._at_rest
        elif time.monotonic() < self._until:
            self._count = min(self._within(MOVING_MS), self._within(REST_MS))
        else:
            self._count = self._at_rest = self._within(REST_MS)
        return self._count

    @property
    def is_coarse(self):
        """Whether at rest there will be more."""
        if self._count >= self._total:
            return False
        return self._rate is None or self._within(REST_MS) >= MORE * self._count

    @property
    def is_measured(self):
        """Whether the time of a picture is known yet."""
        return self._rate is not None

    def refine(self):
        """Nothing moves any more; whether there is something to draw."""
        if not self.is_coarse:
            return False
        self._until = 0.0
        self._at_rest = None if self._rate is None else self._within(REST_MS)
        return True

    def _within(self, milliseconds):
        wanted = max(LEAST, int(self._rate * milliseconds))
        # In steps of a tenth, lest every picture has another number.
        step = max(1, 10 ** (len(str(wanted)) - 1) // 2)
        return min(self._total, wanted // step * step)

    def took(self, count, milliseconds):
        """What a picture of so many points took; few points say little."""
        if count < min(LEAST, self._total):
            return
        rate = max(1, count) / max(0.05, milliseconds)
        self._rate = rate if self._rate is None else 0.5 * (self._rate + rate)
