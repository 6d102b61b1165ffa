"""The sample sessions replay as they were made, need only `samples/`, and last at most 40 s."""

import pytest

from samples.sessions.make import FOLDER, SESSIONS
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


@pytest.mark.parametrize("name", SESSIONS)
def test_it_is_what_its_script_makes(name, tmp_path):
    made, path = SESSIONS[name](), FOLDER / f"{name}.lamella"
    assert made.save(name, tmp_path).read_bytes() == path.read_bytes()
    loaded = load(path)
    outcome = replay(loaded.commands, loaded.first)
    assert state_hash(outcome.session.state) == state_hash(made.session.state)


def test_together_they_show_every_drawn_view():
    seen = set()
    for path in FILES:
        playback = Playback(load(path).commands)
        for number in range(int(playback.seconds * 10)):
            window = playback.state_at(number / 10).window
            seen |= set(in_front(window.layout, window.only))
    assert seen >= set(DRAWN)


def test_the_one_of_the_matrix_navigates_brushes_and_goes_to_another_layer():
    commands = load(FOLDER / "matrix.lamella").commands
    kinds = {command.kind for command in commands}
    assert kinds >= {"matrix.look", "matrix.point", "select.brush", "focus.layer", "scatter.look"}
    regions = [c.args["region"]["kind"] for c in commands if c.kind == "select.brush"]
    assert regions == ["lasso", "class"]
    assert len({c.args["layer"] for c in commands if c.kind == "focus.layer"}) == 2


def test_the_ones_of_orders_and_gradients_do_what_they_tell():
    given = {
        name: {command.kind for command in load(FOLDER / f"{name}.lamella").commands}
        for name in ("orders", "gradients")
    }
    assert given["orders"] >= {"orders.choose", "slices.cut", "slices.before", "stability.pair"}
    assert given["gradients"] >= {"series.build", "series.step", "importance.switch"}
