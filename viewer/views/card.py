"""The card beside a hovered point: its sample's picture with the receptive field, class, values.

What it says is there at once; the picture comes from the builder's thread, and is kept. Shared by
the views of points.
"""

import math
from collections import OrderedDict

import numpy as np

from engine.errors import LamellaError
from viewer.gl.theme import SPACE_PX, TEXT_PX
from viewer.views.pen import Pen
from viewer.views.point_facts import Card, box_of, card_of, position_of
from viewer.visuals.flat import FlatPicture
from viewer.visuals.overlay import Overlay

__all__ = ["Card", "PointCard", "box_of", "card_of", "position_of"]

PICTURE = 112
LEAST_WIDTH, MOST_WIDTH = 132, 300
ROW = 17
AWAY = 16
KEPT_PICTURES = 128
GREY = 90
_WHITE, _BLACK = "#ffffff", "#000000"


def small_picture(data, sample):
    """A sample's picture for a card.

    Parameters
    ----------
    data : engine DataSet
    sample : int

    Returns
    -------
    (uint8[h, w, 3], tuple or None)
        The picture, its longer side twice `PICTURE` pixels at most, and the shape of the whole
        one; plain grey and None for a sample that cannot be read.
    """
    from PIL import Image

    from engine.data.pictures import shown

    try:
        whole = data.image(sample)
    except LamellaError:  # told where samples are listed
        whole = None
    if whole is None:
        return np.full((8, 8, 3), GREY, np.uint8), None
    image = Image.fromarray(shown(whole))
    image.thumbnail((2 * PICTURE, 2 * PICTURE), Image.Resampling.BILINEAR, reducing_gap=2.0)
    return np.asarray(image), whole.shape


def fractions_of(box, preprocessing, shape):
    """A box of the network's input as fractions of a picture's height and width, or None."""
    if box is None or preprocessing is None or shape is None:
        return None
    rows, columns = shape[:2]
    y0, x0, y1, x1 = preprocessing.box_in_picture(box, shape)
    return y0 / rows, x0 / columns, y1 / rows, x1 / columns


def placed(pointer, size, view):
    """Where a card stands: beside the pointer, inside the view.

    Parameters
    ----------
    pointer, size, view : (float, float)
        Logical pixels: the pointer, the card's width and height, the view's.

    Returns
    -------
    (left, top)
        Right of and below the pointer where there is room, else on its other sides.
    """
    corner = []
    for at, long, room in zip(pointer, size, view, strict=True):
        start = at + AWAY
        if start + long > room - SPACE_PX:
            start = at - AWAY - long
        corner.append(max(SPACE_PX, min(start, room - SPACE_PX - long)))
    return tuple(corner)


