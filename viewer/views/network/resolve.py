"""State and facts to what the network view shows; no Qt, no GL."""

from dataclasses import dataclass

from viewer.state.network import NetworkCamera, NetworkSettings
from viewer.studio.facts import EMPTY, FAILED, OPENING, StudySummary
from viewer.studio.weighing import Overview, overview_of
from viewer.views.network.colouring import dead_channels
from viewer.views.network.find import matches

NO_SUMMARY = StudySummary()
NO_OVERVIEW = Overview()


@dataclass(frozen=True, eq=False)
class NetworkWish:
    """What the network view shows.

    Attributes
    ----------
    message : str
        Instead of a graph: why there is none; empty otherwise.
    layers : tuple of engine Layer
    settings : NetworkSettings
    camera : NetworkCamera
    focus : str or None
        The focused layer, where the network has it.
    hovered : str or None
        The layer that the pointer is over, here or in another view.
    found : tuple of int or None
        Layers that the search finds, in order of depth; None: nothing is searched for.
    summary : StudySummary
    input_shape : tuple of int
    overview : viewer.studio.weighing.Overview
        Of the filters' importance, where it colours the blocks.
    """

    message: str = ""
    layers: tuple = ()
    settings: NetworkSettings = NetworkSettings()
    camera: NetworkCamera = NetworkCamera()
    focus: str | None = None
    hovered: str | None = None
    found: tuple | None = None
    summary: StudySummary = NO_SUMMARY
    input_shape: tuple = ()
    overview: Overview = NO_OVERVIEW

    def same_graph_as(self, other):
        """Whether it would give the same blocks at the same places."""
        return self.layers is other.layers and self.graph_settings == other.graph_settings

    @property
    def graph_settings(self):
        """Arguments of `viewer.views.network.build.graph_of` beside the layers."""
        return self.settings.folding, self.settings.exceptions, self.settings.orientation

    def same_as(self, other):
        """Whether it would give the same picture."""
        return (
            self.same_graph_as(other)
            and self.summary is other.summary
            and self.overview == other.overview
            and (self.message, self.settings, self.camera, self.focus, self.hovered)
            == (other.message, other.settings, other.camera, other.focus, other.hovered)
        )


@dataclass(frozen=True)
class FactsWish:
    """The lines below the graph.

    Attributes
    ----------
    details : tuple of (str, str)
        Names and values, of the focused layer or of the network.
    keep : str
        Layer that can be kept in full at a button; empty: none.
    """

    details: tuple = ()
    keep: str = ""


def message(facts):
    """Why there is no graph; empty when there is one."""
    return {
        EMPTY: "No network yet.",
        OPENING: "Reading the network ...",
        FAILED: "The network could not be opened.",
    }.get(facts.phase, "")


def resolve(state, hovered, facts):
    """The graph for a state and what exists."""
    if words := message(facts):
        return NetworkWish(words)
    network, settings = facts.network, state.network
    names = {layer.name for layer in network.layers}
    return NetworkWish(
        layers=network.layers,
        settings=settings,
        camera=state.network_camera,
        focus=state.focus.layer if state.focus.layer in names else None,
        hovered=hovered.layer if hovered is not None and hovered.layer in names else None,
        found=matches(network.layers, settings.find) if settings.find.strip() else None,
        summary=facts.summary,
        input_shape=tuple(network.input_shape),
        overview=overview_of(state, facts) if settings.colour_by == "importance" else NO_OVERVIEW,
    )


def resolve_facts(state, facts):
    """The lines below the graph: of the focused layer, else of the network."""
    if message(facts):
        return FactsWish()
    layer = next((each for each in facts.network.layers if each.name == state.focus.layer), None)
    if layer is None:
        return FactsWish(network_details(facts))
    return FactsWish(layer_details(layer, facts), to_keep(layer, facts))


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
    numbers = facts.summary.layers.get(layer.name)
    details = [
        ("layer", layer.name),
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
    if numbers is not None:
        dead = dead_channels(layer, numbers)
        details.append(("mean", f"{numbers.mean:.4g}"))
        details.append(("dead channels", f"{dead:,} of {numbers.channels:,}"))
    if layer.name in facts.in_full:
        details.append(("kept", f"in full: {facts.in_full[layer.name].name}"))
    elif layer.name in facts.summary.kept:
        details.append(("kept", f"{facts.summary.kept[layer.name]} a sample"))
    details += tensors(layer)
    return tuple((name, value) for name, value in details if value)


def tensors(layer):
    """The raw tensors of a layer, by what they are."""
    if layer.pre == layer.post:
        sides = [("output tensor", layer.post)]
    else:
        sides = [("before activation", layer.pre), ("after activation", layer.post)]
    rest = [name for name in layer.raw if name not in (layer.pre, layer.post)]
    return [*sides, ("other tensors", ", ".join(rest))]


def to_keep(layer, facts):
    """The layer's name when more than was kept of it could be kept; else empty."""
    kept = layer.name in facts.summary.whole or layer.name in facts.in_full
    known = layer.name in facts.summary.kept
    return layer.name if known and not kept and facts.recording is None else ""


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
    """A receptive field in words."""
    if field is None:
        return ""
    if field.status == "whole input":
        return "the whole input"
    rows, columns = field.size
    steps = tuple(float(step) for step in field.stride)
    return f"{rows} × {columns} px, {field.status}, every {steps[0]:g} × {steps[1]:g} px"
