"""Samples kept in a folder come back pixel for pixel, under their own numbers, names and labels."""

import json

import numpy as np
import pytest
from PIL import Image

from engine.data import open_data
from engine.data.dataset import BrokenSample
from engine.data.kept import HEADER, keep, size_of
from engine.errors import InputError


@pytest.fixture
def folder(tmp_path):
    chance = np.random.default_rng(2)
    for number, suffix in enumerate(("png", "jpg", "tif", "png")):
        place = tmp_path / "pictures" / ("cat", "dog")[number % 2]
        place.mkdir(parents=True, exist_ok=True)
        picture = chance.integers(0, 255, (20 + number, 30, 3), np.uint8)
        Image.fromarray(picture).save(place / f"{number}.{suffix}")
    (tmp_path / "pictures" / "dog" / "4.png").write_bytes(b"no picture")
    return open_data(tmp_path / "pictures")


def arrays(tmp_path, dtype):
    path = tmp_path / f"{np.dtype(dtype).name}.npz"
    stack = np.random.default_rng(1).normal(0, 40, (6, 5, 7)).astype(dtype)
    np.savez(path, images=stack, labels=np.array([0, 1, 2, 0, 1, 2]))
    return open_data(path)


def test_files_come_back_byte_for_byte_and_others_say_that_they_are_not_there(folder, tmp_path):
    size = size_of(folder, [0, 2])
    assert keep(folder, [2, 0], tmp_path / "kept") == []
    kept = open_data(tmp_path / "kept")
    assert kept.kind == "kept"
    assert list(kept.names) == list(folder.names)
    assert kept.classes == folder.classes == ["cat", "dog"]
    assert kept.class_origin == folder.class_origin
    assert kept.labels.tolist() == folder.labels.tolist()
    for i in (0, 2):
        np.testing.assert_array_equal(kept.image(i), folder.image(i))
        np.testing.assert_array_equal(kept.thumbnail(i), folder.thumbnail(i))
    with pytest.raises(BrokenSample, match="not saved"):
        kept.image(1)
    with pytest.raises(BrokenSample, match="not saved"):
        kept.thumbnail(3)
    written = sum(path.stat().st_size for path in (tmp_path / "kept" / "pictures").iterdir())
    assert written == size


def test_a_broken_file_is_kept_as_it_is(folder, tmp_path):
    broken = list(folder.names).index("dog/4.png")
    keep(folder, range(len(folder)), tmp_path / "kept")
    with pytest.raises(BrokenSample) as there:
        open_data(tmp_path / "kept").image(broken)
    with pytest.raises(BrokenSample) as here:
        folder.image(broken)
    assert there.value.what == here.value.what


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int16, np.float32, np.float16])
def test_arrays_come_back_exactly_in_their_own_dtype(tmp_path, dtype):
    data = arrays(tmp_path, dtype)
    keep(data, [1, 5], tmp_path / "kept")
    kept = open_data(tmp_path / "kept")
    assert len(kept) == len(data)
    for i in (1, 5):
        assert kept.image(i).dtype == data.image(i).dtype
        np.testing.assert_array_equal(kept.image(i), data.image(i))
        np.testing.assert_array_equal(kept.thumbnail(i, 4), data.thumbnail(i, 4))


def test_it_is_another_data_set_than_the_whole_and_the_same_wherever_it_lies(tmp_path):
    data = arrays(tmp_path, np.uint8)
    keep(data, range(6), tmp_path / "all")
    keep(data, range(6), tmp_path / "again")
    keep(data, [1], tmp_path / "one")
    hashes = {name: open_data(tmp_path / name).hash for name in ("all", "again", "one")}
    assert hashes["all"] == hashes["again"]
    assert len({data.hash, hashes["all"], hashes["one"]}) == 3


def test_what_was_kept_can_be_kept_again(folder, tmp_path):
    keep(folder, [0, 1], tmp_path / "kept")
    assert len(keep(open_data(tmp_path / "kept"), [0, 3], tmp_path / "again")) == 1
    again = open_data(tmp_path / "again")
    np.testing.assert_array_equal(again.image(0), folder.image(0))


@pytest.mark.parametrize(
    "change",
    [
        {"samples": -1},
        {"samples": "many"},
        {"names": ["one"]},
        {"kept": {"0": "/../../../etc/passwd"}},
        {"kept": {"99": ".png"}},
        {"kept": [1]},
        {"labels": [0.5] * 6},
        {"version": 99},
        {"format": "zip"},
        {"classes": [{}]},
    ],
)
def test_a_damaged_header_is_one_sentence(tmp_path, change):
    keep(arrays(tmp_path, np.uint8), [0], tmp_path / "kept")
    path = tmp_path / "kept" / HEADER
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(InputError, match="lamella-samples"):
        open_data(tmp_path / "kept")
    path.write_text("{")
    with pytest.raises(InputError, match="lamella-samples"):
        open_data(tmp_path / "kept")


def test_a_damaged_array_is_a_broken_sample(tmp_path):
    keep(arrays(tmp_path, np.uint8), [0, 1], tmp_path / "kept")
    (tmp_path / "kept" / "pictures" / "000000.npz").write_bytes(b"PK\x03\x04")
    kept = open_data(tmp_path / "kept")
    with pytest.raises(BrokenSample):
        kept.image(0)
    assert kept.image(1).shape == (5, 7)
