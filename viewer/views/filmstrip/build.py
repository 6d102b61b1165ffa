"""Where the pictures of the filmstrip stand; plain arithmetic in logical pixels, no Qt, no GL."""

from dataclasses import dataclass

GAP = 6
MARGIN = 8
BELOW = 6


@dataclass(frozen=True)
class Strip:
    """A row of square cells that can be scrolled.

    Attributes
    ----------
    width, height : float
        Of the view.
    count : int
        Of samples.
    """

    width: float
    height: float
    count: int

    @property
    def cell(self):
        """Side of a picture."""
        return max(16.0, self.height - 2 * MARGIN - BELOW)

    @property
    def step(self):
        """From one picture to the next."""
        return self.cell + GAP

    @property
    def longest(self):
        """The largest scroll."""
        return max(0.0, self.count * self.step - GAP + 2 * MARGIN - self.width)

    def clipped(self, scroll):
        """A scroll within what there is."""
        return min(self.longest, max(0.0, scroll))

    def left(self, sample, scroll):
        """Left edge of a sample's picture."""
        return MARGIN + sample * self.step - scroll

    def visible(self, scroll):
        """Samples that are at least partly in sight: a range."""
        first = int(max(0, (scroll - MARGIN) // self.step))
        last = int((scroll + self.width - MARGIN) // self.step) + 1
        return range(min(first, self.count), min(self.count, max(first, last)))

    def at(self, x, scroll):
        """The sample at a place, or None."""
        place = x + scroll - MARGIN
        sample = int(place // self.step)
        inside = place >= 0 and place - sample * self.step <= self.cell
        return sample if inside and 0 <= sample < self.count else None

    def showing(self, sample, scroll):
        """The scroll nearest to ``scroll`` that has a sample in sight, with its neighbours."""
        beside = self.step if self.width > 4 * self.step else 0.0
        most = sample * self.step - beside
        least = sample * self.step + self.cell + beside + 2 * MARGIN - self.width
        return self.clipped(min(max(scroll, min(least, most)), most))
