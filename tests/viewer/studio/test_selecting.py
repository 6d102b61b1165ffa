"""The selection resolved for the views: at once or off the main thread, late ones dropped."""

import threading

import numpy as np

from tests.pretend_points import points_of
from tests.viewer.studio.test_embedding import extracted, focus, settled, show, studio
from viewer.session.command import Command
from viewer.stage.stage import Stage
from viewer.studio import selecting
from viewer.studio.selecting import Selected

__all__ = ["studio"]

LASSO = {
    "kind": "lasso", "layer": "conv1", "x": 0, "y": 1,
    "polygon": [[0.0, -9.0], [9.0, -9.0], [9.0, 9.0], [0.0, 9.0]],
}  # fmt: skip


def brush(studio, mode, region):
    studio.session.do("select.brush", mode=mode, region=region)


def resolved(studio):
    studio.inbox.wait(
        lambda: studio.facts.selected is not None and not studio.facts.selected.running, 20
    )
    return studio.facts.selected


def right_half(studio):
    points = studio.facts.points["conv1"]
    return points.columns.values(0, points.columns.fine[0]) > 0


def test_samples_are_selected_at_once_and_nothing_is_none(studio):
    assert studio.facts.selected is None
    brush(studio, "replace", {"kind": "class", "items": [1]})
    selected = studio.facts.selected
    assert np.flatnonzero(selected.samples).tolist() == [1, 4, 7, 10]
    assert selected.words == "4 samples" and not selected.running and not selected.by_layer
    studio.session.do("select.clear")
    assert studio.facts.selected is None


def test_predicted_classes_follow_the_study(studio):
    brush(studio, "replace", {"kind": "predicted", "items": [0]})
    assert studio.facts.selected.count == 0
    extracted(studio)
    assert studio.facts.selected.count == 12


def test_a_lasso_selects_its_points_there_and_their_samples_elsewhere(studio):
    extracted(studio)
    focus(studio, "conv1")
    settled(studio)
    brush(studio, "replace", LASSO)
    assert studio.facts.selected.running and studio.facts.selected.count == 0
    selected = resolved(studio)
    points = studio.facts.points["conv1"]
    assert (selected.of(points).astype(bool) == right_half(studio)).all()
    assert selected.of(points) is selected.by_layer["conv1"]
    assert set(np.flatnonzero(selected.samples)) == set(points.sample[right_half(studio)])
    other = points_of(np.zeros((12, 2, 3)), "conv2")
    want = np.isin(other.sample, np.flatnonzero(selected.samples))
    assert (selected.of(other) == want).all() and selected.of(other) is selected.of(other)
    assert "points" in selected.words_of("conv1") and "brushed in conv1" in selected.words_of("x")


def test_a_lasso_needs_the_points_of_its_layer_whatever_is_in_sight(studio):
    extracted(studio)
    show(studio, "stack")
    focus(studio, "conv2")
    studio.engine.gate.clear()
    brush(studio, "replace", LASSO)
    assert studio.jobs.running and studio.facts.selected.running
    studio.engine.gate.set()
    assert resolved(studio).count and set(studio.facts.points) == {"conv1"}


def test_without_a_study_a_lasso_holds_nothing_and_says_so(studio):
    brush(studio, "replace", LASSO)
    selected = resolved(studio)
    assert selected.count == 0 and selected.missing == ("conv1",)
    assert "not there" in selected.words
    extracted(studio)
    assert resolved(studio).count


def test_late_answers_are_dropped(studio, monkeypatch):
    extracted(studio)
    focus(studio, "conv1")
    settled(studio)
    gate = threading.Event()
    real = selecting.selected_by

    def slow(selection, known):
        gate.wait(10)
        return real(selection, known)

    told = []
    studio.changed.connect(lambda new, old: told.append(new.selected))
    monkeypatch.setattr(selecting, "selected_by", slow)
    brush(studio, "replace", LASSO)
    monkeypatch.setattr(selecting, "selected_by", real)
    brush(studio, "replace", {"kind": "samples", "items": [2]})
    gate.set()
    studio.builder.ask("after", lambda: 1, told.append)
    studio.inbox.wait(lambda: 1 in told, 20)
    assert studio.facts.selected.count == 1
    assert all(one.count <= 1 for one in told if isinstance(one, Selected))


