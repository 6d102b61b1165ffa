"""The pipe and the shared file between a child and its parent."""

import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from engine.run import wire

DTYPES = st.sampled_from("bool int8 uint8 int16 int64 float16 float32 float64 complex64".split())


@pytest.fixture(scope="module")
def shared():
    file = wire.SharedFile.create()
    yield file
    file.close()
    file.unlink()


@given(
    st.dictionaries(
        st.text(max_size=5),
        DTYPES.flatmap(
            lambda d: arrays.arrays(d, arrays.array_shapes(min_dims=0, max_dims=4, min_side=0))
        ),
        max_size=4,
    )
)
def test_arrays_arrive_as_they_were(given_arrays):
    file = wire.SharedFile.create()
    other = wire.SharedFile.open(os.dup(file.place) if isinstance(file.place, int) else file.place)
    got = other.take(file.put(given_arrays))
    assert list(got) == list(given_arrays)
    for name, array in given_arrays.items():
        assert got[name].dtype == array.dtype and got[name].shape == array.shape
        assert got[name].tobytes() == array.tobytes()
    other.close()
    file.close()
    file.unlink()


def test_views_that_are_not_contiguous_arrive_too(shared):
    array = np.arange(24.0).reshape(4, 6).T[::2]
    assert np.array_equal(shared.take(shared.put({"a": array}))["a"], array)


def test_memory_is_given_back(shared):
    table = shared.put({"a": np.ones(1 << 20)})
    shared.take(table)
    with pytest.raises(wire.Closed, match="not there"):
        shared.take(table)


def test_objects_do_not_cross(shared):
    with pytest.raises(TypeError, match="do not cross"):
        shared.put({"a": np.array([{}], object)})
    with pytest.raises(TypeError, match="do not cross"):
        shared.take({"a": ["|O", [1], 0]})


def test_an_array_that_was_not_sent_is_not_believed(shared):
    shared.put({"a": np.ones(3)})
    with pytest.raises(wire.Closed, match="not there"):
        shared.take({"a": ["<f8", [1 << 50], 0]})


def test_messages_keep_their_order_and_end_with_the_pipe():
    reading, writing = os.pipe()
    wire.send(writing, {"op": "open", "text": "é"})
    wire.send(writing, [1.5, None, float("inf")])
    os.close(writing)
    assert wire.receive(reading) == {"op": "open", "text": "é"}
    assert wire.receive(reading) == [1.5, None, float("inf")]
    with pytest.raises(wire.Closed):
        wire.receive(reading)
    os.close(reading)


@pytest.mark.parametrize("data", [b"\x08", wire.HEADER.pack(1 << 60), wire.HEADER.pack(3) + b"{1}"])
def test_nonsense_closes_the_conversation(data):
    reading, writing = os.pipe()
    os.write(writing, data)
    os.close(writing)
    with pytest.raises(wire.Closed):
        wire.receive(reading)
    os.close(reading)


def test_sending_to_nobody_is_told():
    reading, writing = os.pipe()
    os.close(reading)
    with pytest.raises(wire.Closed):
        wire.send(writing, {"op": "cancel"})
    os.close(writing)
