"""The views on the desk: makes them, wires them to session and studio, and keeps them in step.

State, hover and facts change often and together; what they ask of the views is resolved once for
each turn of Qt's event loop, and only what differs is passed on.
"""

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from engine.errors import LamellaError
from viewer.gl.theme import THEMES
from viewer.qt.canvas import Canvas
from viewer.qt.tasks import TaskList
from viewer.views.filmstrip import resolve as filmstrip
from viewer.views.filmstrip.view import FilmstripView
from viewer.views.network import resolve as network
from viewer.views.network.panel import NetworkPanel
from viewer.views.preprocessing import resolve as preprocessing
from viewer.views.preprocessing.panel import PreprocessingPanel
from viewer.views.sample import resolve as sample
from viewer.views.sample.view import SampleView
from viewer.views.stack import resolve as stack
from viewer.views.stack.making import contents_of
from viewer.views.stack.panel import StackPanel
from viewer.views.stack.view import StackView

TITLES = {
    "network": "Network",
    "stack": "Stack",
    "sample": "Sample",
    "preprocessing": "Preprocessing",
    "tasks": "Tasks",
    "filmstrip": "Samples",
}


def thumbnail_of(data, sample):
    """A small picture of a sample; plain grey for one that cannot be read (told elsewhere)."""
    try:
        return data.thumbnail(sample)
    except LamellaError:
        return np.full((8, 8, 3), 90, np.uint8)


class Desk(QObject):
    """All views of a window.

    Parameters
    ----------
    session : Session
    studio : Studio
    door : ErrorDoor

    Attributes
    ----------
    widgets : dict of str to QWidget
        By pane.
    canvases : tuple of Canvas
    refreshed : Signal
        After the views were brought in step.
    asked : Signal(str)
        A view's button, by the name of the window's method.
    """

    refreshed = Signal()
    asked = Signal(str)

    def __init__(self, session, studio, door, parent=None):
        super().__init__(parent)
        self._session = session
        self._studio = studio
        self._door = door
        self.stack, self.sample, self.filmstrip = StackView(), SampleView(), FilmstripView()
        self.stack.animates = True
        self.canvases = (Canvas(self.stack), Canvas(self.sample), Canvas(self.filmstrip))
        stack_canvas, sample_canvas, film_canvas = self.canvases
        self.network_panel = NetworkPanel()
        self.stack_panel = StackPanel(stack_canvas)
        self.preprocessing_panel = PreprocessingPanel()
        self.preprocessing_panel.thumbnails = self._thumbnail
        self.task_list = TaskList(studio.jobs)
        self.widgets = {
            "network": self.network_panel,
            "stack": self.stack_panel,
            "sample": sample_canvas,
            "preprocessing": self.preprocessing_panel,
            "tasks": self.task_list,
            "filmstrip": film_canvas,
        }
        self._contents_wish = None
        self._theme = None
        self._due = QTimer(self)
        self._due.setSingleShot(True)
        self._due.timeout.connect(self.refresh)
        self._connect()

    def _connect(self):
        holder, hover = self._session.holder, self._session.holder.hover
        holder.changed.connect(self._changed)
        hover.changed.connect(self._changed)
        self._studio.changed.connect(self._changed)
        self.stack.wished.connect(self.command)
        self.stack.dragged.connect(self._drag)
        self.stack.drag_ended.connect(self._session.end_drag)
        self.stack.hovered.connect(hover.set)
        self.filmstrip.wished.connect(self.command)
        self.filmstrip.wanted.connect(self._fetch_pictures)
        self.stack_panel.wished.connect(self.command)
        self.stack_panel.dragged.connect(self._drag)
        self.stack_panel.drag_ended.connect(self._session.end_drag)
        self.stack_panel.pressed.connect(self.asked)
        self.network_panel.chosen.connect(
            lambda layer: self.command("focus.layer", {"layer": layer})
        )
        self.network_panel.kept.connect(
            lambda layer: self.command("extract.start", {"layer": layer})
        )
        panel = self.preprocessing_panel
        panel.confirmed.connect(lambda: self.command("preprocess.confirm", {}))
        panel.corrected.connect(
            lambda options: self.command("preprocess.set", {"options": options})
        )
        panel.wrong.connect(self._door.tell)

    def _changed(self, *_):
        if not self._due.isActive():
            self._due.start(0)

    def command(self, kind, args):
        """Give a command; what does not fit is told."""
        self._session.do(kind, **args)

    def _drag(self, kind, args):
        self._session.drag(kind, **args)

    def _thumbnail(self, index):
        return thumbnail_of(self._studio.facts.data, index)

    def _fetch_pictures(self, samples):
        data = self.filmstrip.wish.data

        def fetch():
            return {sample: thumbnail_of(data, sample) for sample in samples}

        self._studio.builder.ask(
            "filmstrip", fetch, lambda found: self.filmstrip.add_pictures(data, found)
        )

    def refresh(self):
        """Resolve the state and bring all views in step."""
        state, facts = self._session.state, self._studio.facts
        hovered = self._session.holder.hover.value
        self._follow_theme(state.window.theme)
        self.network_panel.show_wish(network.resolve(state, facts))
        wish = stack.resolve(state, facts)
        self._follow_contents(wish)
        self.stack.show_wish(wish)
        self.stack_panel.show_wish(wish, state)
        self.sample.show_wish(sample.resolve(state, hovered, facts))
        self.filmstrip.show_wish(filmstrip.resolve(state, facts))
        self.preprocessing_panel.show_wish(
            preprocessing.resolve(state, facts), state.preprocessing.options
        )
        self.refreshed.emit()

    def _follow_theme(self, name):
        theme = THEMES[name]
        if theme is self._theme:
            return
        self._theme = theme
        for view in (self.stack, self.sample, self.filmstrip):
            view.set_theme(theme)
        self.network_panel.set_theme(theme)
        self.preprocessing_panel.set_theme(theme)

    def _follow_contents(self, wish):
        wanted = wish.contents
        if wanted is None:
            if self._contents_wish is not None or self.stack.contents is not None:
                self._studio.builder.forget("stack")
                self._contents_wish = None
                self.stack.show_contents(None, {})
            return
        if wanted.same_as(self._contents_wish):
            return
        self._contents_wish = wanted
        shapes = {layer.name: layer.output_shape for layer in wanted.network.layers}
        self._studio.builder.ask(
            "stack",
            lambda: contents_of(wanted),
            lambda contents: self.stack.show_contents(contents, shapes),
        )

    def picture_of_stack(self):
        """The stack as it is seen, drawn in full: QImage."""
        self.stack.animates = False
        try:
            return self.canvases[0].grabFramebuffer()
        finally:
            self.stack.animates = True

    def close_desk(self):
        """Listen no more; free every GL object."""
        self._due.stop()
        holder = self._session.holder
        holder.changed.disconnect(self._changed)
        holder.hover.changed.disconnect(self._changed)
        self._studio.changed.disconnect(self._changed)
        self.task_list.close_list()
        for canvas in self.canvases:
            canvas.close_canvas()
