"""Gestures of the Top filters: a range dragged on the histogram, filters hovered and clicked."""

from dataclasses import dataclass

from viewer.state.filters import FilterSettings
from viewer.state.hover import Hovered
from viewer.views.filters.marks import rows_of
from viewer.views.filters.places import ROW, center_after, pixel_at
from viewer.views.filters.resolve import FiltersWish
from viewer.views.gestures import LEFT, NO_BUTTON
from viewer.views.view import View
from viewer.visuals.legend import number

CLICK_PX = 4
ZOOM_PER_NOTCH = 1.25
CLOSE = 0.8
"""Part of the room that a receptive field fills when it is looked at closely."""

KEYS = ("left", "right", "home", "end", "up", "down")


@dataclass
class Grip:
    """A button held on a histogram or on the picture.

    Attributes
    ----------
    what : str
        ``'first'``, ``'last'``, ``'range'``, ``'new'`` or ``'picture'``.
    bars : Bars, or of the picture (left, top, width, height)
    start : Pointer
    first, last : int, or of the picture float
        The range, or the center of the picture, when it went down.
    """

    what: str
    bars: object
    start: object
    first: int
    last: int
    moved: bool = False


class FiltersHands(View):
    """What a person does with the view; the picture is its heir's.

    Attributes
    ----------
    wish : FiltersWish
    drawn : Drawn or None
    said : str
        What is pointed at.
    """

    def __init__(self):
        super().__init__()
        self.wish = FiltersWish()
        self.drawn = None
        self.said = ""
        self._grip = self._pressed = None
        self._own_hover = None

    @property
    def held(self):
        """Which end of the range is held, for its looks."""
        return "" if self._grip is None else self._grip.what

    @property
    def _stands(self):
        return bool(self.wish.layers) and self.drawn is not None

    def places(self, ratio=1.0):
        """Where everything stands now."""
        raise NotImplementedError

    # what is under the pointer

    def _bars_at(self, pointer):
        """(layer, bars) of the histogram under the pointer, or None."""
        for layer, bars in zip(self.wish.layers, self.places().bars, strict=False):
            if bars.holds(pointer.x, pointer.y):
                return layer, bars
        return None

    def _listed_at(self, pointer):
        """(layer, channel) of the row of the list under the pointer, or None."""
        listed = self.places().listed
        if listed is None:
            return None
        left, top, width, height = listed
        at = int((pointer.y - top) // ROW)
        rows = rows_of(self.wish.layers, height)
        if not (left - 4 <= pointer.x <= left + width and 0 <= at < len(rows)):
            return None
        layer, channel = rows[at]
        return None if layer is None or channel is None else (layer, channel)

    def _unit_at(self, pointer):
        """(layer, place among its units) of the smallest square under the pointer, or None."""
        place = self._pixel_at(pointer)
        if place is None:
            return None
        (row, column), best = place, None
        for layer in self.wish.layers:
            made = layer.projected
            if made is None or made.fields is None:
                continue
            for at, (y0, x0, y1, x1) in enumerate(made.fields):
                if not (y0 <= row < y1 and x0 <= column < x1):
                    continue
                if int(made.units[at, 0]) not in layer.channels:
                    continue
                size = (int(y1 - y0) * int(x1 - x0), -at)
                if best is None or size < best[0]:
                    best = size, (layer, at)
        return None if best is None else best[1]

    def _pixel_at(self, pointer):
        shape = self.drawn.pixels.shape
        return pixel_at(self.places(), shape, pointer.x, pointer.y)

    def _pointed(self, pointer):
        """The `Hovered` under the pointer, and what to say of it."""
        bars = self._bars_at(pointer)
        if bars is not None:
            layer, spots = bars
            rank = spots.rank_at(pointer.x)
            return self._channel(layer, int(layer.ordered.order[rank]), rank)
        listed = self._listed_at(pointer)
        if listed is not None:
            return self._channel(*listed)
        found = self._unit_at(pointer)
        if found is None:
            return None, ""
        layer, at = found
        unit, value = layer.projected.units[at], float(layer.projected.values[at])
        channel, place = int(unit[0]), tuple(int(part) for part in unit[1:])
        where = f"@{','.join(str(part) for part in place)}" if place else ""
        said = f"{layer.name}:{channel}{where} = {value:.6g}"
        return Hovered(layer.name, channel, place or None, value), said

    def _channel(self, layer, channel, rank=None):
        value = float(layer.ordered.maxima[channel])
        place = "" if rank is None else f", place {rank + 1:,} of {len(layer.ordered.order):,}"
        said = f"{layer.name}:{channel}, maximum {number(value, 4)}{place}"
        return Hovered(layer.name, channel, None, value), said

    # gestures

    def press(self, pointer):
        self._pressed = pointer if self._stands else None
        bars = self._bars_at(pointer) if self._stands and pointer.button == LEFT else None
        if bars is not None:
            layer, spots = bars
            what = spots.grip_at(pointer.x, layer.first, layer.last) or "new"
            self._grip = Grip(what, spots, pointer, layer.first, layer.last)
            self.outdated.emit()
        elif self._pressed is not None and self._pixel_at(pointer) is not None:
            center = self.wish.camera.center
            self._grip = Grip("picture", self.places().picture, pointer, *center)

    def move(self, pointer):
        if not self._stands:
            return
        if pointer.button == NO_BUTTON:
            self._hover(*self._pointed(pointer))
        elif self._grip is not None:
            self._drag(pointer)

    def _drag(self, pointer):
        grip = self._grip
        dx, dy = pointer.from_start(grip.start)
        grip.moved = grip.moved or max(abs(dx), abs(dy)) >= CLICK_PX
        if not grip.moved:
            return
        self._hover(None, "")
        if grip.what == "picture":
            self._pan(grip, dx, dy)
            return
        self._range(*_dragged(grip, pointer.x), self.dragged)

    def _pan(self, grip, dx, dy):
        if self.wish.camera.zoom > 1:
            width, height = grip.bars[2:]
            center = [grip.first - dx / width, grip.last - dy / height]
            center = [min(1.0, max(0.0, part)) for part in center]
            self.dragged.emit("filters.look", {"center": center})

    def _range(self, first, last, signal):
        """Give a range that differs from the one in force."""
        settings = self.wish.settings
        if (first, last) != (settings.first, settings.last):
            signal.emit("filters.range", {"first": first, "last": last})

    def lift(self, pointer):
        grip, pressed = self._grip, self._pressed
        self._grip = self._pressed = None
        if grip is not None and grip.moved:
            self.drag_ended.emit()
        elif pressed is not None and pointer.button == LEFT and self._stands:
            dx, dy = pointer.from_start(pressed)
            if max(abs(dx), abs(dy)) < CLICK_PX:
                self._click(pointer)
        self.outdated.emit()

    def _click(self, pointer):
        """Look at the filter, or the unit, everywhere."""
        found, _ = self._pointed(pointer)
        if found is None:
            return
        args = {"layer": found.layer, "channel": found.channel}
        if found.unit is None:
            self.wished.emit("focus.channel", args)
        else:
            self.wished.emit("focus.unit", {**args, "unit": list(found.unit)})

    def double_press(self, pointer):
        """On a histogram the usual range again; on a square closer to it, elsewhere all again."""
        self._grip = self._pressed = None
        if not self._stands:
            return
        if self._bars_at(pointer) is not None:
            self._range(FilterSettings().first, FilterSettings().last, self.wished)
        elif self.wish.camera.zoom > 1:
            self.wished.emit("filters.fit", {})
        else:
            self._approach(self._unit_at(pointer))

    def _approach(self, found):
        """Look at a unit's receptive field closely."""
        if found is None:
            return
        layer, at = found
        y0, x0, y1, x1 = (float(part) for part in layer.projected.fields[at])
        rows, columns = self.drawn.pixels.shape[:2]
        spots = self.places()
        wide = spots.picture[2] / columns * (x1 - x0)
        tall = spots.picture[3] / rows * (y1 - y0)
        zoom = CLOSE * min(spots.area[2] / wide, spots.area[3] / tall)
        center = [(x0 + x1) / 2 / columns, (y0 + y1) / 2 / rows]
        self.wished.emit("filters.look", {"zoom": max(1.0, zoom), "center": center})

    def wheel(self, pointer, steps):
        """Over a histogram the range moves along the order, with Ctrl it grows or shrinks.

        Over the picture it comes nearer.
        """
        if not self._stands:
            return
        if self._bars_at(pointer) is not None:
            way = 1 if steps < 0 else -1
            self._step(way, "ctrl" in pointer.modifiers)
        elif self._pixel_at(pointer) is not None:
            zoom = min(64.0, max(1.0, self.wish.camera.zoom * ZOOM_PER_NOTCH**steps))
            factor = zoom / self.wish.camera.zoom
            center = center_after(self.places(), factor, pointer.x, pointer.y)
            self.wished.emit("filters.look", {"zoom": zoom, "center": center})

    def _step(self, way, changes_size):
        """Move the range by one place, or its last end."""
        layer = max(self.wish.layers, key=lambda one: len(one.ordered.order))
        first, last = self.wish.settings.first, self.wish.settings.last
        end = len(layer.ordered.order) - 1
        last = min(last, end)
        if changes_size:
            last = min(end, max(first, last + way))
        elif 0 <= first + way and last + way <= end:
            first, last = first + way, last + way
        self._range(first, last, self.wished)

    def takes(self, name, modifiers=frozenset()):
        """Whether a key means the view while it has the keyboard."""
        return self._stands and name in KEYS and not modifiers - {"shift"}

    def key(self, name, modifiers=frozenset()):
        if not self.takes(name, modifiers):
            return False
        settings = self.wish.settings
        wide = settings.last - settings.first
        if name in ("left", "right"):
            self._step(1 if name == "right" else -1, "shift" in modifiers)
        elif name in ("up", "down"):
            self._step(1 if name == "up" else -1, True)
        elif name == "home":
            self._range(0, wide, self.wished)
        else:
            end = max(len(layer.ordered.order) for layer in self.wish.layers) - 1
            self._range(max(0, end - wide), end, self.wished)
        return True

    def leave(self):
        self._hover(None, "")

    def _hover(self, hovered, said):
        if hovered != self._own_hover or said != self.said:
            self._own_hover, self.said = hovered, said
            self.hovered.emit(hovered)
            self.outdated.emit()


def _dragged(grip, x):
    """First and last of the range after the pointer went to an x."""
    bars, end = grip.bars, grip.bars.count - 1
    if grip.what == "range":
        by = round((x - grip.start.x) / bars.step)
        by = min(max(by, -grip.first), end - grip.last)
        return grip.first + by, grip.last + by
    if grip.what == "new":
        return tuple(sorted((bars.rank_at(grip.start.x), bars.rank_at(x))))
    edge = round((x - bars.left) / bars.step)
    if grip.what == "first":
        return min(max(0, edge), grip.last), grip.last
    return grip.first, max(min(end, edge - 1), grip.first)
