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
    details : tuple of (str, str)
        Names and values, of the focused layer or of the network.
    keep : str
        Layer that can be kept in full at a button; empty: none.
    """

    message: str
    rows: tuple = ()
    active: int | None = None
    details: tuple = ()
    keep: str = ""


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
    if state.focus.layer not in names:
        return NetworkWish("", rows, None, network_details(facts))
    active = names.index(state.focus.layer)
    layer = facts.network.layers[active]
    return NetworkWish("", rows, active, layer_details(layer, facts), to_keep(layer, facts))


def network_details(facts):
    """What is to be known of the network."""
    network = facts.network
    params = sum(layer.params for layer in network.layers)
    macs = sum(layer.macs for layer in network.layers)
    shape = by(side for side in network.input_shape)
    details = [
        ("input", f"{network.image_input}  {shape} {network.input_dtype}"),
        ("opset", f"{network.opset}, {network.producer}" if network.producer else network.opset),
        ("nodes", f"{network.nodes:,} in {len(network.layers):,} layers"),
        ("parameters", f"{params:,}"),
        ("multiply-adds", f"{macs:,} a sample"),
        ("scores", network.scores_reason),
    ]
    difference = getattr(facts.extraction.report, "difference_from_plain", None)
    if difference is not None:
        details.append(("exactness", f"outputs differ from the file's by {difference:.2g}"))
    accuracy = getattr(facts.extraction.report, "accuracy", None)
    if accuracy is not None:
        details.append(("accuracy", f"{accuracy:.3f}"))
    notes = (*facts.notes, *getattr(facts.extraction.report, "notes", ()))
    details += [("note", note) for note in dict.fromkeys(notes)]
    return tuple((name, str(value)) for name, value in details if value)


def layer_details(layer, facts):
    """What is to be known of a layer."""
    details = [
        ("kind", f"{layer.kind}: {', '.join(dict.fromkeys(layer.op_types))}"),
        ("output", f"{by(layer.output_shape)}, {layer.file_layout} in the file"),
        ("field", field_sentence(layer.receptive_field)),
        ("parameters", f"{layer.params:,}" if layer.params else ""),
        ("multiply-adds", f"{layer.macs:,}" if layer.macs else ""),
        ("from", ", ".join(layer.sources)),
    ]
    if layer.name in facts.summary.ranges:
        low, high = facts.summary.ranges[layer.name]
        details.append(("range", f"{low:.4g} to {high:.4g} over {facts.summary.samples:,} samples"))
    if layer.name in facts.in_full:
        details.append(("kept", f"in full: {facts.in_full[layer.name].name}"))
    elif layer.name in facts.summary.kept:
        details.append(("kept", f"{facts.summary.kept[layer.name]} a sample"))
    return tuple((name, value) for name, value in details if value)


def to_keep(layer, facts):
    """The layer's name when more than was kept of it could be kept; else empty."""
    kept = layer.name in facts.summary.whole or layer.name in facts.in_full
    known = layer.name in facts.summary.kept
    return layer.name if known and not kept and facts.recording is None else ""


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
