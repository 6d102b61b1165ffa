"""What lies over the whole window without being in its way: captions, and for a room the pointer.

A ring stands where a button is held, and the keys just pressed stand at the bottom; both by
choice, so that people in a room see what the speaker does. Captions are those of a session that is
played.
"""

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QFont, QKeySequence, QPainter, QPen
from PySide6.QtWidgets import QApplication, QWidget

from viewer.gl.theme import DARK, SPACE_PX, TITLE_PX

RING_PX = 18
KEYS_MS = 1500
RING_MS = 250
ALONE = {
    Qt.Key.Key_Shift,
    Qt.Key.Key_Control,
    Qt.Key.Key_Alt,
    Qt.Key.Key_Meta,
    Qt.Key.Key_AltGr,
    Qt.Key.Key_unknown,
}
SIGNS = {"Left": "←", "Right": "→", "Up": "↑", "Down": "↓"}


class Glass(QWidget):
    """A clear sheet over a window; hidden while it has nothing to show.

    Parameters
    ----------
    window : QMainWindow

    Attributes
    ----------
    shows_hands : bool
        Whether pointer and keys are shown.
    """

    def __init__(self, window):
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self._theme, self._scale = DARK, 1.0
        self._captions = ()
        self.shows_hands = False
        self._ring, self._held = None, False
        self._keys = ""
        self._forget_keys = self._timer(KEYS_MS, self._no_keys)
        self._forget_ring = self._timer(RING_MS, self._no_ring)
        self.hide()

    def _timer(self, milliseconds, then):
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(milliseconds)
        timer.timeout.connect(then)
        return timer

    def set_look(self, theme, scale):
        """Draw in a theme, text larger by ``scale``."""
        self._theme, self._scale = theme, scale
        self.update()

    def show_captions(self, captions):
        """Show captions: objects with ``text`` and ``place``."""
        captions = tuple((caption.text, caption.place) for caption in captions)
        if captions != self._captions:
            self._captions = captions
            self._changed()

    @property
    def captions(self):
        """Texts shown now."""
        return tuple(text for text, _ in self._captions)

    def show_hands(self, shown):
        """Show pointer and keys, or no longer."""
        if shown == self.shows_hands:
            return
        self.shows_hands = shown
        application = QApplication.instance()
        if shown:
            application.installEventFilter(self)
        else:
            application.removeEventFilter(self)
            self._no_keys()
            self._no_ring()

    def _changed(self):
        something = bool(self._captions or self._keys or self._ring is not None)
        if something:
            self.setGeometry(self.parentWidget().rect())
            self.raise_()
        self.setVisible(something)
        self.update()

    def _no_keys(self):
        self._keys = ""
        self._changed()

    def _no_ring(self):
        self._ring = None
        self._changed()

    def eventFilter(self, watched, event):
        kind = event.type()
        if kind == QEvent.Type.MouseButtonPress and isinstance(watched, QWidget):
            self._held = True
            self._forget_ring.stop()
            self._ring_at(event)
        elif kind == QEvent.Type.MouseMove and self._held and isinstance(watched, QWidget):
            self._ring_at(event)
        elif kind == QEvent.Type.MouseButtonRelease:
            self._held = False
            self._forget_ring.start()
        elif kind in (QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride):
            self._pressed(event)
        return False

    def _ring_at(self, event):
        self._ring = QPointF(self.mapFromGlobal(event.globalPosition().toPoint()))
        self._changed()

    def _pressed(self, event):
        if event.key() in ALONE:
            return
        text = QKeySequence(event.keyCombination()).toString()
        words = text.split("+") if not text.endswith("+") else [text]
        self._keys = " ".join(SIGNS.get(word, word) for word in words)
        self._forget_keys.start()
        self._changed()

    # drawing

    def paintEvent(self, event):
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = QFont(self.font())
        font.setPixelSize(round(1.5 * TITLE_PX * self._scale))
        painter.setFont(font)
        for text, place in self._captions:
            self._plate(painter, text, place)
        if self._keys:
            self._plate(painter, self._keys, "keys")
        if self._ring is not None:
            painter.setPen(QPen(QColor(self._theme.accent), 2.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(self._ring, RING_PX * self._scale, RING_PX * self._scale)
        painter.end()

    def _plate(self, painter, text, place):
        """A line or more of text on a plate of the panel's colour, at its place."""
        space = 2 * SPACE_PX * self._scale
        room = QRectF(self.rect()).adjusted(4 * space, 60, -4 * space, -60)
        flags = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignHCenter
        words = painter.boundingRect(room, flags, text)
        plate = words.adjusted(-space, -space / 2, space, space / 2)
        plate.moveCenter(room.center())
        if "top" in place:
            plate.moveTop(room.top())
        elif "bottom" in place or place == "keys":
            plate.moveBottom(room.bottom())
        if "left" in place:
            plate.moveLeft(room.left())
        elif "right" in place or place == "keys":
            plate.moveRight(room.right())
        colour = QColor(self._theme.panel)
        colour.setAlphaF(0.92)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawRoundedRect(plate, 4, 4)
        painter.setPen(QColor(self._theme.text))
        painter.drawText(plate, Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignCenter, text)

    def stop(self):
        """Listen no more."""
        self.show_hands(False)
        self._forget_keys.stop()
        self._forget_ring.stop()
