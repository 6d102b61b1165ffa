"""A shorter list of commands that leads to the same state, for a session that begins in the midst.

Whoever presses *New Session* after an hour of looking around wants the next step to be the first
one. What stands before it is what is needed to come to the present state: nothing that was taken
back, and of each setting the last word. Every shortening is tried, and kept only where it leads to
the same state.
"""

from collections import Counter
from dataclasses import replace

from engine.errors import InputError
from viewer.session.command import CAMERA, KINDS, MAIN, migrated
from viewer.session.replay import replay
from viewer.session.session import TRAVEL, Session
from viewer.state.tree import StateHolder

FEW = 80


def beginning_of(commands, first, state):
    """Commands at time 0 that lead from a first state to the present one.

    Parameters
    ----------
    commands : sequence of Command
    first, state : State

    Returns
    -------
    tuple of Command
        All of them, with their times, where fewer do not lead there.
    """

    def leads_there(trial):
        return replay(trial, first).session.state == state

    short = _at_once(_not_taken_back(commands, first))
    if not leads_there(short):
        return tuple(commands)
    for kind, count in Counter(command.kind for command in short).most_common():
        if count > 1 and leads_there(trial := _last_words(short, kind)):
            short = trial
    for command in short if len(short) <= FEW else ():
        without = tuple(other for other in short if other is not command)
        short = without if command.kind != "open" and leads_there(without) else short
    return short


def _not_taken_back(commands, first):
    """The commands without those that were undone, and without undo and redo."""
    session = Session(StateHolder(first), clock=lambda: 0.0)
    always, done, undone = [], {MAIN: [], CAMERA: []}, {MAIN: [], CAMERA: []}
    for place, command in enumerate(commands):
        if command.kind in TRAVEL:
            history, direction = TRAVEL[command.kind]
            source, target = done[history], undone[history]
            source, target = (target, source) if direction == "forward" else (source, target)
            if session.can(command.kind) and source:
                target.append(source.pop())
            session.give(command)
            continue
        try:
            command = migrated(command)
            before = session.state
            session.give(command)
        except InputError:
            continue  # what does not fit does nothing
        history = KINDS[command.kind].undo
        if history is None or session.state == before:
            always.append(place)
        elif session.depth(history) > len(done[history]):
            done[history].append([place])
            undone[history].clear()
        else:
            done[history][-1].append(place)
        if command.kind == "open":  # from here nothing can be taken back any more
            always += [each for groups in done.values() for group in groups for each in group]
            done, undone = {MAIN: [], CAMERA: []}, {MAIN: [], CAMERA: []}
    kept = always + [each for groups in done.values() for group in groups for each in group]
    return [commands[place] for place in sorted(kept)]


def _at_once(commands):
    """The commands at time 0, drags as jumps to their ends."""
    made = []
    for command in commands:
        if command.kind not in ("caption", "wait"):
            args = {name: value for name, value in command.args.items() if name != "keys"}
            made.append(replace(command, t=0.0, args=args))
    return tuple(made)


def _last_words(commands, kind):
    """Of one kind only the last command on each subject."""
    last = {}
    for place, command in enumerate(commands):
        if command.kind == kind:
            which = command.args.get("pane") or command.args.get("layer")
            which = which if isinstance(which, str) and len(command.args) > 1 else None
            last[tuple(sorted(command.args)), which] = place
    kept = set(last.values())
    return tuple(
        command for place, command in enumerate(commands) if command.kind != kind or place in kept
    )
