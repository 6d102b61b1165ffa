"""State and facts to what the comparison shows; no Qt, no GL."""

from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

import numpy as np

from viewer.state.comparison import ComparisonCamera, ComparisonSettings
from viewer.state.focus import Focus
from viewer.studio import comparing
from viewer.studio.attributing import percent
from viewer.studio.facts import OPENING
from viewer.studio.predictions import class_name
from viewer.studio.questions import key_of
from viewer.views.signed_map import own_limit
from viewer.visuals.legend import number

NO_NETWORK = "Methods need the network itself,\nand this study was opened without it."
NO_METHOD = "No method is chosen.\nChoose some below."
NO_VALUES = "No layer was kept in full."
FLAT = "The network's input has no rows and columns."
RANGE_WORDS = {
    "cell": "each cell in its own range",
    "row": "one range for each row",
    "column": "one range for each column",
    "all": "one range for all",
}


@dataclass(frozen=True)
class Head:
    """What stands left of a row.

    Attributes
    ----------
    name : str
    lines : tuple of (str, str)
        Words and how they look: ``'text'``, ``'dim'``, ``'right'``, ``'wrong'``.
    """

    name: str
    lines: tuple = ()


@dataclass(frozen=True, eq=False)
class Cell:
    """One method for one row.

    Attributes
    ----------
    key : tuple or None
        Of the question; None: nothing to ask.
    found : viewer.studio.attributing.Explained or None
    failure : str
        Why there is nothing, one sentence.
    limit : float
        End of its range of values.
    is_late : bool
        It is asked for and not there yet.
    """

    key: tuple | None = None
    found: object = None
    failure: str = ""
    limit: float = 0.0
    is_late: bool = False


@dataclass(frozen=True, eq=False)
class ComparisonWish:
    """What the comparison shows.

    Attributes
    ----------
    message : str
        Instead of the grid.
    rows : tuple of viewer.studio.comparing.Row
    heads : tuple of Head
        One for each row.
    columns : tuple of str
        Of `viewer.state.comparison.COLUMNS`.
    cells : dict of (int, int) to Cell
        By row and column; those of rows that are not asked now are missing.
    data, preprocessing : object or None
        For the rows' pictures.
    settings : ComparisonSettings
    camera : ComparisonCamera
    focus : Focus
    words : str
        For the footer.
    detail : str
    late : bool
    """

    message: str = ""
    rows: tuple = ()
    heads: tuple = ()
    columns: tuple = ()
    cells: dict = field(default_factory=dict)
    data: object = None
    preprocessing: object = None
    settings: ComparisonSettings = field(default_factory=ComparisonSettings)
    camera: ComparisonCamera = field(default_factory=ComparisonCamera)
    focus: Focus = field(default_factory=Focus)
    words: str = ""
    detail: str = ""
    late: bool = False

    @property
    def size(self):
        """Rows and columns of the network's picture."""
        return self.preprocessing.size

    @property
    def focused(self):
        """The number of the row that the whole program looks at, or None."""
        return comparing.focused_row(self.focus, self.rows)

    def same_as(self, other):
        """Whether it would give the same picture."""
        parts = ("message", "rows", "heads", "columns", "settings", "camera", "focus", "words")
        return (
            all(getattr(self, part) == getattr(other, part) for part in parts)
            and self.data is other.data
            and self.preprocessing is other.preprocessing
            and self.cells.keys() == other.cells.keys()
            and all(_same(cell, other.cells[at]) for at, cell in self.cells.items())
        )


def _same(one, other):
    return one.found is other.found and (one.key, one.failure, one.limit, one.is_late) == (
        other.key, other.failure, other.limit, other.is_late,
    )  # fmt: skip


def resolve(state, facts):
    """What the view shows for a state and what exists."""
    if facts.lack is not None:
        return ComparisonWish(message=facts.lack, late=facts.phase == OPENING)
    if facts.recording is not None:
        return ComparisonWish(message=NO_NETWORK)
    settings, late = state.comparison, False
    if not settings.methods:
        return ComparisonWish(message=NO_METHOD, settings=settings)
    rows = comparing.rows_of(state, facts)
    if settings.rows == "layers":
        late = facts.is_late(state)
        if not rows:
            failure = NO_VALUES if facts.answer is None else facts.answer.failure or NO_VALUES
            return ComparisonWish("" if late else failure, settings=settings, late=late)
    cells = _ranged(_cells(state, facts, rows, settings.methods), settings)
    return ComparisonWish(
        rows=rows,
        heads=tuple(_head(facts, row) for row in rows),
        columns=settings.methods,
        cells=cells,
        data=facts.data,
        preprocessing=facts.preprocessing,
        settings=settings,
        camera=state.comparison_camera,
        focus=state.focus,
        words=_words(state, facts, rows, cells),
        detail=_detail(rows, settings, facts),
        late=late or any(cell.is_late for cell in cells.values()),
    )


