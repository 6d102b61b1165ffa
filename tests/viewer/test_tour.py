"""The tour: commands for any network, and a movie of the sample drawn without a screen."""

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


@pytest.mark.gl
@pytest.mark.timeout(300)
def test_a_movie_of_the_sample_is_rendered_without_a_screen(tmp_path):
    from PIL import Image

    from viewer.tour import render_tour

    try:
        from viewer.gl.context import EglContext

        EglContext().close()
    except Exception as error:  # noqa: BLE001  (the reason is what is told)
        pytest.skip(f"no EGL context: {error}")
    assert render_tour(tmp_path / "frames", (320, 180), fps=0.5) == 6
    frames = [np.asarray(Image.open(path)) for path in sorted((tmp_path / "frames").iterdir())]
    assert len(frames) == 6
    stack = [frame[:, :200].astype(int) for frame in frames]
    assert all(picture.max() - picture.min() > 80 for picture in stack)
    assert np.abs(stack[0] - stack[2]).mean() > 1
    sample = [frame[:, 245:].astype(int) for frame in frames]
    assert np.abs(sample[0] - sample[5]).mean() > 1
