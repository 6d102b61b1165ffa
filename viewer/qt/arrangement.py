"""Docks and layout kept in step: docks stand where the layout says, and a person's hand is heard.

All docks stand in one dock area, which Qt splits as a tree just like ours: a row or column is one
chain of splits, and what stands inside a part is split afterwards. The way back reads the tree off
the rectangles: where a straight cut passes between all panes there is a row or a column. What a
person did is what differs from the arrangement that Qt had settled on, so that minimum sizes and
rounding are never taken for a wish, and it is told once, when no button is held any more.
"""

from functools import partial

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QTabBar

from viewer.state.layout import (
    Floating,
    Layout,
    Split,
    Tabs,
    pane,
    panes_of,
    places,
    rectangles,
)

SETTLED_MS = 200
SAME_PX = 3
AREA = Qt.DockWidgetArea.LeftDockWidgetArea
ORIENTATIONS = {True: Qt.Orientation.Horizontal, False: Qt.Orientation.Vertical}


class Arrangement(QObject):
    """Docks of a window, arranged.

    Parameters
    ----------
    window : QMainWindow
        Without a central widget.
    panes : dict of str to Pane

    Attributes
    ----------
    moved : Signal(Layout)
        A person moved, resized, floated or raised panes; said after the movement.
    """

    moved = Signal(object)

    def __init__(self, window, panes):
        super().__init__(window)
        self._window = window
        self._panes = panes
        self._shown = None
        self._settled = None
        self._fitted = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SETTLED_MS)
        self._timer.timeout.connect(self._look)
        for dock in panes.values():
            dock.installEventFilter(self)
            dock.dockLocationChanged.connect(self._wait)
            dock.topLevelChanged.connect(self._wait)
            dock.visibilityChanged.connect(self._wait)

    # from layout to docks

    def apply(self, layout, only=None):
        """Let the docks stand as a layout says, or one pane alone; whether they stood otherwise."""
        wanted = layout if only is None else Layout(pane(only))
        if wanted == self._shown:
            return False
        window, before = self._window, self._shown
        self._shown = wanted
        window.setUpdatesEnabled(False)
        try:
            if before is None or outline(before.root) != outline(wanted.root) or (
                {part.pane for part in before.floating} != {part.pane for part in wanted.floating}
            ):  # fmt: skip
                self._build(wanted)
            self._bring_to_front(wanted.root)
        finally:
            window.setUpdatesEnabled(True)
        self._float(wanted.floating)
        self.fit()
        self._say_titles()
        self._wait()
        return True

    def _build(self, wanted):
        window = self._window
        floating = {part.pane for part in wanted.floating}
        for name, dock in self._panes.items():
            if name in floating and dock.isFloating():
                continue
            if dock.isFloating():  # docks again only where it belongs to the window
                window.addDockWidget(AREA, dock)
                dock.setFloating(False)
            window.removeDockWidget(dock)
        if wanted.root is not None:
            first = self._dock(wanted.root)
            window.addDockWidget(AREA, first)
            first.show()
            self._split(wanted.root)

    def _dock(self, node):
        """The dock that stands for a node while it is being split: that of its first pane."""
        return self._panes[places(node)[0].panes[0]]

    def _split(self, node):
        if isinstance(node, Tabs):
            first = self._panes[node.panes[0]]
            before = first
            for name in node.panes[1:]:
                dock = self._panes[name]
                self._window.tabifyDockWidget(before, dock)
                dock.show()
                before = dock
            return
        parts = [part for _, part in node.parts]
        for before, part in zip(parts, parts[1:], strict=False):
            dock = self._dock(part)
            self._window.splitDockWidget(self._dock(before), dock, ORIENTATIONS[node.across])
            dock.show()
        for part in parts:
            self._split(part)

    def _bring_to_front(self, root):
        for place in places(root):
            if len(place.panes) > 1:
                self._panes[place.current].raise_()

    def fit(self):
        """Give the docks the shares of the layout again (the window has another size)."""
        self._settled = None
        self._fitted = self._area().size()
        self._wait()
        if self._shown is None or self._shown.root is None:
            return
        area = self._area()
        gap = self._window.style().pixelMetric(
            self._window.style().PixelMetric.PM_DockWidgetSeparatorExtent, None, self._window
        )
        standing = Layout(self._shown.root)
        found = rectangles(standing, area.width(), area.height(), gap)
        docks = [self._panes[name] for name in found]
        across = [width for _, _, width, _ in found.values()]
        down = [height for _, _, _, height in found.values()]
        self._window.resizeDocks(docks, across, ORIENTATIONS[True])
        self._window.resizeDocks(docks, down, ORIENTATIONS[False])

    def _area(self):
        """Where docks stand, in the window: between menu and status line."""
        window = self._window
        top = window.menuWidget().height() if window.menuWidget().isVisible() else 0
        bar = window.statusBar()
        bottom = bar.height() if bar.isVisible() else 0
        return QRect(0, top, window.width(), max(1, window.height() - top - bottom))

    def _float(self, floating):
        home = self._window.geometry()
        for part in floating:
            dock = self._panes[part.pane]
            if not dock.isFloating():
                self._window.addDockWidget(AREA, dock)
                dock.setFloating(True)
            place = QPoint(round(part.x * home.width()), round(part.y * home.height()))
            size = QSize(
                max(160, round(part.width * home.width())),
                max(120, round(part.height * home.height())),
            )
            dock.show()
            dock.setGeometry(within_a_screen(QRect(home.topLeft() + place, size)))

    # from docks to layout

    def derive(self):
        """The layout that the docks show now."""
        standing, floating = [], []
        home = self._window.geometry()
        for name in panes_of(self._shown) if self._shown else ():
            dock = self._panes[name]
            if dock.isFloating():
                there = dock.geometry()
                floating.append(
                    Floating(
                        name,
                        (there.x() - home.x()) / home.width(),
                        (there.y() - home.y()) / home.height(),
                        there.width() / home.width(),
                        there.height() / home.height(),
                    )
                )
        bars = self._tab_bars()
        done = set()
        for name in self._panes:
            dock = self._panes[name]
            if name in done or dock.isFloating() or dock.isHidden():
                continue
            mates = [mate for mate in self._window.tabifiedDockWidgets(dock) if not mate.isHidden()]
            group = [dock, *(mate for mate in mates if not mate.isFloating())]
            done |= {mate.name for mate in group}
            standing.append(self._place(group, bars))
        root = tree_of(standing) if standing else None
        return Layout(root, tuple(floating))

    def _tab_bars(self):
        bars = self._window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly)
        return [bar for bar in bars if bar.isVisible()]

    def _place(self, group, bars):
        """(rectangle, Tabs) of docks that stand at one place."""
        if len(group) == 1:
            return group[0].geometry(), pane(group[0].name)
        names = {dock.windowTitle(): dock.name for dock in group}
        for bar in bars:
            titles = [bar.tabText(at).replace("&", "") for at in range(bar.count())]
            if set(names) <= set(titles):
                order = tuple(names[title] for title in titles if title in names)
                current = names[titles[bar.currentIndex()]]
                rectangle = self._panes[current].geometry().united(bar.geometry())
                return rectangle, Tabs(order, current)
        front = next((dock for dock in group if not dock.visibleRegion().isEmpty()), group[0])
        return front.geometry(), Tabs(tuple(dock.name for dock in group), front.name)

    # hearing the person

    def eventFilter(self, watched, event):
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Move):
            self._wait()
        return False

    def _wait(self, *_):
        self._timer.start()

    def _say_titles(self):
        """A title stands on the tab or in the bar, not on both."""
        for dock in self._panes.values():
            mates = self._window.tabifiedDockWidgets(dock)
            dock.title_bar.set_tabbed(
                not dock.isFloating() and any(not mate.isFloating() for mate in mates)
            )
        for bar in self._tab_bars():
            if not bar.property("heard"):  # the window keeps its bars and uses them again
                bar.setProperty("heard", True)
                bar.tabBarDoubleClicked.connect(partial(self._tab_pressed_twice, bar))

    def _tab_pressed_twice(self, bar, at):
        """A title on a tab is a title too: its pane alone."""
        title = bar.tabText(at).replace("&", "")
        dock = next((dock for dock in self._panes.values() if dock.windowTitle() == title), None)
        if dock is not None:
            dock.alone.emit()

    def _look(self):
        if QApplication.mouseButtons() != Qt.MouseButton.NoButton:
            self._timer.start()
            return
        if self._shown is None or not self._window.isVisible():
            return
        self._say_titles()
        if self._area().size() != self._fitted:  # a notice came or went: nobody moved anything
            self.fit()
            return
        now = self.derive()
        before, self._settled = self._settled, now
        same = self._alike(self._shown, now) if before is None else self._same(before, now)
        if not same:
            self._shown = now
            self.moved.emit(now)

    @staticmethod
    def _alike(one, other):
        """Whether two layouts differ in sizes and places only."""
        if outline(one.root) != outline(other.root) or fronts(one) != fronts(other):
            return False
        return {part.pane for part in one.floating} == {part.pane for part in other.floating}

    def _same(self, one, other):
        """Whether two layouts are the same to the pixel or nearly so."""
        if not self._alike(one, other):
            return False
        width, height = self._window.width(), self._window.height()
        here, there = (rectangles(layout, width, height) for layout in (one, other))
        return all(
            abs(a - b) <= SAME_PX
            for name in here
            for a, b in zip(here[name], there[name], strict=True)
        )

    def stop(self):
        """Listen no more."""
        self._timer.stop()
        self._shown = None


