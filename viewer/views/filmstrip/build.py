"""Where the pictures of the filmstrip stand; plain arithmetic in logical pixels, no Qt, no GL."""

from dataclasses import dataclass

GAP = 6
LARGEST_CELL = 160.0
MARGIN = 8
BELOW = 6
LEGEND_ROW = 20
CHIP_GAP = 14
SWATCH = 10
# With less room than this under the pictures there is no legend.
LEAST_FOR_LEGEND = 84


@dataclass(frozen=True)
class Strip:
    """A row of square cells that can be scrolled.

    Attributes
    ----------
    width, height : float
        Of the view.
    count : int
        Of samples listed.
    has_legend : bool
        Whether a row of class names is wished under the pictures.
    """

    width: float
    height: float
    count: int
    has_legend: bool = False

    @property
    def legend_top(self):
        """Top of the row of class names, or None where there is no room for it."""
        if not self.has_legend or self.height < LEAST_FOR_LEGEND:
            return None
        return self.height - LEGEND_ROW - MARGIN / 2

    @property
    def cell(self):
        """Side of a picture."""
        legend = 0 if self.legend_top is None else LEGEND_ROW
        room = min(self.height - BELOW - legend, self.width) - 2 * MARGIN
        return min(LARGEST_CELL, max(16.0, room))

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
        """Left edge of the picture at a place in the list."""
        return MARGIN + sample * self.step - scroll

    def visible(self, scroll):
        """Places in the list that are at least partly in sight: a range."""
        first = int(max(0, (scroll - MARGIN) // self.step))
        last = int((scroll + self.width - MARGIN) // self.step) + 1
        return range(min(first, self.count), min(self.count, max(first, last)))

    def at(self, x, scroll):
        """The place in the list at a point, or None."""
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


def chip_places(widths, room):
    """Where the class names of the legend stand, one after the other; those beyond the room fall
    away.

    Parameters
    ----------
    widths : sequence of float
        Of the names.
    room : float
        Right end.

    Returns
    -------
    list of (left, right)
    """
    places, left = [], float(MARGIN)
    for width in widths:
        right = left + SWATCH + 5 + width
        if right > room - MARGIN:
            break
        places.append((left, right))
        left = right + CHIP_GAP
    return places
