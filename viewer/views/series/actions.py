"""What a person can do with a series of gradients."""

from viewer.actions import Action, always
from viewer.state.series import CHECKS, DIFFERENCES, FASTEST, PICTURES, SLOWEST
from viewer.studio import comparing
from viewer.studio.series_choice import build_args

MENU = "Gradients"
UNFOLDING_WORDS = {
    "tiles": "Tiles, One for Each Input",
    "rows": "A Row for Each Input",
    "columns": "A Column for Each Input",
    "positions": "Tiles, One for Each Place of the Kernel",
}
DIFFERENCE_WORDS = {
    "none": "The Gradients Themselves",
    "reference": "Less the Reference Step",
    "before": "Each Less the Step Before",
}
PICTURE_WORDS = {"strongest": "Strongest Filter of Each Place", "filters": "A Row for Each Filter"}
CHECK_WORDS = {
    "none": "No Check",
    "largest": "The Largest Gradients",
    "random": "Random Weights",
    "chosen": "The Weight Picked",
}
RATES = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
EACH = (1, 2, 4, 8, 16)
MOST_ADDED = 64
"""So many samples of a selection are added as one step."""


def build(state, facts):
    """A series of the chosen classes, or of those suggested."""
    args = build_args(state, facts)
    return None if args is None else ("series.build", args)


def add_focused(state, facts):
    """One more step: the focused sample."""
    if not comparing.can_ask(facts):
        return None
    sample = min(state.focus.sample, facts.sample_count - 1)
    return "series.add", {"name": str(facts.data.names[sample]), "samples": [sample]}


def add_selection(state, facts):
    """One more step: the mean over what is selected."""
    if not comparing.can_ask(facts) or facts.selected is None or not facts.selected.samples.any():
        return None
    samples = [int(at) for at in facts.selected.samples.nonzero()[0]]
    some = samples[:MOST_ADDED]
    of = f"{len(some)} of {len(samples):,}" if len(some) < len(samples) else f"{len(some)}"
    return "series.add", {"name": f"{of} selected", "samples": some}


def stepped(by):
    """A wish for a step further on; after the last one the first."""

    def wish(state, facts):
        count = len(state.series.steps)
        return ("series.step", {"step": (state.series.step + by) % count}) if count else None

    return wish


def at_step(kind):
    """A wish that does something with the step that is shown."""

    def wish(state, facts):
        return (kind, {"step": state.series.step}) if state.series.steps else None

    return wish


def moved(by):
    """A wish to move the step that is shown."""

    def wish(state, facts):
        to = state.series.step + by
        if not 0 <= to < len(state.series.steps):
            return None
        return "series.move", {"step": state.series.step, "to": to}

    return wish


def clear(state, facts):
    """No series."""
    return ("series.clear", {}) if state.series.steps else None


def _rate(steps):
    def wish(state, facts):
        rate = state.series.rate
        beyond = [other for other in RATES if (other > rate if steps > 0 else other < rate)]
        if not beyond:
            return None
        wanted = beyond[0] if steps > 0 else beyond[-1]
        return "series.rate", {"rate": min(FASTEST, max(SLOWEST, wanted))}

    return wish


def _together(state, facts):
    return "series.together", {"together": not state.series.choice.together}


def _choices(name, values, words, submenu):
    """Actions for the values of one setting."""
    return tuple(
        Action(
            f"series.{name}.{value}", words[value], f"{MENU}/{submenu}", (),
            always(f"series.{name}", **{name: value}),
            checked=lambda state, value=value: getattr(state.series, name) == value,
        )
        for value in values
    )  # fmt: skip


ACTIONS = (
    Action("series.build", "Build a Series", MENU, ("Shift+G",), build),
    Action("series.step.next", "Next Step", MENU, ("J",), stepped(1)),
    Action("series.step.before", "Step Before", MENU, ("Shift+J",), stepped(-1)),
    Action("series.add.focused", "Add the Focused Sample", f"{MENU}/Steps", (), add_focused),
    Action("series.add.selection", "Add the Selection", f"{MENU}/Steps", (), add_selection),
    Action("series.step.reference", "Make It the Reference", f"{MENU}/Steps", (),
           at_step("series.reference")),
    Action("series.step.earlier", "Move Earlier", f"{MENU}/Steps", (), moved(-1)),
    Action("series.step.later", "Move Later", f"{MENU}/Steps", (), moved(1)),
    Action("series.step.remove", "Remove the Step", f"{MENU}/Steps", (),
           at_step("series.remove")),
    Action("series.clear", "Remove All Steps", f"{MENU}/Steps", (), clear),
    *(
        Action(f"series.each.{each}", f"{each} Right and {each} Wrong", f"{MENU}/Samples of Each",
               (), always("series.each", each=each),
               checked=lambda state, each=each: state.series.choice.each == each)
        for each in EACH
    ),
    Action("series.together", "Their Mean as One Step", f"{MENU}/Samples of Each", (), _together,
           checked=lambda state: state.series.choice.together),
    *_choices("difference", DIFFERENCES, DIFFERENCE_WORDS, "Difference"),
    *_choices("unfolding", UNFOLDING_WORDS, UNFOLDING_WORDS, "Unfold Weights as"),
    *_choices("picture", PICTURES, PICTURE_WORDS, "Small Pictures"),
    *_choices("check", CHECKS, CHECK_WORDS, "Finite Differences of"),
    Action("series.export", "Export Sizes of Steps (CSV)...", MENU, (), method="export_series"),
    Action("series.check.export", "Export the Check (CSV)...", MENU, (), method="export_check"),
    Action("series.rate.more", "Faster", f"{MENU}/Playing", (), _rate(1)),
    Action("series.rate.less", "Slower", f"{MENU}/Playing", (), _rate(-1)),
)  # fmt: skip
