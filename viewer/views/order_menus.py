"""The program's order of channels as two menus, for the bars of views that show channels; in Qt."""

from PySide6.QtWidgets import QHBoxLayout, QWidget

from viewer.state.orders import BASES, FILE, METHODS
from viewer.studio.ordering import BASIS_WORDS, METHOD_WORDS
from viewer.views.strips import menu_of, show_choice

SPACING = 2


class OrderMenus(QWidget):
    """By which method channels are ordered, and of what; one choice for the whole program.

    It is that of all layers, or that of the active one where it has its own.

    Parameters
    ----------
    wish : callable(kind, args)
    """

    def __init__(self, wish):
        super().__init__()
        self._wish, self._layer = wish, None
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACING)
        tip = "Order of channels, in every view"
        methods = tuple((method, METHOD_WORDS[method]) for method in METHODS)
        self.method = menu_of(tip, methods, lambda value: self._given(method=value))
        tip = "What channels are likened by, or of what the number is"
        choices = tuple((basis, BASIS_WORDS[basis]) for basis in BASES)
        self.basis = menu_of(tip, choices, lambda value: self._given(basis=value))
        for menu, letters in ((self.method, 10), (self.basis, 14)):
            menu.setMinimumContentsLength(letters)
            menu.setSizeAdjustPolicy(menu.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            menu.view().setMinimumWidth(190)
            row.addWidget(menu)

    def _given(self, **chosen):
        self._wish("orders.choose", {**chosen, "layer": self._layer})

    def follow(self, state):
        """Show the choice in force."""
        active = state.focus.layer
        self._layer = state.orders.scope(active)
        choice = state.orders.of(active)
        show_choice(self.method, choice.method)
        show_choice(self.basis, choice.basis)
        self.basis.setEnabled(choice.method not in (FILE, "separation"))