class PointCard:
    """Draws a card, and fetches its picture.

    Parameters
    ----------
    slot : str
        Of the builder's questions: one a view.
    on_arrival : callable()
        When the picture is there: the view should draw again.
    """

    def __init__(self, slot, on_arrival):
        self._slot = f"{slot}.card"
        self._on_arrival = on_arrival
        self._pictures = OrderedDict()
        self._data = self._preprocessing = None
        self._picture = FlatPicture()
        self._shape = (1, 1)
        self._under, self._over = Overlay(), Overlay()
        self.card = None

    def show(self, card, facts, builder, points=None, again=None):
        """Show a card (None: none), and ask for what is not at hand.

        Parameters
        ----------
        card : Card or None
        facts : Facts
        builder : Builder
            Fetches the picture.
        points : engine Points, optional
            Of the card; then its stored values are asked for.
        again : callable(float32[C]) -> Card, optional
            The card with stored values.

        Returns
        -------
        bool
            Whether it is another one: the view should draw again.
        """
        if facts.data is not self._data:
            self._data = facts.data
            self._pictures.clear()
        self._preprocessing = facts.preprocessing
        if card == self.card:
            return False
        self.card = card
        if card is not None and facts.data is not None:
            if card.sample in self._pictures:
                self._pictures.move_to_end(card.sample)
            else:
                self._ask(facts.data, card.sample, builder)
        if card is not None and again is not None and facts.stored is not None:
            facts.stored(points, card.point, lambda stored: self._came(card, again(stored)))
        return True

    def _came(self, asked, card):
        """Stored values are there: shown, unless another point is."""
        if self.card == asked and card != asked:
            self.card = card
            self._on_arrival()

    def _ask(self, data, sample, builder):
        def came(answer):
            if data is self._data:
                self._pictures[sample] = answer
                while len(self._pictures) > KEPT_PICTURES:
                    self._pictures.popitem(last=False)
                self._on_arrival()

        builder.ask(self._slot, lambda: small_picture(data, sample), came)

    @property
    def has_picture(self):
        """Whether the picture of the card that is shown is there."""
        return self.card is not None and self.card.sample in self._pictures

    def draw(self, context, width_px, height_px, ratio, theme, pointer):
        """Draw over the framebuffer that is bound.

        Parameters
        ----------
        width_px, height_px : int
            Of the framebuffer.
        ratio : float
            Physical pixels a logical one.
        pointer : (float, float)
            Where the point is, logical pixels.
        """
        if self.card is None:
            return
        pixels, shape = self._pictures.get(self.card.sample, (None, None))
        under, over = Pen(self._under, ratio, theme), Pen(self._over, ratio, theme)
        self._under.clear()
        self._over.clear()
        size, picture = self._measure(under, pixels)
        view = (width_px / ratio, height_px / ratio)
        left, top = placed(pointer, size, view)
        _plate(under, left, top, size)
        box = (left + (size[0] - picture[0]) / 2, top + SPACE_PX, *picture)
        self._rows(under, left, box[1] + picture[1] + SPACE_PX / 2, size[0])
        self._under.draw(context, width_px, height_px)
        if pixels is None:
            return
        box = tuple(round(part * ratio) for part in box)
        self._picture.set_pixels(pixels)
        self._picture.draw(context, width_px, height_px, box)
        fractions = fractions_of(self.card.box, self._preprocessing, shape)
        if fractions is not None:
            _frame(over, fractions, tuple(part / ratio for part in box))
        self._over.draw(context, width_px, height_px)

    def _measure(self, pen, pixels):
        """((width, height) of the card, (width, height) of the picture), logical pixels."""
        if pixels is not None:
            self._shape = pixels.shape[:2]  # until a picture is there, room like the last one's
        rows, columns = self._shape
        scale = PICTURE / max(rows, columns)
        if scale > 1:  # squares of one size
            scale = max(1, int(scale * pen.ratio)) / pen.ratio
        picture = (max(1.0, columns * scale), max(1.0, rows * scale))
        widest = max(
            pen.width_of(text) + pen.width_of(right) + (12 if right else 0) + (16 if tint else 0)
            for text, right, tint in self.card.lines
        )
        widest = math.ceil(widest) + 1  # the widest row is not cut by a rounding
        width = min(MOST_WIDTH, max(LEAST_WIDTH, widest + 2 * SPACE_PX))
        height = picture[1] + len(self.card.lines) * ROW + 2 * SPACE_PX
        return (width, height), picture

    def _rows(self, pen, left, top, width):
        theme = pen.theme
        inner = left + SPACE_PX
        for row, (text, right, tint) in enumerate(self.card.lines):
            base = top + row * ROW + ROW / 2 + TEXT_PX * 0.36
            start = inner
            if tint:
                pen.rectangle(inner, base - 9, 10, 10, tint)
                start += 16
            wide = pen.width_of(right) + (12 if right else 0)
            room = left + width - SPACE_PX - start - wide
            pen.text(start, base, text, theme.text if right or tint else theme.dim, room=room)
            if right:
                pen.text(left + width - SPACE_PX, base, right, theme.text, align=1.0)

    def release(self):
        """Delete its objects; the context is current."""
        for part in (self._picture, self._under, self._over):
            part.release()


def _plate(pen, left, top, size):
    """The card's surface with its line."""
    pen.rectangle(left - 1, top - 1, size[0] + 2, size[1] + 2, pen.theme.edge)
    pen.rectangle(left, top, *size, pen.theme.panel)


def _frame(pen, fractions, picture):
    """The receptive field over the picture, clipped to it."""
    left, top, width, height = picture
    y0, x0, y1, x1 = (min(1.0, max(0.0, part)) for part in fractions)
    if y1 <= y0 or x1 <= x0:
        return
    box = (left + x0 * width, top + y0 * height, left + x1 * width, top + y1 * height)
    pen.frame(box, _BLACK, 0.6, 3)
    pen.frame(box, _WHITE, 1.0, 1)
