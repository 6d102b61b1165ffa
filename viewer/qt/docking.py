"""The docks of a window laid out by a layout tree."""

from PySide6.QtCore import Qt

from viewer.state.layout import Tabs, places

ACROSS, DOWN = Qt.Orientation.Horizontal, Qt.Orientation.Vertical


def lay_out(window, panes, layout):
    """Let the docks stand as a layout says; panes that it lacks are hidden.

    Parameters
    ----------
    window : QMainWindow
    panes : dict of str to QDockWidget
    layout : Layout
    """
    for pane in panes.values():
        pane.setFloating(False)
        window.removeDockWidget(pane)
    if layout.root is not None:
        first = panes[_first(layout.root)]
        window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, first)
        _split(window, panes, layout.root)
        for place in places(layout.root):
            for name in place.panes:
                panes[name].show()
            panes[place.current].raise_()
        _resize(window, panes, layout.root, (window.width(), window.height()))
    for part in layout.floating:
        pane = panes[part.pane]
        window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, pane)
        pane.setFloating(True)
        pane.setGeometry(
            window.x() + round(part.x * window.width()),
            window.y() + round(part.y * window.height()),
            max(200, round(part.width * window.width())),
            max(150, round(part.height * window.height())),
        )
        pane.show()


def _first(node):
    return places(node)[0].panes[0]


def _split(window, panes, node):
    """Make room below and beside the first pane of a node, which stands already."""
    if isinstance(node, Tabs):
        for before, name in zip(node.panes, node.panes[1:], strict=False):
            window.tabifyDockWidget(panes[before], panes[name])
        return
    orientation = ACROSS if node.across else DOWN
    firsts = [_first(part) for _, part in node.parts]
    for before, name in zip(firsts, firsts[1:], strict=False):
        window.splitDockWidget(panes[before], panes[name], orientation)
    for _, part in node.parts:
        _split(window, panes, part)


def _resize(window, panes, node, size):
    if isinstance(node, Tabs):
        return
    total = sum(share for share, _ in node.parts)
    room = size[0] if node.across else size[1]
    sizes = [max(1, round(room * share / total)) for share, _ in node.parts]
    docks = [panes[places(part)[0].current] for _, part in node.parts]
    window.resizeDocks(docks, sizes, ACROSS if node.across else DOWN)
    for length, (_, part) in zip(sizes, node.parts, strict=True):
        _resize(window, panes, part, (length, size[1]) if node.across else (size[0], length))
