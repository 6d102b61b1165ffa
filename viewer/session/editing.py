"""The list of a session's steps, changed by a person: deleted, moved, retimed, put in; and undone.

The list is a tuple of commands that rise in time; every change makes another one that does. Nothing
here touches the state that is looked at: only a replay of the list does.
"""

from dataclasses import replace

from psygnal import Signal

from engine.errors import InputError
from viewer.session.command import Command, apply
from viewer.session.moving import end_of, keys_of, moved_until
from viewer.state.tree import State

UNDO_STEPS = 100
LATEST = 1e6


def tidy(steps):
    """Steps in order of time, equal times as they stood; to the millisecond, none below 0."""
    timed = (replace(step, t=round(min(LATEST, max(0.0, step.t)), 3)) for step in steps)
    return tuple(sorted(timed, key=lambda step: step.t))


def busy_until(step):
    """Until when a step keeps those after it waiting: drags and waits do, captions do not."""
    return end_of(step) if step.kind == "wait" else moved_until(step)


class Editing:
    """A list of steps with an undo of its own.

    Parameters
    ----------
    steps : sequence of Command

    Attributes
    ----------
    steps : tuple of Command
    changed : Signal
        After every change of the list.
    """

    changed = Signal()

    def __init__(self, steps=()):
        self.steps = tuple(steps)
        self._forget()

    def _forget(self):
        self._back, self._forward, self._added = [], [], []

    def load(self, steps):
        """Take another list; its undo is empty."""
        self.steps = tuple(steps)
        self._forget()
        self.changed.emit()

    def append(self, step):
        """Add what a person has just done; this is no edit, and the undo of edits keeps it."""
        self.steps = (*self.steps, step)
        self._forward = []
        if self._back:
            self._added.append(step)
        self.changed.emit()

    @property
    def can_undo(self):
        """Whether there is an edit to take back."""
        return bool(self._back)

    @property
    def can_redo(self):
        """Whether there is an edit to make again."""
        return bool(self._forward)

    def undo(self):
        """Take the last edit back."""
        self._travel(self._back, self._forward)

    def redo(self):
        """Make again what was taken back."""
        self._travel(self._forward, self._back)

    def delete(self, places):
        """Delete steps; those after a deleted wait come earlier by what it lasted."""
        gone, steps, earlier = set(places), [], 0.0
        for place, step in enumerate(self.steps):
            if place not in gone:
                steps.append(replace(step, t=step.t - earlier))
            elif step.kind == "wait":
                earlier += end_of(step) - step.t
        self._take(steps)

    def move(self, places, before):
        """Put steps before the step that stands at ``before`` (the length of the list: last).

        The list keeps its times: a step takes the time of the place to which it comes, and what
        follows comes later where a drag or a wait needs it.

        Returns
        -------
        range
            Where the moved steps stand now.
        """
        places = sorted(set(places))
        moved = [self.steps[place] for place in places]
        rest = [step for place, step in enumerate(self.steps) if place not in set(places)]
        at = before - sum(place < before for place in places)
        order = [*rest[:at], *moved, *rest[at:]]
        neighbours = {(id(a), id(b)) for a, b in zip(self.steps, self.steps[1:], strict=False)}
        steps, later = [], 0.0
        for place, step in enumerate(order):
            start = self.steps[place].t + later
            if place and (id(order[place - 1]), id(step)) not in neighbours:
                pushed = max(start, busy_until(steps[-1]))
                later += pushed - start
                start = pushed
            steps.append(replace(step, t=start))
        self._take(steps)
        return range(at, at + len(moved))

    def retime(self, place, seconds, *, following=False):
        """Give a step another time; with ``following``, all after it go along.

        Alone it goes to where its time belongs; together they stop at the step before them.

        Returns
        -------
        int
            Where the step stands now.
        """
        step = self.steps[place]
        if following:
            earliest = self.steps[place - 1].t if place else 0.0
            delta = max(earliest, seconds) - step.t
            self._take(self._shifted(place, delta))
            return place
        changed = replace(step, t=max(0.0, seconds))
        self._take([*self.steps[:place], changed, *self.steps[place + 1 :]])
        return next(
            number
            for number, other in enumerate(self.steps)
            if other.args is changed.args and other.kind == changed.kind
        )

    def stretch(self, place, seconds):
        """Let a drag, a caption or a wait last so long; what follows a drag or wait goes along.

        Raises
        ------
        InputError
            The step takes no time.
        """
        step, seconds = self.steps[place], max(0.0, float(seconds))
        if step.kind in ("caption", "wait"):
            changed = replace(step, args={**step.args, "seconds": seconds})
        elif keys_of(step) and moved_until(step) > step.t:
            factor = seconds / (moved_until(step) - step.t)
            keys = [[round(offset * factor, 3), args] for offset, args in keys_of(step)]
            changed = replace(step, args={**step.args, "keys": keys})
        else:
            raise InputError("this step takes no time", where=step.kind)
        self._check(changed)
        steps = self._shifted(place + 1, busy_until(changed) - busy_until(step))
        steps[place] = changed
        self._take(steps)

    def insert(self, place, kind, /, **args):
        """Put a caption, a wait or another command before the step at ``place``.

        It stands where the step before it has ended; after a wait the others come later.
        """
        start = max((busy_until(step) for step in self.steps[:place]), default=0.0)
        if place < len(self.steps):
            start = min(start, self.steps[place].t)
        step = Command(kind, args, start)
        self._check(step)
        rest = self._shifted(place, busy_until(step) - step.t)[place:]
        self._take([*self.steps[:place], step, *rest])

    def take_in(self, place, step, pause=0.5):
        """Put in what a person has just done; those after it come later, by it and a pause."""
        start = max((busy_until(other) for other in self.steps[:place]), default=0.0) + pause
        step = replace(step, t=start)
        later = pause + busy_until(step) - step.t if place < len(self.steps) else 0.0
        self._take([*self.steps[:place], step, *self._shifted(place, later)[place:]])

    def change(self, place, /, **args):
        """Give a caption or a wait other arguments."""
        step = self.steps[place]
        if step.kind not in ("caption", "wait"):
            raise InputError("only captions and waits can be changed", where=step.kind)
        if step.kind == "wait" and "seconds" in args:
            self.stretch(place, args["seconds"])
            return
        changed = replace(step, args={**step.args, **args})
        self._check(changed)
        self._take([*self.steps[:place], changed, *self.steps[place + 1 :]])

    def shorten_pauses(self, longest):
        """Let nothing happen for at most so many seconds between two steps (waits stay)."""
        steps, earlier, busy = [], 0.0, 0.0
        for step in self.steps:
            pause = step.t - busy
            if pause > longest:
                earlier += pause - longest
            busy = max(busy, step.t, end_of(step))
            steps.append(replace(step, t=step.t - earlier))
        self._take(steps)

    def _shifted(self, place, delta):
        after = [replace(step, t=step.t + delta) for step in self.steps[place:]]
        return [*self.steps[:place], *after]

    @staticmethod
    def _check(step):
        if step.kind in ("caption", "wait"):
            apply(State(), step)

    def _take(self, steps):
        steps = tidy(steps)
        if steps == self.steps:
            return
        self._back = [*self._back[1 - UNDO_STEPS :], self._present]
        self._forward = []
        self.steps = steps
        self.changed.emit()

    @property
    def _present(self):
        """The steps as the undo keeps them, with how many were added before."""
        return self.steps, len(self._added)

    def _travel(self, source, target):
        if source:
            target.append(self._present)
            steps, before = source.pop()
            added = self._added[before:]
            self.steps = tidy((*steps, *added)) if added else steps
            self.changed.emit()
