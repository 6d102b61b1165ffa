"""The sample sessions replay as they were made, need only `samples/`, and last at most 40 s."""

import pytest

from samples.sessions.make import FOLDER, tour
from viewer.session.command import KINDS
from viewer.session.locating import hash_of, load, mismatches
from viewer.session.replay import Playback, replay
from viewer.state.layout import DRAWN, in_front
from viewer.state.tree import state_hash

LONGEST_SECONDS = 40.0
FILES = sorted(FOLDER.glob("*.lamella"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_it_replays_without_a_mismatch_and_needs_only_the_samples(path):
    loaded = load(path)
    assert (loaded.missing, loaded.faults, loaded.notes) == ((), (), ())
    source = replay(loaded.commands, loaded.first).session.state.source
    assert source.network.startswith("sample:")
    assert source.data.startswith("sample:")
    hashes = [hash_of(role, getattr(source, role)) for role in ("network", "data")]
    assert mismatches(loaded.header, *hashes) == []
    playback = Playback(loaded.commands)
    assert 10 < playback.seconds <= LONGEST_SECONDS
    playback.state_at(playback.seconds)
    assert playback.mismatches == []
    assert all(
        command.version == KINDS[command.kind].version
        for command in loaded.commands
        if command.kind in KINDS
    )


def test_the_tour_is_what_its_script_makes(tmp_path):
    made = tour()
    assert made.save("tour", tmp_path).read_bytes() == (FOLDER / "tour.lamella").read_bytes()
    loaded = load(FOLDER / "tour.lamella")
    outcome = replay(loaded.commands, loaded.first)
    assert state_hash(outcome.session.state) == state_hash(made.session.state)


def test_the_tour_shows_every_drawn_view():
    playback = Playback(load(FOLDER / "tour.lamella").commands)
    seen = set()
    for number in range(int(playback.seconds * 10)):
        window = playback.state_at(number / 10).window
        seen |= set(in_front(window.layout, window.only))
    assert seen >= set(DRAWN) - {"matrix", "scatter"}  # shown by a session of their own
