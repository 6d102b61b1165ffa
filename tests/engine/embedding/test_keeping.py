"""Points that are kept with a study: read back, mapped, made again when anything is wrong."""

import os

import h5py
import numpy as np
import pytest

from engine.embedding import keeping, points
from engine.embedding.points import make_points
from engine.study.copying import copy_study
from engine.study.reader import open_study
from tests.engine.study import making


@pytest.fixture
def study(tmp_path):
    making.extract(tmp_path / "a.study")
    with open_study(tmp_path / "a.study") as found:
        yield found


@pytest.fixture(params=["read", "mapped"])
def way(request, monkeypatch):
    if request.param == "mapped":
        monkeypatch.setattr(keeping, "LARGE", 0)
        monkeypatch.setattr(keeping, "_MAPPED", 0)


@pytest.fixture
def made(monkeypatch):
    """How often points were computed."""
    calls, fill = [], points._fill
    monkeypatch.setattr(points, "_fill", lambda *a: (calls.append(1), fill(*a)))
    return calls


def kept_file(study):
    (path,) = study.path.glob("results/*")
    return path


def assert_same(first, second):
    assert first.key == second.key and first.words == second.words
    for name in ("fine", "coarse", "low", "step", "zero", "not_finite", "zeros"):
        a, b = getattr(first.columns, name), getattr(second.columns, name)
        assert a.dtype == b.dtype
        np.testing.assert_array_equal(a, b)
    for name in ("sample", "row", "place"):
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name))


def test_points_are_read_back(study, way, made):
    plain = make_points(study, "conv1", keep=False)
    first, second = make_points(study, "conv1"), make_points(study, "conv1")
    assert len(made) == 2
    assert_same(first, plain)
    assert_same(second, plain)
    assert kept_file(study).stem == plain.key


def test_a_mapped_array_is_private(study, way):
    first = make_points(study, "conv1")
    before = kept_file(study).read_bytes()
    first.columns.fine[...] = 7
    assert kept_file(study).read_bytes() == before


def test_other_programs_can_read_the_file(study):
    found = make_points(study, "conv1")
    with h5py.File(kept_file(study)) as file:
        np.testing.assert_array_equal(file["fine"][()], found.columns.fine)
        for name in file:
            assert file[name].chunks is None, "contiguous"
            assert {"axes", "unit", "origin", "method"} <= set(file[name].attrs)


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"something else"),
        lambda path: os.truncate(path, path.stat().st_size // 2),
        lambda path: os.truncate(path, path.stat().st_size - 1),
        lambda path: change(path, "check", "0"),
        lambda path: change(path, "key", "0"),
        lambda path: change(path, "format", "other"),
        lambda path: overwrite(path, "row", 10_000),
        lambda path: overwrite(path, "place", -3),
        lambda path: overwrite(path, "low", 1.0),
        lambda path: drop(path, "zero"),
    ],
)
def test_a_damaged_file_is_made_again(study, way, made, damage):
    whole = make_points(study, "conv1", keep=False)
    make_points(study, "conv1")
    damage(kept_file(study))
    assert_same(make_points(study, "conv1"), whole)
    assert len(made) == 3
    assert_same(make_points(study, "conv1"), whole)
    assert len(made) == 3, "the new file is whole"


def change(path, name, value):
    with h5py.File(path, "r+") as file:
        file.attrs[name] = value


def overwrite(path, name, value):
    with h5py.File(path, "r+") as file:
        file[name][...] = value


def drop(path, name):
    with h5py.File(path, "r+") as file:
        del file[name]


def test_a_study_that_cannot_be_written_to(study, made):
    whole = make_points(study, "conv1", keep=False)
    (study.path / "results").write_text("in the way")
    assert_same(make_points(study, "conv1"), whole)


def test_a_full_disk(study, monkeypatch):
    whole = make_points(study, "conv1", keep=False)
    monkeypatch.setattr("engine.study.space.free_bytes", lambda folder: 10)
    assert_same(make_points(study, "conv1"), whole)
    assert not [*study.path.glob("results/*")]


def test_a_disk_that_fills_up_meanwhile(study, monkeypatch):
    def full(*arguments):
        raise OSError(28, "No space left on device")

    whole = make_points(study, "conv1", keep=False)
    monkeypatch.setattr(os, "posix_fallocate", full, raising=False)
    assert_same(make_points(study, "conv1"), whole)
    assert not [*study.path.glob("results/*")]


def test_leftovers_of_killed_writers_go(study):
    results = study.path / "results"
    results.mkdir()
    old, new = results / "a.h5.1.2.tmp", results / "b.h5.3.4.tmp"
    for path in (old, new):
        path.write_bytes(b"half")
    os.utime(old, (1e9, 1e9))
    make_points(study, "conv1")
    assert not old.exists() and new.exists()


def test_a_copy_of_a_study_has_its_points(study, tmp_path, made):
    whole = make_points(study, "conv1")
    copy_study(study.path, tmp_path / "b.study")
    with open_study(tmp_path / "b.study") as copy:
        assert_same(make_points(copy, "conv1"), whole)
    assert len(made) == 1


def test_a_writer_goes_on_beside_results(study):
    make_points(study, "conv1")
    assert making.extract(study.path) == 39
    assert kept_file(study).exists()
