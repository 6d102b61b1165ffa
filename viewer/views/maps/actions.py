"""What a person can do with the feature maps."""

from viewer.actions import Action, always
from viewer.state.maps import LARGEST, SMALLEST
from viewer.studio.ordering import order_of

MENU = "Feature Maps"
SET_WORDS = {"sample": "Of the Sample", "mean": "Mean over the Selection"}
RANGE_WORDS = {"channel": "Each Map", "layer": "Each Layer", "common": "All Layers"}
OVER_WORDS = {"study": "Over the Study", "sample": "Of What Is Shown"}
STEP = 1.25


def _has_maps(facts):
    return facts.network is not None and facts.data is not None


def _sized(factor):
    """A wish for larger or smaller maps."""

    def wish(state, facts):
        size = min(LARGEST, max(SMALLEST, state.maps_camera.size * factor))
        return ("maps.look", {"size": size}) if size != state.maps_camera.size else None

    return wish


def _scrolled(steps):
    """A wish to have the heading of the next layer on top, or of the one before."""

    def wish(state, facts):
        if not _has_maps(facts):
            return None
        place = state.maps_camera.place
        if steps > 0:
            wanted = int(place) + 1.0
        else:
            wanted = float(int(place)) if place > int(place) else place - 1.0
        last = float(len(facts.network.layers))
        wanted = min(max(wanted, 0.0), last)
        return ("maps.look", {"place": wanted}) if wanted != place else None

    return wish


def _bottom(state, facts):
    return ("maps.look", {"place": len(facts.network.layers) + 1.0}) if _has_maps(facts) else None


def _channel(steps):
    """A wish for the next channel of the active layer, in the order in force."""

    def wish(state, facts):
        focus = state.focus
        if facts.network is None or focus.layer is None:
            return None
        layer = next((one for one in facts.network.layers if one.name == focus.layer), None)
        if layer is None:
            return None
        order = order_of(state, facts, focus.layer)
        channels = range(layer.output_shape[0]) if order is None else order.channels.tolist()
        place = 0 if steps > 0 else len(channels) - 1
        if focus.channel is not None and focus.channel in channels:
            place = channels.index(focus.channel) + steps
        if not 0 <= place < len(channels):
            return None
        return "focus.channel", {"layer": focus.layer, "channel": channels[place]}

    return wish


def _fold_active(state, facts):
    layer = state.focus.layer
    if layer is None:
        return None
    return "maps.fold", {"layers": [layer], "folded": layer not in state.maps.folded}


def _fold_all(folded):
    def wish(state, facts):
        if not _has_maps(facts):
            return None
        names = ["input", *(layer.name for layer in facts.network.layers)]
        return "maps.fold", {"layers": names, "folded": folded}

    return wish


def _dead(state, facts):
    return "maps.dead", {"hidden": not state.maps.hides_dead}


def _choice(name, words, submenu):
    """Actions for the values of one setting."""
    return tuple(
        Action(
            f"maps.{name}.{value}", word, f"{MENU}/{submenu}", (),
            always(f"maps.{name}", **{name: value}),
            checked=lambda state, value=value: getattr(state.maps, name) == value,
        )
        for value, word in words.items()
    )  # fmt: skip


ACTIONS = (
    *_choice("set", SET_WORDS, "Show"),
    *_choice("range", RANGE_WORDS, "Value Range"),
    *_choice("over", OVER_WORDS, "Value Range"),
    Action(
        "maps.dead", "Hide Dead Channels", MENU, (), _dead,
        checked=lambda state: state.maps.hides_dead,
    ),
    Action("maps.fold", "Fold the Active Layer", MENU, (), _fold_active),
    Action("maps.fold.all", "Fold All Layers", MENU, (), _fold_all(True)),
    Action("maps.unfold.all", "Unfold All Layers", MENU, (), _fold_all(False)),
    Action("maps.channel.next", "Next Channel", MENU, ("Ctrl+]",), _channel(1)),
    Action("maps.channel.previous", "Previous Channel", MENU, ("Ctrl+[",), _channel(-1)),
    Action("maps.larger", "Larger Maps", MENU, ("Ctrl+Alt+=", "Ctrl+Alt++"), _sized(STEP)),
    Action("maps.smaller", "Smaller Maps", MENU, ("Ctrl+Alt+-",), _sized(1 / STEP)),
    Action("maps.usual", "Usual Size and Place", MENU, ("Ctrl+Alt+Home",), always("maps.reset")),
    Action("maps.largest", "One Map at a Time", MENU, (), always("maps.look", size=LARGEST)),
    Action("maps.down", "Scroll to the Next Layer", MENU, ("Ctrl+PgDown",), _scrolled(1)),
    Action("maps.up", "Scroll to the Layer Before", MENU, ("Ctrl+PgUp",), _scrolled(-1)),
    Action("maps.top", "Scroll to the Top", MENU, ("Ctrl+Home",), always("maps.look", place=0.0)),
    Action("maps.bottom", "Scroll to the End", MENU, ("Ctrl+End",), _bottom),
)  # fmt: skip