def _cells(state, facts, rows, columns):
    prefix, cells = key_of(facts, "attribution"), {}
    for at in comparing.asked_rows(state, rows):
        for place, column in enumerate(columns):
            asked = comparing.question(state, facts, rows[at], column, prefix)
            cells[at, place] = _cell(facts, rows[at], asked, state.attribution.within)
    return cells


def _cell(facts, row, asked, within):
    if asked is None:
        return Cell(failure=row.aim.why, is_late=row.waits)
    answer = facts.explanations.get(asked.key)
    if answer is None:
        return Cell(asked.key, is_late=True)
    found, failure = answer.value, answer.failure
    if found is None or found.heat is None:
        return Cell(asked.key, found, failure or FLAT)
    return Cell(asked.key, found, failure, own_limit(found, within))


def _ranged(cells, settings):
    """The cells with the ends of their ranges: symmetric, the largest of what shares one."""
    mode = settings.range
    if mode == "cell":
        return cells
    share = {"row": lambda at: at[0], "column": lambda at: at[1], "all": lambda at: None}[mode]
    limits = {}
    for at, cell in cells.items():
        limits[share(at)] = max(limits.get(share(at), 0.0), cell.limit)
    if mode == "all" and settings.limit is not None:
        limits = dict.fromkeys(limits, settings.limit)
    return {
        at: Cell(cell.key, cell.found, cell.failure, limits[share(at)], cell.is_late)
        for at, cell in cells.items()
    }


_beyond = WeakKeyDictionary()


def beyond(cells):
    """How many finite values lie beyond the ends of the cells' ranges, and of how many.

    Parameters
    ----------
    cells : sequence of Cell

    Returns
    -------
    (int, int)
        The second counts values that are not finite, too.
    """
    over = total = 0
    for cell in cells:
        heat = None if cell.found is None else cell.found.heat
        if heat is None:
            continue
        known = _beyond.get(cell.found)
        if known is None or known[0] != cell.limit:
            known = cell.limit, int(np.count_nonzero((np.abs(heat) > cell.limit) & ~np.isinf(heat)))
            _beyond[cell.found] = known
        over, total = over + known[1], total + heat.size
    return over, total


def beyond_words(cells):
    """The share of the cells' values beyond their ranges: ``'0.5 % beyond'``; empty: none."""
    over, total = beyond(cells)
    return f"{percent(over / total)} of the values beyond" if over else ""


def _head(facts, row):
    if row.layer is not None:
        lines = ((f"channel {row.channel}", "text"), (f"maximum {number(row.value, 4)}", "dim"))
        return Head(row.layer, lines)
    names, lines = facts.class_names, []
    label = -1 if facts.labels is None else int(facts.labels[row.sample])
    predicted = comparing.prediction_of(facts, row.sample)
    if label >= 0:
        lines.append((f"label {class_name(label, names)}", "text"))
    if predicted >= 0:
        look = "text" if label < 0 else "right" if predicted == label else "wrong"
        word = {"right": "right", "wrong": f"predicted {class_name(predicted, names)}, wrong"}
        lines.append((word.get(look, f"predicted {class_name(predicted, names)}"), look))
    if row.aim.target and not row.aim.words.endswith("as predicted"):
        lines.append((f"of {row.aim.words}", "dim"))
    return Head(str(facts.data.names[row.sample]), tuple(lines))


def _words(state, facts, rows, cells):
    """What the rows are, what is left out, and which values share a range."""
    if not rows:
        return ""
    settings, ranged = state.comparison, RANGE_WORDS[state.comparison.range]
    if settings.range != "all":
        return f"{_row_words(facts, rows)} · {ranged}"
    beyond = beyond_words(cells.values())
    if settings.limit is None:
        return " · ".join((_row_words(facts, rows), ", ".join(filter(None, (ranged, beyond)))))
    by_hand = ", ".join(filter(None, (f"{ranged} set by hand", beyond)))
    return f"{by_hand} · {_row_words(facts, rows)}"


def _row_words(facts, rows):
    """What the rows are, and what is left out."""
    if rows[0].layer is not None:
        return "the strongest channel of each layer, its mean explained"
    if facts.selected is None or not facts.selected.samples.any():
        first, last = rows[0].sample + 1, rows[-1].sample + 1
        return f"samples {first:,} to {last:,}, nothing selected"
    total = int(facts.selected.samples.sum())
    if total > len(rows):
        return f"the first {len(rows):,} of {total:,} selected"
    return f"{total:,} selected"


def _detail(rows, settings, facts):
    """For the title of the pane."""
    methods = len(settings.methods)
    said = f"{methods} method" if methods == 1 else f"{methods} methods"
    if rows and rows[0].layer is not None:
        return f"{said}, {len(rows):,} layers, sample {rows[0].sample + 1:,}"
    return f"{said}, {len(rows):,} sample" + ("s" if len(rows) != 1 else "")
