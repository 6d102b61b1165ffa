"""One measured figure, its goal, and the table and file they are reported in."""

import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Goal:
    """What is promised: ``value`` (or value / peer_value, when ``ratio``) ``relation`` a number."""

    relation: str
    ratio: float | None = None
    value: float | None = None

    def met(self, value, peer_value):
        """Whether a measured value keeps the promise."""
        measured = value if self.ratio is None else value / peer_value
        bound = self.value if self.ratio is None else self.ratio
        return measured <= bound if self.relation == "<=" else measured >= bound


@dataclass(frozen=True)
class Figure:
    """One row of the table: medians, with all runs; ``skipped`` is the reason, or None."""

    id: str
    what: str
    unit: str
    goal: Goal
    peer: str | None = None
    value: float | None = None
    peer_value: float | None = None
    runs: Sequence[float] = ()
    peer_runs: Sequence[float] = ()
    skipped: str | None = None

    def measured(self, runs, peer_runs=()):
        """This figure with the medians of ``runs`` and of the peer's runs."""
        peer_value = statistics.median(peer_runs) if peer_runs else None
        changes = {"value": statistics.median(runs), "peer_value": peer_value}
        changes |= {"runs": tuple(runs), "peer_runs": tuple(peer_runs)}
        return Figure(**{**self._fields(), **changes})

    def skip(self, reason):
        """This figure, not measured, with the reason."""
        return Figure(**{**self._fields(), "skipped": reason})

    @property
    def met(self):
        """Whether the goal is met; None when skipped."""
        return None if self.skipped else self.goal.met(self.value, self.peer_value)

    def as_json(self):
        """The entry of ``bench.json``."""
        fields = asdict(self) | {"met": None if self.met is None else bool(self.met)}
        fields["goal"] = {k: v for k, v in fields["goal"].items() if v is not None}
        return fields

    def _fields(self):
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def write_json(figures, path):
    """Write ``bench.json``: a list with one entry for each figure."""
    Path(path).write_text(json.dumps([figure.as_json() for figure in figures], indent=1) + "\n")


def print_table(figures):
    """Print the figures as a table."""
    from rich.console import Console
    from rich.table import Table

    table = Table("id", "value", "peer", "ratio", "goal", "met")
    for figure in figures:
        table.add_row(*table_row(figure))
    Console(width=120).print(table)


def table_row(figure):
    """The cells of one figure, as text."""
    bound = figure.goal.ratio if figure.goal.ratio is not None else figure.goal.value
    unit = "x peer" if figure.goal.ratio is not None else figure.unit
    goal = f"{figure.goal.relation} {bound:g} {unit}"
    if figure.skipped:
        return figure.id, "skipped", figure.skipped, "", goal, ""
    peer, ratio = "", ""
    if figure.peer_value is not None:
        peer = f"{figure.peer_value:.3g} {figure.unit}"
        ratio = f"{figure.value / figure.peer_value:.2f}"
    value = f"{figure.value:.3g} {figure.unit}"
    return figure.id, value, peer, ratio, goal, "yes" if figure.met else "NO"
