"""The stack's strip for the order of channels; it counts in every view."""

from viewer.views.controls import dim_label, row_of, word_button
from viewer.views.order_menus import OrderMenus
from viewer.views.stack.sections import Section


class OrderSection(Section):
    """Method, what it is made of, and whether the focused layer has an order of its own."""

    def __init__(self):
        self.menus = OrderMenus(lambda kind, args: self.wished.emit(kind, args))
        self._own = word_button(
            "Own order", "An order of the focused layer alone, or that of all", checkable=True
        )
        self._layer = dim_label()
        super().__init__(row_of(self.menus), row_of(self._layer, self._own))
        self._focus = None
        self._own.clicked.connect(
            lambda on: self.wished.emit("orders.own", {"layer": self._focus, "own": bool(on)})
        )

    def follow(self, state, wish, contents):
        self._focus = wish.highlight
        self._layer.setText(self._focus or "all layers")
        self._own.setEnabled(self._focus is not None)
        self._own.setChecked(state.orders.scope(self._focus) is not None)
        self.menus.follow(state)
