"""Plays samples one after the other, the frames of a video, or the steps of a series: a drag.

Knows neither Qt nor a clock: whoever hosts it (the window's timer, a test) calls `tick` with the
time. A step is taken when it is due *and* the sample before it is shown, so that nothing is
skipped; when that takes longer than the chosen rate allows, `real_rate` tells the true one.
Nothing is interpolated between samples.
"""

from collections import deque

from psygnal import Signal

from viewer.state.series import is_in_force

# The real rate is that of the steps of so many seconds, or of the last two, if they took longer.
MEASURED_SECONDS = 2.0


def frames_around(data, sample):
    """The samples that are played from a sample on: the frames of its video, or all.

    Returns
    -------
    range
    """
    count = len(data)
    groups = getattr(data, "groups", None)  # a study without its data has none
    if groups is None or not 0 <= sample < count or groups[sample] is None:
        return range(count)
    first, last = sample, sample
    while first > 0 and groups[first - 1] == groups[sample]:
        first -= 1
    while last + 1 < count and groups[last + 1] == groups[sample]:
        last += 1
    return range(first, last + 1)


class SampleReel:
    """The samples that are played: what stands, what comes next."""

    def __init__(self, state, facts):
        self._data = facts.data
        self._sample = state.focus.sample

    @staticmethod
    def has_more(state, facts):
        """Whether there is more than one."""
        return facts.data is not None and len(frames_around(facts.data, state.focus.sample)) > 1

    def stands(self, state, facts):
        """Whether what was played last is what is looked at."""
        return facts.data is self._data and state.focus.sample == self._sample

    def is_there(self, state, facts):
        """Whether it was computed."""
        return not facts.is_late(state)

    def next(self, state, facts):
        """The command of the next step: kind and arguments."""
        frames = frames_around(facts.data, self._sample)
        at = frames.index(self._sample) if self._sample in frames else -1
        self._sample = frames[(at + 1) % len(frames)]
        return "focus.sample", {"sample": self._sample}

    @staticmethod
    def rate(state):
        """Steps a second that are wanted."""
        return state.stack.rate


class StepReel:
    """The steps of a series that are played, as `SampleReel`; views show what is computed."""

    def __init__(self, state, facts):
        self._steps = state.series.steps
        self._step = state.series.step

    @staticmethod
    def has_more(state, facts):
        """Whether there is more than one."""
        return len(state.series.steps) > 1

    def stands(self, state, facts):
        """Whether the step played last is what the stack shows."""
        series = state.series
        return is_in_force(state) and (series.steps, series.step) == (self._steps, self._step)

    def is_there(self, state, facts):
        """Steps are waited for by the view that shows them."""
        return True

    def next(self, state, facts):
        """The command of the next step: kind and arguments."""
        self._step = (self._step + 1) % len(self._steps)
        return "series.step", {"step": self._step}

    @staticmethod
    def rate(state):
        """Steps a second that are wanted."""
        return state.series.rate


def reel_of(state):
    """What would be played: the series while the stack shows it, else samples."""
    return StepReel if is_in_force(state) else SampleReel


class Playing:
    """Steps the focused sample at the rate of ``state.stack.rate``, or the series at its own.

    Parameters
    ----------
    session : Session
    studio : Studio
        Whose facts say what is there.
    ready : callable() -> bool, optional
        Whether what was stepped to is shown (no view is pending).
    stack_ready : callable() -> bool, optional
        Whether the stack shows the step of a series that was stepped to.

    Attributes
    ----------
    changed : Signal
        Playing began or ended, or its real rate changed.
    running : bool
    """

    changed = Signal()

    def __init__(self, session, studio, ready=None, stack_ready=None):
        self._session = session
        self._studio = studio
        self._ready = ready or (lambda: True)
        self._stack_ready = stack_ready or self._ready
        self._due = 0.0
        self._reel = None
        self._steps = deque()
        self._told = None
        self.running = False

    @property
    def can_start(self):
        """Whether there is more than one sample, or step, to play."""
        state = self._session.state
        return reel_of(state).has_more(state, self._studio.facts)

    def start(self, now):
        """Begin at the focused sample; False when there is nothing to play."""
        if self.running or not self.can_start:
            return self.running
        self.running = True
        state = self._session.state
        self._reel = reel_of(state)(state, self._studio.facts)
        self._steps.clear()
        self._due = now
        self.changed.emit()
        return True

    def stop(self):
        """End; what was played is one command, undone as one."""
        if not self.running:
            return
        self.running = False
        self._reel = None
        self._session.end_drag()
        self.changed.emit()

    def toggle(self, now):
        """Start, or stop."""
        if self.running:
            self.stop()
        else:
            self.start(now)

    def tick(self, now):
        """Take the next step if it is time; ``now`` in seconds, rising.

        It ends by itself when other data is opened or a person goes to another sample.
        """
        if not self.running:
            return
        state, facts = self._session.state, self._studio.facts
        reel = self._reel
        if not reel.stands(state, facts):
            self.stop()
            return
        ready = self._stack_ready if isinstance(reel, StepReel) else self._ready
        if now < self._due or not reel.is_there(state, facts) or not ready():
            return
        kind, args = reel.next(state, facts)
        self._session.drag(kind, **args)
        self._due = max(self._due + 1 / reel.rate(state), now)
        self._measure(now)

    def _measure(self, now):
        self._steps.append(now)
        while len(self._steps) > 3 and now - self._steps[0] > MEASURED_SECONDS:
            self._steps.popleft()
        if self.words != self._told:
            self._told = self.words
            self.changed.emit()

    @property
    def real_rate(self):
        """Steps a second, lately; None before it is known."""
        if len(self._steps) < 3 or self._steps[-1] <= self._steps[0]:
            return None
        return (len(self._steps) - 1) / (self._steps[-1] - self._steps[0])

    @property
    def words(self):
        """What a view says of it: ``'playing 10/s, interpolation off'``; empty while stopped."""
        if not self.running:
            return ""
        wanted, real = self._reel.rate(self._session.state), self.real_rate
        if real is None:
            return f"playing, {wanted:g}/s wanted, interpolation off"
        if real < 0.85 * wanted:
            return f"playing {_rounded(real)}/s of {wanted:g}/s wanted, interpolation off"
        return f"playing {wanted:g}/s, interpolation off"


def _rounded(rate):
    return f"{rate:.0f}" if rate >= 3 else f"{rate:.1f}"
