"""The file under a part: bytes stay as they are, errors are kept and told."""

import os

import numpy as np
import pytest

from engine.study import sink
from engine.study.sink import Sink


@pytest.fixture(autouse=True)
def a_small_page_cache(monkeypatch):
    monkeypatch.setattr(sink, "AT_ONCE", 1000)


def test_bytes_that_left_the_page_cache_are_there(tmp_path):
    data = np.random.default_rng(0).integers(0, 256, 5000, np.uint8).tobytes()
    file = Sink(tmp_path / "a")
    for start in range(0, 5000, 300):
        file.write(data[start : start + 300])
    file.seek(700)
    file.write(b"changed")
    file.check()
    file.sync()
    file.close()
    assert (tmp_path / "a").read_bytes() == data[:700] + b"changed" + data[707:]


@pytest.mark.skipif(not hasattr(os, "posix_fadvise"), reason="this system keeps its page cache")
def test_a_disk_that_fails_later_is_told(tmp_path, monkeypatch):
    def full(_):
        raise OSError(28, "No space left on device")

    file = Sink(tmp_path / "a")
    monkeypatch.setattr(sink.os, "fdatasync", full)
    file.write(bytes(900))
    file.check()
    file.write(bytes(900))
    with pytest.raises(OSError, match="No space"):
        file.check()
    file.write(bytes(900))  # dropped as if written: HDF5 must be able to close
    assert file.tell() == 2700
    file.close()