def test_while_it_is_resolved_the_former_one_stands(studio):
    extracted(studio)
    focus(studio, "conv1")
    settled(studio)
    brush(studio, "replace", {"kind": "samples", "items": [2, 3]})
    brush(studio, "intersect", LASSO)
    assert studio.facts.selected.running and studio.facts.selected.count == 2
    assert studio.facts.selected.words == "selecting"
    assert resolved(studio).by_layer["conv1"].sum() <= 4


def test_when_the_points_are_made_again_it_is_resolved_again(studio):
    studio.engine.held = 3
    extracted(studio, "running", 3)
    focus(studio, "conv1")
    settled(studio)
    brush(studio, "replace", LASSO)
    assert len(resolved(studio).by_layer["conv1"]) == 6
    studio.engine.held = 12
    extracted(studio, "done")
    settled(studio)
    assert len(resolved(studio).by_layer["conv1"]) == 24


def test_the_means_wait_for_it_and_a_movie_s_frame_too(studio):
    extracted(studio)
    show(studio, "sample")
    stage = Stage(studio.session, studio)
    studio.session.do("sample.set", set="mean")
    studio.inbox.wait(lambda: not studio.facts.means.running, 20)
    before = studio.facts.means
    studio.engine.gate.clear()
    brush(studio, "replace", LASSO)
    assert stage.pending and studio.facts.means is before
    studio.engine.gate.set()
    count = resolved(studio).count
    studio.inbox.wait(lambda: not studio.facts.means.running, 20)
    assert studio.facts.means.wanted == count


def test_the_same_commands_give_the_same_selection(studio):
    from viewer.session.replay import replay

    extracted(studio)
    focus(studio, "conv1")
    settled(studio)
    brush(studio, "replace", LASSO)
    brush(studio, "subtract", {"kind": "class", "items": [0]})
    studio.session.do("select.save", name="mine")
    studio.session.do("select.invert")
    studio.session.do("select.recall", name="mine", mode="add")
    first = resolved(studio)
    steps = [Command(step.kind, step.args, step.t) for step in studio.session.commands]
    outcome = replay(steps)
    assert outcome.mismatches == []
    assert outcome.session.state.selection == studio.session.state.selection
    known = selecting.known_of(studio.facts)
    again = selecting.selected_by(outcome.session.state.selection, known)
    assert (again.samples == first.samples).all()
    assert (again.by_layer["conv1"] == first.by_layer["conv1"]).all()


def test_of_another_data_set_nothing_stands(studio):
    brush(studio, "replace", {"kind": "samples", "items": [2, 3]})
    studio.session.do("open", network="net.onnx", data="pictures")
    assert studio.facts.selected is None


def test_what_goes_wrong_is_told_and_nobody_waits_for_ever(studio, monkeypatch):
    extracted(studio)
    focus(studio, "conv1")
    settled(studio)

    def wrong(selection, known):
        raise RuntimeError("no")

    brush(studio, "replace", {"kind": "samples", "items": [2]})
    monkeypatch.setattr(selecting, "selected_by", wrong)
    brush(studio, "add", LASSO)
    assert resolved(studio).count == 1
    assert studio.failures == ["no"]


def test_words_are_of_one_and_of_many():
    one, many = np.arange(3) == 1, np.arange(3) > 0
    assert Selected(one).words_of("x") == "all points of 1 sample selected"
    assert Selected(many).words_of("x") == "all points of 2 samples selected"
    brushed = Selected(one, {"x": np.array([0, 1], np.uint8)})
    assert brushed.words_of("x") == "1 point of 1 sample selected"
    assert brushed.words_of("y") == "all points of 1 sample selected, brushed in x"
