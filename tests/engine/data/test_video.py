"""Videos and animations: every frame once, the same pixels however it is reached."""

import threading

import imageio_ffmpeg
import numpy as np
import pytest
from PIL import Image

from engine.data import BrokenSample, open_data, reopen
from engine.data import video as video_module
from engine.errors import Cancelled, InputError
from engine.tasks import Task

FRAMES = 12


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """A film of 12 frames, lossless, whose grey is 20 times the frame's number."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    options = {"fps": 10, "codec": "libx264rgb", "pix_fmt_in": "rgb24", "pix_fmt_out": "rgb24"}
    writer = imageio_ffmpeg.write_frames(
        str(path), (48, 32), **options, macro_block_size=16, output_params=["-crf", "0", "-g", "5"]
    )
    writer.send(None)
    for k in range(FRAMES):
        writer.send(np.full((32, 48, 3), 20 * k, np.uint8))
    writer.close()
    return path


@pytest.fixture(autouse=True)
def empty_cache(monkeypatch):
    monkeypatch.setattr(video_module, "_cache", video_module._Cache(1 << 20))


def test_frames_are_samples_and_the_film_is_their_group(film):
    data = open_data(film)
    assert data.kind == "video" and len(data) == FRAMES
    assert set(data.groups) == {"film.mp4"} and data.names[3] == "film.mp4#03"
    for k in (0, 5, 11, 4, 4, 0):
        picture = data.image(k)
        assert picture.shape == (32, 48, 3) and picture.dtype == np.uint8
        assert np.abs(picture.astype(int) - 20 * k).max() <= 1, k
    assert data.thumbnail(2, 24).shape == (16, 24, 3)
    assert reopen(data.describe()).hash == data.hash
    assert len(open_data(film, limit=4)) == 4
    assert open_data(film, limit=4).hash != data.hash


def test_frames_do_not_depend_on_the_way_to_them(film, monkeypatch):
    forward = [np.array(p) for p in open_data(film).images(0, FRAMES)]
    monkeypatch.setattr(video_module, "_cache", video_module._Cache(1))  # keeps one frame
    data = open_data(film)
    for k in (9, 2, 11, 3, 3, 10):
        assert np.array_equal(data.image(k), forward[k])


def test_several_threads(film):
    data = open_data(film)
    wrong, order = [], np.random.default_rng(0).permutation(FRAMES * 4) % FRAMES

    def read(part):
        for k in part:
            if abs(int(data.image(k)[0, 0, 0]) - 20 * k) > 1:
                wrong.append(k)

    threads = [threading.Thread(target=read, args=(order[i::4],)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_folder_with_films(film, tmp_path):
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "b.mp4").write_bytes(film.read_bytes())
    (tmp_path / "p" / "c.mp4").write_text("no film")
    Image.new("L", (4, 4)).save(tmp_path / "p" / "a.png")
    data = open_data(tmp_path / "p")
    assert len(data) == 1 + FRAMES and data.groups[:2] == [None, "b.mp4"]
    assert data.image(5)[0, 0, 0] == pytest.approx(80, abs=1)
    assert [name for name, _ in data.skipped] == ["c.mp4"] and len(data.hash) == 64
    assert data.thumbnail(4).shape == (32, 48, 3)


def test_films_in_class_folders(film, tmp_path):
    for name in ("run/x.mp4", "walk/y.mp4"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_bytes(film.read_bytes())
    data = open_data(tmp_path)
    assert data.classes == ["run", "walk"] and data.labels.tolist() == [0] * 12 + [1] * 12


@pytest.mark.parametrize("name", ["x.gif", "x.webp", "x.png"])
def test_animations(tmp_path, name):
    frames = [Image.fromarray(np.full((6, 9, 3), 40 * k, np.uint8)) for k in range(5)]
    options = {"lossless": True} if name == "x.webp" else {}
    frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:], **options)
    data = open_data(tmp_path / name)
    assert data.kind == "video" and len(data) == 5
    for k in (4, 1, 3):
        assert data.image(k)[0, 0].tolist()[:3] == [40 * k] * 3


def test_an_image_that_could_move_but_does_not(tmp_path):
    Image.new("L", (4, 4)).save(tmp_path / "x.gif")
    assert open_data(tmp_path / "x.gif").kind == "list"


def test_broken_films(film, tmp_path):
    whole = film.read_bytes()
    for content in (b"hello", whole[:200], b"\0" * 1000):
        (tmp_path / "x.mp4").write_bytes(content)
        with pytest.raises(InputError, match="not a video"):
            open_data(tmp_path / "x.mp4")
    (tmp_path / "x.gif").write_bytes(b"GIF89a" + b"\xff" * 50)
    with pytest.raises((InputError, BrokenSample)):
        open_data(tmp_path / "x.gif")


def test_a_film_that_ends_early(film, tmp_path):
    path = tmp_path / "x.mp4"
    path.write_bytes(film.read_bytes())
    data = open_data(path)
    path.write_bytes(film.read_bytes()[:300])
    with pytest.raises(BrokenSample, match="ends before this frame"):
        data.image(7)
    assert len(data.skipped) == 1


def test_a_playlist_does_not_lead_out(tmp_path):
    (tmp_path / "x.mp4").write_text(
        "#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n"
    )
    with pytest.raises(InputError, match="not a video"):
        open_data(tmp_path / "x.mp4")


def test_counting_can_be_cancelled(film):
    task = Task()
    task.cancel()
    with pytest.raises(Cancelled):
        open_data(film, task=task)
