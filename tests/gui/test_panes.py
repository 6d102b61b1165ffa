"""Panes: layouts applied and read back, moved by hand, floated, alone, and left without a trace."""

import gc
import threading

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QDockWidget,
    QMainWindow,
    QStatusBar,
    QTabWidget,
    QWidget,
)

from tests.gui.conftest import settle
from tests.gui.test_window import opened, pixels, spread
from viewer.qt.arrangement import Arrangement, outline, tree_of
from viewer.qt.panes import TitleBar
from viewer.state.layout import (
    LAYOUTS,
    PANES,
    STANDARD,
    TITLES,
    Floating,
    Layout,
    Tabs,
    column,
    in_front,
    pane,
    places,
    rectangles,
    row,
    with_pane,
    without,
)
from viewer.state.window import WindowSettings

pytestmark = pytest.mark.gui
LEFT = Qt.MouseButton.LeftButton
ODD = Layout(
    row(
        (0.3, column((0.5, pane("stack")), (0.5, row((0.4, pane("maps")), (0.6, pane("sample")))))),
        (0.7, column((0.2, pane("filmstrip")), (0.8, Tabs(("tasks", "network"), "network")))),
    )
)


class Dock(QDockWidget):
    """A plain dock."""

    def __init__(self, name, parent):
        super().__init__(TITLES[name], parent)
        self.name = name
        self.setObjectName(name)
        inner = QWidget()
        inner.setMinimumSize(40, 20)
        self.setWidget(inner)
        self.title_bar = Bar()


class Bar(QWidget):
    """Remembers whether it is told that a tab says its title."""

    tabbed = False

    def set_tabbed(self, tabbed):
        self.tabbed = tabbed


@pytest.fixture
def docks(application):
    """A bare window with an arrangement of plain docks: (window, docks, arrangement, told)."""
    window = QMainWindow()
    window.setDockNestingEnabled(True)
    areas = Qt.DockWidgetArea.AllDockWidgetAreas
    window.setTabPosition(areas, QTabWidget.TabPosition.North)
    window.setMenuWidget(QWidget())
    window.setStatusBar(QStatusBar())
    window.resize(1200, 800)
    made = {name: Dock(name, window) for name in PANES}
    arrangement, told = Arrangement(window, made), []
    arrangement.moved.connect(told.append)
    window.show()
    settle(application)
    yield window, made, arrangement, told
    arrangement.stop()
    window.close()
    window.deleteLater()


@pytest.mark.parametrize("name", [*LAYOUTS, "odd"])
def test_a_layout_that_is_applied_is_read_back(docks, wait, name):
    window, made, arrangement, told = docks
    layout = LAYOUTS.get(name, ODD)
    arrangement.apply(LAYOUTS["Network"])
    arrangement.apply(layout)
    wait(lambda: arrangement._same(arrangement.derive(), layout))
    for place in places(layout.root):
        for each in place.panes:
            assert made[each].title_bar.tabbed == (len(place.panes) > 1)
    assert told == []


def test_panes_stand_where_a_movie_would_have_them(docks, application):
    window, made, arrangement, _ = docks
    arrangement.apply(STANDARD)
    settle(application)
    area = arrangement._area()
    for name, there in rectangles(STANDARD, area.width(), area.height(), gap=6).items():
        here = made[name].geometry().translated(-area.topLeft())
        tab = 40 if made[name].title_bar.tabbed else 0
        wanted = (there[0], there[1], there[0] + there[2], there[1] + there[3])
        found = (here.left(), here.top(), here.right() + 1, here.bottom() + 1)
        slack = (6, 6 + tab, 6, 6)
        assert all(abs(a - b) <= c for a, b, c in zip(found, wanted, slack, strict=True)), name


def test_a_resized_window_keeps_the_shares(docks, application, wait):
    window, made, arrangement, told = docks
    arrangement.apply(STANDARD)
    settle(application)
    window.resize(800, 900)
    wait(lambda: window.width() == 800)
    arrangement.fit()
    wait(lambda: arrangement._same(arrangement.derive(), STANDARD))
    QTest.qWait(300)
    assert told == []


