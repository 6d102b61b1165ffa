"""Random commands of every kind: saved and replayed they lead to the same state; nothing stays."""

import os

import pytest

from tests.pretend_engine import PretendEngine
from tests.viewer.session.random_commands import (
    Chance,
    StandingClock,
    give_save_and_replay,
    give_some,
    resident_bytes,
)
from viewer.session.document import Document
from viewer.session.replay import Playback, replay
from viewer.session.session import Session
from viewer.state.tree import StateHolder
from viewer.studio import cache
from viewer.studio.studio import Studio


def test_random_commands_of_every_kind_replay_from_their_file_to_the_same_state(tmp_path):
    assert "random commands" in give_save_and_replay(10_000, folder=tmp_path)


@pytest.mark.parametrize("seed", [1, 2])
def test_played_in_time_they_end_where_they_ended(seed):
    clock = StandingClock()
    session = Session(StateHolder(), clock)
    give_some(session, clock, Chance(seed), 300)
    playback = Playback(session.commands)
    moments = [playback.seconds * step / 100 for step in range(101)]
    states = [playback.state_at(moment) for moment in moments]
    assert playback.mismatches == []
    assert states[-1] == session.state
    again = Playback(session.commands)
    assert again.state_at(moments[50]) == states[50]


def live(folder, count, seed):
    """A live session with studio and document, given random commands and closed."""
    clock = StandingClock()
    session = Session(StateHolder(), clock)
    studio = Studio(session, PretendEngine())
    document = Document(session, studio)
    failures = []
    studio.failed.connect(lambda title, error: failures.append(str(error)))
    chance = Chance(seed)

    def after(number):
        if number % max(50, count // 20) == 0:
            studio.inbox.pump()
            if document.steps:
                document.editing.move([chance.random.randrange(len(document.steps))], 0)
                document.take_in(chance.random.random() < 0.7)

    try:
        give_some(session, clock, chance, count, after=after)
        outcome = replay(session.commands, session.first)
        assert outcome.mismatches == []
        assert outcome.session.state == session.state
        studio.inbox.wait(lambda: not studio.jobs.running, 60)
    finally:
        document.close()
        studio.close()
    return failures


@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="measures memory on Linux")
def test_a_live_session_takes_them_and_gives_its_memory_back(tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "studies_folder", lambda: tmp_path / "studies")
    for seed in (1, 3):  # the same commands as those measured: what they need is loaded by then
        live(tmp_path, 1000, seed=seed)
    before = resident_bytes()
    live(tmp_path, 1000, seed=3)
    assert resident_bytes() < 1.05 * before
