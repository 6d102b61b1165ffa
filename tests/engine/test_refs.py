"""References are printed and parsed without loss."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InputError
from engine.refs import Ref, parse

names = st.from_regex(r"[A-Za-z0-9_.\-]{1,12}(~[2-9])?", fullmatch=True)
numbers = st.integers(0, 10**8)


@given(names, st.none() | numbers, st.none() | st.lists(numbers, min_size=1, max_size=3))
def test_there_and_back(layer, channel, position):
    if channel is None:
        position = None
    ref = Ref(layer, channel, None if position is None else tuple(position))
    assert parse(str(ref)) == ref


def test_as_people_write_them():
    assert str(Ref("conv3_2", 17, (12, 5))) == "conv3_2:17@12,5"
    assert parse("conv3_2") == Ref("conv3_2")
    assert parse("a.b-c~2:0") == Ref("a.b-c~2", 0)
    assert parse("tensor=/x/Conv:0@ y") == Ref(tensor="/x/Conv:0@ y")


@pytest.mark.parametrize(
    "text", ["", "a b", "a:", "a:-1", "a@1,2", "a:1@", "a:1@1,", "a:1@x", "tensor=", "a~0", "ä"]
)
def test_nonsense_is_told(text):
    with pytest.raises(InputError, match="names no layer"):
        parse(text)


def test_impossible_references():
    for wrong in ({}, {"layer": "a", "tensor": "b"}, {"layer": "a", "position": (1,)}):
        with pytest.raises(ValueError, match=r"reference|tensor|unit"):
            Ref(**wrong)
    with pytest.raises(ValueError, match="no layer's name"):
        Ref("a/b")
