"""Where no layer is active: the layers of the network, to be clicked, in place of a picture."""

import math

from viewer.gl.theme import TEXT_PX
from viewer.state.hover import Hovered
from viewer.views.gestures import LEFT

ROW, GAP = 18, 16
LEAST_WIDE, MOST_WIDE = 150, 360
DROP = TEXT_PX * 0.36
HEADING = "No layer is active. Click one:"


def choices_of(facts):
    """(name, shape in words) of each layer of what is open, in order."""
    layers = () if facts.network is None else facts.network.layers
    return tuple((layer.name, " × ".join(map(str, layer.output_shape))) for layer in layers)


def draw_choices(pen, width, height, choices, pointed, scrolled=0):
    """Draw the layers in columns, as many as fit.

    Parameters
    ----------
    pen : Pen
    width, height : float
        Of the view, logical pixels.
    choices : tuple of (str, str)
        Of `choices_of`.
    pointed : str or None
        The layer under the pointer.
    scrolled : int
        Layers above.

    Returns
    -------
    (tuple of (str, (left, top, width, height)), int)
        The rows that are drawn, and how far it could be scrolled.
    """
    theme = pen.theme
    shapes = max(pen.width_of(shape) for _, shape in choices) + 10
    wide = max(pen.width_of(name) for name, _ in choices) + shapes
    wide = min(max(LEAST_WIDE, wide), MOST_WIDE, width - 2 * GAP)
    most = max(1, int((height - 3 * ROW) // ROW))
    across = max(1, int((width - GAP) // (wide + GAP)))
    columns = min(across, math.ceil(len(choices) / min(most, 16)))
    long = min(most, math.ceil(len(choices) / columns))
    scrolled = min(scrolled, max(0, len(choices) - columns * long))
    shown = choices[scrolled : scrolled + columns * long]
    left = (width - columns * (wide + GAP) + GAP) / 2
    top = max(0.0, (height - (long + 2) * ROW) / 2)
    heading = HEADING if width > 220 else "Click a layer:"
    pen.text(width / 2, top + ROW / 2, heading, theme.dim, align=0.5, room=width - 8)
    rows = []
    for place, (name, shape) in enumerate(shown):
        column, row = divmod(place, long)
        box = (left + column * (wide + GAP), top + (row + 1) * ROW, wide, ROW)
        rows.append((name, box))
        if name == pointed:
            pen.rectangle(box[0] - 4, box[1], wide + 8, ROW, theme.line)
        base = box[1] + ROW / 2 + DROP
        fits = wide - shapes > 60
        room = wide - shapes if fits else wide
        pen.text(box[0], base, name, theme.text, room=room, both_ends=True)
        if fits:
            pen.text(box[0] + wide, base, shape, theme.dim, align=1.0)
    more = len(choices) - len(shown)
    if more:
        said = f"{scrolled:,} above, {more - scrolled:,} below" if scrolled else f"{more:,} more"
        base = top + (long + 1) * ROW + ROW / 2 + DROP
        pen.text(width / 2, base, said, theme.dim, align=0.5, room=width - 8)
    return tuple(rows), scrolled


def choice_at(rows, pointer):
    """The layer whose row is under a pointer, or None."""
    for name, (left, top, width, height) in rows:
        if left - 4 <= pointer.x < left + width + 4 and top <= pointer.y < top + height:
            return name
    return None


class LayerChoice:
    """The rows that were drawn last, and the one under the pointer.

    Attributes
    ----------
    choices : tuple of (str, str)
        Layers to choose from; empty while a layer is active.
    """

    def __init__(self):
        self.choices = ()
        self.pointed = None
        self._rows, self._scrolled = (), 0

    def follow(self, choices):
        """Offer other layers; returns whether they are others."""
        changed = choices != self.choices
        if changed:
            self.choices, self._rows, self.pointed = choices, (), None
            self._scrolled = 0
        return changed

    def draw(self, pen, width, height):
        """Draw them in a view of that size."""
        place = (self.choices, self.pointed, self._scrolled)
        self._rows, self._scrolled = draw_choices(pen, width, height, *place)

    def move(self, view, pointer):
        """The pointer is elsewhere over a view (None: away): show which row is under it."""
        before = self.pointed
        self.pointed = None if pointer is None else choice_at(self._rows, pointer)
        if self.pointed != before:
            hovered = None if self.pointed is None else Hovered(self.pointed)
            view.hovered.emit(hovered)
            view.outdated.emit()

    def wheel(self, view, steps):
        """Show layers farther above or below."""
        rows = max(1, len(self._rows) // 4)
        self._scrolled = max(0, self._scrolled - round(rows * steps))
        view.outdated.emit()

    def press(self, view, pointer):
        """Make the layer under the pointer the active one."""
        name = choice_at(self._rows, pointer) if pointer.button == LEFT else None
        if name is not None:
            view.hovered.emit(None)
            view.wished.emit("focus.layer", {"layer": name})
