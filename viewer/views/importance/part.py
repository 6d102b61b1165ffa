"""What the parts of the importance view share: a heading, a place, what is pointed at."""

from dataclasses import dataclass

from viewer.gl.theme import TEXT_PX
from viewer.views.box import Box
from viewer.views.importance.places import HEAD, ROW
from viewer.visuals.legend import number

SMALL = TEXT_PX - 1
TITLES = {
    "grid": "Filters",
    "bars": "By importance",
    "curve": "Error rate against filters removed",
    "scores": "Scores",
    "rates": "Error rate",
    "table": "Least and most important filter of each layer",
}


@dataclass(frozen=True)
class Spot:
    """What is under the pointer.

    Attributes
    ----------
    words : str
    layer : str or None
    channel : int or None
        A filter to look at, or to switch off.
    command : (str, dict) or None
        What a click gives where there is no filter.
    """

    words: str = ""
    layer: str | None = None
    channel: int | None = None
    command: tuple | None = None


@dataclass(frozen=True, eq=False)
class Part:
    """One part of the view: draws itself into its box, and says what is at a point.

    Attributes
    ----------
    box : Box
    wish : ImportanceWish
    pointer : Pointer or None
        Where it is, inside the part or not.
    """

    box: Box
    wish: object
    pointer: object = None

    name = ""

    @property
    def inner(self):
        """Room below the heading."""
        box = self.box
        return Box(box.left, box.top + HEAD, box.width, max(1.0, box.height - HEAD))

    @property
    def why(self):
        """What is said while a layer's filters have no importance."""
        if self.wish.layer is None:
            return "No layer is active: click one in the network, the stack or the feature maps."
        return self.wish.failure or "weighing filters ..."

    @property
    def under(self):
        """The channel of the active layer under the pointer, here or in another view, or None."""
        pointer, wish = self.pointer, self.wish
        if pointer is not None and self.inner.holds(pointer.x, pointer.y):
            spot = self.at(pointer.x, pointer.y)
            return None if spot is None else spot.channel
        hovered = wish.hovered
        return hovered[1] if hovered is not None and hovered[0] == wish.layer else None

    def draw(self, pen):
        """Draw everything, heading included."""
        raise NotImplementedError

    def at(self, x, y):
        """The `Spot` at a point of the view, or None."""
        return None

    def scrolled(self, steps, modifiers, x):
        """What the wheel changes of the camera: arguments of ``importance.look``, or None."""
        return None

    def at_head(self):
        """The `Spot` of the heading: what is shown, whole."""
        weighed = self.wish.weighed
        if weighed is None or self.name not in ("grid", "bars"):
            return None
        words = [f"{weighed.words}, {weighed.over}", self.wish.order_words, *weighed.notes]
        return Spot(" · ".join(filter(None, words)))

    def head(self, pen, words="", title=None):
        """The heading: what the part is, and words behind it as far as there is room."""
        box, title = self.box, title or TITLES[self.name]
        base = box.top + TEXT_PX + 1
        pen.text(box.left, base, title, pen.theme.text, face="medium", room=box.width)
        used = pen.width_of(title, face="medium") + 10
        if words and box.width - used > 40:
            pen.text(box.left + used, base, words, pen.theme.dim, room=box.width - used)

    def say(self, pen, words):
        """Words in place of everything."""
        inner = self.inner
        lines = pen.lines_of(words, inner.width)[: max(1, int(inner.height // ROW))]
        for place, line in enumerate(lines):
            base = inner.top + place * ROW + TEXT_PX
            pen.text(inner.left, base, line, pen.theme.dim, room=inner.width)


def filter_spot(wish, channel):
    """The `Spot` of a filter of the active layer: channel, value, rank, whether it is off."""
    weighed, words = wish.weighed, [f"{wish.layer}:{channel}"]
    if weighed is not None and channel < len(weighed.values):
        value = float(weighed.values[channel])
        said = number(value, 4) if value == value else "not a number"
        rank = int(weighed.ranks[channel]) + 1
        words += [f"importance {said}", f"rank {rank:,} of {len(weighed.values):,}"]
    if channel in wish.off:
        words.append("off")
    return Spot(" · ".join(words), wish.layer, channel)


def rate_words(rate):
    """An error rate in percent, as many digits as it means: ``'1.3 %'``, ``'12 %'``."""
    if rate is None or rate != rate:
        return "–"
    value = 100 * rate
    if value == 0 or value >= 99.95:
        return f"{value:.0f} %"
    if value < 0.01:
        return "< 0.01 %"
    return f"{value:.2g} %" if value < 9.95 else f"{value:.1f} %"


def scroll_bar(pen, box, first, shown, count):
    """A thin bar at the right that says where in a list of rows one is."""
    if shown >= count:
        return
    tall = max(16.0, box.height * shown / count)
    top = box.top + (box.height - tall) * min(1.0, first / max(1e-9, count - shown))
    pen.rectangle(box.right - 4, top, 3, tall, pen.theme.edge)


def first_row(asked, shown, count):
    """The first row in sight, of so many that have room."""
    return int(min(max(0.0, asked), max(0, count - shown)))
