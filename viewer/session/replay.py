"""Replay: the commands of a session on a state, at once or at any moment of its time."""

from dataclasses import dataclass

from engine.errors import InputError
from viewer.session.command import Command, apply, migrated
from viewer.session.session import TRAVEL, Session
from viewer.state.tree import state_hash


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
    mismatches: list

    def as_json(self):
        """``{commands, state_hash, mismatches}``."""
        return {
            "commands": len(self.session.commands),
            "state_hash": state_hash(self.session.state),
            "mismatches": self.mismatches,
        }


def replay(commands, holder=None):
    """Give all commands, each at its own time; those that do not fit are told, not applied."""
    session = Session(holder, clock=lambda: 0.0)
    mismatches = []
    for command in commands:
        try:
            known = command if command.kind in TRAVEL else migrated(command)
            session.give(known)
        except InputError as error:
            mismatches.append(str(error))
    return Outcome(session, mismatches)


class Playback:
    """A session played in its own time: `state_at` goes forward, drags move between key frames.

    Parameters
    ----------
    commands : list of Command
        Sorted by time.
    holder : StateHolder, optional
    """

    def __init__(self, commands, holder=None):
        self.session = Session(holder, clock=lambda: 0.0)
        self._commands = sorted(commands, key=lambda command: command.t)
        self._next = 0

    @property
    def seconds(self):
        """When the last command, with its drag, has ended."""
        return max((end_of(command) for command in self._commands), default=0.0)

    def state_at(self, seconds):
        """The state at a moment; moments are asked for in rising order."""
        while self._next < len(self._commands):
            command = self._commands[self._next]
            if end_of(command) > seconds:
                break
            self.session.give(command)
            self._next += 1
        if self._next < len(self._commands):
            command = self._commands[self._next]
            if command.t <= seconds:
                return apply(self.session.state, between_keys(command, seconds))
        return self.session.state


def end_of(command):
    """When a command has ended, in seconds: its time, and for a drag the last key frame."""
    keys = command.args.get("keys")
    return command.t + (keys[-1][0] if keys else 0.0)


def between_keys(command, seconds):
    """A drag's command at a moment between two of its key frames, numbers interpolated."""
    keys = command.args["keys"]
    offset = seconds - command.t
    before = keys[0]
    for after in keys:
        if after[0] >= offset:
            break
        before = after
    else:
        after = before
    span = after[0] - before[0]
    share = 0.0 if span <= 0 else min(1.0, max(0.0, (offset - before[0]) / span))
    args = {
        name: _mixed(before[1].get(name, value), value, share) for name, value in after[1].items()
    }
    return Command(command.kind, args, seconds, command.version)


def _mixed(first, last, share):
    if isinstance(last, (list, tuple)):
        return [_mixed(one, other, share) for one, other in zip(first, last, strict=True)]
    if isinstance(last, (int, float)) and not isinstance(last, bool):
        return first + (last - first) * share
    return last
