"""The encoder: every frame in the file, and what is kept and said when it or the disk gives way."""

import signal
import sys
import time

import numpy as np
import pytest

from engine.errors import InputError, MachineError
from viewer.record.encoder import Encoder, even, frames_in

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits of a process")
NOISE = np.random.default_rng(3).integers(0, 256, (8, 64, 64, 3), np.uint8)


def read_movie(path):
    import imageio.v3

    return imageio.v3.imread(path, plugin="FFMPEG")


def kept_in(message):
    return int(message.split("the first ")[1].split()[0])


def test_even():
    assert even((641, 480)) == (642, 480)
    assert even((1280, 721)) == (1280, 722)


def test_a_frame_written_several_times_stands_still(tmp_path):
    movie = Encoder(tmp_path / "a.mp4", 32, 16, 30, live=True, pixels="bgra")
    for level, times in ((40, 3), (200, 2)):
        movie.write(np.full((16, 32, 4), level, np.uint8), times)
    assert movie.finish() == 5
    means = read_movie(tmp_path / "a.mp4").mean((1, 2, 3))
    assert np.abs(means - [40, 40, 40, 200, 200]).max() < 4
    assert [item.name for item in tmp_path.iterdir()] == ["a.mp4"]


def test_blue_green_red_and_another_size_are_fitted_in(tmp_path):
    movie = Encoder(tmp_path / "a.mp4", 64, 32, 30, source=(20, 20), pixels="bgra")
    frame = np.zeros((20, 20, 4), np.uint8)
    frame[..., 2] = 255
    movie.write(frame)
    movie.finish()
    picture = read_movie(tmp_path / "a.mp4")[0].astype(int)
    assert picture.shape == (32, 64, 3)
    assert picture[16, 32, 0] > 220
    assert picture[16, 32, 1:].max() < 30
    assert picture[16, 4].max() < 30


def test_an_offer_never_waits(tmp_path):
    movie = Encoder(tmp_path / "a.mp4", 64, 64, 30, live=True)
    movie._process.send_signal(signal.SIGSTOP)
    try:
        large = 400  # times: the pipe takes only a part of them
        taken = [movie.offer(NOISE[0], large) for _ in range(30)]
        assert taken[0]
        assert not taken[-1]
    finally:
        movie._process.send_signal(signal.SIGCONT)
    assert movie.finish() == movie.frames == large * sum(taken)
    assert frames_in(tmp_path / "a.mp4") == movie.frames


def test_a_killed_encoder_is_said_and_what_was_finished_is_kept(tmp_path):
    movie = Encoder(tmp_path / "a.mp4", 64, 64, 10, live=True)
    movie.write(NOISE[0])
    while movie._part.stat().st_size < 300_000:
        movie.write(NOISE[movie.frames % 8])
    movie._process.kill()
    with pytest.raises(MachineError, match=r"a\.mp4.*ended from outside \(signal 9\)") as told:
        for _ in range(500):
            movie.write(NOISE[0])
            time.sleep(0.005)
    kept = kept_in(str(told.value))
    assert 10 <= kept <= movie.frames
    assert len(read_movie(tmp_path / "a.mp4")) == kept
    assert [item.name for item in tmp_path.iterdir()] == ["a.mp4"]


def test_an_encoder_killed_before_anything_was_finished_leaves_nothing(tmp_path):
    movie = Encoder(tmp_path / "a.mp4", 64, 64, 30)
    movie.write(NOISE[0])
    movie._process.kill()
    with pytest.raises(MachineError, match="ended from outside") as told:
        movie.finish()
    assert "kept" not in str(told.value)
    assert not list(tmp_path.iterdir())


@linux
def test_a_full_disk_is_said_and_what_was_finished_is_kept(tmp_path):
    """A limit on the size of its file stands for the disk."""
    import resource

    movie = Encoder(tmp_path / "a.mp4", 64, 64, 10, live=True)
    resource.prlimit(movie._process.pid, resource.RLIMIT_FSIZE, (400_000, 400_000))
    with pytest.raises(MachineError, match=r"a\.mp4: the disk is full.*free some space") as told:
        while movie.frames < 5000:
            movie.write(NOISE[movie.frames % 8])
        movie.finish()
    kept = kept_in(str(told.value))
    assert 10 <= kept < movie.frames
    assert len(read_movie(tmp_path / "a.mp4")) == kept


def test_a_program_that_is_killed_leaves_what_was_finished(tmp_path):
    """ffmpeg ends with its input; the file beside the movie's name can be played."""
    movie = Encoder(tmp_path / "a.mp4", 64, 64, 10, live=True)
    for number in range(25):
        movie.write(NOISE[number % 8])
    movie._queue.put(None)
    movie._thread.join()
    movie._process.stdin.close()  # as the system does for a killed program
    movie._process.wait()
    assert [item.name for item in tmp_path.iterdir()] == ["a.part.mp4"]
    assert len(read_movie(tmp_path / "a.part.mp4")) == 25
    movie.abort()


def test_no_ffmpeg_is_said_with_the_way_out(tmp_path, monkeypatch):
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(tmp_path / "none"))
    with pytest.raises(MachineError, match="movie encoder does not start.*PNG frames"):
        Encoder(tmp_path / "a.mp4", 64, 64, 30)
    assert not list(tmp_path.iterdir())


def test_a_place_that_cannot_be_written_is_said(tmp_path):
    with pytest.raises(InputError, match="folder does not exist"):
        Encoder(tmp_path / "none" / "a.mp4", 64, 64, 30)
    with pytest.raises(MachineError, match="cannot write"):
        Encoder("/proc/a.mp4", 64, 64, 30)
    with pytest.raises(InputError, match="even sides"):
        Encoder(tmp_path / "a.mp4", 63, 64, 30)


def test_another_size_of_frame_is_a_fault_of_the_caller(tmp_path):
    movie = Encoder(tmp_path / "a.mp4", 32, 32, 30)
    with pytest.raises(ValueError, match="a frame of"):
        movie.write(NOISE[0])
    movie.abort()
    assert not list(tmp_path.iterdir())
