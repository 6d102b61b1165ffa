"""Samples play one after the other at the rate that was chosen, as one command."""

from types import SimpleNamespace

import pytest

from tests.pretend_engine import Data, PretendEngine
from viewer.session.playing import Playing, frames_around
from viewer.session.session import Session
from viewer.studio.facts import READY, Facts
from viewer.studio.samples import Answer, Question
from viewer.studio.studio import Studio


class Bench:
    """A session with a studio that answers when it is told to."""

    def __init__(self, count=6, groups=None):
        self.now = 0.0
        self.session = Session(clock=lambda: self.now)
        data = Data(count)
        if groups is not None:
            data.groups = groups
        self.studio = SimpleNamespace(facts=Facts(phase=READY, data=data))
        self.playing = Playing(self.session, self.studio)
        self.answer()

    def answer(self):
        sample = self.session.state.focus.sample
        self.studio.facts = self.studio.facts.but(answer=Answer(Question(1, sample)))

    def run(self, seconds, tick=0.01, answers=True):
        seen = []
        for _ in range(round(seconds / tick)):
            self.now += tick
            self.playing.tick(self.now)
            if answers:
                self.answer()
            if not seen or seen[-1] != self.session.state.focus.sample:
                seen.append(self.session.state.focus.sample)
        return seen


def test_samples_follow_each_other_at_the_rate_and_begin_again_at_the_end():
    bench = Bench()
    bench.session.do("stack.rate", rate=10)
    assert bench.playing.start(bench.now)
    assert bench.run(0.655) == [1, 2, 3, 4, 5, 0, 1]
    assert bench.playing.words == "playing 10/s, interpolation off"


def test_playing_is_one_command_and_undone_as_one():
    bench = Bench()
    bench.session.do("focus.sample", sample=2)
    bench.answer()
    bench.now = 5.0
    bench.playing.start(bench.now)
    bench.run(1.0)
    bench.playing.stop()
    command = bench.session.commands[-1]
    assert command.kind == "focus.sample"
    assert [key[1]["sample"] for key in command.args["keys"]][:3] == [3, 4, 5]
    assert len(bench.session.commands) == 2
    bench.session.do("undo")
    assert bench.session.state.focus.sample == 2


def test_no_sample_is_skipped_when_answers_are_late_and_the_real_rate_is_said():
    bench = Bench(count=40)
    bench.session.do("stack.rate", rate=20)
    bench.playing.start(bench.now)
    seen = []
    for _ in range(8):
        seen += bench.run(0.25, answers=False)
        bench.answer()
    assert seen == sorted(set(seen)) == list(range(1, 9))
    assert bench.playing.real_rate == pytest.approx(4, rel=0.1)
    assert bench.playing.words == "playing 4/s of 20/s wanted, interpolation off"


def test_only_the_frames_of_a_video_are_played():
    groups = [None, "a", "a", "a", "b", "b"]
    data = Bench(groups=groups).studio.facts.data
    assert frames_around(data, 2) == range(1, 4)
    assert frames_around(data, 5) == range(4, 6)
    assert frames_around(data, 0) == range(6)
    assert frames_around(Data(4), 1) == range(4)


def test_it_ends_when_a_person_goes_elsewhere_or_opens_something_else():
    bench = Bench()
    bench.playing.start(bench.now)
    bench.run(0.3)
    bench.session.do("focus.sample", sample=4)
    bench.run(0.05)
    assert not bench.playing.running
    bench.playing.start(bench.now)
    bench.studio.facts = Facts()
    bench.run(0.05)
    assert not bench.playing.running
    assert bench.playing.words == ""


def test_there_is_nothing_to_play_without_two_samples():
    bench = Bench(count=1)
    assert not bench.playing.can_start
    assert not bench.playing.start(0.0)
    assert not bench.playing.running


def test_a_real_studio_is_played_through_a_broken_sample_and_runs_the_next_ones_ahead():
    session, engine = Session(), PretendEngine()
    studio = Studio(session, engine, extracts=False)
    playing = Playing(session, studio)
    shown = []
    studio.changed.connect(
        lambda new, old: shown.append(new.answer) if new.answer is not old.answer else None
    )
    try:
        session.do("open", network="net.onnx", data="pictures")
        studio.inbox.wait(lambda: studio.facts.answer is not None)
        session.do("stack.rate", rate=30)
        now, steps = 0.0, []
        assert playing.start(now)
        while len(steps) < 14:
            now += 1.0
            playing.tick(now)
            steps.append(session.state.focus.sample)
            studio.inbox.wait(lambda: not studio.facts.is_late(session.state))
        playing.stop()
        assert steps == [*range(1, 12), 0, 1, 2]
        answered = {answer.question.sample: answer for answer in shown if answer is not None}
        assert set(answered) == set(range(12))
        assert "broken" in answered[3].failure
        assert all(answered[sample].failure is None for sample in answered if sample != 3)
        kinds = [command.kind for command in session.commands]
        assert kinds == ["open", "stack.rate", "focus.sample"]
    finally:
        studio.close()


def built():
    bench = Bench()
    groups = [["a", "other", [4]], ["b", "other", [1, 2]], ["c", "other", [3]]]
    bench.session.do("series.build", groups=groups)
    bench.session.do("series.rate", rate=10)
    return bench


def test_the_steps_of_a_series_are_played_while_the_stack_shows_them():
    bench = built()
    assert bench.playing.start(bench.now)
    assert bench.run(0.355, answers=False) == [1, 3, 4, 1]  # samples need not be run for them
    assert bench.playing.words == "playing 10/s, interpolation off"
    bench.playing.stop()
    command = bench.session.commands[-1]
    assert command.kind == "series.step"
    assert [key[1]["step"] for key in command.args["keys"]] == [1, 2, 0, 1]
    bench.session.do("undo")
    assert bench.session.state.series.step == 0


def test_a_step_that_is_not_computed_is_waited_for():
    bench, shown = built(), []
    playing = Playing(bench.session, bench.studio, lambda: False, lambda: bool(shown))
    bench.playing = playing
    playing.start(bench.now)
    assert bench.run(0.5) == [4]
    shown.append(True)
    assert bench.run(0.25)[:3] == [1, 3, 4]


def test_a_series_is_left_by_looking_at_another_sample():
    bench = built()
    bench.playing.start(bench.now)
    bench.run(0.15)
    bench.session.do("focus.sample", sample=0)
    bench.run(0.1)
    assert not bench.playing.running
    assert bench.playing.start(bench.now)
    bench.answer()
    bench.run(0.3)
    bench.playing.stop()
    assert bench.session.commands[-1].kind == "focus.sample"


def test_steps_that_take_longer_than_seconds_tell_their_rate_too():
    bench = Bench(count=40)
    bench.playing.start(bench.now)
    assert bench.playing.words == "playing, 8/s wanted, interpolation off"
    for _ in range(3):
        bench.run(2.5, tick=0.05, answers=False)
        bench.answer()
    assert bench.playing.words == "playing 0.4/s of 8/s wanted, interpolation off"
