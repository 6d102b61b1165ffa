"""Panes: docks whose title bars speak in words, that float, close, and can fill the window."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtOpenGLWidgets import QOpenGLWidget
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QDockWidget,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QWidget,
)
from shiboken6 import isValid

from viewer.qt.style import MARGIN


class TitleBar(QWidget):
    """A pane's title, what it shows in dim text, and three words that appear on hover."""

    alone = Signal()

    def __init__(self, pane, title):
        super().__init__(pane)
        self.setObjectName("title")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._pane = pane
        self._title = QLabel(title)
        self._detail = ElidedLabel()
        self._detail.setProperty("dim", True)
        self._words = [self._word("alone", self.alone.emit), self._word("float", self._float)]
        self._words.append(self._word("close", pane.closed.emit))
        row = QHBoxLayout(self)
        row.setContentsMargins(MARGIN, 2, 4, 2)
        row.setSpacing(MARGIN)
        row.addWidget(self._title)
        row.addWidget(self._detail, 1)
        for word in self._words:
            row.addWidget(word)
        self._show_words(False)

    def _word(self, text, action):
        button = QPushButton(text)
        button.setProperty("flat", True)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        policy = button.sizePolicy()
        policy.setRetainSizeWhenHidden(False)
        button.setSizePolicy(policy)
        button.clicked.connect(action)
        return button

    def set_title(self, title):
        """The pane's title."""
        self._title.setText(title)

    def set_detail(self, text):
        """What the pane shows now."""
        self._detail.setText(text)

    @property
    def detail(self):
        """What the pane shows, as it stands in the bar."""
        return self._detail.text()

    def set_tabbed(self, tabbed):
        """Whether a tab says the title already."""
        self._title.setVisible(not tabbed)

    def set_focused(self, focused):
        """Whether the keys go to this pane."""
        if bool(self.property("focused")) != focused:
            self.setProperty("focused", focused)
            self.style().polish(self)

    def set_alone(self, alone):
        """Whether the pane fills the window."""
        self._words[0].setText("all panes" if alone else "alone")

    def set_floating(self, floating):
        """Whether the pane is a window of its own."""
        self._words[1].setText("dock" if floating else "float")

    def _float(self):
        self._pane.setFloating(not self._pane.isFloating())

    def _show_words(self, shown):
        for word in self._words:
            word.setVisible(shown)

    def enterEvent(self, event):
        self._show_words(True)
        super().enterEvent(event)

    def leaveEvent(self, event):
        self._show_words(False)
        super().leaveEvent(event)

    def mouseDoubleClickEvent(self, event):
        self.alone.emit()

    def minimumSizeHint(self):
        return QSize(60, self._height())

    def sizeHint(self):
        return QSize(120, self._height())

    def _height(self):
        return self.fontMetrics().height() + 10


class Pane(QDockWidget):
    """A dock with a name, a title and one widget.

    Attributes
    ----------
    name : str
        One of `viewer.state.layout.PANES`.
    closed, alone : Signal
        The person's wish; the window makes a command of it.
    """

    closed = Signal()
    alone = Signal()

    def __init__(self, name, title, widget, parent):
        super().__init__(title, parent)
        self.name = name
        self.setObjectName(name)
        self.setAllowedAreas(Qt.DockWidgetArea.AllDockWidgetAreas)
        self.setFeatures(
            QDockWidget.DockWidgetFeature.DockWidgetMovable
            | QDockWidget.DockWidgetFeature.DockWidgetFloatable
        )
        self.title_bar = TitleBar(self, title)
        self.title_bar.alone.connect(self.alone)
        self.setTitleBarWidget(self.title_bar)
        self.setWidget(widget)
        self.topLevelChanged.connect(self._floats)
        self._focus = None

    def _floats(self, floating):
        self.title_bar.set_floating(floating)
        self.style().polish(self)  # its frame is seen only where it floats

    def take_keys(self):
        """Let the keys go to this pane: to what had them last, or to the first that takes them."""
        self.raise_()
        if self.isFloating():
            self.activateWindow()
        had = self._focus if self._focus is not None and isValid(self._focus) else None
        wanted = had or first_with_keys(self.widget())
        if wanted is not None:
            wanted.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def notice_focus(self, widget):
        """The keys went to ``widget``, here or elsewhere."""
        inside = widget is not None and self.isAncestorOf(widget)
        if inside:
            self._focus = widget
        self.title_bar.set_focused(inside)
        return inside

    def closeEvent(self, event):
        event.ignore()
        self.closed.emit()


def first_with_keys(widget):
    """The first widget, in the order of Tab, that takes keys; canvases and lists come first."""
    found = [widget, *widget.findChildren(QWidget)]
    able = [
        each
        for each in found
        if each.isEnabled()
        and (each is widget or each.isVisibleTo(widget))
        and each.focusPolicy() & Qt.FocusPolicy.TabFocus
    ]
    large = [each for each in able if each.focusPolicy() & Qt.FocusPolicy.ClickFocus]
    views = [each for each in large if isinstance(each, (QAbstractScrollArea, QOpenGLWidget))]
    return next(iter(views or able), None)


class ElidedLabel(QLabel):
    """A label of one line that ends in three dots where there is no room.

    Parameters
    ----------
    text : str
    mode : Qt.TextElideMode
    fills : bool
        True: it takes the room there is. False: the room of its text, and less where need be.
    """

    def __init__(self, text="", mode=Qt.TextElideMode.ElideRight, *, fills=True):
        super().__init__()
        self._whole = ""
        self._mode = mode
        policy = QSizePolicy.Policy.Ignored if fills else QSizePolicy.Policy.Maximum
        self.setSizePolicy(policy, QSizePolicy.Policy.Preferred)
        self.setText(text)

    def setText(self, text):
        if text != self._whole:
            self._whole = text
            self.updateGeometry()
        self._elide()

    def text(self):
        return self._whole

    def sizeHint(self):
        width = self.fontMetrics().horizontalAdvance(self._whole)
        return QSize(width + 2 if self._whole else 0, super().sizeHint().height())

    def minimumSizeHint(self):
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event):
        super().resizeEvent(event)
        self._elide()

    def _elide(self):
        shown = self.fontMetrics().elidedText(self._whole, self._mode, max(0, self.width()))
        super().setText(shown)
        self.setToolTip(self._whole if shown != self._whole else "")
