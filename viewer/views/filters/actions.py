"""What a person can do with the Top filters."""

from viewer.actions import Action, always
from viewer.state.filters import MOST_LAYERS, USUAL_SHARE, FilterSettings

MENU = "Top Filters"
METHOD_WORDS = {
    "deconvnet": "DeconvNet",
    "guided": "Guided Backpropagation",
    "gradient": "Gradient",
}
COLOUR_WORDS = {"own": "A Colour for Each Filter", "signed": "Signed Values"}
SQUARE_WORDS = {"filled": "Filled", "outlined": "Outlined", "none": "None"}
SHARES = (1.0, USUAL_SHARE, 0.95, 0.9, 0.8, 0.5)
OPACITIES = (0.0, 0.25, 0.5, 0.75, 1.0)


def _keep(state, facts):
    """Keep the active layer in the view, or let it go."""
    layers, active = state.filters.layers, state.focus.layer
    if active is None:
        return None
    if active in layers:
        return "filters.layers", {"layers": [name for name in layers if name != active]}
    if len(layers) >= MOST_LAYERS:
        return None
    return "filters.layers", {"layers": [*layers, active]}


def _only_active(state, facts):
    return ("filters.layers", {"layers": []}) if state.filters.layers else None


def _moved(by):
    """A wish: the range further along the order, or back."""

    def wish(state, facts):
        first = max(0, state.filters.first + by)
        wide = state.filters.last - state.filters.first
        args = {"first": first, "last": first + wide}
        return ("filters.range", args) if first != state.filters.first else None

    return wish


def _grown(by):
    """A wish: one filter more, or less."""

    def wish(state, facts):
        last = max(state.filters.first, state.filters.last + by)
        args = {"first": state.filters.first, "last": last}
        return ("filters.range", args) if last != state.filters.last else None

    return wish


def _choice(name, words, submenu):
    """Actions for the values of one setting."""
    return tuple(
        Action(
            f"filters.{name}.{value}", word, f"{MENU}/{submenu}", (),
            always(f"filters.{name}", **{name: value}),
            checked=lambda state, value=value: getattr(state.filters, name) == value,
        )
        for value, word in words.items()
    )  # fmt: skip


_USUAL = FilterSettings()

ACTIONS = (
    *_choice("method", METHOD_WORDS, "Method"),
    *_choice("colour", COLOUR_WORDS, "Colour"),
    *_choice("squares", SQUARE_WORDS, "Squares"),
    *(
        Action(
            f"filters.share.{share}", f"From {share:g} of the Maximum", f"{MENU}/Units", (),
            always("filters.share", share=share),
            checked=lambda state, share=share: state.filters.share == share,
        )
        for share in SHARES
    ),
    *(
        Action(
            f"filters.background.{opacity}", f"{opacity:.0%}", f"{MENU}/Picture Behind", (),
            always("filters.background", opacity=opacity),
            checked=lambda state, opacity=opacity: state.filters.background == opacity,
        )
        for opacity in OPACITIES
    ),
    Action(
        "filters.keep", "Keep the Active Layer", MENU, (), _keep,
        checked=lambda state: state.focus.layer in state.filters.layers,
    ),
    Action("filters.only", "Only the Active Layer", MENU, (), _only_active),
    Action("filters.fit", "The Whole Picture", MENU, (), always("filters.fit")),
    Action("filters.next", "Next Filters", MENU, (), _moved(1)),
    Action("filters.previous", "Filters Before", MENU, (), _moved(-1)),
    Action("filters.more", "One Filter More", MENU, (), _grown(1)),
    Action("filters.fewer", "One Filter Less", MENU, (), _grown(-1)),
    Action(
        "filters.usual", "The Strongest Filters", MENU, (),
        always("filters.range", first=_USUAL.first, last=_USUAL.last),
    ),
)  # fmt: skip