def test_what_a_hand_moves_is_told_once_after_it_let_go(docks, application, wait):
    window, made, arrangement, told = docks
    arrangement.apply(STANDARD)
    QTest.qWait(300)
    wait(lambda: arrangement._same(arrangement.derive(), STANDARD))
    edge = made["network"].geometry()
    start = QPoint(edge.right() + 3, edge.center().y())
    QTest.mousePress(window, LEFT, pos=start)
    for step in range(1, 9):
        QTest.mouseMove(window, start + QPoint(15 * step, 0))
        settle(application, 1)
    QTest.mouseRelease(window, LEFT, pos=start + QPoint(120, 0))
    wait(lambda: told)
    QTest.qWait(300)
    (layout,) = told
    assert outline(layout.root) == outline(STANDARD.root)
    width = rectangles(layout, 1200, 800)["network"][2]
    assert width == pytest.approx(0.16 * 1200 + 120, abs=12)


def test_floating_panes_are_told_and_come_back(docks, application, wait):
    window, made, arrangement, told = docks
    arrangement.apply(STANDARD)
    QTest.qWait(300)
    made["sample"].setFloating(True)
    wait(lambda: told)
    (part,) = told[0].floating
    assert part.pane == "sample"
    apart = Layout(told[0].root, (Floating("sample", 0.1, 0.2, 0.3, 0.4),))
    arrangement.apply(apart)
    settle(application)
    assert made["sample"].isFloating()
    assert (made["sample"].width(), made["sample"].height()) == (360, 320)
    arrangement.apply(STANDARD)
    wait(lambda: arrangement._same(arrangement.derive(), STANDARD))
    assert not made["sample"].isFloating()


def test_one_pane_alone_fills_the_window(docks, application, wait):
    window, made, arrangement, told = docks
    arrangement.apply(STANDARD)
    arrangement.apply(STANDARD, "tasks")
    settle(application)
    assert [name for name in PANES if not made[name].isHidden()] == ["tasks"]
    assert made["tasks"].width() == window.width()
    arrangement.apply(STANDARD)
    wait(lambda: arrangement._same(arrangement.derive(), STANDARD))


def test_a_tree_is_read_off_rectangles():
    from PySide6.QtCore import QRect

    for layout in (*LAYOUTS.values(), ODD):
        front = rectangles(layout, 1000, 800, gap=6)
        by_name = {place.current: place for place in places(layout.root)}
        standing = [(QRect(*front[name]), by_name[name]) for name in front]
        assert outline(tree_of(standing)) == outline(layout.root)


# the real window


def test_layouts_are_chosen_saved_and_remembered(make_window, wait, monkeypatch):
    window = opened(make_window, wait)
    window.menus.entry("layout.choose.Stack").trigger()
    wait(lambda: window.panes["network"].isHidden())
    assert window.session.state.window.layout == LAYOUTS["Stack"]
    monkeypatch.setattr(
        "viewer.qt.placing.QInputDialog.getText", lambda *_: ("Mine", True), raising=True
    )
    window.placing.save_layout()
    window.menus.entry("layout.choose.Standard").trigger()
    wait(lambda: window.panes["network"].isVisible())
    (mine,) = [
        entry for entry in window.menus.menu("Window/Layout").actions() if entry.text() == "Mine"
    ]
    mine.trigger()
    wait(lambda: window.panes["network"].isHidden())
    window.close()
    again = make_window()
    assert again.session.state.window.layout == LAYOUTS["Stack"]
    assert "Mine" in again.placing.own_layouts


def test_a_tab_brought_to_the_front_is_a_command(make_window, wait):
    window = opened(make_window, wait)
    QTest.qWait(300)
    window.panes["tasks"].raise_()
    wait(lambda: "tasks" in in_front(window.session.state.window.layout))
    assert window.session.commands[-1].kind == "window.layout"


def test_a_notice_that_comes_and_goes_moves_no_pane(make_window, wait):
    window = opened(make_window, wait)
    QTest.qWait(300)
    before, stood = len(window.session.commands), window.arrangement.derive()
    for _ in range(2):
        window.door.tell("The ladder is too short.\n" * 4)
        wait(lambda: window.menuWidget().height() > 60)
        QTest.qWait(600)
        window.door.dismiss(window.door.notices[0])
        wait(lambda: window.menuWidget().height() < 60)
        QTest.qWait(600)
    assert window.session.commands[before:] == []
    assert window.arrangement._same(window.arrangement.derive(), stood)


