"""Top filters of a video's frames, played: none is skipped, each appears as a whole, it stops."""

import time

import pytest

from tests.builders import Now
from tests.pretend_projector import ProjectingEngine
from tests.viewer.views.filters.filters_desk import Desk, ready
from viewer.session.playing import Playing
from viewer.session.session import Session
from viewer.state.layout import LAYOUTS
from viewer.state.tree import State, StateHolder
from viewer.state.window import WindowSettings
from viewer.studio import cache
from viewer.studio.studio import Studio
from viewer.views.filters.view import FiltersView

FRAMES = range(4, 9)


class Player:
    """A view of a studio whose samples 4 to 8 are a video, as the window ties them."""

    def __init__(self):
        state = State(window=WindowSettings(layout=LAYOUTS["Top filters"]))
        self.session = Session(StateHolder(state))
        self.studio = Studio(self.session, ProjectingEngine(), extracts=False)
        self.view, self.now = FiltersView(), 0.0
        self.view.width, self.view.height = 700, 600
        self.playing = Playing(self.session, self.studio, lambda: not self.view.pending)
        self.view.play_with(self.playing)

    def open(self):
        self.session.do("open", network="net.onnx", data="pictures")
        self.studio.inbox.wait(lambda: self.studio.facts.answer is not None, 20)
        data = self.studio.facts.data
        data.groups = ["clip" if number in FRAMES else None for number in range(len(data))]
        self.session.do("focus.sample", sample=FRAMES[0])
        self.session.do("focus.layer", layer="conv1")
        self.until(lambda: self.settled and self.shown == FRAMES[0])

    @property
    def settled(self):
        return not self.view.pending and self.view.wish.has_projections

    @property
    def shown(self):
        """The sample of the picture that is drawn; that of the title is the same."""
        sample = int(self.view._shown.wish.picture[0, 0, 0])
        assert self.view.detail.startswith(f"conv1, sample {sample + 1},")
        return sample

    def step(self):
        self.now += 0.01
        self.playing.tick(self.now)
        self.studio.inbox.pump()
        self.view.follow(self.session.state, None, self.studio.facts, Now())

    def until(self, met, look=lambda: None):
        end = time.monotonic() + 20
        while not met():
            assert time.monotonic() < end
            self.step()
            look()
            time.sleep(0.0005)


@pytest.fixture
def player(tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "studies_folder", lambda: tmp_path / "studies")
    made = Player()
    made.open()
    yield made
    made.studio.close()


def test_frames_are_played_one_by_one_each_as_a_whole(player):
    seen = []

    def look():
        assert player.view.wish.has_projections and "computing" not in player.view._words()
        (layer,) = player.view.wish.layers
        assert layer.ordered is player.view._shown.wish.layers[0].ordered
        if not seen or seen[-1] != player.shown:
            seen.append(player.shown)

    player.session.do("stack.rate", rate=30)
    player.studio.engine.asked.clear()
    assert player.playing.start(player.now)
    player.until(lambda: len(seen) > 8, look)
    player.playing.stop()
    assert seen[:9] == [4, 5, 6, 7, 8, 4, 5, 6, 7]
    projected = [round(255 * asked[4]) for asked in player.studio.engine.asked]
    assert projected == list(FRAMES[1:])  # the first was there, and the second time round all


def test_the_rate_is_said_while_it_plays_and_escape_stops_at_once(player):
    assert not player.view.takes("escape")
    player.playing.start(player.now)
    assert "playing, 8/s wanted, interpolation off" in player.view._words()
    player.until(lambda: player.session.state.focus.sample == 6)
    assert player.view.takes("escape") and player.view.key("escape")
    assert not player.playing.running and player.session.state.focus.sample == 6
    assert "playing" not in player.view._words()
    player.until(lambda: player.settled and player.shown == 6)
    for _ in range(50):
        player.step()
    assert player.session.state.focus.sample == 6
    player.session.do("undo")  # what was played is one step
    assert player.session.state.focus.sample == 4


def test_what_is_slower_than_the_rate_says_the_true_one(player):
    player.session.do("stack.rate", rate=30)
    player.playing.start(player.now)
    for _ in range(400):
        player.now += 0.24
        player.step()
        if player.playing.real_rate is not None:
            break
        time.sleep(0.0005)
    assert "/s of 30/s wanted" in player.view._words()


def test_weights_stay_until_those_of_the_next_filter_are_there():
    desk = Desk()
    desk.answer()
    before = desk.view.wish.kernel
    desk.facts = ready(1).but(explanations=desk.facts.explanations)
    desk.session.do("focus.sample", sample=1)
    desk.session.do("focus.channel", layer="conv1", channel=0)
    desk.follow()
    assert desk.view.wish.kernel is before and desk.view.wish.kernel_late and desk.view.pending
    desk.answer()
    assert desk.view.wish.kernel.channel == 0 and not desk.view.pending
