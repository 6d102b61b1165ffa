"""Gestures of the series: click a step, step with keys and wheel, point at and pick weights."""

from viewer.state.hover import Hovered
from viewer.studio.step_values import weight_at
from viewer.views.gestures import LEFT, NO_BUTTON
from viewer.views.series.checking import Rows
from viewer.views.series.resolve import SeriesWish
from viewer.views.view import View


class SeriesHands(View):
    """What a person does with the view; the picture is its heir's.

    Attributes
    ----------
    wish : SeriesWish
    pointed : (int, (int, int) or None) or None
        The step under the pointer, and the pixel of its picture.
    rows : Rows
        Where the rows of the check stand.
    """

    def __init__(self):
        super().__init__()
        self.wish = SeriesWish()
        self.pointed = None
        self.rows = Rows()
        self._own_hover = None

    def takes(self, name, modifiers=frozenset()):
        """Whether a key means the view while it has the keyboard."""
        known = ("left", "right", "up", "down", "home", "end", "delete")
        return bool(self.wish.heads) and name in known and not modifiers

    def key(self, name, modifiers=frozenset()):
        if not self.takes(name, modifiers):
            return False
        step, last = self.wish.settings.step, len(self.wish.heads) - 1
        if name == "delete":
            self.wished.emit("series.remove", {"step": step})
            return True
        across = self.places().columns
        to = {
            "left": step - 1, "right": step + 1, "up": step - across, "down": step + across,
            "home": 0, "end": last,
        }[name]  # fmt: skip
        self._step_to(min(last, max(0, to)))
        return True

    def _step_to(self, step):
        self.wished.emit("series.step", {"step": step})

    def wheel(self, pointer, steps):
        if self.wish.heads and steps:
            by = -1 if steps > 0 else 1
            self._step_to(min(len(self.wish.heads) - 1, max(0, self.wish.settings.step + by)))

    def move(self, pointer):
        if pointer.button == NO_BUTTON:
            self._point(pointer)

    def leave(self):
        self._point(None)

    def press(self, pointer):
        """A click counts where it began."""

    def lift(self, pointer):
        if pointer.button != LEFT:
            return
        row = self.rows.at(pointer.x, pointer.y) if self.wish.settings.check != "none" else None
        if row is not None and self.wish.check.found is not None:
            self._pick(self.wish.check.found.layer, *self.wish.check.found.weight(row))
            return
        at = self.places().at(pointer.x, pointer.y)
        if at is None:
            return
        if at == self.wish.settings.step:
            self._pick_at(pointer, at)
        self._step_to(at)

    def _pick_at(self, pointer, at):
        """Pick the weight under the pointer in the picture of the step that is shown."""
        pixel = self.places().pixel_at(pointer.x, pointer.y, at)
        found = None if pixel is None else self.weight_at(at, pixel)
        if found is None:
            return
        weight = self.weight_named(*found[:3])
        if weight is not None:
            self._pick(self.wish.layer, found[0], *weight)
        else:
            args = {"layer": self.wish.layer, "channel": found[0], "unit": list(found[1:3])}
            self.wished.emit("focus.unit", args)

    def _pick(self, layer, filter_, each, y, x):
        shape = self.wish.shape if layer == self.wish.layer else self.wish.check.found.shape
        width = shape[-1] if len(shape) > 2 else 1
        args = {"layer": layer, "filter": filter_, "input": each, "kernel": y * width + x}
        self.wished.emit("series.weight", args)

    def weight_named(self, channel, row, column):
        """(input, row and column in the kernel) of a place of unfolded weights, or None."""
        series = self.wish.series
        if series is None or series.source != "weight-gradient":
            return None
        return weight_at(self.wish.shape, self.wish.settings.unfolding, row, column)

    def _point(self, pointer):
        found = hovered = None
        if pointer is not None and self.wish.heads:
            places = self.places()
            at = places.at(pointer.x, pointer.y)
            if at is not None:
                found = (at, places.pixel_at(pointer.x, pointer.y, at))
        if found is not None and found[1] is not None:
            unit = self.weight_at(*found)
            hovered = None if unit is None else Hovered(self.wish.layer, unit[0])
        if hovered != self._own_hover:
            self._own_hover = hovered
            self.hovered.emit(hovered)
        if found != self.pointed:
            self.pointed = found
            self.outdated.emit()
