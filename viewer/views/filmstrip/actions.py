"""What a person can do with the selection, and with the samples as a list."""

from viewer.actions import Action, always
from viewer.state.sample import LISTED
from viewer.views.filmstrip.resolve import listed

MENU = "Selection"
LISTED_WORDS = {
    "all": "List All Samples",
    "selected": "List the Selection",
    "wrong": "List Wrong Predictions",
}


def _focused(state, facts):
    return min(state.focus.sample, facts.sample_count - 1)


def _brush(mode, region):
    """A wish to brush the region that ``region(state, facts)`` gives, or None."""

    def wish(state, facts):
        found = region(state, facts) if facts.sample_count else None
        return None if found is None else ("select.brush", {"mode": mode, "region": found})

    return wish


def _label(state, facts):
    """The class that the focused sample is of."""
    return _class_region("class", facts.labels, _focused(state, facts))


def _predicted(state, facts):
    """The class that the focused sample is predicted to be of."""
    return _class_region("predicted", facts.summary.predicted, _focused(state, facts))


def _class_region(kind, classes, sample):
    if classes is None or sample >= len(classes) or classes[sample] < 0:
        return None
    return {"kind": kind, "items": [int(classes[sample])]}


def _sample(state, facts):
    return {"kind": "samples", "items": [_focused(state, facts)]}


def _wrong(state, facts):
    """The samples whose prediction is known and is not their label."""
    found = listed("wrong", facts.sample_count, None, facts)
    return {"kind": "samples", "items": found.tolist()} if len(found) else None


def _something(kind):
    return lambda state, facts: (kind, {}) if state.selection else None


def _with_data(kind):
    return lambda state, facts: (kind, {}) if facts.sample_count else None


def shows_means(state):
    """Whether stack, feature maps and sample show means."""
    return {state.stack.set, state.maps.set, state.sample.set} == {"mean"}


def _means(state, facts):
    return "select.means", {"shown": not shows_means(state)}


ACTIONS = (
    Action("select.class", "This Class", MENU, ("K",), _brush("replace", _label)),
    Action("select.add_class", "Add This Class", MENU, ("Shift+K",), _brush("add", _label)),
    Action("select.predicted", "This Predicted Class", MENU, (), _brush("replace", _predicted)),
    Action("select.wrong", "Wrong Predictions", MENU, (), _brush("replace", _wrong)),
    Action("select.sample", "Add This Sample", MENU, ("X",), _brush("add", _sample)),
    Action("select.drop", "Take This Sample Out", MENU, ("Shift+X",), _brush("subtract", _sample)),
    Action("select.every", "All Samples", MENU, ("Ctrl+A",), _with_data("select.all")),
    Action("select.inverse", "Invert", MENU, ("Ctrl+Shift+I",), _with_data("select.invert")),
    Action("select.nothing", "Nothing", MENU, ("Ctrl+Shift+A",), _something("select.clear")),
    Action("select.show.means", "Show Its Mean Everywhere", MENU, ("Ctrl+M",), _means,
           checked=shows_means),
    Action("select.named.save", "Save Selection As...", MENU, (), method="save_selection"),
    Action("select.export.table", "As CSV...", f"{MENU}/Export", (),
           method="export_selection_table"),
    Action("select.export.images", "As Folder of Images...", f"{MENU}/Export", (),
           method="export_selection_images"),
    Action("select.export.python", "Copy as Python", f"{MENU}/Export", (),
           method="copy_selection_python"),
    *(
        Action(
            f"film.{which}", LISTED_WORDS[which], "Sample/List", (),
            always("film.listed", listed=which),
            checked=lambda state, which=which: state.film.listed == which,
        )
        for which in LISTED
    ),
)  # fmt: skip
