"""The state's JSON is canonical, its hash leaves out where files and panes are."""

import math
from dataclasses import replace

import pytest

from viewer.state.camera import Camera
from viewer.state.hover import Hover, Hovered
from viewer.state.source import Source
from viewer.state.tree import State, StateHolder, canonical_json, state_hash


def test_canonical_json_has_one_text_for_one_value():
    assert canonical_json({"b": (1, 2), "a": -0.0}) == '{"a":0.0,"b":[1,2]}'
    assert canonical_json(State()) == canonical_json(State())


def test_the_state_refuses_numbers_that_are_none():
    with pytest.raises(ValueError, match="nan"):
        canonical_json(Camera(zoom=math.nan))


def test_the_hash_follows_the_focus_but_not_paths_and_panes():
    state = State()
    assert state_hash(state) != state_hash(state.with_part("focus", sample=1))
    assert state_hash(state) == state_hash(replace(state, source=Source(network="/else/where")))
    assert state_hash(state) == state_hash(state.with_part("window", theme="light"))


def test_the_holder_tells_changes_only():
    holder, told = StateHolder(), []
    holder.changed.connect(lambda new, old: told.append((new, old)))
    first = holder.state
    holder.set(State())
    second = first.with_part("focus", sample=2)
    holder.set(second)
    assert told == [(second, first)]


def test_hover_tells_only_when_it_differs():
    hover, told = Hover(), []
    hover.changed.connect(told.append)
    hover.set(Hovered("conv1", 2, (3, 4), 0.5))
    hover.set(Hovered("conv1", 2, (3, 4), 0.5))
    hover.set(None)
    assert told == [Hovered("conv1", 2, (3, 4), 0.5), None]
