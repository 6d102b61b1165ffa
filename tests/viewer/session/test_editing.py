"""Edits of a list of steps: each gives a valid list, touches no state, and can be taken back."""

import random

import pytest

from engine.errors import InputError
from viewer.session.command import Command
from viewer.session.editing import Editing, busy_until
from viewer.session.moving import end_of


def step(t, kind="focus.sample", **args):
    return Command(kind, args or {"sample": int(t)}, float(t))


def drag(t, seconds):
    keys = [[0.0, {"azimuth": 0.0}], [seconds, {"azimuth": 40.0}]]
    return Command("camera.move", {"azimuth": 40.0, "keys": keys}, float(t))


def times(editing):
    return [each.t for each in editing.steps]


def kinds(editing):
    return [each.kind for each in editing.steps]


def test_a_deleted_wait_gives_its_time_back_and_other_steps_leave_a_gap():
    editing = Editing([step(1), step(2, "wait", seconds=3.0), step(6), step(8)])
    editing.delete([1])
    assert times(editing) == [1.0, 3.0, 5.0]
    editing.delete([1])
    assert times(editing) == [1.0, 5.0]


def test_moved_steps_take_the_times_of_their_places():
    editing = Editing([step(1), step(2), step(4), step(8)])
    assert list(editing.move([2], 0)) == [0]
    assert [each.args["sample"] for each in editing.steps] == [4, 1, 2, 8]
    assert times(editing) == [1.0, 2.0, 4.0, 8.0]
    editing.move([0, 3], 2)
    assert [each.args["sample"] for each in editing.steps] == [1, 4, 8, 2]


def test_a_drag_moved_before_others_pushes_them_and_keeps_its_length():
    editing = Editing([step(1), step(2), drag(5, 3.0)])
    editing.move([2], 0)
    assert kinds(editing) == ["camera.move", "focus.sample", "focus.sample"]
    assert times(editing) == [1.0, 4.0, 7.0]
    assert busy_until(editing.steps[0]) == 4.0


def test_one_step_goes_to_its_time_and_all_after_it_go_along():
    editing = Editing([step(1), step(2), step(4)])
    assert editing.retime(0, 3.0) == 1
    assert [each.args["sample"] for each in editing.steps] == [2, 1, 4]
    assert editing.retime(1, 10.0, following=True) == 1
    assert times(editing) == [2.0, 10.0, 11.0]
    editing.retime(1, -5.0, following=True)
    assert times(editing) == [2.0, 2.0, 3.0]


def test_captions_stand_beside_what_happens_and_waits_push_it():
    editing = Editing([drag(1, 2.0), step(4)])
    editing.insert(1, "caption", text="Look", seconds=5.0)
    assert times(editing) == [1.0, 3.0, 4.0]
    editing.insert(2, "wait", seconds=2.0)
    assert kinds(editing) == ["camera.move", "caption", "wait", "focus.sample"]
    assert times(editing) == [1.0, 3.0, 3.0, 6.0]
    editing.change(1, text="Look here", place="top")
    assert editing.steps[1].args == {"text": "Look here", "seconds": 5.0, "place": "top"}


@pytest.mark.parametrize(
    "change",
    [
        lambda editing: editing.insert(0, "caption", text=""),
        lambda editing: editing.insert(0, "wait", seconds="long"),
        lambda editing: editing.insert(0, "caption", text="x", place="ceiling"),
        lambda editing: editing.change(0, text="x"),
        lambda editing: editing.stretch(0, 3.0),
    ],
)
def test_what_does_not_fit_is_told_and_changes_nothing(change):
    editing = Editing([step(1)])
    with pytest.raises(InputError):
        change(editing)
    assert times(editing) == [1.0]
    assert not editing.can_undo


def test_a_drag_lasts_as_long_as_wanted_and_the_rest_goes_along():
    editing = Editing([drag(1, 2.0), step(4)])
    editing.stretch(0, 4.0)
    assert end_of(editing.steps[0]) == 5.0
    assert times(editing) == [1.0, 6.0]
    assert editing.steps[0].args["keys"][-1][0] == 4.0


def test_long_pauses_become_short_and_waits_stay():
    editing = Editing([step(1), drag(60, 3.0), step(64), step(70, "wait", seconds=9.0), step(300)])
    editing.shorten_pauses(2.0)
    assert times(editing) == [1.0, 3.0, 7.0, 9.0, 20.0]


def test_what_a_person_does_meanwhile_survives_the_undo_of_an_edit():
    editing = Editing([step(1), step(2)])
    editing.delete([0])
    editing.append(step(9))
    editing.undo()
    assert times(editing) == [1.0, 2.0, 9.0]


def test_any_edits_keep_a_valid_list_and_all_are_taken_back():
    chance = random.Random(11)
    first = (drag(1, 2.0), step(4), step(5, "wait", seconds=1.5), step(7), drag(9, 1.0))
    for _ in range(60):
        editing, count = Editing(first), 0
        for _ in range(12):
            before, n = editing.steps, len(editing.steps)
            place = chance.randrange(max(1, n))
            choice = chance.randrange(7)
            if choice == 0 and n:
                editing.delete([place, chance.randrange(n)])
            elif choice == 1 and n:
                editing.move([place, chance.randrange(n)], chance.randrange(n + 1))
            elif choice == 2 and n:
                editing.retime(place, chance.uniform(-3, 20), following=chance.random() < 0.5)
            elif choice == 3:
                editing.insert(chance.randrange(n + 1), "wait", seconds=chance.uniform(0, 3))
            elif choice == 4:
                editing.insert(chance.randrange(n + 1), "caption", text="a")
            elif choice == 5:
                editing.shorten_pauses(chance.uniform(0, 2))
            elif n:
                editing.take_in(chance.randrange(n + 1), step(99))
            count += editing.steps != before
            assert times(editing) == sorted(times(editing))
            assert all(each.t >= 0 for each in editing.steps)
        for _ in range(count):
            editing.undo()
        assert editing.steps == first
        assert not editing.can_undo
