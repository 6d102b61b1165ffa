"""What a window looks like now, widgets included, without drawing anything twice.

Only what was painted since the last picture is taken anew: the pixels of a view are read from the
framebuffer that Qt shows, widgets are rendered where they were painted. Menus, dialogs and floating
panes are there where they stand over the window, and the pointer.
"""

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QCursor, QImage, QPainter, QPen, QPolygonF, QRegion
from PySide6.QtOpenGLWidgets import QOpenGLWidget
from PySide6.QtWidgets import QApplication, QWidget

# A pointer of 12 x 19 pixels, its tip at the origin.
POINTER = ((0, 0), (0, 16), (4, 12.5), (7, 19), (9.5, 18), (6.7, 11.7), (12, 11.7))


class WindowPicture(QObject):
    """The picture of a window, kept from one call to the next; `close` it when done.

    Parameters
    ----------
    window : QWidget
    """

    def __init__(self, window):
        super().__init__(window)
        self._window = window
        self._sheets = {}
        self._pointer = None
        QApplication.instance().installEventFilter(self)

    def close(self):
        """Watch no more."""
        QApplication.instance().removeEventFilter(self)
        self._sheets.clear()
        self.deleteLater()

    def eventFilter(self, target, event):
        if event.type() == QEvent.Type.Paint and isinstance(target, QWidget):
            sheet = self._sheets.get(target.window())
            if sheet is not None:
                sheet.painted(target, event.region())
        return False

    def bring(self):
        """Take anew what changed; whether anything is to be seen that was not before."""
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

    def pixels(self, size=None):
        """The picture as it was brought up to date last.

        Parameters
        ----------
        size : (int, int), optional
            Width and height that it is fitted into, when the window has another size by now.

        Returns
        -------
        uint8[height, width, 4]
            Blue, green, red, and a byte that means nothing.
        """
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
        return picture if size is None else _as_large_as(picture, size)


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
        bottom, right = max(0, top + size.height()), max(0, left + size.width())
        part = rows[max(0, top) : bottom, max(0, left) : right]  # nothing, of what is out of sight
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
