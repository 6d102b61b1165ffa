"""Orders of channels in the window: named ones in the menu, and what leaves the program."""

from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QInputDialog

from engine.analysis.named_orders import order_as_json
from viewer.qt import files
from viewer.qt.order_actions import MENU, has_order
from viewer.state.orders import MOST_CLUSTERS, all_named
from viewer.state.selection import LONGEST_NAME
from viewer.studio.ordering import badge, order_of, write_order

APPLY, FORGET = "Apply", "Forget"


class Ordering(QObject):
    """Named orders and exports of a window; its methods are named by actions.

    Parameters
    ----------
    window : MainWindow
    """

    def __init__(self, window):
        super().__init__(window)
        self._window = window
        self._listed = None

    @property
    def _now(self):
        return self._window.session.state, self._window.studio.facts

    # named ones

    @property
    def named(self):
        """Named orders: dict of str to NamedOrder, sorted by name."""
        state, facts = self._now
        return all_named(state.orders, facts.orders)

    def fill_orders(self):
        """List the named orders in the menu, where they have changed."""
        named = self.named
        words = [f"{name}  ({order.layer})" for name, order in named.items()]
        if words == self._listed:
            return
        self._listed = words
        for title, take in ((APPLY, self.apply_order), (FORGET, self.forget_order)):
            menu = self._window.menus.menu(f"{MENU}/{title}", before="order.named.save")
            menu.clear()
            for name, word in zip(named, words, strict=True):
                entry = menu.addAction(word.replace("&", "&&"))
                entry.triggered.connect(lambda _=False, name=name, take=take: take(name))
            menu.setEnabled(bool(named))

    def apply_order(self, name):
        """Order a layer by what has a name."""
        args = {"name": name}
        if self._window.session.state.orders.saved(name) is None:
            args["order"] = order_as_json(self.named[name])
        self._window.command("orders.apply", args)

    def forget_order(self, name):
        """Forget a name."""
        self._window.command("orders.forget", {"name": name})

    def order_entries(self):
        """Named orders for the palette: (words, function) each."""
        return [
            (f"Order {order.layer} by {name}", lambda name=name: self.apply_order(name))
            for name, order in self.named.items()
        ]

    def can_save_order(self):
        """Whether the active layer has an order that is there."""
        return has_order(*self._now)

    can_export_order = can_save_order

    def save_order(self):
        """Ask for a name, and save the active layer's order under it."""
        state, facts = self._now
        layer, order = state.focus.layer, order_of(state, facts, state.focus.layer)
        text, said = QInputDialog.getText(
            self._window, "Save Order As", f"Name of the order of {layer}",
            text=state.orders.of(layer).name,
        )  # fmt: skip
        name = text.strip()[:LONGEST_NAME]
        if not said or not name:
            return
        kept = {
            "layer": layer,
            "channels": order.channels.tolist(),
            "clusters": list(order.clusters),
            "words": order.words,
        }
        self._window.command("orders.save", {"name": name, "order": kept})
        self._window.door.tell(f"{layer}, {badge(state, facts, layer)}: saved as {name}.", "",
                               grave=False)  # fmt: skip

    # clusters, export

    def can_ask_clusters(self):
        """Whether the active layer is ordered by k-means."""
        state = self._window.session.state
        return state.orders.of(state.focus.layer).method == "kmeans"

    def ask_clusters(self):
        """Ask how many clusters k-means makes."""
        orders, layer = self._window.session.state.orders, self._window.session.state.focus.layer
        count, said = QInputDialog.getInt(
            self._window, "Number of Clusters", "Clusters of k-means",
            orders.of(layer).clusters or 4, 1, MOST_CLUSTERS,
        )  # fmt: skip
        if said:
            args = {"method": "kmeans", "clusters": count, "layer": orders.scope(layer)}
            self._window.command("orders.choose", args)

    def export_order(self):
        """Ask where, and write the active layer's order as a CSV file."""
        state, facts = self._now
        layer, order = state.focus.layer, order_of(state, facts, state.focus.layer)
        name = f"order of {layer}.csv"
        path = files.ask_destination(self._window, "Export the Order", name, "Tables (*.csv)")
        if not path:
            return
        self._window.studio.jobs.start(
            f"Writing {Path(path).name}",
            lambda task: write_order(path, layer, order, task),
            done=lambda lines: self._window.door.tell(
                f"{path}: {lines:,} line{'' if lines == 1 else 's'}.", "", grave=False
            ),
        )
