"""How finely the stack is drawn at rest, so that drawing never holds up the window.

A graphics card draws every picture in full. Software OpenGL may need seconds for the full picture
of a large network, and drawing cannot be interrupted: so the picture gets finer step by step, each
step predicted from the one before, and stops where the next would take longer than the budget. A
badge then says how finely it is drawn. Plain data: the view tells it what each picture took.
"""

from dataclasses import replace

from viewer.visuals import quality

BUDGET_MS = 600.0

# Samples of a ray lie in the middle of voxels only for odd steps; between them, where the channel
# is a matter of rounding, the picture would be speckled.
LEVELS = tuple(
    level if level.step % 2 else replace(level, step=level.step + 1) for level in quality.LEVELS
)


def cost(level):
    """Relative work of a level: pixels drawn times samples along a ray."""
    return LEVELS[level].scale ** 2 / LEVELS[level].step


class Refiner:
    """Chooses the level of the next picture at rest.

    Parameters
    ----------
    is_software : bool
        False: always the full picture.
    budget_ms : float
        What one picture may take.
    """

    def __init__(self, is_software, budget_ms=BUDGET_MS):
        self._is_software = is_software
        self._budget = budget_ms
        self._times = {}

    def forget(self):
        """Other boxes are drawn: what pictures took says nothing any more."""
        self._times.clear()

    def took(self, level, milliseconds):
        """A picture at a level took so long; the quickest of the last two counts."""
        self._times[level] = [*self._times.get(level, ()), milliseconds][-2:]

    def predicted(self, level):
        """Milliseconds that a level would take, from the finest one measured; None: unknown."""
        if not self._times:
            return None
        known = min(self._times, key=lambda other: (other != level, other))
        return min(self._times[known]) * cost(level) / cost(known)

    def next_level(self, level):
        """The level to draw next at rest, after ``level``; None when it stays as it is.

        The first picture of a kind compiles shaders and tells little: before giving up, the same
        level is drawn and measured once more.
        """
        if level == 0:
            return None
        if not self._is_software:
            return 0
        for finer in range(level):
            guess = self.predicted(finer)
            if guess is not None and guess <= self._budget:
                return finer
        return level if len(self._times.get(level, ())) < 2 else None


def badge(level):
    """How finely a picture is drawn, in words; empty for the full picture."""
    if LEVELS[level].is_full:
        return ""
    return f"drawn at {LEVELS[level].scale:g} of the resolution: software OpenGL is slow here"
