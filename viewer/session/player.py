"""Plays a list of steps on the live session: at their times, from any step, or step by step.

Whoever owns a clock calls `tick` some thirty times a second. Time passes only while everything that
is shown is exact, so that computing takes no time of the session; a drag moves between its key
frames. When a person acts meanwhile, what is under way is recorded as far as it has come. The
session's own pane, where it is in sight, stays so, whatever layouts the session chooses.
"""

import time
from contextlib import contextmanager
from dataclasses import replace

from psygnal import Signal

from viewer.session.command import Command
from viewer.session.moving import GLIDE_SECONDS, cut, end_of, keys_of, moved_until
from viewer.session.replay import Playback
from viewer.session.session import TRAVEL
from viewer.state.layout import in_front, pane, row, without
from viewer.state.tree import as_json

LONGEST_TICK = 0.25
QUIET = ("caption", "wait")
PANE = "session"
PANE_SHARE = 0.24


class Player:
    """Replays steps on a session.

    Parameters
    ----------
    session : Session
        The live one.
    clock : callable() -> float, optional
        Seconds.

    Attributes
    ----------
    steps : tuple of Command
        What is played; `load` sets them.
    place : int
        How many of the steps have been given.
    seconds : float
        The moment of the session's time that is shown.
    playing : bool
    giving : bool
        Whether the player itself gives a command just now.
    left : bool
        Whether the live state is no longer the one of `place`: a person has gone on alone.
    faults : list of str
        What could not be applied at the last jump.
    changed : Signal
        Place, time, playing; a tick that changes nothing but the time tells too.
    """

    changed = Signal()

    def __init__(self, session, clock=time.monotonic):
        self.session = session
        self.steps = ()
        self.first = session.first
        self.place = 0
        self.seconds = 0.0
        self.playing = False
        self.giving = False
        self.left = False
        self.faults = []
        self._clock = clock
        self._last = 0.0
        self._playback = None
        self._measured, self._length = None, 0.0
        session.interrupted.connect(self._interrupted)

    def load(self, steps, first, place):
        """Take other steps; the live state is that after ``place`` of them."""
        self.pause()
        self.steps, self.first, self.place = tuple(steps), first, place
        self._playback = None
        self.seconds = self.moment(place)
        self.left = False

    def follow(self, steps, place=None):
        """Take the steps after an edit; where it changed what has been done, the state is left."""
        self.pause()
        before = self.steps[: self.place]
        self.steps, self._playback = tuple(steps), None
        if place is None:
            place = _same_place(before, self.steps)
            self.left = self.left or place is None
            place = min(self.place, len(self.steps)) if place is None else place
        self.place = place
        self.seconds = self.moment(place)

    def went_on(self, steps):
        """A person has taken one step more at the end; `steps` has it."""
        self.steps, self._playback = steps, None
        self.place = len(steps)
        self.seconds = max(self.seconds, moved_until(steps[-1]))

    def moment(self, place):
        """The time at which so many steps are done, in seconds."""
        return max((moved_until(step) for step in self.steps[:place]), default=0.0)

    @property
    def first_place(self):
        """The earliest place to go to: after opening, which is not done again for a replay."""
        for place, step in enumerate(self.steps):
            if step.kind == "open":
                return place + 1
        return 0

    @property
    def length(self):
        """Seconds of the whole, waits and captions included."""
        if self._measured is not self.steps:
            self._measured = self.steps
            self._length = max((end_of(step) for step in self.steps), default=0.0)
        return self._length

    def go_to(self, place):
        """Bring the live session to where it was after so many steps."""
        self.pause()
        place = min(max(place, self.first_place), len(self.steps))
        keeps = self._pane_in_sight()
        self.faults = self.session.restart(self.steps[:place], self.first)
        self._playback = None
        self.place, self.seconds, self.left = place, self.moment(place), False
        self._keep_pane(keeps)
        self.session.continue_at(self.seconds)
        self.changed.emit()

    def step(self, count=1):
        """Go so many steps forward, or back."""
        self.go_to(self.place + count)

    def play(self, place=None):
        """Play from a place, or go on; at the end, from the beginning."""
        at_end = self.place >= len(self.steps) and self._playback is None
        if place is None and at_end:
            place = 0
        if place is not None or self.left:
            self.go_to(self.place if place is None else place)
        if self._playback is None:
            self._playback = Playback(self.steps, self.session, glides=False, start=self.place)
        self.playing, self._last = True, self._clock()
        self.changed.emit()

    def pause(self):
        """Stand still; `play` goes on from here."""
        if self.playing:
            self.playing = False
            self.changed.emit()

    def tick(self, exact=True):
        """Let time pass; none while the views are not exact."""
        now = self._clock()
        passed, self._last = min(LONGEST_TICK, now - self._last), now
        if not self.playing or not exact:
            return
        self.seconds += passed
        keeps = self._pane_in_sight()
        with self._gives():
            self._playback.state_at(self.seconds)
            self._keep_pane(keeps)
            state = self._playback.state_at(self.seconds)
            if state != self.session.state:
                self.session.preview(state)
        self.place = self._playback.given
        if self.seconds >= self._playback.seconds - GLIDE_SECONDS:
            self._ended()
        self.changed.emit()

    def _pane_in_sight(self):
        window = self.session.state.window
        return PANE in in_front(window.layout)

    def _keep_pane(self, wanted):
        """Bring the session's pane back, beside what a layout shows; this is no step."""
        if not wanted or self._pane_in_sight():
            return
        layout = without(self.session.recorded.window.layout, PANE)
        beside = row((1 - PANE_SHARE, layout.root), (PANE_SHARE, pane(PANE)))
        beside = replace(layout, root=beside if layout.root is not None else pane(PANE))
        with self._gives():
            command = Command("window.layout", {"layout": as_json(beside)}, self.seconds)
            self.session.give(command)

    def _ended(self):
        self.faults = self._playback.mismatches
        self._playback = None
        self.playing = False
        self.session.continue_at(self.seconds)

    def _interrupted(self):
        """A person acts while a drag is half done: it is recorded as far as it has come."""
        playback, self._playback = self._playback, None
        self.playing = False
        if playback is not None:
            with self._gives():
                for command in playback.open_at(self.seconds):
                    if keys_of(command):
                        self.session.give(cut(command, self.seconds))
        self.left = True
        self.session.continue_at(self.seconds)
        self.changed.emit()

    def person_acted(self):
        """A person gave a command of her own: a replay stops, its place stays."""
        self._playback = None
        self.left = True
        self.pause()

    @contextmanager
    def _gives(self):
        before, self.giving = self.giving, True
        try:
            yield
        finally:
            self.giving = before


def _same_place(done, steps):
    """How many of the steps lead to where others have led; None when none do.

    Captions and waits do nothing to the state, and times only where something is taken back.
    """
    timed = any(step.kind in TRAVEL for step in done)
    wanted = [_work(step, timed) for step in done if step.kind not in QUIET]
    place = 0
    for step in steps:
        if step.kind not in QUIET:
            if not wanted or _work(step, timed) != wanted[0]:
                break
            wanted.pop(0)
        place += 1
    return None if wanted else place


def _work(step, timed):
    return (step.kind, step.args, step.t if timed else None)
