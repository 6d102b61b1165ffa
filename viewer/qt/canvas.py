"""A view in the window: a QOpenGLWidget that lends its context to a view and passes gestures on.

All canvases share one group of contexts (AA_ShareOpenGLContexts), so floating and docking again
keeps each one's context and picture. Drawing happens only when the view is outdated. While
something moves the view draws coarsely; shortly after the last movement it is drawn at rest.
"""

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeySequence
from PySide6.QtOpenGLWidgets import QOpenGLWidget

from viewer.views.gestures import LEFT, MIDDLE, NO_BUTTON, RIGHT, Pointer

REST_MS = 150

BUTTONS = {
    Qt.MouseButton.LeftButton: LEFT,
    Qt.MouseButton.MiddleButton: MIDDLE,
    Qt.MouseButton.RightButton: RIGHT,
}
MODIFIERS = (
    (Qt.KeyboardModifier.ShiftModifier, "shift"),
    (Qt.KeyboardModifier.ControlModifier, "ctrl"),
    (Qt.KeyboardModifier.AltModifier, "alt"),
)


KEYS = {"pgup": "pageup", "pgdown": "pagedown"}


class Canvas(QOpenGLWidget):
    """Hosts a `viewer.views.view.View`.

    Attributes
    ----------
    scale : float
        How much larger than usual everything in the view is: 1.4 when presenting.
    """

    def __init__(self, view, parent=None):
        super().__init__(parent)
        self.view = view
        self.scale = 1.0
        self._context = None
        self._held = NO_BUTTON
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(120, 80)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self._at_rest)
        view.outdated.connect(self._outdated)

    def _outdated(self):
        self.update()

    def set_scale(self, scale):
        """Draw text and all else larger."""
        if scale != self.scale:
            self.scale = scale
            self.update()

    # Qt's drawing

    def initializeGL(self):
        from viewer.gl.context import Context

        self._context = Context()
        self.context().aboutToBeDestroyed.connect(self._release, Qt.ConnectionType.DirectConnection)

    def paintGL(self):
        if self._context is None:  # OpenGL could not start: told by the error door
            return
        ratio = self.devicePixelRatioF()
        width, height = round(self.width() * ratio), round(self.height() * ratio)
        self.view.draw(self._context, max(1, width), max(1, height), ratio * self.scale)
        if self.view.is_coarse:
            self._rest.start()

    def _at_rest(self):
        if self._held:
            self._rest.start()
        else:
            self.view.rest()

    def _release(self):
        if self._context is not None:
            self.makeCurrent()
            self.view.release()
            self._context.release()
            self._context = None
            self.doneCurrent()

    def close_canvas(self):
        """Free everything; the canvas is not drawn again."""
        self._rest.stop()
        self.view.outdated.disconnect(self._outdated)
        self._release()

    # gestures

    def _pointer(self, event, button=None):
        place = event.position() / self.scale
        modifiers = frozenset(name for flag, name in MODIFIERS if event.modifiers() & flag)
        return Pointer(place.x(), place.y(), self._held if button is None else button, modifiers)

    def mousePressEvent(self, event):
        self._held = BUTTONS.get(event.button(), NO_BUTTON)
        self.view.press(self._pointer(event))

    def mouseMoveEvent(self, event):
        self.view.move(self._pointer(event))

    def mouseReleaseEvent(self, event):
        button, self._held = BUTTONS.get(event.button(), NO_BUTTON), NO_BUTTON
        self.view.lift(self._pointer(event, button))

    def mouseDoubleClickEvent(self, event):
        self._held = BUTTONS.get(event.button(), NO_BUTTON)
        self.view.double_press(self._pointer(event))

    def wheelEvent(self, event):
        self.view.wheel(self._pointer(event), event.angleDelta().y() / 120.0)
        event.accept()

    def leaveEvent(self, event):
        self.view.leave()
        super().leaveEvent(event)

    def keyPressEvent(self, event):
        name = QKeySequence(event.key()).toString().lower()
        modifiers = frozenset(word for flag, word in MODIFIERS if event.modifiers() & flag)
        if not self.view.key(KEYS.get(name, name), modifiers):
            super().keyPressEvent(event)
