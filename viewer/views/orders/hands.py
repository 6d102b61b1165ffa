"""Gestures of the orders pane: choose a method, compare two orders, go to what an order is of."""

from dataclasses import dataclass

from viewer.state.hover import Hovered
from viewer.views.gestures import LEFT
from viewer.views.layer_choice import LayerChoice
from viewer.views.orders.build import MOST_DOTS
from viewer.views.orders.places import FOOT, Rows, Squares, pages_of
from viewer.views.orders.resolve import COSTLY, FOUND, OrdersWish, applied, chosen, visited
from viewer.views.view import View

NEAR_PX = 8
LEAST_LABELS = 60.0
"""Width of the matrix' labels before they are measured."""


@dataclass(frozen=True)
class Pointed:
    """What is under the pointer: one of these, or nothing.

    Attributes
    ----------
    method : int or None
        A row of the list.
    picture : bool
        Its picture.
    cell : (int, int) or None
        Of the matrix.
    label : int or None
        Of a row of the matrix.
    use : int or None
        A word that applies an order: the first or the second of the pair.
    channel : int or None
        A dot of the pair.
    """

    method: int | None = None
    picture: bool = False
    cell: tuple | None = None
    label: int | None = None
    use: int | None = None
    channel: int | None = None


NOTHING = Pointed()


