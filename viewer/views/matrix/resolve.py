"""State and facts to what the matrix shows; no Qt, no GL."""

from dataclasses import dataclass, field

from viewer.state.focus import Focus
from viewer.state.matrix import MatrixCamera, MatrixSettings
from viewer.state.points import PointSettings
from viewer.studio import ordering, weighing
from viewer.studio.facts import OPENING
from viewer.studio.ordering import NO_ORDERS
from viewer.views.layer_choice import choices_of
from viewer.views.shades import limits_of
from viewer.visuals.legend import number

NO_LAYER = "No layer is active."


@dataclass(frozen=True, eq=False)
class MatrixWish:
    """What the matrix shows.

    Attributes
    ----------
    message : str
        Instead of the matrix.
    choices : tuple of (str, str)
        Layers to click while none is active: name and shape.
    points : engine Points or None
        Of the active layer: the rows.
    others : engine Points or None
        Of the layer that the columns come from; None: the same.
    network : engine Network or None
        Where receptive fields come from, for two layers.
    settings : MatrixSettings
    drawn : PointSettings
    camera : MatrixCamera
    focus : Focus
    selected : Selected or None
    orders : Orders
        Of the layers of rows and columns.
    importance : dict of str to viewer.studio.weighed.Weighed
        Of the layers that stand in the order of their filters' importance: drawn along the axes.
    table : PairTable or None
        The statistic of the overview.
    words : tuple of str
        What is shown and what is left out, for the footer.
    detail : str
    late : bool
        Something that the state asks for is still being made.
    """

    message: str = ""
    choices: tuple = ()
    points: object = None
    others: object = None
    network: object = None
    settings: MatrixSettings = MatrixSettings()
    drawn: PointSettings = PointSettings()
    camera: MatrixCamera = field(default_factory=MatrixCamera)
    focus: Focus = Focus()
    selected: object = None
    orders: object = NO_ORDERS
    importance: dict = field(default_factory=dict)
    table: object = None
    words: tuple = ()
    detail: str = ""
    late: bool = False


def resolve(state, facts):
    """The matrix for a state and what exists."""
    wish = {
        "settings": state.matrix,
        "drawn": state.points,
        "camera": state.matrix_camera,
        "focus": state.focus,
    }
    if facts.lack is not None:
        return MatrixWish(message=facts.lack, late=facts.phase == OPENING, **wish)
    layer, other = state.focus.layer, columns_from(state)
    if layer is None:
        return MatrixWish(message=NO_LAYER, choices=choices_of(facts), **wish)
    points = facts.points.get(layer)
    others = facts.points.get(other) if other is not None else None
    if points is None or (other is not None and others is None):
        missing = layer if points is None else other
        message = facts.points_words or f"The points of {missing} are not there yet."
        return MatrixWish(message=message, late=is_late(facts), **wish)
    layers = [name for name in (layer, other) if name is not None]
    table = facts.pairs.get(key_of(points, others, state.matrix.statistic))
    importance = importance_of(state, facts, layers)
    said = filter(None, [ordering.badge(state, facts, layer), importance_words(importance)])
    return MatrixWish(
        points=points,
        others=others,
        network=facts.network,
        selected=facts.selected,
        orders=ordering.orders_of(state, facts, layers),
        importance=importance,
        table=table,
        words=(*words_of(points, others), *said),
        detail=detail_of(points, others) + ordering.beside(state, facts, layer),
        late=is_late(facts) or any(ordering.waits(state, facts, name) for name in layers),
        **wish,
    )


def importance_of(state, facts, layers):
    """What is known of layers that stand in the order of importance, by name."""
    ordered = [name for name in layers if state.orders.of(name).method == "importance"]
    found = {name: weighing.weighed_of(state, facts, name) for name in ordered}
    return {name: each for name, each in found.items() if each is not None}


def importance_words(importance):
    """What the colours along the axes mean; empty without."""
    if not importance:
        return ""
    first = next(iter(importance.values()))
    low, high = limits_of(first.values)
    return f"along the axes: importance, {number(low)} to {number(high)}, {first.over}"


def columns_from(state):
    """The layer of the columns where it is another one than the rows', else None."""
    other = state.matrix.columns_from
    return None if other == state.focus.layer else other


def is_late(facts):
    """Whether the selection is still being worked out; all else is a job of the studio's."""
    return facts.selected is not None and facts.selected.running


def key_of(points, others, statistic):
    """Under which a statistic of pairs stands in the facts."""
    return points.key, "" if others is None else others.key, statistic


def words_of(points, others):
    """Values that no cell can show."""
    lost = int(points.columns.not_finite.sum())
    if others is not None:
        lost += int(others.columns.not_finite.sum())
    return (f"{lost:,} values not finite",) if lost else ()


def detail_of(points, others):
    """For the title of the pane."""
    layer, count = points.columns.layer, points.channels
    if others is not None:
        other = others.columns.layer
        return f"{layer} by {other}, {count:,} × {others.channels:,} channels"
    channels = "1 channel" if count == 1 else f"{count:,} channels"
    return f"{layer}, {channels}, {points.count:,} points"
