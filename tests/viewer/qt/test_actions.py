"""All actions together: names, keys, wishes; the palette's matching; the sheet's columns."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewer.actions import Action
from viewer.qt.actions import all_actions, conflicts, in_menus
from viewer.qt.matching import match, ranked
from viewer.qt.shortcuts import answers, balanced, groups
from viewer.session.command import KINDS, Command, apply
from viewer.session.session import Session  # noqa: F401  (registers every kind)
from viewer.state.tree import State
from viewer.studio.facts import Facts

ACTIONS = all_actions()


def test_no_two_actions_have_one_name_or_one_key():
    assert conflicts(ACTIONS) == []
    twice = (Action("a", "A", "File", ("Ctrl+A",)), Action("b", "B", "File", ("Ctrl+A",)))
    assert conflicts(twice) == [("Ctrl+A", "a", "b")]


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.name)
def test_an_action_gives_a_command_that_fits_or_names_a_method(action):
    assert bool(action.method) != (action.wish is not None)
    assert action.text and action.menu
    state, facts = State(), Facts()
    if action.checked is not None:
        assert action.checked(state) in (True, False)
    wish = action.wish(state, facts) if action.wish else None
    if wish is not None:
        kind, args = wish
        apply(state, Command(kind, args, 0.0, KINDS[kind].version))


def test_menus_stand_in_the_order_of_the_bar():
    titles = list(dict.fromkeys(path.split("/")[0] for path in in_menus(ACTIONS)))
    assert titles[:3] == ["File", "Edit", "Sample"]
    assert titles[-3:] == ["Study", "Window", "Help"]
    odd = (*ACTIONS, Action("odd", "Odd", "Odd", method="odd"))
    titles = list(dict.fromkeys(path.split("/")[0] for path in in_menus(odd)))
    assert titles.index("Stack") < titles.index("Odd") < titles.index("Session")


@pytest.mark.parametrize(
    ("query", "best"),
    [
        ("c32", "Go to conv3_2"),
        ("conv 3_1", "Go to conv3_1"),
        ("max", "Maximum  Stack, Mode"),
        ("mode max", "Maximum  Stack, Mode"),
        ("sav sess as", "Save Session As"),
        ("dark", "Dark  Window, Theme"),
    ],
)
def test_a_few_letters_find_what_is_meant(query, best):
    texts = [
        "Open Network",
        "Maximum  Stack, Mode",
        "Attenuated Maximum  Stack, Mode",
        "Dark  Window, Theme",
        "Go to conv3_1",
        "Go to conv3_2",
        "Go to conv13_2",
        "Save Session As",
        "Save Study As",
    ]
    assert ranked(query, texts, str)[0][0] == best


def test_what_begins_with_the_letters_comes_before_what_only_has_them():
    texts = ["By Importance  Order", "L1  Importance, Norm", "Importance  Window, Layout"]
    assert [text for text, _ in ranked("importance", texts, str)][0] == texts[2]


def test_what_matches_by_chance_is_left_out():
    texts = ["Isosurface  Stack", "Isosurface Lower  Stack, Look", "Render Movie  Session"]
    assert [text for text, _ in ranked("iso", texts, str)] == texts[:2]
    assert [text for text, _ in ranked("rms", texts, str)] == [texts[2]]


def test_what_is_not_there_does_not_match():
    assert match("xyz", "Go to conv3_2") is None
    assert ranked("", ["b", "a"], str) == [("b", frozenset()), ("a", frozenset())]


@given(
    st.text(string.ascii_letters + string.digits + " _-.", min_size=1, max_size=20),
    st.text(string.ascii_letters + " _", max_size=8),
)
def test_the_letters_meant_are_the_letters_typed(text, query):
    found = match(query, text)
    if found is not None:
        meant = {text[at].lower() for at in found[1]}
        assert meant == set(query.lower()) - {" "}


def test_every_part_of_a_text_matches_it():
    text = "Common Range over the Study"
    for start in range(len(text)):
        assert match(text[start : start + 4], text) is not None


def test_the_sheet_has_every_key_once_and_answers_to_words_and_keys():
    listed = [keys for _, rows in groups(ACTIONS)[:-1] for _, keys in rows]
    assert len(listed) == sum(bool(action.keys) for action in ACTIONS)
    assert answers("f11", "Window", ("Present", "F11"))
    assert answers("window pres", "Window", ("Present", "F11"))
    assert not answers("quit", "Window", ("Present", "F11"))


@pytest.mark.parametrize("columns", [1, 2, 3, 4])
def test_columns_keep_the_order_and_are_about_equally_high(columns):
    parts = groups(ACTIONS)
    made = balanced(parts, columns)
    assert [part for column in made for part in column] == list(parts)
    heights = [sum(len(rows) + 2 for _, rows in column) for column in made]
    assert max(heights) <= sum(heights) / columns + max(len(rows) + 2 for _, rows in parts)
