"""Gestures of the importance view: look at filters, switch them off, scroll, one part alone."""

from viewer.state.hover import Hovered
from viewer.views.gestures import LEFT, NO_BUTTON
from viewer.views.importance.bars import BarsPart
from viewer.views.importance.curve import CurvePart
from viewer.views.importance.effect import RatesPart, ScoresPart
from viewer.views.importance.grid import GridPart
from viewer.views.importance.places import HEAD, arranged
from viewer.views.importance.resolve import ImportanceWish
from viewer.views.importance.table import TablePart
from viewer.views.view import View

CLICK_PX = 4
ARROWS = ("left", "right", "up", "down")
SWITCH_KEYS = ("x", "del")
KINDS = {
    part.name: part for part in (GridPart, BarsPart, CurvePart, ScoresPart, RatesPart, TablePart)
}


class ImportanceHands(View):
    """What a person does with the view; the picture is its heir's.

    Attributes
    ----------
    wish : ImportanceWish
    pointed : Spot or None
        What is under the pointer.
    """

    def __init__(self):
        super().__init__()
        self.wish = ImportanceWish()
        self.pointed = None
        self._pressed = self._own_hover = self._pointer = None

    @property
    def _stands(self):
        return not self.wish.message

    def arrangement(self):
        """Where the parts stand now."""
        return arranged(self.width, self.height, self.wish.settings.shown)

    def parts(self):
        """The parts that have room, tuple of Part."""
        boxes = self.arrangement().boxes
        pointer = self._pointer
        return tuple(KINDS[name](box, self.wish, pointer) for name, box in boxes.items())

    def part_at(self, pointer):
        """The part under the pointer, or None."""
        return next((part for part in self.parts() if part.box.holds(pointer.x, pointer.y)), None)

    def _spot(self, pointer):
        part = self.part_at(pointer)
        if part is None:
            return None
        if pointer.y < part.box.top + HEAD:
            return part.at_head()
        return part.at(pointer.x, pointer.y)

    # pointing

    def press(self, pointer):
        self._pressed = pointer if self._stands else None

    def move(self, pointer):
        self._pointer = pointer
        if self._stands and pointer.button == NO_BUTTON:
            self._point(self._spot(pointer))

    def leave(self):
        self._pointer = None
        self._point(None)

    def point_again(self):
        """What is under the resting pointer may be another thing now."""
        if self._pointer is not None:
            self._point(self._spot(self._pointer) if self._stands else None)

    def _point(self, spot):
        hovered = None
        if spot is not None and spot.channel is not None:
            hovered = Hovered(spot.layer, spot.channel)
        if hovered != self._own_hover:
            self._own_hover = hovered
            self.hovered.emit(hovered)
        if spot != self.pointed:
            self.pointed = spot
            self.outdated.emit()

    def lift(self, pointer):
        pressed, self._pressed = self._pressed, None
        if pressed is None or pointer.button != LEFT or not self._stands:
            return
        dx, dy = pointer.from_start(pressed)
        spot = self._spot(pointer)
        if spot is None or max(abs(dx), abs(dy)) >= CLICK_PX:
            return
        if spot.channel is not None:
            self.wished.emit("focus.channel", {"layer": spot.layer, "channel": spot.channel})
        elif spot.command is not None:
            self.wished.emit(*spot.command)

    def double_press(self, pointer):
        """A filter is switched off, or on again; a heading's part stands alone, or with all."""
        self._pressed = None
        part = self.part_at(pointer) if self._stands else None
        if part is None:
            return
        if pointer.y < part.box.top + HEAD:
            only = None if self.wish.settings.only == part.name else part.name
            self.wished.emit("importance.only", {"part": only})
            return
        spot = part.at(pointer.x, pointer.y)
        if spot is not None and spot.channel is not None:
            self._switch(spot.layer, spot.channel)

    def _switch(self, layer, channel):
        off = channel not in self.wish.settings.off_of(layer)
        args = {"layer": layer, "channel": channel, "off": off}
        self.wished.emit("importance.switch", args)

    def wheel(self, pointer, steps):
        part = self.part_at(pointer) if self._stands else None
        changes = None if part is None else part.scrolled(steps, pointer.modifiers, pointer.x)
        if changes:
            self.wished.emit("importance.look", changes)

    # keys

    def takes(self, name, modifiers=frozenset()):
        """Whether a key means the view while it has the keyboard."""
        if not self._stands or self.wish.layer is None or modifiers:
            return False
        if name in ARROWS:
            return self.wish.weighed is not None
        return name in SWITCH_KEYS and self.wish.focus is not None

    def key(self, name, modifiers=frozenset()):
        if not self.takes(name, modifiers):
            return False
        if name in SWITCH_KEYS:
            self._switch(self.wish.layer, self.wish.focus)
            return True
        channel = self._beside(name)
        if channel is not None:
            args = {"layer": self.wish.layer, "channel": channel}
            self.wished.emit("focus.channel", args)
        return True

    def _beside(self, name):
        """The channel that an arrow key leads to: in the grid, or along the bars."""
        parts = {part.name: part for part in self.parts()}
        if "grid" in parts:
            return parts["grid"].step_from(name)
        return parts["bars"].step_from(name) if "bars" in parts else None
