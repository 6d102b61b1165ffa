"""The stage: every drawn view, wired to the session and brought in step with state and facts.

The window puts each view on a canvas of its own, a movie draws them into one picture; both keep
them in step by the same `refresh`. Views that nobody can see are left alone.
"""

from viewer.gl.theme import THEMES
from viewer.state.layout import in_front
from viewer.studio.ordering import compares
from viewer.views.comparison.view import ComparisonView
from viewer.views.filmstrip.view import FilmstripView
from viewer.views.filters.view import FiltersView
from viewer.views.importance.view import ImportanceView
from viewer.views.maps.view import MapsView
from viewer.views.matrix.view import MatrixView
from viewer.views.network.view import NetworkView
from viewer.views.orders.view import OrdersView
from viewer.views.sample.view import SampleView
from viewer.views.scatter.view import ScatterView
from viewer.views.series.view import SeriesView
from viewer.views.slices.view import SlicesView
from viewer.views.stack.view import StackView

VIEWS = (
    NetworkView,
    StackView,
    SampleView,
    FilmstripView,
    MapsView,
    MatrixView,
    ScatterView,
    FiltersView,
    ComparisonView,
    SlicesView,
    OrdersView,
    SeriesView,
    ImportanceView,
)


class Stage:
    """The drawn views of one session.

    Parameters
    ----------
    session : Session
    studio : Studio
    animates : bool
        True in a window: motions take their time. False: every picture is final.
    builder : Builder, optional
        By default the studio's; a second stage of one studio takes it `apart`.

    Attributes
    ----------
    views : dict of str to View
        By the name of the pane.
    """

    def __init__(self, session, studio, *, animates=False, builder=None):
        self._session = session
        self._studio = studio
        self._builder = builder or studio.builder
        self._animates = animates
        self.views = {}
        for make in VIEWS:
            view = make()
            view.animates = animates
            view.wished.connect(self._give)
            view.dragged.connect(self._drag)
            view.drag_ended.connect(session.end_drag)
            view.hovered.connect(session.holder.hover.set)
            self.views[view.name] = view

    def _give(self, kind, args):
        self._session.do(kind, **args)

    def _drag(self, kind, args):
        self._session.drag(kind, **args)

    @property
    def visible(self):
        """The views that can be seen, by name."""
        window = self._session.state.window
        seen = in_front(window.layout, window.only)
        return {name: view for name, view in self.views.items() if name in seen}

    @property
    def pending(self):
        """Whether a view that can be seen waits for something, or the selection does.

        A view may find out what it lacks only when it is drawn (pictures in sight): ask again
        after drawing.
        """
        selected = self._studio.facts.selected
        if selected is not None and selected.running:
            return True
        if not self._animates and compares(self._session.state, self._studio.facts):
            return True
        return any(view.pending for view in self.visible.values())

    def refresh(self):
        """Bring the views that can be seen in step with the state and what exists."""
        state, facts = self._session.state, self._studio.facts
        hovered = self._session.holder.hover.value
        theme = THEMES[state.window.theme]
        for view in self.visible.values():
            view.set_theme(theme)
            view.follow(state, hovered, facts, self._builder)

    def release(self):
        """Delete every GL object; the one context that they were drawn with is current."""
        for view in self.views.values():
            view.release()
