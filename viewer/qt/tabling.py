"""Numbers of views as tables: pairs of channels, orders, importance, cuts, the comparison."""

from pathlib import Path

from PySide6.QtCore import QObject

from viewer.qt import files
from viewer.studio import comparing, seriating, validating, weighing
from viewer.studio.comparison_table import write_comparison
from viewer.studio.importance_tables import write_curve, write_importance, write_rates
from viewer.studio.order_tables import write_agreement, write_qualities
from viewer.studio.pairs import write_pairs
from viewer.studio.predictions import class_name
from viewer.studio.series_tables import write_check, write_series
from viewer.studio.slice_table import write_slice
from viewer.studio.stability import is_seen as orders_are_seen
from viewer.views.comparison.build import table_of as comparison_table
from viewer.views.comparison.resolve import ComparisonWish
from viewer.views.comparison.resolve import resolve as resolve_comparison
from viewer.views.importance.resolve import resolve as resolve_importance
from viewer.views.matrix.resolve import resolve
from viewer.views.orders.resolve import OrdersWish
from viewer.views.orders.resolve import resolve as resolve_orders
from viewer.views.slices.build import table_of
from viewer.views.slices.resolve import resolve as resolve_slices


class Tabling(QObject):
    """Exports numbers for a window; its methods are named by actions.

    Parameters
    ----------
    window : MainWindow
    """

    def __init__(self, window):
        super().__init__(window)
        self._window = window

    def _shown(self):
        """What the matrix shows, if its statistic is there."""
        wish = resolve(self._window.session.state, self._window.studio.facts)
        return wish if wish.table is not None and wish.table.values is not None else None

    def can_export_pairs(self):
        """Whether the statistic of the matrix in sight is there."""
        return self._shown() is not None

    def export_pairs(self):
        """Ask where, and write a CSV file."""
        wish = self._shown()
        if wish is None:
            return
        table, points, others = wish.table, wish.points, wish.others or wish.points
        name = f"{points.columns.layer}-{table.statistic}.csv"
        path = files.ask_destination(
            self._window, "Export the Pairs of Channels", name, "Tables (*.csv)"
        )
        if path:
            layers = points.columns.layer, others.columns.layer
            self._window.studio.jobs.start(
                f"Writing {Path(path).name}",
                lambda task: write_pairs(path, table, *layers, task),
                done=lambda rows: self._window.door.tell(f"{path}: {rows:,} rows.", grave=False),
            )

    def _orders(self):
        """What the orders pane shows, while it can be seen."""
        state, facts = self._window.session.state, self._window.studio.facts
        return resolve_orders(state, facts) if orders_are_seen(state) else OrdersWish()

    def can_export_qualities(self):
        """Whether an order of the orders pane is there."""
        return any(row.portrait is not None for row in self._orders().rows)

    def export_qualities(self):
        """Ask where, and write how good the orders are as a CSV file."""
        wish = self._orders()
        rows = [
            (row.name, row.portrait.order, row.relative)
            for row in wish.rows
            if row.portrait is not None
        ]
        name = f"{wish.layer}-orders.csv"
        self._write(
            "Export How Good the Orders Are", name, lambda p, t: write_qualities(p, rows, t)
        )

    def can_export_agreement(self):
        """Whether the rank correlations of the orders pane are there."""
        return self._orders().matrix is not None

    def export_agreement(self):
        """Ask where, and write how well orders agree as a CSV file."""
        wish = self._orders()
        if wish.matrix is None:
            return
        found, which = wish.compared, wish.settings.correlation
        name = f"{wish.layer}-{wish.settings.between}-{which}.csv"
        self._write(
            "Export How Well Orders Agree", name, lambda p, t: write_agreement(p, found, which, t)
        )

    def _weighed(self):
        """Importance that is there: of all layers, else of the active one."""
        state, facts = self._window.session.state, self._window.studio.facts
        if not weighing.can_ask(facts):
            return ()
        found = weighing.all_weighed(state, facts)
        if found is not None:
            return tuple(found.layers.values())
        layer = weighing.layer_of(state, facts)
        one = None if layer is None else weighing.weighed_of(state, facts, layer.name)
        return () if one is None else (one,)

    def can_export_importance(self):
        """Whether the importance of some filters is there."""
        return bool(self._weighed())

    def export_importance(self):
        """Ask where, and write the importance of filters as a CSV file."""
        layers, settings = self._weighed(), self._window.session.state.importance
        name = f"{layers[0].layer if len(layers) == 1 else 'layers'}-importance.csv"
        self._write(
            "Export Importance", name, lambda p, t: write_importance(p, layers, settings, t)
        )

    def _measured(self):
        """What the importance view shows."""
        return resolve_importance(self._window.session.state, None, self._window.studio.facts)

    def can_export_rates(self):
        """Whether error rates are there."""
        return self._measured().rates.before is not None

    def export_rates(self):
        """Ask where, and write the error rates with and without filters as a CSV file."""
        wish = self._measured()
        rates, names, off, by = wish.rates, wish.class_names, wish.all_off, wish.settings.by
        self._write(
            "Export Error Rates", "error-rates.csv",
            lambda p, t: write_rates(p, rates.before, rates.after, names, off, by, t),
        )  # fmt: skip

    def can_export_curve(self):
        """Whether the curve of the importance view is there."""
        return self._measured().curve.value is not None

    def export_curve(self):
        """Ask where, and write the curve as a CSV file."""
        wish = self._measured()
        curve, of_class = wish.curve.value, wish.settings.of_class
        name = "" if of_class is None else class_name(of_class, wish.class_names)
        self._write(
            "Export the Curve", f"{wish.layer}-curve.csv",
            lambda p, t: write_curve(p, curve, name, t),
        )  # fmt: skip

    def _cut(self, kind):
        """The slices' wish and its cut of a kind, in the order chosen; None where there is none."""
        wish = resolve_slices(self._window.session.state, self._window.studio.facts)
        cuts = [cut for cut in wish.cuts if cut.kind == kind]
        return (wish, cuts[-1]) if cuts else None

    def can_export_slice(self, kind):
        """Whether a cut of the slices view is there."""
        return self._cut(kind) is not None

    def export_slice(self, kind):
        """Ask where, and write a cut of the slices view as a CSV file."""
        found = self._cut(kind)
        if found is None:
            return
        wish, cut = found
        table, volume = table_of(wish, cut), wish.volume
        name = f"{volume.layer}-{volume.source}-{kind}-{cut.at}.csv"
        self._write(
            f"Export the {kind.upper()} Cut", name, lambda p, t: write_slice(p, **table, task=t)
        )

    def _compared(self):
        """What the comparison shows, while it can be seen."""
        state, facts = self._window.session.state, self._window.studio.facts
        return resolve_comparison(state, facts) if comparing.is_seen(state) else ComparisonWish()

    def can_export_comparison(self):
        """Whether a cell of the comparison is there."""
        return any(cell.found is not None for cell in self._compared().cells.values())

    def export_comparison(self):
        """Ask where, and write the numbers of the comparison as a CSV file."""
        wish = self._compared()
        cells = comparison_table(wish) if wish.rows else []
        name = f"comparison-of-{wish.settings.rows}.csv"
        self._write("Export the Comparison", name, lambda p, t: write_comparison(p, cells, t))

    def _series(self):
        """The series, where one is there."""
        return seriating.series_of(self._window.session.state, self._window.studio.facts)

    def can_export_series(self):
        """Whether a step of a series is there."""
        series = self._series()
        return series is not None and series.known > 0

    def export_series(self):
        """Ask where, and write how large each step is in each layer."""
        series, facts = self._series(), self._window.studio.facts
        self._write(
            "Export the Series", "series.csv", lambda p, t: write_series(p, series, facts, t)
        )

    def _checked(self):
        """Gradients beside finite differences, where they are there."""
        return validating.checked(self._window.session.state, self._window.studio.facts)[0]

    def can_export_check(self):
        """Whether gradients were checked by finite differences."""
        return self._checked() is not None

    def export_check(self):
        """Ask where, and write computed gradients beside finite differences."""
        checked = self._checked()
        name = f"{checked.layer}-differences.csv"
        self._write("Export the Check", name, lambda p, t: write_check(p, checked, t))

    def _write(self, title, name, write):
        """Ask where, and have a table written."""
        path = files.ask_destination(self._window, title, name, "Tables (*.csv)")
        if path:
            self._window.studio.jobs.start(
                f"Writing {Path(path).name}",
                lambda task: write(path, task),
                done=lambda rows: self._window.door.tell(f"{path}: {rows:,} rows.", grave=False),
            )
