"""Pictures of the open views at any size, with titles, colour bars and legends; saved or copied.

They are drawn anew as a movie's frame is: a stage of its own on the same session and studio, into
a framebuffer of the wanted size, once everything that they show is there.
"""

import time
from pathlib import Path

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QGuiApplication, QImage, QOffscreenSurface, QOpenGLContext
from PySide6.QtWidgets import QApplication

from engine.errors import LamellaError, MachineError
from viewer.gl.context import Context
from viewer.qt.rendering import PictureDialog, ask
from viewer.record.pictures import Canvas, save_png
from viewer.stage.composition import Composition
from viewer.stage.stage import Stage
from viewer.state.layout import DRAWN, TITLES, in_front

ALL = ""
SECONDS_TO_WAIT = 60.0


class Picturing(QObject):
    """Takes pictures for a window; its methods are named by actions.

    Parameters
    ----------
    window : MainWindow
    """

    def __init__(self, window):
        super().__init__(window)
        self._window = window

    @property
    def _panes(self):
        window = self._window.session.state.window
        return [name for name in in_front(window.layout, window.only) if name in DRAWN]

    def can_save_picture(self):
        """Whether a drawn pane can be seen."""
        return bool(self._panes)

    can_copy_picture = can_save_picture

    def save_picture(self):
        """Ask what, how large and where, and write a PNG."""
        choices = [(ALL, "All panes"), *((name, TITLES[name]) for name in self._panes)]
        path = str(Path.home() / "lamella.png")
        wanted = ask(PictureDialog(self._window, path, choices, self._size()))
        if wanted is None:
            return
        try:
            save_png(wanted.path, self.pixels(wanted.size, wanted.what))
        except LamellaError as error:
            self._window.door.tell_error("Saving a picture", error)
            return
        self._window.door.tell(f"{wanted.path}: saved.", grave=False)

    def copy_picture(self):
        """Put a picture of all panes, as large as the window, on the clipboard."""
        pixels = self.pixels(self._size())
        height, width = pixels.shape[:2]
        image = QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888)
        QGuiApplication.clipboard().setImage(image.copy())

    def _size(self):
        """The window's size in physical pixels."""
        ratio = self._window.devicePixelRatioF()
        return round(self._window.width() * ratio), round(self._window.height() * ratio)

    def pixels(self, size, pane=ALL):
        """A picture of all panes or of one.

        Parameters
        ----------
        size : (int, int)
            Width and height, pixels.
        pane : str
            Empty for all panes.

        Returns
        -------
        uint8[height, width, 3]

        Raises
        ------
        InputError, MachineError
            Larger than the driver can; something that is shown was not there within a minute.
        """
        QApplication.setOverrideCursor(Qt.CursorShape.WaitCursor)
        surface, context = QOffscreenSurface(), QOpenGLContext()
        context.setShareContext(QOpenGLContext.globalShareContext())
        surface.create()
        context.create()
        context.makeCurrent(surface)
        drawing = Context()
        studio = self._window.studio
        stage = Stage(self._window.session, studio, builder=studio.builder.apart("picture"))
        composition = Composition(stage)
        try:
            with Canvas(*size, drawing) as canvas:
                return self._drawn(stage, composition, canvas, pane)
        finally:
            context.makeCurrent(surface)
            composition.release()
            stage.release()
            drawing.release()
            context.doneCurrent()
            self._window.desk.refresh()
            QApplication.restoreOverrideCursor()

    def _drawn(self, stage, composition, canvas, pane):
        state, inbox = self._window.session.state, self._window.studio.inbox
        shown = state.with_part("window", only=pane) if pane else state
        end = time.monotonic() + SECONDS_TO_WAIT
        drew = True
        while drew or stage.pending:
            if time.monotonic() > end:
                raise MachineError("the picture was not complete within a minute")
            inbox.pump()
            stage.refresh()
            drew = False

            def draw(*place):
                nonlocal drew
                drew = composition.draw(*place, shown)
                return drew

            pixels = canvas.picture(draw)
            if stage.pending:
                time.sleep(0.005)
        return pixels
