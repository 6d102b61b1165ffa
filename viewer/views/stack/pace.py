"""How finely the next picture of the stack is drawn: coarse while moving, then ever finer at rest.

While something moves a controller keeps the frame rate; at rest a refiner goes on as long as a
picture stays within its budget; where the full picture would not, it is drawn in bands, one after
the other from the top. None of them draws: the view tells what each picture took.
"""

import math
import time

from viewer.views.stack.refining import Refiner, badge
from viewer.visuals.quality import QualityController

MOTION_SECONDS = 0.15
# What one band of the full picture may take, and the most bands.
BAND_MS, MOST_BANDS = 150.0, 24


class Pace:
    """Chooses levels of detail (`refining.LEVELS`), one picture after the other.

    Attributes
    ----------
    is_coarse : bool
        Finer pictures may follow at rest.
    is_settled : bool
        The picture is as fine as it gets.
    band : (int, int) or None
        Of the full picture this band is drawn now (`VolumeStack.draw`); None: a whole picture.
    """

    def __init__(self):
        self._controller = None
        self._refiner = None
        self._level = 0
        self._until = 0.0
        self._moved = True
        self._moving = True
        self._shown = None
        self.band = None
        self.is_coarse = False
        self.is_settled = False

    def begin(self, is_software):
        """Before the first picture: what draws is known."""
        if self._controller is None:
            self._controller = QualityController.for_renderer(is_software)
            self._refiner = Refiner(is_software)

    def moves(self):
        """Draw coarsely: at least the next picture, and while this goes on."""
        self._until = time.monotonic() + MOTION_SECONDS
        self._moved = True

    def shows(self, shown):
        """What is about to be drawn, comparable: bands of another picture are of no use."""
        if self.band is not None and shown != self._shown:
            self.moves()
        self._shown = shown

    def forget(self):
        """Other boxes are drawn: what pictures took says nothing any more."""
        if self._refiner is not None:
            self._refiner.forget()
        self.moves()

    def next_level(self):
        """The level of the picture that is drawn now."""
        self._moving = self._moved or time.monotonic() < self._until
        self._moved = False
        if self._moving:
            self.is_settled, self.is_coarse, self.band = False, True, None
            self._level = self._controller.level
        return self._level

    def took(self, milliseconds):
        """What the picture of `next_level` took."""
        if self.band is not None:
            return
        self._refiner.took(self._level, milliseconds)
        if self._moving:
            self._controller.frame_took(milliseconds)

    def refine(self):
        """Nothing moves: choose a finer level; whether there is something to draw."""
        self._until = 0.0
        if not self.is_coarse or self._refiner is None:
            return False
        if self.band is not None:
            return self._next_band()
        level = self._refiner.next_level(self._level)
        if level is not None:
            self._level = level
        elif badge(self._level):
            whole = self._refiner.predicted(0) or 0.0
            self.band = (0, min(max(2, math.ceil(whole / BAND_MS)), MOST_BANDS))
        else:
            self.is_coarse, self.is_settled = False, True
        return self.is_coarse

    def _next_band(self):
        number, count = self.band
        self.band = (number + 1, count)
        self.is_coarse = number + 1 < count
        self.is_settled = not self.is_coarse
        if self.is_settled:
            self._level = 0
        return self.is_coarse
