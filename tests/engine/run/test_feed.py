"""Batches of inputs: in order, broken samples counted, padded where the batch is fixed."""

import threading

import numpy as np
import pytest

from engine.data.dataset import BrokenSample, DataSet
from engine.errors import InputError
from engine.network.preprocessing import Preprocessing
from engine.run.feed import Feed

RANDOM = np.random.default_rng(5)
PLAIN = Preprocessing("raw", (4, 6), integers="raw")


class Files(DataSet):
    """Pictures that come one by one; numbers in `broken` cannot be read."""

    def __init__(self, count, broken=(), kind="folder"):
        super().__init__("/somewhere", kind, count)
        self.pictures = RANDOM.integers(0, 255, (count, 4, 6, 3), dtype=np.uint8)
        self.broken = frozenset(broken)
        self.threads = set()

    def _read(self, i):
        self.threads.add(threading.get_ident())
        if i in self.broken:
            raise BrokenSample("it ends early")
        return self.pictures[i]


class Array(Files):
    def images(self, first, stop):
        return self.pictures[first:stop]


def feed(data, **options):
    made = Feed(data, PLAIN, "x", threads=3, **options)
    return made


def spans(count, size):
    return [(first, min(first + size, count)) for first in range(0, count, size)]


@pytest.mark.parametrize(("make", "kind"), [(Files, "list"), (Array, "npz"), (Files, "video")])
def test_every_sample_comes_once_in_order(make, kind):
    data = make(23, kind=kind)
    batches = list(feed(data).batches(spans(23, 5)))
    assert [(b.first, b.stop) for b in batches] == spans(23, 5)
    assert np.concatenate([b.samples for b in batches]).tolist() == list(range(23))
    inputs = np.concatenate([b.inputs for b in batches])
    assert inputs.dtype == np.float32
    assert np.array_equal(inputs, data.pictures.transpose(0, 3, 1, 2))


@pytest.mark.parametrize("kind", ["folder", "video"])
def test_broken_samples_are_left_out_and_told(kind):
    data = Files(10, broken=[0, 3, 4, 5], kind=kind)
    batches = list(feed(data).batches([(0, 3), (3, 6), (6, 10)]))
    assert [b.samples.tolist() for b in batches] == [[1, 2], [], [6, 7, 8, 9]]
    assert batches[1].inputs is None
    assert batches[1].skipped == [(i, str(i), "it ends early") for i in (3, 4, 5)]
    assert len(data.skipped) == 4


def test_pictures_that_do_not_fit_the_network_are_skipped():
    data = Files(3)
    data.pictures = [np.zeros((4, 6, 3), np.uint8), np.zeros((4, 6, 5), np.uint8), data.pictures[2]]
    (batch,) = feed(data).batches([(0, 3)])
    assert batch.samples.tolist() == [0, 2]
    assert "channels" in batch.skipped[0][2]


def test_the_first_readable_samples():
    data = Files(40, broken=range(18))
    batch = feed(data).first(4, 40)
    assert batch.samples.tolist() == [18, 19, 20, 21]
    assert np.array_equal(batch.inputs, data.pictures[18:22].transpose(0, 3, 1, 2))
    with pytest.raises(InputError, match="none of the 18 samples can be read; 00: it ends early"):
        feed(data).first(4, 18)


def test_inputs_are_padded_to_a_fixed_batch_and_constants_repeated():
    constants = {"scale": np.array([[2.0, 3.0]]), "k": np.array([7])}
    made = feed(Files(4), fixed_batch=4, constants=constants, repeated=["scale"])
    inputs = np.arange(6.0).reshape(3, 2)
    feeds = made.feeds(inputs)
    assert feeds["x"].tolist() == [[0, 1], [2, 3], [4, 5], [4, 5]]
    assert feeds["scale"].tolist() == [[2, 3]] * 4
    assert feeds["k"].tolist() == [7]
    assert feed(Files(4), constants=constants).feeds(inputs[:1])["scale"].tolist() == [[2, 3]]


def test_an_input_without_a_batch_axis_gets_one_picture():
    made = Feed(Files(4), Preprocessing("raw", (4, 6), integers="raw", layout="HWC"), "x")
    (batch,) = made.batches([(0, 2)])
    assert batch.inputs.shape == (2, 4, 6, 3)
    assert made.feeds(batch.inputs[1:2])["x"].shape == (4, 6, 3)


def test_files_are_read_by_several_threads_and_left_alone_afterwards():
    data, before = Files(64), set(threading.enumerate())
    made = feed(data)
    batches = made.batches(spans(64, 8))
    next(batches)
    batches.close()
    made.close()
    assert not set(threading.enumerate()) - before