def within_a_screen(rectangle):
    """A rectangle of which a good part can be seen: its screen may be gone since last time."""
    if any(screen.availableGeometry().contains(rectangle.center()) for screen in
           QApplication.screens()):  # fmt: skip
        return rectangle
    moved = QRect(rectangle)
    moved.moveCenter(QApplication.primaryScreen().availableGeometry().center())
    return moved


def outline(node):
    """The tree without shares and without what is in front: what the docks' nesting depends on."""
    if node is None:
        return None
    if isinstance(node, Tabs):
        return node.panes
    return node.across, tuple(outline(part) for _, part in node.parts)


def fronts(layout):
    """Panes in front of their tabs."""
    return tuple(place.current for place in places(layout.root))


def tree_of(standing):
    """Rows and columns of rectangles that straight cuts can part.

    Parameters
    ----------
    standing : list of (QRect, Tabs)

    Returns
    -------
    Split or Tabs
    """
    if len(standing) == 1:
        return standing[0][1]
    for across in (False, True):
        parts = cut(standing, across)
        if len(parts) > 1:
            break
    else:  # a pinwheel, which docks cannot make: in reading order
        standing = sorted(standing, key=lambda item: (item[0].top(), item[0].left()))
        across, parts = True, [[item] for item in standing]
    total = sum(extent(part, across) for part in parts)
    return Split(
        across, tuple((round(extent(part, across) / total, 4), tree_of(part)) for part in parts)
    )


def cut(standing, across):
    """The groups into which cuts along one axis part rectangles, in order."""
    edges = sorted(
        ((r.left(), r.right(), at) if across else (r.top(), r.bottom(), at))
        for at, (r, _) in enumerate(standing)
    )
    groups, reach = [], None
    for low, high, at in edges:
        if reach is None or low >= reach:
            groups.append([])
            reach = high
        groups[-1].append(standing[at])
        reach = max(reach, high)
    return groups


def extent(part, across):
    """Length of a group along an axis, pixels."""
    low = min(r.left() if across else r.top() for r, _ in part)
    high = max(r.right() if across else r.bottom() for r, _ in part)
    return high - low + 1
