"""State and facts to the rows of the layer list; no Qt, no GL."""

from dataclasses import dataclass

from viewer.studio.facts import EMPTY, FAILED, OPENING


@dataclass(frozen=True)
class LayerRow:
    """One layer as a person reads it.

    Attributes
    ----------
    name, kind : str
    shape : str
        ``'64 × 28 × 28'``: channels, rows, columns.
    field : str
        Receptive field in pixels of the network's input: ``'15 × 15'``.
    tip : str
        Everything else, several lines.
    """

    name: str
    kind: str
    shape: str
    field: str
    tip: str


@dataclass(frozen=True)
class NetworkWish:
    """What the list shows.

    Attributes
    ----------
    message : str
        Instead of rows: why there are none; empty otherwise.
    rows : tuple of LayerRow
    active : int or None
        Row of the focused layer.
    """

    message: str
    rows: tuple = ()
    active: int | None = None


def resolve(state, facts):
    """The list for a state and what exists."""
    if facts.phase == EMPTY:
        return NetworkWish("No network yet.")
    if facts.phase == OPENING:
        return NetworkWish("Reading the network ...")
    if facts.phase == FAILED:
        return NetworkWish("The network could not be opened.")
    rows = rows_of(facts.network)
    names = [row.name for row in rows]
    active = names.index(state.focus.layer) if state.focus.layer in names else None
    return NetworkWish("", rows, active)


_rows = {}


def rows_of(network):
    """The rows of a network, in order of depth; made once for each network."""
    key = id(network)
    if _rows.get("of") != key:
        _rows.update(of=key, rows=tuple(row_of(layer) for layer in network.layers), keep=network)
    return _rows["rows"]


def row_of(layer):
    """The row of one layer."""
    facts = [
        ("operators", ", ".join(dict.fromkeys(layer.op_types))),
        ("parameters", f"{layer.params:,}"),
        ("multiply-adds", f"{layer.macs:,}"),
        ("receptive field", field_sentence(layer.receptive_field)),
        ("layout in the file", layer.file_layout),
        ("from", ", ".join(layer.sources) or "nothing"),
    ]
    tip = "\n".join([layer.name, *(f"{name}: {value}" for name, value in facts if value)])
    return LayerRow(
        layer.name, layer.kind, by(layer.output_shape), field_text(layer.receptive_field), tip
    )


def by(numbers):
    """``(64, 28, 28)`` as ``'64 × 28 × 28'``."""
    return " × ".join(str(number) for number in numbers)


def field_text(field):
    """A receptive field in few characters: ``'15'``, ``'15 × 7'``, ``'≤ 15'``, or in words."""
    if field is None:
        return ""
    if field.status == "whole input":
        return "whole input"
    rows, columns = field.size
    text = str(rows) if rows == columns else by((rows, columns))
    return f"≤ {text}" if field.status == "upper bound" else text


def field_sentence(field):
    """A receptive field in words, for the tip."""
    if field is None:
        return ""
    if field.status == "whole input":
        return "the whole input"
    rows, columns = field.size
    steps = tuple(float(step) for step in field.stride)
    return f"{rows} × {columns} px, {field.status}, every {steps[0]:g} × {steps[1]:g} px"
