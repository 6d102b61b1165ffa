"""Kinds of commands that only a movie shows: captions and waits; and what captions show when."""

from dataclasses import dataclass

from engine.errors import InputError
from viewer.session.checks import number, one_of
from viewer.session.command import kind
from viewer.session.moving import CAPTION_SECONDS, end_of

PLACES = ("top", "bottom", "left", "right", "middle")
LONGEST_TEXT = 500
LONGEST_SECONDS = 600.0


@dataclass(frozen=True)
class Caption:
    """Words over the views.

    Attributes
    ----------
    text : str
        Line ends are kept.
    place : str
        One of `PLACES`.
    since, until : float
        Seconds of the session.
    """

    text: str
    place: str
    since: float
    until: float


@kind("caption", undo=None)
def caption(state, *, text, place="bottom", seconds=CAPTION_SECONDS):
    """Words for some seconds, over the views; the state stays as it is."""
    if not isinstance(text, str) or not text.strip() or len(text) > LONGEST_TEXT:
        raise InputError(f"not a text of 1 to {LONGEST_TEXT} letters", where="text")
    one_of("place", place, PLACES)
    number("seconds", seconds, 0.0, LONGEST_SECONDS)
    return state


@kind("wait", undo=None)
def wait(state, *, seconds):
    """Nothing happens for some seconds; the state stays as it is."""
    number("seconds", seconds, 0.0, LONGEST_SECONDS)
    return state


def captions_at(commands, seconds):
    """The captions that stand at a moment; of one place only the latest.

    Parameters
    ----------
    commands : sequence of Command
        Sorted by time.
    seconds : float

    Returns
    -------
    tuple of Caption
        In the order of `PLACES`.
    """
    standing = {}
    for command in commands:
        if command.kind == "caption" and command.t <= seconds < end_of(command):
            args = command.args
            place = args.get("place", "bottom")
            standing[place] = Caption(str(args.get("text", "")), place, command.t, end_of(command))
    return tuple(standing[place] for place in PLACES if place in standing)