def test_a_title_stands_on_its_tab_or_in_its_bar(make_window, wait):
    window = opened(make_window, wait)
    settle_titles = {name: window.panes[name].title_bar._title for name in window.panes}
    assert settle_titles["stack"].isVisibleTo(window.panes["stack"])
    assert not settle_titles["tasks"].isVisibleTo(window.panes["tasks"])


def test_floating_by_a_command_keeps_the_picture(make_window, wait):
    window = opened(make_window, wait)
    canvas = window.desk.canvases["stack"]
    context = canvas._context
    window.placing.give_keys("stack")
    window.placing.float_pane()
    wait(lambda: window.session.state.window.layout.floating)
    assert spread(pixels(canvas)) > 60
    window.command("window.choose", {"layout": "Standard"})
    wait(lambda: not window.panes["stack"].isFloating())
    assert canvas._context is context
    assert spread(pixels(canvas)) > 60


def test_all_panes_closed_and_back(make_window, wait):
    window = opened(make_window, wait)
    for _ in PANES:
        window.placing.close_pane()
        settle_once(window)
    assert window.session.state.window.layout == Layout(None)
    assert window._bare.isVisible()
    window.placing.next_pane()
    window.placing.float_pane()
    window.command("window.choose", {"layout": "Standard"})
    wait(lambda: all(window.panes[name].isVisible() for name in ("stack", "network", "filmstrip")))
    QTest.qWait(300)
    assert not any(pane.isFloating() for pane in window.panes.values())
    assert not window._bare.isVisible()
    assert window.session.state.window.layout == STANDARD
    assert window.door.notices == ()


def settle_once(window):
    """Let the window follow."""
    window.desk.refresh()
    settle(QApplication.instance())


def test_panes_opened_and_closed_fifty_times_leave_nothing(make_window, wait, application):
    window = opened(make_window, wait)
    wait(lambda: window.studio.facts.extraction.phase == "done")
    shown, hidden = STANDARD, STANDARD
    for name in PANES:
        shown = with_pane(shown, name)
        if name not in ("stack", "tasks"):
            hidden = without(hidden, name)

    def all_of_it():
        gc.collect()
        holder = window.session.holder
        listeners = [len(signal) for signal in (holder.changed, holder.hover.changed)]
        listeners += [len(view.outdated) for view in window.desk.stage.views.values()]
        objects = {
            name: len(canvas._context.live())
            for name, canvas in window.desk.canvases.items()
            if canvas._context is not None
        }
        return objects, listeners, threading.active_count()

    def turn():
        for layout in (hidden, shown):
            window.arrangement.apply(layout)
            window.session.holder.set(window.session.state.with_part("window", layout=layout))
            settle(application, 2)

    for _ in range(3):
        turn()
    wait(lambda: not window.desk.stage.pending)
    before = all_of_it()
    for _ in range(47):
        turn()
    wait(lambda: not window.desk.stage.pending)
    assert all_of_it() == before
    assert window.door.notices == ()


def test_default_settings_stand_in_a_small_window(make_window, wait):
    window = opened(make_window, wait, size=(1000, 650))
    for name in in_front(WindowSettings().layout):
        if name in window.panes:
            place = window.panes[name].geometry()
            assert window.rect().contains(place), name
            assert place.width() >= 120 and place.height() >= 60, (name, place)
    assert isinstance(window.panes["stack"].title_bar, TitleBar)


def test_tabs_that_do_not_fit_are_scrolled_not_shortened(make_window, wait):
    from PySide6.QtWidgets import QTabBar

    window = opened(make_window, wait)
    window.resize(900, 600)
    bars = [bar for bar in window.findChildren(QTabBar) if bar.isVisible() and bar.count() > 3]
    assert bars
    for bar in bars:
        assert bar.elideMode() == Qt.TextElideMode.ElideNone and bar.usesScrollButtons()


def test_a_title_on_a_tab_pressed_twice_shows_its_pane_alone(make_window, wait):
    from PySide6.QtWidgets import QTabBar

    window = opened(make_window, wait)
    window.resize(1400, 800)
    bars = window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly)
    titles = [(bar, at, bar.tabText(at)) for bar in bars for at in range(bar.count())]
    bar, at, _ = next(each for each in titles if each[2] == TITLES["matrix"])
    wait(lambda: bar.property("heard"))
    QTest.mouseDClick(bar, Qt.MouseButton.LeftButton, pos=bar.tabRect(at).center())
    wait(lambda: window.session.state.window.only == "matrix")
