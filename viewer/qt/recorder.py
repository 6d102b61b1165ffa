"""Records the window, widgets included, to a movie while a person works in it.

The window never waits for the movie. Pictures are taken at the ticks of a clock, and only what
was painted since the last one is taken anew: the pixels of a view are read from the framebuffer
that Qt shows (nothing is drawn twice), widgets are rendered where they were painted. The encoder
has a thread and a process of its own and a short queue. A picture stands in the movie from its
tick to the next that was taken, so that every frame of the clock is in the file and the movie is
as long as it was recorded, however late a picture came.
"""

import threading
import time

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QCursor, QImage, QPainter, QPen, QPolygonF, QRegion
from PySide6.QtOpenGLWidgets import QOpenGLWidget
from PySide6.QtWidgets import QApplication, QWidget

from engine.errors import LamellaError, MachineError
from viewer.record.encoder import Encoder, even

# A pointer of 12 x 19 pixels, its tip at the origin.
POINTER = ((0, 0), (0, 16), (4, 12.5), (7, 19), (9.5, 18), (6.7, 11.7), (12, 11.7))


class WindowRecorder(QObject):
    """One recording of a window; made for one movie.

    Parameters
    ----------
    window : QWidget
        Other windows of the program are recorded where they stand over it.
    path : str or Path
        ``*.mp4``; replaced when it exists.
    fps : float
        Frames a second of the movie, and at most so many pictures.
    size : (int, int), optional
        The movie fits into it, with the window's proportions; None: as large as the window.

    Attributes
    ----------
    finished : Signal(str, int)
        The movie is whole: its path and frames.
    failed : Signal(object)
        A `LamellaError` in place of `finished`: a full disk, a killed encoder; it says what is
        kept. Comes also when a recording ends by itself for such a reason.
    running : bool
        From `start` to `stop`.
    """

    finished = Signal(str, int)
    failed = Signal(object)

    def __init__(self, window, path, fps=30, size=(1280, 720), parent=None):
        super().__init__(parent or window)
        self._window = window
        self._path = path
        self._fps = fps
        self._size = size
        self._sheets = {}
        self._encoder = self._held = self._pointer = self._thread = None
        self._since = self._until = 0.0
        self._held_from = 0
        self.pictures = 0
        self.running = False
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(max(1, int(1000 / fps)))
        self._timer.timeout.connect(self._tick)

    @property
    def seconds(self):
        """How long it has recorded."""
        return (time.monotonic() if self.running else self._until) - self._since

    @property
    def frames(self):
        """Frames of the movie so far."""
        return round(self.seconds * self._fps)

    def start(self):
        """Begin.

        Raises
        ------
        InputError, MachineError
            The movie cannot be written there; there is no encoder.
        """
        picture = self._picture()
        height, width = picture.shape[:2]
        self._encoder = Encoder(
            self._path,
            *fitted((width, height), self._size),
            self._fps,
            live=True,
            source=(width, height),
            pixels="bgra",
        )
        QApplication.instance().installEventFilter(self)
        self._since = time.monotonic()
        self._held, self._held_from, self.pictures = picture, 0, 1
        self.running = True
        self._timer.start()

    def stop(self):
        """End; the movie is finished in the background, then `finished` or `failed` is emitted."""
        if not self.running:
            return
        self._until = time.monotonic()
        self.running = False
        self._timer.stop()
        QApplication.instance().removeEventFilter(self)
        self._sheets.clear()
        last = self._held, max(self.frames, 1) - self._held_from
        self._held = None
        self._thread = threading.Thread(target=self._finish, args=last, name="recording")
        self._thread.start()

    def close(self, seconds=30.0):
        """End, and wait for the movie: the program is closing."""
        self.stop()
        if self._thread is not None:
            self._thread.join(seconds)

    def _finish(self, picture, times):
        try:
            if times > 0:
                self._encoder.write(picture, times)
            frames = self._encoder.finish()
        except LamellaError as error:
            self.failed.emit(error)
        except Exception as error:  # noqa: BLE001  (told to the person by the window)
            self.failed.emit(MachineError(f"the recording failed ({error})", where=self._path))
        else:
            self.finished.emit(str(self._path), frames)

    def _tick(self):
        if self._encoder.broken:
            self.stop()
            return
        place = int(self.seconds * self._fps)
        if place <= self._held_from or not self._bring():
            return
        if self._encoder.offer(self._held, place - self._held_from):
            self._held, self._held_from = self._picture(), place
            self.pictures += 1

    # what the window looks like

    def eventFilter(self, target, event):
        if event.type() == QEvent.Type.Paint and isinstance(target, QWidget):
            sheet = self._sheets.get(target.window())
            if sheet is not None:
                sheet.painted(target, event.region())
        return False

    def _bring(self):
        """Bring the sheets up to date; whether anything is to be seen that was not before."""
        tops = [top for top in QApplication.topLevelWidgets() if self._is_seen(top)]
        tops.sort(key=_level)
        changed = list(self._sheets) != tops
        self._sheets = {top: self._sheets.get(top) or Sheet(top) for top in tops}
        for sheet in self._sheets.values():
            changed |= sheet.bring()
        pointer = self._window.mapFromGlobal(QCursor.pos())
        changed |= pointer != self._pointer
        self._pointer = pointer
        return changed

    def _is_seen(self, top):
        if top is self._window:
            return True
        if not top.isVisible() or top.windowType() == Qt.WindowType.Desktop:
            return False
        return top.frameGeometry().intersects(self._window.geometry())

    def _picture(self):
        """The window's picture: uint8[height, width, 4], BGR and a byte that means nothing."""
        if self._window not in self._sheets:
            self._bring()
        sheet = self._sheets[self._window]
        ratio = sheet.image.devicePixelRatio()
        picture = _rows(sheet.image).copy()
        over = [(top, other.image) for top, other in self._sheets.items() if other is not sheet]
        is_pointed = self._window.rect().contains(self._pointer)
        if over or is_pointed:
            painter = QPainter(whole := _image(picture, ratio))
            for top, image in over:
                painter.drawImage(self._window.mapFromGlobal(top.mapToGlobal(QPoint())), image)
            if is_pointed:
                _draw_pointer(painter, self._pointer)
            painter.end()
            del whole
        if self._encoder is None:
            return picture
        return _as_large_as(picture, self._encoder.source)


