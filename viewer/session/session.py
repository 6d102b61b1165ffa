"""A session: gives commands to the state, remembers them, takes them back."""

import time
from dataclasses import replace

from psygnal import Signal

from engine.errors import InputError
from viewer.session import kinds  # noqa: F401  (registers every kind)
from viewer.session.command import CAMERA, KINDS, MAIN, Command, apply, find, migrated, plain
from viewer.session.moving import moved_until
from viewer.state.tree import StateHolder

MERGE_SECONDS = 0.8
FRAMES_PER_SECOND = 30

PARTS = {
    MAIN: (
        "focus",
        "selection",
        "selections",
        "stack",
        "network",
        "maps",
        "matrix",
        "scatter",
        "points",
        "attribution",
        "filters",
        "comparison",
        "orders",
        "slices",
        "series",
        "importance",
        "sample",
        "film",
        "preprocessing",
    ),
    CAMERA: (
        "camera",
        "network_camera",
        "maps_camera",
        "matrix_camera",
        "scatter_camera",
        "comparison_camera",
        "slices_camera",
        "importance_camera",
        "sample_camera",
        "filters_camera",
    ),
}
TRAVEL = {
    "undo": (MAIN, "back"),
    "redo": (MAIN, "forward"),
    "camera.undo": (CAMERA, "back"),
    "camera.redo": (CAMERA, "forward"),
}


class History:
    """Undo and redo of some parts of the state: stacks of the parts' former values."""

    def __init__(self, parts):
        self.parts = parts
        self.back = []
        self.forward = []
        self._last = None

    def _values(self, state):
        return {part: getattr(state, part) for part in self.parts}

    def remember(self, before, command, merges):
        """Keep what was before a command, unless it goes on with the last one."""
        again = (
            merges
            and self.back
            and self._last is not None
            and self._last.kind == command.kind
            and command.t - self._last.t < MERGE_SECONDS
        )
        if not again:
            self.back.append(self._values(before))
        self.forward.clear()
        self._last = command

    def travel(self, state, direction):
        """The state one step back or forward; unchanged at the end."""
        source, target = self.back, self.forward
        if direction == "forward":
            source, target = target, source
        self._last = None
        if not source:
            return state
        target.append(self._values(state))
        return replace(state, **source.pop())

    def clear(self):
        """Forget everything (another network was opened)."""
        self.back.clear()
        self.forward.clear()
        self._last = None


