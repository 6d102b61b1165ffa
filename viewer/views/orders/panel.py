"""The orders pane with its controls: what is ordered, what is compared; in one row or in two."""

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QBoxLayout, QSizePolicy

from viewer.gl.theme import SPACE_PX
from viewer.views.controls import Choice, dim_label, row_of
from viewer.views.order_menus import OrderMenus
from viewer.views.orders.places import shows_both
from viewer.views.panel import bar_of_controls
from viewer.views.strips import KeyedPanel, menu_of, show_choice

BETWEEN = (
    ("rows", "cuts by row"),
    ("columns", "cuts by column"),
    ("samples", "samples"),
    ("classes", "classes"),
    ("methods", "methods"),
)
CORRELATIONS = (
    (
        "kendall",
        "Kendall",
        "Kendall’s τ: pairs of channels in the same order less those in the other",
    ),
    ("spearman", "Spearman", "Spearman’s ρ: the correlation of the channels’ places"),
)
PICTURES = (("distances", "distances"), ("correlations", "correlations"))
PAGES = (
    ("quality", "Quality", "How good the orders of all methods are"),
    ("stability", "Stability", "How well orders agree"),
)
ONE_ROW = 860
BASIS_LETTERS = 14
PICTURE_FROM, CORRELATION_FROM, LABEL_FROM = 400, 400, 540


class OrdersPanel(KeyedPanel):
    """Canvas and controls."""

    def __init__(self, canvas):
        super().__init__(canvas)
        self.stand_over(self._controls())

    def _controls(self):
        bar = bar_of_controls()
        self._rows = QBoxLayout(QBoxLayout.Direction.LeftToRight, bar)
        self._rows.setContentsMargins(SPACE_PX, 3, SPACE_PX, 3)
        self._rows.setSpacing(3)
        self.order = OrderMenus(self.wished.emit)
        self.order.basis.setMinimumContentsLength(BASIS_LETTERS)
        self.picture = self._menu("What the small pictures show", PICTURES, "picture", 8)
        self.page = Choice(PAGES)
        self.page.chosen.connect(lambda page: self._wish("page", page))
        self.between = self._menu("Which orders are compared", BETWEEN, "between", 7)
        self.correlation = Choice(CORRELATIONS)
        self.correlation.chosen.connect(lambda value: self._wish("correlation", value))
        self._label = dim_label("compare")
        first = row_of(self.order, self.picture)
        second = row_of(self._label, self.between, self.correlation, None, self.page)
        for part in (first, second):
            part.setMinimumWidth(0)
            part.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            self._rows.addWidget(part, 1)
        bar.setMinimumWidth(0)
        bar.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        return bar

    def _wish(self, name, value):
        self.wished.emit(f"stability.{name}", {name: value})

    def _menu(self, tip, choices, name, letters):
        menu = menu_of(tip, choices, lambda value: self._wish(name, value))
        menu.setMinimumContentsLength(letters)
        menu.setSizeAdjustPolicy(menu.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        menu.view().setMinimumWidth(150)
        return menu

    def resizeEvent(self, event):
        super().resizeEvent(event)
        ways = QBoxLayout.Direction
        is_wide = self.width() >= ONE_ROW
        self._rows.setDirection(ways.LeftToRight if is_wide else ways.TopToBottom)
        self.picture.setVisible(self.width() >= PICTURE_FROM)  # the menu has what does not fit
        self.correlation.setVisible(self.width() >= CORRELATION_FROM)
        self._label.setVisible(self.width() >= LABEL_FROM)
        self._show_page()

    def _show_page(self):
        """The choice of a page, where there is no room for both."""
        self.page.setVisible(not shows_both(self.canvas.width(), self.canvas.height()))

    def minimumSizeHint(self):
        return QSize(160, 140)

    def follow(self, state, facts):
        """Show the settings."""
        settings = state.stability
        self.order.follow(state)
        self.order.basis.setEnabled(True)  # all methods are listed, whichever is in force
        show_choice(self.picture, settings.picture)
        show_choice(self.between, settings.between)
        self.correlation.show_choice(settings.correlation)
        self.page.show_choice(settings.page)
        self._show_page()

    def set_theme(self, theme):
        """Colours come with the style sheet of the window."""
