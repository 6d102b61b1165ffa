"""The transfer curve over the layer's histogram, edited by pointer and keys."""

from functools import lru_cache

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from viewer.gl.theme import DARK, TEXT_PX
from viewer.views.stack import curve as curves
from viewer.visuals.legend import number
from viewer.visuals.transfer import colours

MARGIN_PX, POINT_PX = 8, 4
KEY_STEP = 0.02
TIP = (
    "Drag a point. Double-click adds one, right-click removes it.\n"
    "Keys: PgUp and PgDn choose a point, arrows move it (Shift: farther), "
    "Ins adds one, Del removes it, Backspace resets."
)


@lru_cache(maxsize=4)
def _colours(theme, signed):
    return colours(theme, signed)


class CurveEditor(QWidget):
    """Points of the transfer curve; values across, density upwards, counts by their logarithm.

    Signed ranges show both sides of zero; the curve is the same on both.

    Attributes
    ----------
    moved : Signal(object)
        The curve's points while one is dragged; `released` ends it.
    given : Signal(object)
        Points after a click or a key; None: the built-in law again.
    pointed : Signal(str)
        Words for what is under the pointer.
    """

    moved = Signal(object)
    released = Signal()
    given = Signal(object)
    pointed = Signal(str)

    KEYS = (
        Qt.Key.Key_Left,
        Qt.Key.Key_Right,
        Qt.Key.Key_Up,
        Qt.Key.Key_Down,
        Qt.Key.Key_PageUp,
        Qt.Key.Key_PageDown,
        Qt.Key.Key_Insert,
        Qt.Key.Key_Delete,
        Qt.Key.Key_Backspace,
    )
    ARROWS = {
        Qt.Key.Key_Left: (-KEY_STEP, 0.0),
        Qt.Key.Key_Right: (KEY_STEP, 0.0),
        Qt.Key.Key_Up: (0.0, KEY_STEP),
        Qt.Key.Key_Down: (0.0, -KEY_STEP),
    }

    def __init__(self):
        super().__init__()
        self._curve = None
        self._histogram = None
        self._theme = DARK
        self._chosen = 0
        self._held = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setToolTip(TIP)
        self.setToolTipDuration(6000)

    def sizeHint(self):
        return QSize(300, 104)

    def set_theme(self, theme):
        """Colours."""
        self._theme = theme
        self.update()

    def show_curve(self, curve, histogram):
        """Show a curve (None: the built-in law) over a `Histogram` or None."""
        if self._held is None and (curve, histogram) != (self._curve, self._histogram):
            self._curve, self._histogram = curve, histogram
            self._chosen = min(self._chosen, len(self._points) - 1)
            self.update()

    @property
    def _points(self):
        return self._curve or curves.LAW

    @property
    def _signed(self):
        return self._histogram is not None and self._histogram.signed

    # places: 0 to 1 across the whole range; distances from zero are what the curve counts

    @property
    def _area(self):
        return QRectF(
            MARGIN_PX,
            MARGIN_PX,
            max(1.0, self.width() - 2.0 * MARGIN_PX),
            max(1.0, self.height() - 2.0 * MARGIN_PX - TEXT_PX - 2),
        )

    def _from_pixel(self, position):
        """(place across 0 to 1, height 0 to 1)."""
        area = self._area
        across = (position.x() - area.left()) / area.width()
        return across, (area.bottom() - position.y()) / area.height()

    def _distance(self, across):
        return abs(2 * across - 1) if self._signed else across

    def _across(self, distance):
        return (1 + distance) / 2 if self._signed else distance

    def _pixel(self, across, height):
        area = self._area
        return QPointF(area.left() + across * area.width(), area.bottom() - height * area.height())

    def _point_at(self, position):
        across, height = self._from_pixel(position)
        wide = self._area.width() / (2 if self._signed else 1)
        return curves.nearest(
            self._points, self._distance(across), height, wide, self._area.height()
        )

    # pointer

    def mousePressEvent(self, event):
        at = self._point_at(event.position())
        if at is None:
            return
        self._chosen = at
        if event.button() == Qt.MouseButton.RightButton:
            self._give(curves.removed(self._points, at))
        elif event.button() == Qt.MouseButton.LeftButton:
            self._held = at
        self.update()

    def mouseMoveEvent(self, event):
        across, height = self._from_pixel(event.position())
        if self._held is not None:
            self._curve = curves.moved(self._points, self._held, self._distance(across), height)
            self.moved.emit(self._curve)
            self.update()
        self.pointed.emit(self._words(across))

    def mouseReleaseEvent(self, event):
        if self._held is not None:
            self._held = None
            self.released.emit()

    def mouseDoubleClickEvent(self, event):
        if self._point_at(event.position()) is None:
            across, height = self._from_pixel(event.position())
            self._add(self._distance(across), height)

    def leaveEvent(self, event):
        self.pointed.emit("")
        super().leaveEvent(event)

    def _words(self, across):
        shown = self._histogram
        if shown is None or not 0 <= across <= 1:
            return ""
        value = shown.low + across * (shown.high - shown.low)
        counted = int(shown.counts[min(len(shown.counts) - 1, int(across * len(shown.counts)))])
        height = float(curves.heights_of(self._curve, [self._distance(across)])[0])
        return f"{number(value)}: {counted:,} values, density {height:.2f}"

    # keys

    def event(self, event):
        if event.type() == event.Type.ShortcutOverride and event.key() in self.KEYS:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event):
        key, points = event.key(), self._points
        far = 5 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
        if key in self.ARROWS:
            dx, dy = self.ARROWS[key]
            place, height = points[self._chosen]
            self._give(curves.moved(points, self._chosen, place + dx * far, height + dy * far))
        elif key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            step = 1 if key == Qt.Key.Key_PageUp else -1
            self._chosen = (self._chosen + step) % len(points)
        elif key == Qt.Key.Key_Insert:
            after = min(self._chosen + 1, len(points) - 1)
            before = points[after - 1]
            place = (before[0] + points[after][0]) / 2
            self._add(place, float(curves.heights_of(self._curve, [place])[0]))
        elif key == Qt.Key.Key_Delete:
            self._give(curves.removed(points, self._chosen))
        elif key == Qt.Key.Key_Backspace:
            self.given.emit(None)
        else:
            super().keyPressEvent(event)
            return
        self.update()

    def _add(self, place, height):
        points, at = curves.added(self._points, place, height)
        if at is not None:
            self._chosen = at
            self._give(points)

    def _give(self, points):
        if points != self._curve:
            self._chosen = min(self._chosen, len(points) - 1)
            self.given.emit(points)

    # drawing

    def paintEvent(self, event):
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = self._area
        painter.fillRect(self.rect(), QColor(self._theme.view))
        if self._histogram is not None:
            self._paint_histogram(painter, area)
        self._paint_curve(painter)
        self._paint_ends(painter, area)
        painter.end()

    def _paint_histogram(self, painter, area):
        heights = self._histogram.heights()
        table = _colours(self._theme, self._signed)
        each = area.width() / len(heights)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        lean = np.array(QColor(self._theme.line).getRgb()[:3])
        for at, height in enumerate(heights):
            if height <= 0:
                continue
            colour = table[int((at + 0.5) / len(heights) * (len(table) - 1))]
            # Colours near the background would vanish: the frame's grey shows through.
            shade = 0.75 * 255 * colour + 0.25 * lean
            left = area.left() + at * each
            box = QRectF(left, area.bottom() - height * area.height(), each + 0.6, 0)
            box.setBottom(area.bottom())
            painter.fillRect(box, QColor(*(int(part) for part in shade), 200))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)

    def _paint_curve(self, painter):
        places = np.linspace(0, 1, 97)
        heights = curves.heights_of(self._curve, places)
        line = [self._pixel(self._across(d), h) for d, h in zip(places, heights, strict=True)]
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(self._theme.text), 1.4))
        painter.drawPolyline(QPolygonF(line))
        if self._signed:
            mirrored = [QPointF(self.width() - point.x(), point.y()) for point in line]
            painter.drawPolyline(QPolygonF(mirrored))
        for index, (place, height) in enumerate(self._points):
            chosen = index == self._chosen and (self.hasFocus() or self._held is not None)
            accent = self._theme.accent if chosen else self._theme.text
            painter.setPen(QPen(QColor(accent), 1.4))
            fill = accent if self._curve is not None else self._theme.view
            painter.setBrush(QColor(fill))
            painter.drawEllipse(self._pixel(self._across(place), height), POINT_PX, POINT_PX)

    def _paint_ends(self, painter, area):
        painter.setPen(QColor(self._theme.line))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        shown = self._histogram
        low, high = ("0", "max") if shown is None else (number(shown.low), number(shown.high))
        below = QRectF(area.left(), area.bottom() + 2, area.width(), TEXT_PX + 6)
        painter.setPen(QColor(self._theme.dim))
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, low)
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, high)
        if self._signed:
            painter.drawText(below, Qt.AlignmentFlag.AlignHCenter, "0")