class Sheet:
    """The picture of one top-level widget, brought up to date where it was painted.

    Attributes
    ----------
    image : QImage
        RGB32, in physical pixels.
    """

    def __init__(self, top):
        self._top = top
        self._region = QRegion()
        self._views = set()
        self._rendering = False
        self.image = None

    def painted(self, widget, region):
        """A widget was painted."""
        if self._rendering:
            return
        if isinstance(widget, QOpenGLWidget):
            self._views.add(widget)
        else:
            self._region += region.translated(widget.mapTo(self._top, QPoint()))

    def bring(self):
        """Take anew what was painted; whether there was anything."""
        ratio = self._top.devicePixelRatioF()
        size = self._top.size() * ratio
        views = [
            view
            for view in self._top.findChildren(QOpenGLWidget)
            if view.isVisible() and view.window() is self._top
        ]
        if self.image is None or self.image.size() != size:
            self.image = QImage(size, QImage.Format.Format_RGB32)
            self.image.setDevicePixelRatio(ratio)
            self._region = QRegion(self._top.rect())
            self._views = set(views)
        if self._region.isEmpty() and not self._views:
            return False
        self._rendering = True
        try:
            self._render(views)
        finally:
            self._rendering = False
        self._region, self._views = QRegion(), set()
        return True

    def _render(self, views):
        places = {view: _place(view, self._top) for view in views}
        region = self._region & QRegion(self._top.rect())
        for view, place in places.items():
            if region.intersects(place):
                self._views.add(view)
                region -= QRegion(place)
        if not region.isEmpty():
            self._top.render(self.image, region.boundingRect().topLeft(), region)
        for view in views:
            if view in self._views and view.isValid():
                self._read(view, places[view])

    def _read(self, view, place):
        """A view's pixels as Qt shows them, and the widgets that stand over it."""
        from viewer.gl.api import GL

        ratio = self.image.devicePixelRatio()
        size = view.size() * ratio
        pixels = np.empty((size.height(), size.width(), 4), np.uint8)
        view.makeCurrent()
        GL.glPixelStorei(GL.GL_PACK_ALIGNMENT, 1)
        GL.glReadPixels(0, 0, size.width(), size.height(), GL.GL_BGRA, GL.GL_UNSIGNED_BYTE, pixels)
        view.doneCurrent()
        rows = _rows(self.image)
        left, top = round(place.x() * ratio), round(place.y() * ratio)
        part = rows[max(0, top) : top + size.height(), max(0, left) : left + size.width()]
        start = pixels[::-1][max(0, -top) :, max(0, -left) :]
        part[...] = start[: part.shape[0], : part.shape[1]]
        above = [widget for widget in _above(view, self._top) if _place(widget, self._top) & place]
        if above:
            painter = QPainter(self.image)
            painter.setClipRect(place)
            for widget in above:
                corner = widget.mapTo(self._top, QPoint())
                widget.render(painter, corner, renderFlags=QWidget.RenderFlag.DrawChildren)
            painter.end()


