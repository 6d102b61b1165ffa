"""How finely a view is drawn: coarser only while it moves, as far as measured times ask for.

Plain data: a host tells it the times of its frames and asks it what to draw next.
"""

from dataclasses import dataclass, field
from statistics import median


@dataclass(frozen=True)
class Quality:
    """One level.

    Attributes
    ----------
    scale : float
        Pixels drawn against pixels shown, along each side.
    step : float
        Distance of the samples along a ray, in voxels.
    """

    scale: float = 1.0
    step: float = 1.0

    @property
    def is_full(self):
        """Whether it is what a view at rest shows."""
        return self.scale == 1.0 and self.step == 1.0


FULL = Quality()
# Costs fall by a factor of 1.5 to 2.5 from one to the next. Steps are odd: samples then lie in the
# middle of voxels; between two of them rounding would decide the channel, and speckle the picture.
LEVELS = (
    FULL,
    Quality(0.75, 1.0),
    Quality(0.5, 1.0),
    Quality(0.5, 3.0),
    Quality(0.35, 3.0),
    Quality(0.25, 3.0),
    Quality(0.25, 5.0),
)


@dataclass
class QualityController:
    """Chooses a level from the last six frame times.

    Attributes
    ----------
    target_ms : float
        What a frame may take while the view moves; a quarter more is put up with, which is still
        more than 25 frames a second.
    level : int
        Index into `LEVELS` used while moving.
    """

    target_ms: float = 28.0
    level: int = 0
    _times: list = field(default_factory=list)

    @classmethod
    def for_renderer(cls, is_software):
        """Where to start: software drawing begins at half resolution."""
        return cls(level=3 if is_software else 0)

    def quality(self, moving):
        """The `Quality` of the next frame."""
        return LEVELS[self.level] if moving else FULL

    def frame_took(self, milliseconds):
        """Tell it how long a moving frame took, from start to finished picture."""
        self._times = [*self._times, float(milliseconds)][-6:]
        if len(self._times) < 3:
            return
        middle = median(self._times)
        if middle > 1.25 * self.target_ms and self.level < len(LEVELS) - 1:
            self._change(+1)
        elif middle < 0.4 * self.target_ms and len(self._times) == 6 and self.level > 0:
            self._change(-1)

    def _change(self, by):
        self.level += by
        self._times = []
