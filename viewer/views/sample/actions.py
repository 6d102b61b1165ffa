"""What a person can do with the focused sample."""

from viewer.actions import Action, always
from viewer.views.sample import explaining


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


def _other_set(state, facts):
    return "sample.set", {"set": "sample" if state.sample.set == "mean" else "mean"}


def _other_picture(state, facts):
    return "sample.shows", {"shows": "file" if state.sample.shows == "network" else "network"}


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
    Action(
        "sample.mean", "Mean over the Selection", "Sample/Picture", (), _other_set,
        checked=lambda state: state.sample.set == "mean",
    ),
    Action("sample.nearer", "Zoom In", "Sample/Picture", ("Alt+=", "Alt++"), _zoomed(1.25)),
    Action("sample.farther", "Zoom Out", "Sample/Picture", ("Alt+-",), _zoomed(0.8)),
    Action("sample.fit", "Whole Picture", "Sample/Picture", ("Alt+0",), always("sample.fit")),
    *explaining.ACTIONS,
)  # fmt: skip
