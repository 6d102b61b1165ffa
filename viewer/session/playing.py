"""Plays samples one after the other, or the frames of a video: a drag of the focused sample.

Knows neither Qt nor a clock: whoever hosts it (the window's timer, a test) calls `tick` with the
time. A step is taken when it is due *and* the sample before it is shown, so that nothing is
skipped; when that takes longer than the chosen rate allows, `real_rate` tells the true one.
Nothing is interpolated between samples.
"""

from collections import deque

from psygnal import Signal

# The real rate is that of the steps of so many seconds.
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


class Playing:
    """Steps the focused sample at the rate of ``state.stack.rate``.

    Parameters
    ----------
    session : Session
    studio : Studio
        Whose facts say what is there.
    ready : callable() -> bool, optional
        Whether what was stepped to is shown (the stack view is not pending).

    Attributes
    ----------
    changed : Signal
        Playing began or ended, or its real rate changed.
    running : bool
    """

    changed = Signal()

    def __init__(self, session, studio, ready=None):
        self._session = session
        self._studio = studio
        self._ready = ready or (lambda: True)
        self._due = 0.0
        self._data = None
        self._sample = None
        self._steps = deque()
        self._told = None
        self.running = False

    @property
    def can_start(self):
        """Whether there is more than one sample to play."""
        state, facts = self._session.state, self._studio.facts
        return facts.data is not None and len(frames_around(facts.data, state.focus.sample)) > 1

    def start(self, now):
        """Begin at the focused sample; False when there is nothing to play."""
        if self.running or not self.can_start:
            return self.running
        self.running = True
        self._data = self._studio.facts.data
        self._sample = self._session.state.focus.sample
        self._steps.clear()
        self._due = now
        self.changed.emit()
        return True

    def stop(self):
        """End; what was played is one command, undone as one."""
        if not self.running:
            return
        self.running = False
        self._data = None
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
        if facts.data is not self._data or state.focus.sample != self._sample:
            self.stop()
            return
        if now < self._due or facts.is_late(state) or not self._ready():
            return
        frames = frames_around(facts.data, self._sample)
        at = frames.index(self._sample) if self._sample in frames else -1
        self._sample = frames[(at + 1) % len(frames)]
        self._session.drag("focus.sample", sample=self._sample)
        self._due = max(self._due + 1 / state.stack.rate, now)
        self._measure(now)

    def _measure(self, now):
        self._steps.append(now)
        while now - self._steps[0] > MEASURED_SECONDS:
            self._steps.popleft()
        if self.words != self._told:
            self._told = self.words
            self.changed.emit()

    @property
    def real_rate(self):
        """Samples a second over the last two seconds; None before it is known."""
        if len(self._steps) < 3 or self._steps[-1] <= self._steps[0]:
            return None
        return (len(self._steps) - 1) / (self._steps[-1] - self._steps[0])

    @property
    def words(self):
        """What a view says of it: ``'playing 10/s, interpolation off'``; empty while stopped."""
        if not self.running:
            return ""
        wanted, real = self._session.state.stack.rate, self.real_rate
        if real is not None and real < 0.85 * wanted:
            return f"playing {_rounded(real)}/s of {wanted:g}/s wanted, interpolation off"
        return f"playing {wanted:g}/s, interpolation off"


def _rounded(rate):
    return f"{rate:.0f}" if rate >= 3 else f"{rate:.1f}"
