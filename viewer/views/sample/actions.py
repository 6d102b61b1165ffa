"""What a person can do with the focused sample, and with the samples as a list."""

from viewer.actions import Action, always
from viewer.state.sample import LISTED


def _step(steps):
    """A wish for the sample some steps on, within what there is."""

    def wish(state, facts):
        return _go(state, facts, min(state.focus.sample, facts.sample_count - 1) + steps)

    return wish


def _go(state, facts, sample):
    wanted = min(facts.sample_count - 1, max(0, sample))
    return ("focus.sample", {"sample": wanted}) if wanted not in (-1, state.focus.sample) else None


def _first(state, facts):
    return _go(state, facts, 0)


def _last(state, facts):
    return _go(state, facts, facts.sample_count - 1)


def _next_wrong(steps):
    """A wish for the next sample whose prediction is not its label."""

    def wish(state, facts):
        labels, predicted = facts.labels, facts.summary.predicted
        if labels is None or predicted is None:
            return None
        sample = state.focus.sample + steps
        while 0 <= sample < min(len(labels), len(predicted)):
            if predicted[sample] >= 0 <= labels[sample] != predicted[sample]:
                return "focus.sample", {"sample": sample}
            sample += steps
        return None

    return wish


def _zoomed(factor):
    def wish(state, facts):
        zoom = min(64.0, max(1.0, state.sample_camera.zoom * factor))
        return ("sample.move", {"zoom": zoom}) if zoom != state.sample_camera.zoom else None

    return wish


def _brush_class(mode):
    def wish(state, facts):
        if facts.labels is None or state.focus.sample >= len(facts.labels):
            return None
        label = int(facts.labels[state.focus.sample])
        region = {"kind": "class", "items": [label]}
        return ("select.brush", {"mode": mode, "region": region}) if label >= 0 else None

    return wish


def _brush_sample(mode):
    def wish(state, facts):
        if not facts.sample_count:
            return None
        region = {"kind": "samples", "items": [min(state.focus.sample, facts.sample_count - 1)]}
        return "select.brush", {"mode": mode, "region": region}

    return wish


def _clear(state, facts):
    return ("select.clear", {}) if state.selection else None


def _other_picture(state, facts):
    return "sample.shows", {"shows": "file" if state.sample.shows == "network" else "network"}


LISTED_WORDS = {
    "all": "List All Samples",
    "selected": "List the Selection",
    "wrong": "List Wrong Predictions",
}

ACTIONS = (
    Action("sample.next", "Next", "Sample", ("Right",), _step(1)),
    Action("sample.previous", "Previous", "Sample", ("Left",), _step(-1)),
    Action("sample.ten_on", "Ten On", "Sample", ("Shift+Right", "PgDown"), _step(10)),
    Action("sample.ten_back", "Ten Back", "Sample", ("Shift+Left", "PgUp"), _step(-10)),
    Action("sample.first", "First", "Sample", ("Home",), _first),
    Action("sample.last", "Last", "Sample", ("End",), _last),
    Action("sample.next_wrong", "Next Wrong One", "Sample", ("W",), _next_wrong(1)),
    Action("sample.previous_wrong", "Previous Wrong One", "Sample", ("Shift+W",), _next_wrong(-1)),
    Action(
        "sample.shows", "As the Network Gets It", "Sample/Picture", ("A",), _other_picture,
        checked=lambda state: state.sample.shows == "network",
    ),
    Action("sample.nearer", "Zoom In", "Sample/Picture", ("Alt+=", "Alt++"), _zoomed(1.25)),
    Action("sample.farther", "Zoom Out", "Sample/Picture", ("Alt+-",), _zoomed(0.8)),
    Action("sample.fit", "Whole Picture", "Sample/Picture", ("Alt+0",), always("sample.fit")),
    Action("select.class", "This Class", "Sample/Select", ("K",), _brush_class("replace")),
    Action(
        "select.add_class", "Add This Class", "Sample/Select", ("Shift+K",), _brush_class("add")
    ),
    Action("select.sample", "Add This Sample", "Sample/Select", ("X",), _brush_sample("add")),
    Action(
        "select.drop", "Take This Sample Out", "Sample/Select", ("Shift+X",),
        _brush_sample("subtract"),
    ),
    Action(
        "select.all", "All Samples", "Sample/Select", ("Ctrl+A",),
        always("select.brush", mode="replace", region={"kind": "all", "items": []}),
    ),
    Action("select.clear", "Nothing", "Sample/Select", ("Ctrl+Shift+A",), _clear),
    *(
        Action(
            f"film.{listed}", LISTED_WORDS[listed], "Sample/List", (),
            always("film.listed", listed=listed),
            checked=lambda state, listed=listed: state.film.listed == listed,
        )
        for listed in LISTED
    ),
)  # fmt: skip
