"""Strips of controls below the matrix, one open at a time: points, axes, ranked pairs."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from viewer.views.controls import Menu, NumberEdit, dim_label, row_of, word_button
from viewer.views.matrix.overview import NAMES
from viewer.views.matrix.resolve import columns_from, key_of
from viewer.views.strips import DotSection, Section, menu_of, show_choice
from viewer.visuals.legend import number

FORMS = (
    ("auto", "Density, points from near"),
    ("density", "Density"),
    ("points", "Points"),
)
OWN = ""
MOST_PAIRS = 10
# From this width on the axes' controls stand in one row; so much room takes a pair's word.
ROW_FROM, PAIR_PX = 940, 62


class PointSection(DotSection):
    """Size and opacity of points, and where density begins."""

    def __init__(self):
        self.form = menu_of("What cells are drawn as", FORMS, self._form)
        super().__init__(self.form)

    def _form(self, form):
        self.wished.emit("matrix.form", {"form": form})

    def follow(self, state, facts):
        super().follow(state, facts)
        show_choice(self.form, state.matrix.form)


class AxesSection(Section):
    """Which layer the columns come from, constant channels, ranges of the middle cell's axes."""

    def __init__(self):
        self.columns = menu_of("Where columns come from", (), self._columns)
        self.columns.setMinimumContentsLength(17)
        self.columns.setSizeAdjustPolicy(
            Menu.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.constant = word_button(
            "Hide constant", "Leave out channels with one value only", checkable=True
        )
        self.constant.clicked.connect(
            lambda checked: self.wished.emit("matrix.constant", {"hidden": checked})
        )
        self.across, self.up = RangeEdit("across"), RangeEdit("up")
        super().__init__(
            row_of(dim_label("Columns"), self.columns, self.constant), self.across, self.up
        )
        for edit in (self.across, self.up):
            edit.wished.connect(self.wished)
        self._names = self._followed = None

    def resizeEvent(self, event):
        super().resizeEvent(event)
        ways = self.row.Direction
        across = self.width() >= ROW_FROM
        self.row.setDirection(ways.LeftToRight if across else ways.TopToBottom)

    def _columns(self, layer):
        self.wished.emit("matrix.columns", {"layer": layer or None})

    def follow(self, state, facts):
        names = () if facts.network is None else tuple(one.name for one in facts.network.layers)
        if names != self._names:
            self._names = names
            self.columns.clear()
            self.columns.addItem("from the active layer", OWN)
            for name in names:
                self.columns.addItem(name, name)
        show_choice(self.columns, columns_from(state) or OWN)
        self.constant.setChecked(state.matrix.hides_constant)
        if self.isVisible():
            self._follow_ranges(state, facts)
        self._followed = state, facts

    def showEvent(self, event):
        super().showEvent(event)
        if self._followed is not None:
            self._follow_ranges(*self._followed)

    def _follow_ranges(self, state, facts):
        """Show the ranges of the cell in the middle of the view."""
        from viewer.views.matrix.stepping import stands

        found = stands(state, facts)
        if found is None or 0 in found[1].shape:
            self.across.show_range(None)
            self.up.show_range(None)
            return
        frame, arrangement, look, _ = found
        row, column = frame.nearest_cell(look)
        other = columns_from(state)
        x = facts.points[other or state.focus.layer].columns, int(arrangement.columns[column])
        y = facts.points[state.focus.layer].columns, int(arrangement.rows[row])
        self.across.show_range(_range_of(state, *x))
        self.up.show_range(_range_of(state, *y))
        self.up.setVisible(x != y)


def _range_of(state, columns, channel):
    """(layer, channel, (low, high)) of a channel's axes."""
    whole = (float(columns.low[channel]), float(columns.high[channel]))
    return columns.layer, channel, state.matrix.ranges_of(columns.layer).get(channel, whole)


class RangeEdit(QWidget):
    """The value range of the axes of one channel, typed.

    Attributes
    ----------
    wished : Signal(str, object)
    """

    wished = Signal(str, object)

    def __init__(self, way):
        super().__init__()
        self._way, self._shown = way, None
        self.whose = dim_label()
        self.low, self.high = NumberEdit("Lowest value"), NumberEdit("Highest value")
        self.reset = word_button("Whole", "The whole range of this channel (double click the axis)")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for part in (self.whose, self.low, dim_label("to"), self.high, self.reset):
            row.addWidget(part)
        row.addStretch(1)
        self.low.given.connect(lambda value: self._given(0, value))
        self.high.given.connect(lambda value: self._given(1, value))
        self.reset.clicked.connect(self._reset)

    def show_range(self, shown):
        """Show (layer, channel, (low, high)); None: there is none."""
        self._shown = shown
        named = "" if shown is None else f" {shown[0]}:{shown[1]}"
        self.whose.setText(f"{self._way.capitalize()}{named}")
        for edit, at in ((self.low, 0), (self.high, 1)):
            edit.show_value(None if shown is None else shown[2][at])
        self.reset.setEnabled(shown is not None)

    def _given(self, end, value):
        layer, channel, ends = self._shown
        ends = [*ends]
        ends[end] = value
        if ends[0] < ends[1]:
            args = {"layer": layer, "channel": channel, "low": ends[0], "high": ends[1]}
            self.wished.emit("matrix.range", args)
        else:
            self.show_range(self._shown)

    def _reset(self):
        layer, channel, _ = self._shown
        self.wished.emit("matrix.range.reset", {"layer": layer, "channel": channel})


class PairSection(Section):
    """The pairs of channels that rank first by the overview's statistic; a word goes to one."""

    def __init__(self):
        super().__init__()
        self._title = dim_label()
        self.row.addWidget(self._title)
        self._words = []
        for place in range(MOST_PAIRS):
            word = word_button("")
            word.clicked.connect(lambda _=False, place=place: self._go(place))
            self.row.addWidget(word)
            self._words.append(word)
        self.row.addStretch(1)
        self._table, self._state, self._facts = None, None, None
        self._count = 0

    def _go(self, place):
        from viewer.views.matrix.stepping import stands

        found = stands(self._state, self._facts)
        if found is None:
            return
        frame, arrangement, _, table = found
        row, column, _ = table.ranked[place]
        cell = arrangement.row_of(row), arrangement.column_of(column)
        if None not in cell:
            self.wished.emit("matrix.look", frame.cell(*cell).args)

    def follow(self, state, facts):
        self._state, self._facts = state, facts
        layer, other = state.focus.layer, columns_from(state)
        points, others = facts.points.get(layer), facts.points.get(other)
        table = None
        if points is not None and (other is None or others is not None):
            table = facts.pairs.get(key_of(points, others, state.matrix.statistic))
        if table is self._table and table is not None:
            return
        self._table = table
        ranked = () if table is None else table.ranked
        name = NAMES[state.matrix.statistic]
        self._title.setText(f"Most by {name}" if ranked else f"No pairs by {name} yet")
        for word, (row, column, value) in zip(self._words, ranked, strict=False):
            word.setText(f"{column} × {row}")
            word.setToolTip(f"{name} {number(float(value))}")
        self._count = len(ranked)
        self._let_in()

    def resizeEvent(self, event):
        super().resizeEvent(event)
        self._let_in()

    def _let_in(self):
        """Show as many pairs as fit; Tab in the matrix goes through all."""
        room = (self.width() - self._title.sizeHint().width() - 20) // PAIR_PX
        for place, word in enumerate(self._words):
            word.setVisible(place < min(self._count, max(1, room)))
