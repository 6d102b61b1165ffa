"""A shorter list of commands that leads to the same state, for a session that begins in the midst.

Whoever presses *New Session* after an hour of looking around wants the next step to be the first
one. What stands before it is what is needed to come to the present state: of each setting the last
word. Where that does not give the same state (undo among it, selections that build on each other),
nothing is left out.
"""

from dataclasses import replace

from viewer.session.replay import replay
from viewer.session.session import TRAVEL


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

    short = _last_words(commands)
    if not leads_there(short):
        return tuple(commands)
    for command in short:
        without = tuple(other for other in short if other is not command)
        short = without if command.kind != "open" and leads_there(without) else short
    return short


def _last_words(commands):
    """Of commands with equal subjects the last, all at time 0."""
    kept = {}
    for command in commands:
        if command.kind in TRAVEL or command.kind in ("caption", "wait"):
            continue
        args = {name: value for name, value in command.args.items() if name != "keys"}
        texts = tuple(value for value in args.values() if isinstance(value, str))
        subject = (
            command.kind,
            tuple(sorted(args)),
            texts if command.kind == "window.pane" else (),
        )
        kept.pop(subject, None)
        kept[subject] = replace(command, t=0.0, args=args)
    return tuple(kept.values())
