"""The views on the desk: the stage's views on canvases, with their panels, kept in step.

State, hover and facts change often and together; what they ask of the views is resolved once for
each turn of Qt's event loop.
"""

from PySide6.QtCore import QObject, QTimer, Signal

from viewer.gl.theme import THEMES
from viewer.qt.canvas import Canvas
from viewer.qt.tasks import TaskList
from viewer.stage.stage import Stage
from viewer.studio.thumbnails import thumbnail_of
from viewer.views.comparison.panel import ComparisonPanel
from viewer.views.filters.panel import FiltersPanel
from viewer.views.importance.panel import ImportancePanel
from viewer.views.maps.panel import MapsPanel
from viewer.views.matrix.panel import MatrixPanel
from viewer.views.network.panel import NetworkPanel
from viewer.views.orders.panel import OrdersPanel
from viewer.views.preprocessing import resolve as preprocessing
from viewer.views.preprocessing.panel import PreprocessingPanel
from viewer.views.sample.panel import SamplePanel
from viewer.views.scatter.panel import ScatterPanel
from viewer.views.series.panel import SeriesPanel
from viewer.views.slices.panel import SlicesPanel
from viewer.views.stack.panel import StackPanel

PANELS = {
    "network": NetworkPanel,
    "stack": StackPanel,
    "maps": MapsPanel,
    "matrix": MatrixPanel,
    "scatter": ScatterPanel,
    "sample": SamplePanel,
    "filters": FiltersPanel,
    "comparison": ComparisonPanel,
    "importance": ImportancePanel,
    "orders": OrdersPanel,
    "slices": SlicesPanel,
    "series": SeriesPanel,
}
"""Controls round a canvas, by pane: widgets with `follow`, `set_theme` and the views' signals."""


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
    canvases : dict of str to Canvas
        By pane.
    stage : Stage
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
        self.stage = Stage(session, studio, animates=True)
        self.canvases = {name: Canvas(view) for name, view in self.stage.views.items()}
        self.panels = {name: make(self.canvases[name]) for name, make in PANELS.items()}
        self.preprocessing_panel = PreprocessingPanel()
        self.preprocessing_panel.thumbnails = self._thumbnail
        self.task_list = TaskList(studio.jobs)
        self.widgets = {
            **self.canvases,
            **self.panels,
            "preprocessing": self.preprocessing_panel,
            "tasks": self.task_list,
        }
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
        for view in self.stage.views.values():
            view.asked.connect(self.asked.emit)
        for panel in self.panels.values():
            panel.wished.connect(self.command)
            panel.dragged.connect(self._drag)
            panel.drag_ended.connect(self._session.end_drag)
            panel.pressed.connect(self.asked)
        panel = self.preprocessing_panel
        panel.confirmed.connect(lambda: self.command("preprocess.confirm", {}))
        panel.corrected.connect(
            lambda options: self.command("preprocess.set", {"options": options})
        )
        panel.wrong.connect(self._door.tell)

    @property
    def is_behind(self):
        """Whether something has changed that the views do not know yet."""
        return self._due.isActive()

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

    def refresh(self):
        """Resolve the state and bring all views in step."""
        state, facts = self._session.state, self._studio.facts
        self._follow_theme(state.window.theme)
        try:
            self.stage.refresh()
            self._follow_panels(state, facts)
        finally:  # a view that fails leaves menus and panes to the person
            self.refreshed.emit()

    def _follow_panels(self, state, facts):
        for panel in self.panels.values():
            panel.follow(state, facts)
        self.preprocessing_panel.show_wish(
            preprocessing.resolve(state, facts), state.preprocessing.options
        )

    def _follow_theme(self, name):
        theme = THEMES[name]
        if theme is self._theme:
            return
        self._theme = theme
        for panel in (*self.panels.values(), self.preprocessing_panel):
            panel.set_theme(theme)

    def detail(self, pane):
        """What a pane shows, for its title bar."""
        if pane == "preprocessing":
            return preprocessing_detail(self._studio.facts)
        shown = self.stage.views.get(pane) or self.widgets[pane]
        return getattr(shown, "detail", "")

    def set_scale(self, scale):
        """Draw everything in the views larger."""
        for canvas in self.canvases.values():
            canvas.set_scale(scale)

    def close_desk(self):
        """Listen no more; free every GL object."""
        self._due.stop()
        holder = self._session.holder
        holder.changed.disconnect(self._changed)
        holder.hover.changed.disconnect(self._changed)
        self._studio.changed.disconnect(self._changed)
        self.task_list.close_list()
        for canvas in self.canvases.values():
            canvas.close_canvas()


def preprocessing_detail(facts):
    """Which preprocessing is in force, and whether a person must look at it."""
    if facts.preprocessing is None:
        return ""
    return f"{facts.preprocessing.preset}, {'confirmed' if facts.confirmed else 'to be confirmed'}"