def fitted(source, box):
    """The even size of a movie of a window: its proportions, inside a box, never enlarged.

    Parameters
    ----------
    source : (int, int)
        Width and height of the window, pixels.
    box : (int, int) or None
    """
    scale = 1.0 if box is None else min(1.0, box[0] / source[0], box[1] / source[1])
    return even(max(2, int(side * scale + 0.5)) for side in source)


def _place(widget, top):
    return widget.rect().translated(widget.mapTo(top, QPoint()))


def _above(view, top):
    """Visible widgets that stand over a view: its children, and what its parents stack above."""
    found = [child for child in view.children() if _is_shown(child)]
    below = view
    while below is not top:
        siblings = below.parentWidget().children()
        found += [child for child in siblings[siblings.index(below) + 1 :] if _is_shown(child)]
        below = below.parentWidget()
    return found


def _is_shown(child):
    return (
        isinstance(child, QWidget)
        and child.isVisible()
        and not child.isWindow()
        and not isinstance(child, QOpenGLWidget)
    )


def _level(top):
    """Order of top-level widgets from below: windows, floating panes, dialogs, menus, tips."""
    kinds = (
        Qt.WindowType.Window,
        Qt.WindowType.Tool,
        Qt.WindowType.Dialog,
        Qt.WindowType.Sheet,
        Qt.WindowType.Popup,
        Qt.WindowType.ToolTip,
    )
    kind = top.windowType()
    return kinds.index(kind) if kind in kinds else 1


def _draw_pointer(painter, place):
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(QPointF(place))
    painter.setPen(QPen(QColor("black"), 1.2))
    painter.setBrush(QColor("white"))
    painter.drawPolygon(QPolygonF([QPointF(*corner) for corner in POINTER]))


def _rows(image):
    """The pixels of an image that is written: uint8[height, width, 4]."""
    return np.frombuffer(image.bits(), np.uint8).reshape(image.height(), image.width(), 4)


def _image(rows, ratio=1.0):
    """An image whose pixels are an array: uint8[height, width, 4]."""
    height, width = rows.shape[:2]
    image = QImage(rows.data, width, height, 4 * width, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    return image


def _as_large_as(picture, source):
    """A picture fitted into the size with which the movie began; the window was resized."""
    if picture.shape[1::-1] == source:
        return picture
    width, height = source
    scaled = _image(picture).scaled(
        width,
        height,
        Qt.AspectRatioMode.KeepAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )
    whole = np.zeros((height, width, 4), np.uint8)
    left, top = (width - scaled.width()) // 2, (height - scaled.height()) // 2
    whole[top : top + scaled.height(), left : left + scaled.width()] = _rows(scaled)
    return whole