class OrdersHands(View):
    """What a person does with the view; the picture is its heir's.

    Attributes
    ----------
    wish : OrdersWish
    pointed : Pointed
    first : int
        The first method in sight.
    """

    def __init__(self):
        super().__init__()
        self.wish = OrdersWish()
        self.pointed = NOTHING
        self._pointer = None
        self.first = 0
        self.choice = LayerChoice()
        self._own_hover = None
        self.labels = LEAST_LABELS
        self._uses = ()

    # where everything stands

    def pages(self):
        """Boxes of the pages that are shown, by their names."""
        return pages_of(self.width, self.height, self.wish.settings.page)

    def rows(self):
        """The methods' places, or None where they are not shown."""
        box = self.pages().get("quality")
        return None if box is None else Rows(box, len(self.wish.rows))

    def squares(self):
        """Places of the matrix and of the pair, or None where they are not shown."""
        box = self.pages().get("stability")
        if box is None:
            return None
        found = Squares(box, self.labels, self.wish.pair is not None)
        return found if found.plot is not None else Squares(box, self.labels, False)

    def ranks(self):
        """Each compared channel's place in both orders of the pair; None without a pair."""
        raise NotImplementedError

    def at(self, pointer):
        """`Pointed`: what is at a place of the view."""
        if self.wish.layer is None or self.wish.message or pointer.y >= self.height - FOOT:
            return NOTHING
        rows, squares = self.rows(), self.squares()
        if rows is not None:
            place = rows.at(pointer.x, pointer.y)
            if place is not None and self.first + place < len(self.wish.rows):
                box = rows.picture_of(place)
                return Pointed(self.first + place, pointer.x < box.right)
        if squares is None or self.wish.matrix is None:
            return NOTHING
        return self._in_matrix(pointer, squares) or self._in_pair(pointer, squares) or NOTHING

    def _in_matrix(self, pointer, squares):
        matrix, count = squares.matrix, len(self.wish.matrix)
        share = matrix.share_at(pointer.x, pointer.y)
        if share is not None:
            column, row = (min(count - 1, int(part * count)) for part in share)
            return Pointed(cell=(row, column))
        if squares.box.left <= pointer.x < matrix.left and matrix.top <= pointer.y < matrix.bottom:
            down = (pointer.y - matrix.top) / matrix.height
            return Pointed(label=min(count - 1, int(down * count)))
        return None

    def _in_pair(self, pointer, squares):
        for use, box in enumerate(squares.uses(self._uses)):
            if box.share_at(pointer.x, pointer.y) is not None:
                return Pointed(use=use)
        plot = squares.plot
        if plot is None or plot.share_at(pointer.x, pointer.y) is None:
            return None
        channel = self._dot_at(pointer, plot)
        return None if channel is None else Pointed(channel=channel)

    def _dot_at(self, pointer, plot):
        """The channel whose dot is nearest to the pointer and near it, or None."""
        channels, across, down = self.ranks()
        count = len(channels)
        if not count or count > MOST_DOTS:
            return None
        x = plot.left + (across + 0.5) / count * plot.width - pointer.x
        y = plot.bottom - (down + 0.5) / count * plot.height - pointer.y
        away = x * x + y * y
        nearest = int(away.argmin())
        return int(channels[nearest]) if away[nearest] <= NEAR_PX**2 else None

    # gestures

    def move(self, pointer):
        if self.wish.choices:
            self.choice.move(self, pointer)
            return
        self._pointer = pointer
        self._point(self.at(pointer))

    def leave(self):
        if self.wish.choices:
            self.choice.move(self, None)
        self._pointer = None
        self._point(NOTHING)

    def point_again(self):
        """Something else may stand under the pointer now."""
        self._point(NOTHING if self._pointer is None else self.at(self._pointer))

    def _point(self, pointed):
        channel = pointed.channel
        hovered = None if channel is None else Hovered(self.wish.layer, channel)
        if hovered != self._own_hover:
            self._own_hover = hovered
            self.hovered.emit(hovered)
        if pointed != self.pointed:
            self.pointed = pointed
            self.outdated.emit()

    def wheel(self, pointer, steps):
        if self.wish.choices:
            self.choice.wheel(self, steps)
            return
        rows = self.rows()
        if rows is None or rows.box.share_at(pointer.x, pointer.y) is None:
            return
        last = max(0, len(self.wish.rows) - rows.in_sight)
        first = min(
            last, max(0, self.first - round(steps) or self.first - (1 if steps > 0 else -1))
        )
        if first != self.first:
            self.first = first
            self.point_again()
            self.outdated.emit()

    def press(self, pointer):
        if self.wish.choices:
            self.choice.press(self, pointer)
            return
        if pointer.button != LEFT:
            return
        self._pointer = pointer
        pointed, wish = self.at(pointer), self.wish
        if pointed.method is not None:
            self._choose(wish.rows[pointed.method])
        elif pointed.cell is not None:
            self._pair(pointed.cell)
        elif pointed.label is not None:
            self.wished.emit(*visited(wish, pointed.label))
        elif pointed.use is not None:
            self.wished.emit(*applied(wish, wish.pair[pointed.use]))
        elif pointed.channel is not None:
            self.wished.emit("focus.channel", {"layer": wish.layer, "channel": pointed.channel})

    def _choose(self, row):
        """Apply a method, or have it made."""
        if row.status == COSTLY:
            self.wished.emit("stability.costly", {"layer": self.wish.layer})
        elif row.status == FOUND and not row.is_in_force:
            self.wished.emit(*chosen(self.wish.orders, self.wish.layer, row.method))

    def _pair(self, cell):
        """Show two orders against each other; the same ones again: no more."""
        pair = None if cell == self.wish.pair else list(cell)
        self.wished.emit("stability.pair", {"pair": pair})

    # keys

    def takes(self, name, modifiers=frozenset()):
        """Whether a key means the view while it has the keyboard."""
        known = ("up", "down", "left", "right", "escape", "esc")
        if self.wish.matrix is None or modifiers or name not in known:
            return False
        return name not in ("escape", "esc") or self.wish.pair is not None

    def key(self, name, modifiers=frozenset()):
        if not self.takes(name, modifiers):
            return False
        if name in ("escape", "esc"):
            self.wished.emit("stability.pair", {"pair": None})
            return True
        self.wished.emit("stability.pair", {"pair": list(stepped(self.wish, name))})
        return True


def stepped(wish, name):
    """The pair beside the one that is shown, in a direction: (int, int)."""
    count = len(wish.matrix)
    row, column = wish.pair or (0, min(1, count - 1))
    if wish.pair is None:
        return row, column
    across = {"left": -1, "right": 1}.get(name, 0)
    down = {"up": -1, "down": 1}.get(name, 0)
    return (
        min(count - 1, max(0, row + down)),
        min(count - 1, max(0, column + across)),
    )
