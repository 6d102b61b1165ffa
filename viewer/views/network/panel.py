"""The network's graph with its controls: find, colour and fold above the facts of a layer."""

from PySide6.QtCore import QEvent, QSize, Qt, QTimer
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from viewer.gl.theme import SPACE_PX
from viewer.state.network import COLOUR_BY
from viewer.views.network.actions import folds, match_after
from viewer.views.network.colouring import WORDS
from viewer.views.network.details import Details
from viewer.views.network.find import matches
from viewer.views.network.find_line import FindLine
from viewer.views.network.resolve import FactsWish, resolve_facts
from viewer.views.panel import CanvasPanel, bar_of_controls

FACTS_PX = 190
FACTS_WIDE_PX = 260
SHOWN_MS = 60
ZOOM = 1.25
SCROLLS = {"deeper": (0, 0.5), "back": (0, -0.5), "left": (-0.5, 0), "right": (0.5, 0)}
LEAST_PX, NARROW_PX, WIDE_PX = 190, 330, 640
OWN_KEYS = (Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_F)


class NetworkPanel(CanvasPanel):
    """Canvas, controls and facts."""

    def __init__(self, canvas):
        super().__init__(canvas)
        self._state = self._facts = self._focus = None
        self._wish = FactsWish()
        self._dim = "gray"
        self.details = Details()
        self.details.pressed.connect(
            lambda: self.wished.emit("extract.start", {"layer": self._wish.keep})
        )
        above = QWidget()
        column = QVBoxLayout(above)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._controls())
        column.addWidget(canvas, 1)
        self._parts = QSplitter(Qt.Orientation.Vertical)
        self._parts.addWidget(above)
        self._parts.addWidget(self.details)
        self._parts.setStretchFactor(0, 1)
        self._parts.setCollapsible(0, False)
        self._parts.splitterMoved.connect(self._parts_moved)
        self._parted = False
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._parts)
        canvas.installEventFilter(self)
        self._graph = None
        canvas.view.outdated.connect(self._look_at_graph)

    def _controls(self):
        bar = bar_of_controls()
        row = QHBoxLayout(bar)
        row.setContentsMargins(SPACE_PX, 3, SPACE_PX, 3)
        row.setSpacing(4)
        self.find = FindLine()
        self.find.textEdited.connect(lambda text: self.wished.emit("network.find", {"text": text}))
        self.find.went.connect(self._go_on)
        self.find.left.connect(self.close_find)
        self.find.focused.connect(self._arrange)
        self.find.textChanged.connect(lambda _: self._arrange())
        self.colour = QComboBox()
        self.colour.setToolTip("What colours the blocks")
        for by in COLOUR_BY:
            self.colour.addItem("colour" if by == "none" else WORDS[by], by)
        self.colour.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.colour.setMinimumContentsLength(4)
        self.colour.view().setMinimumWidth(150)
        self.colour.activated.connect(
            lambda index: self.wished.emit("network.colour", {"by": self.colour.itemData(index)})
        )
        self._fold = self._word("fold", self._fold_all)
        self._fit = self._word(
            "fit", lambda: self.wished.emit("network.look", {"framing": "whole"})
        )
        self._fit.setToolTip("The whole graph")
        self.find.setMaximumWidth(360)
        self.colour.setMaximumWidth(190)
        row.addWidget(self.find, 3)
        row.addWidget(self.colour, 2)
        row.addWidget(self._fold)
        row.addWidget(self._fit)
        row.addStretch(0)
        bar.setMinimumWidth(0)
        bar.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        return bar

    def _word(self, text, action):
        button = QPushButton(text)
        button.setProperty("flat", True)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.clicked.connect(lambda: action())
        return button

    def _arrange(self):
        """What of the row has room (the menu has the rest), and where the facts stand."""
        width, finds = self.width(), self.find.hasFocus() or bool(self.find.text())
        self.colour.setVisible(width >= NARROW_PX or not finds)
        for other in (self._fold, self._fit):
            other.setVisible(width >= NARROW_PX or (not finds and width >= LEAST_PX))
        wide = width >= WIDE_PX and width > self.height()
        orientation = Qt.Orientation.Horizontal if wide else Qt.Orientation.Vertical
        if orientation != self._parts.orientation():
            self._parts.setOrientation(orientation)
            self._parted = False
        if not self._parted:
            side, facts = (width, FACTS_WIDE_PX) if wide else (self.height(), FACTS_PX)
            facts = min(facts, int(0.3 * side))
            self._parts.setSizes([side - facts, facts])

    def _parts_moved(self):
        self._parted = True

    def resizeEvent(self, event):
        super().resizeEvent(event)
        self._arrange()

    def minimumSizeHint(self):
        return QSize(150, 120)

    def set_theme(self, theme):
        """Draw in another theme."""
        self._dim = theme.dim
        self.details.show_details(self._wish.details, self._wish.keep, self._dim)

    def follow(self, state, facts):
        """Show the settings, the count of what is found, and the facts."""
        self._state, self._facts = state, facts
        self._wish = resolve_facts(state, facts)
        self.details.show_details(self._wish.details, self._wish.keep, self._dim)
        settings = state.network
        self.colour.setCurrentIndex(COLOUR_BY.index(settings.colour_by))
        self._show_folding()
        if self.find.text() != settings.find:
            self.find.setText(settings.find)
        self.find.set_count(self._count(settings.find, facts))
        self._focus = state.focus.layer

    def _look_at_graph(self):
        if self.canvas.view.graph is not self._graph and self._state is not None:
            self._graph = self.canvas.view.graph
            self._show_folding()

    def _show_folding(self):
        folded, able = folds(self._state, self._facts), self.canvas.view.has_repetitions
        self._fold.setText("unfold" if folded else "fold")
        self._fold.setEnabled(able)
        tip = "Every layer as a block" if folded else "Repeated layers as one block"
        self._fold.setToolTip(tip if able else "Nothing in this network repeats")

    @staticmethod
    def _count(text, facts):
        if facts.network is None or not text.strip():
            return ""
        return f"{len(matches(facts.network.layers, text)):,}"

    def _fold_all(self):
        folded = folds(self._state, self._facts)
        self.wished.emit("network.folding", {"folding": "none" if folded else "all"})

    # what the menu asks for

    def walk_graph(self, way):
        """Make the layer active that is one step along a wire or among branches."""
        self.canvas.view.walk(way)

    def fold_here(self):
        """Fold or unfold the repetition in which the active layer is."""
        self.canvas.view.fold_here()

    def zoom_graph(self, way):
        """Stand nearer (``'in'``) or farther (``'out'``)."""
        self.canvas.view.zoom_by(ZOOM if way == "in" else 1 / ZOOM)

    def scroll_graph(self, way):
        """Scroll half a view: ``'deeper'``, ``'back'``, ``'left'``, ``'right'``."""
        self.canvas.view.scroll_by(*SCROLLS[way])

    def can_zoom_graph(self, way):
        """Whether there is a graph."""
        return self.canvas.view.graph is not None

    def can_scroll_graph(self, way):
        """Whether there is a graph."""
        return self.canvas.view.graph is not None

    def can_walk_graph(self, way):
        """Whether there is a graph."""
        return self.canvas.view.graph is not None

    def can_fold_here(self):
        """Whether the active layer is in a repetition."""
        return self.canvas.view.repetition_here() is not None

    def find_layer(self):
        """Put the keyboard into the field that finds; the pane comes in sight."""
        if not self.isVisible():
            if self._state is not None and self._state.window.only not in (None, "network"):
                self.wished.emit("window.only", {"pane": None})
            self.wished.emit("window.pane", {"pane": "network", "shown": True})
        QTimer.singleShot(0 if self.isVisible() else SHOWN_MS, self._take_find)

    def _take_find(self):
        self.find.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.find.selectAll()

    def close_find(self):
        """Find nothing any more; the keyboard goes back to the graph."""
        if self.find.text():
            self.wished.emit("network.find", {"text": ""})
        self.canvas.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _go_on(self, step):
        # Keys may come faster than the views follow the state: what was typed last counts.
        layer = match_after(self._facts, self.find.text(), self._focus, step)
        if layer is not None:
            self._focus = layer
            self.wished.emit("focus.layer", {"layer": layer})

    def eventFilter(self, watched, event):
        """Keys that mean the graph while it has the keyboard, though menus have them too."""
        if event.type() == QEvent.Type.ShortcutOverride:
            own = event.key() in OWN_KEYS
            own = own or (event.key() == Qt.Key.Key_Escape and bool(self.find.text()))
            if own and event.modifiers() == Qt.KeyboardModifier.NoModifier:
                event.accept()
                return True
        return super().eventFilter(watched, event)
