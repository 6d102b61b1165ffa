"""Replay: the commands of a session on a state, at once or at any moment of its time."""

from dataclasses import dataclass, field

from engine.errors import InputError
from viewer.session.command import apply, migrated
from viewer.session.moving import (
    GLIDE_SECONDS,
    between_keys,
    can_glide,
    end_of,
    glide,
    keys_of,
    moved_until,
)
from viewer.session.session import TRAVEL, Session
from viewer.state.selection import selection_hash
from viewer.state.tree import StateHolder, state_hash


@dataclass(frozen=True)
class Outcome:
    """What a replay gave.

    Attributes
    ----------
    session : Session
        With the final state.
    mismatches : list of str
        Commands that this program could not apply, and why.
    """

    session: Session
    mismatches: list = field(default_factory=list)

    def as_json(self):
        """``{commands, state_hash, selection_hash, mismatches}``."""
        return {
            "commands": len(self.session.commands),
            "state_hash": state_hash(self.session.state),
            "selection_hash": selection_hash(self.session.state.selection),
            "mismatches": list(self.mismatches),
        }


def fault_of(command):
    """Why this program does not know a command, one sentence; None when it does."""
    if command.kind in TRAVEL:
        return None
    try:
        migrated(command)
    except InputError as error:
        return str(error)
    return None


def replay(commands, first=None):
    """Give all commands, each at its own time; those that do not fit are told, not applied.

    Parameters
    ----------
    commands : sequence of Command
    first : State, optional
        What they begin with.

    Returns
    -------
    Outcome
    """
    session = Session(StateHolder(first), clock=lambda: 0.0)
    return Outcome(session, session.restart(commands))


class Playback:
    """A session played in its own time: `state_at` goes forward.

    Drags move between their key frames; drags of a written session may overlap. Jumps of a camera
    or of a number take 150 ms, which does not depend on the moments that are asked for, so that
    a movie is the same on every run.

    Parameters
    ----------
    commands : list of Command
    holder : StateHolder or Session, optional
        What is played on.
    glides : bool
        False where the views themselves take their time (the window).
    start : int
        How many of the commands, in order of time, have been given already.

    Attributes
    ----------
    commands : list of Command
        Sorted by time, as `captions_at` wants them.
    mismatches : list of str
        Commands that could not be applied so far, and why.
    given : int
        How many commands are done with.
    """

    def __init__(self, commands, holder=None, *, glides=True, start=0):
        is_session = isinstance(holder, Session)
        self.session = holder if is_session else Session(holder, clock=lambda: 0.0)
        self.commands = sorted(commands, key=lambda command: command.t)
        self.mismatches = []
        self.given = start
        self._glides = glides
        self._glide = None
        self._refused = set()

    @property
    def seconds(self):
        """When all has ended: the last command, drag, caption and wait, and what still moves."""
        ends = [end_of(command) for command in self.commands]
        return max(ends) + GLIDE_SECONDS if ends else 0.0

    def state_at(self, seconds):
        """The state at a moment; moments are asked for in rising order."""
        while self.given < len(self.commands):
            command = self.commands[self.given]
            if moved_until(command) > seconds:
                break
            self._give(command)
            self.given += 1
        return self._on_the_way(self._with_open_drags(seconds), seconds)

    def open_at(self, seconds):
        """Commands that have begun by a moment and are not given yet, as they stand then."""
        found = []
        for command in self.commands[self.given :]:
            if command.t > seconds or command.kind in TRAVEL:
                break
            found.append(command)
        return found

    def _with_open_drags(self, seconds):
        state = self.session.recorded
        for command in self.open_at(seconds):
            try:
                command = migrated(command)
                now = between_keys(command, seconds) if keys_of(command) else command
                state = apply(state, now)
            except InputError as error:
                self._refuse(command, error)
        return state

    def _give(self, command):
        before = self.session.recorded
        try:
            after = self.session.give(command if command.kind in TRAVEL else migrated(command))
        except InputError as error:
            self._refuse(command, error)
            return
        if self._glides and not keys_of(command) and can_glide(before, after):
            self._glide = (command.t, self._on_the_way(before, command.t))

    def _refuse(self, command, error):
        if (command.kind, command.t) not in self._refused:
            self._refused.add((command.kind, command.t))
            self.mismatches.append(str(error))

    def _on_the_way(self, state, seconds):
        if self._glide is None:
            return state
        began, before = self._glide
        share = (seconds - began) / GLIDE_SECONDS
        if share >= 1.0 or before.source != state.source:
            self._glide = None
            return state
        return glide(before, state, max(0.0, share))
