"""What a person can do with importance and ablation."""

import numpy as np

from viewer.actions import Action, always
from viewer.state.importance import PARTS
from viewer.studio import weighing
from viewer.studio.predictions import predicted_class
from viewer.studio.weighed import least_important

MENU = "Importance"
MEASURE_WORDS = {
    "gradient": "Weight Gradient",
    "activation-mean": "Mean Activation",
    "activation-max": "Largest Activation",
    "gradient-x-activation": "Gradient × Activation",
}
NORM_WORDS = {"l1": "L1", "l2": "L2", "max": "Maximum"}
WAY_WORDS = {"zero": "Zero", "mean": "Its Mean"}
PART_WORDS = {
    "grid": "Grid of Filters",
    "bars": "Bars",
    "curve": "Curve of Removed Filters",
    "scores": "Scores of the Sample",
    "rates": "Error Rates",
    "table": "Table of All Layers",
}
SHARES = (5, 10, 25, 50, 75)
COLUMNS = {None: "As near to Square as Possible", 8: "8", 16: "16", 32: "32"}


def _part(part):
    """A wish: show a part, or not."""

    def wish(state, facts):
        shown = part not in state.importance.shown
        return "importance.part", {"part": part, "shown": shown}

    return wish


def _choice(name, words, submenu):
    """Actions for the values of one setting."""
    return tuple(
        Action(
            f"importance.{name}.{value}", word, f"{MENU}/{submenu}", (),
            always(f"importance.{name}", **{name: value}),
            checked=lambda state, value=value: getattr(state.importance, name) == value,
        )
        for value, word in words.items()
    )  # fmt: skip


def switch_focused(state, facts):
    """A wish: the focused filter off, or on again."""
    layer, channel = state.focus.layer, state.focus.channel
    if channel is None or weighing.layer_of(state, facts) is None:
        return None
    off = channel not in state.importance.off_of(layer)
    return "importance.switch", {"layer": layer, "channel": channel, "off": off}


def _is_off(state):
    return state.focus.channel in state.importance.off_of(state.focus.layer)


def extreme(percent, most=False):
    """A wish: the least important share of the active layer's filters off, or the most."""

    def wish(state, facts):
        layer = weighing.layer_of(state, facts)
        found = None if layer is None else weighing.weighed_of(state, facts, layer.name)
        if found is None:
            return None
        count = max(1, int(round(len(found.values) * percent / 100)))
        chosen = least_important(found.values, count)
        if most:
            chosen = sorted(np.argsort(found.ranks)[:count].tolist())
        if tuple(chosen) == state.importance.off_of(layer.name):
            return None
        return "importance.off", {"layer": layer.name, "channels": chosen}

    return wish


def all_on(state, facts):
    """A wish: all filters of all layers on again."""
    return ("importance.on", {}) if state.importance.off else None


def _of_label(state, facts):
    """A wish: for the class of the focused sample's label."""
    answer = facts.answer
    if facts.labels is None or answer is None:
        return None
    return _for_class(state, int(facts.labels[answer.question.sample]))


def _of_prediction(state, facts):
    """A wish: for the class predicted for the focused sample."""
    answer = facts.answer
    if answer is None or facts.network is None:
        return None
    return _for_class(state, predicted_class(facts.network, answer.scores))


def _for_class(state, of_class):
    if of_class < 0 or of_class == state.importance.of_class:
        return None
    return "importance.class", {"of_class": of_class}


ACTIONS = (
    Action("importance.filter.switch", "Switch the Focused Filter Off", MENU, (), switch_focused,
           checked=_is_off),
    *(
        Action(f"importance.least.{share}", f"The Least {share} %", f"{MENU}/Switch Off", (),
               extreme(share))
        for share in SHARES
    ),
    Action("importance.most.one", "The Most Important One", f"{MENU}/Switch Off", (),
           extreme(0, most=True)),
    Action("importance.most.10", "The Most Important 10 %", f"{MENU}/Switch Off", (),
           extreme(10, most=True)),
    Action("importance.all.on", "All Filters On Again", MENU, (), all_on),
    *_choice("by", WAY_WORDS, "In Place of a Filter"),
    *_choice("measure", MEASURE_WORDS, "Measure"),
    *_choice("norm", NORM_WORDS, "Norm"),
    Action("importance.class.own", "Each Own Label", f"{MENU}/Class", (),
           always("importance.class", of_class=None),
           checked=lambda state: state.importance.of_class is None),
    Action("importance.class.label", "The Label of This Sample", f"{MENU}/Class", (), _of_label),
    Action("importance.class.predicted", "The Class Predicted for This Sample", f"{MENU}/Class",
           (), _of_prediction),
    *(
        Action(f"importance.part.{part}", PART_WORDS[part], f"{MENU}/Show", (), _part(part),
               checked=lambda state, part=part: part in state.importance.shown)
        for part in PARTS
    ),
    *(
        Action(f"importance.columns.{columns}", word, f"{MENU}/Columns", (),
               always("importance.columns", columns=columns),
               checked=lambda state, columns=columns: state.importance.columns == columns)
        for columns, word in COLUMNS.items()
    ),
    Action("importance.bars.rank", "Bars by Importance", MENU, (),
           lambda state, facts: ("importance.bars", {"by_rank": not state.importance.by_rank}),
           checked=lambda state: state.importance.by_rank),
    Action("importance.usual", "All Bars, First Rows", MENU, (), always("importance.reset")),
    Action("importance.export.filters", "Export Importance (CSV)...", MENU, (),
           method="export_importance"),
    Action("importance.export.rates", "Export Error Rates (CSV)...", MENU, (),
           method="export_rates"),
    Action("importance.export.curve", "Export the Curve (CSV)...", MENU, (),
           method="export_curve"),
)  # fmt: skip