class Session:
    """The only one who changes the state.

    Parameters
    ----------
    holder : StateHolder, optional
    clock : callable() -> float
        Seconds; time 0 of the session is its first reading.

    Attributes
    ----------
    commands : list of Command
        Everything done, in order.
    first : State
        What the session began with.
    done : Signal(Command)
        After a command was applied and the state told.
    interrupted : Signal
        A person acts while a moment of a replay is shown: the replay must record it or drop it.
    restarted : Signal
        The session has begun anew with other commands.
    """

    done = Signal(Command)
    interrupted = Signal()
    restarted = Signal()

    def __init__(self, holder=None, clock=time.monotonic):
        self.holder = holder or StateHolder()
        self.first = self.holder.state
        self.commands = []
        self._clock = clock
        self._start = clock()
        self._histories = {name: History(parts) for name, parts in PARTS.items()}
        self._drag = None
        self._cut = {}
        self._recorded = None

    @property
    def state(self):
        """The present `State`, as the views show it."""
        return self.holder.state

    @property
    def recorded(self):
        """The state after the last command, where `state` may be a moment of a replay."""
        return self.holder.state if self._recorded is None else self._recorded

    @property
    def now(self):
        """Logical time in seconds, to the millisecond that a session file keeps."""
        return round(self._clock() - self._start, 3)

    def can(self, travel):
        """Whether one of `TRAVEL` (undo, redo, and the camera's) would change anything."""
        history, direction = TRAVEL[travel]
        return bool(getattr(self._histories[history], direction))

    def depth(self, history):
        """How many steps can be taken back in a history, `MAIN` or `CAMERA`."""
        return len(self._histories[history].back)

    def do(self, kind, **args):
        """Give a command now. Returns the new state; InputError when it does not fit."""
        self._leave_replay()
        return self.give(Command(kind, plain(args), self.now, self._version(kind)))

    def give(self, command):
        """Apply a command with its own time (replay); a drag under way ends first."""
        self.end_drag()
        before = self.recorded
        if command.kind in TRAVEL:
            history, direction = TRAVEL[command.kind]
            after = self._histories[history].travel(before, direction)
        else:
            after = apply(before, command)
            self._remember(before, after, command)
        self._record(command, after)
        return after

    def preview(self, state):
        """Show a moment of a replay (inside a drag) without recording it; `give` goes on."""
        self._recorded = self.recorded
        self.holder.set(state)

    def restart(self, commands, first=None):
        """Begin anew, with these commands given at once; the state is told once.

        Parameters
        ----------
        commands : sequence of Command
        first : State, optional
            What they begin with; by default what this session began with.

        Returns
        -------
        list of str
            What could not be applied, and why.
        """
        self.drop_drag()
        trial = Session(StateHolder(first or self.first), clock=lambda: 0.0)
        faults = []
        for command in commands:
            try:
                trial.give(command if command.kind in TRAVEL else migrated(command))
            except InputError as error:
                faults.append(str(error))
        self.first, self.commands = trial.first, trial.commands
        self._histories, self._recorded = trial._histories, None
        self.continue_at(max((moved_until(command) for command in self.commands), default=0.0))
        self.holder.set(trial.state)
        self.restarted.emit()
        return faults

    def continue_at(self, seconds):
        """Let the session's time go on from a moment."""
        self._start = self._clock() - seconds

    def _leave_replay(self):
        if self._recorded is not None:
            self.interrupted.emit()
        if self._recorded is not None:
            self.holder.set(self._recorded)
            self._recorded = None

    def drag(self, kind, **args):
        """One movement of a drag: applied at once, recorded as one command by `end_drag`."""
        if self._drag is not None and self._drag.kind != kind:
            self._cut[self._drag.kind] = self.now
            self.end_drag()
        self._leave_replay()
        if self._drag is None:
            goes_on = self.now - self._cut.pop(kind, -MERGE_SECONDS) < MERGE_SECONDS
            self._drag = _Drag(kind, self.now, self.state, goes_on)
        args = plain(args)
        whole = {**self._drag.args, **args}
        after = apply(self._drag.before, Command(kind, whole, self.now, self._version(kind)))
        self._drag.add(Command(kind, args, self.now))
        self.holder.set(after)

    def drop_drag(self):
        """Forget the drag under way; the state stays where it has come."""
        self._drag = None

    def end_drag(self):
        """End the drag under way: one command with key frames, undone as one."""
        drag, self._drag = self._drag, None
        if drag is None:
            return
        command = drag.command(self._version(drag.kind))
        self._remember(drag.before, self.state, command, drag.goes_on)
        self._record(command, self.state)

    def _version(self, kind):
        return 1 if kind in TRAVEL else find(kind).version

    def _remember(self, before, after, command, goes_on=False):
        kind = KINDS[command.kind]
        if kind.name == "open":
            for history in self._histories.values():
                history.clear()
        elif kind.undo is not None and after != before:
            merges = goes_on or (kind.merges and "keys" not in command.args)
            self._histories[kind.undo].remember(before, command, merges)

    def _record(self, command, after):
        self.commands.append(command)
        self._recorded = None
        self.holder.set(after)
        self.done.emit(command)


class _Drag:
    """A drag under way: its key frames, at most 30 a second, always with the last one.

    ``goes_on``: it was cut by another a moment ago (turning the stack while samples are played),
    and is undone together with what was before the cut.
    """

    def __init__(self, kind, start, before, goes_on=False):
        self.kind = kind
        self.start = start
        self.before = before
        self.goes_on = goes_on
        self.args = {}
        self._keys = []

    def add(self, command):
        self.args.update(command.args)
        after_start = command.t - self.start
        key = [round(after_start, 3), dict(command.args)]
        last_is_near = (
            len(self._keys) > 1 and after_start - self._keys[-2][0] < 1 / FRAMES_PER_SECOND
        )
        if last_is_near:
            self._keys[-1] = [key[0], {**self._keys[-1][1], **key[1]}]
        else:
            self._keys.append(key)

    def command(self, version):
        return Command(self.kind, {**self.args, "keys": self._keys}, self.start, version)
