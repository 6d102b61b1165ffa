"""The tour: commands for any network."""

import numpy as np
import pytest

from viewer.session.moving import end_of
from viewer.session.replay import Playback, replay
from viewer.session.tour import SECONDS, tour


@pytest.mark.parametrize(("layers", "samples"), [([], 0), (["a"], 1), (list("abcdefgh"), 300)])
def test_the_tour_fits_any_network_and_its_time(layers, samples):
    commands = tour(layers, samples)
    outcome = replay(commands)
    assert outcome.mismatches == []
    assert max(map(end_of, commands)) < SECONDS
    assert outcome.session.state.focus.sample == max(0, min(4, samples - 1))
    assert outcome.session.state.camera.azimuth == pytest.approx(52.0)


def test_the_camera_never_jumps_during_the_tour():
    playback = Playback(tour(["a", "b", "c"], 10))
    angles = [playback.state_at(number / 20).camera.azimuth for number in range(260)]
    assert np.abs(np.diff(angles)).max() < 3.0
    assert max(angles) - min(angles) > 40
