"""What the session pane shows: a row for each step, and one line on how things stand; no Qt."""

import re
from dataclasses import dataclass

from viewer.session.moving import end_of, keys_of
from viewer.views.session.words import words_of

NOTHING = "No steps yet. What you do becomes a list here, to save, to play and to edit."


@dataclass(frozen=True)
class Row:
    """One step.

    Attributes
    ----------
    time, what, lasts : str
        As shown; ``lasts`` is empty for what takes no time.
    fault : str
        Why the step is left out; empty when it is not.
    has_text, has_length : bool
        Whether its words and how long it lasts can be changed.
    """

    time: str
    what: str
    lasts: str
    fault: str = ""
    has_text: bool = False
    has_length: bool = False


def row_of(step, fault=""):
    """The row of a step."""
    length = end_of(step) - step.t
    has_length = step.kind in ("caption", "wait") or (bool(keys_of(step)) and length > 0)
    return Row(
        time_text(step.t),
        words_of(step),
        f"{length:.1f} s" if has_length else "",
        fault,
        step.kind == "caption",
        has_length,
    )


def time_text(seconds):
    """A moment as ``1:02.3``; ``1:00:02.3`` from an hour on."""
    tenths = round(seconds * 10)
    minutes, tenths = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    clock = f"{hours}:{minutes:02d}" if hours else f"{minutes}"
    return f"{clock}:{tenths // 10:02d}.{tenths % 10}"


def seconds_of(text):
    """Seconds of what a person typed: ``12.5``, ``1:02.5``, ``1:00:02``, ``2.5 s``.

    Raises
    ------
    ValueError
        A sentence for the person.
    """
    text = text.strip().removesuffix("s").strip().replace(",", ".")
    parts = text.split(":")
    if len(parts) > 3 or not all(re.fullmatch(r"\d+(\.\d*)?|\.\d+", part) for part in parts):
        raise ValueError("A time is written as 12.5 or 1:02.5.")
    seconds = 0.0
    for part in parts:
        seconds = seconds * 60 + float(part)
    if seconds > 1e6:
        raise ValueError("That is longer than a session may be.")
    return seconds


def status(document):
    """How things stand, in one sentence; empty when there is nothing to say."""
    player = document.player
    unknown = len(document.faults)
    if player.playing:
        return "Playing. What you do now stops it."
    if player.left:
        return "You are somewhere else: play or go to a step to come back."
    if document.taking_in and document.asked_for:
        at_end = player.place == len(document.steps)
        return "What you do becomes a step " + ("at the end." if at_end else "at the mark.")
    if unknown:
        return f"{unknown} step{'s' if unknown > 1 else ''} of a newer version left out."
    if not document.taking_in:
        return "Record takes in what you do."
    return ""
